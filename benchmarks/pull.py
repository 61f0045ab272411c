"""Pulling a municipality: the product's way beside plain zeep with an ORM, pages of one stand-in.

The stand-in runs in a process of its own. Every pull has a fresh process and a fresh register.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from benchmarks import pull_contenders
from benchmarks.databases import Backend
from benchmarks.errors import BenchmarkError
from benchmarks.installation import make_bench_key
from benchmarks.pull_contenders import PAGE_SIZE, PASSWORD, USER, Pull, Source
from benchmarks.ratios import paired_ratio
from benchmarks.report import Report
from benchmarks.servers import Server, running_server
from benchmarks.settings import SEED, Scale
from fixtures.standins.gorod import PASSWORD_VARIABLE
from store import tables
from store.engine import create_engine_for

OURS, PEER = "kontingent", "zeep + ORM add_all"
_CONTENDERS: dict[str, Callable[[Source], Pull]] = {
    OURS: pull_contenders.pull_by_product,
    PEER: pull_contenders.pull_by_zeep,
}
_COLUMNS = (
    "register",
    "client",
    "pupils/s",
    "ratio",
    "CPU s",
    "CPU ratio",
    "memory +MB",
    "db CPU",
    "stand-in CPU",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One pull; CPU in seconds, apart for the client, the database and the stand-in."""

    register: str
    client: str
    number: int
    pupils: int
    pupils_per_s: float
    cpu_s: float
    grown_mb: float
    database_cpu_s: float
    standin_cpu_s: float


class PullBenchmark:
    """The whole comparison."""

    def __init__(self, scale: Scale, folder: Path, report: Report) -> None:
        self._scale = scale
        self._folder = folder
        self._report = report

    def run(self, backends: Sequence[Backend]) -> None:
        """Measure, print and write. Raises BenchmarkError."""
        scale = self._scale
        command = [sys.executable, "-m", "fixtures.standins.gorod", "--bind", "127.0.0.1:0"]
        size = ["--pupils", str(scale.pull_pupils), "--schools", str(scale.schools)]
        rounds: list[Round] = []
        with running_server(
            "stand-in",
            [*command, *size, "--seed", str(SEED), "--user", USER],
            log=self._folder / "standin.log",
            environ={PASSWORD_VARIABLE: PASSWORD},
        ) as standin:
            for backend in backends:
                self._report.step(f"{backend.name}: pulling {scale.pull_pupils} pupils")
                for number in range(scale.pull_rounds):
                    rounds += [
                        self._pull(backend, standin, client, number) for client in _CONTENDERS
                    ]
        self._print(rounds)

    def _pull(self, backend: Backend, standin: Server, client: str, number: int) -> Round:
        url = backend.create()
        source = Source(
            url=standin.url.removesuffix("?wsdl"), database_url=url, data_key=make_bench_key()
        )
        standin_s, database_s = standin.cpu_s(), backend.cpu_s()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pull = pool.submit(_CONTENDERS[client], source).result()
        _check(url, client, pupils=self._scale.pull_pupils)
        measured = Round(
            register=backend.name,
            client=client,
            number=number,
            pupils=self._scale.pull_pupils,
            pupils_per_s=self._scale.pull_pupils / pull.elapsed_s,
            cpu_s=pull.cpu_s,
            grown_mb=pull.grown_mb,
            database_cpu_s=backend.cpu_s() - database_s,
            standin_cpu_s=standin.cpu_s() - standin_s,
        )
        self._report.row("pull_round", asdict(measured))
        return measured

    def _print(self, rounds: Sequence[Round]) -> None:
        rows = []
        for register in dict.fromkeys(each.register for each in rounds):
            by_client = {
                client: [
                    each for each in rounds if (each.register, each.client) == (register, client)
                ]
                for client in _CONTENDERS
            }
            ours, peers = by_client[OURS], by_client[PEER]
            speed = paired_ratio(
                [each.pupils_per_s for each in ours], [each.pupils_per_s for each in peers]
            )
            cpu = paired_ratio([each.cpu_s for each in peers], [each.cpu_s for each in ours])
            for client, own in by_client.items():
                names = ("pupils_per_s", "cpu_s", "grown_mb", "database_cpu_s", "standin_cpu_s")
                figures = {name: median(getattr(each, name) for each in own) for name in names}
                rows.append(
                    (
                        register,
                        client,
                        f"{figures['pupils_per_s']:.0f}",
                        str(speed) if client == OURS else "1",
                        f"{figures['cpu_s']:.2f}",
                        str(cpu) if client == OURS else "1",
                        f"{figures['grown_mb']:.0f}",
                        f"{figures['database_cpu_s']:.2f}",
                        f"{figures['standin_cpu_s']:.2f}",
                    )
                )
                self._report.row("pull", {"register": register, "client": client, **figures})
            ratios = {"speed_ratio": speed.median, "cpu_ratio": cpu.median}
            self._report.row("pull_ratio", {"register": register, **ratios})
        note = (
            f"{self._scale.pull_pupils} pupils in pages of {PAGE_SIZE}, a commit for each page. "
            f"Medians of {self._scale.pull_rounds} rounds; ratios over 1 are in our favour. The "
            "peer writes the same tables and encrypts as much, but keeps no source ids, versions "
            "or cursor, and checks no rules."
        )
        self._report.table("A first pull, stand-in to register", _COLUMNS, rows, note=note)


def _check(url: str, client: str, *, pupils: int) -> None:
    """Make sure that everything has arrived. Raises BenchmarkError `pull.incomplete`."""
    engine = create_engine_for(url)
    try:
        with engine.connect() as connection:
            for table in (tables.persons, tables.enrolments, tables.class_placements):
                found = connection.execute(select(func.count()).select_from(table)).scalar_one()
                if found != pupils:
                    raise BenchmarkError("pull.incomplete", f"{client}: {found} in {table.name}")
    finally:
        engine.dispose()
