"""What speaks against a case that another system has carried through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from registry.cases.archive import (
    archive_applications,
    check_application_record,
    check_quota,
    check_transfer_record,
)
from registry.cases.archive_rules import check_history
from registry.cases.archived import ArchivedChoice, ArchivedStep
from registry.cases.clock import RegionClock
from registry.model import ApplicationKind, TransferScope
from registry.ports import WriteOutcome
from registry.problems import Problem
from registry.procedures.catalogue import PROCEDURES
from registry.procedures.engine import Procedure
from registry.procedures.states import Actor
from tests.unit.registry.cases.archives import (
    CLOCK,
    MOVES,
    NOW,
    SIBLING,
    STEPS,
    application,
    at,
    quota,
    transfer,
)


def told(problems: Sequence[Problem]) -> set[tuple[str, str]]:
    return {(each.code, each.field) for each in problems}


def with_step(number: int, **changes: Any) -> dict[str, Any]:
    steps = [replace(each, **changes) if at == number else each for at, each in enumerate(STEPS)]
    return {"steps": tuple(steps)}


def test_whole_records_are_taken() -> None:
    assert check_application_record(application(), now=NOW) == []
    assert check_application_record(application(steps=(), offered=None), now=NOW) == []
    assert check_transfer_record(transfer(), CLOCK) == []
    assert check_quota(quota()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (with_step(1, from_state="draft"), {"history_state", "history_action"}),
        (with_step(3, from_state="nowhere"), {"history_state", "history_action"}),
        (with_step(3, action="dance"), {"history_action"}),
        (with_step(3, to_state="enrolled"), {"history_target"}),
        (with_step(0, actor=Actor.AUTHORITY), {"history_actor"}),
        (with_step(3, reason="no_places"), {"history_reason"}),
        (with_step(3, at=at(2)), {"history_time"}),
        (with_step(0, at=at(1) - timedelta(hours=1)), {"history_time"}),
        (with_step(3, at=NOW + timedelta(seconds=1)), {"history_future"}),
        ({"offered": None}, {"history_offer"}),
        ({"steps": STEPS[1:]}, {"history_state"}),
    ],
)
def test_a_history_is_held_against_the_table(changes: dict[str, Any], expected: set[str]) -> None:
    found = check_application_record(application(**changes), now=NOW)
    assert {each.code for each in found} == {f"case.{key}" for key in expected}


def test_a_refusal_names_its_reason() -> None:
    refused = ArchivedStep(at(6), "refuse", "ranked", "refused", Actor.ORGANISATION)
    record = application(steps=(*STEPS[:3], refused), offered=None)
    assert told(check_application_record(record, now=NOW)) == {("case.history_reason", "steps[3]")}
    named = replace(refused, reason="no_places")
    assert not check_application_record(replace(record, steps=(*STEPS[:3], named)), now=NOW)


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda each: str(each.key))
def test_each_line_of_each_table_is_a_step_and_none_more(procedure: Procedure[Any]) -> None:
    for line in procedure.transitions:
        actor = sorted(line.actors)[0]
        reason = line.reasons[0] if line.reasons else None
        for source in line.sources:
            step = ArchivedStep(at(2), line.action, source, line.target, actor, reason)
            found = check_history(procedure, at(1), (step,), now=NOW)
            # Only that a history doesn't begin there speaks against it.
            begins = {"case.history_state"} if source != procedure.initial else set()
            assert {each.code for each in found} == begins
        for state in set(procedure.states) - set(line.sources):
            if procedure.line(state, line.action) is None:
                step = ArchivedStep(at(2), line.action, str(state), line.target, actor, reason)
                codes = {each.code for each in check_history(procedure, at(1), (step,), now=NOW)}
                assert "case.history_action" in codes


def test_an_application_tells_all_its_problems_at_once() -> None:
    record = application(
        source_id="",
        school_year=1,
        parallel=99,
        choices=(ArchivedChoice(1, "s1", None, True), ArchivedChoice(1, "s1", None, True)),
        privileges=(SIBLING, replace(SIBLING, ends_on=date(2025, 1, 1))),
        average=9.0,
        offered=3,
        opened_at=NOW + timedelta(days=1),
    )
    assert told(check_application_record(record, now=NOW)) >= {
        ("text.empty", "source_id"),
        ("application.school_year", "school_year"),
        ("application.parallel", "parallel"),
        ("application.choice_repeated", "choices[1]"),
        ("application.choice_priority", "choices"),
        ("application.privilege_repeated", "privileges"),
        ("application.privilege_period", "privileges[1]"),
        ("application.average_range", "average"),
        ("application.not_chosen", "offered"),
        ("case.history_future", "opened_at"),
        ("case.history_time", "steps[0]"),
    }


def test_a_college_application_names_programmes() -> None:
    record = application(kind=ApplicationKind.COLLEGE, steps=(), offered=None)
    found = {each.code for each in check_application_record(record, now=NOW)}
    assert found == {"application.programme_missing"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to_source_id": None}, {"transfer.sides"}),
        ({"to_name": "Школа"}, {"transfer.sides"}),
        ({"scope": TransferScope.FROM_OUTSIDE}, {"transfer.sides"}),
        ({"to_source_id": "s1"}, {"transfer.same_organisation"}),
        ({"expulsion_order": (" ", date(2026, 4, 3))}, {"order.number"}),
        ({"enrolment_order": ("1", date(2026, 5, 21))}, {"order.later"}),
        ({"parallel": -1}, {"application.parallel"}),
        ({"steps": MOVES[1:]}, {"case.history_state"}),
    ],
)
def test_a_transfer_is_told_whole(changes: dict[str, Any], expected: set[str]) -> None:
    found = check_transfer_record(transfer(**changes), CLOCK)
    assert {each.code for each in found} == expected


def test_a_quota_is_told_whole() -> None:
    found = check_quota(quota(places=-1, group="", school_year=0))
    assert {each.code for each in found} == {
        "quota.places",
        "quota.group",
        "application.school_year",
    }


class Writer:
    """Takes whatever comes, and remembers it."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def write_quotas(self, source: str, records: Any, *, clock: RegionClock) -> WriteOutcome:
        raise NotImplementedError

    def write_applications(self, source: str, records: Any, *, clock: RegionClock) -> WriteOutcome:
        self.taken += [each.source_id for each in records]
        return WriteOutcome(len(records), 0, 0, ())

    def write_transfers(self, source: str, records: Any, *, clock: RegionClock) -> WriteOutcome:
        raise NotImplementedError


def test_the_rest_of_a_batch_goes_in() -> None:
    writer = Writer()
    batch = [application("a1"), application("a2", choices=()), application("a1")]
    outcome = archive_applications("portal", batch, writer, CLOCK)
    assert writer.taken == ["a1"]
    assert outcome.created == 1
    assert [each.source_id for each in outcome.refused] == ["a2", "a1"]
    assert [each.code for each in outcome.refused[1].problems] == ["record.repeated"]
