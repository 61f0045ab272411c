"""One synchronisation of a source at a time, over all processes that share the database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from store.engine import autocommit
from store.errors import StoreError, translated_errors

# Makes the numbers of these locks differ from other advisory locks of ours.
_PURPOSE = b"kontingent synchronisation: "

_TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
# A server may end sessions that are idle, as the lock's is all the time. PostgreSQL before 14
# knows no such setting.
_MAY_IDLE = text(
    "SELECT set_config('idle_session_timeout', '0', false)"
    " WHERE current_setting('idle_session_timeout', true) IS NOT NULL"
)


@contextmanager
def exclusive_sync(engine: Engine, source: str) -> Iterator[None]:
    """Hold `source` for the block; another process that wants it meanwhile is refused at once.

    So is another thread. What holds it is freed when the process dies: on PostgreSQL a session of
    its own (a pooler between must pool whole sessions), on SQLite the lock of a file
    ``<database>.sync-<hash>.lock``, which stays. If the server ends the session, the source is
    free before the block ends; nothing is said.
    Raises `StoreError` ``store.busy`` (retryable) when it is held, ``store.unavailable``.
    """
    digest = sha256(_PURPOSE + source.encode("utf-8", "surrogatepass")).digest()
    if engine.dialect.name == "postgresql":
        with _held_session(engine, int.from_bytes(digest[:8], signed=True)):
            yield
    else:
        with _held_file(f"{_database_path(engine)}.sync-{digest[:8].hex()}.lock"):
            yield


@contextmanager
def _held_session(engine: Engine, key: int) -> Iterator[None]:
    with translated_errors():
        connection = autocommit(engine).connect()
    try:
        with translated_errors():
            # Not the pool's any more: closed at the end, whatever state it is in.
            connection.detach()
            connection.execute(_MAY_IDLE)
            taken = connection.execute(_TRY_LOCK, {"key": key}).scalar_one()
        if not taken:
            raise _busy()
        try:
            yield
        finally:
            _unlock(connection, key)
    finally:
        with suppress(SQLAlchemyError):
            connection.close()


def _unlock(connection: Connection, key: int) -> None:
    # The server would free it too when it notices the end of the session, but somewhat later.
    with suppress(SQLAlchemyError):
        connection.execute(_UNLOCK, {"key": key})


def _database_path(engine: Engine) -> str:
    # Two names of one file must not be two locks.
    return os.path.realpath(engine.url.database or "")


@contextmanager
def _held_file(path: str) -> Iterator[None]:
    try:
        # Open to be read: whoever may open it may lock it, and the first to come may be root.
        # Never deleted: two could then hold a lock each, on the old file and on the new.
        file = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _no_lock(error) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy() from None
        except OSError as error:
            raise _no_lock(error) from None
        yield
    finally:
        os.close(file)


def _busy() -> StoreError:
    return StoreError(
        "store.busy", "another synchronisation of this source is running", retryable=True
    )


def _no_lock(error: OSError) -> StoreError:
    detail = f"{type(error).__name__}: the lock beside the database cannot be taken"
    return StoreError("store.unavailable", detail, retryable=True)
