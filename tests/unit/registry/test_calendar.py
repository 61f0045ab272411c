"""Working days: transfers of days off, deadlines over holidays, regions and time zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.calendar import (
    MonthDay,
    WorkingCalendar,
    load_production_calendar,
    local_day,
    parse_month_day,
    parse_production_calendar,
)
from registry.errors import RegistryError

CALENDAR = WorkingCalendar()
DAYS = st.dates(date(2015, 1, 1), date(2032, 12, 31))

# Working days of a year of five-day weeks, as the production calendars published for it say.
WORKING_DAYS = {
    2019: 247,
    2020: 248,
    2021: 247,
    2022: 247,
    2023: 247,
    2024: 248,
    2025: 247,
    2026: 247,
}


@pytest.mark.parametrize(("year", "count"), WORKING_DAYS.items())
def test_working_days_of_a_year(year: int, count: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2024, 4, 27), True),  # a Saturday that is worked
        (date(2024, 4, 29), False),
        (date(2024, 4, 30), False),
        (date(2024, 5, 10), False),
        (date(2024, 11, 2), True),
        (date(2024, 12, 28), True),
        (date(2024, 12, 31), False),
        (date(2025, 2, 24), True),  # 23 February went to 8 May
        (date(2025, 3, 10), True),
        (date(2025, 5, 8), False),
        (date(2025, 6, 13), False),
        (date(2026, 1, 9), False),
        (date(2026, 1, 12), True),
        (date(2026, 3, 9), False),  # 8 March is a Sunday: the Labour Code itself
        (date(2026, 5, 11), False),
        (date(2026, 12, 31), False),
        (date(2027, 2, 20), True),
        (date(2027, 2, 22), False),
        (date(2023, 11, 6), False),
        (date(2022, 3, 5), True),
        (date(2021, 2, 20), True),
        (date(2019, 2, 25), True),
    ],
)
def test_known_days(day: date, working: bool) -> None:
    assert CALENDAR.is_working_day(day) is working


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2025, 12, 29), 3, date(2026, 1, 13)),  # over New Year: 30.12, 12.01, 13.01
        (date(2024, 12, 27), 4, date(2025, 1, 13)),  # 28.12 worked, then 9, 10, 13
        (date(2024, 4, 26), 3, date(2024, 5, 3)),  # 27.04 worked, then 2, 3 May
        (date(2026, 4, 30), 5, date(2026, 5, 8)),
        (date(2026, 5, 7), 2, date(2026, 5, 12)),
        (date(2026, 6, 30), 3, date(2026, 7, 3)),
        (date(2026, 7, 4), 1, date(2026, 7, 6)),  # from a Saturday
        (date(2026, 7, 4), 0, date(2026, 7, 4)),
    ],
)
def test_terms_in_working_days(day: date, count: int, due: date) -> None:
    assert CALENDAR.add_working_days(day, count) == due


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 9, 1), 3, date(2026, 9, 4)),
        (date(2026, 9, 2), 3, date(2026, 9, 7)),  # a Saturday
        (date(2025, 12, 30), 3, date(2026, 1, 12)),
    ],
)
def test_terms_in_calendar_days_end_on_a_working_day(day: date, count: int, due: date) -> None:
    assert CALENDAR.add_calendar_days(day, count) == due


def test_negative_terms_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(date(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_calendar_days(date(2026, 1, 1), -1)


def test_regional_holidays_of_a_year_and_of_every_year() -> None:
    regional = WorkingCalendar(regional_holidays=[date(2026, 3, 20), MonthDay(8, 30)])
    assert not regional.is_working_day(date(2026, 3, 20))
    assert regional.is_working_day(date(2029, 3, 20))
    assert not regional.is_working_day(date(2027, 8, 30))
    assert CALENDAR.is_working_day(date(2027, 8, 30))
    assert regional.add_working_days(date(2027, 8, 27), 1) == date(2027, 8, 31)


def test_a_year_without_an_order_follows_the_code_and_says_so() -> None:
    assert CALENDAR.is_complete(2026)
    assert not CALENDAR.is_complete(2028)
    # 2028: 12 June is a Monday, 4 November a Saturday, moved to Monday the 6th by the Code.
    assert not CALENDAR.is_working_day(date(2028, 11, 6))
    assert CALENDAR.is_working_day(date(2028, 11, 7))
    # 1 and 2 January are a weekend: only the Government could move them.
    assert CALENDAR.is_working_day(date(2028, 1, 10))


def test_every_year_names_its_order_and_moves_a_day_off_to_a_working_day() -> None:
    production = load_production_calendar()
    assert sorted(production.years) == list(range(2019, 2028))
    for year in production.years.values():
        assert "постановление Правительства РФ" in year.source
        for move in year.moves:
            assert move.since.year == move.off.year == year.year
            holidays = {holiday.in_year(year.year) for holiday in production.holidays}
            assert move.since.isoweekday() in production.weekend
            assert move.off.isoweekday() not in production.weekend
            assert move.off not in holidays


@given(day=DAYS, count=st.integers(0, 60))
def test_adding_and_counting_agree(day: date, count: int) -> None:
    due = CALENDAR.add_working_days(day, count)
    assert CALENDAR.working_days_between(day, due) == count
    assert count == 0 or CALENDAR.is_working_day(due)


@given(day=DAYS, first=st.integers(0, 30), second=st.integers(1, 30))
def test_terms_add_up(day: date, first: int, second: int) -> None:
    halfway = CALENDAR.add_working_days(day, first)
    assert CALENDAR.add_working_days(halfway, second) == CALENDAR.add_working_days(
        day, first + second
    )


@given(day=DAYS)
def test_no_holiday_of_the_code_is_worked(day: date) -> None:
    holidays = load_production_calendar().holidays
    assert not (CALENDAR.is_working_day(day) and MonthDay(day.month, day.day) in holidays)


def test_counting_backwards_is_nothing() -> None:
    day = date(2026, 6, 1)
    assert CALENDAR.working_days_between(day, day - timedelta(days=3)) == 0


def test_the_date_depends_on_the_zone() -> None:
    moment = datetime(2026, 6, 30, 21, 30, tzinfo=UTC)
    assert local_day(moment, UTC) == date(2026, 6, 30)
    assert local_day(moment, ZoneInfo("Asia/Vladivostok")) == date(2026, 7, 1)
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 6, 30), UTC)


def test_days_of_every_year() -> None:
    assert parse_month_day("02-29").in_year(2027) == date(2027, 2, 28)
    assert parse_month_day("02-29").in_year(2028) == date(2028, 2, 29)
    assert str(parse_month_day("09-05")) == "05.09"


@pytest.mark.parametrize("text", ["", "13-01", "02-30", "1 сентября"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse_month_day(text)
    assert caught.value.code == "calendar.day"


@pytest.mark.parametrize("text", ["[", "weekend = 5", "weekend = [6]\nyears = [1]"])
def test_calendars_that_are_none(text: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse_production_calendar(text)
    assert caught.value.code == "calendar.format"
