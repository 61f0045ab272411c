"""Mutations of good messages never verify unless they say exactly what was signed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.providers import Providers
from tests.unit.signing.mutations import (
    Seed,
    Step,
    check,
    measure_cpu_s,
    mutate_bytes,
    mutate_tree,
    seeds,
)

_NUMBERS = st.integers(0, 2**20)
_STEPS = st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=4)
_QUICK = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_LONG = settings(_QUICK, max_examples=50_000, suppress_health_check=list(HealthCheck))


@given(number=_NUMBERS, steps=_STEPS)
@_QUICK
def test_bytes(providers: Providers, number: int, steps: list[Step]) -> None:
    _check_bytes(number, steps)


@given(number=_NUMBERS, steps=_STEPS)
@_QUICK
def test_trees(providers: Providers, number: int, steps: list[Step]) -> None:
    _check_trees(number, steps)


@pytest.mark.soak
@given(number=_NUMBERS, steps=_STEPS)
@_LONG
def test_bytes_for_long(providers: Providers, number: int, steps: list[Step]) -> None:
    _check_bytes(number, steps)


@pytest.mark.soak
@given(number=_NUMBERS, steps=_STEPS)
@_LONG
def test_trees_for_long(providers: Providers, number: int, steps: list[Step]) -> None:
    _check_trees(number, steps)


def test_unchanged_messages_verify(providers: Providers) -> None:
    for seed in seeds():
        assert check(seed, seed.message)
        assert check(seed, mutate_tree(seed.message, []))


def _check_bytes(number: int, steps: list[Step]) -> None:
    seed = seeds()[number % len(seeds())]
    _check_in_time(seed, mutate_bytes(seed.message, steps))


def _check_trees(number: int, steps: list[Step]) -> None:
    seed = seeds()[number % len(seeds())]
    _check_in_time(seed, mutate_tree(seed.message, steps))


def _check_in_time(seed: Seed, message: bytes) -> None:
    assert measure_cpu_s(lambda: check(seed, message)) < 1
