"""The hash chain over the stored records, and its offline check."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

GENESIS = bytes(32)
_DOMAIN = b"kontingent-journal-chain-1"


@dataclass(frozen=True, slots=True)
class Link:
    """One record's place in the chain, as it was stored."""

    sequence: int
    digest: bytes
    previous_hash: bytes
    chain_hash: bytes


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first record at which a chain doesn't hold, and why (a stable key)."""

    sequence: int
    reason: str


def link(previous: bytes, digest: bytes) -> bytes:
    """Return the chain hash of a record: SHA-256 over the chain before it and its digest."""
    return sha256(_DOMAIN + previous + digest).digest()


def check_chain(links: Iterable[Link], *, start: bytes = GENESIS) -> ChainBreak | None:
    """Return the first break of a chain whose first link follows `start`, or None.

    The links come in order of their sequence. A cut at the end can't be seen from the links alone.
    """
    previous, expected = start, None
    for entry in links:
        if expected is not None and entry.sequence != expected:
            return ChainBreak(expected, "journal.sequence_gap")
        if entry.previous_hash != previous:
            return ChainBreak(entry.sequence, "journal.previous_mismatch")
        if entry.chain_hash != link(previous, entry.digest):
            return ChainBreak(entry.sequence, "journal.hash_mismatch")
        previous, expected = entry.chain_hash, entry.sequence + 1
    return None
