"""Ways to load a register: ours, and the databases' own, each to be run in a fresh process."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from sqlalchemy import make_url, text

from benchmarks.errors import BenchmarkError
from benchmarks.load_records import make_batches
from benchmarks.settings import SOURCE
from registry.imports import (
    ImportBatch,
    import_classes,
    import_organisations,
    import_pupils,
)
from store import tables
from store.engine import create_engine_for, sqlite_path
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Vault

_IMPORTS: dict[str, Any] = {
    "organisations": import_organisations,
    "classes": import_classes,
    "pupils": import_pupils,
}
_KEY = DataKey("bench", bytes(range(32)))
# The clock of all loads: what is written does not depend on the hour.
_NOW = datetime(2026, 9, 20, 9, 0, tzinfo=UTC)
# In the order of their references; the journal is not loaded.
TABLES = tuple(
    table.name
    for table in tables.metadata.sorted_tables
    if table.name not in ("journal", "sync_cursors")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a load took; `grown_mb` is the peak of memory over the beginning."""

    records: int
    written: int
    elapsed_s: float
    cpu_s: float
    grown_mb: float


def load_by_product(url: str, persons: int, batch_size: int) -> Load:
    """Load as a synchronisation does, rules and matching and encryption included.

    The time is that of the use cases and of the commits; making the records is not counted.
    Raises BenchmarkError `load.refused`.
    """
    engine = create_engine_for(url, vault=Vault([_KEY]))
    elapsed_s, cpu_s, records, written = 0.0, 0.0, 0, 0
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    before = psutil.Process().memory_info().rss
    for kind, batch in make_batches(persons, batch_size):
        cpu, started = time.process_time(), time.perf_counter()
        with UnitOfWork(engine) as work:
            report = _IMPORTS[kind](ImportBatch(SOURCE, batch), work.bulk, clock=lambda: _NOW)
            work.commit()
        elapsed_s += time.perf_counter() - started
        cpu_s += time.process_time() - cpu
        if report.refused:
            raise BenchmarkError("load.refused", f"{len(report.refused)} records")
        records += len(batch)
        written += report.created + report.changed
    engine.dispose()
    return Load(
        records=records,
        written=written,
        elapsed_s=elapsed_s,
        cpu_s=cpu_s,
        grown_mb=(peak_bytes() - before) / 2**20,
    )


def count_rows(url: str) -> int:
    """How many rows all tables hold."""
    engine = create_engine_for(url)
    with engine.connect() as connection:
        rows = sum(
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in TABLES
        )
    engine.dispose()
    return rows


def copy_postgresql(loaded: str, empty: str, folder: Path) -> float:
    r"""Put the rows of `loaded` into `empty` by psql's ``\copy``; return the seconds it took."""
    folder.mkdir(exist_ok=True)
    script = []
    with closing(_connect(loaded)) as connection, connection.cursor() as cursor:
        for name in TABLES:
            path = folder / f"{name}.copy"
            with path.open("wb") as file:
                cursor.copy_expert(f"COPY (SELECT * FROM {name}) TO STDOUT", file)
            if path.stat().st_size:
                columns = _columns(cursor, name)
                script.append(f"\\copy {name} ({columns}) FROM '{path}'\n")
    (folder / "load.sql").write_text("".join(script), "utf-8")
    psql = shutil.which("psql")
    if psql is None:
        raise BenchmarkError("psql.missing", "apt-get install postgresql-client")
    target = make_url(empty).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "load.sql", "-d", target]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    elapsed_s = time.perf_counter() - started
    shutil.rmtree(folder)
    if done.returncode != 0:
        raise BenchmarkError("psql.failed", done.stderr.strip()[:300])
    return elapsed_s


def copy_sqlite(loaded: str, empty: str) -> float:
    """Put the rows of `loaded` into `empty` by bare executemany; return the seconds it took.

    The connection is set as ours are; a commit for each part of a table.
    """
    elapsed_s = 0.0
    with (
        closing(sqlite3.connect(_path(loaded))) as origin,
        closing(sqlite3.connect(_path(empty), isolation_level=None)) as target,
    ):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            target.execute(f"PRAGMA {pragma}")
        target.execute("PRAGMA cache_size=-32768")
        for name in TABLES:
            for rows in _parts(origin, name):
                places = ", ".join("?" * len(rows[0]))
                started = time.perf_counter()
                target.execute("BEGIN IMMEDIATE")
                target.executemany(
                    f"INSERT INTO {name} VALUES ({places})",
                    rows,
                )
                target.execute("COMMIT")
                elapsed_s += time.perf_counter() - started
    return elapsed_s


def _parts(origin: sqlite3.Connection, name: str) -> Iterator[list[tuple[Any, ...]]]:
    cursor = origin.execute(f"SELECT * FROM {name}")
    while rows := cursor.fetchmany(20_000):
        yield rows


def _connect(url: str) -> Any:
    parsed = make_url(url)
    return psycopg2.connect(
        parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    )


def _columns(cursor: Any, name: str) -> str:
    cursor.execute(f"SELECT * FROM {name} LIMIT 0")
    return ", ".join(f'"{column.name}"' for column in cursor.description)


def _path(url: str) -> Path:
    path = sqlite_path(url)
    assert path is not None
    return path


def peak_bytes() -> int:
    """The most memory this process has held (Linux)."""
    for line in Path("/proc/self/status").read_text("ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)
