"""Foreign texts: nothing in them is obeyed by a terminal, and all of it can be written."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.errors import ConfigError
from ops.printing import one_line, printable, to_json, tolerate_encoding

_TEXTS = st.text(st.characters(codec=None))


@given(text=_TEXTS)
def test_whatever_it_is_it_is_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    line.encode("utf-8")
    assert not any(mark in line for mark in "\x1b\x7f\x9b\u202e\u2028\n\r\t")


@given(
    text=_TEXTS, encoding=st.sampled_from(["utf-8", "UTF8", "koi8-r", "ascii", "nonsense", None])
)
def test_json_comes_back_as_it_was(text: str, encoding: str | None) -> None:
    line = to_json({"a": text}, encoding=encoding)
    # Two halves of a pair side by side are one character to JSON.
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert json.loads(line.encode("utf-8")) == {"a": joined}
    assert len(line.splitlines()) == 1
    if encoding not in ("utf-8", "UTF8"):
        assert line.isascii()


def test_json_for_people_stays_readable() -> None:
    assert to_json({"a": "ёж"}, encoding="utf-8") == '{"a": "ёж"}'


@pytest.mark.parametrize("encoding", ["ascii", "koi8-r", "cp1251"])
def test_screen_writes_what_its_encoding_has_not(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding)
    tolerate_encoding(stream)
    stream.write("ё \u2042")
    stream.flush()
    assert raw.getvalue().endswith(b" \\u2042")


def test_lines_and_tabulators_stay_in_longer_texts() -> None:
    assert printable("a\n\tb\x1b[0m") == "a\n\tb\\u001b[0m"


def test_error_names_a_file_without_obeying_it() -> None:
    assert str(ConfigError("a\nb\x1b\udcff.toml")) == "config.invalid: a\\nb\\u001b\\udcff.toml"
