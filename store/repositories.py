"""Look-ups of pupils: one statement each, whatever is asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Select, Table, bindparam, or_, select

from registry.identifiers import (
    ClassGroupId,
    EnrolmentId,
    Inn,
    Ogrn,
    Oktmo,
    OrganisationId,
    PersonId,
    Snils,
)
from registry.model import (
    Attendance,
    ClassGroup,
    Enrolment,
    Organisation,
    Person,
    Sex,
    StudentView,
    view_as_of,
)
from registry.ports import DocumentKey, NameKey
from store.driver import DriverQuery
from store.engine import vault_of
from store.errors import translated_errors
from store.sealing import Sealing
from store.tables import (
    class_groups,
    class_placements,
    enrolments,
    organisations,
    person_documents,
    persons,
)

# The mapping below goes by position: names would cost more than the look-up itself.
_PERSON = (
    persons.c.id,
    persons.c.family_name,
    persons.c.first_name,
    persons.c.middle_name,
    persons.c.birth_date,
    persons.c.sex,
    persons.c.snils_sealed,
    persons.c.citizenship_code,
    persons.c.country_code,
    persons.c.birth_place,
)
_ENROLMENT = (
    enrolments.c.id,
    enrolments.c.organisation_id,
    class_placements.c.class_group_id,
    enrolments.c.begins_on,
    enrolments.c.ends_on,
    enrolments.c.form_code,
    enrolments.c.programme_code,
    enrolments.c.entry_reason,
    enrolments.c.exit_reason,
    enrolments.c.funding_code,
    enrolments.c.realisation_code,
    enrolments.c.entry_order_id,
    enrolments.c.exit_order_id,
)
_ORGANISATION = (
    organisations.c.full_name,
    organisations.c.short_name,
    organisations.c.inn,
    organisations.c.ogrn,
    organisations.c.oktmo,
    organisations.c.type_code,
    organisations.c.status_code,
    organisations.c.okfs,
    organisations.c.okopf,
)
_CLASS_GROUP = (
    class_groups.c.parallel,
    class_groups.c.letter,
    class_groups.c.school_year,
    class_groups.c.shift,
    class_groups.c.capacity,
    class_groups.c.language_code,
    class_groups.c.programme_id,
)
_ENROLMENT_AT = len(_PERSON)
_ORGANISATION_AT = _ENROLMENT_AT + len(_ENROLMENT)
_CLASS_GROUP_AT = _ORGANISATION_AT + len(_ORGANISATION)


def _views() -> Select[Any]:
    """Persons with each enrolment that covers the day `as_of`, or none, in a stable order."""
    as_of = bindparam("as_of", type_=enrolments.c.begins_on.type)
    return (
        select(*_PERSON, *_ENROLMENT, *_ORGANISATION, *_CLASS_GROUP)
        .select_from(persons)
        .outerjoin(
            enrolments,
            (enrolments.c.person_id == persons.c.id) & _covers(enrolments, as_of),
        )
        .outerjoin(organisations, organisations.c.id == enrolments.c.organisation_id)
        .outerjoin(
            class_placements,
            (class_placements.c.enrolment_id == enrolments.c.id) & _covers(class_placements, as_of),
        )
        .outerjoin(class_groups, class_groups.c.id == class_placements.c.class_group_id)
    )


def _covers(table: Table, as_of: ColumnElement[date]) -> ColumnElement[bool]:
    return (
        ~table.c.retracted
        & (table.c.begins_on <= as_of)
        & or_(table.c.ends_on.is_(None), table.c.ends_on >= as_of)
    )


# Built once, compiled once for a dialect: only values change.
_BY_SNILS = _views().where(persons.c.snils_index == bindparam("snils"))
_BY_NAME = (
    _views()
    .where(
        persons.c.family_key == bindparam("family"),
        persons.c.first_key == bindparam("first"),
        persons.c.birth_date == bindparam("birth_date"),
        persons.c.merged_into.is_(None),
    )
    .order_by(persons.c.id)
)
_BY_FULL_NAME = _BY_NAME.where(persons.c.middle_key == bindparam("middle"))
_BY_DOCUMENT = (
    _views()
    .join(person_documents, person_documents.c.person_id == persons.c.id)
    .where(
        person_documents.c.document_index == bindparam("document"),
        ~person_documents.c.retracted,
        persons.c.merged_into.is_(None),
    )
    .order_by(persons.c.id)
)


class StudentRepository:
    """The register's `StudentReader` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))

    def by_snils(self, snils: Snils, *, as_of: date) -> Sequence[StudentView]:
        """The person with this СНИЛС: none or one."""
        for index in _turns(self._sealing.snils_indexes(snils.digits)):
            found = self._find(_BY_SNILS, {"snils": index}, as_of)
            if found:
                return found
        return ()

    def by_name(self, name: NameKey, birth_date: date, *, as_of: date) -> Sequence[StudentView]:
        """All persons of these names born on that day."""
        values = {"family": name.family, "first": name.first, "birth_date": birth_date}
        if name.middle is None:
            return self._find(_BY_NAME, values, as_of)
        return self._find(_BY_FULL_NAME, {**values, "middle": name.middle}, as_of)

    def by_document(self, document: DocumentKey, *, as_of: date) -> Sequence[StudentView]:
        """All persons who hold or held this document."""
        found: dict[PersonId, StudentView] = {}
        indexes = self._sealing.document_indexes(
            document.type_code, document.series, document.number
        )
        for index in _turns(indexes):
            for view in self._find(_BY_DOCUMENT, {"document": index}, as_of):
                found[view.person.id] = view
        return [found[person_id] for person_id in sorted(found)]

    def _find(
        self, statement: Select[Any], values: Mapping[str, object], as_of: date
    ) -> Sequence[StudentView]:
        query = _query(statement, self._connection.dialect)
        with translated_errors():
            rows = query.rows(self._connection, {**values, "as_of": as_of})
        return _to_views(rows, as_of, self._sealing)


def _turns(indexes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    # A row may be sealed anew between two statements: from a former key to the current one, so
    # that whoever looks there again finds it.
    return indexes if len(indexes) == 1 else (*indexes, indexes[0])


@lru_cache(maxsize=32)
def _query(statement: Select[Any], dialect: Dialect) -> DriverQuery:
    return DriverQuery(statement, dialect)


def _to_views(rows: Iterable[Sequence[Any]], as_of: date, sealing: Sealing) -> list[StudentView]:
    found: dict[PersonId, tuple[Person, list[Attendance]]] = {}
    for row in rows:
        person_id = PersonId(row[0])
        if person_id not in found:
            found[person_id] = (_to_person(row, sealing), [])
        if row[_ENROLMENT_AT] is not None:
            found[person_id][1].append(_to_attendance(row))
    return [view_as_of(person, attendances, as_of) for person, attendances in found.values()]


def _to_person(row: Sequence[Any], sealing: Sealing) -> Person:
    person_id, family_name, first_name, middle_name, birth_date, sex, snils, *more = row[
        :_ENROLMENT_AT
    ]
    citizenship, country, birth_place = more
    return Person(
        id=PersonId(person_id),
        family_name=family_name,
        first_name=first_name,
        middle_name=middle_name,
        birth_date=birth_date,
        sex=Sex(sex),
        snils=None if snils is None else sealing.open_snils(person_id, snils),
        citizenship_code=citizenship,
        country_code=country,
        birth_place=birth_place,
    )


def _to_attendance(row: Sequence[Any]) -> Attendance:
    enrolment_id, organisation_id, class_id, begins_on, ends_on, *more = row[
        _ENROLMENT_AT:_ORGANISATION_AT
    ]
    form, programme, entry_reason, exit_reason, funding, realisation, *orders = more
    return Attendance(
        enrolment=Enrolment(
            id=EnrolmentId(enrolment_id),
            organisation_id=OrganisationId(organisation_id),
            class_group_id=None if class_id is None else ClassGroupId(class_id),
            begins_on=begins_on,
            ends_on=ends_on,
            form_code=form,
            programme_code=programme,
            entry_reason=entry_reason,
            exit_reason=exit_reason,
            funding_code=funding,
            realisation_code=realisation,
            entry_order_id=orders[0],
            exit_order_id=orders[1],
        ),
        organisation=_to_organisation(OrganisationId(organisation_id), row),
        class_group=None
        if class_id is None
        else ClassGroup(
            ClassGroupId(class_id), OrganisationId(organisation_id), *row[_CLASS_GROUP_AT:]
        ),
    )


def _to_organisation(organisation_id: OrganisationId, row: Sequence[Any]) -> Organisation:
    full_name, short_name, inn, ogrn, oktmo, type_code, status_code, okfs, okopf = row[
        _ORGANISATION_AT:_CLASS_GROUP_AT
    ]
    return Organisation(
        id=organisation_id,
        full_name=full_name,
        short_name=short_name,
        inn=None if inn is None else Inn(inn),
        ogrn=None if ogrn is None else Ogrn(ogrn),
        oktmo=None if oktmo is None else Oktmo(oktmo),
        type_code=type_code,
        status_code=status_code,
        okfs=okfs,
        okopf=okopf,
    )
