"""Overdue steps: after the last day, in live states only, the longest first."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from registry.identifiers import ApplicationId, EnrolmentId, PersonId, TransferId, YearEndId
from registry.model import TransferCase, TransferScope, YearEndCase
from registry.procedures.engine import ProcedureKey
from registry.procedures.overdue import OverdueStep, is_overdue, overdue_steps
from registry.procedures.states import Actor
from tests.unit.registry.procedures.test_windows import school_application

TODAY = date(2026, 9, 10)
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


def transfer(number: int, state: str, due_on: date | None) -> TransferCase:
    return TransferCase(
        id=TransferId(UUID(int=number)),
        person_id=PersonId(UUID(int=100 + number)),
        scope=TransferScope.INSIDE,
        from_id=None,
        from_name=None,
        to_id=None,
        to_name=None,
        parallel=5,
        requested_at=NOW,
        state=state,
        state_since=NOW,
        due_on=due_on,
    )


def year_end(number: int, *, graduation: bool, state: str, due_on: date) -> YearEndCase:
    return YearEndCase(
        id=YearEndId(UUID(int=number)),
        person_id=PersonId(UUID(int=100 + number)),
        enrolment_id=EnrolmentId(UUID(int=200 + number)),
        school_year=2025,
        graduation=graduation,
        state=state,
        state_since=NOW,
        due_on=due_on,
    )


def test_the_last_day_still_belongs_to_the_term() -> None:
    assert not is_overdue(None, TODAY)
    assert not is_overdue(TODAY, TODAY)
    assert is_overdue(date(2026, 9, 9), TODAY)


def test_overdue_steps_of_all_procedures() -> None:
    application = replace(
        school_application(),
        id=ApplicationId(UUID(int=7)),
        state="ranked",
        due_on=date(2026, 7, 3),
    )
    cases = [
        transfer(1, "enrolled", date(2026, 9, 9)),
        transfer(2, "closed", date(2026, 9, 1)),
        transfer(3, "requested", TODAY),
        transfer(4, "received", None),
        transfer(5, "documents_issued", date(2026, 9, 9)),
        year_end(6, graduation=False, state="conditional", due_on=date(2026, 5, 31)),
        application,
        year_end(8, graduation=True, state="examined", due_on=date(2026, 7, 6)),
    ]
    found = overdue_steps(cases, TODAY)
    assert [step.case_id.int for step in found] == [6, 7, 8, 1, 5]
    assert [step.procedure for step in found] == [
        ProcedureKey.PROMOTION,
        ProcedureKey.SCHOOL,
        ProcedureKey.GRADUATION,
        ProcedureKey.TRANSFER,
        ProcedureKey.TRANSFER,
    ]
    assert found[3] == OverdueStep(
        case_id=UUID(int=1),
        procedure=ProcedureKey.TRANSFER,
        state="enrolled",
        due_on=date(2026, 9, 9),
        days_late=1,
        whose=Actor.ORGANISATION,
        clause="приказ № 240, разд. II",
    )
    assert (found[4].whose, found[4].clause) == (None, None)
