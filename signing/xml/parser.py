"""The one parser for documents from strangers: bounded, UTF-8 only, without DTD or instructions.

What it promises is said at :func:`parse_document`. The order matters: everything that could make
libxml2 or the walks after it expensive is counted on the bytes first, each count in linear time.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache

from lxml import etree

from signing.errors import ParseError

_BOM_UTF8 = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')"""
    rb"""(?:\s+encoding\s*=\s*(?:"(?P<double>[A-Za-z0-9._\-]*)"|'(?P<single>[A-Za-z0-9._\-]*)'))?"""
    rb"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>"""
)
_MARKUP = re.compile(rb"<[!?]")
_CDATA = b"<![CDATA["
# The local names of attributes that are ids (Id, ID, wsu:Id, xml:id), and what stands behind one.
_ID_NAMES = (b"Id", b"ID", b"id")
_ID_VALUE = re.compile(
    rb"""[ \t\r\n]*+=[ \t\r\n]*+(?:"([A-Za-z0-9_.:\-]++)"|'([A-Za-z0-9_.:\-]++)'|())"""
)
# Of so many places each is looked at; a walk over the tree costs less than more of them.
_MAX_ID_PLACES = 2000
# One attribute, with possessive quantifiers: no input makes it go back.
_ATTRIBUTE = re.compile(rb"""\s++([^\s=<>"'/]++)\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')""")
_TAG_NAME = re.compile(rb"<[^\s<>/!?]++")
# The shortest attribute is ` a=""`; a tag that carries too many is at least so long.
_SHORTEST_ATTRIBUTE_BYTES = 5
# libxml2's own stops (xmlerror.h: XML_ERR_NAME_TOO_LONG, XML_ERR_RESOURCE_LIMIT).
_LIBXML2_LIMITS = frozenset({110, 114})


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """How large a document may be; what is over any of these is ``xml.too_complex`` or larger.

    Source of the defaults: "Rules of verification", rule 1. The last one keeps C14N linear, which
    looks through the namespaces in scope for every name.
    """

    max_bytes: int = 5 * 2**20
    max_depth: int = 64
    max_attributes: int = 64
    """Attributes of one element, namespace declarations not among them."""
    max_namespaces: int = 64
    """Namespace declarations of one element."""
    max_elements: int = 100_000
    """Elements, comments and CDATA sections together."""
    max_nodes: int = 200_000
    """Tags, and attributes twice. libxml2 spends about 120 bytes on an element, on a text beside a
    tag, and on the name and the value of an attribute; the verified Body is held twice."""
    max_namespaces_in_scope: int = 256
    """Declarations on the way from the root to one element."""


DEFAULT_LIMITS = ParseLimits()


def parse_document(data: bytes, *, limits: ParseLimits = DEFAULT_LIMITS) -> etree._Element:
    """Return the root element of a document of unknown origin.

    Comments are dropped, so that the text on their two sides is one text, as C14N signs it; CDATA
    reads as its text; nothing is fetched, expanded or defaulted.

    Raises ParseError: ``xml.empty``, ``xml.too_large``, ``xml.encoding`` (not UTF-8, another
    encoding declared, a NUL), ``xml.doctype``, ``xml.processing_instruction``,
    ``xml.too_complex`` (over one of the limits), ``xml.malformed``.
    """
    text = _check_encoding(data, limits)
    _check_markup(text, limits)
    _check_tags(text, limits)
    root = _build_tree(text)
    _check_depth(root, limits)
    _check_namespaces(root, text, limits)
    return root


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """A document of unknown origin, parsed, and what its bytes have told about it."""

    root: etree._Element
    has_plain_ids: bool
    """No two values that could be ids are alike, and all are plain names."""
    has_no_links: bool
    """Nothing in it can be an ``href`` or an ``encodingStyle``."""


def parse_xml(data: bytes, *, limits: ParseLimits = DEFAULT_LIMITS) -> XmlDocument:
    """Return a document as `parse_document` reads it, and raise as it does.

    What is told of it costs a look at the bytes, and spares walks over every element of the tree.
    """
    return XmlDocument(
        parse_document(data, limits=limits),
        has_plain_ids=_has_plain_ids(data),
        has_no_links=b"href" not in data and b"encodingStyle" not in data,
    )


def _has_plain_ids(data: bytes) -> bool:
    """Say whether all that could be ids are plain names, no two alike.

    Looked at is whatever has one of the names, an equals sign and a value, in a tag or not. Only a
    value of nothing but plain letters needs no decoding, and can't have swallowed the quotation
    marks of another attribute.
    """
    values = set()
    places = 0
    for name in _ID_NAMES:
        place = data.find(name)
        while place >= 0:
            places += 1
            found = _ID_VALUE.match(data, place + len(name))
            if found is not None:
                value = found[1] or found[2]
                if value is None or value in values:
                    return False
                values.add(value)
            if places > _MAX_ID_PLACES:
                return False
            place = data.find(name, place + len(name))
    return True


def parse_canonical(canonical: bytes) -> etree._Element:
    """Return the root element of bytes that C14N has written from a tree of `parse_document`.

    What the document was bounded by holds for its parts, and C14N writes no declarations; so only
    the parser itself is asked again. Raises ParseError.
    """
    return _build_tree(canonical)


def _check_encoding(data: bytes, limits: ParseLimits) -> bytes:
    """Return the document's bytes without a byte order mark, known to be UTF-8."""
    if len(data) > limits.max_bytes:
        raise ParseError("xml.too_large", f"more than {limits.max_bytes} bytes")
    text = data.removeprefix(_BOM_UTF8)
    if not text.strip(_WHITE_SPACE):
        raise ParseError("xml.empty", "no document")
    if b"\0" in text:
        # Also every UTF-16 and UTF-32 text that could hold an element.
        raise ParseError("xml.encoding", "NUL byte: not UTF-8 text")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise ParseError("xml.encoding", "not UTF-8") from None
    return text


def _check_markup(text: bytes, limits: ParseLimits) -> None:
    """Refuse declarations and instructions before libxml2 sees them.

    In UTF-8 the bytes are the characters. Comments and CDATA sections are stepped over as a
    parser would; wherever that and libxml2 could differ, the document is not well-formed.
    """
    position = _skip_declaration(text)
    sections = 0
    if text.find(b"!") < 0 and text.find(b"?", position) < 0:
        position = len(text)
    while (found := _MARKUP.search(text, position)) is not None:
        start = found.start()
        if text.startswith(b"<!--", start):
            end = text.find(b"-->", start + 4)
        elif text.startswith(_CDATA, start):
            end = text.find(b"]]>", start + len(_CDATA))
        elif re.match(rb"<\?xml[ \t\r\n]", text[start : start + 6]):
            raise ParseError("xml.malformed", "an XML declaration that is not at the start")
        elif text.startswith(b"<?", start):
            raise ParseError("xml.processing_instruction", "processing instructions are refused")
        else:
            raise ParseError("xml.doctype", "document type declarations are refused")
        if end < 0:
            raise ParseError("xml.malformed", "unfinished comment or CDATA section")
        position = end + 3
        sections += 1
        if sections > limits.max_elements:
            raise ParseError("xml.too_complex", "too many comments and CDATA sections")
    # Every element has a start; end tags are the only other markup left.
    opened = text.count(b"<")
    if opened > limits.max_elements and opened - text.count(b"</") > limits.max_elements:
        raise ParseError("xml.too_complex", f"more than {limits.max_elements} elements")


def _skip_declaration(text: bytes) -> int:
    """Return where the document goes on after its XML declaration, if it has one."""
    if not re.match(rb"<\?xml[ \t\r\n]", text):
        return 0
    declaration = _DECLARATION.match(text)
    if declaration is None:
        raise ParseError("xml.malformed", "broken XML declaration")
    encoding = declaration["double"] or declaration["single"]
    if encoding is not None and encoding.lower() not in {b"utf-8", b"utf8"}:
        raise ParseError("xml.encoding", "the declared encoding is not UTF-8")
    return declaration.end()


def _check_tags(text: bytes, limits: ParseLimits) -> None:
    """Bound attributes and namespace declarations, all and of each element.

    Only tags that are long enough for too many are read.
    """
    equal_signs = text.count(b"=")
    if text.count(b"<") + 2 * equal_signs > limits.max_nodes:
        raise ParseError("xml.too_complex", "too many elements, texts and attributes")
    if equal_signs <= min(limits.max_attributes, limits.max_namespaces):
        return
    shortest = _SHORTEST_ATTRIBUTE_BYTES * min(limits.max_attributes, limits.max_namespaces)
    for segment in re.finditer(rb"<[^<]{%d,}+" % shortest, text):
        name = _TAG_NAME.match(text, segment.start())
        if name is None:
            continue
        attributes = namespaces = 0
        position = name.end()
        while (found := _ATTRIBUTE.match(text, position)) is not None:
            position = found.end()
            if found[1] == b"xmlns" or found[1].startswith(b"xmlns:"):
                namespaces += 1
            else:
                attributes += 1
            if attributes > limits.max_attributes or namespaces > limits.max_namespaces:
                raise ParseError("xml.too_complex", "too many attributes of one element")


class _ThreadParser(threading.local):
    """libxml2's parser, one for each thread: lxml's lock out other threads while at work."""

    def __init__(self) -> None:
        self.xml = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            no_network=True,
            huge_tree=False,
            recover=False,
            collect_ids=False,
            remove_comments=True,
            remove_pis=False,
            strip_cdata=True,
            encoding="utf-8",
        )


_parser = _ThreadParser()


def _build_tree(text: bytes) -> etree._Element:
    try:
        root = etree.fromstring(text, _parser.xml)
    except etree.XMLSyntaxError as error:
        if error.code in _LIBXML2_LIMITS:
            raise ParseError("xml.too_complex", "over a limit of the parser") from None
        line = error.lineno if error.lineno is not None else 0
        raise ParseError("xml.malformed", f"not well-formed at line {line}") from None
    except (etree.LxmlError, ValueError, MemoryError):
        raise ParseError("xml.malformed", "not well-formed") from None
    # The byte check has refused every DOCTYPE; should the two ever differ, this one holds.
    if root.getroottree().docinfo.internalDTD is not None:
        raise ParseError("xml.doctype", "document type declarations are refused")
    return root


def _check_depth(root: etree._Element, limits: ParseLimits) -> None:
    if _find_deeper(limits.max_depth)(root):
        raise ParseError("xml.too_complex", f"deeper than {limits.max_depth} elements")


@cache
def _find_deeper(depth: int) -> etree.XPath:
    """Return a test for an element below this depth; linear, and without a walk in Python."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def _check_namespaces(root: etree._Element, text: bytes, limits: ParseLimits) -> None:
    if text.count(b"xmlns") <= limits.max_namespaces_in_scope:
        return
    in_scope = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        in_scope += 1 if event == "start-ns" else -1
        if in_scope > limits.max_namespaces_in_scope:
            raise ParseError("xml.too_complex", "too many namespaces in scope")
