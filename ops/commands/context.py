"""What the commands share: the configuration on demand, the screen, JSON lines, exit codes."""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.config import Config, find_config, load_config
from ops.errors import ExitCode, OpsError
from ops.texts import Texts


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
        """Tell whether there is a configuration, for commands that can do without."""
        return find_config(self.config_option, os.environ).exists()

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

# Categories Cc (but for tab and line feed), Cf, Zl and Zp.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)

# Of the configuration, not of the moment.
_UNUSABLE = frozenset({"store.url", "store.refused"})

pass_app = click.make_pass_decorator(AppContext)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON lines for scripts.")


def print_json(row: Mapping[str, Any]) -> None:
    """Write one JSON line to standard output."""
    text = json.dumps(row, ensure_ascii=False, default=str)
    sys.stdout.write(_UNPRINTABLE.sub(_escape_json, text) + "\n")


def printable(text: str) -> str:
    """Return a foreign text without what a terminal would obey: controls, bidi overrides."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape_json(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def read_input(name: str) -> bytes:
    """Read a file, or standard input for `-`. Raises OpsError `file.unreadable` (exit code 2)."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise OpsError(
            "file.unreadable", f"{name}: {error.strerror}", exit_code=ExitCode.USAGE
        ) from None


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
        return ExitCode.UNAVAILABLE if error.retryable else ExitCode.FOUND
    if isinstance(error, (SigningError, SmevError, JournalError, GatewayError)):
        return ExitCode.FOUND
    return None
