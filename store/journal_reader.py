"""Reading the journal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, and_, bindparam, select

from journal.chain import Link
from journal.records import Direction, JournalRecord, RecordKind
from store.driver import DriverQuery
from store.engine import READ_ONLY
from store.errors import translated_errors
from store.journal_append import searchable
from store.reading import Reading
from store.tables import journal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord(JournalRecord):
    """A record of the journal with its place in the chain."""

    sequence: int
    previous_hash: bytes
    chain_hash: bytes

    @property
    def link(self) -> Link:
        """The place in the chain, as `journal.chain.check_chain` takes it."""
        return Link(self.sequence, self.digest, self.previous_hash, self.chain_hash)


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A message in one line: when and whence it came, what became of it.

    `size_bytes` is of the message as received. What `decided` adds is None until then.
    """

    sequence: int
    message_id: UUID
    at: datetime
    direction: Direction
    transport: str
    peer: str
    service: str
    size_bytes: int
    operation: str | None
    sender_code: str | None
    case_number: str | None
    status: str | None
    fault_code: str | None


_RECORD_COLUMNS = tuple(journal.c[field.name] for field in fields(StoredRecord))
_FIELD_NAMES = tuple(field.name for field in fields(StoredRecord))
_BY_REPLAY_KEY = select(*_RECORD_COLUMNS).where(journal.c.replay_key == bindparam("replay_key"))
_KIND_AT = _FIELD_NAMES.index("kind")
_DIRECTION_AT = _FIELD_NAMES.index("direction")

_received = journal.alias("received")
_decided = journal.alias("decided")
_SUMMARIES = (
    select(
        _received.c.sequence,
        _received.c.message_id,
        _received.c.at,
        _received.c.direction,
        _received.c.transport,
        _received.c.peer,
        _received.c.service,
        _received.c.size_bytes,
        _decided.c.operation,
        _decided.c.sender_code,
        _decided.c.case_number,
        _decided.c.status,
        _decided.c.fault_code,
    )
    .select_from(
        _received.outerjoin(
            _decided,
            and_(
                _decided.c.message_id == _received.c.message_id,
                _decided.c.kind == RecordKind.DECIDED.value,
            ),
        )
    )
    .where(_received.c.kind == RecordKind.RECEIVED.value)
    .order_by(_received.c.sequence.desc())
)

# How many ids `find_ids` gives at most: enough to say that a beginning is not enough.
_MAX_IDS = 10
_HEX = re.compile(r"[0-9a-f]{1,32}")


class JournalReader:
    """Reads the journal, each call in a transaction of its own. Raises `StoreError`."""

    def __init__(self, engine: Engine, *, reading: Reading | None = None) -> None:
        """Read through `engine`; look-ups by a replay key through `reading` where it is given."""
        self._engine = engine.execution_options(**READ_ONLY)
        self._reading = reading or Reading(engine)
        self._by_replay_key = DriverQuery(_BY_REPLAY_KEY, engine.dialect)

    def close(self) -> None:
        """Give back the connections that look-ups by a key keep."""
        self._reading.close()

    def find_reply(self, replay_key: str) -> StoredRecord | None:
        """The decision of the message with this key, its reply in `body` as it was stored."""
        rows = self._reading.run(
            lambda connection: self._by_replay_key.rows(connection, {"replay_key": replay_key})
        )
        return _to_record(rows[0]) if rows else None

    def find_smev_message(self, smev_message_id: str) -> str | None:
        """The replay key under which the message with this id of SMEV was first decided."""
        statement = (
            select(journal.c.replay_key)
            .where(
                journal.c.smev_message_id == searchable("smev_message_id", smev_message_id),
                journal.c.replay_key.is_not(None),
            )
            .order_by(journal.c.sequence)
            .limit(1)
        )
        rows = self._rows(statement)
        return rows[0][0] if rows else None

    def get(self, message_id: UUID) -> tuple[StoredRecord, ...]:
        """The records of a message in their order; none when there is no such message."""
        statement = select(*_RECORD_COLUMNS).where(journal.c.message_id == message_id)
        return tuple(self._records(statement.order_by(journal.c.sequence)))

    def find_ids(self, beginning: str) -> tuple[UUID, ...]:
        """Ids of up to ten messages that begin so, in hexadecimal with or without hyphens."""
        digits = beginning.replace("-", "").lower()
        if not _HEX.fullmatch(digits):
            return ()
        first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
        statement = (
            select(journal.c.message_id)
            .where(journal.c.message_id.between(first, last))
            .order_by(journal.c.message_id)
            .distinct()
            .limit(_MAX_IDS)
        )
        return tuple(row[0] for row in self._rows(statement))

    def list_messages(
        self,
        *,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
        service: str | None = None,
        operation: str | None = None,
        sender_code: str | None = None,
        status: str | None = None,
        fault_code: str | None = None,
        case_number: str | None = None,
        before_sequence: int | None = None,
    ) -> Sequence[MessageSummary]:
        """Messages that fit all that is given, the newest first.

        The bounds of time hold for the arrival, from `since` up to, not including, `until`.
        `before_sequence` goes on after the last one of another list.
        """
        wanted = (
            (_received.c.service, service),
            (_decided.c.operation, operation),
            (_decided.c.sender_code, sender_code),
            (_decided.c.status, status),
            (_decided.c.fault_code, fault_code),
            (_decided.c.case_number, case_number),
        )
        statement = _SUMMARIES.limit(limit)
        for column, value in wanted:
            if value is not None:
                statement = statement.where(column == value)
        if since is not None:
            statement = statement.where(_received.c.at >= since)
        if until is not None:
            statement = statement.where(_received.c.at < until)
        if before_sequence is not None:
            statement = statement.where(_received.c.sequence < before_sequence)
        return [MessageSummary(*_with_direction(row)) for row in self._rows(statement)]

    def iterate(self, *, after: int = 0, chunk_size: int = 500) -> Iterator[StoredRecord]:
        """All records whose sequence is greater than `after`, in order; memory stays flat."""
        statement = select(*_RECORD_COLUMNS).order_by(journal.c.sequence).limit(chunk_size)
        while True:
            records = self._records(statement.where(journal.c.sequence > after))
            yield from records
            if len(records) < chunk_size:
                return
            after = records[-1].sequence

    def _rows(self, statement: Select[Any]) -> Sequence[Sequence[Any]]:
        with translated_errors(), self._engine.connect() as connection:
            rows: Sequence[Sequence[Any]] = connection.execute(statement).all()
        return rows

    def _records(self, statement: Select[Any]) -> list[StoredRecord]:
        return [_to_record(row) for row in self._rows(statement)]


def _with_direction(row: Sequence[Any]) -> tuple[Any, ...]:
    return *row[:3], Direction(row[3]), *row[4:]


def _to_record(row: Sequence[Any]) -> StoredRecord:
    values = dict(zip(_FIELD_NAMES, row, strict=True))
    values["kind"] = RecordKind(row[_KIND_AT])
    values["direction"] = Direction(row[_DIRECTION_AT])
    for name in ("meta", "body", "digest", "previous_hash", "chain_hash"):
        values[name] = bytes(values[name])
    return StoredRecord(**values)
