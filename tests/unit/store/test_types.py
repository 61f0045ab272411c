"""Moments as databases keep them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from store.types import UtcDateTime

MOSCOW = timezone(timedelta(hours=3))
SQLITE: Dialect = sqlite.dialect()
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


def test_moments_are_kept_in_utc() -> None:
    moment = datetime(2024, 10, 1, 12, 0, 0, 5, tzinfo=MOSCOW)
    column = UtcDateTime()
    assert column.process_bind_param(moment, SQLITE) == datetime(2024, 10, 1, 9, 0, 0, 5)
    assert column.process_bind_param(moment, POSTGRESQL) == moment
    assert column.process_bind_param(None, SQLITE) is None


def test_moments_come_back_aware() -> None:
    column = UtcDateTime()
    expected = datetime(2024, 10, 1, 9, tzinfo=UTC)
    for stored in (datetime(2024, 10, 1, 9), datetime(2024, 10, 1, 12, tzinfo=MOSCOW)):
        read = column.process_result_value(stored, SQLITE)
        assert read == expected
        assert read is not None
        assert read.tzinfo is UTC
    assert column.process_result_value(None, SQLITE) is None


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2024, 10, 1), SQLITE)
