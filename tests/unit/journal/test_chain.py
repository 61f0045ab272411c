"""The hash chain: every change of one record is found, and named by its sequence."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from journal.chain import GENESIS, ChainBreak, Link, check_chain, link


def chain(count: int) -> list[Link]:
    links, previous = [], GENESIS
    for sequence in range(1, count + 1):
        digest = sha256(bytes([sequence])).digest()
        now = link(previous, digest)
        links.append(Link(sequence, digest, previous, now))
        previous = now
    return links


def swap(links: list[Link]) -> list[Link]:
    return [*links[:3], links[4], links[3], *links[5:]]


def change(links: list[Link]) -> list[Link]:
    return [*links[:3], replace(links[3], digest=bytes(32)), *links[4:]]


def rechain_one(links: list[Link]) -> list[Link]:
    forged = replace(links[3], digest=bytes(32), chain_hash=link(links[2].chain_hash, bytes(32)))
    return [*links[:3], forged, *links[4:]]


def delete(links: list[Link]) -> list[Link]:
    return [*links[:3], *links[4:]]


def delete_first(links: list[Link]) -> list[Link]:
    return links[1:]


def insert(links: list[Link]) -> list[Link]:
    return [*links[:3], links[2], *links[3:]]


def test_whole_chain_holds() -> None:
    assert check_chain(chain(9)) is None
    assert check_chain([]) is None


def test_part_of_a_chain_holds_from_its_start() -> None:
    links = chain(9)
    assert check_chain(links[4:], start=links[3].chain_hash) is None


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (change, ChainBreak(4, "journal.hash_mismatch")),
        (rechain_one, ChainBreak(5, "journal.previous_mismatch")),
        (delete, ChainBreak(4, "journal.sequence_gap")),
        (delete_first, ChainBreak(2, "journal.previous_mismatch")),
        (swap, ChainBreak(4, "journal.sequence_gap")),
        (insert, ChainBreak(4, "journal.sequence_gap")),
    ],
)
def test_tampering_is_found(tamper: Callable[[list[Link]], list[Link]], found: ChainBreak) -> None:
    assert check_chain(tamper(chain(9))) == found


def test_link_depends_on_both_parts() -> None:
    assert link(GENESIS, bytes(32)) != link(bytes([1]) * 32, bytes(32))
    assert link(GENESIS, bytes(32)) != link(GENESIS, bytes([1]) * 32)
