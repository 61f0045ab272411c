"""Statements that every message waits for, on the driver's own cursor.

SQLAlchemy's execution layer costs several times what these statements cost themselves. They are
built by SQLAlchemy all the same, once a dialect, so that names and types stay those of
`store.tables`, and errors come out as SQLAlchemy's, so that nothing above sees a difference.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import CompoundSelect, Connection, Dialect, Float, Insert, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Processor = Callable[[Any], Any] | None


class DriverQuery:
    """A SELECT without lists among its parameters, compiled for one dialect.

    `before` is a statement without parameters and results that PostgreSQL executes ahead of it, in
    the same round trip. A connection of PostgreSQL that asks a second time has the statement
    prepared: planning these joins costs more than executing them.
    """

    def __init__(
        self, statement: Select[Any] | CompoundSelect[Any], dialect: Dialect, *, before: str = ""
    ) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = before + str(compiled)
        self._prepared = None
        if dialect.name == "postgresql" and not before:
            self._prepared = _Prepared(str(compiled), list(compiled.binds))
        self._order = compiled.positiontup
        self._binds = {
            name: _bind_processor(parameter.type, dialect)
            for name, parameter in compiled.binds.items()
        }
        # What the statement itself gives, as the number behind LIMIT.
        self._given = {
            name: parameter.value
            for name, parameter in compiled.binds.items()
            if parameter.value is not None
        }
        self._results = [
            _result_processor(column.type, dialect) for column in statement.selected_columns
        ]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute on the connection's transaction. Raises DBAPIError of SQLAlchemy."""
        bound = {
            name: value if (bind := self._binds[name]) is None else bind(value)
            for name, value in {**self._given, **values}.items()
        }
        parameters = bound if self._order is None else [bound[name] for name in self._order]
        with driver_cursor(connection) as cursor:
            cursor.execute(self.sql, parameters)
            return [self._read(row) for row in cursor.fetchall()]

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            value if process is None else process(value)
            for process, value in zip(self._results, row, strict=True)
        )


class _Prepared:
    """A statement under a name of its own on the server. Source: PostgreSQL, PREPARE."""

    def __init__(self, sql: str, names: Sequence[str]) -> None:
        self.name = f"k_{sha256(sql.encode()).hexdigest()[:24]}"
        numbered = sql % {name: f"${place}" for place, name in enumerate(names, start=1)}
        self.prepare = f"PREPARE {self.name} AS {numbered}"
        self.execute = f"EXECUTE {self.name}"
        if names:
            self.execute += f" ({', '.join(f'%({name})s' for name in names)})"


class DriverInsert:
    """An INSERT of whole rows into a table, compiled for one dialect."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        insert: Insert = table.insert()
        compiled = insert.compile(dialect=dialect)
        self._columns = [(c.name, _bind_processor(c.type, dialect)) for c in table.c]
        self._at_once = dialect.name == "postgresql"
        names = ", ".join(dialect.identifier_preparer.quote(c.name) for c in table.c)
        self._sql = (
            f"INSERT INTO {table.name} ({names}) VALUES %s"  # noqa: S608  our own names
            if self._at_once
            else str(compiled)
        )

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that hold every column. Raises DBAPIError of SQLAlchemy."""
        values = [
            tuple(
                row[name] if process is None else process(row[name])
                for name, process in self._columns
            )
            for row in rows
        ]
        with driver_cursor(connection) as cursor:
            if self._at_once:
                execute_values(cursor, self._sql, values, page_size=len(values))
            else:
                cursor.executemany(self._sql, values)


def execute(connection: Connection, sql: str) -> None:
    """Execute a statement without parameters and results. Raises DBAPIError of SQLAlchemy."""
    with driver_cursor(connection) as cursor:
        cursor.execute(sql)


def _bind_processor(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    if isinstance(kind, Float):
        # Both drivers give floats; SQLAlchemy would ask the cursor for the column's type.
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


@contextmanager
def driver_cursor(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver, whose errors leave the block as DBAPIError of SQLAlchemy."""
    driver, dialect = connection.connection, connection.dialect
    cursor = driver.cursor()
    try:
        yield cursor
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver.dbapi_connection, cursor)
        raise DBAPIError.instance(
            None,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from None
    finally:
        cursor.close()
