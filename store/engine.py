"""Connections to the database: PostgreSQL in production, SQLite embedded.

Every transaction is durable when COMMIT returns. On SQLite a transaction with the options
`WRITING` takes the write lock at once (BEGIN IMMEDIATE), so that it cannot fail half-way for
having read first; any other only reads, and never waits for writers.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from store.driver import execute
from store.errors import MissingDatabase, StoreError
from store.vault import Vault

# Execution options of a connection that writes, and of one that must not.
WRITING: Mapping[str, Any] = {"store_writing": True}
READ_ONLY: Mapping[str, Any] = {"postgresql_readonly": True}

_POSTGRESQL_DRIVERS = ("postgresql", "postgresql+psycopg2")
_LAST_PORT = 65535
_SQLITE_DRIVERS = ("sqlite", "sqlite+pysqlite")


def create_engine_for(
    url: str,
    *,
    pool_size: int = 8,
    lock_timeout_s: float = 10.0,
    statement_timeout_s: float = 60.0,
    connect_timeout_s: int = 5,
    application_name: str = "kontingent",
    create: bool = True,
    vault: Vault | None = None,
) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql[+psycopg2]://…``; connects on first use.

    `vault`: the keys of what is encrypted at rest; they go with every connection of the engine.
    Without them whatever needs them is a `StoreError` ``store.keys``.
    `lock_timeout_s`: how long to wait for another writer. Without `create` a SQLite file that is
    missing is not made: to connect is then a `StoreError` ``store.missing`` until it is there.
    Engines are not to be shared with a forked process: make one in each.
    Raises `StoreError` ``store.url`` for any other URL, and for a SQLite database in memory,
    which could keep nothing.
    """
    parsed = parse_url(url)
    if parsed.drivername in _SQLITE_DRIVERS:
        engine = _sqlite_engine(parsed, pool_size, lock_timeout_s, create=create)
        return engine.execution_options(store_vault=vault)
    if parsed.drivername in _POSTGRESQL_DRIVERS:
        options: dict[str, int | str] = {
            "lock_timeout": round(lock_timeout_s * 1000),
            "statement_timeout": round(statement_timeout_s * 1000),
            # A server set to lose the last commits in a crash would break the journal's promise.
            "synchronous_commit": "on",
            "idle_in_transaction_session_timeout": round(statement_timeout_s * 1000),
        }
        engine = _postgresql_engine(parsed, pool_size, options, connect_timeout_s, application_name)
        return engine.execution_options(store_vault=vault)
    raise StoreError("store.url", "only sqlite:/// and postgresql:// are supported")


def vault_of(connection: Connection) -> Vault:
    """The keys that came with the engine. Raises `StoreError` ``store.keys`` when none did."""
    vault: Vault | None = connection.get_execution_options().get("store_vault")
    if vault is None:
        raise StoreError("store.keys", "no data keys are configured")
    return vault


def parse_url(url: str) -> URL:
    """A database URL in its parts. Raises `StoreError` ``store.url``, which quotes nothing of it.

    Source: RFC 3986, section 2: a NUL, which no driver takes, is no character of a URL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError for a port
        raise StoreError("store.url", "the database URL cannot be read") from None
    if "\0" in url or "\0" in (parsed.database or ""):
        raise StoreError("store.url", "the database URL cannot be read")
    if parsed.port is not None and not 1 <= parsed.port <= _LAST_PORT:
        raise StoreError("store.url", "the port of the database URL is none")
    return parsed


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL, None for another database. Raises `StoreError` ``store.url``."""
    parsed = parse_url(url)
    if parsed.drivername not in _SQLITE_DRIVERS or not parsed.database:
        return None
    return Path(parsed.database)


def _postgresql_engine(
    url: URL,
    pool_size: int,
    options: Mapping[str, int | str],
    connect_timeout_s: int,
    application_name: str,
) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": connect_timeout_s,
        "application_name": application_name,
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg2"),
            pool_size=pool_size,
            max_overflow=pool_size,
            # A restarted server is noticed before the work begins, not in the middle of it.
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=arguments,
        )
    except (ArgumentError, ValueError):  # of the options in the URL
        raise StoreError("store.url", "the options of the database URL cannot be read") from None


def _sqlite_engine(url: URL, pool_size: int, lock_timeout_s: float, *, create: bool) -> Engine:
    if not url.database or url.database == ":memory:" or url.query:
        raise StoreError("store.url", "a SQLite database needs a path, and takes no options")
    if not os.path.isdir(Path(url.database).parent):  # noqa: PTH112  also of what may not be seen
        raise StoreError("store.url", "the directory of the SQLite database does not exist")
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={"timeout": lock_timeout_s, "cached_statements": 256},
    )
    if not create:
        # Before each connection and not once: a file may go, or come back, while we run.
        event.listen(engine, "do_connect", partial(_open_existing, Path(url.database)))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_existing(
    path: Path, _: Dialect, __: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
) -> None:
    # What may not be seen is told by the driver, as what may not be opened.
    with suppress(PermissionError):
        if not path.exists():
            raise MissingDatabase
    # Source: sqlite.org/uri.html: mode=rw opens what is there and makes nothing.
    arguments[0] = f"{path.absolute().as_uri()}?mode=rw"
    options["uri"] = True


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions of its own, too late and never IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32768",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def autocommit(engine: Engine) -> Engine:
    """The same engine for single reads: no transaction is begun around them."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(store_autocommit=True)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("store_autocommit", False):
        return
    writing = connection.get_execution_options().get("store_writing", False)
    execute(connection, "BEGIN IMMEDIATE" if writing else "BEGIN")


def is_reachable(engine: Engine) -> bool:
    """Whether the database answers now."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
