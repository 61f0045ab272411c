"""Rows as COPY takes them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.upsert import _encode

_UNESCAPED = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def read_field(text: str) -> str | None:
    """A field of COPY's text format, read as PostgreSQL's documentation says."""
    if text == "\\N":
        return None
    read, place = "", 0
    while place < len(text):
        step = 2 if text[place] == "\\" else 1
        part = text[place : place + step]
        read += _UNESCAPED[part] if step == 2 else part
        place += step
    return read


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(alphabet=st.characters(exclude_characters="\0")),
            st.text(alphabet='\\NtnrÑ\t\r\n."'),
        ),
        min_size=1,
    )
)
def test_texts_are_read_as_they_were_written(rows: list[tuple[str | None, str]]) -> None:
    encoded = _encode(["a", "b"], [{"a": first, "b": second} for first, second in rows])
    assert encoded.endswith("\n")
    lines = encoded[:-1].split("\n")
    read = [tuple(read_field(each) for each in line.split("\t")) for line in lines]
    assert read == rows


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "\\N"),
        (b"\x00\xff", "\\\\x00ff"),
        (date(2024, 9, 1), "2024-09-01"),
        (datetime(2024, 9, 1, 12, tzinfo=UTC), "2024-09-01T12:00:00+00:00"),
        (UUID(int=1), "00000000000000000000000000000001"),
        (5, "5"),
    ],
)
def test_other_values(value: object, field: str) -> None:
    assert _encode(["a"], [{"a": value}]) == f"{field}\n"
