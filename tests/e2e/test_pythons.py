"""The package as a user installs it, on every supported interpreter that is at hand."""

import fcntl
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("one_exchange.py")


def find_python(version: str) -> str | None:
    """Return an interpreter of exactly this version that can make virtual environments."""
    candidates = [shutil.which(f"python{version}")]
    candidates += sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        candidates.insert(0, sys.executable)
    check = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for python in filter(None, candidates):
        if subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0:
            return python
    return None


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd=cwd, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def make_environment(python: str, version: str) -> Path:
    """Return a virtual environment with the pinned dependencies; kept between runs."""
    lock = ROOT / "requirements.lock"
    stamp = sha256(lock.read_bytes()).hexdigest()[:12]
    folder = ROOT / ".cache" / "pythons" / f"{version}-{stamp}"
    done = folder / ".done"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{version}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two test runs may be at it
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            run(python, "-m", "venv", folder, cwd=ROOT)
            pip = [folder / "bin" / "python", "-m", "pip", "install", "-q"]
            run(*pip, "--disable-pip-version-check", "--require-hashes", "-r", lock, cwd=ROOT)
            done.touch()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_installed_package_exchanges_one_message(version: str, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} at hand")
    environment = make_environment(python, version)
    # From a copy: building in the checkout would leave its traces there.
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "tests")
    shutil.copytree(ROOT, source, ignore=ignored)
    inside = environment / "bin"
    quiet = ["-q", "--disable-pip-version-check", "--no-deps", "--force-reinstall"]
    run(inside / "python", "-m", "pip", "install", *quiet, source, cwd=tmp_path)
    shutil.rmtree(source)

    demo = tmp_path / "demo"
    run(inside / "kontingent", "init", "--demo", "--dir", demo, cwd=tmp_path)
    assert run(inside / "python", SCRIPT, demo, cwd=tmp_path).split() == ["RESULT", "RESULT"]
