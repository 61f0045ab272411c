"""Single reads that requests wait for: a connection kept by each thread, no transaction around.

A statement sees one state of the database by itself; taking a connection from the pool, beginning
and ending a transaction cost more than the statement.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from store.engine import autocommit
from store.errors import StoreError, to_store_error

T = TypeVar("T")


class Reading:
    """Runs reads on a connection of the calling thread. Raises `StoreError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = autocommit(engine)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[Connection] = set()

    def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` makes of the connection.

        A read that fails for a passing reason (the server was restarted since) is tried once more
        on a new connection.
        """
        try:
            return self._try(work)
        except StoreError as error:
            if not error.retryable:
                raise
        return self._try(work)

    def close(self) -> None:
        """Give back the connections of all threads, which are no longer reading."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with suppress(SQLAlchemyError):
                connection.close()
        self._local = threading.local()

    def _try(self, work: Callable[[Connection], T]) -> T:
        try:
            return work(self._connection())
        except SQLAlchemyError as error:
            self._drop()
            raise to_store_error(error) from None
        except StoreError:
            self._drop()
            raise

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._engine.connect()
            self._local.connection = connection
            with self._lock:
                self._open.add(connection)
        return connection

    def _drop(self) -> None:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            return
        self._local.connection = None
        with self._lock:
            self._open.discard(connection)
        with suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()
