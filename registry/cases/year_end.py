"""Use cases: the end of a school year for one enrolment. Source: 273-ФЗ, art. 58-60.

Who is promoted, conditionally too, sits in a class of the new year from 1 September; who stays
repeats the parallel. A graduation ends the enrolment by an order.
"""

from dataclasses import dataclass, replace
from datetime import date

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveYearEnd, OpenYearEnd
from registry.cases.enrolling import check_order, keep_order
from registry.cases.events import event_of, opening_of
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.places import first_day_of
from registry.cases.ports import CaseStore
from registry.identifiers import ClassGroupId, YearEndId
from registry.model import ClassGroup, Declared, Enrolment, OrderKind, YearEndCase
from registry.problems import Problem
from registry.procedures.catalogue import procedure_of_case
from registry.procedures.engine import move
from registry.procedures.graduation import GraduationFacts
from registry.procedures.promotion import PromotionFacts
from registry.procedures.states import GraduationState, PromotionState

OPEN = "open"
_OPEN_CLAUSE = "273-ФЗ, ст. 58, ч. 1"
_SEATED = frozenset({PromotionState.PROMOTED, PromotionState.CONDITIONAL, PromotionState.RETAINED})
# Where an order may come with the step.
_ORDERED = _SEATED | {PromotionState.ADAPTED, PromotionState.INDIVIDUAL, GraduationState.GRADUATED}
_EXIT_REASONS = {
    "11": "finished.preschool",
    "12": "promotion",
    "13": "finished.basic",
    "14": "finished.secondary",
    "211": "finished.college",
    "212": "finished.college",
    "411": "finished.additional",
    "412": "finished.additional",
}
_ADAPTED = "15"
_SECONDARY_PARALLEL = 11


@dataclass(frozen=True, slots=True)
class _Seat:
    """A class of the new year, and from when."""

    group: ClassGroup
    begins_on: date


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
    event = opening_of(
        case.id, OPEN, case.state, clause=_OPEN_CLAUSE, step=command.step, at=clock.now
    )
    return Done(case, (store.append_event(procedure.key, event),))


def _last_day(school_year: int) -> date:
    """A day on which whoever finishes the year is still enrolled: that of the last lessons."""
    return date(school_year + 1, 5, 25)


def move_year_end(
    command: MoveYearEnd, store: CaseStore, clock: RegionClock
) -> Done[YearEndCase] | Refused | Missing:
    """Take a step of a year's end, with what it changes in the register.

    Codes: ``case.changed_since``, ``year_end.*``, ``class.*``, ``order.*``, ``transition.*``.
    """
    case = store.lock_year_end(command.id)
    if case is None:
        return Missing()
    found = store.enrolment(case.enrolment_id)
    if found is None:
        return Refused((rules.ENROLMENT_UNKNOWN.problem(),))
    person_id, enrolment = found
    if store.lock_person(person_id) is None:
        return Refused((rules.PERSON_UNKNOWN.problem(),))
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
        problems += moved
    line = procedure.line(case.state, command.action)
    seat = None
    if line is not None:
        problems += _check_order(command, line.target, enrolment, clock)
        if command.next_class_id is not None:
            seat = _seat_of(command.next_class_id, line.target, store, clock)
            problems += _check_class(known, line.target, enrolment, seat, store)
    if problems or isinstance(moved, list):
        return Refused(tuple(problems))
    if seat is not None:
        store.place_in_class(enrolment.id, seat.group, begins_on=seat.begins_on, at=clock.now)
    _write_order(command, known, enrolment, store, clock)
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


def _check_order(
    command: MoveYearEnd, target: str, enrolment: Enrolment, clock: RegionClock
) -> list[Problem]:
    order = command.order
    graduates = target == GraduationState.GRADUATED
    if order is None:
        return [rules.ORDER_MISSING.problem()] if graduates else []
    if target not in _ORDERED:
        return [rules.TERMS_EXTRA.problem("order")]
    problems = check_order(order, clock.today, "order")
    if graduates and order.issued_on < enrolment.begins_on:
        problems.append(rules.ORDER_EARLY.problem("order.issued_on"))
    if graduates and enrolment.ends_on is not None and enrolment.ends_on < order.issued_on:
        problems.append(rules.ENROLMENT_ENDED.problem())
    return problems


def _seat_of(
    class_id: ClassGroupId, target: str, store: CaseStore, clock: RegionClock
) -> _Seat | None:
    """The class, locked, and from when: who is retained in mid-year sat elsewhere until then."""
    group = store.lock_class(class_id)
    if group is None:
        return None
    begins_on = first_day_of(group.school_year)
    if target == PromotionState.RETAINED:
        begins_on = max(begins_on, clock.today)
    return _Seat(group, begins_on)


def _check_class(
    case: YearEndCase,
    target: str,
    enrolment: Enrolment,
    seat: _Seat | None,
    store: CaseStore,
) -> list[Problem]:
    if target not in _SEATED:
        return [rules.TERMS_EXTRA.problem("next_class_id")]
    if seat is None or seat.group.organisation_id != enrolment.organisation_id:
        return [rules.CLASS_UNKNOWN.problem("next_class_id")]
    group = seat.group
    former = store.class_on(enrolment.id, _last_day(case.school_year))
    problems = []
    step = 0 if target == PromotionState.RETAINED else 1
    other = former is not None and group.parallel != former.parallel + step
    if other or group.school_year != case.school_year + 1:
        problems.append(rules.CLASS_PARALLEL.problem("next_class_id"))
    if enrolment.ends_on is not None and enrolment.ends_on < seat.begins_on:
        problems.append(rules.ENROLMENT_ENDED.problem())
    taken = store.seats_taken(group.id, seat.begins_on)
    sits_there = enrolment.class_group_id == group.id
    if group.capacity is not None and taken - sits_there >= group.capacity:
        problems.append(rules.CLASS_FULL.problem("next_class_id"))
    return problems


def _write_order(
    command: MoveYearEnd,
    case: YearEndCase,
    enrolment: Enrolment,
    store: CaseStore,
    clock: RegionClock,
) -> None:
    if command.order is None:
        return
    graduated = case.graduation  # of its steps the one with an order is the last
    order_id = keep_order(
        store,
        command.order,
        organisation_id=enrolment.organisation_id,
        kind=OrderKind.GRADUATION if graduated else OrderKind.PROMOTION,
        effective_on=command.order.issued_on,
        clock=clock,
    )
    if graduated:
        group = store.class_on(enrolment.id, _last_day(case.school_year))
        store.end_enrolment(
            enrolment.id,
            ends_on=command.order.issued_on,
            reason=_exit_reason(enrolment, group),
            order_id=order_id,
            at=clock.now,
        )


def _exit_reason(enrolment: Enrolment, group: ClassGroup | None) -> str | None:
    """Why the enrolment ends, as far as its programme is known; an adapted one by its class."""
    if enrolment.programme_code == _ADAPTED:
        above = group is not None and group.parallel >= _SECONDARY_PARALLEL
        return "finished.secondary" if above else "finished.basic"
    return _EXIT_REASONS.get(enrolment.programme_code)
