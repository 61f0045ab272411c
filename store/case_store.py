"""The register's `CaseStore`: cases, and the parts of the register that their steps change.

What a step depends on is locked before it is read (PostgreSQL: FOR UPDATE; SQLite: a writing
transaction holds the one write lock), in the same order everywhere: case, person, places, so that
two steps wait for each other and never for ever. Who takes many steps at once locks all their
cases and persons first, in the order of ids.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, func, select, text

from registry.cases.ports import CasePerson
from registry.identifiers import (
    ApplicationId,
    EnrolmentId,
    PersonId,
    TransferId,
    YearEndId,
)
from registry.model import (
    Application,
    ApplicationKind,
    CaseEvent,
    Choice,
    TransferCase,
    YearEndCase,
)
from registry.procedures.engine import ProcedureKey
from store.case_reading import read_applications
from store.case_rows import (
    application_row,
    choice_row,
    event_row,
    privilege_row,
    to_transfer,
    to_year_end,
    transfer_row,
    year_end_row,
)
from store.case_studies import CaseStudies
from store.errors import translated_errors
from store.tables import (
    application_choices,
    application_privileges,
    applications,
    case_events,
    certificates,
    enrolments,
    persons,
    transfer_cases,
    year_end_cases,
)
from store.vacancies import free_places

# Differs from the other advisory locks of ours: numbers of applications are given one by one.
_SERIAL_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=0x6B6F6E74_03)


class CaseStore(CaseStudies):
    """Satisfies `registry.cases.ports.CaseStore` on one connection. Raises `StoreError`."""

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
        return read_applications(self._connection, [row])[0]

    def lock_applications(self, application_ids: Collection[ApplicationId]) -> None:
        """Lock applications and their children, for whoever is to take a step of each."""
        table = applications.c
        children = set()
        for application_id in sorted(application_ids):
            statement = select(table.person_id).where(table.id == application_id)
            children |= {row["person_id"] for row in self._rows(statement.with_for_update())}
        for person_id in sorted(children):
            self._locked(persons, person_id)

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
            take_serial_lock(self._connection)
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

    def free_places(self, application: Application, choice: Choice) -> int:
        """Places for a choice of an application, neither taken nor offered to others."""
        with translated_errors():
            return free_places(self._connection, application, choice)

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


def take_serial_lock(connection: Connection) -> None:
    """Wait until nobody else gives numbers to applications; it holds to the transaction's end."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SERIAL_LOCK)
