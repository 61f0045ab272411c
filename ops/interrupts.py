"""Being interrupted while modules are loaded: no traceback, for nothing has begun yet.

Loading takes some tenths of a second, and an interrupt in the middle of an import would show where
it was.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code of shells for a program that SIGINT ended: 128 and the signal's number."""


@contextmanager
def quiet_interrupt() -> Iterator[None]:
    """End the process at once on SIGINT, with one word, while the block lasts.

    For imports only: nothing is cleaned up.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or not _is_main_thread():
        # Ignored, as for a job in the background, or somebody else's to handle.
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)
