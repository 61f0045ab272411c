"""Cases as they are asked for: lists, events, intakes with their places."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from registry.cases.places import BY_PROGRAMME, first_day_of, programme_of
from registry.cases.ranking import Places
from registry.identifiers import ApplicationId, OrganisationId, PersonId, TransferId
from registry.model import (
    Application,
    ApplicationKind,
    CaseEvent,
    PlaceQuota,
    TransferCase,
)
from registry.procedures.catalogue import Case
from registry.procedures.overdue import OverdueStep, overdue_steps
from store.case_reading import assemble, read_applications
from store.case_rows import to_event, to_transfer, to_year_end
from store.errors import translated_errors
from store.links import select_in
from store.tables import (
    APPLICATION_FINALS,
    application_choices,
    applications,
    case_events,
    class_groups,
    class_placements,
    organisations,
    persons,
    place_quotas,
    transfer_cases,
    year_end_cases,
)


@dataclass(frozen=True, slots=True)
class PersonNames:
    """Whom a case is about."""

    id: PersonId
    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are listed; None and False narrow nothing. `overdue_on`: late on that day."""

    state: str | None = None
    kind: ApplicationKind | None = None
    organisation_id: OrganisationId | None = None
    school_year: int | None = None
    overdue_on: date | None = None
    live: bool = False
    limit: int = 1000


class CaseQueries:
    """Reads cases on one connection; locks nothing. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def applications(self, which: CaseFilter) -> list[Application]:
        """Applications, in the order in which they came."""
        table = applications.c
        statement = select(applications).order_by(table.serial).limit(which.limit)
        if which.kind is not None:
            statement = statement.where(table.kind == which.kind.value)
        if which.school_year is not None:
            statement = statement.where(table.school_year == which.school_year)
        if which.organisation_id is not None:
            named = select(application_choices.c.application_id).where(
                application_choices.c.organisation_id == which.organisation_id
            )
            statement = statement.where(table.id.in_(named))
        return self._read(_narrowed(statement, table, which))

    def application(self, application_id: ApplicationId) -> Application | None:
        """An application."""
        found = self._read(select(applications).where(applications.c.id == application_id))
        return found[0] if found else None

    def transfers(self, which: CaseFilter) -> list[TransferCase]:
        """Transfers, in the order in which they were asked for."""
        table = transfer_cases.c
        statement = select(transfer_cases).order_by(table.requested_at, table.id)
        if which.organisation_id is not None:
            sides = (table.from_id, table.to_id)
            statement = statement.where(or_(*(each == which.organisation_id for each in sides)))
        statement = _narrowed(statement, table, which).limit(which.limit)
        return [to_transfer(row) for row in self._rows(statement)]

    def transfer(self, transfer_id: TransferId) -> TransferCase | None:
        """A transfer."""
        rows = self._rows(select(transfer_cases).where(transfer_cases.c.id == transfer_id))
        return to_transfer(rows[0]) if rows else None

    def events(self, case_id: UUID) -> list[CaseEvent]:
        """The events of a case, in order."""
        statement = select(case_events).where(case_events.c.case_id == case_id)
        return [to_event(row) for row in self._rows(statement.order_by(case_events.c.sequence))]

    def overdue(self, today: date) -> list[OverdueStep]:
        """The steps of all procedures that weren't taken in time, the longest overdue first."""
        late = [
            assemble(row, (), ())
            for row in self._rows(
                select(applications).where(applications.c.live, applications.c.due_on < today)
            )
        ]
        moving = self._rows(
            select(transfer_cases).where(transfer_cases.c.live, transfer_cases.c.due_on < today)
        )
        years = self._rows(select(year_end_cases).where(year_end_cases.c.due_on < today))
        cases: list[Case] = [*late, *map(to_transfer, moving), *map(to_year_end, years)]
        return overdue_steps(cases, today)

    def people(self, ids: Collection[PersonId]) -> dict[PersonId, PersonNames]:
        """Who the persons are."""
        table = persons.c
        statement = select(
            table.id, table.family_name, table.first_name, table.middle_name, table.birth_date
        )
        with translated_errors():
            rows = list(select_in(self._connection, statement, table.id, set(ids)))
        return {row[0]: PersonNames(*row) for row in rows}

    def organisation_names(self, ids: Collection[OrganisationId]) -> dict[OrganisationId, str]:
        """What the organisations are called."""
        table = organisations.c
        statement = select(table.id, func.coalesce(table.short_name, table.full_name))
        with translated_errors():
            return {row[0]: row[1] for row in select_in(self._connection, statement, table.id, ids)}

    # --- intakes -------------------------------------------------------------------------------

    def contenders(
        self, kind: ApplicationKind, school_year: int, parallel: int
    ) -> list[Application]:
        """All that want a place, hold one or have taken one, as the ranking sees them."""
        table = applications.c
        left = tuple(state for state in APPLICATION_FINALS if state != "enrolled")
        statement = select(applications).where(
            table.kind == kind.value,
            table.school_year == school_year,
            table.parallel == parallel,
            table.state.not_in(left),
        )
        return [as_ranked(each) for each in self._read(statement)]

    def places(self, kind: ApplicationKind, school_year: int, parallel: int) -> tuple[Places, ...]:
        """The places of every intake of a year and parallel: of its quotas, or of its classes."""
        table = place_quotas.c
        apart = kind in BY_PROGRAMME
        rows = self._rows(
            select(place_quotas).where(
                table.school_year == school_year,
                table.parallel == parallel,
                table.programme_code != "" if apart else table.programme_code == "",
            )
        )
        quotas: dict[tuple[OrganisationId, str | None], list[PlaceQuota]] = {}
        for row in rows:
            quota = _to_quota(kind, row)
            quotas.setdefault((quota.organisation_id, quota.programme_code), []).append(quota)
        found = [Places(*key, quotas=tuple(each)) for key, each in quotas.items()]
        return (*found, *self._seats(school_year, parallel))

    def _seats(self, school_year: int, parallel: int) -> list[Places]:
        group, seat = class_groups.c, class_placements.c
        day = first_day_of(school_year)
        taken = (
            select(func.count())
            .where(
                seat.class_group_id == group.id,
                ~seat.retracted,
                or_(seat.ends_on.is_(None), seat.ends_on >= day),
            )
            .scalar_subquery()
        )
        free: dict[UUID, int] = {}
        for row in self._rows(
            select(group.organisation_id, group.capacity, taken.label("taken")).where(
                group.school_year == school_year,
                group.parallel == parallel,
                group.capacity.is_not(None),
            )
        ):
            left = max(row["capacity"] - row["taken"], 0)
            free[row["organisation_id"]] = free.get(row["organisation_id"], 0) + left
        return [Places(OrganisationId(each), None, seats=left) for each, left in free.items()]

    def _read(self, statement: Select[Any]) -> list[Application]:
        with translated_errors():
            return read_applications(self._connection, self._rows(statement))

    def _rows(self, statement: Select[Any]) -> list[dict[str, Any]]:
        with translated_errors():
            return [dict(row) for row in self._connection.execute(statement).mappings()]


def as_ranked(application: Application) -> Application:
    """An application as an intake sees it: schools and kindergartens tell no programmes apart."""
    choices: Sequence[Any] = [
        replace(each, programme_code=programme_of(application.kind, each.programme_code))
        for each in application.choices
    ]
    return replace(application, choices=tuple(choices))


def _narrowed(statement: Select[Any], table: Any, which: CaseFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if which.state is not None:
        conditions.append(table.state == which.state)
    if which.live or which.overdue_on is not None:
        conditions.append(table.live)
    if which.overdue_on is not None:
        conditions.append(table.due_on < which.overdue_on)
    return statement.where(*conditions)


def _to_quota(kind: ApplicationKind, row: dict[str, Any]) -> PlaceQuota:
    return PlaceQuota(
        id=row["id"],
        organisation_id=row["organisation_id"],
        school_year=row["school_year"],
        parallel=row["parallel"],
        programme_code=programme_of(kind, row["programme_code"]) or None,
        group=row["quota_group"],
        places=row["places"],
    )
