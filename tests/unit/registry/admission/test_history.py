"""A queue as of a moment is what its records make it, and nothing else."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.admission import (
    Leaving,
    QueueEntry,
    QueueHistory,
    Version,
    entries_of,
    queue_position,
    replay,
)
from registry.errors import RegistryError
from tests.unit.registry.admission.histories import (
    ZONE,
    histories,
    history,
    hour,
    later_policy,
)
from tests.unit.registry.admission.samples import (
    INTAKE,
    SCHOOL,
    TODAY,
    application,
    choice,
    right,
)

ONE = application(1)
STATES = SCHOOL.queue_states


def order_at(records: QueueHistory, moment: datetime) -> list[int]:
    return [each.application.serial for each in replay(records, moment).ranking.ranked]


def test_a_stay_begins_and_ends_with_the_state() -> None:
    enrolled = replace(ONE, state="enrolled")
    records = history(SCHOOL, Version(hour(1), ONE), Version(hour(3), enrolled))
    assert order_at(records, hour(0.9)) == []
    assert order_at(records, hour(1)) == [1]
    assert order_at(records, hour(2.9)) == [1]
    assert order_at(records, hour(3)) == []


@pytest.mark.parametrize(
    ("state", "leaving"),
    [
        ("offered", Leaving.OFFERED),
        ("contract", Leaving.OFFERED),
        ("enrolled", Leaving.ENROLLED),
        ("withdrawn", Leaving.WITHDRAWN),
        ("returned", Leaving.REFUSED),
        ("suspended_no_show", Leaving.SUSPENDED),
        ("draft", Leaving.OTHER),
    ],
)
def test_why_it_left_is_told_by_the_state(state: str, leaving: Leaving) -> None:
    versions = [Version(hour(1), ONE), Version(hour(2), replace(ONE, state=state))]
    (entry,) = entries_of(versions, INTAKE, STATES)
    assert (entry.entered_at, entry.left_at, entry.leaving) == (hour(1), hour(2), leaving)


def test_one_who_names_another_organisation_leaves_and_may_come_back() -> None:
    elsewhere = replace(ONE, choices=(choice(2),))
    versions = [Version(hour(3), ONE), Version(hour(1), ONE), Version(hour(2), elsewhere)]
    left, stays = entries_of(versions, INTAKE, STATES)
    assert (left.left_at, left.leaving) == (hour(2), Leaving.ELSEWHERE)
    assert (stays.entered_at, stays.left_at, stays.leaving) == (hour(3), None, None)


def test_a_version_counts_from_its_moment_and_the_day_is_the_region_s() -> None:
    ends_on = date(2025, 7, 6)
    privileged = replace(application(2), privileges=(right(ends_on=ends_on),))
    records = history(
        SCHOOL,
        Version(hour(0), ONE),
        Version(hour(0), application(2)),
        Version(hour(5), privileged),
    )
    assert order_at(records, hour(4)) == [1, 2]
    assert order_at(records, hour(5)) == [2, 1]
    midnight = datetime(2025, 7, 7, tzinfo=ZONE)
    assert order_at(records, midnight - timedelta(seconds=1)) == [2, 1]
    assert order_at(records, midnight) == [1, 2]


def test_the_policy_is_that_of_the_day() -> None:
    records = history(
        (SCHOOL, later_policy(SCHOOL)),
        Version(hour(0), ONE),
        Version(hour(0), application(2, privileges=(right(),))),
    )
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=ZONE)
    assert order_at(records, midnight - timedelta(seconds=1)) == [2, 1]
    assert order_at(records, midnight) == [1, 2]
    with pytest.raises(RegistryError, match=r"policy\.not_in_force"):
        replay(records, datetime(2019, 1, 1, tzinfo=ZONE))


def test_positions_of_the_past_are_answered_as_those_of_today() -> None:
    records = history(SCHOOL, Version(hour(0), ONE), Version(hour(1), application(2)))
    answer = queue_position(replay(records, hour(1)).ranking, application(2).id)
    assert answer is not None
    assert (answer.position, answer.total) == (2, 2)


def version(hours: float) -> Version:
    return Version(hour(hours), ONE)


@pytest.mark.parametrize(
    ("entered", "left", "leaving", "versions"),
    [
        (0, None, None, ()),
        (0, None, None, (version(1),)),
        (0, None, None, (version(0), version(2), version(1))),
        (0, None, None, (version(0), version(0))),
        (0, None, Leaving.OTHER, (version(0),)),
        (0, 1, None, (version(0),)),
        (0, 1, Leaving.OTHER, (version(0), version(1))),
        (0, None, None, (version(0), Version(hour(1), application(2)))),
    ],
)
def test_a_stay_whose_times_do_not_fit_is_refused(
    entered: int, left: int | None, leaving: Leaving | None, versions: tuple[Version, ...]
) -> None:
    end = None if left is None else hour(left)
    with pytest.raises(RegistryError, match=r"queue\.entry"):
        QueueEntry(ONE.id, hour(entered), end, leaving, versions)


def test_records_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(RegistryError, match=r"queue\.versions_clash"):
        entries_of([version(1), version(1)], INTAKE, STATES)
    open_stay = QueueEntry(ONE.id, hour(0), None, None, (version(0),))
    second = QueueEntry(ONE.id, hour(1), None, None, (version(1),))
    records = history(SCHOOL, version(0))
    with pytest.raises(RegistryError, match=r"queue\.entries_overlap"):
        replace(records, entries=(second, open_stay))
    ended = replace(open_stay, left_at=hour(1), leaving=Leaving.OTHER)
    assert order_at(replace(records, entries=(second, ended)), hour(1)) == [1]


def test_a_moment_needs_a_time_zone() -> None:
    naive = hour(1).replace(tzinfo=None)
    with pytest.raises(RegistryError, match=r"queue\.moment"):
        replay(history(SCHOOL, version(0)), naive)
    with pytest.raises(RegistryError, match=r"queue\.moment"):
        QueueEntry(ONE.id, naive, None, None, (Version(naive, ONE),))


@pytest.mark.slow
@given(histories(), st.integers(0, 200), st.randoms(use_true_random=False))
def test_the_order_of_the_records_is_nothing(
    records: QueueHistory, hours: int, random: Random
) -> None:
    entries = list(records.entries)
    random.shuffle(entries)
    shuffled = replace(records, entries=tuple(entries))
    assert replay(shuffled, hour(hours)).ranking == replay(records, hour(hours)).ranking
