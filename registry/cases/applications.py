"""Use cases: an application is submitted, and goes its way."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveApplication, Step, SubmitApplication
from registry.cases.enrolling import check_terms, enrol
from registry.cases.facts import facts_for_check, facts_for_step
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.ports import CasePerson, CaseStore
from registry.identifiers import ApplicationId, OrganisationId
from registry.model import Application, ApplicationKind, CaseEvent
from registry.problems import Problem
from registry.procedures.catalogue import procedure_of
from registry.procedures.engine import Moved, Procedure, ProcedureKey, move
from registry.procedures.windows import check_application

SUBMIT = "submit"
_SUBMIT_CLAUSES = {
    ApplicationKind.SCHOOL: "приказ № 458, п. 23",
    ApplicationKind.KINDERGARTEN: "приказ № 236, п. 9",
    ApplicationKind.COLLEGE: "приказ № 457, разд. IV",
    ApplicationKind.ADDITIONAL: "273-ФЗ, ст. 53",
}
_DRAFT = "draft"
_ENROLLED = "enrolled"
# Where a place is held for the application, and until when.
_HOLDS_PLACE = frozenset(
    {"offered", "consent_review", "contract", "recommended", "originals_given", _ENROLLED}
)
_ENTRY_REASONS = {
    ApplicationKind.KINDERGARTEN: "admission.kindergarten",
    ApplicationKind.COLLEGE: "admission.college",
    ApplicationKind.ADDITIONAL: "admission.additional",
}
_CLASS_REASONS = {1: "admission.class_1", 10: "admission.class_10"}


@dataclass(frozen=True, slots=True)
class _Taken:
    """A step that was judged and may be written."""

    moved: Moved
    organisation_id: OrganisationId | None


def submit_application(
    command: SubmitApplication, store: CaseStore, clock: RegionClock
) -> Done[Application] | Refused:
    """Take a new application in, as far as the procedure's first steps lead by themselves.

    Codes: ``case.person_unknown``, ``case.organisation_unknown``, ``application.*``,
    ``transition.*``.
    """
    person = store.lock_person(command.person_id)
    procedure = procedure_of(command.kind)
    application = _new(command, ApplicationId(store.new_id()), procedure, clock.now)
    problems = _check_submission(command, application, store, clock)
    if person is None:
        return Refused((rules.PERSON_UNKNOWN.problem(), *problems))
    problems += check_application(application, facts_for_check(application, person, clock))
    registered = None
    if application.state == _DRAFT and not problems:
        facts = _facts(store, application, None, person, clock)
        registered = move(
            procedure,
            application.state,
            "register",
            actor=command.step.actor,
            today=clock.today,
            calendar=clock.calendar,
            facts=facts,
        )
        if isinstance(registered, list):
            problems += registered
    if problems:
        return Refused(tuple(problems))
    return _write_submission(command, application, registered, store, clock)


def _new(
    command: SubmitApplication,
    application_id: ApplicationId,
    procedure: Procedure[Any],
    now: datetime,
) -> Application:
    return Application(
        id=application_id,
        serial=0,
        kind=command.kind,
        person_id=command.person_id,
        applicant_id=command.applicant_id,
        school_year=command.school_year,
        parallel=command.parallel,
        submitted_at=command.submitted_at,
        desired_on=command.desired_on,
        state=procedure.initial,
        state_since=now,
        due_on=None,
        choices=command.choices,
        privileges=command.privileges,
        average=command.average,
        originals_on=command.originals_on,
        declared=command.step.declared,
    )


def _check_submission(
    command: SubmitApplication, application: Application, store: CaseStore, clock: RegionClock
) -> list[Problem]:
    problems = []
    if command.submitted_at > clock.now:
        problems.append(rules.SUBMITTED_LATER.problem())
    for index, choice in enumerate(command.choices):
        if not store.organisation_exists(choice.organisation_id):
            problems.append(rules.ORGANISATION_UNKNOWN.problem(f"choices[{index}].organisation_id"))
        elif store.live_rival(application, choice):
            problems.append(rules.ALREADY_APPLIED.problem(f"choices[{index}]"))
    return problems


def _write_submission(
    command: SubmitApplication,
    application: Application,
    registered: Moved | list[Problem] | None,
    store: CaseStore,
    clock: RegionClock,
) -> Done[Application]:
    step = command.step
    if isinstance(registered, Moved):
        application = replace(application, state=registered.to_state, due_on=registered.due_on)
    application = store.add_application(application, at=clock.now)
    key = ProcedureKey(application.kind.value)
    first = CaseEvent(
        case_id=application.id,
        sequence=0,
        at=clock.now,
        action=SUBMIT,
        from_state=None,
        to_state=procedure_of(application.kind).initial,
        actor=step.actor,
        cause=step.cause,
        clause=_SUBMIT_CLAUSES[application.kind],
        note=step.note,
        declared=step.declared,
    )
    events = [store.append_event(key, first)]
    if isinstance(registered, Moved):
        plain = replace(step, note=None)
        events.append(
            store.append_event(key, event_of(application.id, registered, plain, clock.now))
        )
    return Done(application, tuple(events))


def move_application(
    command: MoveApplication, store: CaseStore, clock: RegionClock
) -> Done[Application] | Refused | Missing:
    """Take a step of an application, with what it changes in the register.

    Codes: ``case.changed_since``, ``application.not_chosen``, ``enrolment.*``, ``class.*``,
    ``order.*``, ``transition.*``.
    """
    application = store.lock_application(command.id)
    if application is None:
        return Missing()
    person = store.lock_person(application.person_id)
    if person is None:
        return Refused((rules.PERSON_UNKNOWN.problem(),))
    stale = command.expected_version not in (None, application.version)
    known = replace(
        application,
        declared=application.declared.with_more(command.step.declared),
        originals_on=command.originals_on or application.originals_on,
    )
    judged = _judge(command, known, person, store, clock)
    problems = [rules.CHANGED_SINCE.problem()] if stale else []
    if isinstance(judged, list):
        problems += judged
    if problems or isinstance(judged, list):
        return Refused(tuple(problems))
    return _write_step(command, known, judged, store, clock)


def _judge(
    command: MoveApplication,
    application: Application,
    person: CasePerson,
    store: CaseStore,
    clock: RegionClock,
) -> _Taken | list[Problem]:
    named = {choice.organisation_id for choice in application.choices}
    organisation_id = command.organisation_id or application.offered_id
    problems = []
    if organisation_id is not None and organisation_id not in named:
        # A place elsewhere would be another application, which its rivals and queue don't know.
        problems.append(rules.NOT_CHOSEN.problem())
    procedure = procedure_of(application.kind)
    moved = move(
        procedure,
        application.state,
        command.action,
        actor=command.step.actor,
        reason=command.step.reason,
        today=clock.today,
        calendar=clock.calendar,
        facts=_facts(store, application, organisation_id, person, clock),
    )
    if isinstance(moved, list):
        problems += moved
    organisation_id = organisation_id or application.choices[0].organisation_id
    problems += _check_enrolment(
        command, application, moved, organisation_id=organisation_id, store=store, clock=clock
    )
    if problems or isinstance(moved, list):
        return problems
    holds = moved.to_state in _HOLDS_PLACE
    return _Taken(moved, organisation_id if holds else None)


def _check_enrolment(
    command: MoveApplication,
    application: Application,
    moved: Moved | list[Problem],
    *,
    organisation_id: OrganisationId,
    store: CaseStore,
    clock: RegionClock,
) -> list[Problem]:
    enrols = isinstance(moved, Moved) and moved.to_state == _ENROLLED
    if command.enrolment is None:
        return [rules.TERMS_MISSING.problem()] if enrols else []
    if not enrols:
        return [rules.TERMS_EXTRA.problem()] if isinstance(moved, Moved) else []
    return check_terms(
        store,
        command.enrolment,
        person_id=application.person_id,
        organisation_id=organisation_id,
        parallel=application.parallel if application.kind is ApplicationKind.SCHOOL else None,
        clock=clock,
    )


def _write_step(
    command: MoveApplication,
    application: Application,
    taken: _Taken,
    store: CaseStore,
    clock: RegionClock,
) -> Done[Application]:
    moved = taken.moved
    if command.enrolment is not None and taken.organisation_id is not None:
        enrol(
            store,
            command.enrolment,
            person_id=application.person_id,
            organisation_id=taken.organisation_id,
            entry_reason=_entry_reason(application),
            clock=clock,
        )
    changed = replace(
        application,
        state=moved.to_state,
        state_since=clock.now,
        due_on=moved.due_on,
        offered_id=taken.organisation_id,
        version=application.version + 1,
    )
    store.save_application(changed, at=clock.now)
    event = event_of(application.id, moved, command.step, clock.now)
    event = store.append_event(ProcedureKey(application.kind.value), event)
    return Done(changed, (event,))


def _entry_reason(application: Application) -> str:
    if application.kind is ApplicationKind.SCHOOL:
        return _CLASS_REASONS.get(application.parallel, "admission.other_class")
    return _ENTRY_REASONS[application.kind]


def _facts(
    store: CaseStore,
    application: Application,
    organisation_id: OrganisationId | None,
    person: CasePerson,
    clock: RegionClock,
) -> Any:
    choices = application.choices
    chosen = organisation_id or (choices[0].organisation_id if choices else None)
    places = 0 if chosen is None else store.free_places(application, chosen)
    return facts_for_step(application, person, clock, places_free=places)


def event_of(case_id: Any, moved: Moved, step: Step, at: datetime) -> CaseEvent:
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
