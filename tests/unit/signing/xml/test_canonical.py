"""Canonical bytes: as lxml writes them, and never more than the bound."""

from __future__ import annotations

import resource
import time

import pytest
from lxml import etree

from signing.errors import SignatureError, UnsupportedError
from signing.xml.canonical import MAX_CANONICAL_BYTES, canonicalize
from signing.xml.parser import parse_document


def test_writes_exclusive_c14n_of_a_part() -> None:
    root = parse_document(
        b'<a xmlns="u:a" xmlns:b="u:b" xmlns:q="u:q" b:z="1">'
        b'<b:c y="2" x=\'"\'>&#13;<d/></b:c>t</a>'
    )
    assert canonicalize(root[0]) == (
        b'<b:c xmlns:b="u:b" x="&quot;" y="2">&#xD;<d xmlns="u:a"></d></b:c>'
    )
    assert canonicalize(root[0], ("q", "unknown")) == (
        b'<b:c xmlns:b="u:b" xmlns:q="u:q" x="&quot;" y="2">&#xD;<d xmlns="u:a"></d></b:c>'
    )


def test_comments_are_left_out() -> None:
    assert canonicalize(etree.fromstring(b"<a>b<!-- c -->d</a>")) == b"<a>bd</a>"


def test_relative_namespaces_are_refused() -> None:
    with pytest.raises(SignatureError) as caught:
        canonicalize(parse_document(b'<a xmlns="relative"/>'))
    assert caught.value.code == "signature.not_canonical"


def test_expansion_stops_before_it_is_in_memory() -> None:
    name = b"u:" + b"n" * 2_000_000
    root = parse_document(b'<r xmlns:a="' + name + b'">' + b"<a:x/>" * 90_000 + b"</r>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    with pytest.raises(SignatureError) as caught:
        canonicalize(root)
    assert caught.value.code == "signature.too_large"
    assert time.process_time() - started < 1
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb * 1024 < 6 * MAX_CANONICAL_BYTES


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        ('<a xmlns="u:a&amp;b"/>', True),
        ('<a xmlns="u:a"><p:b xmlns:p="u:a&amp;b">t &amp; u</p:b></a>', True),
        ('<a xmlns="u:a" b="&amp;">&amp;&gt;</a>', False),
        ('<a xmlns="u:a" b=" xmlns:p=">&gt;</a>', False),
        ('<a xmlns:p="u:a&amp;b"/>', False),
    ],
)
def test_ampersands_in_names_of_namespaces(document: str, refused: bool) -> None:
    """libxml2 writes them as they are, where the standard has them escaped."""
    root = etree.fromstring(document)
    if refused:
        with pytest.raises(UnsupportedError) as caught:
            canonicalize(root)
        assert caught.value.code == "signature.not_canonical"
    else:
        assert canonicalize(root)
