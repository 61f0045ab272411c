"""How look-ups slow down as the register grows: the same ones on a small and on a large one.

In process, by the repositories that the gateway uses, each look-up in a transaction of its own.
Both registers are filled before; a round asks one and then the other, so that a busy machine hits
both.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import Engine, func, select

from benchmarks.databases import Backend, analyse
from benchmarks.errors import BenchmarkError
from benchmarks.installation import fill_register, make_bench_key, vault_of_key
from benchmarks.ratios import paired_ratio, percentile
from benchmarks.report import Report
from benchmarks.settings import SEED, Scale
from registry.identifiers import PersonId, Snils
from registry.ports import NameKey
from store.engine import create_engine_for
from store.tables import persons
from store.unit_of_work import UnitOfWork
from store.vault import Vault

# A day in the generated school year.
_AS_OF = date(2025, 10, 15)
_PERSONS_PER_SCHOOL = 700
# Up to this much slower for ten times the persons is what is aimed at.
_LIMIT = 1.2
_COLUMNS = ("register", "look-up", "persons", "p50 ms", "p99 ms", "p50 growth", "p99 growth")


@dataclass(frozen=True, slots=True)
class _Person:
    """What a person of the register is asked for by."""

    person_id: PersonId
    snils: Snils
    name: NameKey
    birth_date: date


@dataclass(frozen=True, slots=True)
class _Register:
    """A filled register and some of its persons, in no order."""

    persons: int
    engine: Engine
    sample: Sequence[_Person]


Probe = Callable[[UnitOfWork, _Person], Sequence[Any]]


def _by_snils(work: UnitOfWork, person: _Person) -> Sequence[Any]:
    return work.students.by_snils(person.snils, as_of=_AS_OF)


def _by_name(work: UnitOfWork, person: _Person) -> Sequence[Any]:
    return work.students.by_name(person.name, person.birth_date, as_of=_AS_OF)


def _portfolio(work: Any, person: _Person) -> Sequence[Any]:
    facts = work.portfolios.facts(person.person_id, known_on=None)
    return () if facts is None else (facts,)


_PROBES: dict[str, Probe] = {"by СНИЛС": _by_snils, "by name and birth date": _by_name}
if hasattr(UnitOfWork, "portfolios"):
    _PROBES["portfolio"] = _portfolio


class GrowthBenchmark:
    """The whole comparison."""

    def __init__(self, scale: Scale, report: Report) -> None:
        self._scale = scale
        self._report = report

    def run(self, backends: Sequence[Backend]) -> None:
        """Fill, measure, print and write. Raises BenchmarkError."""
        rows: list[tuple[str, ...]] = []
        vault = vault_of_key(make_bench_key())
        for backend in backends:
            registers = [self._fill(backend, vault, size) for size in self._scale.growth_persons]
            self._report.step(f"{backend.name}: look-ups on both")
            for name, probe in _PROBES.items():
                rows += self._measure(backend, name, probe, registers)
            for register in registers:
                register.engine.dispose()
        scale = self._scale
        note = (
            f"Each look-up in a transaction of its own, in process. Medians of "
            f"{scale.growth_rounds} rounds of {scale.growth_lookups}; growth is the large "
            f"register's time by the small one's (least-greatest of the rounds), of which up to "
            f"{_LIMIT}× is aimed at."
        )
        self._report.table("Look-ups as the register grows", _COLUMNS, rows, note=note)

    def _fill(self, backend: Backend, vault: Vault, size: int) -> _Register:
        self._report.step(f"{backend.name}: filling a register with {size} persons")
        url = backend.create()
        fill_register(url, vault, schools=max(4, size // _PERSONS_PER_SCHOOL), pupils=size)
        analyse(url)
        engine = create_engine_for(url, vault=vault)
        return _Register(size, engine, tuple(_sample(engine, self._scale.growth_lookups)))

    def _measure(
        self, backend: Backend, name: str, probe: Probe, registers: Sequence[_Register]
    ) -> list[tuple[str, ...]]:
        for register in registers:
            _ask(register, probe)  # warm-up
        rounds = [
            [_ask(register, probe) for register in registers]
            for _ in range(self._scale.growth_rounds)
        ]
        p50 = [[percentile(each, 50) * 1000 for each in one] for one in rounds]
        p99 = [[percentile(each, 99) * 1000 for each in one] for one in rounds]
        growth = {
            which: paired_ratio([one[1] for one in times], [one[0] for one in times])
            for which, times in (("p50", p50), ("p99", p99))
        }
        rows = []
        for place, register in enumerate(registers):
            figures = {
                "p50_ms": median(one[place] for one in p50),
                "p99_ms": median(one[place] for one in p99),
            }
            is_large = place == len(registers) - 1
            rows.append(
                (
                    backend.name,
                    name,
                    f"{register.persons:,}",
                    f"{figures['p50_ms']:.3f}",
                    f"{figures['p99_ms']:.3f}",
                    str(growth["p50"]) if is_large else "1",
                    str(growth["p99"]) if is_large else "1",
                )
            )
            told = {"register": backend.name, "lookup": name, "persons": register.persons}
            self._report.row("growth", {**told, **figures})
        self._report.row(
            "growth_ratio",
            {
                "register": backend.name,
                "lookup": name,
                "p50_growth": growth["p50"].median,
                "p99_growth": growth["p99"].median,
            },
        )
        return rows


def _ask(register: _Register, probe: Probe) -> list[float]:
    """Look every person of the sample up; return the seconds of each."""
    times = []
    for person in register.sample:
        started = time.perf_counter()
        with UnitOfWork(register.engine, read_only=True) as work:
            found = probe(work, person)
        times.append(time.perf_counter() - started)
        if not found:
            raise BenchmarkError("growth.not_found", "a person of the register was not found")
    return times


def _sample(engine: Engine, count: int) -> Iterator[_Person]:
    """Persons with a СНИЛС, picked over the whole register by their ids, which are random."""
    columns = persons.c
    statement = select(
        columns.id,
        columns.snils_index,
        columns.family_key,
        columns.first_key,
        columns.middle_key,
        columns.birth_date,
    ).where(columns.snils_index.is_not(None))
    with engine.connect() as connection:
        total = connection.execute(select(func.count()).select_from(persons)).scalar_one()
        every = max(1, total // (2 * count))
        rows = connection.execute(statement.order_by(columns.id)).all()[::every][:count]
    Random(SEED).shuffle(rows)
    with UnitOfWork(engine, read_only=True) as work:
        for person_id, _, family, first, middle, birth_date in rows:
            name = NameKey(family, first, middle or None)
            views = work.students.by_name(name, birth_date, as_of=_AS_OF)
            (person,) = [each.person for each in views if each.person.id == person_id]
            if person.snils is not None:
                yield _Person(PersonId(person_id), person.snils, name, birth_date)
