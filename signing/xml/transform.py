"""`urn://smev-gov-ru/xmldsig/transform`, the transform of every SMEV 3 signature.

Two ways in, one statement of the rules (`signing.xml.transform_rules`): the bytes that C14N has
written, which have a very regular form and are read fast, and a file as it is, read by expat.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from signing.errors import SignatureError
from signing.xml.parser import DEFAULT_LIMITS, ParseLimits
from signing.xml.transform_escapes import escape_attribute
from signing.xml.transform_rules import MAX_TRANSFORMED_BYTES, Fragment, malformed, too_large

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
        return _Reader(None).read(canonical)
    before, *pieces = text.split("<")
    if before or "\r" in text:
        raise malformed("not canonical")
    fragment = _CanonicalFragment()
    fragment.read(pieces)
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


def _decode(data: bytes) -> str:
    if len(data) > MAX_TRANSFORMED_BYTES:
        raise too_large()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("not UTF-8") from None


class _CanonicalFragment(Fragment):
    """Reads what C14N has written, cut before each tag.

    Only values of attributes differ in most tags: what is learnt of one holds for all that are
    alike without them.
    """

    def read(self, pieces: list[str]) -> None:
        """Write it all. Raises SignatureError."""
        # The commonest of tags and texts are written here, calls taking longer than the work.
        parts, opened, prefixes = self._parts, self._open, self._prefixes
        for piece in pieces:
            if opened and piece == opened[-1][0].end_tag:
                tag, closing, outer = opened.pop()
                parts.append(closing)
                if tag.inner is not None:
                    self._leave(tag, outer)
                continue
            # An attribute may hold `>`, a text may not: the last one ends the tag.
            text, _, run = piece.rpartition(">")
            known = self._scope.get(text)
            if known is not None and known.is_plain and opened:
                name = prefixes[known.namespace] + known.tail
                parts.append("<" + name)
                opened.append((known, "</" + name, self._scope))
            elif text[:1] == "/":
                self.end(text[1:])
            else:
                self._start(text)
            if not run:
                continue
            if run[0] > " " and "&" not in run and opened:
                parts.append(run)
            else:
                self.text(_dereference(run))

    def _start(self, text: str) -> None:
        """Write the start tag with this text between its angle brackets."""
        if '"' not in text:
            tag = self.find_tag(text) or self.learn_tag(text, *_read_tag([text]))
            self.start(tag, [])
            return
        if "\n" in text or "\t" in text:
            raise malformed("white space in a tag")
        parts = text.split('"')
        values = parts[1::2]
        key: tuple[object, ...] = tuple(parts[::2])
        if " xmlns" in text:
            # Declarations come first, so that they are among so many values, maybe with others.
            key = (key, *values[: text.count(" xmlns")])
        tag = self.find_tag(key) or self.learn_tag(key, *_read_tag(parts))
        if "&" in text:
            values = [escape_attribute(_dereference(value)) for value in values]
        self.start(tag, values)


def _read_tag(parts: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """Return name and attributes of a tag that was split at its quotation marks."""
    first = _FIRST.fullmatch(parts[0])
    if first is None or not len(parts) % 2 or (first[2] is None) != (len(parts) == 1):
        raise malformed("a tag that C14N doesn't write")
    names = [first[2]] if first[2] else []
    for part in parts[2:-1:2]:
        following = _NEXT.fullmatch(part)
        if following is None:
            raise malformed("a tag that C14N doesn't write")
        names.append(following[1])
    if names and parts[-1]:
        raise malformed("a tag that C14N doesn't write")
    values = map(_dereference, parts[1::2])
    return first[1], list(zip(names, values, strict=True))


def _dereference(text: str) -> str:
    try:
        return _REFERENCE.sub(lambda match: _REFERENCES[match[0]], text)
    except KeyError:
        raise malformed("a reference that C14N doesn't write") from None


class _Reader:
    """Reads a document with expat, within limits if any, and hands it to a fragment.

    Namespaces are left to the rules: expat would repeat their names at every element.
    """

    def __init__(self, limits: ParseLimits | None) -> None:
        self._limits = limits
        self._fragment = Fragment()
        self._run: list[str] = []
        self._nodes = 0
        self._equal_signs = 0
        self._in_scope = [0]

    def read(self, data: bytes) -> bytes:
        """Return the transform of the document. Raises SignatureError."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._run.append
        parser.CommentHandler = lambda _: self._divide()
        parser.ProcessingInstructionHandler = lambda _, __: self._divide()
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise malformed(f"not well-formed at line {error.lineno}") from None
        return self._fragment.finish()

    def _declaration(self, version: str, encoding: str | None, _: int) -> None:
        if version != "1.0":
            raise malformed("not XML 1.0")
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise SignatureError("transform.encoding", "the declared encoding is not UTF-8")

    def _doctype(self, *_: object) -> None:
        raise SignatureError("transform.doctype", "document type declarations are refused")

    def _start(self, name: str, flat: list[str]) -> None:
        self._divide()
        attributes = list(zip(flat[::2], flat[1::2], strict=True))
        self._check_tag(attributes)
        tag = self._fragment.read_tag(name, attributes)
        self._fragment.start(tag, [escape_attribute(value) for value in flat[1::2]])

    def _end(self, name: str) -> None:
        self._write_text()
        self._in_scope.pop()
        self._fragment.end(name)

    def _divide(self) -> None:
        """Begin another run of text: an element, comment or instruction stands between."""
        self._write_text()
        self._nodes += 1
        if self._limits is not None and self._nodes > self._limits.max_elements:
            raise _too_complex("too many elements and comments")

    def _write_text(self) -> None:
        if self._run:
            self._fragment.text("".join(self._run))
            self._run.clear()

    def _check_tag(self, attributes: list[tuple[str, str]]) -> None:
        declared = sum(name == "xmlns" or name.startswith("xmlns:") for name, _ in attributes)
        self._in_scope.append(self._in_scope[-1] + declared)
        self._equal_signs += len(attributes)
        limits = self._limits
        if limits is None:
            return
        if len(self._in_scope) - 1 > limits.max_depth:
            raise _too_complex(f"deeper than {limits.max_depth} elements")
        if declared > limits.max_namespaces or self._in_scope[-1] > limits.max_namespaces_in_scope:
            raise _too_complex("too many declarations of namespaces")
        if (
            len(attributes) - declared > limits.max_attributes
            or self._nodes + 2 * self._equal_signs > limits.max_nodes
        ):
            raise _too_complex("too many attributes")


def _too_complex(detail: str) -> SignatureError:
    return SignatureError("transform.too_complex", detail)
