"""Look-ups of pupils: one statement each, whatever is asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select, bindparam, or_, select

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
from store.errors import translated_errors
from store.tables import class_groups, enrolments, identity_documents, organisations, persons

# The mapping below goes by position: names would cost more than the look-up itself.
_PERSON = (
    persons.c.id,
    persons.c.family_name,
    persons.c.first_name,
    persons.c.middle_name,
    persons.c.birth_date,
    persons.c.sex,
    persons.c.snils,
    persons.c.citizenship_code,
)
_ENROLMENT = (
    enrolments.c.id,
    enrolments.c.organisation_id,
    enrolments.c.class_group_id,
    enrolments.c.begins_on,
    enrolments.c.ends_on,
    enrolments.c.form_code,
    enrolments.c.programme_code,
    enrolments.c.entry_reason,
)
_ORGANISATION = (
    organisations.c.full_name,
    organisations.c.short_name,
    organisations.c.inn,
    organisations.c.ogrn,
    organisations.c.oktmo,
    organisations.c.type_code,
    organisations.c.status_code,
)
_CLASS_GROUP = (
    class_groups.c.parallel,
    class_groups.c.letter,
    class_groups.c.school_year,
    class_groups.c.shift,
    class_groups.c.capacity,
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
            (enrolments.c.person_id == persons.c.id)
            & (enrolments.c.begins_on <= as_of)
            & or_(enrolments.c.ends_on.is_(None), enrolments.c.ends_on >= as_of),
        )
        .outerjoin(organisations, organisations.c.id == enrolments.c.organisation_id)
        .outerjoin(class_groups, class_groups.c.id == enrolments.c.class_group_id)
    )


# Built once, compiled once for a dialect: only values change.
_BY_SNILS = _views().where(persons.c.snils == bindparam("snils"))
_BY_NAME = (
    _views()
    .where(
        persons.c.family_key == bindparam("family"),
        persons.c.first_key == bindparam("first"),
        persons.c.birth_date == bindparam("birth_date"),
    )
    .order_by(persons.c.id)
)
_BY_FULL_NAME = _BY_NAME.where(persons.c.middle_key == bindparam("middle"))
_BY_DOCUMENT = (
    _views()
    .join(identity_documents, identity_documents.c.person_id == persons.c.id)
    .where(
        identity_documents.c.number_key == bindparam("number"),
        identity_documents.c.series_key == bindparam("series"),
        identity_documents.c.type_code == bindparam("type_code"),
    )
    .order_by(persons.c.id)
)


class StudentRepository:
    """The register's `StudentReader` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_snils(self, snils: Snils, *, as_of: date) -> Sequence[StudentView]:
        """The person with this СНИЛС: none or one."""
        return self._find(_BY_SNILS, {"snils": snils.digits}, as_of)

    def by_name(self, name: NameKey, birth_date: date, *, as_of: date) -> Sequence[StudentView]:
        """All persons of these names born on that day."""
        values = {"family": name.family, "first": name.first, "birth_date": birth_date}
        if name.middle is None:
            return self._find(_BY_NAME, values, as_of)
        return self._find(_BY_FULL_NAME, {**values, "middle": name.middle}, as_of)

    def by_document(self, document: DocumentKey, *, as_of: date) -> Sequence[StudentView]:
        """All persons who hold or held this document."""
        values = {
            "number": document.number,
            "series": document.series,
            "type_code": document.type_code,
        }
        return self._find(_BY_DOCUMENT, values, as_of)

    def _find(
        self, statement: Select[Any], values: Mapping[str, object], as_of: date
    ) -> Sequence[StudentView]:
        query = _query(statement, self._connection.dialect)
        with translated_errors():
            rows = query.rows(self._connection, {**values, "as_of": as_of})
        return _to_views(rows, as_of)


@lru_cache(maxsize=32)
def _query(statement: Select[Any], dialect: Dialect) -> DriverQuery:
    return DriverQuery(statement, dialect)


def _to_views(rows: Iterable[Sequence[Any]], as_of: date) -> list[StudentView]:
    found: dict[PersonId, tuple[Person, list[Attendance]]] = {}
    for row in rows:
        person_id = PersonId(row[0])
        if person_id not in found:
            found[person_id] = (_to_person(row), [])
        if row[_ENROLMENT_AT] is not None:
            found[person_id][1].append(_to_attendance(row))
    return [view_as_of(person, attendances, as_of) for person, attendances in found.values()]


def _to_person(row: Sequence[Any]) -> Person:
    _, family_name, first_name, middle_name, birth_date, sex, snils, citizenship = row[
        :_ENROLMENT_AT
    ]
    return Person(
        id=PersonId(row[0]),
        family_name=family_name,
        first_name=first_name,
        middle_name=middle_name,
        birth_date=birth_date,
        sex=Sex(sex),
        snils=None if snils is None else Snils(snils),
        citizenship_code=citizenship,
    )


def _to_attendance(row: Sequence[Any]) -> Attendance:
    enrolment_id, organisation_id, class_id, begins_on, ends_on, form, programme, reason = row[
        _ENROLMENT_AT:_ORGANISATION_AT
    ]
    return Attendance(
        enrolment=Enrolment(
            id=EnrolmentId(enrolment_id),
            organisation_id=OrganisationId(organisation_id),
            class_group_id=None if class_id is None else ClassGroupId(class_id),
            begins_on=begins_on,
            ends_on=ends_on,
            form_code=form,
            programme_code=programme,
            entry_reason=reason,
        ),
        organisation=_to_organisation(OrganisationId(organisation_id), row),
        class_group=None
        if class_id is None
        else ClassGroup(
            ClassGroupId(class_id), OrganisationId(organisation_id), *row[_CLASS_GROUP_AT:]
        ),
    )


def _to_organisation(organisation_id: OrganisationId, row: Sequence[Any]) -> Organisation:
    full_name, short_name, inn, ogrn, oktmo, type_code, status_code = row[
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
    )
