"""Bulk writing of what a synchronisation brings.

For each batch the store is asked a few questions about all its records at once, the changes are
planned in memory, and the rows go in by `store.upsert`, a table at a time.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from registry.ports import WriteOutcome
from registry.problems import Problem
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
from store.errors import translated_errors
from store.fact_kinds import ACHIEVEMENTS, CERTIFICATES, EXAMS, HEALTH_ITEMS, MARKS
from store.facts import FactKind, R, write_facts
from store.import_lock import take_import_lock
from store.links import Link, LinkKind, Tally, content_hash, load_links, select_in
from store.past_studies import write_studies
from store.pupils import write_pupils
from store.tables import class_groups, organisations
from store.upsert import Row, upsert

_ORGANISATION_UNKNOWN = Problem(
    "class.organisation_unknown",
    "organisation_source_id",
    "Организация класса не найдена в реестре",
)
_ORGANISATION_CHANGED = Problem(
    "class.organisation_changed",
    "organisation_source_id",
    "Класс не может перейти в другую организацию",
)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Let Python's cycle collector rest: a batch makes many objects, hardly any of them in cycles.

    It would walk them all again and again, which takes a quarter of a load's time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class BulkStore:
    """The register's `BulkWriter` on one connection. Raises `StoreError`.

    One writer imports at a time, so that two sources cannot both make the same person.
    `new_id` makes the ids of new entities.
    """

    def __init__(self, connection: Connection, *, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self._new_id = new_id

    def write_organisations(
        self, source: str, records: Sequence[SourceOrganisation], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write organisations, known again by their source id."""
        kind = LinkKind.ORGANISATION
        rows: list[Row] = []
        with translated_errors(), _collector_paused():
            known = self._begin(source, kind, records)
            tally = Tally(source, recorded_at)
            for record in records:
                digest = _organisation_hash(record)
                old = known.get(record.source_id)
                if tally.is_unchanged(old, record.version, digest):
                    continue
                entity_id = old.entity_id if old else self._new_id()
                rows.append(_organisation_row(entity_id, record, recorded_at))
                tally.note(old, Link(kind, record.source_id, entity_id, record.version, digest))
            upsert(self._connection, organisations, rows)
            tally.write(self._connection)
        return tally.outcome()

    def write_classes(
        self, source: str, records: Sequence[SourceClass], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write classes; a class stays with the organisation that it came with."""
        kind = LinkKind.CLASS
        rows: list[Row] = []
        with translated_errors(), _collector_paused():
            known = self._begin(source, kind, records)
            owners = self._organisations_of(known)
            named = load_links(
                self._connection,
                source,
                LinkKind.ORGANISATION,
                {record.organisation_source_id for record in records},
            )
            tally = Tally(source, recorded_at)
            for record in records:
                digest = _class_hash(record)
                old = known.get(record.source_id)
                if tally.is_unchanged(old, record.version, digest):
                    continue
                organisation = named.get(record.organisation_source_id)
                if organisation is None:
                    tally.refuse(Refusal(record.source_id, (_ORGANISATION_UNKNOWN,)))
                    continue
                if old and owners[old.entity_id] != organisation.entity_id:
                    tally.refuse(Refusal(record.source_id, (_ORGANISATION_CHANGED,)))
                    continue
                entity_id = old.entity_id if old else self._new_id()
                rows.append(_class_row(entity_id, organisation.entity_id, record, recorded_at))
                tally.note(old, Link(kind, record.source_id, entity_id, record.version, digest))
            upsert(self._connection, class_groups, rows)
            tally.write(self._connection)
        return tally.outcome()

    def write_pupils(
        self, source: str, records: Sequence[SourcePupil], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write pupils with all that is told of them: see `store.pupils`."""
        with translated_errors(), _collector_paused():
            known = self._begin(source, LinkKind.PUPIL, records)
            return write_pupils(
                self._connection,
                source,
                records,
                known,
                new_id=self._new_id,
                recorded_at=recorded_at,
            )

    def write_studies(
        self, source: str, records: Sequence[SourceStudy], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write enrolments beside the present one: see `store.past_studies`."""
        with translated_errors(), _collector_paused():
            known = self._begin(source, LinkKind.STUDY, records)
            return write_studies(
                self._connection,
                source,
                records,
                known,
                new_id=self._new_id,
                recorded_at=recorded_at,
            )

    def write_health_items(
        self, source: str, records: Sequence[SourceHealthItem], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write statements on health: see `store.facts`."""
        return self._write_facts(source, records, HEALTH_ITEMS, recorded_at)

    def write_marks(
        self, source: str, records: Sequence[SourceMark], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write marks: see `store.facts`."""
        return self._write_facts(source, records, MARKS, recorded_at)

    def write_exams(
        self, source: str, records: Sequence[SourceExam], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write examination results: see `store.facts`."""
        return self._write_facts(source, records, EXAMS, recorded_at)

    def write_certificates(
        self, source: str, records: Sequence[SourceCertificate], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write documents on education: see `store.facts`."""
        return self._write_facts(source, records, CERTIFICATES, recorded_at)

    def write_achievements(
        self, source: str, records: Sequence[SourceAchievement], *, recorded_at: datetime
    ) -> WriteOutcome:
        """Write achievements: see `store.facts`."""
        return self._write_facts(source, records, ACHIEVEMENTS, recorded_at)

    def _write_facts(
        self, source: str, records: Sequence[R], kind: FactKind[R], recorded_at: datetime
    ) -> WriteOutcome:
        with translated_errors(), _collector_paused():
            take_import_lock(self._connection)
            return write_facts(self._connection, source, records, kind, recorded_at=recorded_at)

    def _begin(
        self,
        source: str,
        kind: LinkKind,
        records: Sequence[SourceOrganisation | SourceClass | SourcePupil | SourceStudy],
    ) -> dict[str, Link]:
        take_import_lock(self._connection)
        return load_links(self._connection, source, kind, [record.source_id for record in records])

    def _organisations_of(self, known: dict[str, Link]) -> dict[UUID, UUID]:
        statement = select(class_groups.c.id, class_groups.c.organisation_id)
        ids = {link.entity_id for link in known.values()}
        rows = select_in(self._connection, statement, class_groups.c.id, ids)
        return {row[0]: row[1] for row in rows}


def _organisation_hash(record: SourceOrganisation) -> bytes:
    return content_hash(
        record.full_name,
        record.short_name,
        record.inn,
        record.ogrn,
        record.oktmo,
        record.type_code,
        record.status_code,
        record.okfs,
        record.okopf,
    )


def _organisation_row(
    entity_id: UUID, record: SourceOrganisation, recorded_at: datetime
) -> dict[str, object]:
    return {
        "id": entity_id,
        "full_name": record.full_name,
        "short_name": record.short_name,
        "inn": record.inn,
        "ogrn": record.ogrn,
        "oktmo": record.oktmo,
        "type_code": record.type_code,
        "status_code": record.status_code,
        "okfs": record.okfs,
        "okopf": record.okopf,
        "recorded_at": recorded_at,
    }


def _class_hash(record: SourceClass) -> bytes:
    return content_hash(
        record.organisation_source_id,
        record.parallel,
        record.letter,
        record.school_year,
        record.shift,
        record.capacity,
        record.language_code,
    )


def _class_row(
    entity_id: UUID, organisation_id: UUID, record: SourceClass, recorded_at: datetime
) -> dict[str, object]:
    return {
        "id": entity_id,
        "organisation_id": organisation_id,
        "parallel": record.parallel,
        "letter": record.letter,
        "school_year": record.school_year,
        "shift": record.shift,
        "capacity": record.capacity,
        "language_code": record.language_code,
        "programme_id": None,
        "recorded_at": recorded_at,
    }
