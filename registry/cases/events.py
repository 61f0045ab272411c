"""The events that steps leave."""

from datetime import datetime
from uuid import UUID

from registry.cases.commands import Step
from registry.model import CaseEvent
from registry.procedures.engine import Moved


def opening_of(
    case_id: UUID, action: str, state: str, *, clause: str, step: Step, at: datetime
) -> CaseEvent:
    """The event that opens a case; the store gives its sequence."""
    return CaseEvent(
        case_id=case_id,
        sequence=0,
        at=at,
        action=action,
        from_state=None,
        to_state=state,
        actor=step.actor,
        cause=step.cause,
        clause=clause,
        note=step.note,
        declared=step.declared,
    )


def event_of(case_id: UUID, moved: Moved, step: Step, at: datetime) -> CaseEvent:
    """The event of a step; the store gives its sequence."""
    return CaseEvent(
        case_id=case_id,
        sequence=0,
        at=at,
        action=moved.action,
        from_state=moved.from_state,
        to_state=moved.to_state,
        actor=moved.actor,
        cause=step.cause,
        clause=moved.clause,
        reason=moved.reason,
        note=step.note,
        declared=step.declared,
    )
