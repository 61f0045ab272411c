"""What a person has reached: marks, examinations, certificates, achievements."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.identifiers import OrganisationId, PersonId


class MarkKind(StrEnum):
    """What a mark sums up."""

    TERM = "term"
    YEAR = "year"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of the gradebook; `period` is the number of the term, None of a year's mark.

    `value` is the mark as it is written: ``5``, ``зачёт``, ``н/а``.
    """

    person_id: PersonId
    organisation_id: OrganisationId
    school_year: int
    parallel: int
    subject: str
    kind: MarkKind
    period: int | None
    value: str
    given_on: date


class ExamKind(StrEnum):
    """The state's final examinations."""

    OGE = "oge"
    EGE = "ege"
    GVE = "gve"


@dataclass(frozen=True, slots=True)
class Exam:
    """A result of ГИА: `score` in test points (ЕГЭ, of 100) or primary points, `mark` of five."""

    person_id: PersonId
    organisation_id: OrganisationId | None
    kind: ExamKind
    subject: str
    held_on: date
    score: int | None
    mark: int | None
    passed: bool


class Medal(StrEnum):
    """The medal «За особые успехи в учении»."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A document on education; `type_code`: УФТТ 11, 12, 4, 41. `average` is of five."""

    person_id: PersonId
    organisation_id: OrganisationId
    type_code: str
    number: str
    issued_on: date
    with_honours: bool
    medal: Medal | None
    average: float | None


class AchievementKind(StrEnum):
    """The field of an achievement."""

    OLYMPIAD = "olympiad"  # ВсОШ
    SPORT = "sport"
    ARTS = "arts"
    GTO = "gto"
    SCIENCE = "science"
    OTHER = "other"


class AchievementLevel(StrEnum):
    """How wide the contest was."""

    SCHOOL = "school"
    MUNICIPAL = "municipal"
    REGIONAL = "regional"
    NATIONAL = "national"
    INTERNATIONAL = "international"


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a person won or passed; `result` as it is written: ``победитель``, ``золотой знак``."""

    person_id: PersonId
    kind: AchievementKind
    level: AchievementLevel
    title: str
    result: str
    achieved_on: date
