"""Pulls a school system into the register, page by page, each page in one unit of work.

A page's records and the mark of the next page are committed together: whatever happens, what was
committed is whole, and the next run goes on from there. Kinds of records go in the order in which
they need each other: organisations, classes, pupils, then what is told of pupils apart. What was
refused is kept with the page too, until the source sends the record better.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.engine import Engine

from adapters.errors import AdapterError
from adapters.schools.gorod import GorodAdapter, GorodSettings
from adapters.schools.pages import Page
from ops.config import Config, SourceSection
from ops.errors import ConfigError
from ops.printing import one_line
from registry.imports import (
    ImportBatch,
    ImportReport,
    Refusal,
    import_achievements,
    import_certificates,
    import_classes,
    import_exams,
    import_health_items,
    import_marks,
    import_organisations,
    import_pupils,
    import_studies,
)
from store.cursors import SyncCursor, SyncState
from store.unit_of_work import UnitOfWork

log = logging.getLogger("kontingent.sync")
Clock = Callable[[], datetime]
Progress = Callable[["Step"], None]

REFUSALS_KEPT = 1000


class SchoolAdapter(Protocol):
    """A school system: pages of its records from a token on (None: from the beginning).

    It may also have `studies`, `health_items`, `marks`, `exams`, `certificates` and `achievements`.
    """

    def organisations(self, token: str | None = None) -> Iterator[Page[Any]]: ...

    def classes(self, token: str | None = None) -> Iterator[Page[Any]]: ...

    def pupils(self, token: str | None = None) -> Iterator[Page[Any]]: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One page is in: how many records of its kind are done, of how many the source has."""

    entity: str
    done: int
    total: int


@dataclass(slots=True)
class SyncReport:
    """What one run did; `refused` keeps the first refusals, `refused_count` counts all."""

    source: str
    resumed: bool
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused_count: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)

    def add(self, entity: str, report: ImportReport) -> None:
        """Count a page in."""
        self.created += report.created
        self.changed += report.changed
        self.unchanged += report.unchanged
        self.refused_count += len(report.refused)
        room = REFUSALS_KEPT - len(self.refused)
        self.refused.extend((entity, refusal) for refusal in report.refused[:room])


_IMPORTS: dict[str, Callable[..., ImportReport]] = {
    "organisations": import_organisations,
    "classes": import_classes,
    "pupils": import_pupils,
    "studies": import_studies,
    "health_items": import_health_items,
    "marks": import_marks,
    "exams": import_exams,
    "certificates": import_certificates,
    "achievements": import_achievements,
}


def adapter_for(config: Config, source: SourceSection) -> SchoolAdapter:
    """Return the adapter of a configured source. Raises ConfigError `config.source_kind`."""
    if source.kind != "gorod":
        raise ConfigError(
            f"source {source.name!r}: unknown kind {source.kind!r} (known: gorod)",
            code="config.source_kind",
        )
    return GorodAdapter(
        GorodSettings(
            name=source.name,
            url=source.url,
            user=source.user or "",
            password=config.secrets.source_passwords.get(source.name, ""),
            page_size=source.page_size,
            timeout_s=source.timeout_s,
        )
    )


def run_sync(
    source: str, adapter: SchoolAdapter, engine: Engine, *, clock: Clock, progress: Progress
) -> SyncReport:
    """Pull everything that the source has, from where the last run stopped if it was cut short.

    Raises AdapterError or StoreError; what was committed before stays, and the next run goes on.
    """
    kinds = [entity for entity in _IMPORTS if hasattr(adapter, entity)]
    cursors, resumed = _begin(source, kinds, engine, clock)
    report = SyncReport(source=source, resumed=resumed)
    for cursor in cursors:
        if cursor.state is SyncState.FINISHED:
            continue
        try:
            _pull(cursor, adapter, engine, report, clock=clock, progress=progress)
        except AdapterError as error:
            _note_failure(source, cursor.entity, error, engine, clock)
            raise
    return report


def _begin(
    source: str, kinds: Sequence[str], engine: Engine, clock: Clock
) -> tuple[list[SyncCursor], bool]:
    """Return the cursors to go on with, and whether an unfinished run is being resumed."""
    with UnitOfWork(engine) as work:
        known = {cursor.entity: cursor for cursor in work.cursors.list(source)}
        unfinished = [c for c in known.values() if c.state is not SyncState.FINISHED]
        if unfinished and set(known) == set(kinds):
            return [known[entity] for entity in kinds], True
        fresh = [_fresh(source, entity, known.get(entity), clock()) for entity in kinds]
        for cursor in fresh:
            work.cursors.save(cursor)
        work.commit()
        return fresh, False


def _fresh(source: str, entity: str, last: SyncCursor | None, now: datetime) -> SyncCursor:
    return SyncCursor(
        source=source,
        entity=entity,
        token=None,
        state=SyncState.RUNNING,
        created=0,
        changed=0,
        unchanged=0,
        refused=0,
        updated_at=now,
        finished_at=last.finished_at if last else None,
    )


def _pull(
    cursor: SyncCursor,
    adapter: SchoolAdapter,
    engine: Engine,
    report: SyncReport,
    *,
    clock: Clock,
    progress: Progress,
) -> None:
    if cursor.token is None:
        # Also when a kind begins anew: what was counted before is counted again.
        cursor = replace(cursor, created=0, changed=0, unchanged=0, refused=0)
    pages: Iterator[Page[Any]] = getattr(adapter, cursor.entity)(cursor.token)
    for page in pages:
        with UnitOfWork(engine) as work:
            batch = ImportBatch(source=cursor.source, records=tuple(page.records))
            outcome = _IMPORTS[cursor.entity](batch, work.bulk, clock=clock)
            outcome = _with_undecodable(outcome, page)
            cursor = _advance(cursor, outcome, page.next_token, clock())
            work.cursors.save(cursor)
            work.refusals.keep(
                cursor.source,
                cursor.entity,
                outcome.refused,
                accepted=[record.source_id for record in page.records],
                at=clock(),
            )
            work.commit()
        report.add(cursor.entity, outcome)
        _log_refusals(cursor, outcome.refused)
        done = cursor.created + cursor.changed + cursor.unchanged + cursor.refused
        progress(Step(entity=cursor.entity, done=done, total=page.total))


def _with_undecodable(outcome: ImportReport, page: Page[Any]) -> ImportReport:
    unread = tuple(Refusal(each.source_id, each.problems) for each in page.undecodable)
    return replace(outcome, refused=(*outcome.refused, *unread))


def _advance(
    cursor: SyncCursor, outcome: ImportReport, next_token: str | None, now: datetime
) -> SyncCursor:
    finished = next_token is None
    return replace(
        cursor,
        token=next_token,
        state=SyncState.FINISHED if finished else SyncState.RUNNING,
        created=cursor.created + outcome.created,
        changed=cursor.changed + outcome.changed,
        unchanged=cursor.unchanged + outcome.unchanged,
        refused=cursor.refused + len(outcome.refused),
        updated_at=now,
        finished_at=now if finished else cursor.finished_at,
        error_code=None,
    )


def _note_failure(
    source: str, entity: str, error: AdapterError, engine: Engine, clock: Clock
) -> None:
    """Keep why the run stopped, beside the token of the last page that went in.

    A token that the source no longer knows is dropped: the next run begins this kind anew, which
    repeats work but loses nothing.
    """
    with UnitOfWork(engine) as work:
        cursor = work.cursors.load(source, entity)
        if cursor is None:
            return
        forget = error.code == "source.token_unknown"
        stopped = replace(
            cursor,
            token=None if forget else cursor.token,
            state=SyncState.FAILED,
            error_code=error.code,
            updated_at=clock(),
        )
        work.cursors.save(stopped)
        work.commit()


def _log_refusals(cursor: SyncCursor, refusals: Sequence[Refusal]) -> None:
    for refusal in refusals:
        codes = ",".join(problem.code for problem in refusal.problems)
        log.warning(
            "event=record_refused source=%s entity=%s source_id=%s codes=%s",
            cursor.source,
            cursor.entity,
            one_line(refusal.source_id),
            codes,
        )
