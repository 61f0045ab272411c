"""Use case: an application goes its way."""

from dataclasses import dataclass, replace
from typing import Any

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveApplication
from registry.cases.enrolling import PROGRAMMES, check_terms, enrol
from registry.cases.events import event_of
from registry.cases.facts import facts_for_step
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.places import HOLDING_STATES, offered_choice
from registry.cases.ports import CasePerson, CaseStore
from registry.model import Application, ApplicationKind, Choice
from registry.problems import Problem
from registry.procedures.catalogue import procedure_of
from registry.procedures.engine import Moved, ProcedureKey, move

_ENROLLED = "enrolled"
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
    choice: Choice | None


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
        return Refused((*problems, *judged))
    if problems:
        return Refused(tuple(problems))
    return _write_step(command, known, judged, store, clock)


def _judge(
    command: MoveApplication,
    application: Application,
    person: CasePerson,
    store: CaseStore,
    clock: RegionClock,
) -> _Taken | list[Problem]:
    procedure = procedure_of(application.kind)
    choice, problems = _choose(command, application)
    moved = move(
        procedure,
        application.state,
        command.action,
        actor=command.step.actor,
        reason=command.step.reason,
        today=clock.today,
        calendar=clock.calendar,
        facts=_facts(store, application, choice, person, clock),
    )
    if isinstance(moved, list):
        problems += moved
    line = procedure.line(application.state, command.action)
    target = None if line is None else line.target
    if choice is not None:
        problems += _check_enrolment(
            command, application, choice, enrols=target == _ENROLLED, store=store, clock=clock
        )
    if problems or isinstance(moved, list):
        return problems
    return _Taken(moved, choice if moved.to_state in HOLDING_STATES else None)


def _choose(
    command: MoveApplication, application: Application
) -> tuple[Choice | None, list[Problem]]:
    """The choice that the step is about: the one offered, the one named, or the most wanted."""
    held = offered_choice(application)
    ordered = sorted(application.choices, key=lambda each: each.priority)
    named = [
        each
        for each in ordered
        if command.organisation_id in (None, each.organisation_id)
        and command.programme_code in (None, each.programme_code)
    ]
    if not named:
        # A place elsewhere would be another application, which its rivals and queue don't know.
        return held or next(iter(ordered), None), [rules.NOT_CHOSEN.problem()]
    if held is not None and held not in named:
        return held, [rules.OFFERED_ELSEWHERE.problem()]
    return held or named[0], []


def _check_enrolment(
    command: MoveApplication,
    application: Application,
    choice: Choice,
    *,
    enrols: bool,
    store: CaseStore,
    clock: RegionClock,
) -> list[Problem]:
    if command.enrolment is None:
        return [rules.TERMS_MISSING.problem()] if enrols else []
    if not enrols:
        return [rules.TERMS_EXTRA.problem()]
    school = application.kind is ApplicationKind.SCHOOL
    return check_terms(
        store,
        command.enrolment,
        person_id=application.person_id,
        organisation_id=choice.organisation_id,
        parallel=application.parallel if school else None,
        school_year=application.school_year if school else None,
        programmes=PROGRAMMES[application.kind],
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
    if command.enrolment is not None and taken.choice is not None:
        enrol(
            store,
            command.enrolment,
            person_id=application.person_id,
            organisation_id=taken.choice.organisation_id,
            entry_reason=_entry_reason(application),
            clock=clock,
        )
    changed = replace(
        application,
        state=moved.to_state,
        state_since=clock.now,
        due_on=moved.due_on,
        offered_id=None if taken.choice is None else taken.choice.organisation_id,
        offered_programme=None if taken.choice is None else taken.choice.programme_code,
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
    choice: Choice | None,
    person: CasePerson,
    clock: RegionClock,
) -> Any:
    places = 0 if choice is None else store.free_places(application, choice)
    return facts_for_step(application, person, clock, places_free=places)
