"""Files of messages: one, several, multipart; and what is none of these."""

from __future__ import annotations

import base64
import contextlib
import quopri
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smev.errors import SmevError
from smev.message_file import MAX_MESSAGES, split_messages

MESSAGE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<a b="&gt;"><c>текст</c><!-- <d> --></a>'.encode()
)
OTHER = b'<e xmlns="urn:x"><![CDATA[</e>]]></e>'


def multipart(
    *parts: tuple[str, bytes],
    boundary: str = "uuid:1+a",
    head: str | None = None,
    line_end: bytes = b"\r\n",
) -> bytes:
    """A multipart file of parts, each a head and a content."""
    if head is None:
        head = f'Content-Type: multipart/related; type="text/xml"; boundary="{boundary}"'
    lines = [head.encode(), b""] if head else []
    for part_head, content in parts:
        lines += [f"--{boundary}".encode(), *part_head.encode().splitlines(), b"", content]
    return line_end.join([*lines, f"--{boundary}--".encode(), b""])


ROOT = ("Content-Type: text/xml; charset=utf-8\nContent-ID: <root>", MESSAGE)
FILE = ("Content-Type: application/octet-stream\nContent-ID: <file>", b"\0\xff--\r\n<a>")


@pytest.mark.parametrize(
    "data",
    [
        MESSAGE,
        OTHER,
        b"<a/>",
        b"<a><a><a/></a></a>",
        b"<a b='/>'/>",
        b"<a>/></a>",
        b"<!-- <a> --><a/>",
        b"<?x <a> ?><a></a>",
    ],
)
def test_one_message_comes_back_as_it_stands(data: bytes) -> None:
    assert split_messages(data) == [data]
    assert split_messages(b"\n " + data + b"\n") == [data]


def test_byte_order_mark_stays() -> None:
    (found,) = split_messages(b"\xef\xbb\xbf" + MESSAGE)
    assert found.endswith(MESSAGE)


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n\r\n  "])
def test_several_messages(between: bytes) -> None:
    data = between.join([MESSAGE, OTHER, b"<f/>", MESSAGE])
    assert split_messages(data) == [MESSAGE, OTHER, b"<f/>", MESSAGE]


def test_as_many_messages_as_are_read() -> None:
    assert len(split_messages(OTHER * MAX_MESSAGES)) == MAX_MESSAGES
    with pytest.raises(SmevError) as caught:
        split_messages(OTHER * (MAX_MESSAGES + 1))
    assert caught.value.code == "file.too_many"


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"text", b"<", b"<a", b"<a>", b"</a>", b"<a></b>", b"<!--", b"<![CDATA[", b"<?x"],
)
def test_what_is_no_message_comes_back_as_one(data: bytes) -> None:
    """The parser is to refuse it."""
    assert len(split_messages(data)) == 1


def test_broken_message_is_not_lost_behind_a_good_one() -> None:
    assert split_messages(MESSAGE + b"\n<a><b>") == [MESSAGE, b"\n<a><b>"]
    assert split_messages(MESSAGE + b" text") == [MESSAGE, b" text"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("head", [None, ""])
@pytest.mark.parametrize("parts", [(ROOT,), (ROOT, FILE), (FILE, ROOT)])
def test_root_part_of_a_multipart_file(
    line_end: bytes, head: str | None, parts: tuple[tuple[str, bytes], ...]
) -> None:
    assert split_messages(multipart(*parts, head=head, line_end=line_end)) == [MESSAGE]


def test_root_part_is_the_one_that_is_named() -> None:
    second = ("Content-Type: text/xml\nContent-ID: <second>", OTHER)
    head = 'Content-Type: multipart/related; start="<second>"; boundary=b'
    assert split_messages(multipart(ROOT, second, head=head, boundary="b")) == [OTHER]
    folded = head.replace("; ", ";\n\t")
    assert split_messages(multipart(ROOT, second, head=folded, boundary="b")) == [OTHER]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("base64", base64.encodebytes),
        ("BASE64", base64.b64encode),
        ("quoted-printable", quopri.encodestring),
        ("8bit", bytes),
        ("binary", bytes),
    ],
)
def test_transfer_encodings(encoding: str, encode: type[bytes]) -> None:
    part = (f"Content-Type: text/xml\nContent-Transfer-Encoding: {encoding}", encode(MESSAGE))
    (found,) = split_messages(multipart(part))
    assert found == MESSAGE


def test_part_without_headers() -> None:
    assert split_messages(b"--b\n\n<a/>\n--b--\n") == [b"<a/>"]


GOOD = multipart(ROOT, FILE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"--uuid:1+a--", b""),
        (b"--uuid:1+a--", b"--uuid:1+a"),
        (b"--uuid:1+a\r\nContent-Type: text", b"--uuid:1+a text\r\nContent-Type: text"),
        (b"<root>", b"<root>\r\nContent-Transfer-Encoding: x-uuencode"),
        (b"<root>", b"<root>\r\nContent-Transfer-Encoding: base64"),
        (b"\r\n\r\n\0\xff--\r\n<a>", b""),
    ],
)
def test_broken_multipart(before: bytes, after: bytes) -> None:
    assert before in GOOD
    with pytest.raises(SmevError) as caught:
        split_messages(GOOD.replace(before, after))
    assert caught.value.code == "file.multipart"


def test_multipart_without_a_boundary_is_text() -> None:
    data = GOOD.replace(b'; boundary="uuid:1+a"', b"")
    assert b"".join(split_messages(data)).strip() == data.strip()


_PIECES = st.sampled_from(
    [
        *(
            b"<a>",
            b"</a>",
            b"<a/>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"<?x",
            b"?>",
            b"<",
            b">",
        ),
        *(
            b"--b",
            b"--b\n",
            b"--b--",
            b"\n",
            b"\r\n",
            b"\r\n\r\n",
            b"Content-Type: multipart/related",
        ),
        *(b"; boundary=b", b'; start="<a>"', b"Content-ID: <a>", b'"', b"'", b"\0", b"\xff", b":"),
        *(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable"),
    ]
)


@given(data=st.binary(max_size=80) | st.lists(_PIECES, max_size=20).map(b"".join))
@settings(max_examples=500, deadline=None)
def test_any_bytes_raise_nothing_foreign(data: bytes) -> None:
    with contextlib.suppress(SmevError):
        found = split_messages(data)
        assert found
        assert all(isinstance(one, bytes) for one in found)


@given(messages=st.lists(st.sampled_from([MESSAGE, OTHER, b"<f/>"]), min_size=1, max_size=9))
@settings(deadline=None)
def test_what_is_put_together_comes_apart(messages: list[bytes]) -> None:
    assert split_messages(b"\n".join(messages)) == messages


@pytest.mark.parametrize(
    "piece",
    [
        *(
            b"<",
            b"<a",
            b"<a ",
            b"<a '",
            b'<a "',
            b"<a>",
            b"</",
            b"<a/",
            b"<!--",
            b"<![CDATA[",
            b"<?",
        ),
        *(
            b"'",
            b'"',
            b"\n",
            b"\r",
            b"\r\n",
            b"-",
            b"--",
            b"--b\n",
            b"a:",
            b"a",
            b" ",
            b":",
            b"; a=",
        ),
        *(b";", b'; a="', b"\n\t", b"--b\n\n", b"--b\na: b\n\n", b"=", b"<a></a"),
    ],
)
@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"--b\n",
        b"Content-Type: multipart/related; boundary=b",
        b"Content-Type: multipart/related; boundary=b\n\n--b\n",
        b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: ",
    ],
)
def test_costs_by_its_size(start: bytes, piece: bytes) -> None:
    data = start + piece * (200_000 // len(piece))
    started = time.process_time()
    with contextlib.suppress(SmevError):
        split_messages(data)
    assert time.process_time() - started < 1


def test_comment_behind_the_last_element_is_no_message() -> None:
    assert split_messages(b"<a/>\n<!-- b --> <!-- <c/> -->\n") == [
        b"<a/>\n<!-- b --> <!-- <c/> -->"
    ]
    assert len(split_messages(b"<a/><!-- b")) == 2
    assert len(split_messages(b"<a/><!-- b --> text")) == 2
