"""`urn://smev-gov-ru/xmldsig/transform`, the transform of every SMEV 3 signature.

Two ways in, one statement of the rules (`signing.transform_rules`): the bytes that C14N has
written, which have a very regular form and are read fast, and a file as it is, read by expat.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from signing.errors import SignatureError
from signing.parser import DEFAULT_LIMITS, ParseLimits
from signing.transform_rules import (
    MAX_TRANSFORMED_BYTES,
    Fragment,
    escape_attribute,
    malformed,
    too_large,
)

_BOM_UTF8 = b"\xef\xbb\xbf"
# Letters are left to whom the bytes come from; what the grammar of a tag uses can't be in a name.
_NAME = r"[^\x00-,/;-@\[-^`{-\x7f\s]+"
_FIRST = re.compile(rf"({_NAME})(?: ({_NAME})=)?")
_NEXT = re.compile(rf" ({_NAME})=")
# Exclusive C14N writes these and no others (Canonical XML 1.0, section 2.3).
_REFERENCE = re.compile("&[^;]{0,4};?")
_REFERENCES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#x9;": "\t",
    "&#xA;": "\n",
    "&#xD;": "\r",
}
# Source: МР СМЭВ 3.3.0.0, appendix 1: files are UTF-8. Whatever else is declared is refused.
_ENCODINGS = frozenset({"utf-8", "utf8"})


def transform_canonical(canonical: bytes) -> bytes:
    """Return the transform of bytes that exclusive C14N has written.

    Raises SignatureError: ``transform.no_namespace`` (an element without one),
    ``transform.xml_attribute``, ``transform.xml_element`` (named by the `xml:` namespace),
    ``transform.too_large`` (more than MAX_TRANSFORMED_BYTES), ``transform.too_complex`` (a
    namespace's name over MAX_NAMESPACE_CHARS), ``transform.malformed`` (not written by C14N).

    Takes time by the size of its input, whatever is in it. Source: МР СМЭВ 3.3.0.0, appendix 1.
    """
    text = _decode(canonical)
    if "<?" in text or "<!" in text:
        return _Reader(_UNBOUNDED).read(canonical)
    before, *pieces = text.split("<")
    if before or "\r" in text:
        raise malformed("not canonical")
    fragment = Fragment()
    for piece in pieces:
        # An attribute may hold `>`, a text may not: the last one ends the tag.
        tag, _, run = piece.rpartition(">")
        if tag[:1] == "/":
            fragment.end(tag[1:])
        else:
            _start(fragment, tag)
        if run:
            fragment.text(_dereference(run) if "&" in run else run)
    return fragment.finish()


def transform_document(data: bytes, *, limits: ParseLimits = DEFAULT_LIMITS) -> bytes:
    """Return the transform of a file as it is, without C14N before it.

    Comments and instructions are left out and divide the text around them; CDATA reads as text.
    Raises SignatureError as `transform_canonical`, and ``transform.doctype``,
    ``transform.encoding`` (not UTF-8, or another one declared), ``transform.too_complex`` (over
    one of the limits, which are those of messages).
    """
    if len(data) > limits.max_bytes:
        raise SignatureError("transform.too_large", f"more than {limits.max_bytes} bytes")
    return _Reader(limits).read(data.removeprefix(_BOM_UTF8))
