"""What the use cases of the register need from where it is kept.

Implementations raise their own errors when the store fails; the use cases let them pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from registry.identifiers import Snils
from registry.model import StudentView
from registry.sources import (
    Refusal,
    SourceAchievement,
    SourceCertificate,
    SourceClass,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceOrganisation,
    SourcePupil,
    SourceStudy,
)


@dataclass(frozen=True, slots=True)
class NameKey:
    """Names as search keys (`registry.names.normalize_name`); `middle` None means any."""

    family: str
    first: str
    middle: str | None


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A document as search keys (`registry.names.normalize_document`)."""

    type_code: str
    series: str
    number: str


class StudentReader(Protocol):
    """Look-ups of pupils; each person found comes once, in a stable order."""

    def by_snils(self, snils: Snils, *, as_of: date) -> Sequence[StudentView]:
        """The person with this СНИЛС: none or one."""
        ...

    def by_name(self, name: NameKey, birth_date: date, *, as_of: date) -> Sequence[StudentView]:
        """All persons of these names born on that day."""
        ...

    def by_document(self, document: DocumentKey, *, as_of: date) -> Sequence[StudentView]:
        """All persons who hold or held this document."""
        ...


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What became of the records of one write, each counted once.

    `created` and `changed` were written; `unchanged` were there already, just so; `refused` were
    left out because of what the register holds.
    """

    created: int
    changed: int
    unchanged: int
    refused: tuple[Refusal, ...]


class BulkWriter(Protocol):
    """Writes many records of one source at once, only what changed, in the caller's transaction.

    The records are well-formed and no `source_id` comes twice. A record that does not fit what
    the register holds is refused by itself, the rest goes in. `recorded_at` is when the register
    came to know it, in UTC.
    """

    def write_organisations(
        self, source: str, records: Sequence[SourceOrganisation], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write organisations."""
        ...

    def write_classes(
        self, source: str, records: Sequence[SourceClass], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write classes; refuses ``class.organisation_unknown``, ``class.organisation_changed``."""
        ...

    def write_pupils(
        self, source: str, records: Sequence[SourcePupil], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write pupils with all that is told of them.

        Refuses ``person.snils_conflict``, ``person.identity_changed`` (the source id stood for
        somebody else), ``representative.is_child``, ``enrolment.organisation_unknown``,
        ``enrolment.class_unknown``, ``enrolment.class_elsewhere`` and ``enrolment.overlaps``.
        """
        ...

    def write_studies(
        self, source: str, records: Sequence[SourceStudy], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write enrolments beside the present one, with their classes and orders.

        Refuses ``study.pupil_unknown``, ``study.organisation_unknown``, ``study.class_unknown``,
        ``study.class_elsewhere``, ``study.before_birth``, ``study.overlaps`` and
        ``study.repeated``.
        """
        ...

    # Of the following each refuses, with its own word in front (``mark.pupil_unknown``):
    # ``.pupil_unknown``, ``.organisation_unknown``, ``.before_birth`` and ``.repeated`` (two
    # records of a batch say different things of one and the same).

    def write_health_items(
        self, source: str, records: Sequence[SourceHealthItem], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write statements on health: ``health.…``."""
        ...

    def write_marks(
        self, source: str, records: Sequence[SourceMark], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write marks: ``mark.…``."""
        ...

    def write_exams(
        self, source: str, records: Sequence[SourceExam], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write examination results: ``exam.…``."""
        ...

    def write_certificates(
        self, source: str, records: Sequence[SourceCertificate], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write documents on education: ``certificate.…``."""
        ...

    def write_achievements(
        self, source: str, records: Sequence[SourceAchievement], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write achievements: ``achievement.…``."""
        ...
