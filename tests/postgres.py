"""A PostgreSQL server of the tests' own: made for the session, thrown away after it.

It listens on a Unix socket in its temporary folder only, so it needs no free port and no
password. The server refuses to run as root; it then runs as the system user `postgres`.
"""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

_SYSTEM_USER = "postgres"
_SUPERUSER = "tests"
_START_TIMEOUT_S = 60


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: on PATH, or the newest that Debian installed."""
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).parent] if on_path else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(installed, key=lambda path: float(path.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server under the tests' control."""

    binaries: Path
    folder: Path
    settings: str

    def url(self, database: str) -> str:
        """The URL of `database` on this server."""
        return f"postgresql+psycopg2://{_SUPERUSER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' {self.settings}"
        )
        self._pg_ctl("start", "-w", "-t", str(_START_TIMEOUT_S), "-o", options, "-l", self._log)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; `immediate` is like pulling the plug."""
        self._pg_ctl("stop", "-w", "-m", mode)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement outside a transaction, as CREATE DATABASE needs."""
        connection = psycopg2.connect(user=_SUPERUSER, host=str(self.folder), dbname=database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def create_database(self, *, template: str = "template0") -> str:
        """Make a database with a name of its own, as a copy of `template`, and return the name."""
        name = f"t{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @property
    def _log(self) -> str:
        return str(self.folder / "log")

    def _pg_ctl(self, *arguments: str) -> None:
        _run(self.binaries / "pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def initdb(self) -> None:
        """Make the data folder."""
        _run(
            self.binaries / "initdb",
            *("-D", str(self.folder / "data"), "-U", _SUPERUSER, "-A", "trust"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )


def _run(program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", _SYSTEM_USER, "--", *command]
    # To /dev/null: a started server keeps what it inherits, and a pipe would never close.
    done = subprocess.run(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} ended with code {done.returncode}")


@contextmanager
def running_postgres(binaries: Path, *, settings: str = "") -> Iterator[PostgresServer]:
    """A new, empty server; stopped and deleted at the end.

    Commits reach the disk as in production. `settings` are further options of the server's
    command line, such as ``-c max_connections=20``.
    """
    # Directly under /tmp: a socket's path may have 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="kpg-", dir="/tmp"))
    server = PostgresServer(binaries, folder, settings)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _SYSTEM_USER, _SYSTEM_USER)
        server.initdb()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
