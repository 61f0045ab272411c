"""The numbers of the parameter sets, by what has to be true of them, and the points' arithmetic."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.providers.gost_curves import CURVES, Curve
from signing.providers.gost_points import (
    INFINITY,
    Sum,
    add_multiple,
    affine,
    base_table,
    has_x,
    make_key_table,
    multiply,
)

NAMED = pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES.keys())
DIFFERENT = tuple(dict.fromkeys(CURVES.values()))


def is_prime(number: int) -> bool:
    """Miller and Rabin, 40 rounds: wrong once in 4**40."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    dice = random.Random(number)
    for _ in range(40):
        power = pow(dice.randrange(2, number - 1), odd, number)
        if power in {1, number - 1}:
            continue
        if not any((power := power * power % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def plain_add(curve: Curve, one: Sum, point: tuple[int, int]) -> tuple[int, int] | None:
    """The rule of addition as the textbook has it (RFC 7091 §5.1)."""
    before = affine(curve, one)
    if before is None:
        return point
    (x1, y1), (x2, y2) = before, point
    if x1 == x2 and (y1 + y2) % curve.p == 0:
        return None
    rise, run = (3 * x1 * x1 + curve.a, 2 * y1) if x1 == x2 else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, curve.p) % curve.p
    x3 = (slope * slope - x1 - x2) % curve.p
    return x3, (slope * (x1 - x3) - y1) % curve.p


def test_every_set_is_there() -> None:
    assert set(CURVES) == {
        *(f"1.2.643.2.2.35.{last}" for last in range(4)),
        "1.2.643.2.2.36.0",
        "1.2.643.2.2.36.1",
        *(f"1.2.643.7.1.2.1.1.{last}" for last in range(1, 5)),
        *(f"1.2.643.7.1.2.1.2.{last}" for last in range(4)),
    }
    assert len(DIFFERENT) == 9


@NAMED
def test_numbers_of_a_set(curve: Curve) -> None:
    bits = 8 * curve.number_bytes
    assert is_prime(curve.p)
    assert is_prime(curve.q)
    # RFC 7091 §5.2.
    assert 2 ** {256: 254, 512: 508}[bits] < curve.q < 2**bits
    assert curve.q != curve.p
    assert all(pow(curve.p, power, curve.q) != 1 for power in range(1, 132))
    assert (4 * curve.a**3 + 27 * curve.b**2) % curve.p
    # Hasse: the curve has about p points, and q of them for each of the cofactor.
    assert abs(curve.p + 1 - curve.cofactor * curve.q) <= 2 ** (bits // 2 + 1)


@NAMED
def test_base_point_has_order_q(curve: Curve) -> None:
    base = (curve.x, curve.y)
    assert curve.has_point(*base)
    assert affine(curve, multiply(curve, base, curve.q)) is None
    assert affine(curve, multiply(curve, base, curve.q - 1)) == (curve.x, curve.p - curve.y)
    assert affine(curve, multiply(curve, base, 1)) == base


def test_points_have_coordinates_in_range() -> None:
    curve = CURVES["1.2.643.2.2.36.0"]
    assert not curve.has_point(curve.x + curve.p, curve.y)
    assert not curve.has_point(curve.x, curve.y - curve.p)
    assert not curve.has_point(curve.x, curve.y + 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DIFFERENT), st.data())
def test_ways_to_multiply_agree(curve: Curve, data: st.DataObject) -> None:
    edges = st.sampled_from([0, 1, 2, 31, 32, 33, 127, 128, 129, curve.q - 2, curve.q - 1])
    numbers = edges | st.integers(0, curve.q - 1)
    d, first, second = data.draw(numbers.filter(bool)), data.draw(numbers), data.draw(numbers)
    table = base_table(curve)
    point = affine(curve, add_multiple(INFINITY, table, d))
    assert point == affine(curve, multiply(curve, (curve.x, curve.y), d))
    assert point is not None
    assert curve.has_point(*point)
    expected = add_multiple(INFINITY, table, (first + d * second) % curve.q)
    mixed = add_multiple(multiply(curve, point, second), table, first)
    tables = add_multiple(
        add_multiple(INFINITY, make_key_table(curve, point), second), table, first
    )
    assert affine(curve, expected) == affine(curve, mixed) == affine(curve, tables)
    found = affine(curve, expected)
    if found is None:
        assert not has_x(curve, expected, 0)
    else:
        assert has_x(curve, expected, found[0] % curve.q)
        assert not has_x(curve, expected, (found[0] + 1) % curve.q)
    one_more = affine(curve, add_multiple(expected, table, 1))
    assert one_more == plain_add(curve, expected, (curve.x, curve.y))
