"""Persons, and what tells who they are."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.identifiers import Oktmo, PersonId, RepresentativeId, Snils


class Sex(StrEnum):
    """Sex as the birth certificate states it."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the register: a pupil, or a pupil's representative.

    `country_code` is the ОКСМ code of a foreign citizenship.
    """

    id: PersonId
    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date
    sex: Sex
    snils: Snils | None
    citizenship_code: str
    country_code: str | None = None
    birth_place: str | None = None


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that a person bore up to `until`, the last day of it."""

    family_name: str
    first_name: str
    middle_name: str | None
    until: date


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """An identity document; `series` is empty for the types that have none."""

    type_code: str
    series: str
    number: str
    issued_on: date | None = None
    issued_by: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class BirthAct:
    """The record of a birth in the civil register: its number, day and office."""

    number: str
    recorded_on: date | None
    office: str | None


class AddressKind(StrEnum):
    """What a person has an address for."""

    REGISTRATION = "registration"
    STAY = "stay"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class Address:
    """An address in a period; `fias_id` is the ФИАС GUID of the house or the street."""

    kind: AddressKind
    text: str
    fias_id: str | None
    oktmo: Oktmo | None
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Representative:
    """A person who acts for a child in a period.

    `type_code`: УФТТ, 1 parent to 7 legal representative. The authority document is of the list
    401-499, or none for a parent whom the birth certificate names.
    """

    id: RepresentativeId
    child_id: PersonId
    person_id: PersonId
    type_code: str
    authority_type_code: str | None
    authority_number: str | None
    begins_on: date | None
    ends_on: date | None
