"""Appending to the journal: sequence and chain are given under a lock that all writers take."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Dialect, String, any_, bindparam, select, text, union_all

from journal.chain import GENESIS, link
from journal.records import JournalRecord
from store.driver import DriverInsert, DriverQuery
from store.errors import MessageIdReused, ReplayConflict
from store.links import select_in
from store.tables import journal

# Differs from the other advisory locks of ours.
_JOURNAL_LOCK = 0x6B6F6E74_03
_LOCK_FIRST = f"SELECT pg_advisory_xact_lock({_JOURNAL_LOCK}); "
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_JOURNAL_LOCK)

_PLACE = (
    journal.c.sequence,
    journal.c.chain_hash,
    journal.c.replay_key,
    journal.c.message_id,
    journal.c.smev_message_id,
)
_TAIL = select(*_PLACE).order_by(journal.c.sequence.desc()).limit(1)
_DECIDED = select(*_PLACE).where(journal.c.replay_key == bindparam("replay_key"))
_OWNER = (
    select(*_PLACE)
    .where(
        journal.c.smev_message_id == bindparam("smev_id"),
        journal.c.replay_key.is_not(None),
    )
    .order_by(journal.c.sequence)
    .limit(1)
)
# For PostgreSQL all of it in one round trip. The lock is a statement of its own: what follows it
# sees what was committed while it waited.
_ANY_DECIDED = select(*_PLACE).where(
    journal.c.replay_key == any_(bindparam("keys", type_=ARRAY(String)))
)
_ANY_OWNERS = select(*_PLACE).where(
    journal.c.smev_message_id == any_(bindparam("smev_ids", type_=ARRAY(String))),
    journal.c.replay_key.is_not(None),
)
_STATE = union_all(select(_TAIL.subquery()), _ANY_DECIDED, _ANY_OWNERS)


# Connection, replay keys, ids of SMEV.
Places = Callable[[Connection, Collection[str], Collection[str]], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Statements:
    """What every message waits for, twice.

    `places` gives the last record's place and those of the decisions that have one of the replay
    keys or of the ids of SMEV, in rows of `_PLACE`, and takes the lock before.
    """

    places: Places
    insert: DriverInsert


@lru_cache(maxsize=8)
def _statements(dialect: Dialect) -> _Statements:
    find = _find_on_postgresql if dialect.name == "postgresql" else _find_on_sqlite
    return _Statements(places=find(dialect), insert=DriverInsert(journal, dialect))


def _find_on_postgresql(dialect: Dialect) -> Places:
    state = DriverQuery(_STATE, dialect, before=_LOCK_FIRST)
    # Half of all records, those of arrivals, have neither.
    tail = DriverQuery(_TAIL, dialect, before=_LOCK_FIRST)

    def find(
        connection: Connection, keys: Collection[str], smev_ids: Collection[str]
    ) -> list[tuple[Any, ...]]:
        if not keys and not smev_ids:
            return tail.rows(connection, {})
        return state.rows(connection, {"keys": list(keys), "smev_ids": list(smev_ids)})

    return find


def _find_on_sqlite(dialect: Dialect) -> Places:
    tail, decided = DriverQuery(_TAIL, dialect), DriverQuery(_DECIDED, dialect)
    owner = DriverQuery(_OWNER, dialect)

    def find(
        connection: Connection, keys: Collection[str], smev_ids: Collection[str]
    ) -> list[tuple[Any, ...]]:
        rows = tail.rows(connection, {})
        for key in keys:
            rows += decided.rows(connection, {"replay_key": key})
        for smev_id in smev_ids:
            rows += owner.rows(connection, {"smev_id": smev_id})
        return rows

    return find


# Columns to search by, filled with what strangers sent: a longer text is cut, for all of it is in
# `meta`, and a message must not escape the journal by the length of its id.
_CUT_AT = {
    column.name: column.type.length  # type: ignore[attr-defined]
    for column in journal.c
    if column.name
    in (
        "transport",
        "peer",
        "service",
        "operation",
        "sender_code",
        "certificate",
        "smev_message_id",
        "request_id_ref",
        "origin_request_id_ref",
        "case_number",
        "status",
        "fault_code",
        "subject_key",
    )
}


def take_lock(connection: Connection) -> None:
    """Keep other writers of the journal waiting until the connection's transaction ends."""
    # On SQLite the transaction has the only write lock there is.
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_LOCK)


Refused = ReplayConflict | MessageIdReused


@dataclass(slots=True)
class _Taken:
    """Under which message each replay key and each id of SMEV was first decided."""

    keys: dict[str, UUID] = field(default_factory=dict)
    smev_ids: dict[str, UUID] = field(default_factory=dict)

    def check(self, record: JournalRecord) -> Refused | None:
        """Why `record` must not be appended, if so."""
        if record.replay_key is None:
            return None
        if record.replay_key in self.keys:
            return ReplayConflict(self.keys[record.replay_key])
        # Whoever has the id has another key, or the record were a replay.
        smev_id = _smev_id_of(record)
        if smev_id is not None and smev_id in self.smev_ids:
            return MessageIdReused(self.smev_ids[smev_id])
        return None

    def note(self, replay_key: str | None, smev_id: str | None, message_id: UUID) -> None:
        """Remember a record; those before it keep what is theirs."""
        if replay_key is None:
            return
        self.keys.setdefault(replay_key, message_id)
        if smev_id is not None:
            self.smev_ids.setdefault(smev_id, message_id)


def append(connection: Connection, records: Sequence[JournalRecord]) -> list[int | Refused]:
    """Append `records` in order in the connection's transaction.

    Returns for each its sequence, gap-free over all writers, or the error for which it was left
    out: `ReplayConflict` when its replay key is in the journal, or earlier in `records`;
    `MessageIdReused` when it has a replay key, and its SMEV id is there with another. On PostgreSQL
    the transaction must be READ COMMITTED, on SQLite a writing one (`store.engine.WRITING`).
    Others wait until it ends. Raises the errors of SQLAlchemy.
    """
    sequence, previous, taken = _state(connection, records)
    results: list[int | Refused] = []
    rows: list[dict[str, Any]] = []
    for record in records:
        refused = taken.check(record)
        if refused is not None:
            results.append(refused)
            continue
        taken.note(record.replay_key, _smev_id_of(record), record.message_id)
        sequence += 1
        chain_hash = link(previous, record.digest)
        rows.append(_row(record, sequence, previous, chain_hash))
        results.append(sequence)
        previous = chain_hash
    if rows:
        _statements(connection.dialect).insert.execute(connection, rows)
    return results


def find_appended(
    connection: Connection, records: Iterable[JournalRecord]
) -> dict[tuple[object, str], tuple[int, bytes]]:
    """Sequence and digest of those `records` that the journal holds, by message id and kind."""
    statement = select(journal.c.message_id, journal.c.kind, journal.c.sequence, journal.c.digest)
    ids = {record.message_id for record in records}
    rows = select_in(connection, statement, journal.c.message_id, ids)
    return {(row[0], row[1]): (row[2], bytes(row[3])) for row in rows}


def _state(connection: Connection, records: Iterable[JournalRecord]) -> tuple[int, bytes, _Taken]:
    """The last sequence and chain hash, and what of the replay keys and SMEV ids is taken.

    Takes the lock first: what it says holds until the transaction ends.
    """
    keys: set[str] = set()
    smev_ids: set[str] = set()
    for record in records:
        if record.replay_key is not None:
            keys.add(record.replay_key)
            smev_id = _smev_id_of(record)
            if smev_id is not None:
                smev_ids.add(smev_id)
    rows = _statements(connection.dialect).places(connection, keys, smev_ids)
    last, previous = 0, GENESIS
    taken = _Taken()
    for sequence, chain_hash, replay_key, message_id, smev_id in sorted(rows, key=itemgetter(0)):
        last, previous = sequence, bytes(chain_hash)
        taken.note(replay_key, smev_id, message_id)
    return last, previous, taken


def _smev_id_of(record: JournalRecord) -> str | None:
    """The SMEV MessageId as the journal's column holds it, and compares it."""
    return searchable("smev_message_id", record.smev_message_id)


def searchable(column: str, value: str | None) -> str | None:
    """`value` as the journal's `column` holds it."""
    if value is None:
        return None
    # PostgreSQL takes no NUL in a text, and UTF-8 no lone surrogates.
    cut = value[: _CUT_AT[column]].replace("\0", "\ufffd")
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode()


def _row(
    record: JournalRecord, sequence: int, previous: bytes, chain_hash: bytes
) -> dict[str, Any]:
    row: dict[str, Any] = {name: searchable(name, getattr(record, name)) for name in _CUT_AT}
    row.update(
        sequence=sequence,
        message_id=record.message_id,
        kind=record.kind.value,
        at=record.at,
        direction=str(record.direction),
        replay_key=record.replay_key,
        size_bytes=record.size_bytes,
        meta=record.meta,
        body=record.body,
        digest=record.digest,
        previous_hash=previous,
        chain_hash=chain_hash,
    )
    return row
