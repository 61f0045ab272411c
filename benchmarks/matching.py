"""A batch of dirty records against a large register: how long, and where the time goes.

The register is filled by the bulk path with one source; the batch is of another, which holds the
same children with mistakes of its own. Matching alone is measured step by step, in a transaction
that is given up; then the whole load, with encryption and writing, which is kept.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing import get_context
from uuid import uuid4

import psutil
from sqlalchemy import func, select

from benchmarks.databases import Backend
from benchmarks.dirty_loads import places_of, pupil_of
from benchmarks.identity_store import NOW, VAULT_KEY, batches, load_batch
from benchmarks.load_contenders import peak_bytes
from benchmarks.report import Report
from benchmarks.settings import SEED
from fixtures.dirt import records
from fixtures.dirty_records import SOURCES
from store.engine import create_engine_for
from store.matching import PART, Matcher
from store.sealing import Sealing
from store.tables import persons
from store.unit_of_work import UnitOfWork
from store.vault import Vault

EXPECTED_S = 30.0
_FILLING, _COMING = SOURCES[0], SOURCES[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What a batch took: `persons` in the register, seconds of each step, memory it added."""

    persons: int
    records: int
    fold_s: float
    candidates_s: float
    decide_s: float
    match_cpu_s: float
    load_s: float
    joined: int
    grown_mb: float

    @property
    def match_s(self) -> float:
        """All of the matching."""
        return self.fold_s + self.candidates_s + self.decide_s


def fill(url: str, children: int) -> float:
    """Load the first source into an empty register; returns the seconds of the loads."""
    engine = create_engine_for(url, vault=Vault([VAULT_KEY]))
    elapsed_s = sum(
        load_batch(engine, _FILLING.name, part)
        for part in batches(records(SEED, _FILLING, children))
    )
    engine.dispose()
    return elapsed_s


def match(url: str, children: int, size: int) -> Matching:
    """Match a batch of `size` records of another source, then load it."""
    engine = create_engine_for(url, vault=Vault([VAULT_KEY]))
    dirty = list(islice(records(SEED, _COMING, children), size))
    organisations, classes = places_of(dirty)
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations(_COMING.name, organisations, recorded_at=NOW)
        work.bulk.write_classes(_COMING.name, classes, recorded_at=NOW)
        work.commit()
    pupils = [pupil_of(each) for each in dirty]
    before = psutil.Process().memory_info().rss
    steps, joined, cpu_s = [0.0, 0.0, 0.0], 0, time.process_time()
    with UnitOfWork(engine) as work:
        known = work.connection.execute(select(func.count()).select_from(persons)).scalar_one()
        for part in batches(iter(pupils), PART):
            moments = [time.perf_counter()]
            matcher = Matcher(work.connection, Sealing(engine_vault()), _COMING.name, part)
            moments.append(time.perf_counter())
            matcher.load_candidates()
            moments.append(time.perf_counter())
            matches = matcher.decide_all(uuid4)
            moments.append(time.perf_counter())
            joined += sum(not each.created for each in matches.values())
            steps = [
                total + later - earlier
                for total, earlier, later in zip(steps, moments, moments[1:], strict=False)
            ]
    cpu_s = time.process_time() - cpu_s
    load_s = load_batch(engine, _COMING.name, dirty)
    engine.dispose()
    return Matching(
        persons=known,
        records=len(pupils),
        fold_s=steps[0],
        candidates_s=steps[1],
        decide_s=steps[2],
        match_cpu_s=cpu_s,
        load_s=load_s,
        joined=joined,
        grown_mb=(peak_bytes() - before) / 2**20,
    )


def engine_vault() -> Vault:
    """The vault of the benchmark's registers."""
    return Vault([VAULT_KEY])


class MatchingBenchmark:
    """A batch against registers of `persons` children, on every backend given."""

    def __init__(self, children: Sequence[int], batch: int, report: Report) -> None:
        self._children = children
        self._batch = batch
        self._report = report

    def run(self, backends: Sequence[Backend]) -> None:
        """Measure and print."""
        rows = []
        for backend in backends:
            for children in self._children:
                self._report.step(f"{backend.name}: filling a register with {children} children")
                found, filled_s, database_s = self._measure(backend, children)
                self._report.row(
                    "matching",
                    {"register": backend.name, **asdict(found), "match_s": found.match_s},
                )
                rows.append(_row(backend.name, found, filled_s, database_s))
        self._report.table(
            f"A batch of {self._batch} dirty records against a register",
            _COLUMNS,
            rows,
            note=(
                "Matching: folding the records, finding and reading candidates, deciding. Load: "
                "the whole batch with matching, encryption and writing. Persons: pupils and their "
                f"parents. Expected of the load against a million: {EXPECTED_S:.0f} s at most."
            ),
        )

    def _measure(self, backend: Backend, children: int) -> tuple[Matching, float, float]:
        url = backend.create()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            filled_s = pool.submit(fill, url, children).result()
        backend_before = backend.cpu_s()
        self._report.step(f"{backend.name}: matching {self._batch} records")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = pool.submit(match, url, children, self._batch).result()
        return found, filled_s, backend.cpu_s() - backend_before


_COLUMNS = (
    "register",
    "persons",
    "fold s",
    "candidates s",
    "decide s",
    "matching s",
    "CPU s",
    "load s",
    "db CPU s",
    "joined",
    "memory +MB",
    "filling s",
)


def _row(name: str, found: Matching, filled_s: float, database_s: float) -> tuple[str, ...]:
    return (
        name,
        str(found.persons),
        f"{found.fold_s:.1f}",
        f"{found.candidates_s:.1f}",
        f"{found.decide_s:.1f}",
        f"{found.match_s:.1f}",
        f"{found.match_cpu_s:.1f}",
        f"{found.load_s:.1f}",
        f"{database_s:.1f}",
        str(found.joined),
        f"{found.grown_mb:.0f}",
        f"{filled_s:.0f}",
    )
