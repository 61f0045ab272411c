"""Archived transfers as rows, a batch at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.cases import rules
from registry.cases.archive_rules import HISTORY_DIFFERS
from registry.cases.archived import ArchivedTransfer, state_after
from registry.cases.clock import RegionClock
from registry.cases.transfer_request import REQUEST, REQUEST_CLAUSE
from registry.codes import is_main_programme
from registry.identifiers import EnrolmentId, OrderId, OrganisationId, PersonId, TransferId
from registry.model import OrderKind, TransferCase
from registry.problems import Problem
from registry.procedures.transfer import TRANSFER, TransferFacts
from store.archived_events import agree, history_rows, load_events
from store.archived_parts import Named, Row, differs, load_locked, load_named
from store.case_rows import transfer_row
from store.links import id_of, select_in
from store.orders import ENTRY, EXIT, OrderKey, Orders, load_orders
from store.tables import enrolments, transfer_cases


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has of the transfers of a batch, and of their persons' enrolments."""

    rows: Mapping[UUID, Row]
    events: Mapping[UUID, Sequence[Row]]
    live: Mapping[UUID, UUID]  # by person
    enrolments: Mapping[tuple[UUID, UUID], Sequence[tuple[UUID, date, date | None]]]
    orders: Orders


@dataclass(slots=True)
class Planned:
    """A transfer to write, and which of its events are new."""

    row: Row
    events: list[Row]
    is_new: bool
    changed: bool = True
    problems: list[Problem] = field(default_factory=list)


def transfer_id(source: str, source_id: str) -> UUID:
    """The id of a source's transfer: always the same."""
    return id_of("transfer", source, source_id)


def load_transfer_parts(
    connection: Connection,
    source: str,
    records: Sequence[ArchivedTransfer],
    clock: RegionClock,
) -> tuple[Named, Known]:
    """All that the records are about."""
    named = load_named(
        connection,
        source,
        pupils={each.pupil_source_id for each in records},
        organisations={
            end for each in records for end in (each.from_source_id, each.to_source_id) if end
        },
    )
    ids = {transfer_id(source, each.source_id) for each in records}
    persons = {each.person_id for each in named.references.pupils.values()}
    cases = transfer_cases.c
    live = select(cases.person_id, cases.id).where(cases.live)
    known = Known(
        rows=load_locked(connection, transfer_cases, ids),
        events=load_events(connection, ids),
        live={row[0]: row[1] for row in select_in(connection, live, cases.person_id, persons)},
        enrolments=_load_enrolments(connection, persons),
        orders=load_orders(connection, _orders_of(records, named), clock.now),
    )
    return named, known


def _load_enrolments(
    connection: Connection, person_ids: set[UUID]
) -> Mapping[tuple[UUID, UUID], Sequence[tuple[UUID, date, date | None]]]:
    columns = enrolments.c
    statement = select(
        columns.person_id,
        columns.organisation_id,
        columns.id,
        columns.begins_on,
        columns.ends_on,
        columns.programme_code,
    ).where(~columns.retracted)
    found: defaultdict[tuple[UUID, UUID], list[tuple[UUID, date, date | None]]] = defaultdict(list)
    for row in select_in(connection, statement, columns.person_id, person_ids):
        if is_main_programme(row[5]):
            found[row[0], row[1]].append((row[2], row[3], row[4]))
    return found


def _orders_of(records: Sequence[ArchivedTransfer], named: Named) -> set[OrderKey]:
    found = set()
    for record in records:
        for end, told in (
            (record.from_source_id, record.expulsion_order),
            (record.to_source_id, record.enrolment_order),
        ):
            organisation_id = named.references.organisations.get(end) if end else None
            if organisation_id is not None and told is not None:
                found.add(OrderKey(organisation_id, told[0].strip(), told[1]))
    return found


class TransferBatch:
    """Plans the rows of a batch of checked records."""

    def __init__(self, source: str, named: Named, known: Known, clock: RegionClock) -> None:
        self._source = source
        self._named = named
        self._known = known
        self._clock = clock

    def plan(self, records: Sequence[ArchivedTransfer]) -> list[Planned | list[Problem]]:
        """Each record's rows, or all that speaks against it. Of two that are live one goes in."""
        plans = [self._plan(record) for record in records]
        self._settle_live([each for each in plans if isinstance(each, Planned)])
        return [
            each.problems if isinstance(each, Planned) and each.problems else each for each in plans
        ]

    def _settle_live(self, plans: Sequence[Planned]) -> None:
        told = {each.row["id"] for each in plans}
        taken = {person for person, owner in self._known.live.items() if owner not in told}
        for plan in sorted(plans, key=lambda each: (each.is_new, each.row["requested_at"])):
            if not plan.row["live"]:
                continue
            if plan.row["person_id"] in taken:
                plan.problems.append(rules.ALREADY_MOVING.problem())
            taken.add(plan.row["person_id"])

    def _plan(self, record: ArchivedTransfer) -> Planned | list[Problem]:
        problems = self._check_named(record)
        if problems:
            return problems
        case_id = transfer_id(self._source, record.source_id)
        events = history_rows(
            TRANSFER,
            case_id,
            record.steps,
            opening=(REQUEST, REQUEST_CLAUSE, record.opened_at, record.opened_by),
            cause=f"{self._source} {record.source_id}",
        )
        old, former = self._known.rows.get(case_id), self._known.events.get(case_id, ())
        if not agree(former, events):
            return [HISTORY_DIFFERS.problem()]
        if old is not None and len(former) > len(events):
            # The register has gone on with the case itself: what it has stays.
            return Planned(old, [], is_new=False, changed=False)
        row = transfer_row(self._case(record, case_id), self._clock.now)
        added = events[len(former) :]
        return Planned(row, added, old is None, changed=bool(added or differs(row, old)))

    def _check_named(self, record: ArchivedTransfer) -> list[Problem]:
        references = self._named.references
        problems = []
        if record.pupil_source_id not in references.pupils:
            problems.append(rules.PERSON_UNKNOWN.problem("pupil_source_id"))
        problems += [
            rules.ORGANISATION_UNKNOWN.problem(name)
            for name, end in (
                ("from_source_id", record.from_source_id),
                ("to_source_id", record.to_source_id),
            )
            if end is not None and end not in references.organisations
        ]
        return problems

    def _case(self, record: ArchivedTransfer, case_id: UUID) -> TransferCase:
        person_id = self._named.references.pupils[record.pupil_source_id].person_id
        from_id, to_id = self._end(record.from_source_id), self._end(record.to_source_id)
        state = state_after(TRANSFER.initial, record.steps)
        since = record.steps[-1].at if record.steps else record.opened_at
        deadline = TRANSFER.deadlines.get(state)
        entered, calendar = self._clock.day_of(since), self._clock.calendar
        return TransferCase(
            id=TransferId(case_id),
            person_id=PersonId(person_id),
            scope=record.scope,
            from_id=from_id,
            from_name=record.from_name,
            to_id=to_id,
            to_name=record.to_name,
            parallel=record.parallel,
            requested_at=record.opened_at,
            state=state,
            state_since=since,
            due_on=(
                None
                if deadline is None
                else deadline.due_on(TransferFacts(), today=entered, calendar=calendar)
            ),
            enrolment_id=self._enrolment(record, person_id, from_id),
            expulsion_order_id=self._order(from_id, record.expulsion_order, EXIT),
            enrolment_order_id=self._order(to_id, record.enrolment_order, ENTRY),
        )

    def _end(self, source_id: str | None) -> OrganisationId | None:
        if source_id is None:
            return None
        return OrganisationId(self._named.references.organisations[source_id])

    def _enrolment(
        self, record: ArchivedTransfer, person_id: UUID, from_id: UUID | None
    ) -> EnrolmentId | None:
        """The enrolment that ends: the one there was when the transfer was asked for."""
        if from_id is None:
            return None
        day = self._clock.day_of(record.opened_at)
        for entity_id, begins_on, ends_on in self._known.enrolments.get((person_id, from_id), ()):
            if begins_on <= day and (ends_on is None or day <= ends_on):
                return EnrolmentId(entity_id)
        return None

    def _order(
        self, owner: UUID | None, told: tuple[str, date] | None, kinds: tuple[OrderKind, ...]
    ) -> OrderId | None:
        """The order of an organisation of the register; of others none is kept."""
        if owner is None or told is None:
            return None
        return OrderId(self._known.orders.take(OrderKey(owner, told[0].strip(), told[1]), kinds))
