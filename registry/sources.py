"""Records as a source system sends them, only decoded into the right types.

Every record has the id it bears in its source, and the version by which the source tells its
changes. Whether the values are acceptable is said by `registry.import_rules`.
"""

from dataclasses import dataclass
from datetime import date

from registry.problems import Problem


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """An identity document; `series` is empty for the types that have none."""

    type: str
    series: str
    number: str


@dataclass(frozen=True, slots=True)
class SourceOrganisation:
    """An educational organisation."""

    source_id: str
    version: str
    full_name: str
    short_name: str | None
    inn: str | None
    ogrn: str | None
    oktmo: str | None
    type_code: str | None
    status_code: str | None


@dataclass(frozen=True, slots=True)
class SourceClass:
    """A class of one school year; `school_year` is the year in which it began."""

    source_id: str
    version: str
    organisation_source_id: str
    parallel: int
    letter: str
    school_year: int
    shift: int | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class SourceEnrolment:
    """Where a pupil studies; `ends_on` is the last day, None while no end is known."""

    organisation_source_id: str
    class_source_id: str | None
    begins_on: date
    ends_on: date | None
    form_code: str
    programme_code: str
    entry_reason: str | None


@dataclass(frozen=True, slots=True)
class SourcePupil:
    """A pupil; `sex` is ``male`` or ``female``."""

    source_id: str
    version: str
    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date
    sex: str
    snils: str | None
    citizenship_code: str
    documents: tuple[SourceDocument, ...]
    enrolment: SourceEnrolment | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was left out, and every rule it breaks."""

    source_id: str
    problems: tuple[Problem, ...]
