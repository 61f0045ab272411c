"""The journal's writer when the database fails: refused, and back by itself."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event

from journal.chain import check_chain
from store.engine import create_engine_for
from store.errors import StoreError
from store.journal_store import JournalReader, JournalWriter, WriterSettings
from store.migrations import upgrade
from tests.integration.store.samples import decided, received
from tests.postgres import PostgresServer, find_binaries, running_postgres

IMPATIENT = WriterSettings(timeout_s=0.4, retry_pause_s=0.01)


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that these tests may stop and start."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with running_postgres(binaries) as server:
        yield server


@pytest.fixture
def own_engine(own_server: PostgresServer) -> Iterator[Engine]:
    name = own_server.create_database()
    engine = create_engine_for(own_server.url(name), connect_timeout_s=1)
    upgrade(engine)
    yield engine
    engine.dispose()


def sequences(engine: Engine) -> list[int]:
    links = [record.link for record in JournalReader(engine).iterate()]
    assert check_chain(links) is None
    return [each.sequence for each in links]


def refused(writer: JournalWriter, number: int) -> StoreError:
    with pytest.raises(StoreError) as caught:
        writer.write(received(number))
    return caught.value


def test_a_restarted_server_is_not_noticed(own_server: PostgresServer, own_engine: Engine) -> None:
    writer = JournalWriter(own_engine)
    assert writer.write(received(1)) == 1
    own_server.stop("immediate")
    own_server.start()
    assert writer.write(received(2)) == 2
    writer.close()
    assert sequences(own_engine) == [1, 2]


def test_a_stopped_server_refuses_and_is_found_again(
    own_server: PostgresServer, own_engine: Engine
) -> None:
    writer = JournalWriter(own_engine, settings=IMPATIENT)
    assert writer.write(received(1)) == 1
    own_server.stop()
    try:
        error = refused(writer, 2)
        assert (error.code, error.retryable) == ("journal.unavailable", True)
        with pytest.raises(StoreError) as caught:
            JournalReader(own_engine).find_reply("key")
        assert caught.value.retryable
    finally:
        own_server.start()
    assert writer.write(received(3)) == 2
    writer.close()
    assert sequences(own_engine) == [1, 2]


def test_a_connection_lost_in_commit_writes_once(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JournalWriter(own_engine)
    writer.write(received(1))
    lost: list[bool] = []

    def commit(connection: Any) -> None:
        connection.commit()
        if not lost:
            lost.append(True)
            # The server has committed, and nobody hears of it.
            connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(own_engine.dialect, "do_commit", commit)
    assert writer.write(decided(1, replay_key="key")) == 2
    assert lost
    writer.close()
    assert sequences(own_engine) == [1, 2]


def test_a_locked_sqlite_database_refuses_and_is_found_again(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url, lock_timeout_s=0.05)
    writer = JournalWriter(engine, settings=IMPATIENT)
    assert writer.write(received(1)) == 1
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not writer.failing
    error = refused(writer, 2)
    assert (error.code, error.retryable) == ("journal.unavailable", True)
    assert writer.failing
    other.execute("ROLLBACK")
    other.close()
    assert writer.write(received(3)) == 2
    assert not writer.failing
    writer.close()
    engine.dispose()


def test_what_is_logged_of_a_failure_has_no_text_of_the_driver(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine_for(sqlite_url, lock_timeout_s=0.05)
    writer = JournalWriter(engine, settings=IMPATIENT)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE journal")
    with caplog.at_level("DEBUG"), pytest.raises(StoreError) as caught:
        writer.write(received(1))
    assert caught.value.code == "journal.failed"
    assert writer.failing
    (logged,) = caplog.records
    assert (logged.name, logged.exc_info) == ("kontingent.store", None)
    assert "no such table" not in logged.getMessage()
    writer.close()
    engine.dispose()


def test_a_record_that_cannot_be_stored_is_no_failure_of_the_writer(engine: Engine) -> None:
    writer = JournalWriter(engine)
    writer.write(received(1))
    assert refused(writer, 1).code == "journal.failed"
    assert not writer.failing
    writer.close()


def test_a_full_disk_refuses_and_recovers(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url)
    full = threading.Event()

    @event.listens_for(engine, "begin")
    def limit(connection: object) -> None:
        # What SQLite says at this limit (SQLITE_FULL) is what it says when the disk is full.
        pages = 1 if full.is_set() else 1_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    writer = JournalWriter(engine, settings=IMPATIENT)
    assert writer.write(received(1)) == 1
    full.set()
    body = os.urandom(100_000)
    with pytest.raises(StoreError) as caught:
        writer.write(received(2, body))
    assert (caught.value.code, caught.value.retryable) == ("journal.unavailable", True)
    full.clear()
    assert writer.write(received(3, body)) == 2
    writer.close()
    assert sequences(engine) == [1, 2]
    engine.dispose()


def test_a_refused_record_is_not_written_later(sqlite_url: str) -> None:
    engine = create_engine_for(sqlite_url, lock_timeout_s=0.01)
    writer = JournalWriter(engine, settings=IMPATIENT)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(writer, 1)
    other.execute("ROLLBACK")
    other.close()
    assert writer.write(received(2)) == 1
    assert [record.message_id for record in JournalReader(engine).iterate()] == [UUID(int=2)]
    writer.close()
    engine.dispose()


def test_a_closed_writer_finishes_what_waits_and_takes_no_more(engine: Engine) -> None:
    writer = JournalWriter(engine)
    written: list[int] = []
    threads = [
        threading.Thread(
            target=lambda number=number: written.append(writer.write(received(number)))
        )
        for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert sorted(written) == list(range(1, 9))
    error = refused(writer, 9)
    assert (error.code, error.retryable) == ("journal.unavailable", True)


def test_a_writer_that_was_never_used_closes(engine: Engine) -> None:
    JournalWriter(engine).close()


_KILLED = """
    import sys
    from uuid import UUID
    from store.engine import create_engine_for
    from store.journal_store import JournalWriter
    from tests.integration.store.samples import received

    writer = JournalWriter(create_engine_for(sys.argv[1]))
    for number in range(1, 100_000):
        writer.write(received(number))
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_acknowledged(database_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_KILLED), database_url],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(30)]
    process.kill()
    acknowledged += [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
    process.wait()
    process.stdout.close()
    engine = create_engine_for(database_url)
    stored = sequences(engine)
    assert len(acknowledged) <= len(stored) <= len(acknowledged) + 1
    # The next process goes on where the killed one stopped.
    writer = JournalWriter(engine)
    began = time.monotonic()
    assert writer.write(received(500_000)) == len(stored) + 1
    assert time.monotonic() - began < 5
    writer.close()
    engine.dispose()
