"""What the commands share: the configuration on demand, the screen, JSON lines, exit codes."""

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.config import Config, find_config, is_named, load_config
from ops.errors import ExitCode, OpsError
from ops.printing import printable, to_json
from ops.texts import Texts

__all__ = [
    "AppContext",
    "Seconds",
    "exit_code_of",
    "json_option",
    "pass_app",
    "print_json",
    "printable",
    "read_input",
    "read_whole_input",
    "write_output",
]

# Above whatever a message may be, below what would hurt a machine.
INPUT_LIMIT_BYTES = 64 * 2**20
MAX_TIMEOUT_S = 3600.0


@dataclass
class AppContext:
    """One run of the command."""

    config_option: Path | None
    language: str

    @cached_property
    def config(self) -> Config:
        """The configuration. Raises ConfigError."""
        return load_config(find_config(self.config_option, os.environ))

    @property
    def has_config(self) -> bool:
        """Tell whether there is a configuration, for commands that can do without.

        One that was named counts: when it isn't there, to read it says so.
        """
        path = find_config(self.config_option, os.environ)
        return is_named(self.config_option, os.environ) or os.path.exists(path)  # noqa: PTH110  no error

    @cached_property
    def texts(self) -> Texts:
        """The words of the screens."""
        return Texts(self.language)

    @cached_property
    def screen(self) -> "Console":
        """Standard output; colours only on a terminal, and lines cut to its width only there."""
        from rich.console import Console

        width = None if sys.stdout.isatty() else _WIDE
        return Console(highlight=False, soft_wrap=True, width=width)


if TYPE_CHECKING:
    from rich.console import Console

# In a pipe nobody's window is too narrow: ids are there to be copied whole.
_WIDE = 1000

# Of the configuration, not of the moment.
_UNUSABLE = frozenset({"store.url", "store.refused"})

pass_app = click.make_pass_decorator(AppContext)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON lines for scripts.")


def print_json(row: Mapping[str, Any]) -> None:
    """Write one JSON line to standard output."""
    sys.stdout.write(to_json(row, encoding=sys.stdout.encoding) + "\n")


class Seconds(click.FloatRange):
    """A time-out: above zero, an hour at most."""

    def __init__(self) -> None:
        super().__init__(min=0, max=MAX_TIMEOUT_S, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read the number; `nan` is within no range, though no comparison says so."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


def read_input(name: str) -> bytes:
    """Read a file, or standard input for `-`: 64 MiB of it, and one byte more when there is more.

    So the parser refuses what is too large, and a file without an end costs no more than that.
    Raises OpsError `file.unreadable` (exit code 2).
    """
    try:
        if name == "-":
            if sys.stdin is None:  # closed by the caller
                raise _unreadable(name, "standard input is closed")
            return sys.stdin.buffer.read(INPUT_LIMIT_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(INPUT_LIMIT_BYTES + 1)
    except OSError as error:
        raise _unreadable(name, error.strerror or type(error).__name__) from None
    except ValueError:
        raise _unreadable(name, "no name of a file") from None


def read_whole_input(name: str) -> bytes:
    """Read as `read_input` what nobody will parse.

    Raises OpsError `file.unreadable`, `file.too_large` (exit code 2).
    """
    data = read_input(name)
    if len(data) > INPUT_LIMIT_BYTES:
        raise OpsError(
            "file.too_large", f"{name}: over {INPUT_LIMIT_BYTES} bytes", exit_code=ExitCode.USAGE
        )
    return data


def _unreadable(name: str, reason: str) -> OpsError:
    return OpsError("file.unreadable", f"{name}: {reason}", exit_code=ExitCode.USAGE)


def write_output(data: bytes, name: str | None) -> None:
    """Write to a file, or to standard output."""
    if name is None or name == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise OpsError(
            "file.unwritable", f"{name}: {error.strerror}", exit_code=ExitCode.USAGE
        ) from None


def exit_code_of(error: Exception) -> int | None:
    """Return the exit code for an error of ours, None for one that isn't."""
    if isinstance(error, OpsError):
        return error.exit_code
    # Imported only now: most commands need few of these rooms, and loading them takes time.
    from adapters.errors import AdapterError
    from gateway.errors import GatewayError
    from journal.errors import JournalError
    from signing.errors import ProviderError, SigningError
    from smev.errors import SmevError
    from store.errors import StoreError

    if isinstance(error, (StoreError, ProviderError)):
        unusable = error.code in _UNUSABLE or error.code.startswith("provider.key_")
        return ExitCode.USAGE if unusable else ExitCode.UNAVAILABLE
    if isinstance(error, AdapterError):
        if error.code == "source.misconfigured":
            return ExitCode.USAGE
        return ExitCode.UNAVAILABLE if error.retryable else ExitCode.FOUND
    if isinstance(error, (SigningError, SmevError, JournalError, GatewayError)):
        return ExitCode.FOUND
    return None
