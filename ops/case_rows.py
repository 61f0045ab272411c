"""Cases as rows for scripts and screens, with what the veil covers covered.

Both `--json` and the screens are made of these rows, so that one can't show more than the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.veil import Veil
from registry.admission import Movement, QueuePosition, RankedApplication
from registry.cases.ranking import Standing
from registry.gaps import Gap
from registry.identifiers import OrganisationId, PersonId
from registry.model import Application, ApplicationKind, CaseEvent, TransferCase
from registry.problems import Problem
from registry.procedures.overdue import OverdueStep, is_overdue
from registry.procedures.portal_codes import PORTAL_TITLES, event_code, portal_code
from registry.procedures.reasons import REASONS
from registry.procedures.states import KindergartenState
from store.case_queries import CaseQueries, PersonNames

Row = dict[str, Any]

# What of a person the commands show, for the record of who saw it.
CASE_FIELDS = ("names", "birth_date")
SHOWN_FIELDS = (*CASE_FIELDS, "privileges", "declared", "notes")


@dataclass(frozen=True, slots=True)
class Labels:
    """The persons and organisations that rows name, and what covers them."""

    people: Mapping[PersonId, PersonNames]
    organisations: Mapping[OrganisationId, str]
    veil: Veil

    @classmethod
    def of(
        cls,
        queries: CaseQueries,
        veil: Veil,
        *,
        people: Iterable[PersonId] = (),
        organisations: Iterable[OrganisationId | None] = (),
    ) -> "Labels":
        """Read them."""
        named = {each for each in organisations if each is not None}
        return cls(queries.people(set(people)), queries.organisation_names(named), veil)

    def person(self, person_id: PersonId) -> Row:
        """Whom a row is about."""
        found = self.people.get(person_id)
        names = () if found is None else (found.family_name, found.first_name, found.middle_name)
        return {
            "person_id": str(person_id),
            "name": self.veil.full_name(*names),
            "birth_date": None if found is None else self.veil.birth_date(found.birth_date),
        }

    def organisation(self, organisation_id: OrganisationId | None) -> str | None:
        """The name of an organisation."""
        if organisation_id is None:
            return None
        return self.organisations.get(organisation_id, str(organisation_id))


def application_row(application: Application, labels: Labels, today: date) -> Row:
    """An application in a list."""
    choices = sorted(application.choices, key=lambda each: each.priority)
    return {
        "application_id": str(application.id),
        "serial": application.serial,
        "kind": application.kind.value,
        "state": str(application.state),
        **labels.person(application.person_id),
        "school_year": application.school_year,
        "parallel": application.parallel,
        "organisations": [labels.organisation(each.organisation_id) for each in choices],
        "due_on": application.due_on,
        "overdue": is_overdue(application.due_on, today),
    }


def application_card(
    application: Application, events: Sequence[CaseEvent], labels: Labels, today: date
) -> Row:
    """Everything about an application; which privileges it has tells of a family."""
    veil = labels.veil
    return {
        **application_row(application, labels, today),
        **_portal(application, today),
        "version": application.version,
        "submitted_at": application.submitted_at.isoformat(),
        "desired_on": application.desired_on,
        "average": application.average,
        "originals_on": application.originals_on,
        "offered": labels.organisation(application.offered_id),
        "offered_programme": application.offered_programme,
        "choices": [
            {
                "priority": each.priority,
                "organisation_id": str(each.organisation_id),
                "organisation": labels.organisation(each.organisation_id),
                "programme_code": each.programme_code,
                "territory": each.territory,
            }
            for each in sorted(application.choices, key=lambda each: each.priority)
        ],
        "privileges": [
            {
                "code": veil.hide(each.code),
                "rank": each.rank.value,
                "confirmed": each.confirmed,
                "begins_on": each.begins_on,
                "ends_on": each.ends_on,
            }
            for each in application.privileges
        ],
        "declared": veil.hide(application.declared.told() or None),
        "events": [event_row(each, labels) for each in events],
    }


def _portal(application: Application, today: date) -> Row:
    if application.kind is not ApplicationKind.KINDERGARTEN:
        return {}
    state = KindergartenState(application.state)
    code = portal_code(state, desired_on=application.desired_on, today=today)
    return {"portal_code": code, "portal_title": PORTAL_TITLES.get(code or 0)}


def event_row(event: CaseEvent, labels: Labels) -> Row:
    """A step of a case."""
    return {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "action": event.action,
        "from_state": event.from_state,
        "to_state": str(event.to_state),
        "actor": event.actor.value,
        "cause": event.cause,
        "clause": event.clause,
        "reason": event.reason,
        "reason_ru": None if event.reason is None else REASONS.get(event.reason),
        "portal_code": event_code(event.action),
        "note": labels.veil.hide(event.note),
    }


def step_row(case_id: object, event: CaseEvent, due_on: date | None, *, dry_run: bool) -> Row:
    """A step that was taken."""
    return {
        "case_id": str(case_id),
        "action": event.action,
        "from_state": event.from_state,
        "to_state": str(event.to_state),
        "clause": event.clause,
        "due_on": due_on,
        "dry_run": dry_run,
    }


def problem_row(problem: Problem) -> Row:
    """Something that stands in a step's way."""
    return {
        "problem": problem.code,
        "field": problem.field,
        "message": problem.message_ru,
        "clause": problem.clause,
    }


def standing_row(standing: Standing, labels: Labels) -> Row:
    """An application in the ranking of an intake."""
    ranked = standing.ranked
    application = ranked.application
    offer = standing.offer
    return {
        **_place(ranked),
        "application_id": str(application.id),
        **labels.person(application.person_id),
        "state": str(application.state),
        "decision": _decision(standing),
        "offered": None if offer is None else labels.organisation(offer.organisation_id),
        "action": standing.action,
        "taken": standing.taken,
        "explanation": _reasons(ranked),
        "problems": [problem_row(each) for each in standing.problems],
    }


def _place(ranked: RankedApplication) -> Row:
    held = ranked.privilege_rank
    return {
        "position": ranked.position,
        "privilege": None if held is None else held.value,
        "position_in_rank": ranked.position_in_rank,
    }


def _decision(standing: Standing) -> str:
    if not standing.ready:
        return "not_ready"
    if standing.offer is not None:
        return "elsewhere" if standing.elsewhere else "offered"
    return "waiting" if standing.waiting is None else standing.waiting.value


def _reasons(ranked: RankedApplication) -> list[Row]:
    return [
        {
            "criterion": each.criterion.value,
            "value": each.value,
            "message": each.message_ru,
            "clause": each.clause,
        }
        for each in ranked.explanation
    ]


def position_row(
    application: Application, organisation: str | None, ranked: RankedApplication, at: QueuePosition
) -> Row:
    """Where an application stands in a queue, and why there."""
    return {
        "application_id": str(application.id),
        "organisation": organisation,
        **_place(ranked),
        "total": at.total,
        "total_in_rank": at.total_in_rank,
        "ahead": {"none" if rank is None else rank.value: n for rank, n in at.ahead.items()},
        "totals": {"none" if rank is None else rank.value: n for rank, n in at.totals.items()},
        "explanation": _reasons(ranked),
    }


def movement_row(movement: Movement, organisation: str | None) -> Row:
    """Why a position moved."""
    return {
        "application_id": str(movement.application_id),
        "organisation": organisation,
        "position_then": movement.position_then,
        "total_then": movement.total_then,
        "position_now": movement.position_now,
        "total_now": movement.total_now,
        "causes": [
            {
                "day": each.day,
                "cause": each.kind.value,
                "delta": each.delta,
                "message": each.message_ru,
                "clause": each.clause,
            }
            for each in movement.causes
        ],
    }


def transfer_row(case: TransferCase, labels: Labels, today: date) -> Row:
    """A transfer in a list."""
    return {
        "transfer_id": str(case.id),
        "scope": case.scope.value,
        "state": str(case.state),
        **labels.person(case.person_id),
        "from": labels.organisation(case.from_id) or case.from_name,
        "to": labels.organisation(case.to_id) or case.to_name,
        "parallel": case.parallel,
        "requested_at": case.requested_at.isoformat(),
        "due_on": case.due_on,
        "overdue": is_overdue(case.due_on, today),
    }


def transfer_card(
    case: TransferCase, events: Sequence[CaseEvent], labels: Labels, today: date
) -> Row:
    """Everything about a transfer."""
    return {
        **transfer_row(case, labels, today),
        "version": case.version,
        "enrolment_id": _text(case.enrolment_id),
        "expulsion_order_id": _text(case.expulsion_order_id),
        "enrolment_order_id": _text(case.enrolment_order_id),
        "declared": labels.veil.hide(case.declared.told() or None),
        "events": [event_row(each, labels) for each in events],
    }


def gap_row(gap: Gap, labels: Labels) -> Row:
    """A gap."""
    return {
        "gap": gap.kind.value,
        "since": gap.since,
        **labels.person(gap.person_id),
        "organisation": labels.organisation(gap.organisation_id),
        "case_id": _text(gap.case_id),
        "message": gap.message_ru,
        "clause": gap.clause,
    }


def overdue_row(step: OverdueStep) -> Row:
    """A step that wasn't taken in time."""
    return {
        "case_id": str(step.case_id),
        "procedure": step.procedure.value,
        "state": str(step.state),
        "due_on": step.due_on,
        "days_late": step.days_late,
        "whose": None if step.whose is None else step.whose.value,
        "clause": step.clause,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
