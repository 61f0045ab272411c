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
    issued_on: date | None = None
    issued_by: str | None = None
    valid_until: date | None = None


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
    okfs: str | None = None
    okopf: str | None = None


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
    language_code: str | None = None


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
class SourceBirthAct:
    """The record of a birth in the civil register."""

    number: str
    recorded_on: date | None
    office: str | None


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """An address; `kind` is ``registration``, ``stay`` or ``actual``."""

    kind: str
    text: str
    fias_id: str | None
    oktmo: str | None
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SourceRepresentative:
    """Who acts for the pupil, by the source's own key of that person."""

    source_id: str
    type_code: str
    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date
    sex: str
    snils: str | None
    authority_type_code: str | None
    authority_number: str | None
    begins_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SourcePupil:
    """A pupil; `sex` is ``male`` or ``female``; `enrolment` is the one that counts now."""

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
    country_code: str | None = None
    birth_place: str | None = None
    birth_act: SourceBirthAct | None = None
    addresses: tuple[SourceAddress, ...] = ()
    representatives: tuple[SourceRepresentative, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceStudy:
    """An enrolment of a pupil beside the present one, as a rule a past one, with its classes.

    `placements`: class by its source id, first and last day in it. Orders by number and day.
    """

    source_id: str
    version: str
    pupil_source_id: str
    organisation_source_id: str
    begins_on: date
    ends_on: date | None
    form_code: str
    programme_code: str
    entry_reason: str | None
    exit_reason: str | None
    placements: tuple[tuple[str, date, date | None], ...]
    entry_order: tuple[str, date] | None = None
    exit_order: tuple[str, date] | None = None


@dataclass(frozen=True, slots=True)
class SourceHealthItem:
    """A statement on a pupil's health; `kind` as in `registry.model.HealthKind`."""

    source_id: str
    version: str
    pupil_source_id: str
    kind: str
    code: str
    category: str | None
    detail: str | None
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class SourceMark:
    """A mark of the gradebook; `kind` as in `registry.model.MarkKind`."""

    source_id: str
    version: str
    pupil_source_id: str
    organisation_source_id: str
    school_year: int
    parallel: int
    subject: str
    kind: str
    period: int | None
    value: str
    given_on: date


@dataclass(frozen=True, slots=True)
class SourceExam:
    """A result of ГИА; `kind` as in `registry.model.ExamKind`."""

    source_id: str
    version: str
    pupil_source_id: str
    organisation_source_id: str | None
    kind: str
    subject: str
    held_on: date
    score: int | None
    mark: int | None
    passed: bool


@dataclass(frozen=True, slots=True)
class SourceCertificate:
    """A document on education; `medal` is ``first``, ``second`` or None."""

    source_id: str
    version: str
    pupil_source_id: str
    organisation_source_id: str
    type_code: str
    number: str
    issued_on: date
    with_honours: bool
    medal: str | None
    average: float | None


@dataclass(frozen=True, slots=True)
class SourceAchievement:
    """What a pupil won; `kind` and `level` as in `registry.model`."""

    source_id: str
    version: str
    pupil_source_id: str
    kind: str
    level: str
    title: str
    result: str
    achieved_on: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was left out, and every rule it breaks."""

    source_id: str
    problems: tuple[Problem, ...]
