"""The folder of revocation lists: read whole at the start, and again when it changes.

Whoever publishes into it (a timer with a download, an operator) should rename finished files into
their place; files whose names begin with a dot are left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from signing.errors import SigningError
from signing.pki.revocation import MAX_LIST_BYTES, RevocationList, parse_revocation_lists

CHECK_EVERY_S = 5.0

log = logging.getLogger("kontingent.signing")

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _File:
    stamp: _Stamp
    lists: tuple[RevocationList, ...]


class RevocationFolder:
    """The lists of one folder. One thread at a time."""

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        """Read every file; ``clock`` counts seconds.

        Raises SigningError, with the file's name in the detail: ``revocation.folder_unreadable``,
        and those of `parse_revocation_lists`.
        """
        self._path = path
        self._clock = clock
        self._checked_at = clock()
        self._is_lost = False
        try:
            self._files = {
                name: _File(stamp, self._read(name)) for name, stamp in self._scan().items()
            }
        except OSError as error:
            raise _unreadable(path, error) from None

    @property
    def lists(self) -> tuple[RevocationList, ...]:
        """The lists as they were last read."""
        kept = (one for file in self._files.values() for one in file.lists)
        return tuple(replace(one, is_kept=True) if self._is_lost else one for one in kept)

    def refresh(self) -> bool:
        """Look for changes, every few seconds at most; say whether `lists` are others now.

        Raises nothing: a file that cannot be read any more leaves its last lists, marked as kept,
        and a line in the diagnostics; so does a folder that is gone.
        """
        now = self._clock()
        if 0 <= now - self._checked_at < CHECK_EVERY_S:
            return False
        self._checked_at = now
        try:
            stamps = self._scan()
        except OSError as error:
            return self._lose(error)
        if not self._is_lost and stamps == {name: one.stamp for name, one in self._files.items()}:
            return False
        self._is_lost = False
        for name in self._files.keys() - stamps.keys():
            log.warning("event=crl_removed file=%r", name)
        self._files = {name: self._read_again(name, stamp) for name, stamp in stamps.items()}
        return True

    def _lose(self, error: OSError) -> bool:
        if self._is_lost:
            return False
        log.error(
            "event=crl_folder_unreadable folder=%r reason=%r", str(self._path), error.strerror
        )
        self._is_lost = True
        return True

    def _scan(self) -> dict[str, _Stamp]:
        """Return what tells one state of each file from another. Raises OSError."""
        stamps = {}
        for path in sorted(self._path.iterdir()):
            if path.name.startswith(".") or not path.is_file():
                continue
            try:
                stat = path.stat()
            except FileNotFoundError:  # taken away this very moment
                continue
            stamps[path.name] = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
        return stamps

    def _read(self, name: str) -> tuple[RevocationList, ...]:
        path = self._path / name
        try:
            if path.stat().st_size > MAX_LIST_BYTES:
                raise SigningError("revocation.too_large", f"{name}: over {MAX_LIST_BYTES} bytes")
            return parse_revocation_lists(path.read_bytes(), file=name)
        except OSError as error:
            raise _unreadable(path, error) from None

    def _read_again(self, name: str, stamp: _Stamp) -> _File:
        known = self._files.get(name)
        if known is not None and known.stamp == stamp:
            return known
        try:
            lists = self._read(name)
        except SigningError as error:
            log.error("event=crl_unusable file=%r code=%s", name, error.code)
            last = () if known is None else known.lists
            return _File(stamp, tuple(replace(one, is_kept=True) for one in last))
        log.info("event=crl_read file=%r lists=%d", name, len(lists))
        return _File(stamp, lists)


def _unreadable(path: Path, error: OSError) -> SigningError:
    return SigningError("revocation.folder_unreadable", f"{path.name}: {error.strerror}")
