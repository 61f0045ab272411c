"""Use case: an application is submitted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import SubmitApplication
from registry.cases.events import event_of, opening_of
from registry.cases.facts import facts_for_check, facts_for_step
from registry.cases.outcomes import Done, Refused
from registry.cases.places import is_year, programme_of
from registry.cases.ports import CaseStore
from registry.identifiers import ApplicationId
from registry.model import Application, ApplicationKind, Choice
from registry.problems import Problem
from registry.procedures.application_rules import CHOICE_REPEATED
from registry.procedures.catalogue import procedure_of
from registry.procedures.engine import Moved, Procedure, ProcedureKey, move
from registry.procedures.windows import check_application

SUBMIT = "submit"
SUBMIT_CLAUSES = {
    ApplicationKind.SCHOOL: "приказ № 458, п. 23",
    ApplicationKind.KINDERGARTEN: "приказ № 236, п. 9",
    ApplicationKind.COLLEGE: "приказ № 457, разд. IV",
    ApplicationKind.ADDITIONAL: "273-ФЗ, ст. 53",
}
_DRAFT = "draft"


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
    places = _places_to_come(store, application, command.choices)
    problems += check_application(
        application, facts_for_check(application, person, clock, places_free=places)
    )
    registered = None
    if application.state == _DRAFT and not problems:
        facts = facts_for_step(application, person, clock, places_free=places)
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


def _places_to_come(store: CaseStore, application: Application, choices: Iterable[Choice]) -> int:
    """The most that one of the choices has left: where places are left, the intake goes on."""
    if application.kind is not ApplicationKind.COLLEGE or not is_year(application.school_year):
        return 0
    return max((store.free_places(application, each) for each in choices), default=0)


def _check_submission(
    command: SubmitApplication, application: Application, store: CaseStore, clock: RegionClock
) -> list[Problem]:
    problems = []
    if command.submitted_at > clock.now:
        problems.append(rules.SUBMITTED_LATER.problem())
    seen = set()
    for index, choice in enumerate(command.choices):
        place = (choice.organisation_id, programme_of(command.kind, choice.programme_code))
        if place in seen and choice.programme_code != place[1]:
            # One place, though the application tells two programmes of it.
            problems.append(CHOICE_REPEATED.problem(f"choices[{index}]"))
        seen.add(place)
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
    first = opening_of(
        application.id,
        SUBMIT,
        procedure_of(application.kind).initial,
        clause=SUBMIT_CLAUSES[application.kind],
        step=step,
        at=clock.now,
    )
    events = [store.append_event(key, first)]
    if isinstance(registered, Moved):
        plain = replace(step, note=None)
        events.append(
            store.append_event(key, event_of(application.id, registered, plain, clock.now))
        )
    return Done(application, tuple(events))
