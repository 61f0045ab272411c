"""How the database is opened, and what its errors become."""

import traceback
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from store.engine import READ_ONLY, WRITING, create_engine_for, is_reachable
from store.errors import StoreError
from store.journal_store import JournalWriter, WriterSettings
from store.migrations import is_current, upgrade
from store.tables import persons
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import NOW, received
from tests.postgres import PostgresServer


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://host/db",
        "postgresql+asyncpg://host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////nowhere/at/all/x.db",
        "sqlite:///x.db?mode=memory",
        "sqlite:///x\0.db",
        "postgresql://u:geheim@host:notaport/db",
        "postgresql://u:gehe@im@host:12x/db",
        "postgresql://u:geheim@host:99999/db",
        "postgresql://u:geheim@host:0/db",
        "postgresql://u:geheim@[::1/db",
        "postgresql://u:geheim@/db?host=h&port=x",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        create_engine_for(url)
    assert caught.value.code == "store.url"
    assert "geh" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://tests@/nonsense?host={folder}", "there is no such database"),
        (
            "postgresql://nobody@/postgres?host={folder}",
            "there is no such role, or it may not log in",
        ),
        (
            "postgresql://tests@/postgres?host={folder}&nonsense=1",
            "an option of the URL is wrong",
        ),
        (
            "postgresql://tests@/postgres?host={folder}&sslmode=nonsense",
            "an option of the URL is wrong",
        ),
    ],
)
def test_a_server_that_refuses_is_not_an_outage(
    postgres_server: PostgresServer, url: str, reason: str
) -> None:
    url = url.replace("{folder}", str(postgres_server.folder))
    engine = create_engine_for(url)
    with pytest.raises(StoreError) as caught, UnitOfWork(engine):
        pass
    assert (caught.value.code, caught.value.detail) == ("store.refused", reason)
    engine.dispose()


def test_sqlite_is_durable_and_keeps_its_rules(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url)
    with engine.connect() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
    engine.dispose()


def test_postgresql_waits_for_the_disk(postgres_url: str) -> None:
    engine = create_engine_for(postgres_url, lock_timeout_s=1.5)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "1500ms"
    engine.dispose()


def test_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.execution_options(**WRITING).begin() as writer:
        writer.execute(text("DELETE FROM enrolments"))
        with engine.execution_options(**READ_ONLY).connect() as reader:
            assert reader.execute(text("SELECT count(*) FROM enrolments")).scalar() == 0


def test_sqlite_writers_queue_and_the_late_one_is_told_to_come_again(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url, lock_timeout_s=0.05)
    with UnitOfWork(engine), pytest.raises(StoreError) as caught, UnitOfWork(engine):
        pass
    assert caught.value.code == "store.unavailable"
    assert caught.value.retryable
    engine.dispose()


def test_an_unreachable_server_is_retryable(tmp_path: Path) -> None:
    engine = create_engine_for(f"postgresql://u@/db?host={tmp_path}", connect_timeout_s=1)
    assert not is_reachable(engine)
    with pytest.raises(StoreError) as caught, UnitOfWork(engine):
        pass
    assert caught.value.code == "store.unavailable"
    assert caught.value.detail == "OperationalError: could not connect"
    assert caught.value.retryable
    engine.dispose()


def test_a_file_that_is_no_database_is_not_retryable(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all" * 100)
    engine = create_engine_for(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught, UnitOfWork(engine):
        pass
    assert (caught.value.code, caught.value.retryable) == ("store.failed", False)
    engine.dispose()


def test_a_missing_sqlite_database_is_not_made_unless_asked_for(tmp_path: Path) -> None:
    engine = create_engine_for(f"sqlite:///{tmp_path / 'x.db'}", create=False)
    assert not is_reachable(engine)
    with pytest.raises(StoreError) as caught, UnitOfWork(engine):
        pass
    assert (caught.value.code, caught.value.retryable) == ("store.missing", True)
    assert caught.value.detail == "the SQLite database is not there"
    with pytest.raises(StoreError) as caught:
        is_current(engine)
    assert caught.value.code == "store.missing"
    assert list(tmp_path.iterdir()) == []
    engine.dispose()


def test_a_sqlite_database_that_comes_later_is_found(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / '50% #1%3F база.db'}"
    engine = create_engine_for(url, create=False)
    writer = JournalWriter(engine, settings=WriterSettings(timeout_s=0.05))
    with pytest.raises(StoreError) as caught:
        writer.write(received(1))
    assert (caught.value.code, caught.value.retryable) == ("journal.unavailable", True)
    maker = create_engine_for(url)
    upgrade(maker)
    maker.dispose()
    assert is_reachable(engine)
    assert is_current(engine)
    assert writer.write(received(2)) == 1
    writer.close()
    engine.dispose()
    assert {path.name for path in tmp_path.iterdir()} == {"50% #1? база.db"}


def test_reachable(engine: Engine) -> None:
    assert is_reachable(engine)


def test_errors_carry_no_values(engine: Engine) -> None:
    row = {
        "id": uuid4(),
        "snils_index": b"i" * 16,
        "snils_sealed": b"11223344595",
        "family_name": "Тайна",
        "first_name": "А",
        "family_key": "тайна",
        "first_key": "а",
        "middle_key": "",
        "birth_date": NOW.date(),
        "sex": "male",
        "citizenship_code": "1",
        "recorded_at": NOW,
    }
    with pytest.raises(StoreError) as caught, UnitOfWork(engine) as work:
        work.connection.execute(persons.insert(), [row])
        work.connection.execute(persons.insert(), [{**row, "id": uuid4()}])
    shown = "".join(traceback.format_exception(caught.value))
    assert caught.value.code == "store.conflict"
    assert "11223344595" not in shown
    assert "Тайна" not in shown
