"""Use case: a pupil's transfer is asked for. Source: приказ № 240 of 06.04.2023."""

from datetime import date

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import RequestTransfer
from registry.cases.events import opening_of
from registry.cases.outcomes import Done, Refused
from registry.cases.ports import CaseStore
from registry.identifiers import TransferId
from registry.model import Enrolment, TransferCase, TransferScope
from registry.problems import Problem
from registry.procedures.engine import ProcedureKey
from registry.procedures.states import TransferState as S
from registry.procedures.transfer import TRANSFER, TransferFacts

REQUEST = "request"
REQUEST_CLAUSE = "приказ № 240, разд. II"


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
    event = opening_of(
        case.id, REQUEST, S.REQUESTED, clause=REQUEST_CLAUSE, step=command.step, at=clock.now
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
