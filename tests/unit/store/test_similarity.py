"""Typing mistakes are counted as the register asks."""

import pytest

from registry.identity.similarity import NameSimilarity
from store.similarity import RapidFuzzSimilarity


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("иванова", "иванова", 0),
        ("иванова", "ивнаова", 1),
        ("иванова", "иваноа", 1),
        ("иванова", "ивановва", 1),
        ("иванова", "ивонова", 1),
        ("иванова", "петрова", 4),
    ],
)
def test_edits(left: str, right: str, edits: int) -> None:
    similarity: NameSimilarity = RapidFuzzSimilarity()
    assert similarity.edits(left, right, at_most=5) == edits


def test_more_than_asked_for_is_more() -> None:
    assert RapidFuzzSimilarity().edits("иванова", "петрова", at_most=1) > 1
