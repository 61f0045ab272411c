"""Recognition of a dirty population stays within its bounds, on seeds that nothing was set on."""

import pytest

from benchmarks.identity import (
    EVALUATION_SEED,
    TUNING_SEEDS,
    Figures,
    Outcome,
    Seen,
    figures,
    recognise,
)
from fixtures.dirty_records import Dirt

pytestmark = pytest.mark.slow

SEEDS = (4_001, 4_002, 4_003)
CHILDREN = 2_000


@pytest.fixture(scope="module")
def results() -> list[Figures]:
    return [figures(recognise(seed, CHILDREN)) for seed in SEEDS]


def test_the_seeds_are_fresh() -> None:
    assert not {*SEEDS, EVALUATION_SEED} & set(TUNING_SEEDS)


def test_joins_are_right(results: list[Figures]) -> None:
    joined = sum(each.joined_pairs for each in results)
    wrong = sum(each.joined_pairs * (1 - each.precision) for each in results)
    assert joined > 9_000
    assert 1 - wrong / joined >= 0.999


def test_hardly_anybody_is_missed(results: list[Figures]) -> None:
    pairs = sum(each.true_pairs for each in results)
    assert sum(each.recall_all * each.true_pairs for each in results) / pairs >= 0.97
    assert sum(each.recall_joins * each.true_pairs for each in results) / pairs >= 0.95


def test_the_queue_is_short_and_worth_reading(results: list[Figures]) -> None:
    for each in results:
        assert each.queue_share <= 0.02
        assert each.queue_truth >= 0.6


def test_figures_count_pairs() -> None:
    """Three records of one child, two of them joined and the third queued; a stranger joined."""
    outcome = Outcome(
        seen=[
            Seen(1, 0, frozenset()),
            Seen(1, 0, frozenset({Dirt.TYPO})),
            Seen(1, 1, frozenset()),
            Seen(2, 0, frozenset()),
        ],
        links={(0, 1)},
        queued_records=1,
        queued_with_truth=1,
    )
    result = figures(outcome)
    assert (result.true_pairs, result.joined_pairs) == (3, 3)
    assert result.precision == pytest.approx(1 / 3)
    assert result.recall_joins == pytest.approx(1 / 3)
    assert result.recall_all == 1.0
    assert result.queue_share == 0.25
    assert result.by_dirt == {"typo": (2, 0.5, 1.0)}
