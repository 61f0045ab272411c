"""The yearly partitions of append-only tables on PostgreSQL, made before they are needed.

A row of a year that has no partition goes into `<table>_rest` and is moved when the year gets one,
so that nothing fails for want of it. SQLite has no partitions: there is nothing to do.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, Engine, Table, text

from store.engine import WRITING, autocommit
from store.errors import translated_errors
from store.tables import keeping_of, metadata

# This year and so many that come have a partition.
YEARS_AHEAD = 2
# One node makes partitions at a time; the number only differs from other advisory locks of ours.
_LOCK = 0x6B6F6E74_02

_EXISTING = text(
    "SELECT child.relname FROM pg_inherits"
    " JOIN pg_class child ON child.oid = inhrelid"
    " JOIN pg_class parent ON parent.oid = inhparent"
    " WHERE parent.relnamespace = current_schema()::regnamespace"
)


def ensure_partitions(engine: Engine, today: date) -> tuple[str, ...]:
    """Make the partitions that are missing for this year and the next two; return their names.

    Costs one small query when none is. Several nodes may call this at once. Raises `StoreError`;
    each partition is made whole or not at all, and rows are kept in any case.
    """
    if engine.dialect.name != "postgresql":
        return ()
    with translated_errors(), autocommit(engine).connect() as connection:
        missing = list(_missing(connection, today))
    made = []
    for table, year in missing:
        with translated_errors(), engine.execution_options(**WRITING).begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            # Another node may have made it while this one waited.
            if (table, year) in _missing(connection, today):
                _make(connection, table, year)
                made.append(f"{table.name}_{year}")
    return tuple(made)


def partitioned_tables() -> list[Table]:
    """The tables that are parted into years."""
    return [table for table in metadata.sorted_tables if keeping_of(table).partitioned_by]


def _missing(connection: Connection, today: date) -> Iterator[tuple[Table, int]]:
    existing = set(connection.execute(_EXISTING).scalars())
    for table in partitioned_tables():
        for year in range(today.year, today.year + YEARS_AHEAD + 1):
            if f"{table.name}_{year}" not in existing:
                yield table, year


def _make(connection: Connection, table: Table, year: int) -> None:
    """Make one partition, and take the rows of its year out of the rest.

    Names are those of our own tables; nothing comes from outside.
    """
    name, rest = f"{table.name}_{year}", f"{table.name}_rest"
    begin, end = (f"'{each}-01-01 00:00:00+00'" for each in (year, year + 1))
    column = keeping_of(table).partitioned_by
    of_year = f"{column} >= {begin} AND {column} < {end}"
    run = connection.exec_driver_sql
    to_move = run(f"SELECT EXISTS (SELECT 1 FROM {rest} WHERE {of_year})").scalar_one()  # noqa: S608
    if to_move:
        # All of it at once: a lock here and a lock there could wait for each other.
        run(f"LOCK TABLE {table.name} IN ACCESS EXCLUSIVE MODE")
    # Made apart and then attached: readers and writers of other years need not wait.
    run(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    if to_move:
        # Taken off, it is a table without the guards of append-only ones.
        run(f"ALTER TABLE {table.name} DETACH PARTITION {rest}")
        run(f"INSERT INTO {name} SELECT * FROM {rest} WHERE {of_year}")  # noqa: S608
        run(f"DELETE FROM {rest} WHERE {of_year}")  # noqa: S608
        run(f"ALTER TABLE {table.name} ATTACH PARTITION {rest} DEFAULT")
    run(f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})")
