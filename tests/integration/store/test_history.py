"""Nothing is overwritten: the database keeps every former state, and refuses to lose one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.exc import DatabaseError

from store.engine import WRITING
from store.tables import (
    case_events,
    identity_decisions,
    keeping_of,
    metadata,
    organisations,
    persons,
)
from tests.integration.store.samples import NOW
from tests.integration.store.test_tables import NAMELESS, ONE, PERSON, SCHOOL, insert

LATER = NOW + timedelta(days=1)
VERSIONED = [table for table in metadata.sorted_tables if keeping_of(table).history is not None]


def update(engine: Engine, table: Table, **values: Any) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(table.update().where(table.c.id == ONE).values(**values))


def rows(engine: Engine, table: Table | None) -> list[dict[str, Any]]:
    assert table is not None
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.fixture
def school(engine: Engine) -> Engine:
    insert(engine, organisations, SCHOOL)
    return engine


def test_a_change_keeps_the_former_state(school: Engine) -> None:
    update(school, organisations, full_name="Лицей", version=2, recorded_at=LATER)
    update(school, organisations, full_name="Гимназия", version=3, recorded_at=LATER)
    former = rows(school, keeping_of(organisations).history)
    told = [(row["version"], row["full_name"], row["recorded_at"]) for row in former]
    assert sorted(told) == [(1, "Школа", NOW), (2, "Лицей", LATER)]
    assert {row["superseded_at"] for row in former} == {LATER}
    (now,) = rows(school, organisations)
    assert (now["version"], now["full_name"]) == (3, "Гимназия")


@pytest.mark.parametrize(
    "values",
    [
        {"full_name": "Лицей"},  # no new version
        {"full_name": "Лицей", "recorded_at": LATER},
        {"full_name": "Лицей", "version": 3, "recorded_at": LATER},
        {"full_name": "Лицей", "version": 0},
        {"full_name": "Лицей", "version": 2, "recorded_at": NOW - timedelta(seconds=1)},
        {"id": UUID(int=7), "version": 2, "recorded_at": LATER},
    ],
)
def test_a_change_that_would_lose_something_is_refused(
    school: Engine, values: dict[str, Any]
) -> None:
    with pytest.raises(DatabaseError):
        update(school, organisations, **values)
    assert rows(school, organisations)[0]["full_name"] == "Школа"
    assert rows(school, keeping_of(organisations).history) == []


def test_rows_are_never_deleted(school: Engine) -> None:
    with (
        pytest.raises(DatabaseError),
        school.execution_options(**WRITING).begin() as connection,
    ):
        connection.execute(organisations.delete())
    assert len(rows(school, organisations)) == 1


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_history_itself_is_never_changed(school: Engine, statement: str) -> None:
    update(school, organisations, full_name="Лицей", version=2, recorded_at=LATER)
    history = keeping_of(organisations).history
    assert history is not None
    change = history.delete() if statement == "delete" else history.update().values(full_name="?")
    with (
        pytest.raises(DatabaseError),
        school.execution_options(**WRITING).begin() as connection,
    ):
        connection.execute(change)
    assert [row["full_name"] for row in rows(school, history)] == ["Школа"]


def test_ciphertexts_may_be_made_anew_without_a_version(engine: Engine) -> None:
    insert(engine, persons, PERSON)
    update(engine, persons, first_name="Павел", first_key="павел", version=2, recorded_at=LATER)
    sealed_anew = {"snils_index": b"n" * 16, "snils_sealed": b"anew"}
    update(engine, persons, **sealed_anew)
    history = keeping_of(persons).history
    assert history is not None
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(history.update().values(**sealed_anew))
    assert rows(engine, persons)[0]["version"] == 2
    assert rows(engine, history)[0]["snils_sealed"] == b"anew"
    with pytest.raises(DatabaseError):
        update(engine, persons, **sealed_anew, sex="female")


@pytest.mark.parametrize("table", [case_events, identity_decisions], ids=str)
def test_append_only_tables_take_no_change(engine: Engine, table: Table) -> None:
    insert(engine, persons, PERSON)
    insert(engine, persons, NAMELESS)
    row = _event() if table is case_events else _decision()
    insert(engine, table, row)
    for change in (table.update().values(actor="?"), table.delete()):
        with (
            pytest.raises(DatabaseError),
            engine.execution_options(**WRITING).begin() as connection,
        ):
            connection.execute(change)


def _event() -> dict[str, Any]:
    return {
        "case_id": ONE,
        "sequence": 1,
        "at": NOW,
        "procedure": "school",
        "action": "submit",
        "to_state": "draft",
        "actor": "applicant",
        "cause": "test",
        "clause": "п. 1",
    }


def _decision() -> dict[str, Any]:
    return {
        "id": ONE,
        "kind": "merge",
        "kept_id": ONE,
        "absorbed_id": NAMELESS["id"],
        "moved": "{}",
        "at": NOW,
        "actor": "operator",
        "reason": "test",
    }


@pytest.mark.parametrize("table", VERSIONED, ids=str)
def test_every_versioned_table_has_its_guards(engine: Engine, table: Table) -> None:
    with engine.connect() as connection:
        assert _triggers(connection, table.name)
        assert _triggers(connection, f"{table.name}_history")


def _triggers(connection: Connection, table: str) -> list[str]:
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        if connection.dialect.name == "postgresql"
        else "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
    )
    return list(connection.exec_driver_sql(query, (table,)).scalars())
