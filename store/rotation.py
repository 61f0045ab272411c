"""Seals anew, with the current key, whatever is sealed with another, while others read and write.

Rows are taken in the order of their primary keys, a few in one transaction, so that nobody waits
for long and that a run which was cut short is gone on with by the next: what is sealed with the
current key already is passed over at first. In the end every value is opened, and the index beside
it compared. Versions stay as they are, and history is sealed anew like the
rest: a row says what it said.

Every node must know the current key before (docs/operations.md, "Keys of what is encrypted").
A writer that had read a row before it was sealed anew may put back what it had read. So a
pass begins only when all transactions have ended that were open after the one before, and they are
repeated until one finds nothing to do. On SQLite no writer reads before it holds the write lock,
which is as good.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import IntegrityError

from store.engine import WRITING, vault_of
from store.errors import StoreError, translated_errors
from store.resealing import SEALED_COLUMNS, SealedColumn
from store.sealing import Sealing
from store.tables import keeping_of
from store.transactions import wait_for_transactions
from store.vault import Vault

# The whole of a window is looked at in one statement, without a lock; what is to be sealed anew
# there is locked together, for some milliseconds.
_WINDOW_ROWS = 500
# SQLite's other writers try again in such steps: they have to find the lock free now and then.
_SQLITE_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is in a table: rows seen in this pass, values sealed anew in this run."""

    table: str
    seen: int
    resealed: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it; counts are of values, by table.

    `unopened`: of a key that is not at hand, or changed. `conflicts`: two rows that may not share
    a value share it (two persons one СНИЛС); they are to be joined first. `unneeded`: names of the
    keys with which nothing is sealed any more; none while something stays as it was.
    """

    current: str
    resealed: Mapping[str, int]
    unopened: Mapping[str, int]
    conflicts: Mapping[str, int]
    unneeded: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything is sealed with the current key."""
        return not self.unopened and not self.conflicts


def rotate_keys(
    engine: Engine,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    window_rows: int = _WINDOW_ROWS,
    wait_s: float = 600.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Rotation:
    """Seal everything anew that is not sealed with the first of the engine's keys.

    What can't be is left as it is and counted. `wait_s`: how long to wait for the transactions of
    others that began before a pass ended. Raises `StoreError`: ``store.keys`` without keys,
    ``store.busy`` (retryable) when others did not end in time; what was sealed anew stays so.
    """
    run = _Run(engine, window_rows, progress, sleep)
    with translated_errors():
        wait_for_transactions(engine, wait_s, sleep)
        run.make_pass(thorough=False)
        wait_for_transactions(engine, wait_s, sleep)
        while run.make_pass(thorough=True):
            wait_for_transactions(engine, wait_s, sleep)
    return run.result()


@dataclass(slots=True)
class _Pass:
    """What one pass found; a row that somebody else held is met again in the next."""

    thorough: bool
    changed: int = 0
    held: int = 0
    unopened: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)


class _Run:
    def __init__(
        self,
        engine: Engine,
        window_rows: int,
        progress: Callable[[Progress], None],
        sleep: Callable[[float], None],
    ) -> None:
        self._engine = engine
        self._window_rows = window_rows
        self._progress = progress
        self._sleep = sleep
        with translated_errors(), engine.connect() as connection:
            self._vault: Vault = vault_of(connection)
        self._sealing = Sealing(self._vault)
        self._resealed: Counter[str] = Counter()
        self._pass = _Pass(thorough=False)

    def make_pass(self, *, thorough: bool) -> bool:
        """Go through every table; tell whether something was to be done.

        A thorough pass opens every value and makes sure of the index beside it as well.
        """
        self._pass = _Pass(thorough=thorough)
        for source, columns in SEALED_COLUMNS.items():
            history = keeping_of(source).history
            for table in (source,) if history is None else (source, history):
                self._rotate(table, columns)
        return bool(self._pass.changed or self._pass.held)

    def result(self) -> Rotation:
        """What the passes came to; the last one tells what is left."""
        left = self._pass.unopened or self._pass.conflicts
        return Rotation(
            current=self._vault.names[0],
            resealed=dict(self._resealed),
            unopened=dict(self._pass.unopened),
            conflicts=dict(self._pass.conflicts),
            unneeded=() if left else self._vault.names[1:],
        )

    def _rotate(self, table: Table, columns: Sequence[SealedColumn]) -> None:
        key = list(table.primary_key.columns)
        seen, last = 0, None
        while True:
            window = select(*key).order_by(*key).limit(self._window_rows)
            if last is not None:
                window = window.where(_after(key, last))
            with self._engine.connect() as connection:
                keys = [tuple(row) for row in connection.execute(window)]
                if not keys:
                    return
                statement = select(table).where(_within(key, last, keys[-1]))
                if not self._pass.thorough:
                    statement = statement.where(_is_stale(table, columns, self._vault))
                found, unopened = self._changes(connection, table, columns, statement)
            if unopened:
                self._pass.unopened[table.name] += unopened
            if found:
                self._rotate_window(table, columns, statement, len(found))
            seen, last = seen + len(keys), keys[-1]
            self._progress(Progress(table.name, seen, self._resealed[table.name]))

    def _rotate_window(
        self, table: Table, columns: Sequence[SealedColumn], statement: Select[Any], found: int
    ) -> None:
        # Never waits for a row: whoever holds one may be waiting for another that is held here.
        locked = statement.with_for_update(skip_locked=True)
        with self._engine.execution_options(**WRITING).begin() as connection:
            changes, _ = self._changes(connection, table, columns, locked)
            self._pass.held += max(0, found - len(changes))
            self._write(connection, table, changes)
        if self._engine.dialect.name == "sqlite":
            self._sleep(_SQLITE_PAUSE_S)

    def _changes(
        self,
        connection: Connection,
        table: Table,
        columns: Sequence[SealedColumn],
        statement: Select[Any],
    ) -> tuple[list[dict[str, Any]], int]:
        """Tell what is to be written, by the rows that need it, and how many values don't open.

        Each has the row's primary key, as ``key_…``, and its sealed columns as they are to become.
        """
        changes, unopened = [], 0
        for row in connection.execute(statement).mappings():
            change: dict[str, Any] = {}
            for column in columns:
                if row[column.sealed] is None:
                    continue
                try:
                    made = column.reseal(self._sealing, row)
                except StoreError:
                    unopened += 1
                    continue
                if not self._is_current(column, row, made):
                    change.update(made)
            if change:
                change.update({f"key_{each.name}": row[each.name] for each in table.primary_key})
                changes.append(change)
        return changes, unopened

    def _is_current(self, column: SealedColumn, row: RowMapping, made: dict[str, bytes]) -> bool:
        index = column.index
        return self._vault.key_of(bytes(row[column.sealed])) == self._vault.names[0] and (
            index is None or bytes(row[index] or b"") == made[index]
        )

    def _write(self, connection: Connection, table: Table, changes: list[dict[str, Any]]) -> None:
        by_columns: dict[frozenset[str], list[dict[str, Any]]] = {}
        for change in changes:
            by_columns.setdefault(frozenset(change), []).append(change)
        for group in by_columns.values():
            try:
                with connection.begin_nested():
                    connection.execute(_update(table, group[0]), group)
                self._count(table, len(group))
            except IntegrityError:
                for change in group:
                    self._write_one(connection, table, change)

    def _write_one(self, connection: Connection, table: Table, change: dict[str, Any]) -> None:
        try:
            with connection.begin_nested():
                connection.execute(_update(table, change), change)
            self._count(table, 1)
        except IntegrityError:
            self._pass.conflicts[table.name] += 1

    def _count(self, table: Table, rows: int) -> None:
        self._pass.changed += rows
        self._resealed[table.name] += rows


def _is_stale(table: Table, columns: Sequence[SealedColumn], vault: Vault) -> ColumnElement[bool]:
    """Whether a row has something that is not sealed with the current key."""
    prefix = vault.current_prefix
    return or_(
        *(func.substr(table.c[each.sealed], 1, len(prefix)) != literal(prefix) for each in columns)
    )


def _after(key: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    return tuple_(*key) > tuple_(*_bound(key, values))


def _within(
    key: Sequence[ColumnElement[Any]], last: Sequence[Any] | None, end: Sequence[Any]
) -> ColumnElement[bool]:
    up_to = tuple_(*key) <= tuple_(*_bound(key, end))
    return up_to if last is None else up_to & _after(key, last)


def _bound(key: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> list[ColumnElement[Any]]:
    return [literal(value, column.type) for column, value in zip(key, values, strict=True)]


def _update(table: Table, change: Mapping[str, Any]) -> Any:
    statement = table.update()
    for column in table.primary_key:
        statement = statement.where(column == bindparam(f"key_{column.name}"))
    names = [name for name in change if not name.startswith("key_")]
    return statement.values({name: bindparam(name) for name in names})
