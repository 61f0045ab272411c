"""Days, moments and ids from the command line: read exactly, refused without being repeated."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.commands.personal import Day, Moment, PersonNumber, moment_in

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize("text", ["2012-05-17", "17.05.2012"])
def test_days(text: str) -> None:
    assert Day().convert(text, None, None) == date(2012, 5, 17)


@pytest.mark.parametrize("kind", [Day(), Moment(), PersonNumber()], ids=lambda kind: kind.name)
@given(text=st.text(st.characters(codec="utf-8"), min_size=4))
def test_what_is_none_is_refused_without_being_repeated(
    kind: Day | Moment | PersonNumber, text: str
) -> None:
    try:
        kind.convert(f"?{text}", None, None)
    except click.BadParameter as error:
        assert f"?{text}" not in error.message
    else:
        pytest.fail("a text that begins so is no value")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # A day ends where the region lies.
        ("2024-10-01", datetime(2024, 10, 1, 20, 59, 59, 999999, UTC)),
        ("2024-10-01T09:00", datetime(2024, 10, 1, 6, 0, tzinfo=UTC)),
        ("2024-10-01T09:00:00.5+05:00", datetime(2024, 10, 1, 4, 0, 0, 500000, UTC)),
        ("2024-10-01T09:00Z", datetime(2024, 10, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert moment_in(Moment().convert(text, None, None), MOSCOW) == moment
    assert moment_in(None, MOSCOW) is None


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31T23:59", "9999-12-31"])
def test_moments_that_no_zone_may_move_out_of_time(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Moment().convert(text, None, None)
