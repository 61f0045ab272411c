"""Ages in whole months, as the rules of intake count them."""

from calendar import monthrange
from datetime import date


def is_of_age(birth_date: date, on: date, limits: tuple[int, int]) -> bool:
    """Whether the age on a day is within limits in months, the very day of the upper one included.

    A child not yet born is of no age.
    """
    youngest, oldest = limits
    months, exact = _age(birth_date, on)
    return youngest <= months and (months < oldest or (months == oldest and exact))


def _age(birth_date: date, on: date) -> tuple[int, bool]:
    """Whole months of age, and whether they are whole on this very day."""
    months = (on.year - birth_date.year) * 12 + on.month - birth_date.month
    # Born on the 31st, a month is whole on the last day of a shorter one.
    day = min(birth_date.day, monthrange(on.year, on.month)[1])
    return (months if on.day >= day else months - 1), on.day == day
