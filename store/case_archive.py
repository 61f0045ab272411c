"""Cases that another system has carried through, many at once, with their histories.

A case is known again by its source and its id there, of which its own id is made. A history may
grow by steps; what the register has of it is never rewritten, and where the register itself has
gone on with a case, its own steps stand. Enrolments are not touched: they come by records of their
own. Satisfies `registry.cases.archive.ArchiveWriter`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, func, select

from registry.cases.archived import ArchivedApplication, ArchivedQuota, ArchivedTransfer
from registry.cases.clock import RegionClock
from registry.cases.rules import ORGANISATION_UNKNOWN
from registry.ports import WriteOutcome
from registry.problems import Problem
from registry.sources import Refusal
from store.archived_applications import ApplicationBatch, load_application_parts
from store.archived_parts import Row, differs
from store.archived_transfers import TransferBatch, load_transfer_parts
from store.case_store import take_serial_lock
from store.errors import translated_errors
from store.links import LinkKind, Tally, id_of, load_links, select_in
from store.tables import (
    application_choices,
    application_privileges,
    applications,
    case_events,
    place_quotas,
    transfer_cases,
)
from store.upsert import insert, upsert


class _Identified(Protocol):
    @property
    def source_id(self) -> str: ...


class CaseArchive:
    """Writes archived cases on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write_quotas(
        self, source: str, records: Sequence[ArchivedQuota], *, clock: RegionClock
    ) -> WriteOutcome:
        """Write places; of one intake and group the register has one number, whoever told it."""
        tally = Tally(source, clock.now)
        with translated_errors():
            take_serial_lock(self._connection)
            named = {each.organisation_source_id for each in records}
            owners = load_links(self._connection, source, LinkKind.ORGANISATION, named)
            known = self._quotas_of({link.entity_id for link in owners.values()})
            rows: dict[tuple[Any, ...], Row] = {}
            for record in records:
                owner = owners.get(record.organisation_source_id)
                if owner is None:
                    problem = ORGANISATION_UNKNOWN.problem("organisation_source_id")
                    tally.refuse(Refusal(record.source_id, (problem,)))
                    continue
                row = _quota_row(record, owner.entity_id, clock)
                key = _quota_key(row)
                old = known.get(key)
                changed = differs({**row, "id": old["id"]}, old) if old else True
                tally.count(old, changed=changed)
                if changed:
                    rows[key] = {**row, "id": old["id"]} if old else row
            upsert(self._connection, place_quotas, list(rows.values()))
        return tally.outcome()

    def write_applications(
        self, source: str, records: Sequence[ArchivedApplication], *, clock: RegionClock
    ) -> WriteOutcome:
        """Write applications with choices, privileges and steps.

        Codes: ``case.person_unknown``, ``case.organisation_unknown``, ``case.history_differs``,
        ``case.history_shrunk``, ``application.already_live``.
        """
        tally = Tally(source, clock.now)
        with translated_errors():
            take_serial_lock(self._connection)
            named, known = load_application_parts(self._connection, source, records)
            plans = ApplicationBatch(source, named, known, clock).plan(records)
            good = list(_sift(tally, records, plans))
            serials = self._serials()
            # In the order of arrival, as far as they come together.
            rows = [
                plan.row
                if plan.row["serial"] is not None
                else {**plan.row, "serial": next(serials)}
                for plan in sorted(good, key=lambda each: each.row["submitted_at"])
            ]
            # Those that are over give way to those that go on.
            upsert(self._connection, applications, [row for row in rows if not row["live"]])
            upsert(self._connection, applications, [row for row in rows if row["live"]])
            choices = [row for plan in good for row in plan.choices]
            upsert(self._connection, application_choices, choices)
            privileges = [row for plan in good for row in plan.privileges]
            upsert(self._connection, application_privileges, privileges)
            insert(self._connection, case_events, [row for plan in good for row in plan.events])
        return tally.outcome()

    def write_transfers(
        self, source: str, records: Sequence[ArchivedTransfer], *, clock: RegionClock
    ) -> WriteOutcome:
        """Write transfers with steps, and the orders they name.

        Codes: ``case.person_unknown``, ``case.organisation_unknown``, ``case.history_differs``,
        ``transfer.already_live``.
        """
        tally = Tally(source, clock.now)
        with translated_errors():
            take_serial_lock(self._connection)
            named, known = load_transfer_parts(self._connection, source, records, clock)
            plans = TransferBatch(source, named, known, clock).plan(records)
            good = list(_sift(tally, records, plans))
            known.orders.write(self._connection)
            rows = [plan.row for plan in good]
            upsert(self._connection, transfer_cases, [row for row in rows if not row["live"]])
            upsert(self._connection, transfer_cases, [row for row in rows if row["live"]])
            insert(self._connection, case_events, [row for plan in good for row in plan.events])
        return tally.outcome()

    def _quotas_of(self, owners: Iterable[UUID]) -> Mapping[tuple[Any, ...], Row]:
        statement = select(place_quotas)
        names = [column.name for column in place_quotas.c]
        found = (
            dict(zip(names, row, strict=True))
            for row in select_in(
                self._connection, statement, place_quotas.c.organisation_id, list(owners)
            )
        )
        return {_quota_key(row): row for row in found}

    def _serials(self) -> Iterator[int]:
        last = func.coalesce(func.max(applications.c.serial), 0)
        return count(self._connection.execute(select(last)).scalar_one() + 1)


class _Plan(Protocol):
    @property
    def is_new(self) -> bool: ...
    @property
    def changed(self) -> bool: ...


_P = TypeVar("_P", bound=_Plan)


def _sift(
    tally: Tally, records: Sequence[_Identified], plans: Sequence[_P | list[Problem]]
) -> Iterator[_P]:
    """Count every record, and give the plans of those to write."""
    for record, plan in zip(records, plans, strict=True):
        if isinstance(plan, list):
            tally.refuse(Refusal(record.source_id, tuple(plan)))
            continue
        tally.count(None if plan.is_new else plan, changed=plan.changed)
        if plan.changed:
            yield plan


_QUOTA_KEY = ("organisation_id", "school_year", "parallel", "programme_code", "quota_group")


def _quota_key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _QUOTA_KEY)


def _quota_row(record: ArchivedQuota, organisation_id: UUID, clock: RegionClock) -> dict[str, Any]:
    row = {
        "organisation_id": organisation_id,
        "school_year": record.school_year,
        "parallel": record.parallel,
        "programme_code": record.programme_code or "",
        "quota_group": record.group,
        "places": record.places,
        "recorded_at": clock.now,
    }
    return {**row, "id": id_of("quota", *_quota_key(row))}
