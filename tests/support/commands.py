"""The `kontingent` command: as a process of its own, or, quicker, called in this one."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.cli import main

PROGRAM = Path(sys.executable).with_name("kontingent")


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended and what it wrote."""

    exit_code: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.output.decode()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.text.splitlines()]


def clean_environ(**more: str) -> dict[str, str]:
    """The environment without what the command would read from it."""
    kept = {name: value for name, value in os.environ.items() if "KONTINGENT" not in name}
    # Screens of a process that is not on a terminal are as wide as this says.
    return {**kept, "COLUMNS": "200", "LANG": "C.UTF-8", **more}


def run(
    *arguments: str | bytes | Path,
    stdin: bytes = b"",
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Finished:
    """Run the installed command and wait for it, a minute at most."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=clean_environ(**(environ or {})),
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def call(*arguments: str | Path, stdin: bytes = b"") -> Finished:
    """Call the command in this process; an exception it lets through is the caller's to see."""
    output, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            main([str(argument) for argument in arguments])
        exit_code = 0
    except SystemExit as ended:
        exit_code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdin = before
    output.flush()
    return Finished(exit_code, output.buffer.getvalue(), errors.getvalue())  # type: ignore[attr-defined]
