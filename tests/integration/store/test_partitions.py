"""Every year that comes has a partition, and the rows that came before it are moved there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.partitions import ensure_partitions, partitioned_tables
from store.tables import access_events, keeping_of, organisations
from tests.integration.store.test_tables import ONE, SCHOOL, insert

NEW_YEAR_2031 = datetime(2031, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
TODAY = date(2030, 6, 1)


def event(number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "at": at,
        "person_id": ONE,
        "actor": "operator",
        "purpose": "test",
        "operation": "show",
        "fields": "[]",
        "outcome": "shown",
    }


def where(engine: Engine) -> dict[int, str]:
    """In which partition each event is."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id::text, tableoid::regclass::text FROM access_events"
        )
        return {UUID(row[0]).int: row[1] for row in rows}


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine_for(postgres_url)
    yield engine
    engine.dispose()


def test_the_first_years_are_there(postgres: Engine) -> None:
    assert ensure_partitions(postgres, date(2026, 1, 1)) == ()


def test_every_table_gets_this_year_and_the_next_two(postgres: Engine) -> None:
    made = ensure_partitions(postgres, date(2027, 1, 1))
    assert sorted(made) == sorted(f"{table.name}_2029" for table in partitioned_tables())
    assert ensure_partitions(postgres, date(2027, 12, 31)) == ()


def test_rows_move_out_of_the_rest(postgres: Engine) -> None:
    moments = {
        1: datetime(2027, 5, 1, tzinfo=UTC),
        2: NEW_YEAR_2031 - INSTANT,
        3: NEW_YEAR_2031,
        4: datetime(2040, 1, 1, tzinfo=UTC),
        5: datetime(1999, 1, 1, tzinfo=UTC),
    }
    for number, moment in moments.items():
        insert(postgres, access_events, event(number, moment))
    assert where(postgres)[2] == where(postgres)[3] == "access_events_rest"
    ensure_partitions(postgres, TODAY)
    assert where(postgres) == {
        1: "access_events_2027",
        2: "access_events_2030",
        3: "access_events_2031",
        4: "access_events_rest",
        5: "access_events_rest",
    }
    with postgres.connect() as connection:
        found = connection.execute(select(access_events.c.id, access_events.c.at)).all()
    assert {row[0].int: row[1] for row in found} == moments


@pytest.mark.parametrize("at", [datetime(2031, 3, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)])
def test_what_was_made_anew_has_its_guards(postgres: Engine, at: datetime) -> None:
    insert(postgres, access_events, event(1, datetime(2030, 3, 1, tzinfo=UTC)))
    ensure_partitions(postgres, TODAY)
    insert(postgres, access_events, event(2, at))
    for change in (
        access_events.delete(),
        access_events.update().values(actor="?"),
    ):
        with (
            pytest.raises(DatabaseError, match="only added"),
            postgres.execution_options(**WRITING).begin() as connection,
        ):
            connection.execute(change.where(access_events.c.id == UUID(int=2)))
    # The key holds there too.
    with pytest.raises(DatabaseError, match="duplicate key"):
        insert(postgres, access_events, event(2, at))


def test_history_goes_on_into_a_new_year(postgres: Engine) -> None:
    insert(postgres, organisations, SCHOOL)
    _change(postgres, 2, datetime(2031, 2, 1, tzinfo=UTC))
    ensure_partitions(postgres, TODAY)
    _change(postgres, 3, datetime(2031, 3, 1, tzinfo=UTC))
    history = keeping_of(organisations).history
    assert history is not None
    with postgres.connect() as connection:
        versions = connection.execute(select(history.c.version)).scalars().all()
        places = connection.exec_driver_sql(
            "SELECT DISTINCT tableoid::regclass::text FROM organisations_history"
        ).scalars()
        assert list(places) == ["organisations_history_2031"]
    assert sorted(versions) == [1, 2]


def _change(engine: Engine, version: int, at: datetime) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(
            organisations.update().values(
                full_name=f"Школа {version}", version=version, recorded_at=at
            )
        )


def test_a_table_that_is_held_fails_whole_and_is_done_later(postgres_url: str) -> None:
    engine = create_engine_for(postgres_url, lock_timeout_s=0.1)
    insert(engine, access_events, event(1, datetime(2030, 3, 1, tzinfo=UTC)))
    with engine.connect() as holding:
        holding.execute(select(access_events.c.id))
        with pytest.raises(StoreError) as caught:
            ensure_partitions(engine, TODAY)
    assert caught.value.retryable
    assert where(engine) == {1: "access_events_rest"}
    assert ensure_partitions(engine, TODAY)
    assert where(engine) == {1: "access_events_2030"}
    engine.dispose()


def test_sqlite_has_none(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url)
    assert ensure_partitions(engine, TODAY) == ()
    engine.dispose()
