"""The register's `CaseStore`: cases, and the parts of the register that their steps change.

What a step depends on is locked before it is read (PostgreSQL: FOR UPDATE; SQLite: a writing
transaction holds the one write lock), in the same order everywhere: case, person, places, so that
two steps wait for each other and never for ever.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select, text

from registry.cases.ports import CasePerson
from registry.identifiers import (
    ApplicationId,
    ClassGroupId,
    EnrolmentId,
    OrderId,
    OrganisationId,
    PersonId,
    TransferId,
    YearEndId,
)
from registry.model import (
    Application,
    ApplicationKind,
    CaseEvent,
    Choice,
    ClassGroup,
    Enrolment,
    Order,
    TransferCase,
    YearEndCase,
)
from registry.procedures.engine import ProcedureKey
from store.case_rows import (
    application_row,
    choice_row,
    event_row,
    privilege_row,
    to_application,
    to_choice,
    to_privilege,
    to_transfer,
    to_year_end,
    transfer_row,
    year_end_row,
)
from store.errors import translated_errors
from store.places import free_places, free_seats, seats_taken
from store.tables import (
    MAIN_PROGRAMMES,
    application_choices,
    application_privileges,
    applications,
    case_events,
    certificates,
    class_groups,
    class_placements,
    enrolments,
    orders,
    organisations,
    persons,
    transfer_cases,
    year_end_cases,
)

# Differs from the other advisory locks of ours: numbers of applications are given one by one.
_SERIAL_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=0x6B6F6E74_03)


class CaseStore:
    """Satisfies `registry.cases.ports.CaseStore` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection, *, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self.new_id = new_id

    def lock_person(self, person_id: PersonId) -> CasePerson | None:
        """The person, locked; None for nobody and for one merged into another."""
        row = self._locked(persons, person_id)
        if row is None or row["merged_into"] is not None:
            return None
        return CasePerson(person_id, row["birth_date"], row["citizenship_code"])

    # --- applications --------------------------------------------------------------------------

    def lock_application(self, application_id: ApplicationId) -> Application | None:
        """The application, locked."""
        row = self._locked(applications, application_id)
        if row is None:
            return None
        choices = self._rows(
            select(application_choices)
            .where(application_choices.c.application_id == application_id)
            .order_by(application_choices.c.priority)
        )
        privileges = self._rows(
            select(application_privileges)
            .where(application_privileges.c.application_id == application_id)
            .order_by(application_privileges.c.code)
        )
        return to_application(
            row,
            tuple(to_choice(each) for each in choices),
            tuple(to_privilege(each) for each in privileges),
        )

    def live_rival(self, application: Application, choice: Choice) -> bool:
        """Whether another live application of the child and year names the organisation."""
        table = application_choices.c
        statement = select(table.application_id).where(
            table.person_id == application.person_id,
            table.school_year == application.school_year,
            table.organisation_id == choice.organisation_id,
            table.live,
            table.application_id != application.id,
        )
        if application.kind is ApplicationKind.ADDITIONAL:
            statement = statement.where(
                table.kind == application.kind.value,
                table.programme_code == choice.programme_code,
            )
        else:
            statement = statement.where(table.kind != ApplicationKind.ADDITIONAL.value)
        return bool(self._rows(statement.limit(1)))

    def add_application(self, application: Application, *, at: datetime) -> Application:
        """Keep a new application, and give it its serial."""
        with translated_errors():
            if self._connection.dialect.name == "postgresql":
                self._connection.execute(_SERIAL_LOCK)
            last = self._connection.execute(
                select(func.coalesce(func.max(applications.c.serial), 0))
            ).scalar_one()
            kept = replace(application, serial=last + 1)
            self._connection.execute(applications.insert(), [application_row(kept, at)])
            rows = [choice_row(kept, choice, at) for choice in kept.choices]
            self._connection.execute(application_choices.insert(), rows)
            privileges = [privilege_row(kept, each, at) for each in kept.privileges]
            if privileges:
                self._connection.execute(application_privileges.insert(), privileges)
        return kept

    def save_application(self, application: Application, *, at: datetime) -> None:
        """Keep the next version of an application: state, offer, originals, circumstances."""
        self._save(applications, application.id, application_row(application, at))

    def free_places(self, application: Application, organisation_id: OrganisationId) -> int:
        """Places of an organisation for an application, neither taken nor offered to others."""
        with translated_errors():
            return free_places(self._connection, application, organisation_id)

    # --- transfers and ends of years -----------------------------------------------------------

    def lock_transfer(self, transfer_id: TransferId) -> TransferCase | None:
        """The transfer, locked."""
        row = self._locked(transfer_cases, transfer_id)
        return None if row is None else to_transfer(row)

    def live_transfer(self, person_id: PersonId) -> bool:
        """Whether a transfer of the person is under way."""
        statement = select(transfer_cases.c.id).where(
            transfer_cases.c.person_id == person_id, transfer_cases.c.live
        )
        return bool(self._rows(statement))

    def add_transfer(self, case: TransferCase, *, at: datetime) -> None:
        """Keep a new transfer."""
        self._insert(transfer_cases, transfer_row(case, at))

    def save_transfer(self, case: TransferCase, *, at: datetime) -> None:
        """Keep the next version of a transfer."""
        self._save(transfer_cases, case.id, transfer_row(case, at))

    def lock_year_end(self, year_end_id: YearEndId) -> YearEndCase | None:
        """The year's end, locked."""
        row = self._locked(year_end_cases, year_end_id)
        return None if row is None else to_year_end(row)

    def year_end_of(self, enrolment_id: EnrolmentId, school_year: int) -> YearEndCase | None:
        """The year's end of an enrolment, if it was opened."""
        statement = select(year_end_cases).where(
            year_end_cases.c.enrolment_id == enrolment_id,
            year_end_cases.c.school_year == school_year,
        )
        rows = self._rows(statement)
        return to_year_end(rows[0]) if rows else None

    def add_year_end(self, case: YearEndCase, *, at: datetime) -> None:
        """Keep a new year's end."""
        self._insert(year_end_cases, year_end_row(case, at))

    def save_year_end(self, case: YearEndCase, *, at: datetime) -> None:
        """Keep the next version of a year's end."""
        self._save(year_end_cases, case.id, year_end_row(case, at))

    def has_certificate(self, enrolment_id: EnrolmentId, *, since: date) -> bool:
        """Whether the enrolment's organisation issued the person a certificate since that day."""
        statement = (
            select(certificates.c.id)
            .join(
                enrolments,
                (enrolments.c.person_id == certificates.c.person_id)
                & (enrolments.c.organisation_id == certificates.c.organisation_id),
            )
            .where(
                enrolments.c.id == enrolment_id,
                certificates.c.issued_on >= since,
                ~certificates.c.retracted,
            )
        )
        return bool(self._rows(statement.limit(1)))

    def append_event(self, procedure: ProcedureKey, event: CaseEvent) -> CaseEvent:
        """Keep an event; its sequence follows the last one's, the case being locked."""
        last = func.coalesce(func.max(case_events.c.sequence), 0)
        with translated_errors():
            number = self._connection.execute(
                select(last).where(case_events.c.case_id == event.case_id)
            ).scalar_one()
        kept = replace(event, sequence=number + 1)
        self._insert(case_events, event_row(procedure, kept))
        return kept

    # --- where persons study -------------------------------------------------------------------

    def organisation_exists(self, organisation_id: OrganisationId) -> bool:
        """Whether the register knows the organisation."""
        statement = select(organisations.c.id).where(organisations.c.id == organisation_id)
        return bool(self._rows(statement))

    def same_municipality(self, one: OrganisationId, other: OrganisationId) -> bool:
        """Whether two organisations lie in one municipality, by the first 8 digits of ОКТМО."""
        statement = select(organisations.c.oktmo).where(organisations.c.id.in_((one, other)))
        codes = [row["oktmo"] for row in self._rows(statement)]
        return len(codes) == 2 and None not in codes and codes[0][:8] == codes[1][:8]

    def lock_class(self, class_group_id: ClassGroupId) -> ClassGroup | None:
        """The class, locked."""
        row = self._locked(class_groups, class_group_id)
        if row is None:
            return None
        return ClassGroup(
            id=row["id"],
            organisation_id=row["organisation_id"],
            parallel=row["parallel"],
            letter=row["letter"],
            school_year=row["school_year"],
            shift=row["shift"],
            capacity=row["capacity"],
            language_code=row["language_code"],
            programme_id=row["programme_id"],
        )

    def seats_taken(self, class_group_id: ClassGroupId, day: date) -> int:
        """How many sit in a class on a day, or are to from later on."""
        with translated_errors():
            return seats_taken(self._connection, class_group_id, day)

    def free_seats(self, organisation_id: OrganisationId, parallel: int | None, day: date) -> int:
        """Places left in the classes of an organisation on a day; its classes are locked."""
        with translated_errors():
            return free_seats(self._connection, organisation_id, parallel, day)

    def main_enrolments(self, person_id: PersonId) -> Sequence[Enrolment]:
        """The person's enrolments in main programmes, the earliest first."""
        statement = (
            select(enrolments)
            .where(
                enrolments.c.person_id == person_id,
                enrolments.c.programme_code.in_(MAIN_PROGRAMMES),
                ~enrolments.c.retracted,
            )
            .order_by(enrolments.c.begins_on)
        )
        return [_to_enrolment(row, None) for row in self._rows(statement)]

    def enrolment(self, enrolment_id: EnrolmentId) -> tuple[PersonId, Enrolment] | None:
        """An enrolment and whose it is, with the last class it sat in."""
        rows = self._rows(
            select(enrolments).where(enrolments.c.id == enrolment_id, ~enrolments.c.retracted)
        )
        if not rows:
            return None
        seats = self._placements(enrolment_id)
        group = seats[-1]["class_group_id"] if seats else None
        return rows[0]["person_id"], _to_enrolment(rows[0], group)

    def add_order(self, order: Order, *, at: datetime) -> OrderId:
        """Keep an order; the id of the same one when it is known already."""
        known = self._rows(
            select(orders.c.id).where(
                orders.c.organisation_id == order.organisation_id,
                orders.c.number == order.number,
                orders.c.issued_on == order.issued_on,
                orders.c.kind == order.kind.value,
            )
        )
        if known:
            return OrderId(known[0]["id"])
        row = {
            "id": order.id,
            "organisation_id": order.organisation_id,
            "number": order.number,
            "issued_on": order.issued_on,
            "kind": order.kind.value,
            "effective_on": order.effective_on,
            "recorded_at": at,
        }
        self._insert(orders, row)
        return order.id

    def add_enrolment(self, person_id: PersonId, enrolment: Enrolment, *, at: datetime) -> None:
        """Keep a new enrolment and its class."""
        row = {
            "id": enrolment.id,
            "person_id": person_id,
            "organisation_id": enrolment.organisation_id,
            "begins_on": enrolment.begins_on,
            "ends_on": enrolment.ends_on,
            "form_code": enrolment.form_code,
            "programme_code": enrolment.programme_code,
            "funding_code": enrolment.funding_code,
            "realisation_code": enrolment.realisation_code,
            "entry_reason": enrolment.entry_reason,
            "entry_order_id": enrolment.entry_order_id,
            "recorded_at": at,
        }
        self._insert(enrolments, row)
        if enrolment.class_group_id is not None:
            self._seat(enrolment, enrolment.class_group_id, enrolment.begins_on, at)

    def end_enrolment(
        self,
        enrolment_id: EnrolmentId,
        *,
        ends_on: date,
        reason: str,
        order_id: OrderId | None,
        at: datetime,
    ) -> None:
        """End an enrolment and its class."""
        changes = {"ends_on": ends_on, "exit_reason": reason, "exit_order_id": order_id}
        self._change(enrolments, enrolment_id, changes, at)
        self._end_placements(enrolment_id, ends_on, at)

    def place_in_class(
        self, enrolment_id: EnrolmentId, group: ClassGroup, *, begins_on: date, at: datetime
    ) -> None:
        """Seat an enrolled person in a class from a day on; the former class ends before."""
        self._end_placements(enrolment_id, begins_on - timedelta(days=1), at)
        found = self.enrolment(enrolment_id)
        if found is not None:
            self._seat(found[1], group.id, begins_on, at)

    # --- rows ----------------------------------------------------------------------------------

    def _placements(self, enrolment_id: EnrolmentId) -> list[dict[str, Any]]:
        return self._rows(
            select(class_placements)
            .where(class_placements.c.enrolment_id == enrolment_id, ~class_placements.c.retracted)
            .order_by(class_placements.c.begins_on)
        )

    def _end_placements(self, enrolment_id: EnrolmentId, ends_on: date, at: datetime) -> None:
        for row in self._placements(enrolment_id):
            if row["begins_on"] > ends_on:
                self._change(class_placements, row["id"], {"retracted": True}, at)
            elif row["ends_on"] is None or row["ends_on"] > ends_on:
                self._change(class_placements, row["id"], {"ends_on": ends_on}, at)

    def _seat(
        self, enrolment: Enrolment, class_group_id: ClassGroupId, begins_on: date, at: datetime
    ) -> None:
        row = {
            "id": self.new_id(),
            "enrolment_id": enrolment.id,
            "organisation_id": enrolment.organisation_id,
            "class_group_id": class_group_id,
            "begins_on": begins_on,
            "ends_on": enrolment.ends_on,
            "recorded_at": at,
        }
        self._insert(class_placements, row)

    def _locked(self, table: Table, entity_id: UUID) -> dict[str, Any] | None:
        rows = self._rows(select(table).where(table.c.id == entity_id).with_for_update())
        return rows[0] if rows else None

    def _rows(self, statement: Any) -> list[dict[str, Any]]:
        with translated_errors():
            return [dict(row) for row in self._connection.execute(statement).mappings()]

    def _insert(self, table: Table, row: dict[str, Any]) -> None:
        with translated_errors():
            self._connection.execute(table.insert(), [row])

    def _save(self, table: Table, entity_id: UUID, row: dict[str, Any]) -> None:
        values = {name: value for name, value in row.items() if name != "id"}
        with translated_errors():
            self._connection.execute(table.update().where(table.c.id == entity_id), [values])

    def _change(self, table: Table, entity_id: UUID, changes: dict[str, Any], at: datetime) -> None:
        statement = (
            table.update()
            .where(table.c.id == entity_id)
            .values(**changes, version=table.c.version + 1, recorded_at=at)
        )
        with translated_errors():
            self._connection.execute(statement)


def _to_enrolment(row: dict[str, Any], class_group_id: ClassGroupId | None) -> Enrolment:
    return Enrolment(
        id=row["id"],
        organisation_id=row["organisation_id"],
        class_group_id=class_group_id,
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        form_code=row["form_code"],
        programme_code=row["programme_code"],
        entry_reason=row["entry_reason"],
        exit_reason=row["exit_reason"],
        funding_code=row["funding_code"],
        realisation_code=row["realisation_code"],
        entry_order_id=row["entry_order_id"],
        exit_order_id=row["exit_order_id"],
    )
