"""Counting in working days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

from registry.calendar.production import (
    MonthDay,
    ProductionCalendar,
    load_production_calendar,
)

_DAY = timedelta(days=1)


class WorkingCalendar:
    """Which days are worked in a region: the country's calendar and the region's own holidays.

    A regional holiday is one day (a date) or a day of every year; it isn't moved when it meets a
    weekend, since the law says nothing of it.
    """

    def __init__(
        self,
        *,
        regional_holidays: Iterable[date | MonthDay] = (),
        production: ProductionCalendar | None = None,
    ) -> None:
        self._production = production or load_production_calendar()
        named = frozenset(regional_holidays)
        self._regional_dates = frozenset(day for day in named if isinstance(day, date))
        self._regional_days = frozenset(day for day in named if isinstance(day, MonthDay))
        self._days_off: dict[int, frozenset[date]] = {}

    def is_complete(self, year: int) -> bool:
        """Whether the Government's order for `year` is known; else art. 112 alone is followed."""
        return year in self._production.years

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked, as far as the calendar knows its year."""
        if day in self._regional_dates or MonthDay(day.month, day.day) in self._regional_days:
            return False
        off = self._days_off.get(day.year)
        if off is None:
            # Days off move within their year, so that a year is worked out apart.
            off = self._days_off[day.year] = _days_off(self._production, day.year)
        return day not in off

    def next_working_day(self, day: date) -> date:
        """The first working day that is `day` or later."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The last day of a term of `count` working days; the count begins the day after `day`.

        A term of 0 days ends on `day` itself. Raises `ValueError` for a negative count.
        """
        if count < 0:
            raise ValueError("a term isn't negative")
        for _ in range(count):
            day = self.next_working_day(day + _DAY)
        return day

    def add_calendar_days(self, day: date, count: int) -> date:
        """The last day of a term of `count` days; a term that ends on a day off ends after it.

        Source: ГК РФ, ст. 191, 193, which the procedures are taken to follow. Raises `ValueError`
        for a negative count.
        """
        if count < 0:
            raise ValueError("a term isn't negative")
        return self.next_working_day(day + count * _DAY)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days come after `first` up to `last`; 0 when `last` isn't later."""
        days = (last - first).days
        return sum(self.is_working_day(first + each * _DAY) for each in range(1, days + 1))


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The date of `moment` in `zone`. Raises `ValueError` for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone")
    return moment.astimezone(zone).date()


def _days_off(production: ProductionCalendar, year: int) -> frozenset[date]:
    holidays = {holiday.in_year(year) for holiday in production.holidays}
    known = production.years.get(year)
    moves = () if known is None else known.moves
    off = {day for day in _days_of(year) if day.isoweekday() in production.weekend}
    off -= {move.since for move in moves}
    off |= holidays | {move.off for move in moves}
    moved = {move.since for move in moves}
    by_government = {holiday.in_year(year) for holiday in production.moved_by_government}
    # ТК РФ, ст. 112, ч. 2: a day off that meets a holiday goes to the next working day.
    for day in sorted(holidays - by_government - moved):
        if day.isoweekday() in production.weekend:
            instead = day + _DAY
            while instead in off:
                instead += _DAY
            off.add(instead)
    return frozenset(off)


def _days_of(year: int) -> Iterable[date]:
    first = date(year, 1, 1)
    length = (date(year, 12, 31) - first).days + 1
    return (first + each * _DAY for each in range(length))
