"""Use case: records of a source system go into the register.

Records that break rules are refused one by one with every problem named; the rest of the batch
goes in. Nothing is committed here: the caller's unit of work does that, together with its cursor.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from registry.coded_fields import class_codes, organisation_codes, pupil_codes
from registry.codes import CodeList, is_known
from registry.import_rules import check_class, check_organisation, check_pupil
from registry.ports import BulkWriter, WriteOutcome
from registry.problems import Problem
from registry.sources import (
    Refusal,
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)

__all__ = [
    "ImportBatch",
    "ImportReport",
    "Refusal",
    "SourceClass",
    "SourceDocument",
    "SourceEnrolment",
    "SourceOrganisation",
    "SourcePupil",
    "UnknownCode",
    "import_classes",
    "import_organisations",
    "import_pupils",
]


class _Identified(Protocol):
    @property
    def source_id(self) -> str: ...


_Record = TypeVar("_Record", bound=_Identified)


@dataclass(frozen=True, slots=True)
class ImportBatch(Generic[_Record]):
    """Records of one kind that the system `source` sent together."""

    source: str
    records: tuple[_Record, ...]


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that its list does not hold; it was stored as received, `count` times.

    `code` is the source's own text: not for diagnostics.
    """

    code_list: CodeList
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every record of a batch: the four add up to its size."""

    created: int
    changed: int
    unchanged: int
    refused: tuple[Refusal, ...]
    unknown_codes: tuple[UnknownCode, ...]


def import_organisations(
    batch: ImportBatch[SourceOrganisation], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of organisations and report on every record of it."""
    accepted, refused = _sift(batch.records, check_organisation)
    outcome = writer.write_organisations(batch.source, accepted, recorded_at=clock())
    return _report(outcome, refused, _codes(accepted, outcome, organisation_codes))


def import_classes(
    batch: ImportBatch[SourceClass], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of classes and report on every record of it."""
    now = clock()
    today = _latest_today(now)
    accepted, refused = _sift(batch.records, lambda record: check_class(record, today=today))
    outcome = writer.write_classes(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, class_codes))


def import_pupils(
    batch: ImportBatch[SourcePupil], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of pupils, with documents and enrolments, and report on every record of it."""
    now = clock()
    today = _latest_today(now)
    accepted, refused = _sift(batch.records, lambda record: check_pupil(record, today=today))
    outcome = writer.write_pupils(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, pupil_codes))


def _latest_today(now: datetime) -> date:
    """The calendar day in the east of Russia, where it begins 12 hours before UTC's."""
    return (now + timedelta(hours=12)).date()


def _sift(
    records: Iterable[_Record], check: Callable[[_Record], list[Problem]]
) -> tuple[list[_Record], list[Refusal]]:
    accepted: list[_Record] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for record in records:
        problems = check(record)
        if record.source_id in seen:
            problems.append(
                Problem("record.repeated", "source_id", "Запись с этим ключом уже была в пакете")
            )
        seen.add(record.source_id)
        if problems:
            refused.append(Refusal(record.source_id, tuple(problems)))
        else:
            accepted.append(record)
    return accepted, refused


def _codes(
    accepted: Iterable[_Record],
    outcome: WriteOutcome,
    codes_of: Callable[[_Record], Iterable[tuple[CodeList, str]]],
) -> Iterable[tuple[CodeList, str]]:
    """The codes of what was stored, or was there already."""
    refused = {refusal.source_id for refusal in outcome.refused}
    return (
        code for record in accepted if record.source_id not in refused for code in codes_of(record)
    )


def _report(
    outcome: WriteOutcome, refused: list[Refusal], codes: Iterable[tuple[CodeList, str]]
) -> ImportReport:
    unknown = Counter(entry for entry in codes if not is_known(*entry))
    return ImportReport(
        created=outcome.created,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        refused=(*refused, *outcome.refused),
        unknown_codes=tuple(
            UnknownCode(code_list, code, count)
            for (code_list, code), count in sorted(unknown.items())
        ),
    )
