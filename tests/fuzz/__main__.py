"""Run one fuzz target."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext

try:
    import atheris
except ImportError:
    atheris = None

with nullcontext() if atheris is None else atheris.instrument_imports(include=["signing", "smev"]):
    from tests.fuzz.targets import TARGETS, run

_USAGE = f"usage: python -m tests.fuzz {{{','.join(TARGETS)}}} [SECONDS] [-- libFuzzer options]"


def main(arguments: list[str]) -> int:
    """Run it and return the exit code: 0 when nothing was found."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    names, more = arguments[:end], arguments[end + 1 :]
    if not 1 <= len(names) <= 2 or names[0] not in TARGETS:
        print(_USAGE, file=sys.stderr)
        return 2
    target, seconds = TARGETS[names[0]], float(names[1]) if len(names) == 2 else 60.0

    def call(data: bytes) -> None:
        run(target, data)

    if atheris is None:
        return _run_random(call, seconds)
    options = [f"-max_total_time={int(seconds)}", "-timeout=10", "-max_len=65536", *more]
    atheris.Setup([sys.argv[0], *options], call)
    atheris.Fuzz()
    return 0


def _run_random(call: Callable[[bytes], None], seconds: float) -> int:
    seed = time.time_ns()
    source, count = random.Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = source.randbytes(source.randrange(1, 64))
        try:
            call(data)
        except Exception:
            print(f"found with seed {seed}, after {count}: {data.hex()}", file=sys.stderr)
            raise
        count += 1
    print(f"{count} inputs, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
