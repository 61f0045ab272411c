"""Why a position moved: every place of it has a day and a cause."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.admission import (
    Cause,
    CauseKind,
    Movement,
    QueueHistory,
    Version,
    explain_movement,
    replay,
)
from registry.admission.causes import MESSAGES
from registry.errors import RegistryError
from registry.model import Application, ApplicationKind, PrivilegeRank
from tests.unit.registry.admission.histories import (
    histories,
    history,
    hour,
    later_policy,
)
from tests.unit.registry.admission.samples import (
    COLLEGE,
    KINDERGARTEN,
    SCHOOL,
    TODAY,
    application,
    choice,
    right,
)

OWN = application(10)
OWN_VERSION = Version(hour(-9), OWN)
AHEAD = application(1)
FAR = hour(24 * 9)
DAY = date(2025, 7, 7)  # that of hour(24)


def moved(records: QueueHistory, own: Application = OWN) -> Movement:
    """The movement of the sample application from hour 0 to much later."""
    movement = explain_movement(replay(records, hour(0)), replay(records, FAR), own.id)
    check(movement)
    return movement


def check(movement: Movement) -> None:
    total = sum(cause.delta for cause in movement.causes)
    assert movement.position_then + total == movement.position_now
    parts = movement.came_ahead - movement.left_ahead + movement.moved
    assert parts == total
    assert movement.came_ahead >= 0
    assert movement.left_ahead >= 0
    assert all(cause.delta for cause in movement.causes)
    assert [cause.day for cause in movement.causes] == sorted(
        cause.day for cause in movement.causes
    )


def causes(*versions: Version) -> list[tuple[date, CauseKind, int]]:
    movement = moved(history(SCHOOL, OWN_VERSION, *versions))
    return [(cause.day, cause.kind, cause.delta) for cause in movement.causes]


def before(one: Application) -> Version:
    return Version(hour(-8), one)


def after(one: Application, hours: float = 24) -> Version:
    return Version(hour(hours), one)


def test_new_applications_are_told_by_whether_they_have_a_right() -> None:
    privileged = (right(),)
    assert causes(
        after(application(11, privileges=privileged)),
        after(application(12, privileges=privileged), 25),
        after(AHEAD),
        after(application(13)),  # behind: no cause
    ) == [(DAY, CauseKind.NEW, 1), (DAY, CauseKind.NEW_PRIVILEGED, 2)]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("offered", CauseKind.OFFERED),
        ("enrolled", CauseKind.ENROLLED),
        ("withdrawn", CauseKind.WITHDRAWN),
        ("refused", CauseKind.REFUSED),
        ("suspended_declined", CauseKind.SUSPENDED),
        ("draft", CauseKind.LEFT),
    ],
)
def test_those_who_left_are_told_by_why(state: str, kind: CauseKind) -> None:
    assert causes(before(AHEAD), after(replace(AHEAD, state=state))) == [(DAY, kind, -1)]


def test_one_who_named_another_organisation_is_told_apart() -> None:
    elsewhere = replace(AHEAD, choices=(choice(2),))
    assert causes(before(AHEAD), after(elsewhere)) == [(DAY, CauseKind.ELSEWHERE, -1)]


def test_one_who_left_and_came_back_is_two_causes() -> None:
    offered = replace(AHEAD, state="offered")
    assert causes(before(AHEAD), after(offered), after(AHEAD, 48)) == [
        (DAY, CauseKind.OFFERED, -1),
        (DAY + timedelta(days=1), CauseKind.RETURNED, 1),
    ]


def test_rights_of_others_confirmed_begun_ended_and_taken_away() -> None:
    behind = application(11)
    confirmed = replace(behind, privileges=(right(),))
    assert causes(before(behind), after(confirmed)) == [(DAY, CauseKind.PRIVILEGE_GAINED, 1)]
    assert causes(before(confirmed), after(behind)) == [(DAY, CauseKind.PRIVILEGE_LOST, -1)]
    for_two_days = (right(begins_on=DAY, ends_on=DAY + timedelta(days=1)),)
    assert causes(before(replace(behind, privileges=for_two_days))) == [
        (DAY, CauseKind.PRIVILEGE_GAINED, 1),
        (DAY + timedelta(days=2), CauseKind.PRIVILEGE_LOST, -1),
    ]


def test_own_right_passes_all_it_passes() -> None:
    others = [before(application(number)) for number in (1, 2, 3)]
    own = replace(OWN, privileges=(right(),))
    assert causes(*others, after(own)) == [(DAY, CauseKind.OWN_PRIVILEGE_GAINED, -3)]
    assert causes(*others, after(own), after(OWN, 48))[1:] == [
        (DAY + timedelta(days=1), CauseKind.OWN_PRIVILEGE_LOST, 3)
    ]


def test_a_lesser_right_of_another_is_a_right_lost() -> None:
    own = replace(OWN, privileges=(right(PrivilegeRank.FIRST),))
    better = application(11, privileges=(right(PrivilegeRank.EXTRAORDINARY),))
    worse = application(11, privileges=(right(PrivilegeRank.PREFERENTIAL),))
    assert causes(after(own, -7), before(better), after(worse)) == [
        (DAY, CauseKind.PRIVILEGE_LOST, -1)
    ]


def test_changes_that_turn_no_order_are_no_cause() -> None:
    privileged = application(11, privileges=(right(),))
    extraordinary = replace(privileged, privileges=(right(PrivilegeRank.EXTRAORDINARY),))
    assert causes(before(privileged), after(extraordinary)) == []


def test_territory_is_a_change_of_data_with_its_clause() -> None:
    behind = application(11)
    home = replace(behind, choices=(choice(1, territory=True),))
    movement = moved(history(SCHOOL, OWN_VERSION, before(behind), after(home)))
    assert movement.causes == (Cause(DAY, CauseKind.DATA_CHANGED, 1, "приказ № 458, п. 17"),)
    own_home = replace(OWN, choices=(choice(1, territory=True),))
    assert causes(before(AHEAD), after(own_home)) == [(DAY, CauseKind.OWN_DATA_CHANGED, -1)]


def test_the_desired_day_changes_and_comes() -> None:
    kind, state = ApplicationKind.KINDERGARTEN, "queued"
    own = replace(OWN, kind=kind, state=state)
    ahead = replace(AHEAD, kind=kind, state=state)
    put_off = replace(ahead, desired_on=DAY + timedelta(days=2))
    records = history(KINDERGARTEN, Version(hour(-9), own), before(ahead), after(put_off))
    assert [(cause.day, cause.kind, cause.delta) for cause in moved(records).causes] == [
        (DAY, CauseKind.DESIRED_DATE, -1),
        (DAY + timedelta(days=2), CauseKind.DESIRED_DATE, 1),
    ]
    behind = replace(application(11), kind=kind, state=state)
    own_put_off = replace(own, desired_on=DAY + timedelta(days=2))
    records = history(KINDERGARTEN, Version(hour(-9), own), before(behind), after(own_put_off))
    assert [(cause.kind, cause.delta) for cause in moved(records).causes] == [
        (CauseKind.OWN_DESIRED_DATE, 1),
        (CauseKind.OWN_DESIRED_DATE, -1),
    ]


def test_originals_given_in_move_a_college_s_list() -> None:
    kind = ApplicationKind.COLLEGE
    own = replace(OWN, kind=kind, average=4.5)
    other = replace(application(11), kind=kind, average=4.5)
    given_in = replace(other, originals_on=DAY)
    movement = moved(history(COLLEGE, Version(hour(-9), own), before(other), after(given_in)))
    assert [(cause.kind, cause.delta) for cause in movement.causes] == [(CauseKind.DATA_CHANGED, 1)]


def test_a_new_policy_is_a_cause_of_its_own() -> None:
    records = history(
        (SCHOOL, later_policy(SCHOOL)),
        OWN_VERSION,
        before(application(11, privileges=(right(),))),
        before(application(12, privileges=(right(),))),
    )
    assert moved(records).causes == (Cause(TODAY, CauseKind.POLICY, -2, "другой порядок"),)


def test_own_absence_is_no_hole_in_the_account() -> None:
    away = replace(OWN, state="offered")
    back = replace(OWN, privileges=(right(),))
    assert causes(
        before(AHEAD), after(away), after(application(2), 30), after(back, 50), before(OWN)
    ) == [
        (DAY, CauseKind.NEW, 1),
        (DAY + timedelta(days=1), CauseKind.OWN_PRIVILEGE_GAINED, -2),
    ]


def test_a_new_policy_during_own_absence_meets_the_last_known_facts() -> None:
    earlier = replace(OWN, submitted_at=AHEAD.submitted_at - timedelta(minutes=5))
    records = history(
        (SCHOOL, later_policy(SCHOOL)),
        OWN_VERSION,
        before(application(5, privileges=(right(),))),
        after(earlier, 1),
        after(replace(earlier, state="offered"), 2),
        after(earlier, 24 * 5),
    )
    assert [(cause.day, cause.kind, cause.delta) for cause in moved(records).causes] == [
        (TODAY, CauseKind.POLICY, -1)
    ]


def test_nothing_happened() -> None:
    movement = moved(history(SCHOOL, OWN_VERSION, before(AHEAD), after(application(11))))
    assert (movement.position_then, movement.position_now) == (2, 2)
    assert (movement.total_then, movement.total_now) == (2, 3)
    assert movement.causes == ()


def test_days_at_the_ends_of_the_calendar_are_no_matter() -> None:
    for_ever = (right(begins_on=date.min, ends_on=date.max),)
    assert causes(before(application(11, privileges=for_ever))) == []


def test_a_movement_needs_both_positions_of_one_queue() -> None:
    records = history(SCHOOL, OWN_VERSION, before(AHEAD), after(replace(AHEAD, state="offered")))
    then, now = replay(records, hour(0)), replay(records, FAR)
    with pytest.raises(RegistryError, match=r"queue\.not_waiting"):
        explain_movement(then, now, AHEAD.id)
    with pytest.raises(RegistryError, match=r"queue\.period"):
        explain_movement(now, then, OWN.id)
    other = replay(history(SCHOOL, OWN_VERSION), hour(0))
    with pytest.raises(RegistryError, match=r"queue\.different"):
        explain_movement(other, now, OWN.id)


def test_what_was_recorded_later_does_not_change_the_queue_then() -> None:
    known_then = history(SCHOOL, OWN_VERSION, before(AHEAD))
    known_now = history(SCHOOL, OWN_VERSION, before(AHEAD), after(application(2)))
    movement = explain_movement(replay(known_then, hour(0)), replay(known_now, FAR), OWN.id)
    check(movement)
    assert (movement.position_then, movement.position_now) == (2, 3)


@pytest.mark.parametrize("kind", CauseKind)
def test_each_cause_has_words_without_numbers(kind: CauseKind) -> None:
    cause = Cause(DAY, kind, -3, "")
    assert cause.count == 3
    assert cause.message_ru == MESSAGES[kind]
    assert not any(character.isdigit() for character in cause.message_ru)


_HOURS = st.integers(0, 210)


@pytest.mark.slow
@given(histories(), _HOURS, _HOURS, _HOURS)
def test_the_causes_account_for_every_movement(
    records: QueueHistory, one: int, two: int, three: int
) -> None:
    first, second, third = (replay(records, hour(each)) for each in sorted((one, two, three)))
    ids = [
        each.application.id
        for each in first.ranking.ranked
        if third.ranking.find(each.application.id)
    ]
    assume(ids)
    for application_id in ids:
        whole = explain_movement(first, third, application_id)
        check(whole)
        if second.ranking.find(application_id) is not None:
            parts = [
                explain_movement(first, second, application_id),
                explain_movement(second, third, application_id),
            ]
            assert tally(*parts) == tally(whole)


def tally(*movements: Movement) -> Counter[tuple[date, CauseKind, str, bool]]:
    """By how much each cause moved, whatever part of the time it is taken from."""
    counter: Counter[tuple[date, CauseKind, str, bool]] = Counter()
    for movement in movements:
        for cause in movement.causes:
            counter[cause.day, cause.kind, cause.clause, cause.delta > 0] += cause.delta
    return counter
