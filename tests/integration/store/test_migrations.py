"""The migrations make the tables that the program works with."""

import re

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from ops.data_model import PERIODS_APART
from store import migrations
from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.migrations import current_revision, head_revision, is_current, upgrade
from store.tables import metadata


def test_an_empty_database_becomes_current_and_stays_so(empty_database_url: str) -> None:
    engine = create_engine_for(empty_database_url)
    assert current_revision(engine) is None
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    upgrade(engine)
    assert current_revision(engine) == head_revision()
    engine.dispose()


def test_migrations_and_tables_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_no_partition}
        )
        assert compare_metadata(context, metadata) == []


def _is_no_partition(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not re.search(r"_(\d{4}|rest)$", name or "")


def test_constraints_agree_by_name(engine: Engine) -> None:
    expected = {
        constraint.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is not None
    }
    query = (
        "SELECT conname FROM pg_constraint"
        if engine.dialect.name == "postgresql"
        else "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
    )
    with engine.connect() as connection:
        found = "\n".join(connection.execute(text(query)).scalars())
    missing = {str(name) for name in expected if str(name) not in found}
    assert missing == set()


def test_there_is_no_step_back_to_tables_in_clear(engine: Engine) -> None:
    with (
        pytest.raises(RuntimeError, match="no way back"),
        engine.execution_options(**WRITING).begin() as connection,
        migrations._config(connection) as config,
    ):
        command.downgrade(config, "base")
    assert is_current(engine)


def test_a_database_of_another_program_is_told_apart(engine: Engine) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffff'"))
    assert not is_current(engine)
    with pytest.raises(StoreError) as caught:
        upgrade(engine)
    assert caught.value.code == "store.schema"
    assert not caught.value.retryable


def test_what_keeps_periods_apart_is_what_the_document_says(engine: Engine) -> None:
    query = (
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'x'"
        if engine.dialect.name == "postgresql"
        else "SELECT tbl_name, replace(name, '_insert', '') FROM sqlite_schema"
        " WHERE type = 'trigger' AND name LIKE 'no\\_overlap%\\_insert' ESCAPE '\\'"
    )
    with engine.connect() as connection:
        found = {row[0]: row[1] for row in connection.execute(text(query))}
    assert found == {table: name for table, (name, _) in PERIODS_APART.items()}
