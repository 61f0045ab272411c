"""The diagnostics and audit streams: key=value lines, message ids, no personal data.

The third stream, the journal, is evidence and lives in the store.
"""

import errno
import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from gateway.errors import GatewayError

AUDIT_NAME = "audit.log"
_FORMAT = "time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"


def set_up_logging(*, level: int = logging.INFO) -> None:
    """Send diagnostics to standard error.

    Other libraries' messages are left out: spyne and zeep log what they read.
    """
    diagnostics = logging.StreamHandler(sys.stderr)
    diagnostics.setFormatter(_formatter())
    for name in ("kontingent", "store"):
        ours = logging.getLogger(name)
        ours.handlers[:] = [diagnostics]
        ours.setLevel(level)
        ours.propagate = False
    for foreign in ("spyne", "zeep", "urllib3", "sqlalchemy", "waitress.queue"):
        logging.getLogger(foreign).setLevel(logging.CRITICAL)


def _formatter() -> logging.Formatter:
    formatter = logging.Formatter(_FORMAT)
    formatter.default_msec_format = "%s.%03d"
    formatter.default_time_format = "%Y-%m-%dT%H:%M:%S"
    return formatter


class AuditLog:
    """Who saw whom: a file that only grows, readable by its owner only.

    Satisfies `gateway.ports.AccessLog`; the subject is our own id, not a name. A line is one write
    to a file that is open for appending, so that lines of several processes and threads don't cut
    each other.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        """Raises OSError when the file can't be opened for appending."""
        self._clock = clock
        self._path = path
        self._lock = threading.Lock()
        self._file = self._open()

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)

    def disclosed(
        self, *, message_id: UUID, agency: str, operation: str, subject_id: str, case_number: str
    ) -> None:
        """Write one line for one disclosure.

        Raises GatewayError `audit.unavailable`: what can't be recorded must not happen.
        """
        try:
            self._write(
                f"event=disclosed message_id={message_id} agency={agency} operation={operation} "
                f"subject={subject_id} case={_one_word(case_number)}"
            )
        except OSError as error:
            raise GatewayError("audit.unavailable", error.strerror or "") from None

    def unmasked(self, *, message_id: UUID, operator: str, reason: str) -> None:
        """Write one line for an operator who looks at a message with its personal data.

        Raises OSError.
        """
        self._write(
            f"event=unmasked message_id={message_id} operator={_one_word(operator)} "
            f"reason={_one_word(reason)}"
        )

    def _write(self, text: str) -> None:
        at = self._clock().isoformat(timespec="milliseconds")
        line = f"time={at} {text}\n".encode("utf-8", "replace")
        with self._lock:
            if not self._is_current():
                os.close(self._file)
                self._file = self._open()
            if os.write(self._file, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _is_current(self) -> bool:
        """Tell whether the file is still the one of that name: rotation moves it away."""
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except FileNotFoundError:
            return False


def _one_word(text: str) -> str:
    """Quote a foreign text, so that it can't forge a key or a line."""
    return '"' + "".join(c if c.isprintable() and c != '"' else "?" for c in text) + '"'
