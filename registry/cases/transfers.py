"""Use case: a step of a pupil's transfer. Source: приказ № 240 of 06.04.2023.

Inside the register the expulsion ends the enrolment and the enrolment elsewhere begins a new one;
of an organisation outside only its name and its order are known.
"""

from dataclasses import replace
from datetime import date

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveTransfer
from registry.cases.enrolling import MAIN, check_order, check_terms, enrol, keep_order
from registry.cases.events import event_of
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.places import seat_day
from registry.cases.ports import CaseStore
from registry.identifiers import OrganisationId
from registry.model import Enrolment, OrderKind, TransferCase, TransferScope
from registry.problems import Problem
from registry.procedures.engine import Moved, ProcedureKey, move
from registry.procedures.states import TransferState as S
from registry.procedures.transfer import TRANSFER, TransferFacts

_TRANSFERRED = "transfer"
_EXPELS = frozenset({"expel", "expel_moving"})
_NAMES_RECEIVER = frozenset({"assign", "reassign", "expel", "receive", "report_arrival"})


def move_transfer(
    command: MoveTransfer, store: CaseStore, clock: RegionClock
) -> Done[TransferCase] | Refused | Missing:
    """Take a step of a transfer, with what it changes in the register.

    Codes: ``case.changed_since``, ``case.organisation_unknown``, ``transfer.*``, ``order.*``,
    ``enrolment.*``, ``class.*``, ``transition.*``.
    """
    case = store.lock_transfer(command.id)
    if case is None:
        return Missing()
    if store.lock_person(case.person_id) is None:
        return Refused((rules.PERSON_UNKNOWN.problem(),))
    problems = _check_receiver(command, case, store)
    if command.expected_version not in (None, case.version):
        problems.append(rules.CHANGED_SINCE.problem())
    known = _with_receiver(command, case)
    known = replace(known, declared=case.declared.with_more(command.step.declared))
    moved = move(
        TRANSFER,
        case.state,
        command.action,
        actor=command.step.actor,
        reason=command.step.reason,
        today=clock.today,
        calendar=clock.calendar,
        facts=_facts(command, known, store, clock.today),
    )
    if isinstance(moved, list):
        problems += moved
    problems += _check_step(command, known, store, clock)
    if problems or isinstance(moved, list):
        return Refused(tuple(problems))
    changed = _write_effects(command, known, moved, store, clock)
    store.save_transfer(changed, at=clock.now)
    step = replace(command.step, note=_note(command, known))
    event = event_of(case.id, moved, step, clock.now)
    return Done(changed, (store.append_event(ProcedureKey.TRANSFER, event),))


def _with_receiver(command: MoveTransfer, case: TransferCase) -> TransferCase:
    """The case with the receiver that the step names; who goes where decides on its scope."""
    scope = case.scope
    if command.action not in _NAMES_RECEIVER:
        return case
    if command.to_id is not None:
        if scope is TransferScope.TO_OUTSIDE:
            scope = TransferScope.INSIDE
        return replace(case, scope=scope, to_id=command.to_id, to_name=None)
    if command.to_name is not None:
        if scope is TransferScope.INSIDE:
            scope = TransferScope.TO_OUTSIDE
        return replace(case, scope=scope, to_id=None, to_name=command.to_name)
    return case


def _check_receiver(command: MoveTransfer, case: TransferCase, store: CaseStore) -> list[Problem]:
    to_id, to_name = command.to_id, command.to_name
    if to_id is None and to_name is None:
        return []
    problems = []
    if to_id is not None and not store.organisation_exists(to_id):
        problems.append(rules.ORGANISATION_UNKNOWN.problem("to_id"))
    if to_id is not None and to_id == case.from_id:
        problems.append(rules.SAME_ORGANISATION.problem())
    outside = case.scope is TransferScope.FROM_OUTSIDE
    if (to_id is not None and to_name is not None) or (to_name is not None and outside):
        problems.append(rules.SIDES.problem())
    same = (to_id or to_name) == (case.to_id or case.to_name)
    line = TRANSFER.line(case.state, command.action)
    if line is not None and command.action not in _NAMES_RECEIVER and not same:
        problems.append(rules.RECEIVER_SETTLED.problem())
    return problems


def _facts(
    command: MoveTransfer, case: TransferCase, store: CaseStore, today: date
) -> TransferFacts:
    # Whether an organisation outside has places is its own word: it takes the pupil or not.
    places = 0 if command.step.reason == "no_places" else 1
    if case.to_id is not None:
        day = seat_day(today) if command.enrolment is None else command.enrolment.begins_on
        places = store.free_seats(case.to_id, case.parallel, day)
    order = command.order or (command.enrolment.order if command.enrolment else None)
    return TransferFacts(
        receiver_named=case.to_id is not None or bool(case.to_name),
        moving_away=bool(case.declared.moving_away),
        places_free=places,
        documents_complete=bool(case.declared.documents_complete),
        order_known=order is not None or case.enrolment_order_id is not None,
    )


def _check_step(
    command: MoveTransfer, case: TransferCase, store: CaseStore, clock: RegionClock
) -> list[Problem]:
    line = TRANSFER.line(case.state, command.action)
    if line is None:
        return []
    problems = []
    if command.order is not None:
        problems += check_order(command.order, clock.today, "order")
    if command.action in _EXPELS:
        problems += _check_expulsion(command, case, store, clock)
    elif command.expulsion is not None:
        problems.append(rules.TERMS_EXTRA.problem("expulsion"))
    if line.target == S.ENROLLED and case.to_id is not None:
        problems += _check_enrolment(command, case, case.to_id, store, clock)
    elif command.enrolment is not None:
        problems.append(rules.TERMS_EXTRA.problem())
    return problems


def _check_expulsion(
    command: MoveTransfer, case: TransferCase, store: CaseStore, clock: RegionClock
) -> list[Problem]:
    order = command.expulsion
    if case.scope is TransferScope.FROM_OUTSIDE:
        return [] if order is None else check_order(order, clock.today, "expulsion")
    if order is None:
        return [rules.ORDER_MISSING.problem("expulsion")]
    problems = check_order(order, clock.today, "expulsion")
    found = None if case.enrolment_id is None else store.enrolment(case.enrolment_id)
    if found is None or not _is_open(found[1], order.issued_on):
        problems.append(rules.ALREADY_LEFT.problem())
    elif order.issued_on < found[1].begins_on:
        problems.append(rules.ORDER_EARLY.problem("expulsion.issued_on"))
    return problems


def _is_open(enrolment: Enrolment, day: date) -> bool:
    return enrolment.ends_on is None or enrolment.ends_on >= day


def _check_enrolment(
    command: MoveTransfer,
    case: TransferCase,
    to_id: OrganisationId,
    store: CaseStore,
    clock: RegionClock,
) -> list[Problem]:
    if command.enrolment is None:
        return [rules.TERMS_MISSING.problem()]
    return check_terms(
        store,
        command.enrolment,
        person_id=case.person_id,
        organisation_id=to_id,
        parallel=case.parallel,
        school_year=None,
        programmes=MAIN,
        clock=clock,
    )


def _note(command: MoveTransfer, case: TransferCase) -> str | None:
    """The step's remark, with the orders of organisations outside, which have no row here."""
    foreign = [command.order]
    if case.scope is TransferScope.FROM_OUTSIDE:
        foreign.append(command.expulsion)
    told = [f"приказ № {each.number} от {each.issued_on:%d.%m.%Y}" for each in foreign if each]
    if command.step.note:
        told.insert(0, command.step.note)
    return "; ".join(told) or None


def _write_effects(
    command: MoveTransfer,
    case: TransferCase,
    moved: Moved,
    store: CaseStore,
    clock: RegionClock,
) -> TransferCase:
    changed = replace(
        case,
        state=moved.to_state,
        state_since=clock.now,
        due_on=moved.due_on,
        version=case.version + 1,
    )
    expels = moved.action in _EXPELS
    if expels and command.expulsion and case.from_id and case.enrolment_id:
        order_id = keep_order(
            store,
            command.expulsion,
            organisation_id=case.from_id,
            kind=OrderKind.EXPULSION,
            effective_on=command.expulsion.issued_on,
            clock=clock,
        )
        store.end_enrolment(
            case.enrolment_id,
            ends_on=command.expulsion.issued_on,
            reason=_exit_reason(case, store),
            order_id=order_id,
            at=clock.now,
        )
        changed = replace(changed, expulsion_order_id=order_id)
    if moved.to_state == S.ENROLLED and command.enrolment is not None and case.to_id is not None:
        order_id = enrol(
            store,
            command.enrolment,
            person_id=case.person_id,
            organisation_id=case.to_id,
            entry_reason=_TRANSFERRED,
            clock=clock,
        )
        changed = replace(changed, enrolment_order_id=order_id)
    return changed


def _exit_reason(case: TransferCase, store: CaseStore) -> str:
    if case.scope is TransferScope.TO_OUTSIDE:
        return "transfer.country" if case.to_name else "wish"
    near = (
        case.from_id is not None
        and case.to_id is not None
        and store.same_municipality(case.from_id, case.to_id)
    )
    return "transfer.municipality" if near else "transfer.region"
