"""Use cases: a pupil's transfer. Source: приказ № 240 of 06.04.2023.

Inside the register the expulsion ends the enrolment and the enrolment elsewhere begins a new one;
of an organisation outside only its name and its order are known.
"""

from dataclasses import replace
from datetime import date

from registry.cases import rules
from registry.cases.applications import event_of
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveTransfer, RequestTransfer
from registry.cases.enrolling import check_order, check_terms, enrol, keep_order
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.ports import CaseStore
from registry.identifiers import OrganisationId, TransferId
from registry.model import CaseEvent, Enrolment, OrderKind, TransferCase, TransferScope
from registry.problems import Problem
from registry.procedures.engine import Moved, ProcedureKey, move
from registry.procedures.states import TransferState as S
from registry.procedures.transfer import TRANSFER, TransferFacts

REQUEST = "request"
_REQUEST_CLAUSE = "приказ № 240, разд. II"
_TRANSFERRED = "transfer"
_EXPELS = frozenset({"expel", "expel_moving"})


def request_transfer(
    command: RequestTransfer, store: CaseStore, clock: RegionClock
) -> Done[TransferCase] | Refused:
    """Open a transfer.

    Codes: ``case.person_unknown``, ``case.organisation_unknown``, ``transfer.not_enrolled``,
    ``transfer.enrolled_already``, ``transfer.already_live``, ``transfer.same_organisation``,
    ``transfer.sides``.
    """
    person = store.lock_person(command.person_id)
    if person is None:
        return Refused((rules.PERSON_UNKNOWN.problem(),))
    current = _current(store, command, clock.today)
    problems = _check_request(command, store, current)
    if problems:
        return Refused(tuple(problems))
    outside = command.scope is TransferScope.FROM_OUTSIDE
    deadline = TRANSFER.deadlines[S.REQUESTED]
    case = TransferCase(
        id=TransferId(store.new_id()),
        person_id=command.person_id,
        scope=command.scope,
        from_id=None if current is None or outside else current.organisation_id,
        from_name=command.from_name if outside else None,
        to_id=command.to_id,
        to_name=command.to_name,
        parallel=command.parallel,
        requested_at=clock.now,
        state=S.REQUESTED,
        state_since=clock.now,
        due_on=deadline.due_on(TransferFacts(), today=clock.today, calendar=clock.calendar),
        enrolment_id=None if current is None else current.id,
        declared=command.step.declared,
    )
    store.add_transfer(case, at=clock.now)
    event = CaseEvent(
        case_id=case.id,
        sequence=0,
        at=clock.now,
        action=REQUEST,
        from_state=None,
        to_state=S.REQUESTED,
        actor=command.step.actor,
        cause=command.step.cause,
        clause=_REQUEST_CLAUSE,
        note=command.step.note,
        declared=command.step.declared,
    )
    return Done(case, (store.append_event(ProcedureKey.TRANSFER, event),))


def _current(store: CaseStore, command: RequestTransfer, today: date) -> Enrolment | None:
    open_ones = [each for each in store.main_enrolments(command.person_id) if each.covers(today)]
    return open_ones[-1] if open_ones else None


def _check_request(
    command: RequestTransfer, store: CaseStore, current: Enrolment | None
) -> list[Problem]:
    problems = []
    outside = command.scope is TransferScope.FROM_OUTSIDE
    if not outside and current is None:
        problems.append(rules.NOT_ENROLLED.problem())
    if outside and current is not None:
        problems.append(rules.ENROLLED_ALREADY.problem())
    if store.live_transfer(command.person_id):
        problems.append(rules.ALREADY_MOVING.problem())
    if command.to_id is not None and not store.organisation_exists(command.to_id):
        problems.append(rules.ORGANISATION_UNKNOWN.problem("to_id"))
    if current is not None and command.to_id == current.organisation_id:
        problems.append(rules.SAME_ORGANISATION.problem())
    if not _sides_fit(command):
        problems.append(rules.SIDES.problem())
    return problems


def _sides_fit(command: RequestTransfer) -> bool:
    match command.scope:
        case TransferScope.INSIDE:
            return command.from_name is None and command.to_name is None
        case TransferScope.FROM_OUTSIDE:
            return bool(command.from_name) and command.to_id is not None and not command.to_name
        case TransferScope.TO_OUTSIDE:
            return command.from_name is None and command.to_id is None


def move_transfer(
    command: MoveTransfer, store: CaseStore, clock: RegionClock
) -> Done[TransferCase] | Refused | Missing:
    """Take a step of a transfer, with what it changes in the register.

    Codes: ``case.changed_since``, ``case.organisation_unknown``, ``order.*``, ``enrolment.*``,
    ``class.*``, ``transition.*``.
    """
    case = store.lock_transfer(command.id)
    if case is None:
        return Missing()
    if store.lock_person(case.person_id) is None:
        return Refused((rules.PERSON_UNKNOWN.problem(),))
    problems = []
    if command.expected_version not in (None, case.version):
        problems.append(rules.CHANGED_SINCE.problem())
    if command.to_id is not None and not store.organisation_exists(command.to_id):
        problems.append(rules.ORGANISATION_UNKNOWN.problem("to_id"))
    known = replace(
        case,
        to_id=command.to_id or (None if command.to_name else case.to_id),
        to_name=command.to_name or (None if command.to_id else case.to_name),
        declared=case.declared.with_more(command.step.declared),
    )
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
        return Refused((*problems, *moved))
    problems += _check_step(command, known, moved, store, clock)
    if problems:
        return Refused(tuple(problems))
    changed = _write_effects(command, known, moved, store, clock)
    store.save_transfer(changed, at=clock.now)
    event = event_of(case.id, moved, command.step, clock.now)
    return Done(changed, (store.append_event(ProcedureKey.TRANSFER, event),))


def _facts(
    command: MoveTransfer, case: TransferCase, store: CaseStore, today: date
) -> TransferFacts:
    inside = case.to_id is not None and store.organisation_exists(case.to_id)
    # Whether an organisation outside has places is its own word: it takes the pupil or not.
    places = 0 if command.step.reason == "no_places" else 1
    if inside and case.to_id is not None:
        places = store.free_seats(case.to_id, case.parallel, today)
    order = command.order or (command.enrolment.order if command.enrolment else None)
    return TransferFacts(
        receiver_named=case.to_id is not None or bool(case.to_name),
        moving_away=bool(case.declared.moving_away),
        places_free=places,
        documents_complete=bool(case.declared.documents_complete),
        order_known=order is not None or case.enrolment_order_id is not None,
    )


def _check_step(
    command: MoveTransfer,
    case: TransferCase,
    moved: Moved,
    store: CaseStore,
    clock: RegionClock,
) -> list[Problem]:
    problems = []
    if moved.action in _EXPELS and case.scope is not TransferScope.FROM_OUTSIDE:
        if command.expulsion is None:
            problems.append(rules.ORDER_MISSING.problem("expulsion"))
        else:
            problems += check_order(command.expulsion, clock.today, "expulsion")
    if command.order is not None:
        problems += check_order(command.order, clock.today, "order")
    if command.expulsion is not None and moved.action not in _EXPELS:
        problems.append(rules.TERMS_EXTRA.problem("expulsion"))
    if moved.to_state == S.ENROLLED and case.to_id is not None:
        problems += _check_enrolment(command, case, case.to_id, store, clock)
    elif command.enrolment is not None:
        problems.append(rules.TERMS_EXTRA.problem())
    return problems


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
        clock=clock,
    )


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
