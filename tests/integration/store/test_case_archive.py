"""Cases of another system in the register: once, growing, beside its own, and never rewritten."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from registry.cases import Done, MoveApplication, Step, move_application
from registry.cases.archive import archive_applications, archive_quotas, archive_transfers
from registry.cases.archived import ArchivedApplication, ArchivedChoice, ArchivedStep
from registry.cases.clock import RegionClock
from registry.identifiers import ApplicationId
from registry.model import ApplicationKind, Declared
from registry.ports import WriteOutcome
from registry.procedures.states import Actor
from store.archived_applications import application_id
from store.tables import (
    application_choices,
    applications,
    case_events,
    enrolments,
    orders,
    place_quotas,
    transfer_cases,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import PUPIL, SCHOOL
from tests.unit.registry.cases.archives import (
    CLOCK,
    MOVES,
    STEPS,
    application,
    at,
    quota,
    transfer,
)

LATER = replace(CLOCK, now=CLOCK.now + timedelta(hours=1))


@pytest.fixture
def register(engine: Engine) -> Engine:
    """Two schools and two pupils, of whom the first studies at the first school."""
    study = PUPIL.enrolment
    assert study is not None
    schools = [replace(SCHOOL, source_id=each) for each in ("s1", "s2")]
    first = replace(
        PUPIL,
        source_id="p1",
        enrolment=replace(study, organisation_source_id="s1", class_source_id=None),
    )
    second = replace(
        PUPIL, source_id="p2", snils=None, first_name="Вера", documents=(), enrolment=None
    )
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations("portal", schools, recorded_at=CLOCK.now)
        outcome = work.bulk.write_pupils("portal", [first, second], recorded_at=CLOCK.now)
        assert not outcome.refused
        work.commit()
    return engine


def apply(
    engine: Engine, *records: ArchivedApplication, clock: RegionClock = CLOCK
) -> WriteOutcome:
    with UnitOfWork(engine) as work:
        outcome = archive_applications("portal", records, work.archive, clock)
        work.commit()
    return outcome


def rows(engine: Engine, table: Any, *order: Any) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(select(table).order_by(*order)).mappings().all()


def codes(outcome: WriteOutcome) -> list[str]:
    return [problem.code for each in outcome.refused for problem in each.problems]


def test_an_application_with_all_its_steps(register: Engine) -> None:
    assert apply(register, application()) == WriteOutcome(1, 0, 0, ())
    [kept] = rows(register, applications)
    [first, _] = rows(register, application_choices, application_choices.c.priority)
    assert (kept["state"], kept["state_since"], kept["live"]) == ("offered", at(6), True)
    assert kept["offered_id"] == first["organisation_id"]
    assert kept["serial"] == 1
    events = rows(register, case_events, case_events.c.sequence)
    assert [each["action"] for each in events] == ["submit", *(step.action for step in STEPS)]
    assert [each["sequence"] for each in events] == [1, 2, 3, 4, 5]
    assert events[0]["from_state"] is None
    assert all(each["clause"] and each["cause"] == "portal a1" for each in events)
    assert len(rows(register, enrolments)) == 1


def test_the_same_again_writes_nothing(register: Engine) -> None:
    apply(register, application())
    before = rows(register, applications)
    assert apply(register, application(), clock=LATER) == WriteOutcome(0, 0, 1, ())
    assert rows(register, applications) == before
    assert len(rows(register, case_events)) == len(STEPS) + 1


def test_a_history_grows(register: Engine) -> None:
    apply(register, application(steps=STEPS[:2], offered=None))
    assert apply(register, application(), clock=LATER) == WriteOutcome(0, 1, 0, ())
    [kept] = rows(register, applications)
    assert (kept["state"], kept["version"], kept["serial"]) == ("offered", 2, 1)
    assert len(rows(register, case_events)) == len(STEPS) + 1


def test_a_history_is_not_rewritten(register: Engine) -> None:
    apply(register, application())
    other = replace(STEPS[1], at=at(2, 10))
    outcome = apply(register, application(steps=(STEPS[0], other, *STEPS[2:])))
    assert codes(outcome) == ["case.history_differs"]
    outcome = apply(register, application(choices=application().choices[:1], privileges=()))
    assert codes(outcome) == ["case.history_shrunk"]
    [kept] = rows(register, applications)
    assert kept["version"] == 1


def test_steps_of_the_register_itself_stand(register: Engine) -> None:
    apply(register, application(steps=STEPS[:2], offered=None))
    case_id = ApplicationId(application_id("portal", "a1"))
    step = Step(
        actor=Actor.ORGANISATION, cause="operator test", declared=Declared(documents_complete=False)
    )
    command = MoveApplication(
        case_id, "request_documents", replace(step, reason="documents_incomplete")
    )
    with UnitOfWork(register) as work:
        assert isinstance(move_application(command, work.cases, CLOCK), Done)
        work.commit()
    record = application(steps=STEPS[:2], offered=None)
    assert apply(register, record, clock=LATER) == WriteOutcome(0, 0, 1, ())
    [kept] = rows(register, applications)
    assert kept["state"] == "documents_needed"


def test_of_two_live_ones_the_later_is_refused(register: Engine) -> None:
    later = application("a2", opened_at=at(2), steps=(), offered=None)
    outcome = apply(register, later, application("a1"))
    assert [each.source_id for each in outcome.refused] == ["a2"]
    assert codes(outcome) == ["application.already_live"]
    # And what the register has stands, though it came later.
    assert codes(apply(register, application("a0", opened_at=at(1, 8)))) == [
        "application.already_live"
    ]
    # For another child, another year or once the first is over it goes in.
    withdrawn = ArchivedStep(at(7), "withdraw", "offered", "withdrawn", Actor.APPLICANT)
    over = application("a1", steps=(*STEPS, withdrawn), offered=None)
    others = (replace(later, pupil_source_id="p2", source_id="a3"),)
    outcome = apply(register, later, over, *others, clock=LATER)
    assert outcome == WriteOutcome(2, 1, 0, ())


def test_circles_are_told_apart_by_programme(register: Engine) -> None:
    circle = application(
        "c1",
        kind=ApplicationKind.ADDITIONAL,
        choices=(ArchivedChoice(1, "s1", "411", False),),
        steps=(),
        offered=None,
    )
    other = replace(circle, source_id="c2", choices=(ArchivedChoice(1, "s1", "412", False),))
    again = replace(circle, source_id="c3", opened_at=at(5))
    outcome = apply(register, circle, other, again)
    assert outcome.created == 2
    assert [each.source_id for each in outcome.refused] == ["c3"]


def test_whom_nobody_knows(register: Engine) -> None:
    record = application(
        pupil_source_id="p9",
        applicant_source_id="m9",
        choices=(ArchivedChoice(1, "s9", None, True),),
    )
    outcome = apply(register, record)
    assert sorted(codes(outcome)) == [
        "case.organisation_unknown",
        "case.person_unknown",
        "case.person_unknown",
    ]
    assert not rows(register, applications)


def test_transfers(register: Engine) -> None:
    def move(*records: Any, clock: RegionClock = CLOCK) -> WriteOutcome:
        with UnitOfWork(register) as work:
            outcome = archive_transfers("portal", records, work.archive, clock)
            work.commit()
        return outcome

    assert move(transfer()) == WriteOutcome(1, 0, 0, ())
    [kept] = rows(register, transfer_cases)
    [study] = rows(register, enrolments)
    [order] = rows(register, orders)
    assert (kept["state"], kept["enrolment_id"]) == ("documents_issued", study["id"])
    assert (order["number"], kept["expulsion_order_id"]) == ("7-о", order["id"])
    assert study["ends_on"] is None
    assert move(transfer(), clock=LATER) == WriteOutcome(0, 0, 1, ())
    assert codes(move(transfer("t2", opened_at=at(4), steps=()))) == ["transfer.already_live"]
    arrived = ArchivedStep(at(9), "report_arrival", "documents_issued", "closed", Actor.SYSTEM)
    closed = transfer(steps=(*MOVES, arrived), enrolment_order=("8-з", date(2026, 4, 9)))
    next_one = transfer("t2", opened_at=at(12), steps=(), expulsion_order=None)
    assert move(next_one, closed, clock=LATER) == WriteOutcome(1, 1, 0, ())
    cases = {each["state"]: each for each in rows(register, transfer_cases)}
    # The source has three days from the request on; a case that is over has no term.
    assert cases["requested"]["due_on"] == date(2026, 4, 15)
    assert cases["closed"]["due_on"] is None
    assert codes(move(replace(closed, steps=(replace(MOVES[0], at=at(2)),)))) == [
        "case.history_differs"
    ]
    assert codes(move(transfer("t3", pupil_source_id="p9", to_source_id="s9"))) == [
        "case.person_unknown",
        "case.organisation_unknown",
    ]


def test_quotas_are_known_by_intake_and_group(register: Engine) -> None:
    def give(*records: Any) -> WriteOutcome:
        with UnitOfWork(register) as work:
            outcome = archive_quotas("portal", records, work.archive, CLOCK)
            work.commit()
        return outcome

    assert give(quota(), quota("n2", group="special", places=3)) == WriteOutcome(2, 0, 0, ())
    assert give(quota("renamed"), quota("n2", group="special", places=4)) == (
        WriteOutcome(0, 1, 1, ())
    )
    assert codes(give(quota("n3", organisation_source_id="s9"))) == ["case.organisation_unknown"]
    kept = rows(register, place_quotas, place_quotas.c.places)
    assert [(each["places"], each["version"]) for each in kept] == [(4, 2), (60, 1)]
