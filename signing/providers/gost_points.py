"""Multiplication of points by numbers on the curves of GOST, in Python's integers.

Nothing here takes the same time for all numbers: fit for public values, never for the keys of a
system in operation.

Points being added up are in the coordinates (X, Y, ZZ, ZZZ): x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ²; where
ZZ is 0, that is the point at infinity. Adding a point in plain coordinates takes nine reductions
modulo p and no inversion. Numbers are taken apart into signed digits of `width` bits, so that a row
of multiples 1 … 2**(width-1) of a point serves every digit.

Sources: Hankerson, Menezes, Vanstone, Guide to Elliptic Curve Cryptography, §3.3 (windows, fixed
base, signed digits); Bernstein, Lange, Explicit-Formulas Database (short Weierstrass, XYZZ).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from signing.providers.gost_curves import CURVES, Curve

Point = tuple[int, int]
Sum = tuple[int, int, int, int]
_Row = tuple[list[int], list[int]]
"""The multiples of a point: their x and their y; the first, of 0, is a filler."""

INFINITY: Sum = (1, 1, 0, 0)

# By number_bytes. Wider windows mean fewer additions and larger tables: a key's table is to take
# less than 20 ms and 400 KB. The base point's is made once per curve.
_BASE_WIDTHS = {32: 8, 64: 7}
_KEY_WIDTHS = {32: 6, 64: 5}
_WIDTH_WITHOUT_TABLE = 5


@dataclass(frozen=True, slots=True)
class Table:
    """For every digit of a number: the multiples of the point shifted to the digit's place."""

    curve: Curve
    width: int
    rows: tuple[_Row, ...]


@lru_cache(maxsize=len(set(CURVES.values())))
def base_table(curve: Curve) -> Table:
    """Return the table of the curve's base point, made at first use."""
    return _make_table(curve, (curve.x, curve.y), _BASE_WIDTHS[curve.number_bytes])


def make_key_table(curve: Curve, point: Point) -> Table:
    """Return the table of a public key: a point whose order is q."""
    return _make_table(curve, point, _KEY_WIDTHS[curve.number_bytes])


def add_multiple(start: Sum, table: Table, number: int) -> Sum:
    """Return start + number·point, for 0 <= number < q."""
    p = table.curve.p
    width = table.width
    mask, half = (1 << width) - 1, 1 << (width - 1)
    x1, y1, zz, zzz = start
    for xs, ys in table.rows:
        digit = number & mask
        number >>= width
        if digit > half:
            number += 1
            digit = mask + 1 - digit
            x2, y2 = xs[digit], -ys[digit]
        elif digit:
            x2, y2 = xs[digit], ys[digit]
        else:
            continue
        # Written out here rather than in a function of its own: a call costs a tenth of it.
        dx = (x2 * zz - x1) % p
        if not dx or not zz:
            x1, y1, zz, zzz = _add_special(table.curve, (x1, y1, zz, zzz), (x2, y2))
            continue
        dy = (y2 * zzz - y1) % p
        square = dx * dx % p
        cube = square * dx % p
        middle = x1 * square % p
        x1 = (dy * dy - cube - 2 * middle) % p
        y1 = (dy * (middle - x1) - y1 * cube) % p
        zz = zz * square % p
        zzz = zzz * cube % p
    return x1, y1, zz, zzz


def multiply(curve: Curve, point: Point, number: int) -> Sum:
    """Return number·point without a table, for 0 <= number <= q and a point of any order."""
    width = _WIDTH_WITHOUT_TABLE
    mask, half = (1 << width) - 1, 1 << (width - 1)
    digits = []
    while number:
        digit = number & mask
        number >>= width
        if digit > half:
            number += 1
            digit -= mask + 1
        digits.append(digit)
    multiples = _small_multiples(curve, point, half)
    total = INFINITY
    for digit in reversed(digits):
        for _ in range(width):
            total = _double(curve, total)
        added = multiples[abs(digit)]
        if added is not None:
            total = _add(curve, total, added if digit > 0 else (added[0], -added[1]))
    return total


def affine(curve: Curve, total: Sum) -> Point | None:
    """Return the coordinates of a sum; None of the point at infinity."""
    x, y, zz, zzz = total
    if not zz:
        return None
    p = curve.p
    inverse = pow(zzz, -1, p)
    # 1/ZZ = ZZ²/ZZZ².
    return x * (zz * inverse) ** 2 % p, y * inverse % p


def has_x(curve: Curve, total: Sum, number: int) -> bool:
    """Say whether the sum's x modulo q is this number below q; without an inversion."""
    x, _, zz, _ = total
    if not zz:
        return False
    return any((one * zz - x) % curve.p == 0 for one in range(number, curve.p, curve.q))


def _small_multiples(curve: Curve, point: Point, count: int) -> list[Point | None]:
    """Return 0·point … count·point; infinity, which points of a small order meet, is None."""
    sums = [INFINITY]
    for _ in range(count):
        sums.append(_add(curve, sums[-1], point))
    finite = iter(_affine_all(curve, [one for one in sums if one[2]]))
    return [next(finite) if one[2] else None for one in sums]


def _add(curve: Curve, total: Sum, point: Point) -> Sum:
    p = curve.p
    x1, y1, zz, zzz = total
    x2, y2 = point
    dx = (x2 * zz - x1) % p
    if not dx or not zz:
        return _add_special(curve, total, point)
    dy = (y2 * zzz - y1) % p
    square = dx * dx % p
    cube = square * dx % p
    middle = x1 * square % p
    x = (dy * dy - cube - 2 * middle) % p
    return x, (dy * (middle - x) - y1 * cube) % p, zz * square % p, zzz * cube % p


def _add_special(curve: Curve, total: Sum, point: Point) -> Sum:
    """Add where the general formula does not hold: to infinity, to the same x."""
    _, y1, zz, zzz = total
    x2, y2 = point
    if not zz:
        return x2, y2, 1, 1
    if (y2 * zzz - y1) % curve.p == 0:
        return _double(curve, total)
    return INFINITY


def _double(curve: Curve, total: Sum) -> Sum:
    p = curve.p
    x1, y1, zz, zzz = total
    if not zz or not y1:
        return INFINITY
    u = 2 * y1
    square = u * u % p
    cube = u * square % p
    middle = x1 * square % p
    slope = (3 * x1 * x1 + curve.a * (zz * zz % p)) % p
    x = (slope * slope - 2 * middle) % p
    return x, (slope * (middle - x) - cube * y1) % p, square * zz % p, cube * zzz % p


def _make_table(curve: Curve, point: Point, width: int) -> Table:
    """Make the rows side by side: one inversion serves the next column of all of them."""
    # One bit more than q has, for the carry out of the last signed digit.
    digits = -(-(curve.q.bit_length() + 1) // width)
    bases = _affine_all(curve, _shifted(curve, point, width, digits))
    rows: tuple[_Row, ...] = tuple(([0, x], [0, y]) for x, y in bases)
    p, a = curve.p, curve.a
    column = bases
    for place in range(2, 2 ** (width - 1) + 1):
        if place == 2:
            slopes = _quotients(p, [((3 * x * x + a), 2 * y) for x, y in bases])
        else:
            slopes = _quotients(
                p, [(y - by, x - bx) for (x, y), (bx, by) in zip(column, bases, strict=True)]
            )
        added = []
        for slope, (x, y), (bx, _), (xs, ys) in zip(slopes, column, bases, rows, strict=True):
            new_x = (slope * slope - x - bx) % p
            new_y = (slope * (x - new_x) - y) % p
            xs.append(new_x)
            ys.append(new_y)
            added.append((new_x, new_y))
        column = added
    return Table(curve, width, rows)


def _shifted(curve: Curve, point: Point, width: int, digits: int) -> list[Sum]:
    """Return the point times 1, 2**width, 2**(2·width) …"""
    total: Sum = (*point, 1, 1)
    sums = [total]
    for _ in range(digits - 1):
        for _ in range(width):
            total = _double(curve, total)
        sums.append(total)
    return sums


def _affine_all(curve: Curve, sums: list[Sum]) -> list[Point]:
    """Return the coordinates of sums none of which is infinity, with one inversion."""
    p = curve.p
    inverses = _quotients(p, [(1, zzz) for _, _, _, zzz in sums])
    return [
        (x * (zz * inverse % p) ** 2 % p, y * inverse % p)
        for (x, y, zz, _), inverse in zip(sums, inverses, strict=True)
    ]


def _quotients(p: int, pairs: list[tuple[int, int]]) -> list[int]:
    """Return each numerator by its denominator modulo p, with one inversion for all."""
    products = [1]
    for _, denominator in pairs:
        products.append(products[-1] * denominator % p)
    inverse = pow(products[-1], -1, p)
    found = []
    for (numerator, denominator), before in zip(
        reversed(pairs), reversed(products[:-1]), strict=True
    ):
        found.append(inverse * before % p * numerator % p)
        inverse = inverse * denominator % p
    found.reverse()
    return found
