"""The entities of the register, as values. Source: registry.md §1.

Codes of lists (`*_code`) are kept as their source sent them, known to us or not: see
`registry.codes`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.codes import is_main_programme
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


class Sex(StrEnum):
    """Sex as the birth certificate states it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the register, as known now."""

    id: PersonId
    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date
    sex: Sex
    snils: Snils | None
    citizenship_code: str


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """An identity document; `series` is empty for the types that have none."""

    type_code: str
    series: str
    number: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """An educational organisation."""

    id: OrganisationId
    full_name: str
    short_name: str | None
    inn: Inn | None
    ogrn: Ogrn | None
    oktmo: Oktmo | None
    type_code: str | None
    status_code: str | None


@dataclass(frozen=True, slots=True)
class ClassGroup:
    """A class of one school year; `school_year` is the year in which it began."""

    id: ClassGroupId
    organisation_id: OrganisationId
    parallel: int
    letter: str
    school_year: int
    shift: int | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person studies at an organisation from `begins_on` to `ends_on`, both days included.

    `ends_on` is None while no end is known.
    """

    id: EnrolmentId
    organisation_id: OrganisationId
    class_group_id: ClassGroupId | None
    begins_on: date
    ends_on: date | None
    form_code: str
    programme_code: str
    entry_reason: str | None

    def covers(self, day: date) -> bool:
        """Whether the person was enrolled on `day`."""
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Attendance:
    """An enrolment with the organisation and the class that it names."""

    enrolment: Enrolment
    organisation: Organisation
    class_group: ClassGroup | None


@dataclass(frozen=True, slots=True)
class StudentView:
    """A person and where they study on the day `as_of`; all None when they study nowhere then."""

    person: Person
    enrolment: Enrolment | None
    organisation: Organisation | None
    class_group: ClassGroup | None
    as_of: date


def view_as_of(person: Person, attendances: Iterable[Attendance], as_of: date) -> StudentView:
    """`person` with the one enrolment that counts on the day `as_of`.

    Of several at once a main programme goes before additional education, then the latest begun
    (where a pupil moved and the former school has not closed its record yet); the id decides the
    rest, so that the answer is the same each time.
    """
    current = max(
        (each for each in attendances if each.enrolment.covers(as_of)),
        key=lambda each: (
            is_main_programme(each.enrolment.programme_code),
            each.enrolment.begins_on,
            each.enrolment.id,
        ),
        default=None,
    )
    if current is None:
        return StudentView(person, None, None, None, as_of)
    return StudentView(person, current.enrolment, current.organisation, current.class_group, as_of)
