"""Ratios of what ran side by side: taken round by round, so that a busy machine hits both."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of paired ratios, with the least and the greatest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f}× ({self.low:.2f}-{self.high:.2f})"


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Return the ratio of two series whose members belong together, one by one."""
    ratios = [
        above / below if below else float("nan")
        for above, below in zip(numerators, denominators, strict=True)
    ]
    return Ratio(median(ratios), min(ratios), max(ratios))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of all don't exceed (the nearest rank)."""
    ranked = sorted(values)
    rank = max(1, -(-len(ranked) * percent // 100))
    return ranked[int(rank) - 1]
