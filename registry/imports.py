"""Use case: records of a source system go into the register.

Records that break rules are refused one by one with every problem named; the rest of the batch
goes in. Nothing is committed here: the caller's unit of work does that, together with its cursor.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from registry.coded_fields import (
    certificate_codes,
    class_codes,
    health_codes,
    organisation_codes,
    pupil_codes,
    study_codes,
    subject_codes,
)
from registry.codes import CodeList, is_known
from registry.fact_rules import (
    check_achievement,
    check_certificate,
    check_exam,
    check_health_item,
    check_mark,
    check_study,
)
from registry.import_rules import check_class, check_organisation, check_pupil
from registry.ports import BulkWriter, WriteOutcome
from registry.problems import Problem
from registry.sources import (
    Refusal,
    SourceAchievement,
    SourceCertificate,
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceOrganisation,
    SourcePupil,
    SourceStudy,
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
    "import_achievements",
    "import_certificates",
    "import_classes",
    "import_exams",
    "import_health_items",
    "import_marks",
    "import_organisations",
    "import_pupils",
    "import_studies",
]


class _Identified(Protocol):
    @property
    def source_id(self) -> str: ...


_Record = TypeVar("_Record", bound=_Identified)
_Checked_contra = TypeVar("_Checked_contra", contravariant=True)


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
    accepted, refused = _sift_of_day(batch.records, check_class, now)
    outcome = writer.write_classes(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, class_codes))


def import_pupils(
    batch: ImportBatch[SourcePupil], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of pupils with all that is told of them, and report on every record."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_pupil, now)
    outcome = writer.write_pupils(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, pupil_codes))


def import_studies(
    batch: ImportBatch[SourceStudy], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of past enrolments with their classes, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_study, now)
    outcome = writer.write_studies(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, study_codes))


def import_health_items(
    batch: ImportBatch[SourceHealthItem], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of statements on health, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_health_item, now)
    outcome = writer.write_health_items(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, health_codes))


def import_marks(
    batch: ImportBatch[SourceMark], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of marks, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_mark, now)
    outcome = writer.write_marks(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, subject_codes))


def import_exams(
    batch: ImportBatch[SourceExam], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of examination results, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_exam, now)
    outcome = writer.write_exams(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, subject_codes))


def import_certificates(
    batch: ImportBatch[SourceCertificate], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of documents on education, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_certificate, now)
    outcome = writer.write_certificates(batch.source, accepted, recorded_at=now)
    return _report(outcome, refused, _codes(accepted, outcome, certificate_codes))


def import_achievements(
    batch: ImportBatch[SourceAchievement], writer: BulkWriter, *, clock: Callable[[], datetime]
) -> ImportReport:
    """Write a batch of achievements, and report on every record of it."""
    now = clock()
    accepted, refused = _sift_of_day(batch.records, check_achievement, now)
    return _report(writer.write_achievements(batch.source, accepted, recorded_at=now), refused, ())


class _Check(Protocol, Generic[_Checked_contra]):
    def __call__(self, record: _Checked_contra, /, *, today: date) -> list[Problem]: ...


def _sift_of_day(
    records: Iterable[_Record], check: _Check[_Record], now: datetime
) -> tuple[list[_Record], list[Refusal]]:
    today = _latest_today(now)
    return _sift(records, lambda record: check(record, today=today))


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
