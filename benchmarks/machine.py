"""The machine and the versions that numbers were taken on; without them they mean little."""

import os
import platform
import ssl
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("lxml", "cryptography", "SQLAlchemy", "waitress", "spyne", "xmlsec", "zeep")
_FSYNCS = 30


def describe_machine(folder: Path) -> dict[str, object]:
    """Return facts of the machine; `folder` is where the SQLite registers will be."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_1m": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "fsync_ms": round(_fsync_s(folder) * 1000, 2),
        **{name.lower(): version(name) for name in _PACKAGES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _fsync_s(folder: Path) -> float:
    """Return how long a small write takes to reach the disk, the median of some."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_FSYNCS):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)
