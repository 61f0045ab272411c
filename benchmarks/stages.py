"""What one look-up costs, stage by stage: the gateway's WSGI application, in one process.

It is the application that `serve` runs, with the journal written to a SQLite file. The stages are
timed where the pipeline calls them; what is left of the whole is the way between them.
"""

import cProfile
import io
import os
import pstats
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.databases import Backend
from benchmarks.errors import BenchmarkError
from benchmarks.installation import Installation, fill_register
from benchmarks.messages import Algorithm, read_requests, sign_requests
from benchmarks.report import Report
from benchmarks.settings import Scale
from benchmarks.stopwatch import Part, watching
from gateway.wire import Wire
from ops.config import DATABASE_ENV, load_config
from ops.logs import set_up_logging
from ops.wiring import build_gateway

_WARM_UP = 30
_WHOLE, _REST, _CPU = "whole", "rest", "process CPU"
_PARTS = (
    Part("journal encode", "gateway.pipeline:record_received"),
    Part("journal write (waiting)", "store.journal_writer:JournalWriter.write"),
    Part("parse", "gateway.pipeline:parse_xml"),
    Part("shape", "gateway.pipeline:parse_envelope"),
    Part("verify: rest", "gateway.pipeline:verify_sender"),
    Part("verify: certificate", "signing.xml.wss:read_certificate"),
    Part("verify: signature value", "signing.xml.wss:verify_signature"),
    Part("verify: digest of Body", "signing.xml.wss:verify_reference"),
    Part("verify: Body parsed anew", "signing.xml.wss:parse_canonical"),
    Part("trust", "signing.pki.trust:TrustStore.verify"),
    Part("rights", "gateway.rights:Rights.authorise"),
    Part("replay check", "store.journal_reader:JournalReader.find_reply"),
    Part("schema, request and reply", "smev.catalogue:Catalogue.validate"),
    Part("read message", "gateway.pipeline:parse_operation"),
    Part("spyne dispatch", "gateway.soap.application:SoapService.dispatch"),
    Part("contents", "gateway.contents.students:read_find_student"),
    Part("use case: rules", "ops.wiring:find_student"),
    Part("use case: SQL and mapping", "store.repositories:StudentRepository.by_snils"),
    Part("contents", "gateway.contents.students:write_outcome"),
    Part("reply build", "gateway.replies:reply_to"),
    Part("reply build", "gateway.replies:build_operation"),
    Part("sign: C14N, header", "gateway.replies:sign_payload"),
    Part("sign: signature value", "signing.providers.service:Signer.sign"),
    Part("sign: digest of Body", "signing.providers.service:Signer.digest"),
    Part("audit line", "ops.logs:AuditLog.disclosed"),
    Part("journal encode", "gateway.pipeline:record_decided"),
)
_ORDER = tuple(dict.fromkeys(part.name for part in _PARTS))


class StageBenchmark:
    """The costs of one look-up by stage, GOST and RSA."""

    def __init__(self, scale: Scale, installation: Installation, report: Report) -> None:
        self._scale = scale
        self._installation = installation
        self._report = report

    def run(self, backend: Backend, *, profile: Path | None = None) -> None:
        """Measure and print; with `profile`, write what cProfile says of the RSA look-ups."""
        self._report.step("stages: filling a register, signing requests")
        url = backend.create()
        snils = fill_register(
            url,
            self._installation.vault,
            schools=4,
            pupils=min(1000, self._scale.pupils),
        )
        set_up_logging()
        config = load_config(self._installation.config, {**os.environ, DATABASE_ENV: url})
        gateway = build_gateway(config)
        try:
            costs = {}
            for algorithm in (Algorithm.GOST, Algorithm.RSA):
                requests = self._sign(algorithm, snils)
                costs[algorithm] = self._measure(gateway.wire, requests)
                if profile is not None and algorithm is Algorithm.RSA:
                    _profile(gateway.wire, self._sign(algorithm, snils, "-profile"), profile)
        finally:
            gateway.close()
        self._print(costs)

    def _sign(
        self, algorithm: Algorithm, snils: Sequence[str], mark: str = ""
    ) -> tuple[bytes, ...]:
        path = self._installation.folder / f"stages-{algorithm}{mark}.bin"
        count = _WARM_UP + self._scale.stage_messages
        sign_requests(self._installation, algorithm, snils, count, path=path)
        return read_requests(path)

    def _measure(self, wire: Wire, requests: Sequence[bytes]) -> dict[str, float]:
        """Return microseconds by stage."""
        for request in requests[:_WARM_UP]:
            _call(wire, request)
        taken: dict[str, list[float]] = {}
        measured = requests[_WARM_UP:]
        with watching(_PARTS) as watch:
            if watch.missing:
                self._report.step(f"no longer found, so in “{_REST}”: {', '.join(watch.missing)}")
            cpu = time.process_time_ns()
            for request in measured:
                watch.start()
                started = time.perf_counter_ns()
                _call(wire, request)
                whole = time.perf_counter_ns() - started
                spent = watch.stop()
                taken.setdefault(_WHOLE, []).append(whole / 1000)
                taken.setdefault(_REST, []).append((whole - sum(spent.values())) / 1000)
                for name, nanoseconds in spent.items():
                    taken.setdefault(name, []).append(nanoseconds / 1000)
            cpu = time.process_time_ns() - cpu
        costs = {name: median(values) for name, values in taken.items()}
        costs[_CPU] = cpu / 1000 / len(measured)
        return costs

    def _print(self, costs: dict[Algorithm, dict[str, float]]) -> None:
        rows = []
        for name in (*_ORDER, _REST, _WHOLE, _CPU):
            cells = [name]
            for algorithm, cost in costs.items():
                spent, whole = cost.get(name, 0.0), cost[_WHOLE]
                cells += [f"{spent:.0f}", f"{100 * spent / whole:.1f}"]
                self._report.row(
                    "stage", {"algorithm": algorithm.upper(), "stage": name, "us": round(spent, 1)}
                )
            rows.append(cells)
        columns = ["stage"]
        for algorithm in costs:
            columns += [f"{algorithm.upper()} µs", "%"]
        note = (
            f"Medians of {self._scale.stage_messages} look-ups one after the other, own time of "
            "each stage. Process CPU is of all threads; waiting for the disk "
            "is in “journal write”."
        )
        self._report.table("One look-up in one process, SQLite", columns, rows, texts=1, note=note)


def _call(wire: Wire, request: bytes) -> None:
    """Send one request. Raises BenchmarkError unless it is answered with 200."""
    statuses: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/smev2/students",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(request)),
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "0",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request),
    }
    reply = b"".join(wire(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
    if statuses != ["200 OK"]:
        raise BenchmarkError("stages.failed", reply[-300:].decode("utf-8", "replace"))


def _profile(wire: Wire, requests: Sequence[bytes], path: Path) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    for request in requests:
        _call(wire, request)
    profiler.disable()
    with path.open("w", encoding="utf-8") as file:
        pstats.Stats(profiler, stream=file).sort_stats("tottime").print_stats(60)
