"""Steps that weren't taken in their time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from registry.procedures.catalogue import Case, procedure_of_case
from registry.procedures.engine import ProcedureKey
from registry.procedures.states import Actor


@dataclass(frozen=True, slots=True)
class OverdueStep:
    """A case whose state was to be left by `due_on`; `whose` step it is, by which clause."""

    case_id: UUID
    procedure: ProcedureKey
    state: str
    due_on: date
    days_late: int
    whose: Actor | None
    clause: str | None


def is_overdue(due_on: date | None, today: date) -> bool:
    """Whether a term is over; its last day still belongs to it."""
    return due_on is not None and due_on < today


def overdue_steps(cases: Iterable[Case], today: date) -> list[OverdueStep]:
    """The overdue steps among `cases`, the longest overdue first; days late by the calendar.

    A case in a final state is never late. `whose` and `clause` are None for a state that has a
    date, but no deadline in the table.
    """
    found = [step for case in cases if (step := _overdue_step(case, today)) is not None]
    return sorted(found, key=lambda step: (step.due_on, step.procedure, step.case_id))


def _overdue_step(case: Case, today: date) -> OverdueStep | None:
    procedure = procedure_of_case(case)
    due_on = case.due_on
    if due_on is None or not is_overdue(due_on, today) or case.state in procedure.finals:
        return None
    deadline = procedure.deadlines.get(case.state)
    return OverdueStep(
        case_id=case.id,
        procedure=procedure.key,
        state=case.state,
        due_on=due_on,
        days_late=(today - due_on).days,
        whose=None if deadline is None else deadline.whose,
        clause=None if deadline is None else deadline.clause,
    )
