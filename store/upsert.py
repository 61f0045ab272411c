"""Many rows into one table at once, writing only what differs.

Rows that are known to be new go straight into their table: by COPY on PostgreSQL, by executemany
on SQLite. Any others are compared with what is there: PostgreSQL takes them by COPY into a staging
table of the connection's own and from there by one statement, SQLite by executemany. A row that is
there already, just so, is left alone. One that changes gets the next version, and the database
keeps the former one (`store.tables.base`).
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values
from sqlalchemy import Connection, Table

from store.driver import driver_cursor

Row = Mapping[str, Any]

# Below this the statements around COPY cost more than they save.
_COPY_FROM_ROWS = 200
# Rows encoded together, and bytes given to the driver together.
_PART = 500
_READ_BYTES = 1 << 16
# A row that differs only in these is not written: they say when and not what.
_NOT_CONTENT = frozenset({"recorded_at", "updated_at", "version"})

# COPY in text format. Source: PostgreSQL documentation, COPY, "Text Format".
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, or change those whose primary key is there and that differ.

    Every row holds every column but `version`, and no primary key comes twice. A ciphertext counts
    for nothing: whether it says something else is told by the blind index or the hash beside it.
    Runs in the connection's transaction; raises the errors of SQLAlchemy.
    """
    if not rows:
        return
    names = _written(table)
    if connection.dialect.name != "postgresql":
        _execute_many(connection, _insert_values(table) + _merge(table, "max"), names, rows)
    elif len(rows) >= _COPY_FROM_ROWS:
        _copy_and_merge(connection, table, rows)
    else:
        sql = f"INSERT INTO {table.name} ({_listed(names)}) VALUES %s"  # noqa: S608
        with driver_cursor(connection) as cursor:
            # As texts, whose types PostgreSQL takes from the columns.
            values = [[_parameter(row[name]) for name in names] for row in rows]
            execute_values(cursor, sql + _merge(table, "greatest"), values, page_size=len(values))


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, none of which is there. Raises the errors of SQLAlchemy, as `upsert`."""
    if not rows:
        return
    names = _written(table)
    if connection.dialect.name != "postgresql":
        _execute_many(connection, _insert_values(table), names, rows)
        return
    with driver_cursor(connection) as cursor:
        _copy(cursor, table.name, names, rows)


def save(
    connection: Connection, table: Table, rows: Iterable[Row], *, is_new: Callable[[Row], bool]
) -> None:
    """`upsert` for the rows that may be there, then `insert` for those that are not."""
    new: list[Row] = []
    others: list[Row] = []
    for row in rows:
        (new if is_new(row) else others).append(row)
    upsert(connection, table, others)
    insert(connection, table, new)


@cache
def _written(table: Table) -> list[str]:
    return [column.name for column in table.c if column.name != "version"]


def _content(table: Table) -> list[str]:
    return [
        column.name
        for column in table.c
        if not column.primary_key
        and column.name not in _NOT_CONTENT
        and not column.name.endswith("_sealed")
    ]


# All names below are those of our own tables; nothing comes from outside.


@cache
def _insert_values(table: Table) -> str:
    names = _written(table)
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({_listed(names)}) VALUES ({places})"  # noqa: S608


@cache
def _merge(table: Table, latest: str) -> str:
    """What to do with a row that is there; `latest`: the function for the greatest of values."""
    name, content = table.name, _content(table)
    changed = [each for each in _written(table) if not table.c[each].primary_key]
    assignments = [f'"{each}" = excluded."{each}"' for each in changed]
    if "version" in table.c:
        assignments = [each for each in assignments if not each.startswith('"recorded_at"')]
        assignments.append(f"version = {name}.version + 1")
        # Clocks of two nodes may differ: a later version is not recorded earlier.
        assignments.append(f"recorded_at = {latest}({name}.recorded_at, excluded.recorded_at)")
    return (
        f" ON CONFLICT ({_listed(column.name for column in table.primary_key.columns)})"
        f" DO UPDATE SET {', '.join(assignments)}"
        f" WHERE ({_listed(content, f'{name}.')})"
        f" {'IS NOT' if latest == 'max' else 'IS DISTINCT FROM'} ({_listed(content, 'excluded.')})"
    )


def _copy_and_merge(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    names = _written(table)
    stage = f"stage_{table.name}"
    columns = _listed(names)
    with driver_cursor(connection) as cursor:
        # The staging table stays with its connection, so that loads leave no traces in the
        # catalogue.
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage}"
            f" (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS; TRUNCATE {stage}"
        )
        _copy(cursor, stage, names, rows)
        cursor.execute(
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {stage}"  # noqa: S608
            + _merge(table, "greatest")
        )


def _copy(cursor: Any, target: str, names: Sequence[str], rows: Sequence[Row]) -> None:
    sql = f"COPY {target} ({_listed(names)}) FROM STDIN"
    cursor.copy_expert(sql, _Lines(names, rows), size=_READ_BYTES)


def _execute_many(
    connection: Connection, sql: str, names: Sequence[str], rows: Sequence[Row]
) -> None:
    with driver_cursor(connection) as cursor:
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            columns = [_parameters([row[name] for row in part]) for name in names]
            cursor.executemany(sql, zip(*columns, strict=True))


def _listed(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


# --- values as the drivers take them -----------------------------------------------------------
#
# Column by column: what is done for each value is most of what a load costs this process.


def _moment(value: datetime) -> str:
    # As SQLAlchemy writes it on SQLite; without the zone, so that moments compare as texts.
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


_PARAMETERS: Mapping[type, Callable[[Any], Any]] = {
    UUID: lambda value: value.hex,
    date: date.isoformat,
    datetime: _moment,
}


def _parameter(value: Any) -> Any:
    convert = _PARAMETERS.get(type(value))
    return value if convert is None else convert(value)


def _parameters(column: list[Any]) -> list[Any]:
    """The values of a column, as SQLite's driver takes them."""
    kinds = set(map(type, column))
    if kinds == {UUID}:
        return [value.hex for value in column]
    if kinds.isdisjoint(_PARAMETERS):
        return column
    # Days and moments come again and again.
    known = {value: _parameter(value) for value in set(column)}
    return [known[value] for value in column]


_FIELDS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: _NULL,
    str: lambda value: value.translate(_ESCAPES),
    bytes: lambda value: "\\\\x" + value.hex(),
    UUID: lambda value: value.hex,
    date: date.isoformat,
    datetime: datetime.isoformat,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
}


def _fields(column: list[Any]) -> list[str]:
    """The values of a column, as COPY's text format has them."""
    kinds = set(map(type, column))
    if kinds == {UUID}:
        return [value.hex for value in column]
    if kinds <= {str, type(None)}:
        return [
            _NULL
            if value is None
            # No sign that needs escaping is printable but the backslash.
            else (value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES))
            for value in column
        ]
    if kinds & {bytes, UUID}:
        return [_field(value) for value in column]
    # Days, moments and numbers come again and again; 1 and True are of one column never.
    known = {value: _field(value) for value in set(column)}
    return [known[value] for value in column]


def _field(value: Any) -> str:
    convert = _FIELDS.get(type(value))
    # What is left are members of enumerations, which are texts.
    return str(value).translate(_ESCAPES) if convert is None else convert(value)


def _encode(names: Sequence[str], rows: Sequence[Row]) -> str:
    columns = [_fields([row[name] for row in rows]) for name in names]
    lines = list(map("\t".join, zip(*columns, strict=True)))
    lines.append("")
    return "\n".join(lines)


class _Lines(io.RawIOBase):
    """Rows as a file of COPY, encoded as it is read: the server works at the same time."""

    def __init__(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        self._names = names
        self._rows = rows
        self._next = 0
        self._part = b""
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes; empty at the end."""
        if self._read >= len(self._part):
            rows = self._rows[self._next : self._next + _PART]
            self._part, self._read = _encode(self._names, rows).encode() if rows else b"", 0
            self._next += len(rows)
        start, self._read = self._read, self._read + (size if size > 0 else _READ_BYTES)
        return self._part[start : self._read]
