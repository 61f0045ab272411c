"""How well one child is recognised in three dirty sources, and how fast.

The sources are taken one after another, as three synchronisations would. Each record goes through
the register's own decision; the candidates come from an index in memory by the blocking keys. A
record that is uncertain becomes a person of its own, and the candidates are kept as links of the
queue; nobody decides them during the run.

What is counted are pairs of records, also of one source where it holds a child twice:
- a pair is *true* when both are of one child;
- it is *joined* when both ended at one person;
- it is *queued* when it is not joined and a link of the queue is between the two persons.

Precision of joins: joined and true, of all joined. Recall of joins: joined and true, of all true.
Recall of joins and queue: joined or queued and true, of all true. The queue's size is the number
of records that somebody must look at, told beside the number of all records; its share of truth is
the part of those for which the right person is among the candidates shown.

The weights were set on `TUNING_SEEDS`; the figures are of `EVALUATION_SEED`, which is none of them.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, count
from uuid import UUID

from benchmarks.report import Report
from benchmarks.settings import Scale
from fixtures.dirt import records
from fixtures.dirty_records import SOURCES, Dirt, DirtyRecord
from registry.errors import RegistryError
from registry.identifiers import PersonId, Snils, parse_snils
from registry.identity.batch import CandidateIndex, match_batch
from registry.identity.comparison import Comparer
from registry.identity.decision import Decision, New, Uncertain
from registry.identity.frequencies import count_names
from registry.identity.records import (
    FullName,
    IdentityRecord,
    RecordRef,
    make_profile,
)
from registry.model import BirthAct, IdentityDocument, Sex
from store.similarity import RapidFuzzSimilarity

TUNING_SEEDS = (1, 2, 3, *range(101, 125))
EVALUATION_SEED = 20_251


@dataclass(frozen=True, slots=True)
class Seen:
    """What the figures need of a record that was decided."""

    truth: int
    person: int
    dirt: frozenset[Dirt]


@dataclass(slots=True)
class Outcome:
    """All decisions of a run: records with the persons they ended at, and the queue's links."""

    seen: list[Seen] = field(default_factory=list)
    links: set[tuple[int, int]] = field(default_factory=set)
    queued_records: int = 0
    queued_with_truth: int = 0
    decide_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run comes to; shares of 1. `by_dirt`: true pairs with it, joined, joined or queued."""

    records: int
    true_pairs: int
    joined_pairs: int
    precision: float
    recall_joins: float
    recall_all: float
    queued: int
    queue_share: float
    queue_truth: float
    by_dirt: dict[str, tuple[int, float, float]]


def identity_record(dirty: DirtyRecord, *, numbers: bool = True) -> IdentityRecord:
    """The generated record as an adapter hands it over; without `numbers`, stripped of them."""
    if not numbers:
        dirty = replace(dirty, snils=None, papers=(), act=None)
    snils, written = _snils(dirty.snils)
    parent = dirty.parent
    return IdentityRecord(
        ref=RecordRef(dirty.source, dirty.source_id),
        name=FullName(dirty.name.family, dirty.name.first, dirty.name.middle),
        birth_date=dirty.birth_date,
        sex=Sex.MALE if dirty.male else Sex.FEMALE,
        snils=snils,
        written_snils=written,
        birth_act=BirthAct(dirty.act.number, dirty.act.day, dirty.act.office or None)
        if dirty.act
        else None,
        documents=tuple(
            IdentityDocument(each.type, each.series, each.number) for each in dirty.papers
        ),
        parents=(FullName(parent.family, parent.first, parent.middle),) if parent else (),
        organisation=None if dirty.school is None else str(dirty.school),
        class_group=dirty.class_name,
        address=None if dirty.house is None else str(dirty.house),
    )


def _snils(text: str | None) -> tuple[Snils | None, str | None]:
    if text is None:
        return None, None
    try:
        return parse_snils(text), None
    except RegistryError:
        return None, text


def recognise(seed: int, children: int, *, numbers: bool = True) -> Outcome:
    """Take in all sources of a population, one after another."""
    index, outcome = CandidateIndex(), Outcome()
    truths: list[set[int]] = []
    ids = count()
    for source in SOURCES:
        batch = [
            (dirty.truth, dirty.dirt, make_profile(identity_record(dirty, numbers=numbers)))
            for dirty in records(seed, source, children)
        ]
        statistics = count_names([*index.profiles(), *(each for _, _, each in batch)])
        matched = match_batch(
            [profile for _, _, profile in batch],
            index,
            Comparer(statistics, RapidFuzzSimilarity()),
            population=max(len(index), len(batch)),
            new_person=lambda: PersonId(UUID(int=next(ids))),
        )
        for truth, dirt, _ in batch:
            started = time.perf_counter()
            result = next(matched)
            outcome.decide_s += time.perf_counter() - started
            person = result.person.int
            if result.created:
                truths.append(set())
            _note(outcome, result.decision, person, truth, truths)
            truths[person].add(truth)
            outcome.seen.append(Seen(truth, person, dirt))
    return outcome


def _note(
    outcome: Outcome, decision: Decision, person: int, truth: int, truths: Sequence[set[int]]
) -> None:
    if isinstance(decision, New):
        return
    shown = decision.candidates if isinstance(decision, Uncertain) else decision.rivals
    if not shown:
        return
    others = [each.person.int for each in shown]
    outcome.queued_records += 1
    outcome.queued_with_truth += any(truth in truths[each] for each in others)
    outcome.links.update((min(person, each), max(person, each)) for each in others)


def figures(outcome: Outcome) -> Figures:
    """Precision and recall over pairs, as the top of the module defines them."""
    by_truth: defaultdict[int, list[Seen]] = defaultdict(list)
    by_person: defaultdict[int, list[Seen]] = defaultdict(list)
    for seen in outcome.seen:
        by_truth[seen.truth].append(seen)
        by_person[seen.person].append(seen)
    joined = right = 0
    for group in by_person.values():
        for one, two in combinations(group, 2):
            joined += 1
            right += one.truth == two.truth
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for group in by_truth.values():
        for one, two in combinations(group, 2):
            together = one.person == two.person
            pair = (min(one.person, two.person), max(one.person, two.person))
            for kind in ("", *(each.value for each in one.dirt | two.dirt)):
                counts[kind][0] += 1
                counts[kind][1] += together
                counts[kind][2] += together or pair in outcome.links
    total, found, shown = counts.pop("")
    return Figures(
        records=len(outcome.seen),
        true_pairs=total,
        joined_pairs=joined,
        precision=right / max(1, joined),
        recall_joins=found / max(1, total),
        recall_all=shown / max(1, total),
        queued=outcome.queued_records,
        queue_share=outcome.queued_records / max(1, len(outcome.seen)),
        queue_truth=outcome.queued_with_truth / max(1, outcome.queued_records),
        by_dirt={
            kind: (all_pairs, one / all_pairs, two / all_pairs)
            for kind, (all_pairs, one, two) in sorted(counts.items())
        },
    )


class IdentityBenchmark:
    """Precision, recall and speed of recognising persons."""

    def __init__(self, scale: Scale, report: Report) -> None:
        self._children = scale.identity_children
        self._report = report

    def run(self) -> None:
        """Measure and print."""
        self._report.step(f"identity: {self._children} children in three sources")
        whole = recognise(EVALUATION_SEED, self._children)
        self._report.step("identity: the same without СНИЛС, documents and acts")
        bare = recognise(EVALUATION_SEED, self._children, numbers=False)
        result, without = figures(whole), figures(bare)
        self._print_figures(result, without, whole, bare)
        self._report.table(
            "Recall by defect (pairs of which a record has it)",
            ["defect", "pairs", "joined", "joined or queued"],
            [
                [kind, str(pairs), f"{one:.4f}", f"{two:.4f}"]
                for kind, (pairs, one, two) in result.by_dirt.items()
            ],
            texts=1,
            note="A defect that leaves a number of the child's intact costs little.",
        )

    def _print_figures(
        self, result: Figures, without: Figures, whole: Outcome, bare: Outcome
    ) -> None:
        columns = []
        for name, each, outcome in (("all", result, whole), ("names", without, bare)):
            speed = each.records / outcome.decide_s
            columns.append(
                [
                    f"{each.precision:.5f}",
                    f"{each.recall_joins:.4f}",
                    f"{each.recall_all:.4f}",
                    f"{each.queued}",
                    f"{each.queue_share:.2%}",
                    f"{each.queue_truth:.1%}",
                    f"{speed:.0f}",
                ]
            )
            self._report.row(
                "identity",
                {
                    "fields": name,
                    "children": self._children,
                    "records": each.records,
                    "precision": each.precision,
                    "recall_joins": each.recall_joins,
                    "recall_all": each.recall_all,
                    "queue_share": each.queue_share,
                    "records_per_s": round(speed),
                },
            )
        self._report.table(
            f"Recognising {self._children} children: {result.records} records of three sources",
            ["figure", "all fields", "no numbers", "expected"],
            [list(row) for row in zip(_FIGURES, *columns, _EXPECTED, strict=True)],
            texts=1,
            note=(
                f"{result.true_pairs} true pairs; seed {EVALUATION_SEED}, weights set on others. "
                "No numbers: СНИЛС, documents and acts taken away from every record."
            ),
        )


_FIGURES = (
    "precision of automatic joins",
    "recall of automatic joins",
    "recall of joins and queue",
    "queue, records",
    "queue, share of all records",
    "queue, with the right person shown",
    "records / s",
)
_EXPECTED = ("≥ 0.999", "", "≥ 0.97", "", "", "", "")
