"""Server processes under measurement: started, watched, and the CPU time of the whole tree."""

import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.errors import BenchmarkError

ROOT = Path(__file__).resolve().parent.parent
_URL = re.compile(r"http://127\.0\.0\.1:(\d+)[^\s]*")
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0
_POLL_S = 0.05
# A tree that has used less than this in the interval is taken to have come to rest.
_REST_INTERVAL_S = 0.3
_REST_CPU_S = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, as it printed it, and its root process."""

    name: str
    url: str
    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds, user and system, of the process and its children so far."""
        return tree_cpu_s(self.process)

    def rest(self) -> None:
        """Wait until nothing goes on any more: workers have started, the last log is written."""
        before = self.cpu_s()
        for _ in range(round(_START_TIMEOUT_S / _REST_INTERVAL_S)):
            time.sleep(_REST_INTERVAL_S)
            now = self.cpu_s()
            if now - before < _REST_CPU_S:
                return
            before = now
        raise BenchmarkError("server.restless", f"{self.name} never came to rest")


def tree_cpu_s(root: psutil.Process) -> float:
    """CPU seconds of a process, its living children, and those it has waited for.

    A child that ends unwaited in between is lost; the servers measured here keep theirs.
    """
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            total += getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
    return total


@contextmanager
def running_server(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    environ: Mapping[str, str] | None = None,
    ready_path: str | None = None,
) -> Iterator[Server]:
    """Run a server that prints its address, from the moment it answers until the block ends.

    `ready_path` is asked for until it gives 200. Raises BenchmarkError `server.failed` with the
    end of its output.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {}), "PYTHONUNBUFFERED": "1"},
        )
    try:
        url, port = _address(name, process, log)
        server = Server(name=name, url=url, port=port, process=psutil.Process(process.pid))
        if ready_path is not None:
            _wait_ready(server, process, log, ready_path)
        yield server
    finally:
        _stop(process)


def _address(name: str, process: "subprocess.Popen[bytes]", log: Path) -> tuple[str, int]:
    for _ in range(round(_START_TIMEOUT_S / _POLL_S)):
        match = _URL.search(log.read_text("utf-8", errors="replace"))
        if match is not None:
            return match.group(), int(match[1])
        if process.poll() is not None:
            break
        time.sleep(_POLL_S)
    raise BenchmarkError("server.failed", f"{name}: {_tail(log)}")


def _wait_ready(
    server: Server, process: "subprocess.Popen[bytes]", log: Path, ready_path: str
) -> None:
    address = f"http://127.0.0.1:{server.port}{ready_path}"
    for _ in range(round(_START_TIMEOUT_S / _POLL_S)):
        with (
            contextlib.suppress(OSError),  # URLError is one
            urllib.request.urlopen(address, timeout=5),
        ):
            return
        if process.poll() is not None:
            break
        time.sleep(_POLL_S)
    raise BenchmarkError("server.failed", f"{server.name}: {_tail(log)}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return " | ".join(lines[-5:]) or "ended without a word"
