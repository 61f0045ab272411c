"""Two synchronisations of one source at once: the second is told so."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from store.engine import create_engine_for
from store.errors import StoreError
from store.sync_lock import exclusive_sync

_HOLDER = """
    import sys
    from store.engine import create_engine_for
    from store.sync_lock import exclusive_sync

    with exclusive_sync(create_engine_for(sys.argv[1]), "город"):
        print("held", flush=True)
        sys.stdin.read()
"""


def refused(engine: Engine, source: str) -> StoreError:
    with pytest.raises(StoreError) as caught, exclusive_sync(engine, source):
        raise AssertionError("two hold the lock")
    return caught.value


def takes(engine: Engine, source: str) -> bool:
    try:
        with exclusive_sync(engine, source):
            return True
    except StoreError as error:
        assert error.code == "store.busy"
        return False


def test_a_source_is_held_by_one_and_free_again(engine: Engine, database_url: str) -> None:
    other = create_engine_for(database_url)
    for _ in range(3):
        with exclusive_sync(engine, "a"):
            began = time.monotonic()
            error = refused(other, "a")
            assert time.monotonic() - began < 2
            assert (error.code, error.retryable) == ("store.busy", True)
            assert refused(engine, "a").code == "store.busy"
            with exclusive_sync(other, "b"):
                pass
        assert takes(other, "a")
    other.dispose()


def test_an_error_in_the_block_passes_and_frees_the_source(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), exclusive_sync(engine, "a"):
        raise ZeroDivisionError
    assert takes(engine, "a")


def test_any_name_of_a_source_will_do(engine: Engine) -> None:
    for source in ("", "../../x", "школа\0№ 1", "\ud800", "x" * 5000):
        with exclusive_sync(engine, source):
            assert refused(engine, source).code == "store.busy"


def test_the_database_works_on_while_a_source_is_held(database_url: str) -> None:
    engine = create_engine_for(database_url, pool_size=1)
    with exclusive_sync(engine, "a"), engine.begin() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_a_killed_process_frees_its_source(engine: Engine, database_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_HOLDER), database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert refused(engine, "город").code == "store.busy"
        process.kill()
    # PostgreSQL frees it when it notices that nobody is there any more.
    deadline = time.monotonic() + 10
    while not takes(engine, "город"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_lost_session_frees_the_source_and_breaks_nothing(postgres_url: str) -> None:
    engine = create_engine_for(postgres_url)
    with exclusive_sync(engine, "a"), engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert takes(engine, "a")
    engine.dispose()


def test_a_held_session_is_in_no_transaction(postgres_url: str) -> None:
    engine = create_engine_for(postgres_url)
    with exclusive_sync(engine, "a"), engine.begin() as connection:
        states = connection.execute(
            text(
                "SELECT state FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalars()
        assert list(states) == ["idle"]
    engine.dispose()


def test_another_name_of_the_file_is_the_same_database(sqlite_url: str, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(sqlite_url.removeprefix("sqlite:///"))
    first, second = create_engine_for(sqlite_url), create_engine_for(f"sqlite:///{link}")
    with exclusive_sync(first, "a"):
        assert refused(second, "a").code == "store.busy"
    assert len(list(tmp_path.glob("kontingent.db.sync-*.lock"))) == 1


def test_a_lock_that_cannot_be_kept_is_an_error(sqlite_url: str, tmp_path: Path) -> None:
    engine = create_engine_for(sqlite_url)
    with exclusive_sync(engine, "a"):
        pass
    (lock,) = tmp_path.glob("*.lock")
    lock.unlink()
    lock.symlink_to(tmp_path / "no" / "such" / "folder")
    assert refused(engine, "a").code == "store.unavailable"


def test_an_unreachable_server_is_an_error_of_ours(tmp_path: Path) -> None:
    engine = create_engine_for(f"postgresql://u@/db?host={tmp_path}", connect_timeout_s=1)
    assert refused(engine, "a").code == "store.unavailable"
    engine.dispose()
