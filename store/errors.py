"""The errors of the store, and the one place where those of databases become them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE classes and codes of PostgreSQL after which the same work may succeed later:
# connection, insufficient resources, operator intervention, system error; serialisation failure,
# deadlock, lock not available, read-only transaction (a standby during fail-over).
# Source: PostgreSQL documentation, appendix A.
_RETRYABLE_CLASSES = ("08", "53", "57", "58")
_RETRYABLE_STATES = ("40001", "40P01", "55P03", "25006")
# Primary result codes of SQLite: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN.
# Source: sqlite.org/rescode.html.
_RETRYABLE_RESULTS = frozenset({5, 6, 7, 8, 10, 13, 14})

# SQLSTATE classes: invalid authorisation, no such database.
_REFUSED_CLASSES = ("28", "3D")
# When a server refuses a connection psycopg2 tells no state: only the server's words are left, in
# the language that the server was set up with, and the words of libpq about the URL's options.
# What isn't here counts as an outage. Source: src/backend/po/ru.po of PostgreSQL 11 to 17.
_REFUSALS = (
    (
        "there is no such database",
        re.compile(r"database \".*\" does not exist|база данных \".*\" не существует", re.S),
    ),
    (
        "there is no such role, or it may not log in",
        re.compile(
            r"role \".*\" (does not exist|is not permitted to log in)"
            r"|роль \".*\" не существует|для роли \".*\" вход запрещ[её]н",
            re.S,
        ),
    ),
    (
        "the password is missing or wrong",
        re.compile(
            r"no password supplied|authentication failed for user"
            r"|не прош[её]л проверку подлинности",
        ),
    ),
    (
        "the server does not let us in",
        re.compile(
            r"pg_hba\.conf|permission denied for database|доступ к базе .* запрещ[её]н"
            r"|нет доступа к базе",
            re.S,
        ),
    ),
    (
        "an option of the URL is wrong",
        re.compile(
            r"invalid (connection option|port number|integer value|sslmode value|\w+ value:)"
            r"|invalid dsn|unrecognized configuration parameter|invalid value for parameter"
            r"|нераспознанный параметр конфигурации|неверное значение для параметра"
        ),
    ),
)


class StoreError(Exception):
    """The store could not do what was asked; nothing of it is kept unless said otherwise.

    `code` is a stable key: ``store.unavailable``, ``store.missing``, ``store.busy``,
    ``store.refused`` (the server answers, but lets nobody in with such a URL),
    ``store.conflict``, ``store.failed``, ``store.url``, ``store.schema``, ``store.closed``,
    ``journal.unavailable``, ``journal.failed``.
    `detail` is English and holds no values. `retryable`: the same may succeed a little later.
    """

    def __init__(self, code: str, detail: str = "", *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retryable = retryable


class ReplayConflict(StoreError):
    """The journal already holds the decision of this very message: its reply is to be repeated.

    `message_id` is the one under which it was first decided. Code ``journal.replay``.
    """

    def __init__(self, message_id: UUID) -> None:
        super().__init__("journal.replay", f"already decided as {message_id}")
        self.message_id = message_id


class MessageIdReused(StoreError):
    """The journal already holds the decision of another message with this SMEV MessageId.

    `message_id` is the one under which that was decided. Code ``journal.message_id_reused``.
    """

    def __init__(self, message_id: UUID) -> None:
        super().__init__("journal.message_id_reused", f"the SMEV id belongs to {message_id}")
        self.message_id = message_id


class MissingDatabase(sqlite3.OperationalError):
    """There is no file to open. Raised as by the driver, so that SQLAlchemy treats it so."""


def _is_retryable(error: SQLAlchemyError) -> bool:
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "pgcode", None)
    if isinstance(state, str):
        return state.startswith(_RETRYABLE_CLASSES) or state in _RETRYABLE_STATES
    result = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(result, int):
        return result & 0xFF in _RETRYABLE_RESULTS
    # psycopg2 gives no state when it cannot connect, or when the server went away.
    return type(error.orig).__name__ in ("OperationalError", "InterfaceError")


def _describe(error: SQLAlchemyError) -> str:
    """The error's class and what number the database gave it: never what the driver says."""
    original = error.orig if isinstance(error, DBAPIError) else None
    name = type(original if original is not None else error).__name__
    state = _state_of(original)
    return f"{name} {state}" if state else name


def _state_of(original: BaseException | None) -> str:
    """SQLSTATE, or SQLite's name of the error; empty when there is none."""
    return getattr(original, "pgcode", None) or getattr(original, "sqlite_errorname", None) or ""


def _describe_unavailable(error: SQLAlchemyError) -> str:
    described = _describe(error)
    if isinstance(error, PoolTimeoutError):
        return f"{described}: no free connection"
    if not isinstance(error, DBAPIError):
        return described
    if error.connection_invalidated:
        return f"{described}: the connection was lost"
    state = _state_of(error.orig)
    # A server that answers gives a state.
    if not state or state.startswith("SQLITE_CANTOPEN"):
        return f"{described}: could not connect"
    return described


def _refusal_of(error: SQLAlchemyError) -> str | None:
    """Why the server lets nobody in with such a URL, in words of ours; None for other errors."""
    original = error.orig if isinstance(error, DBAPIError) else None
    if original is None or isinstance(original, sqlite3.Error):
        return None
    state = getattr(original, "pgcode", None)
    if isinstance(state, str):
        return _describe(error) if state.startswith(_REFUSED_CLASSES) else None
    if type(original).__name__ not in ("OperationalError", "ProgrammingError"):
        return None
    told = str(original)
    return next((reason for reason, words in _REFUSALS if words.search(told)), None)


def to_store_error(error: SQLAlchemyError) -> StoreError:
    """The `StoreError` that stands for `error`, without its statement and values."""
    if isinstance(error, DBAPIError) and isinstance(error.orig, MissingDatabase):
        return StoreError("store.missing", "the SQLite database is not there", retryable=True)
    if (refusal := _refusal_of(error)) is not None:
        # The gateway waits for it as for any outage: a database may be away to be restored.
        return StoreError("store.refused", refusal, retryable=True)
    if _is_retryable(error):
        return StoreError("store.unavailable", _describe_unavailable(error), retryable=True)
    if isinstance(error, IntegrityError):
        return StoreError("store.conflict", _describe(error))
    return StoreError("store.failed", _describe(error))


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the errors of SQLAlchemy and of the drivers into `StoreError`."""
    try:
        yield
    except SQLAlchemyError as error:
        # Not chained: a driver's message quotes values ("Key (snils)=(…) already exists").
        raise to_store_error(error) from None
