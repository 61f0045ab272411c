"""The same recognition through the database: three loads, then who stands with whom.

What `benchmarks.identity` decides in memory is decided here by the bulk path of a synchronisation:
candidates come from the indexes of the register, profiles from sealed records, and what is joined,
asked about or new is read from the tables afterwards.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine, select

from benchmarks.databases import Backend
from benchmarks.dirty_loads import places_of, pupil_of
from benchmarks.identity import EVALUATION_SEED, Figures, Outcome, Seen, figures, recognise
from benchmarks.report import Report
from fixtures.dirt import records
from fixtures.dirty_records import SOURCES, DirtyRecord
from store.conflicts import read_candidates
from store.engine import create_engine_for
from store.tables import identity_conflicts, source_links
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Vault

BATCH = 5_000
NOW = datetime(2026, 9, 20, 9, 0, tzinfo=UTC)
VAULT_KEY = DataKey("bench", bytes(range(32)))

T = TypeVar("T")


def batches(found: Iterator[T], size: int = BATCH) -> Iterator[list[T]]:
    """Parts of at most `size`."""
    while part := list(islice(found, size)):
        yield part


def load_batch(engine: Engine, source: str, dirty: Sequence[DirtyRecord]) -> float:
    """Write a batch as a synchronisation does, and return the seconds of it."""
    organisations, classes = places_of(dirty)
    pupils = [pupil_of(each) for each in dirty]
    started = time.perf_counter()
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations(source, organisations, recorded_at=NOW)
        work.bulk.write_classes(source, classes, recorded_at=NOW)
        work.bulk.write_pupils(source, pupils, recorded_at=NOW)
        work.commit()
    return time.perf_counter() - started


def recognise_stored(url: str, seed: int, children: int) -> Outcome:
    """Load all sources of a population into an empty register, one after another."""
    engine = create_engine_for(url, vault=Vault([VAULT_KEY]))
    outcome = Outcome()
    known: dict[tuple[str, str], DirtyRecord] = {}
    for source in SOURCES:
        for part in batches(records(seed, source, children)):
            outcome.decide_s += load_batch(engine, source.name, part)
            known.update({(each.source, each.source_id): each for each in part})
    _read(engine, known, outcome)
    engine.dispose()
    return outcome


def _read(engine: Engine, known: dict[tuple[str, str], DirtyRecord], outcome: Outcome) -> None:
    """Who stands with whom, and what is asked. A record that was refused stands alone."""
    links, asked = source_links.c, identity_conflicts.c
    with engine.connect() as connection:
        rows: Any = connection.execute(
            select(links.source, links.source_id, links.entity_id).where(links.kind == "pupil")
        )
        persons = {(row[0], row[1]): row[2].int for row in rows}
        conflicts: Any = connection.execute(
            select(asked.source, asked.source_id, asked.candidates)
        ).all()
    truths: dict[int, set[int]] = {}
    for number, (key, dirty) in enumerate(known.items()):
        person = persons.get(key, -1 - number)
        truths.setdefault(person, set()).add(dirty.truth)
        outcome.seen.append(Seen(dirty.truth, person, dirty.dirt))
    for source, source_id, text in conflicts:
        person, dirty = persons[source, source_id], known[source, source_id]
        others = [each.person.int for each in read_candidates(text)[0]]
        outcome.queued_records += 1
        outcome.queued_with_truth += any(dirty.truth in truths.get(each, ()) for each in others)
        outcome.links.update((min(person, each), max(person, each)) for each in others)


class StoredIdentityBenchmark:
    """Precision and recall through each database, beside those in memory of the same children."""

    def __init__(self, children: int, report: Report) -> None:
        self._children = children
        self._report = report

    def run(self, backends: Sequence[Backend]) -> None:
        """Measure and print."""
        self._report.step(f"identity: {self._children} children in memory")
        found = [("memory", figures(recognise(EVALUATION_SEED, self._children)), 0.0)]
        for backend in backends:
            self._report.step(f"identity: the same through {backend.name}")
            outcome = recognise_stored(backend.create(), EVALUATION_SEED, self._children)
            found.append((backend.name, figures(outcome), outcome.decide_s))
        rows = []
        for name, each, elapsed_s in found:
            self._report.row("identity_stored", _row(name, self._children, each, elapsed_s))
            rows.append(
                [
                    name,
                    f"{each.precision:.5f}",
                    f"{each.recall_joins:.4f}",
                    f"{each.recall_all:.4f}",
                    f"{each.queue_share:.2%}",
                    f"{each.records / elapsed_s:.0f}" if elapsed_s else "",
                ]
            )
        self._report.table(
            f"Recognising {self._children} children through the database",
            ["where", "precision", "recall, joins", "recall, all", "queue", "records/s"],
            rows,
            texts=1,
            note=(
                "Records a second of the whole load: matching, encryption, indexes and writing. A "
                "register compares with a region's children, never fewer than 100,000."
            ),
        )


def _row(name: str, children: int, found: Figures, elapsed_s: float) -> dict[str, Any]:
    return {
        "where": name,
        "children": children,
        "records": found.records,
        "precision": found.precision,
        "recall_joins": found.recall_joins,
        "recall_all": found.recall_all,
        "queue_share": found.queue_share,
        "load_s": elapsed_s,
    }
