"""Many rows into one table at once, writing only what differs.

PostgreSQL takes them by COPY into a staging table of the connection's own, and from there by one
statement; SQLite by executemany. Both leave a row alone that is there already, just so. A row that
changes gets the next version, and the database keeps the former one (`store.tables.base`).
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table, func, or_
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]

# Below this the statements around COPY cost more than they save.
_COPY_FROM_ROWS = 200
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
    if connection.dialect.name == "postgresql":
        if len(rows) >= _COPY_FROM_ROWS:
            _copy_and_merge(connection, table, rows)
        else:
            connection.execute(_postgresql_statement(table), rows)
    else:
        connection.execute(_sqlite_statement(table), rows)


@cache
def _sqlite_statement(table: Table) -> Insert:
    insert = sqlite.insert(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_=_new_values(table, insert.excluded, func.max),
        where=_differs(table, insert.excluded),
    )


@cache
def _postgresql_statement(table: Table) -> Insert:
    insert = postgresql.insert(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_=_new_values(table, insert.excluded, func.greatest),
        where=_differs(table, insert.excluded),
    )


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


def _new_values(table: Table, excluded: Any, latest: Any) -> dict[str, ColumnElement[Any]]:
    values: dict[str, ColumnElement[Any]] = {
        name: excluded[name] for name in _written(table) if not table.c[name].primary_key
    }
    if "version" in table.c:
        values["version"] = table.c.version + 1
        # Clocks of two nodes may differ: a later version is not recorded earlier.
        values["recorded_at"] = latest(table.c.recorded_at, excluded.recorded_at)
    return values


def _differs(table: Table, excluded: Any) -> ColumnElement[bool]:
    return or_(*(table.c[name].is_distinct_from(excluded[name]) for name in _content(table)))


def _copy_and_merge(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    copy, merge = _copy_statements(table)
    for statement in _stage_statements(table):
        connection.exec_driver_sql(statement)
    cursor = connection.connection.cursor()
    try:
        cursor.copy_expert(copy, _encode(_written(table), rows))
    finally:
        cursor.close()
    connection.exec_driver_sql(merge)


def _stage_statements(table: Table) -> tuple[str, ...]:
    # The staging table stays with its connection, so that loads leave no traces in the catalogue.
    return (
        f"CREATE TEMPORARY TABLE IF NOT EXISTS stage_{table.name}"
        f" (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS",
        f"TRUNCATE stage_{table.name}",
    )


@cache
def _copy_statements(table: Table) -> tuple[str, str]:
    # All names here are those of our own tables; nothing comes from outside.
    written, content = _written(table), _content(table)
    columns = _listed(written)
    changed = [name for name in written if not table.c[name].primary_key]
    assignments = [f'"{name}" = excluded."{name}"' for name in changed]
    if "version" in table.c:
        assignments = [each for each in assignments if not each.startswith('"recorded_at"')]
        assignments.append(f"version = {table.name}.version + 1")
        assignments.append(
            f"recorded_at = greatest({table.name}.recorded_at, excluded.recorded_at)"
        )
    merge = (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM stage_{table.name}"  # noqa: S608
        f" ON CONFLICT ({_listed(column.name for column in table.primary_key.columns)})"
        f" DO UPDATE SET {', '.join(assignments)}"
        f" WHERE ({_listed(content, f'{table.name}.')})"
        f" IS DISTINCT FROM ({_listed(content, 'excluded.')})"
    )
    return f"COPY stage_{table.name} ({columns}) FROM STDIN", merge


def _listed(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def _encode(names: Sequence[str], rows: Iterable[Row]) -> io.StringIO:
    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join([_field(row[name]) for name in names]))
        lines.write("\n")
    lines.seek(0)
    return lines


def _field(value: Any) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return str(value)
