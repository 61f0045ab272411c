"""Cases of another system, whole ones and with one thing changed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from registry.calendar import WorkingCalendar
from registry.cases.archived import (
    ArchivedApplication,
    ArchivedChoice,
    ArchivedQuota,
    ArchivedStep,
    ArchivedTransfer,
)
from registry.cases.clock import RegionClock
from registry.model import ApplicationKind, Privilege, PrivilegeRank, TransferScope
from registry.procedures.states import Actor

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
CLOCK = RegionClock(NOW, ZoneInfo("Europe/Moscow"), WorkingCalendar())


def at(day: int, hour: int = 9) -> datetime:
    """A moment of April 2026."""
    return datetime(2026, 4, day, hour, tzinfo=UTC)


STEPS = (
    ArchivedStep(at(1), "register", "draft", "registered", Actor.PORTAL),
    ArchivedStep(at(2), "start_check", "registered", "checking", Actor.ORGANISATION),
    ArchivedStep(at(3), "rank", "checking", "ranked", Actor.SYSTEM),
    ArchivedStep(at(6), "offer", "ranked", "offered", Actor.ORGANISATION),
)
SIBLING = Privilege("sibling", PrivilegeRank.PREFERENTIAL, True, date(2025, 9, 1), None)


def application(source_id: str = "a1", **changes: Any) -> ArchivedApplication:
    """An application for class 1, to which a place is offered."""
    return replace(
        ArchivedApplication(
            source_id=source_id,
            kind=ApplicationKind.SCHOOL,
            pupil_source_id="p1",
            applicant_source_id=None,
            opened_at=at(1),
            opened_by=Actor.PORTAL,
            school_year=2026,
            parallel=1,
            desired_on=date(2026, 9, 1),
            choices=(ArchivedChoice(1, "s1", None, True), ArchivedChoice(2, "s2", None, False)),
            privileges=(SIBLING,),
            steps=STEPS,
            offered=1,
        ),
        **changes,
    )


MOVES = (
    ArchivedStep(at(3), "expel", "requested", "expelled", Actor.ORGANISATION),
    ArchivedStep(at(3), "issue_documents", "expelled", "documents_issued", Actor.ORGANISATION),
)


def transfer(source_id: str = "t1", **changes: Any) -> ArchivedTransfer:
    """A transfer from one school to another, on its way."""
    return replace(
        ArchivedTransfer(
            source_id=source_id,
            pupil_source_id="p1",
            scope=TransferScope.INSIDE,
            from_source_id="s1",
            from_name=None,
            to_source_id="s2",
            to_name=None,
            parallel=6,
            opened_at=at(1),
            opened_by=Actor.APPLICANT,
            steps=MOVES,
            expulsion_order=("7-о", date(2026, 4, 3)),
        ),
        **changes,
    )


def quota(source_id: str = "n1", **changes: Any) -> ArchivedQuota:
    """The places of a class 1."""
    return replace(ArchivedQuota(source_id, "s1", 2026, 1, None, "general", 60), **changes)
