"""Organisations, their programmes and classes."""

from dataclasses import dataclass

from registry.identifiers import ClassGroupId, Inn, Ogrn, Oktmo, OrganisationId, ProgrammeId


@dataclass(frozen=True, slots=True)
class Organisation:
    """An educational organisation of any kind; `type_code` says which."""

    id: OrganisationId
    full_name: str
    short_name: str | None
    inn: Inn | None
    ogrn: Ogrn | None
    oktmo: Oktmo | None
    type_code: str | None
    status_code: str | None
    okfs: str | None = None
    okopf: str | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme that an organisation teaches; `kind_code` is of the list of programmes.

    `adaptation_code`: УФТТ 201-214, for programmes adapted to limited abilities.
    """

    id: ProgrammeId
    organisation_id: OrganisationId
    kind_code: str
    title: str
    normative_years: int | None
    adaptation_code: str | None


@dataclass(frozen=True, slots=True)
class ClassGroup:
    """A class, or a group, of one school year; `school_year` is the year in which it began.

    `parallel` is the class of a school (0 the year before it), the course of a college, and for a
    kindergarten's group the age in years.
    """

    id: ClassGroupId
    organisation_id: OrganisationId
    parallel: int
    letter: str
    school_year: int
    shift: int | None
    capacity: int | None
    language_code: str | None = None
    programme_id: ProgrammeId | None = None
