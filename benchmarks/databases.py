"""Databases to measure on: SQLite files, and a PostgreSQL cluster of the benchmark's own."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.errors import BenchmarkError
from benchmarks.servers import tree_cpu_s
from store.engine import autocommit, create_engine_for
from store.migrations import upgrade
from tests.postgres import PostgresServer, find_binaries, running_postgres


@dataclass(frozen=True, slots=True)
class Backend:
    """One kind of database; `create` makes a migrated, empty one and returns its URL."""

    name: str
    version: str
    create: Callable[[], str]
    server: psutil.Process | None = None

    def cpu_s(self) -> float:
        """CPU seconds of the database server so far; SQLite has none of its own."""
        return 0.0 if self.server is None else tree_cpu_s(self.server)


@contextmanager
def sqlite_backend(folder: Path) -> Iterator[Backend]:
    """SQLite files in `folder`."""
    count = 0

    def create() -> str:
        nonlocal count
        count += 1
        return _migrated(f"sqlite:///{folder / f'register-{count}.db'}")

    yield Backend("SQLite", sqlite3.sqlite_version, create)


@contextmanager
def postgresql_backend() -> Iterator[Backend]:
    """A new cluster, with commits that reach the disk; deleted at the end.

    Raises BenchmarkError `postgresql.missing`, `postgresql.failed`.
    """
    binaries = find_binaries()
    if binaries is None:
        raise BenchmarkError(
            "postgresql.missing", "apt-get install postgresql, or leave it out: --no-postgresql"
        )
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres(binaries))
        except RuntimeError as error:
            raise BenchmarkError("postgresql.failed", str(error)) from None
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        yield Backend(
            "PostgreSQL",
            _version(server),
            lambda: _migrated(server.url(server.create_database())),
            psutil.Process(pid),
        )


def has_postgresql() -> bool:
    """Tell whether a cluster can be made here."""
    return find_binaries() is not None


def _version(server: PostgresServer) -> str:
    return (server.folder / "data" / "PG_VERSION").read_text().strip()


def analyse(url: str) -> None:
    """Do what the database's own routines would do in time after a load.

    They tell the planner what the tables hold; PostgreSQL's also mark the rows that all can see.
    """
    engine = create_engine_for(url)
    command = "VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"
    with autocommit(engine).connect() as connection:
        connection.exec_driver_sql(command)
    engine.dispose()


def _migrated(url: str) -> str:
    engine = create_engine_for(url)
    upgrade(engine)
    engine.dispose()
    return url
