"""The production calendar as data: holidays of the law, and days off moved by the Government."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from registry.errors import RegistryError


@dataclass(frozen=True, slots=True, order=True)
class MonthDay:
    """A day of every year, ``MonthDay(9, 1)`` for 1 September."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The day in `year`; 29 February is the 28th in a common year."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, self.month, self.day - 1)

    def __str__(self) -> str:
        return f"{self.day:02}.{self.month:02}"


@dataclass(frozen=True, slots=True)
class DayMove:
    """A day off moved: `off` is a day off instead of `since`, which may become a working day."""

    since: date
    off: date


@dataclass(frozen=True, slots=True)
class ProductionYear:
    """What was ordered for one year, and by which act (Russian)."""

    year: int
    source: str
    moves: tuple[DayMove, ...]


@dataclass(frozen=True, slots=True)
class ProductionCalendar:
    """The rules for days off, and the orders of the years that are known."""

    weekend: frozenset[int]
    holidays: frozenset[MonthDay]
    moved_by_government: frozenset[MonthDay]
    years: Mapping[int, ProductionYear]


def parse_month_day(text: str) -> MonthDay:
    """The day that ``MM-DD`` names. Raises `RegistryError` with ``calendar.day``."""
    try:
        # A leap year, so that 29 February is a day as well.
        day = date.fromisoformat(f"2000-{text}")
    except ValueError:
        raise RegistryError("calendar.day", "not a day as MM-DD") from None
    return MonthDay(day.month, day.day)


def parse_production_calendar(text: str) -> ProductionCalendar:
    """The calendar written in TOML as `russia.toml` is. Raises `RegistryError`.

    Codes: ``calendar.format`` for text of another form, ``calendar.day`` for a day that isn't one.
    """
    try:
        tables = tomllib.loads(text)
        years = [_year(table) for table in tables["years"]]
        return ProductionCalendar(
            weekend=frozenset(tables["weekend"]),
            holidays=frozenset(map(parse_month_day, tables["holidays"])),
            moved_by_government=frozenset(map(parse_month_day, tables["moved_by_government"])),
            years={each.year: each for each in years},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RegistryError("calendar.format", "not a production calendar") from error


def _year(table: Mapping[str, Any]) -> ProductionYear:
    moves = tuple(DayMove(since=move["from"], off=move["to"]) for move in table["moves"])
    return ProductionYear(table["year"], table["source"], moves)


@cache
def load_production_calendar() -> ProductionCalendar:
    """The calendar that comes with the register."""
    text = files("registry.calendar").joinpath("russia.toml").read_text("utf-8")
    return parse_production_calendar(text)
