from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from smev.errors import SmevError
from smev.xmltext import collapse, format_date_time, parse_date_time, text_of

MOSCOW = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01T10:00:00", datetime(2026, 9, 1, 10, tzinfo=MOSCOW)),
        ("2026-09-01T10:00:00Z", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("2026-09-01T10:00:00-00:00", datetime(2026, 9, 1, 10, tzinfo=UTC)),
        ("2026-09-01T10:00:00+05:30", datetime(2026, 9, 1, 4, 30, tzinfo=UTC)),
        ("2026-09-01T10:00:00-14:00", datetime(2026, 9, 2, 0, tzinfo=UTC)),
        ("2026-09-01T10:00:00.5Z", datetime(2026, 9, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-09-01T10:00:00.1234569Z", datetime(2026, 9, 1, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-12-31T24:00:00.000Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("\n 2024-02-29T00:00:00Z\t", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_date_time(text: str, expected: datetime) -> None:
    assert parse_date_time(text, default_timezone=MOSCOW) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-09-01",
        "2026-09-01 10:00:00",
        "2026-9-1T10:00:00",
        "2026-02-30T10:00:00",
        "2026-09-01T24:00:01",
        "2026-09-01T24:00:00.1",
        "2026-09-01T25:00:00",
        "2026-09-01T10:60:00",
        "2026-09-01T10:00:60",
        "2026-09-01T10:00:00.",
        "2026-09-01T10:00:00+3",
        "2026-09-01T10:00:00+14:01",
        "2026-09-01T10:00:00+03:60",
        "-2026-09-01T10:00:00",
        "12026-09-01T10:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T24:00:00-14:00",
        "٢٠٢٦-09-01T10:00:00Z",
        "2026-09-01T10:00:00Z\u00a0",
    ],
)
def test_not_a_usable_date_time(text: str) -> None:
    with pytest.raises(SmevError) as caught:
        parse_date_time(text, default_timezone=UTC)
    assert caught.value.code == "schema.invalid"
    assert not text or text.strip() not in str(caught.value)


def test_written_date_keeps_its_zone() -> None:
    assert format_date_time(datetime(2026, 9, 1, 10, tzinfo=MOSCOW)) == "2026-09-01T10:00:00+03:00"


def test_zone_with_seconds_is_written_in_utc() -> None:
    # Moscow kept its own mean time, +02:30:17, until 1916
    moment = datetime(1910, 1, 1, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    written = format_date_time(moment)
    assert written.endswith("+00:00")
    assert parse_date_time(written, default_timezone=UTC) == moment


@pytest.mark.parametrize("moment", [datetime(2026, 9, 1), datetime(1, 1, 1, tzinfo=MOSCOW)])
def test_unwritable_date(moment: datetime) -> None:
    with pytest.raises(SmevError) as caught:
        format_date_time(moment)
    assert caught.value.code == "message.unwritable"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("A1", "A1"), ("", ""), (" ", ""), ("\n A \t B\r\n", "A B"), ("A\u00a0B", "A\u00a0B")],
)
def test_collapse(text: str, expected: str) -> None:
    assert collapse(text) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<a>ORIG<!-- x -->INAL</a>", "ORIGINAL"),
        ("<a><!-- x -->AB<!-- y --></a>", "AB"),
        ("<a><![CDATA[<b>]]></a>", "<b>"),
        ("<a/>", ""),
    ],
)
def test_text(xml: str, expected: str) -> None:
    assert text_of(etree.fromstring(xml)) == expected


@pytest.mark.parametrize(
    "xml", ["<a>x<b/></a>", "<a>x<?p i?></a>", f"<a>{'я' * 2001}</a>", f"<Code>{'1' * 201}</Code>"]
)
def test_not_a_text(xml: str) -> None:
    with pytest.raises(SmevError) as caught:
        text_of(etree.fromstring(xml))
    assert caught.value.code == "schema.invalid"
