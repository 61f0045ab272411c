"""Many rows into one table at once, writing only what differs.

PostgreSQL takes them by COPY into a staging table of the connection's own, and from there by one
statement; SQLite by executemany. Both leave a row alone that is there already, just so.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table, or_
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]

# Below this the statements around COPY cost more than they save.
_COPY_FROM_ROWS = 200
# A row that differs only in these is not written: they say when and not what.
_NOT_CONTENT = frozenset({"recorded_at", "updated_at"})

# COPY in text format. Source: PostgreSQL documentation, COPY, "Text Format".
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, or change those whose primary key is there and that differ.

    Every row holds every column, and no primary key comes twice. Runs in the connection's
    transaction; raises the errors of SQLAlchemy.
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
        set_=_new_values(table, insert.excluded),
        where=_differs(table, insert.excluded),
    )


@cache
def _postgresql_statement(table: Table) -> Insert:
    insert = postgresql.insert(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_=_new_values(table, insert.excluded),
        where=_differs(table, insert.excluded),
    )


def _new_values(table: Table, excluded: Any) -> dict[str, ColumnElement[Any]]:
    return {column.name: excluded[column.name] for column in table.c if not column.primary_key}


def _differs(table: Table, excluded: Any) -> ColumnElement[bool]:
    content = (
        column for column in table.c if not column.primary_key and column.name not in _NOT_CONTENT
    )
    return or_(*(column.is_distinct_from(excluded[column.name]) for column in content))


def _copy_and_merge(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    copy, merge = _copy_statements(table)
    for statement in _stage_statements(table):
        connection.exec_driver_sql(statement)
    names = [column.name for column in table.c]
    cursor = connection.connection.cursor()
    try:
        cursor.copy_expert(copy, _encode(names, rows))
    finally:
        cursor.close()
    connection.exec_driver_sql(merge)


def _stage_statements(table: Table) -> tuple[str, ...]:
    # The staging table stays with its connection, so that loads leave no traces in the catalogue.
    return (
        f"CREATE TEMPORARY TABLE IF NOT EXISTS stage_{table.name} (LIKE {table.name})"
        " ON COMMIT DELETE ROWS",
        f"TRUNCATE stage_{table.name}",
    )


@cache
def _copy_statements(table: Table) -> tuple[str, str]:
    # All names here are those of our own tables; nothing comes from outside.
    rest = [column.name for column in table.c if not column.primary_key]
    content = [name for name in rest if name not in _NOT_CONTENT]
    columns = _listed(column.name for column in table.c)
    assignments = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    merge = (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM stage_{table.name}"  # noqa: S608
        f" ON CONFLICT ({_listed(column.name for column in table.primary_key.columns)})"
        f" DO UPDATE SET {assignments}"
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
