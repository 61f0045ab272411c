"""The command: `python -m benchmarks [--quick] [--only PART] [--json FILE]`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from benchmarks.databases import Backend, has_postgresql, postgresql_backend, sqlite_backend
from benchmarks.errors import BenchmarkError
from benchmarks.growth import GrowthBenchmark
from benchmarks.identity import IdentityBenchmark
from benchmarks.identity_store import StoredIdentityBenchmark
from benchmarks.installation import make_installation, make_pki
from benchmarks.loads import LoadBenchmark
from benchmarks.lookups import LookupBenchmark
from benchmarks.machine import describe_machine
from benchmarks.matching import MatchingBenchmark
from benchmarks.pull import PullBenchmark
from benchmarks.ranking import RankingBenchmark
from benchmarks.raw_signatures import RawSignatureBenchmark
from benchmarks.report import Report
from benchmarks.settings import FULL, QUICK
from benchmarks.signed_messages import SignedMessageBenchmark
from benchmarks.stages import StageBenchmark
from benchmarks.transform import TransformBenchmark


class Part(StrEnum):
    """What can be measured apart."""

    LOOKUPS = "lookups"
    PULL = "pull"
    RANKING = "ranking"
    STAGES = "stages"
    TRANSFORM = "transform"
    SIGNING = "signing"
    IDENTITY = "identity"
    MATCHING = "matching"
    LOADS = "loads"
    GROWTH = "growth"


_ON_DATABASES = frozenset(
    {Part.LOOKUPS, Part.PULL, Part.LOADS, Part.GROWTH, Part.IDENTITY, Part.MATCHING}
)
_WITH_INSTALLATION = frozenset({Part.LOOKUPS, Part.PULL, Part.STAGES})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks; exit code 0, 1 when answers failed, 3 when something is missing."""
    options = _arguments(argv)
    report = Report(options.json)
    started = time.monotonic()
    try:
        failed = _run(options, report)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except BrokenProcessPool:
        print("error: process.ended: a process of the benchmark fell; see above", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        report.close()
    report.say(f"\n{time.monotonic() - started:.0f} s in all")
    if failed:
        print(f"{failed} answers were not 200", file=sys.stderr)
    return 1 if failed else 0


def _run(options: argparse.Namespace, report: Report) -> int:
    scale = QUICK if options.quick else FULL
    if options.only is Part.GROWTH and options.persons:
        small, large = min(options.persons), max(options.persons)
        scale = replace(scale, growth_persons=(small, large))
    parts = [options.only] if options.only else list(Part)
    failed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kontingent-bench-")))
        backends: list[Backend] = [stack.enter_context(sqlite_backend(folder))]
        if options.postgresql and _ON_DATABASES & set(parts):
            report.step("starting a PostgreSQL of our own")
            backends.append(stack.enter_context(postgresql_backend()))
        _describe(report, folder, backends)
        if Part.RANKING in parts:
            RankingBenchmark(scale, report).run()
        if Part.TRANSFORM in parts:
            TransformBenchmark(scale, report).run()
        if Part.SIGNING in parts:
            RawSignatureBenchmark(scale, report).run()
            pki = make_pki(folder / "pki")
            SignedMessageBenchmark(scale, pki, report).run()
        if Part.IDENTITY in parts:
            IdentityBenchmark(scale, report).run()
            StoredIdentityBenchmark(scale.identity_stored, report).run(backends)
        if Part.MATCHING in parts:
            sizes = options.persons or (scale.matching_children,)
            # The production store, where there is one.
            MatchingBenchmark(sizes, scale.matching_batch, report).run(backends[-1:])
        if Part.LOADS in parts:
            LoadBenchmark(options.persons or (scale.load_persons,), folder, report).run(backends)
        if Part.GROWTH in parts:
            GrowthBenchmark(scale, report).run(backends)
        if not _WITH_INSTALLATION & set(parts):
            return failed
        installation = make_installation(folder / "installation")
        if Part.STAGES in parts:
            stages = StageBenchmark(scale, installation, report)
            stages.run(backends[0], profile=options.profile)
        if Part.LOOKUPS in parts:
            failed = LookupBenchmark(scale, installation, folder, report).run(backends)
        if Part.PULL in parts:
            PullBenchmark(scale, folder, report).run(backends)
    return failed


def _describe(report: Report, folder: Path, backends: Sequence[Backend]) -> None:
    facts = describe_machine(folder)
    facts.update({backend.name.lower(): backend.version for backend in backends})
    report.row("machine", facts)
    report.say(", ".join(f"{name} {value}" for name, value in facts.items()))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures signed look-ups and pulls beside peers, in the same run.",
        epilog="Example: python -m benchmarks --quick --only lookups --json bench.jsonl",
    )
    parser.add_argument("--quick", action="store_true", help="a smoke run of under a minute")
    parser.add_argument("--only", type=Part, choices=list(Part), help="one part only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write JSON lines there")
    parser.add_argument(
        "--persons",
        type=int,
        nargs="+",
        metavar="N",
        help="with loads and matching: how many persons; with growth: of the two registers",
    )
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="with stages: write cProfile's view of one"
    )
    parser.add_argument(
        "--postgresql",
        action=argparse.BooleanOptionalAction,
        default=has_postgresql(),
        help="measure on PostgreSQL too (default: when it is installed)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
