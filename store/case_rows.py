"""Cases as rows and back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.model import (
    Application,
    ApplicationKind,
    CaseEvent,
    Choice,
    Declared,
    Privilege,
    PrivilegeRank,
    TransferCase,
    TransferScope,
    YearEndCase,
)
from registry.model.declared import parse_declared
from registry.procedures.engine import ProcedureKey
from registry.procedures.states import Actor
from store.tables import APPLICATION_FINALS, TRANSFER_FINALS

Row = Mapping[str, Any]


def declared_text(declared: Declared) -> str:
    """Circumstances as JSON."""
    return json.dumps(declared.told(), default=str, sort_keys=True)


def to_declared(text: str) -> Declared:
    """Circumstances from JSON."""
    return parse_declared(json.loads(text))


def application_row(application: Application, at: datetime) -> dict[str, Any]:
    """An application as a row of its table."""
    return {
        "id": application.id,
        "serial": application.serial,
        "kind": application.kind.value,
        "person_id": application.person_id,
        "applicant_id": application.applicant_id,
        "school_year": application.school_year,
        "parallel": application.parallel,
        "submitted_at": application.submitted_at,
        "desired_on": application.desired_on,
        "state": str(application.state),
        "state_since": application.state_since,
        "due_on": application.due_on,
        "live": application.state not in APPLICATION_FINALS,
        "offered_id": application.offered_id,
        "offered_programme": application.offered_programme,
        "average": application.average,
        "originals_on": application.originals_on,
        "declared": declared_text(application.declared),
        "version": application.version,
        "recorded_at": at,
    }


def choice_row(application: Application, choice: Choice, at: datetime) -> dict[str, Any]:
    """A choice of an application as a row."""
    return {
        "application_id": application.id,
        "priority": choice.priority,
        "person_id": application.person_id,
        "school_year": application.school_year,
        "kind": application.kind.value,
        "live": application.state not in APPLICATION_FINALS,
        "organisation_id": choice.organisation_id,
        "programme_code": choice.programme_code,
        "territory": choice.territory,
        "recorded_at": at,
    }


def privilege_row(application: Application, privilege: Privilege, at: datetime) -> dict[str, Any]:
    """A privilege of an application as a row."""
    return {
        "application_id": application.id,
        "code": privilege.code,
        "rank": privilege.rank.value,
        "confirmed": privilege.confirmed,
        "begins_on": privilege.begins_on,
        "ends_on": privilege.ends_on,
        "recorded_at": at,
    }


def to_application(
    row: Row, choices: tuple[Choice, ...], privileges: tuple[Privilege, ...]
) -> Application:
    """An application from its rows."""
    return Application(
        id=row["id"],
        serial=row["serial"],
        kind=ApplicationKind(row["kind"]),
        person_id=row["person_id"],
        applicant_id=row["applicant_id"],
        school_year=row["school_year"],
        parallel=row["parallel"],
        submitted_at=row["submitted_at"],
        desired_on=row["desired_on"],
        state=row["state"],
        state_since=row["state_since"],
        due_on=row["due_on"],
        choices=choices,
        privileges=privileges,
        offered_id=row["offered_id"],
        offered_programme=row["offered_programme"],
        average=row["average"],
        originals_on=row["originals_on"],
        declared=to_declared(row["declared"]),
        version=row["version"],
    )


def to_choice(row: Row) -> Choice:
    """A choice from its row."""
    return Choice(
        priority=row["priority"],
        organisation_id=row["organisation_id"],
        programme_code=row["programme_code"],
        territory=row["territory"],
    )


def to_privilege(row: Row) -> Privilege:
    """A privilege from its row."""
    return Privilege(
        code=row["code"],
        rank=PrivilegeRank(row["rank"]),
        confirmed=row["confirmed"],
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
    )


def transfer_row(case: TransferCase, at: datetime) -> dict[str, Any]:
    """A transfer as a row of its table."""
    return {
        "id": case.id,
        "person_id": case.person_id,
        "scope": case.scope.value,
        "from_id": case.from_id,
        "from_name": case.from_name,
        "to_id": case.to_id,
        "to_name": case.to_name,
        "parallel": case.parallel,
        "requested_at": case.requested_at,
        "state": str(case.state),
        "state_since": case.state_since,
        "due_on": case.due_on,
        "live": case.state not in TRANSFER_FINALS,
        "enrolment_id": case.enrolment_id,
        "expulsion_order_id": case.expulsion_order_id,
        "enrolment_order_id": case.enrolment_order_id,
        "declared": declared_text(case.declared),
        "version": case.version,
        "recorded_at": at,
    }


def to_transfer(row: Row) -> TransferCase:
    """A transfer from its row."""
    return TransferCase(
        id=row["id"],
        person_id=row["person_id"],
        scope=TransferScope(row["scope"]),
        from_id=row["from_id"],
        from_name=row["from_name"],
        to_id=row["to_id"],
        to_name=row["to_name"],
        parallel=row["parallel"],
        requested_at=row["requested_at"],
        state=row["state"],
        state_since=row["state_since"],
        due_on=row["due_on"],
        enrolment_id=row["enrolment_id"],
        expulsion_order_id=row["expulsion_order_id"],
        enrolment_order_id=row["enrolment_order_id"],
        declared=to_declared(row["declared"]),
        version=row["version"],
    )


def year_end_row(case: YearEndCase, at: datetime) -> dict[str, Any]:
    """A year's end as a row of its table."""
    return {
        "id": case.id,
        "person_id": case.person_id,
        "enrolment_id": case.enrolment_id,
        "school_year": case.school_year,
        "graduation": case.graduation,
        "state": str(case.state),
        "state_since": case.state_since,
        "due_on": case.due_on,
        "declared": declared_text(case.declared),
        "version": case.version,
        "recorded_at": at,
    }


def to_year_end(row: Row) -> YearEndCase:
    """A year's end from its row."""
    return YearEndCase(
        id=row["id"],
        person_id=row["person_id"],
        enrolment_id=row["enrolment_id"],
        school_year=row["school_year"],
        graduation=row["graduation"],
        state=row["state"],
        state_since=row["state_since"],
        due_on=row["due_on"],
        declared=to_declared(row["declared"]),
        version=row["version"],
    )


def event_row(procedure: ProcedureKey, event: CaseEvent) -> dict[str, Any]:
    """An event as a row of its table."""
    return {
        "case_id": event.case_id,
        "sequence": event.sequence,
        "at": event.at,
        "procedure": procedure.value,
        "action": event.action,
        "from_state": None if event.from_state is None else str(event.from_state),
        "to_state": str(event.to_state),
        "actor": event.actor.value,
        "cause": event.cause,
        "clause": event.clause,
        "reason": event.reason,
        "note": event.note,
        "declared": declared_text(event.declared),
    }


def to_event(row: Row) -> CaseEvent:
    """An event from its row."""
    return CaseEvent(
        case_id=row["case_id"],
        sequence=row["sequence"],
        at=row["at"],
        action=row["action"],
        from_state=row["from_state"],
        to_state=row["to_state"],
        actor=Actor(row["actor"]),
        cause=row["cause"],
        clause=row["clause"],
        reason=row["reason"],
        note=row["note"],
        declared=to_declared(row["declared"]),
    )
