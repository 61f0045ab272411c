"""The SMEV 3 transform on any document: both ways in against each other, and the cost."""

from __future__ import annotations

import contextlib
import time
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from signing.errors import SignatureError
from signing.xml.canonical import canonicalize
from signing.xml.transform import transform_canonical, transform_document
from tests.unit.signing import naive_transform

MB = 2**20
# libxml2 takes no others than URIs, and its C14N writes an `&` in them as it is.
URIS = ("u:a", "u:b", "u:B", "u:c?d=%25", "http://x.test/A")
PREFIXES = ("", "p", "q", "ns1", "ns2")
TEXT = st.text(st.sampled_from("ab ]]>>><&\"'\r\n\t\u00a0я\U0001f600=%"), max_size=30)
VALUES = st.one_of(TEXT, st.sampled_from((' xmlns="u:a', 'a="', " xmlns:p=", "</a>", "{0}")))
NAMES = st.sampled_from(("a", "b", "xmlnsa", "я", "xsi"))


NOTHING = st.just("")


@st.composite
def elements(draw, children=NOTHING) -> str:
    """An element that declares all prefixes it may use, so that it can stand anywhere."""
    uris = {prefix: draw(st.sampled_from(URIS)) for prefix in PREFIXES}
    name = draw(st.sampled_from(PREFIXES)), draw(NAMES)
    attributes = {}
    for prefix, local in draw(st.lists(st.tuples(st.sampled_from(PREFIXES), NAMES), max_size=4)):
        attributes.setdefault(
            (uris[prefix] if prefix else "", local), (prefix, local, draw(VALUES))
        )
    parts = [f" xmlns{':' if prefix else ''}{prefix}={quote(uri)}" for prefix, uri in uris.items()]
    parts += [
        f" {join(prefix, local)}={quote(value)}" for prefix, local, value in attributes.values()
    ]
    inside = draw(st.lists(st.one_of(TEXT.map(escape), children), max_size=4))
    return f"<{join(*name)}{''.join(parts)}>{''.join(inside)}</{join(*name)}>"


def join(prefix: str, local: str) -> str:
    return f"{prefix}:{local}" if prefix else local


def quote(value: str) -> str:
    return quoteattr(value, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def escape(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;").replace(">", "&gt;")
    )


DOCUMENTS = st.recursive(elements(), elements, max_leaves=12)
REDECLARED = '<a xmlns="u:a"><p:b xmlns:p="u:b"><p:c/></p:b><p:b xmlns:p="u:b"><p:c/></p:b></a>'


@given(DOCUMENTS)
@example(REDECLARED)
def test_both_ways_in_and_the_rules_said_again_agree(document: str) -> None:
    root = etree.fromstring(document.encode())
    canonical = canonicalize(root)
    out = transform_canonical(canonical)
    assert out == naive_transform.transform(root)
    assert transform_document(canonical) == out
    assert transform_document(document.encode()) == out


@given(DOCUMENTS)
def test_what_is_transformed_stays(document: str) -> None:
    out = transform_document(document.encode())
    assert transform_document(out) == out
    assert transform_canonical(canonicalize(etree.fromstring(out))) == out


@given(DOCUMENTS)
@example('<a xmlns="u:a">' + "<b/>" * 200 + "</a>")
def test_output_grows_by_prefixes_only(document: str) -> None:
    canonical = canonicalize(etree.fromstring(document.encode()))
    names = canonical.count(b"<") + canonical.count(b"=")
    assert len(transform_canonical(canonical)) <= len(canonical) + 6 * names


def transform_text(content: str) -> str:
    """The transform of an element's content."""
    out = transform_document(root(content).encode()).decode()
    return out.removeprefix('<ns1:a xmlns:ns1="u:a">').removesuffix("</ns1:a>")


@given(st.lists(st.sampled_from(["a" * 200, "a", ">", "]", "<", "&", "\r", "\U0001f600"])))
def test_texts_of_any_length(parts: list[str]) -> None:
    text = "".join(parts)
    assert transform_text(escape(text)) == naive_transform.write_text(text)


@given(st.binary(max_size=60))
def test_any_bytes_raise_only_errors_of_ours(data: bytes) -> None:
    for candidate in (data, b'<a xmlns="u:a">' + data + b"</a>", b'<a xmlns="u:a" ' + data + b"/>"):
        for transform in (transform_canonical, transform_document):
            try:
                transform(candidate)
            except SignatureError as error:
                assert error.code.startswith("transform.")


def root(content: str, more: str = "") -> str:
    return f'<a xmlns="u:a"{more}>{content}</a>'


def declarations(count: int, uri: str = "u:%d") -> str:
    return "".join(f' xmlns:p{i}="{uri.replace("%d", str(i))}"' for i in range(count))


def openings(count: int) -> str:
    return "".join(f'<p:a xmlns:p="u:{i}">' for i in range(count))


HOSTILE = {
    "brackets": root("]]&gt;&gt;&gt;&gt;" * (MB // 18)),
    "blocks of pairs": root("\U0001f600&gt;" * (MB // 8)),
    "blank texts": root("<b> </b>" * (MB // 8)),
    "siblings": root("<b></b>" * (MB // 7)),
    "siblings that declare": root('<p:b xmlns:p="u:b"></p:b>' * (MB // 25)),
    "siblings that redeclare under many": openings(20_000)
    + '<q:b xmlns:q="u:q"></q:b>' * 20_000
    + "</p:a>" * 20_000,
    "siblings unlike each other": root("".join(f"<b{i}></b{i}>" for i in range(MB // 17))),
    "under many namespaces": root(
        "".join(f"<p{i % 5000}:b></p{i % 5000}:b>" for i in range(30_000)), declarations(5000)
    ),
    "under a long namespace": root("<p0:b></p0:b>" * (MB // 14), declarations(1, "u" * 4096)),
    "ordered by long namespaces": root(
        "".join(f'<b p0:a{i}="" p1:a{i}=""></b>' for i in range(MB // 40)),
        declarations(2, "u" * 4000 + "%d"),
    ),
    "attributes": root("<b" + "".join(f' a{i:06}=""' for i in range(MB // 11)) + "></b>"),
    "quotation marks": root('<b c="' + "&quot;" * (MB // 6) + '"></b>'),
    "words xmlns": root('<b c="' + " xmlns" * (MB // 6) + '"></b>'),
    "depth": '<a xmlns="u:a">' + "<a>" * (MB // 7) + "</a>" * (MB // 7) + "</a>",
    "depth of declarations": openings(MB // 26) + "</p:a>" * (MB // 26),
    "unfinished": '<a xmlns="u:a">' * (MB // 15),
    "angle brackets": "<" * MB,
    "unfinished references": root("&" * MB),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_megabyte_costs_less_than_two_seconds(name: str) -> None:
    data = HOSTILE[name].encode()
    assert len(data) < 1.5 * MB
    for transform in (transform_canonical, transform_document):
        started = time.process_time()
        with contextlib.suppress(SignatureError):
            transform(data)
        assert time.process_time() - started < 2


def test_repeated_declarations_stop_before_they_are_in_memory() -> None:
    # Canonical bytes repeat them as well; a file, or a PrefixList, needn't.
    content = "<p0:b></p0:b>" * 4000
    data = f'<a xmlns="u:a"{declarations(1, "u" * 4096)}>{content}</a>'.encode()
    for transform in (transform_canonical, transform_document):
        with pytest.raises(SignatureError) as caught:
            transform(data)
        assert caught.value.code == "transform.too_large"
