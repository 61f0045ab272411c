"""Signed look-ups over HTTP: `kontingent serve` beside spyne with xmlsec, round by round.

Both servers of a cell run all the time on the same register; a round sends the same messages to
one after the other. GOST, which xmlsec doesn't know, runs in the same rounds.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from lxml import etree

from benchmarks.client import Load, LoadClient, Outcome, load_client
from benchmarks.databases import Backend, analyse
from benchmarks.errors import BenchmarkError
from benchmarks.installation import Installation, fill_register
from benchmarks.messages import Algorithm, case_number, sign_requests
from benchmarks.ratios import Ratio, paired_ratio, percentile
from benchmarks.report import Report
from benchmarks.servers import Server, running_server
from benchmarks.settings import Scale
from benchmarks.spyne_peer.signatures import BadSignatureError, verify_request
from ops.config import DATABASE_ENV, load_config
from ops.exchange import read_reply
from ops.identities import load_trust
from registry.identifiers import parse_snils
from signing.errors import SigningError
from signing.providers import load_providers
from smev.contracts import EDUCATION_NS
from smev.errors import SmevError
from smev.message import Status

OURS, PEER = "kontingent", "spyne+xmlsec"
_COLUMNS = (
    "register",
    "server",
    "req/s",
    "ratio",
    "CPU ms",
    "CPU ratio",
    "p50 ms",
    "p99 ms",
    "db CPU",
    "not 200",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One server's figures in one round; CPU milliseconds are for one request."""

    register: str
    workers: int
    server: str
    algorithm: str
    number: int
    requests: int
    failed: int
    requests_per_s: float
    cpu_ms: float
    database_cpu_ms: float
    client_cpu_ms: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class _Contender:
    """A server as asked with one algorithm; its address has a path or not."""

    name: str
    algorithm: Algorithm
    server: Server
    path: str

    @property
    def label(self) -> str:
        return f"{self.name}, {self.algorithm.upper()}"


@dataclass(frozen=True, slots=True)
class _Cell:
    """One register and number of workers, with what is sent there."""

    backend: Backend
    workers: int
    contenders: tuple[_Contender, ...]
    snils: tuple[str, ...]


class LookupBenchmark:
    """The whole comparison; `folder` takes messages and logs."""

    def __init__(
        self, scale: Scale, installation: Installation, folder: Path, report: Report
    ) -> None:
        self._scale = scale
        self._installation = installation
        self._folder = folder
        self._report = report
        self._checker = ReplyChecker(installation)
        self._messages = {each: folder / f"messages-{each}.bin" for each in Algorithm}

    def run(self, backends: Sequence[Backend]) -> int:
        """Measure, print and write; return how many answers were not 200."""
        rounds: list[Round] = []
        with load_client() as client:
            for backend in backends:
                rounds += self._measure_backend(backend, client)
        self._print(rounds)
        return sum(each.failed for each in rounds)

    def _measure_backend(self, backend: Backend, client: LoadClient) -> list[Round]:
        scale, rounds = self._scale, []
        self._report.step(f"{backend.name}: filling a register with {scale.pupils} pupils")
        url = backend.create()
        snils = fill_register(
            url, self._installation.vault, schools=scale.schools, pupils=scale.pupils
        )
        analyse(url)
        self._sign(snils)
        # The same messages go to each backend, but never twice to one: it would know them again.
        first = count(0, scale.warm_up + scale.rounds * scale.requests)
        for workers in scale.workers:
            self._report.step(f"{backend.name}: look-ups, workers: {workers}")
            with self._cell(backend, url, workers, snils) as cell:
                rounds += self._measure_cell(cell, client, next(first))
        return rounds

    def _sign(self, snils: tuple[str, ...]) -> None:
        """Sign what all cells of one backend will send, unless that was done for another."""
        scale = self._scale
        needed = len(scale.workers) * (scale.warm_up + scale.rounds * scale.requests)
        for algorithm, path in self._messages.items():
            if not path.exists():
                self._report.step(f"signing {needed} requests, {algorithm.upper()}")
                sign_requests(self._installation, algorithm, snils, needed, path=path)

    @contextmanager
    def _cell(
        self, backend: Backend, url: str, workers: int, snils: tuple[str, ...]
    ) -> Iterator[_Cell]:
        name = f"{backend.name.lower()}-{workers}"
        ours = [sys.executable, "-m", "ops.cli", "--config", str(self._installation.config)]
        peer = [sys.executable, "-m", "benchmarks.spyne_peer", "--database", url]
        workers_option = ["--workers", str(workers)]
        with (
            running_server(
                OURS,
                [*ours, "serve", "--bind", "127.0.0.1:0", *workers_option],
                log=self._folder / f"{name}-ours.log",
                environ={DATABASE_ENV: url},
                ready_path="/readyz",
            ) as our_server,
            running_server(
                PEER,
                [*peer, "--config", str(self._installation.config), *workers_option],
                log=self._folder / f"{name}-peer.log",
                ready_path="/?wsdl",
            ) as peer_server,
        ):
            yield _Cell(
                backend,
                workers,
                (
                    _Contender(OURS, Algorithm.RSA, our_server, "/smev2/students"),
                    _Contender(PEER, Algorithm.RSA, peer_server, "/"),
                    _Contender(OURS, Algorithm.GOST, our_server, "/smev2/students"),
                ),
                snils,
            )

    def _measure_cell(self, cell: _Cell, client: LoadClient, first: int) -> list[Round]:
        scale, rounds = self._scale, []
        for contender in cell.contenders:
            contender.server.rest()
            self._send(cell, contender, client, first, scale.warm_up)
        for number in range(scale.rounds):
            start = first + scale.warm_up + number * scale.requests
            rounds += [
                self._measure(cell, contender, client, start, number)
                for contender in cell.contenders
            ]
        return rounds

    def _measure(
        self, cell: _Cell, contender: _Contender, client: LoadClient, first: int, number: int
    ) -> Round:
        requests = self._scale.requests
        cpu_s, database_s = contender.server.cpu_s(), cell.backend.cpu_s()
        outcome = self._send(cell, contender, client, first, requests)
        cpu_s, database_s = contender.server.cpu_s() - cpu_s, cell.backend.cpu_s() - database_s
        measured = Round(
            register=cell.backend.name,
            workers=cell.workers,
            server=contender.name,
            algorithm=contender.algorithm.upper(),
            number=number,
            requests=requests,
            failed=outcome.failed,
            requests_per_s=requests / outcome.elapsed_s,
            cpu_ms=cpu_s * 1000 / requests,
            database_cpu_ms=database_s * 1000 / requests,
            client_cpu_ms=outcome.cpu_s * 1000 / requests,
            p50_ms=percentile(outcome.latencies_s, 50) * 1000,
            p99_ms=percentile(outcome.latencies_s, 99) * 1000,
        )
        self._report.row("lookup_round", asdict(measured))
        return measured

    def _send(
        self, cell: _Cell, contender: _Contender, client: LoadClient, first: int, requests: int
    ) -> Outcome:
        load = Load(
            port=contender.server.port,
            path=contender.path,
            messages=self._messages[contender.algorithm],
            first=first,
            count=requests,
            connections=self._scale.connections * cell.workers,
            requests_per_connection=self._scale.requests_per_connection,
            samples=self._scale.samples,
        )
        outcome = client.run(load)
        if outcome.failed == requests:
            raise BenchmarkError("lookup.failed", f"{contender.label}: {_text(outcome)}")
        if not outcome.failed:
            for index, reply in outcome.replies:
                self._checker.check(reply, index, cell.snils, contender.algorithm)
        return outcome

    def _print(self, rounds: Sequence[Round]) -> None:
        rows = []
        for (register, workers, server, algorithm), own in _grouped(rounds).items():
            peers = [
                each
                for each in rounds
                if (each.register, each.workers, each.server) == (register, workers, PEER)
            ]
            speed, cpu = _ratios(own, peers)
            figures = {
                name: median(getattr(each, name) for each in own)
                for name in ("requests_per_s", "cpu_ms", "p50_ms", "p99_ms", "database_cpu_ms")
            }
            failed = sum(each.failed for each in own)
            is_peer = server == PEER
            rows.append(
                (
                    f"{register} ×{workers}",
                    f"{server}, {algorithm}",
                    f"{figures['requests_per_s']:.0f}",
                    "1" if is_peer else str(speed),
                    f"{figures['cpu_ms']:.2f}",
                    "1" if is_peer else str(cpu),
                    f"{figures['p50_ms']:.1f}",
                    f"{figures['p99_ms']:.1f}",
                    f"{figures['database_cpu_ms']:.2f}",
                    str(failed),
                )
            )
            self._report.row(
                "lookup",
                {
                    "register": register,
                    "workers": workers,
                    "server": server,
                    "algorithm": algorithm,
                    **figures,
                    "speed_ratio": speed.median,
                    "cpu_ratio": cpu.median,
                    "failed": failed,
                },
            )
        scale = self._scale
        note = (
            f"Register: {scale.pupils} pupils. Medians of {scale.rounds} rounds of "
            f"{scale.requests} requests, each with its own signed Body, over "
            f"{scale.connections} connections for each of the ×N worker processes; CPU is the "
            f"server's for one request. Ratios to {PEER}: medians of the rounds' own "
            "(least-greatest); over 1 is in our favour. The peer keeps no journal and checks "
            "neither trust, rights nor replay."
        )
        self._report.table("Signed look-ups over HTTP, journal on", _COLUMNS, rows, note=note)


class ReplyChecker:
    """Shows that replies are what they should be, by our own verifier and by xmlsec."""

    def __init__(self, installation: Installation) -> None:
        self._providers = load_providers()
        self._trust = load_trust(load_config(installation.config, {}), self._providers)

    def check(self, reply: bytes, index: int, snils: Sequence[str], algorithm: Algorithm) -> None:
        """Raise BenchmarkError unless it is the signed RESULT for the message `index`."""
        try:
            report = read_reply(reply, self._providers, trust=self._trust, at=datetime.now(UTC))
            if algorithm is Algorithm.RSA:
                verify_request(etree.fromstring(reply))
        except (SigningError, SmevError, BadSignatureError) as error:
            raise BenchmarkError("reply.unverified", str(error)) from None
        message, content = report.message, report.content
        if not report.verified or message is None or content is None:
            raise BenchmarkError("reply.unverified", report.fault_code or report.signature)
        found = content.findtext(f".//{{{EDUCATION_NS}}}Snils")
        wanted = parse_snils(snils[index % len(snils)]).formatted
        if message.status is not Status.RESULT or found != wanted:
            raise BenchmarkError("reply.wrong", f"status {message.status}")
        if message.case_number != case_number(index):
            raise BenchmarkError("reply.wrong", "the reply of another request")


def _grouped(rounds: Sequence[Round]) -> dict[tuple[str, int, str, str], list[Round]]:
    groups: dict[tuple[str, int, str, str], list[Round]] = {}
    for each in rounds:
        key = (each.register, each.workers, each.server, each.algorithm)
        groups.setdefault(key, []).append(each)
    return groups


def _ratios(own: Sequence[Round], peers: Sequence[Round]) -> tuple[Ratio, Ratio]:
    speed = paired_ratio(
        [each.requests_per_s for each in own], [each.requests_per_s for each in peers]
    )
    cpu = paired_ratio([each.cpu_ms for each in peers], [each.cpu_ms for each in own])
    return speed, cpu


def _text(outcome: Outcome) -> str:
    """What the server said, as far as a line can hold it."""
    body = outcome.replies[0][1] if outcome.replies else b""
    start = max(body.find(b"<faultstring"), body.find(b"Fault>"), 0)
    return body[start : start + 300].decode("utf-8", "replace")
