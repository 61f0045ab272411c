"""Use cases: the end of a school year for one enrolment. Source: 273-ФЗ, art. 58-60.

Who is promoted, conditionally too, sits in a class of the new year from 1 September; who stays
repeats the parallel. A graduation ends the enrolment by an order.
"""

from dataclasses import replace
from datetime import date

from registry.cases import rules
from registry.cases.applications import event_of
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveYearEnd, OpenYearEnd
from registry.cases.enrolling import check_order, keep_order
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.ports import CaseStore
from registry.identifiers import YearEndId
from registry.model import CaseEvent, ClassGroup, Declared, Enrolment, OrderKind, YearEndCase
from registry.problems import Problem
from registry.procedures.catalogue import procedure_of_case
from registry.procedures.engine import Moved, move
from registry.procedures.graduation import GraduationFacts
from registry.procedures.promotion import PromotionFacts
from registry.procedures.states import GraduationState, PromotionState

OPEN = "open"
_OPEN_CLAUSE = "273-ФЗ, ст. 58, ч. 1"
_SEATED = frozenset({PromotionState.PROMOTED, PromotionState.CONDITIONAL, PromotionState.RETAINED})
_EXIT_REASONS = {"13": "finished.basic", "14": "finished.secondary", "11": "finished.preschool"}


def open_year_end(
    command: OpenYearEnd, store: CaseStore, clock: RegionClock
) -> Done[YearEndCase] | Refused:
    """Begin to sum up a year.

    Codes: ``year_end.enrolment_unknown``, ``year_end.enrolment_ended``,
    ``year_end.already_open``.
    """
    found = store.enrolment(command.enrolment_id)
    if found is None:
        return Refused((rules.ENROLMENT_UNKNOWN.problem(),))
    person_id, enrolment = found
    store.lock_person(person_id)
    problems = []
    if not enrolment.covers(_last_day(command.school_year)):
        problems.append(rules.ENROLMENT_ENDED.problem())
    if store.year_end_of(command.enrolment_id, command.school_year) is not None:
        problems.append(rules.OPENED_ALREADY.problem())
    if problems:
        return Refused(tuple(problems))
    case = YearEndCase(
        id=YearEndId(store.new_id()),
        person_id=person_id,
        enrolment_id=command.enrolment_id,
        school_year=command.school_year,
        graduation=command.graduation,
        state="",
        state_since=clock.now,
        due_on=None,
        declared=command.step.declared,
    )
    procedure = procedure_of_case(case)
    case = replace(case, state=procedure.initial)
    store.add_year_end(case, at=clock.now)
    event = CaseEvent(
        case_id=case.id,
        sequence=0,
        at=clock.now,
        action=OPEN,
        from_state=None,
        to_state=procedure.initial,
        actor=command.step.actor,
        cause=command.step.cause,
        clause=_OPEN_CLAUSE,
        note=command.step.note,
        declared=command.step.declared,
    )
    return Done(case, (store.append_event(procedure.key, event),))


def _last_day(school_year: int) -> date:
    """A day on which whoever finishes the year is still enrolled: that of the last lessons."""
    return date(school_year + 1, 5, 25)


def move_year_end(
    command: MoveYearEnd, store: CaseStore, clock: RegionClock
) -> Done[YearEndCase] | Refused | Missing:
    """Take a step of a year's end, with what it changes in the register.

    Codes: ``case.changed_since``, ``class.*``, ``order.*``, ``transition.*``.
    """
    case = store.lock_year_end(command.id)
    if case is None:
        return Missing()
    store.lock_person(case.person_id)
    found = store.enrolment(case.enrolment_id)
    if found is None:
        return Refused((rules.ENROLMENT_UNKNOWN.problem(),))
    enrolment = found[1]
    problems = []
    if command.expected_version not in (None, case.version):
        problems.append(rules.CHANGED_SINCE.problem())
    known = replace(case, declared=case.declared.with_more(command.step.declared))
    procedure = procedure_of_case(case)
    moved = move(
        procedure,
        case.state,
        command.action,
        actor=command.step.actor,
        reason=command.step.reason,
        today=clock.today,
        calendar=clock.calendar,
        facts=_facts(command, known, store),
    )
    if isinstance(moved, list):
        return Refused((*problems, *moved))
    group = None if command.next_class_id is None else store.lock_class(command.next_class_id)
    problems += _check_order(command, moved, clock)
    if command.next_class_id is not None:
        problems += _check_class(known, moved, enrolment, group, store)
    if problems:
        return Refused(tuple(problems))
    if moved.to_state in _SEATED and group is not None:
        begins_on = date(group.school_year, 9, 1)
        store.place_in_class(enrolment.id, group, begins_on=begins_on, at=clock.now)
    _write_order(command, moved, enrolment, store, clock)
    changed = replace(
        known,
        state=moved.to_state,
        state_since=clock.now,
        due_on=moved.due_on,
        version=case.version + 1,
    )
    store.save_year_end(changed, at=clock.now)
    event = event_of(case.id, moved, command.step, clock.now)
    return Done(changed, (store.append_event(procedure.key, event),))


def _facts(
    command: MoveYearEnd, case: YearEndCase, store: CaseStore
) -> PromotionFacts | GraduationFacts:
    declared: Declared = case.declared
    if not case.graduation:
        return PromotionFacts(
            assessed=bool(declared.assessed),
            debts=declared.debts or 0,
            debt_since=declared.debt_since,
            attempts=declared.attempts or 0,
            parents_agree=bool(declared.parents_agree),
            pmpk=bool(declared.pmpk),
        )
    return GraduationFacts(
        debts=declared.debts or 0,
        admission_test_passed=bool(declared.admission_test_passed),
        exams_passed=declared.exams_passed,
        certificate_known=store.has_certificate(
            case.enrolment_id, since=date(case.school_year + 1, 1, 1)
        ),
        order_on=None if command.order is None else command.order.issued_on,
    )


def _check_order(command: MoveYearEnd, moved: Moved, clock: RegionClock) -> list[Problem]:
    if command.order is not None:
        return check_order(command.order, clock.today, "order")
    ends = moved.to_state == GraduationState.GRADUATED
    return [rules.ORDER_MISSING.problem()] if ends else []


def _check_class(
    case: YearEndCase,
    moved: Moved,
    enrolment: Enrolment,
    group: ClassGroup | None,
    store: CaseStore,
) -> list[Problem]:
    if group is None or group.organisation_id != enrolment.organisation_id:
        return [rules.CLASS_UNKNOWN.problem("next_class_id")]
    former = (
        None if enrolment.class_group_id is None else store.lock_class(enrolment.class_group_id)
    )
    problems = []
    step = 0 if moved.to_state == PromotionState.RETAINED else 1
    other = former is not None and group.parallel != former.parallel + step
    if other or group.school_year != case.school_year + 1:
        problems.append(rules.CLASS_PARALLEL.problem("next_class_id"))
    taken = store.seats_taken(group.id, date(group.school_year, 9, 1))
    if group.capacity is not None and taken >= group.capacity:
        problems.append(rules.CLASS_FULL.problem("next_class_id"))
    return problems


def _write_order(
    command: MoveYearEnd,
    moved: Moved,
    enrolment: Enrolment,
    store: CaseStore,
    clock: RegionClock,
) -> None:
    if command.order is None:
        return
    graduated = moved.to_state == GraduationState.GRADUATED
    order_id = keep_order(
        store,
        command.order,
        organisation_id=enrolment.organisation_id,
        kind=OrderKind.GRADUATION if graduated else OrderKind.PROMOTION,
        effective_on=command.order.issued_on,
        clock=clock,
    )
    if graduated:
        store.end_enrolment(
            enrolment.id,
            ends_on=command.order.issued_on,
            reason=_EXIT_REASONS.get(enrolment.programme_code, "finished.college"),
            order_id=order_id,
            at=clock.now,
        )
