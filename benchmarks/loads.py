"""Bulk loads: a first load and an unchanged reload, beside the database's own way to take rows.

Ours gets records and does everything: rules, matching, encryption, history. The peer gets the
very rows that came of it, into the same constrained tables: `psql \\copy` or bare executemany.
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.databases import Backend
from benchmarks.errors import BenchmarkError
from benchmarks.load_contenders import (
    Load,
    copy_postgresql,
    copy_sqlite,
    count_rows,
    load_by_product,
)
from benchmarks.report import Report

BATCH = 5_000
EXPECTED = 0.3
_COLUMNS = (
    "register",
    "load",
    "records/s",
    "rows/s",
    "ratio",
    "CPU s",
    "db CPU",
    "memory +MB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """One load of one register; `ratio` of its rows a second to those of the peer."""

    register: str
    load: str
    persons: int
    rows: int
    records_per_s: float
    rows_per_s: float
    ratio: float
    cpu_s: float
    database_cpu_s: float
    grown_mb: float


class LoadBenchmark:
    """Loads of `persons` persons on every backend."""

    def __init__(self, persons: Sequence[int], folder: Path, report: Report) -> None:
        self._persons = persons
        self._folder = folder
        self._report = report

    def run(self, backends: Sequence[Backend]) -> None:
        """Measure, print and write. Raises BenchmarkError."""
        results: list[LoadResult] = []
        for backend in backends:
            for persons in self._persons:
                results += self._measure(backend, persons)
        self._print(results)

    def _measure(self, backend: Backend, persons: int) -> list[LoadResult]:
        self._report.step(f"{backend.name}: loading {persons} persons")
        url = backend.create()
        first, first_database_s = self._load(backend, url, persons)
        rows = count_rows(url)
        self._report.step(f"{backend.name}: loading the same again")
        again, again_database_s = self._load(backend, url, persons)
        if again.written or count_rows(url) != rows:
            raise BenchmarkError("load.changed", "the second load was not the first again")
        self._report.step(f"{backend.name}: copying the same {rows} rows")
        copied_s = self._copy(backend, url)
        peer_per_s = rows / copied_s
        results = []
        for name, load, database_s in (
            ("first", first, first_database_s),
            ("unchanged", again, again_database_s),
        ):
            result = LoadResult(
                register=backend.name,
                load=name,
                persons=persons,
                rows=rows,
                records_per_s=load.records / load.elapsed_s,
                rows_per_s=rows / load.elapsed_s,
                ratio=rows / load.elapsed_s / peer_per_s,
                cpu_s=load.cpu_s,
                database_cpu_s=database_s,
                grown_mb=load.grown_mb,
            )
            self._report.row("load", asdict(result))
            results.append(result)
        self._report.row(
            "load_peer",
            {"register": backend.name, "persons": persons, "rows_per_s": peer_per_s},
        )
        return results

    @staticmethod
    def _load(backend: Backend, url: str, persons: int) -> tuple[Load, float]:
        database_s = backend.cpu_s()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            load = pool.submit(load_by_product, url, persons, BATCH).result()
        return load, backend.cpu_s() - database_s

    def _copy(self, backend: Backend, loaded: str) -> float:
        empty = backend.create()
        if backend.server is None:
            return copy_sqlite(loaded, empty)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            return copy_postgresql(loaded, empty, Path(folder) / "rows")

    def _print(self, results: Sequence[LoadResult]) -> None:
        rows = [
            (
                f"{each.register}, {each.persons}",
                each.load,
                f"{each.records_per_s:.0f}",
                f"{each.rows_per_s:.0f}",
                f"{each.ratio:.2f}×",
                f"{each.cpu_s:.1f}",
                f"{each.database_cpu_s:.1f}",
                f"{each.grown_mb:.0f}",
            )
            for each in results
        ]
        note = (
            f"Batches of {BATCH} records, a commit for each. Rows of all tables; of an unchanged "
            "load those that it stands for. The ratio is to the peer's rows a second: psql \\copy "
            "(PostgreSQL) or sqlite3 executemany (SQLite) of the same rows into the same "
            f"constrained, empty tables; at least {EXPECTED} is expected."
        )
        self._report.table("Bulk loads", _COLUMNS, rows, note=note)
