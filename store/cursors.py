"""How far each synchronisation got, kept in the transaction that wrote what it brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from store.errors import translated_errors
from store.tables import sync_cursors
from store.upsert import upsert


class SyncState(StrEnum):
    """What a synchronisation of one kind of records is at."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """How far the pull of one kind of records from one source got.

    `token` is the source's own mark of the next page, None at the beginning and when finished.
    The counts are of this run so far. `finished_at` is when a run last ended whole; `error_code`
    says why the present one failed. Moments are in UTC.
    """

    source: str
    entity: str
    token: str | None
    state: SyncState
    created: int
    changed: int
    unchanged: int
    refused: int
    updated_at: datetime
    finished_at: datetime | None = None
    error_code: str | None = None


_COLUMNS = tuple(column.name for column in sync_cursors.columns)


class CursorStore:
    """The cursors, on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self, source: str, entity: str) -> SyncCursor | None:
        """The cursor of these records, None when they were never pulled."""
        found = [each for each in self.list(source) if each.entity == entity]
        return found[0] if found else None

    def list(self, source: str | None = None) -> Sequence[SyncCursor]:
        """All cursors, or those of one source, by source and entity."""
        statement = select(sync_cursors).order_by(sync_cursors.c.source, sync_cursors.c.entity)
        if source is not None:
            statement = statement.where(sync_cursors.c.source == source)
        with translated_errors():
            rows = self._connection.execute(statement).mappings().all()
        return [SyncCursor(**{**row, "state": SyncState(row["state"])}) for row in rows]

    def save(self, cursor: SyncCursor) -> None:
        """Keep `cursor` in place of the one before it."""
        with translated_errors():
            upsert(
                self._connection,
                sync_cursors,
                [{name: getattr(cursor, name) for name in _COLUMNS}],
            )
