"""A skipped stage does not type-check: mypy says so on exactly the lines that skip one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# The stages in their order, and what takes each to the next.
WAY = (
    ("Arrival", "_receive"),
    ("Received", "_parse"),
    ("Parsed", "_shape"),
    ("Shaped", "_verify"),
    ("Verified", "_authorise"),
    ("Authorised", "_check_replay"),
    ("Fresh", "_validate"),
    ("Validated", "_use"),
    ("Answered", None),
)
STAGES = [stage for stage, _ in WAY]


def _program() -> str:
    """Every step from every stage: right from its own, wrong from any other."""
    lines = [
        f"from gateway.stages import {', '.join(STAGES)}",
        "from gateway.pipeline import Pipeline",
    ]
    for number, (own, step) in enumerate(WAY[:-1]):
        for stage in STAGES:
            made = WAY[number + 1][0]
            mark = "" if stage == own else "  # wrong"
            lines += [
                f"def from_{stage}_by{step}(pipeline: Pipeline, stage: {stage}) -> {made}:",
                f"    return pipeline.{step}(stage){mark}",
            ]
    lines += [
        "def whole_way(pipeline: Pipeline, arrival: Arrival) -> Answered:",
        "    return pipeline._answer(pipeline._receive(arrival))",
        "def reply_to_unanswered(pipeline: Pipeline, stage: Validated) -> bytes:",
        "    return pipeline.replies.reply(stage, now=pipeline.clock())  # wrong",
        "def unread_dispatch(pipeline: Pipeline, stage: Authorised) -> object:",
        "    return pipeline.dispatcher.dispatch(stage)  # wrong",
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_each_step_takes_its_own_stage_only(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_program(), "utf-8")
    # Kept between runs: without it mypy reads the gateway and its libraries anew each time.
    cache = request.config.cache.mkdir("stage-types") if request.config.cache else tmp_path
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--config-file", str(ROOT / "setup.cfg")),
            *("--cache-dir", str(cache), "--follow-imports", "silent", "--no-error-summary"),
            str(program),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    found = re.findall(r"program\.py:(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE)
    wrong = [
        number
        for number, line in enumerate(program.read_text("utf-8").splitlines(), 1)
        if line.endswith("# wrong")
    ]
    assert {int(line) for line, _ in found} == set(wrong), done.stdout
    assert {code for _, code in found} == {"arg-type"}
