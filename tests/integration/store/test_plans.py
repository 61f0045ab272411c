"""Look-ups go by indexes on both databases: none reads a table from end to end."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, Select

from store import repositories
from store.driver import DriverQuery
from store.engine import WRITING

# Where each database's plan tells the step, and the words for one that reads a whole table.
_TOLD: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "sqlite": ("EXPLAIN QUERY PLAN", 3, ("SCAN", "AUTOMATIC")),
    "postgresql": ("EXPLAIN", 0, ("Seq Scan",)),
}
_VALUES = {
    "as_of": date(2024, 10, 1),
    "snils": b"s" * 16,
    "document": b"d" * 16,
    "family": "елкин",
    "first": "петр",
    "middle": "ильич",
    "birth_date": date(2013, 5, 17),
}


@pytest.mark.parametrize("name", ["_BY_SNILS", "_BY_NAME", "_BY_FULL_NAME", "_BY_DOCUMENT"])
def test_a_lookup_reads_no_whole_table(engine: Engine, name: str) -> None:
    plan = plan_of(engine, getattr(repositories, name))
    assert plan
    words = _TOLD[engine.dialect.name][2]
    assert [line for line in plan if any(word in line for word in words)] == []


def plan_of(engine: Engine, statement: Select[Any]) -> list[str]:
    """What the database says that it would do, a line a step."""
    explain, column, _ = _TOLD[engine.dialect.name]
    query = DriverQuery(statement, engine.dialect, before=f"{explain} ")
    with engine.execution_options(**WRITING).begin() as connection:
        if engine.dialect.name == "postgresql":
            # Small tables are read whole where that is allowed.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        # What an explanation gives has not the types of the statement's columns.
        query._results = [None] * (column + 1)
        values = {key: value for key, value in _VALUES.items() if key in query._binds}
        return [str(row[column]) for row in query.rows(connection, values)]
