"""Fuzzy comparison of names by rapidfuzz, for `registry.identity`."""

from rapidfuzz.distance import OSA


class RapidFuzzSimilarity:
    """Optimal string alignment distance: a swap of two neighbours is one mistake."""

    __slots__ = ()

    def edits(self, left: str, right: str, *, at_most: int) -> int:
        """See `registry.identity.similarity.NameSimilarity`."""
        return OSA.distance(left, right, score_cutoff=at_most)
