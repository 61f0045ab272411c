"""`kontingent serve` as a process of its own."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.commands import PROGRAM, clean_environ
from tests.support.http import Address
from tests.support.installation import Installation

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 30
_READY = re.compile(r"http://([0-9.]+):(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A running gateway."""

    installation: Installation
    address: Address
    process: subprocess.Popen[bytes]
    errors: Path

    def alive(self) -> bool:
        """Whether it runs and says so."""
        return self.process.poll() is None and self.address.get("/healthz").status == 200

    def log(self) -> str:
        """What it wrote to standard error so far."""
        return self.errors.read_text("utf-8")

    def cpu_s(self) -> float:
        """CPU seconds of all its processes so far."""
        parent = psutil.Process(self.process.pid)
        times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
        return sum(each.user + each.system for each in times)


@contextmanager
def running_server(
    installation: Installation, *, workers: int = 1, name: str = "serve"
) -> Iterator[Server]:
    """Serve an installation on a free port; stopped at the end, by force if need be."""
    output, errors = installation.folder / f"{name}.out", installation.folder / f"{name}.err"
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            [
                *(PROGRAM, "--config", installation.config_path, "serve"),
                *("--bind", "127.0.0.1:0", "--workers", str(workers)),
            ],
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            env=clean_environ(),
        )
    try:
        address = _wait_until_ready(process, output, errors)
        yield Server(installation, address, process, errors)
    finally:
        _stop(process)
    assert "Traceback" not in errors.read_text("utf-8"), errors.read_text("utf-8")


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path, errors: Path) -> Address:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if match := _READY.search(output.read_text("utf-8")):
            return Address(match[1], int(match[2]))
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {errors.read_text('utf-8')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()
        raise AssertionError("the server did not stop when it was asked to") from None
