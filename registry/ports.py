"""What the use cases of the register need from where it is kept.

Implementations raise their own errors when the store fails; the use cases let them pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from registry.identifiers import Snils
from registry.model import StudentView
from registry.sources import Refusal, SourceClass, SourceOrganisation, SourcePupil


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
        """Write pupils with their documents and enrolment.

        Refuses ``person.snils_conflict``, ``person.identity_changed`` (the source id stood for
        somebody else), ``enrolment.organisation_unknown``, ``enrolment.class_unknown`` and
        ``enrolment.class_elsewhere``.
        """
        ...
