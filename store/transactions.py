"""Who else is in the middle of something."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from store.engine import autocommit
from store.errors import StoreError

_POLL_S = 0.2

# Every transaction holds a lock on its own virtual id, whether it has written anything or not.
# Source: PostgreSQL documentation, "pg_locks".
_OPEN_TRANSACTIONS = text(
    "SELECT l.virtualxid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted"
    # A vacuum has no user; it puts nothing back.
    " AND a.datname = current_database() AND a.usesysid IS NOT NULL"
    " AND l.pid <> pg_backend_pid()"
)


def wait_for_transactions(engine: Engine, wait_s: float, sleep: Callable[[float], None]) -> None:
    """Return when every transaction on the database has ended that is open now.

    On SQLite at once: its writers read nothing before they hold the write lock. Raises `StoreError`
    ``store.busy`` (retryable) after `wait_s`; errors of SQLAlchemy.
    """
    if engine.dialect.name != "postgresql":
        return
    waited_s = 0.0
    with autocommit(engine).connect() as connection:
        before = set(connection.execute(_OPEN_TRANSACTIONS).scalars())
        while before:
            before &= set(connection.execute(_OPEN_TRANSACTIONS).scalars())
            if not before:
                return
            if waited_s >= wait_s:
                raise StoreError(
                    "store.busy", "a transaction of another process does not end", retryable=True
                )
            sleep(_POLL_S)
            waited_s += _POLL_S
