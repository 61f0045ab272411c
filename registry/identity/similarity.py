"""The port for fuzzy comparison of names."""

from typing import Protocol


class NameSimilarity(Protocol):
    """Counts typing mistakes between two folded names."""

    def edits(self, left: str, right: str, *, at_most: int) -> int:
        """How many letters to insert, drop, replace or swap with the next turn one into the other.

        Any number above `at_most` may be given for "more than that".
        """
        ...
