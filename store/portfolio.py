"""The facts of a portfolio: seven statements, each by an index, on the driver's own cursor.

A merged person costs one more for each step that leads to the person it stands for. Run them in
one transaction that sees one state (`UnitOfWork` with `read_only`), or a change may show in part.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Dialect, Select

from registry.identifiers import (
    ClassGroupId,
    EnrolmentId,
    Inn,
    Ogrn,
    Oktmo,
    OrderId,
    OrganisationId,
    PersonId,
)
from registry.model import (
    Achievement,
    AchievementKind,
    AchievementLevel,
    Certificate,
    ClassGroup,
    ClassPlacement,
    Enrolment,
    Exam,
    ExamKind,
    FormerName,
    Mark,
    MarkKind,
    Medal,
    Order,
    OrderKind,
    Organisation,
    Person,
    Sex,
)
from registry.portfolio import PortfolioFacts
from store.driver import DriverQuery
from store.engine import vault_of
from store.errors import translated_errors
from store.portfolio_statements import (
    CLASS_AT,
    ENTRY_AT,
    EXIT_AT,
    MERGED_AT,
    NAME_AT,
    NOW,
    PLACEMENT_AT,
    THEN,
    Statements,
)
from store.sealing import CERTIFICATE_NUMBER, Sealing
from store.standing import values_of


class PortfolioRepository:
    """The register's `PortfolioReader` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))

    def facts(self, person_id: PersonId, *, known_on: datetime | None) -> PortfolioFacts | None:
        """The facts of a person, or of the person that this one was merged into."""
        statements = NOW if known_on is None else THEN
        with translated_errors():
            found = self._person(statements, person_id, known_on)
            if found is None:
                return None
            values = values_of(found[0].id, known_on)
            return self._facts(statements, values, *found)

    def _person(
        self, statements: Statements, person_id: UUID, known_on: datetime | None
    ) -> tuple[Person, list[FormerName]] | None:
        seen: set[UUID] = set()
        while person_id not in seen:
            seen.add(person_id)
            rows = self._rows(statements.person, values_of(person_id, known_on))
            if not rows:
                return None
            merged_into = rows[0][MERGED_AT]
            if merged_into is None:
                names = [FormerName(*row[NAME_AT:]) for row in rows if row[NAME_AT] is not None]
                return to_person(rows[0], self._sealing), names
            person_id = merged_into
        return None

    def _facts(
        self,
        statements: Statements,
        values: dict[str, object],
        person: Person,
        names: list[FormerName],
    ) -> PortfolioFacts:
        trajectory = _Trajectory(self._rows(statements.trajectory, values))
        places = self._rows(statements.organisations, values)
        return PortfolioFacts(
            person=person,
            former_names=names,
            enrolments=trajectory.enrolments,
            placements=trajectory.placements,
            class_groups=trajectory.class_groups,
            organisations={row[0]: to_organisation(row) for row in places},
            orders=trajectory.orders,
            marks=_to_marks(person.id, self._rows(statements.marks, values)),
            exams=[_to_exam(person.id, row) for row in self._rows(statements.exams, values)],
            certificates=[
                self._to_certificate(person.id, row)
                for row in self._rows(statements.certificates, values)
            ],
            achievements=[
                Achievement(person.id, AchievementKind(kind), AchievementLevel(level), *rest)
                for kind, level, *rest in self._rows(statements.achievements, values)
            ],
        )

    def _rows(self, statement: Select[Any], values: dict[str, object]) -> list[tuple[Any, ...]]:
        return _query(statement, self._connection.dialect).rows(self._connection, values)

    def _to_certificate(self, person_id: PersonId, row: Sequence[Any]) -> Certificate:
        row_id, organisation_id, type_code, sealed, issued_on, with_honours, medal, average = row
        return Certificate(
            person_id=person_id,
            organisation_id=OrganisationId(organisation_id),
            type_code=type_code,
            number=self._sealing.open_number(CERTIFICATE_NUMBER, row_id, sealed),
            issued_on=issued_on,
            with_honours=with_honours,
            medal=None if medal is None else Medal(medal),
            average=average,
        )


@lru_cache(maxsize=64)
def _query(statement: Select[Any], dialect: Dialect) -> DriverQuery:
    return DriverQuery(statement, dialect)


def to_person(row: Sequence[Any], sealing: Sealing) -> Person:
    """The person of a row: id, names, birth date, sex, sealed СНИЛС, citizenship, birth place."""
    person_id, family_name, first_name, middle_name, birth_date, sex, snils, *more = row[:10]
    return Person(
        id=PersonId(person_id),
        family_name=family_name,
        first_name=first_name,
        middle_name=middle_name,
        birth_date=birth_date,
        sex=Sex(sex),
        snils=None if snils is None else sealing.open_snils(person_id, snils),
        citizenship_code=more[0],
        country_code=more[1],
        birth_place=more[2],
    )


def to_organisation(row: Sequence[Any]) -> Organisation:
    """The organisation of a row, in the order of the class."""
    organisation_id, full_name, short_name, inn, ogrn, oktmo, *codes = row
    return Organisation(
        OrganisationId(organisation_id),
        full_name,
        short_name,
        None if inn is None else Inn(inn),
        None if ogrn is None else Ogrn(ogrn),
        None if oktmo is None else Oktmo(oktmo),
        *codes,
    )


class _Trajectory:
    """The rows of the trajectory, each of their values once."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._enrolments: dict[EnrolmentId, Enrolment] = {}
        self.placements: list[ClassPlacement] = []
        self.class_groups: dict[ClassGroupId, ClassGroup] = {}
        self.orders: dict[OrderId, Order] = {}
        for row in rows:
            enrolment_id = EnrolmentId(row[0])
            if enrolment_id not in self._enrolments:
                self._add(enrolment_id, row)
            if row[PLACEMENT_AT] is not None:
                self._place(enrolment_id, row)

    @property
    def enrolments(self) -> list[Enrolment]:
        return list(self._enrolments.values())

    def _add(self, enrolment_id: EnrolmentId, row: Sequence[Any]) -> None:
        organisation_id, begins_on, ends_on, form, programme, *more = row[1:ENTRY_AT]
        entry_reason, exit_reason, funding, realisation, entry_order, exit_order = more
        self._enrolments[enrolment_id] = Enrolment(
            id=enrolment_id,
            organisation_id=OrganisationId(organisation_id),
            class_group_id=None,
            begins_on=begins_on,
            ends_on=ends_on,
            form_code=form,
            programme_code=programme,
            entry_reason=entry_reason,
            exit_reason=exit_reason,
            funding_code=funding,
            realisation_code=realisation,
            entry_order_id=entry_order,
            exit_order_id=exit_order,
        )
        self._order(entry_order, row[ENTRY_AT:EXIT_AT])
        self._order(exit_order, row[EXIT_AT:PLACEMENT_AT])

    def _order(self, order_id: OrderId | None, row: Sequence[Any]) -> None:
        # An order that was not known yet leaves its columns empty.
        if order_id is not None and row[0] is not None:
            organisation_id, number, issued_on, kind, effective_on = row
            self.orders[order_id] = Order(
                order_id, organisation_id, number, issued_on, OrderKind(kind), effective_on
            )

    def _place(self, enrolment_id: EnrolmentId, row: Sequence[Any]) -> None:
        group_id, begins_on, ends_on = row[PLACEMENT_AT:CLASS_AT]
        self.placements.append(ClassPlacement(enrolment_id, group_id, begins_on, ends_on))
        if group_id not in self.class_groups and row[CLASS_AT] is not None:
            self.class_groups[group_id] = ClassGroup(group_id, *row[CLASS_AT:])


_MARK_KINDS = {kind.value: kind for kind in MarkKind}


def _to_marks(person_id: PersonId, rows: Iterable[Sequence[Any]]) -> list[Mark]:
    # Hundreds of them: by position, and kinds by a dictionary.
    return [
        Mark(person_id, place, year, parallel, subject, _MARK_KINDS[kind], period, value, given_on)
        for place, year, parallel, subject, kind, period, value, given_on in rows
    ]


def _to_exam(person_id: PersonId, row: Sequence[Any]) -> Exam:
    organisation_id, kind, subject, held_on, score, mark, passed = row
    return Exam(person_id, organisation_id, ExamKind(kind), subject, held_on, score, mark, passed)
