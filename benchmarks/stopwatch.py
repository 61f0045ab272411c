"""Times parts of a running program by standing before their functions; each part's own time.

What a part calls and is a part itself is not counted twice. Only one thread is watched: what
others call goes through untimed.
"""

import functools
import importlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A part to time: its name, and its function as `module:attribute` or `module:Class.method`."""

    name: str
    place: str


class Stopwatch:
    """Collects nanoseconds by part between `start` and `stop`.

    `missing` are the places of parts that are no longer where they were: their time is in no part.
    """

    def __init__(self) -> None:
        self.missing: list[str] = []
        self._thread = threading.get_ident()
        self._inner: list[int] = []
        self._spent: dict[str, int] = {}

    def start(self) -> None:
        """Begin anew."""
        self._spent = {}

    def stop(self) -> dict[str, int]:
        """Return the nanoseconds of every part that was passed."""
        return self._spent

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its own time taken down."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                return function(*args, **kwargs)
            self._inner.append(0)
            started = time.perf_counter_ns()
            try:
                return function(*args, **kwargs)
            finally:
                whole = time.perf_counter_ns() - started
                own = whole - self._inner.pop()
                self._spent[name] = self._spent.get(name, 0) + own
                if self._inner:
                    self._inner[-1] += whole

        return call


@contextmanager
def watching(parts: Sequence[Part]) -> Iterator[Stopwatch]:
    """Stand before the parts until the block ends."""
    watch = Stopwatch()
    undo: list[tuple[Any, str, Any]] = []
    try:
        for part in parts:
            found = _find(part.place)
            if found is None:
                watch.missing.append(part.place)
                continue
            owner, name = found
            function = getattr(owner, name)
            undo.append((owner, name, function))
            setattr(owner, name, watch.timed(part.name, function))
        yield watch
    finally:
        for owner, name, function in reversed(undo):
            setattr(owner, name, function)


def _find(place: str) -> tuple[Any, str] | None:
    module_name, _, path = place.partition(":")
    *owners, name = path.split(".")
    try:
        owner: Any = importlib.import_module(module_name)
        for each in owners:
            owner = getattr(owner, each)
        getattr(owner, name)
    except (ImportError, AttributeError):
        return None
    return owner, name
