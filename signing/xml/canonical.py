"""Exclusive C14N without comments (W3C, 18 July 2002), with a bound on what it may write."""

from __future__ import annotations

import re

from lxml import etree

from signing.errors import SignatureError, UnsupportedError

# The parser bounds a message to 5 MB; honest ones grow a little, by closing tags and escapes.
# Hostile ones grow a thousandfold: a long namespace name, declared once, is repeated wherever one
# of many siblings uses its prefix.
MAX_CANONICAL_BYTES = 10 * 2**20
# For every element libxml2 looks each prefix of the PrefixList up in all that is in scope: with 256
# declarations in scope, so many times take a fifth of a second.
MAX_PREFIX_LOOKUPS = 100_000
_COUNT_ELEMENTS = etree.XPath("count(descendant-or-self::*)")
_RAW_AMPERSAND = re.compile(rb' xmlns(?::[^="<>]+)?="[^"<>]*?&(?!(?:amp|lt|gt|quot|#x[9AD]);)')


def canonicalize(
    element: etree._Element,
    prefixes: tuple[str, ...] = (),
    *,
    max_bytes: int = MAX_CANONICAL_BYTES,
) -> bytes:
    """Return the element's canonical bytes; ``prefixes`` is the InclusiveNamespaces PrefixList.

    Raises SignatureError: ``signature.not_canonical`` (a relative namespace name, which C14N
    refuses) or ``signature.too_large`` (more than ``max_bytes``, or a PrefixList that is too much
    for so many elements: MAX_PREFIX_LOOKUPS). Raises UnsupportedError ``signature.not_canonical``
    for a namespace name with an ampersand.
    """
    # Naming a prefix twice changes nothing but the time.
    prefixes = tuple(dict.fromkeys(prefixes))
    if count_lookups(element, prefixes) > MAX_PREFIX_LOOKUPS:
        raise SignatureError("signature.too_large", "a PrefixList over too many elements")
    canonical = _write(element, exclusive=True, prefixes=prefixes, max_bytes=max_bytes)
    if b"&" in canonical and _RAW_AMPERSAND.search(canonical):
        # libxml2 writes it as it is, and C14N would have it escaped: nothing is known of it.
        raise UnsupportedError("signature.not_canonical", "a namespace name with an ampersand")
    return canonical


def count_lookups(element: etree._Element, prefixes: tuple[str, ...]) -> int:
    """Return how often a prefix is looked up when the element is canonicalised with these."""
    return int(_COUNT_ELEMENTS(element)) * len(prefixes) if prefixes else 0


def canonicalize_inclusive(element: etree._Element) -> bytes:
    """Return the bytes of inclusive C14N 1.0, for finding out what somebody else has signed.

    No signature is accepted by them. Raises as `canonicalize`, also for too many elements with too
    much in scope (MAX_PREFIX_LOOKUPS).
    """
    if count_inclusive_lookups(element) > MAX_PREFIX_LOOKUPS:
        raise SignatureError("signature.too_large", "too many namespaces over too many elements")
    return _write(element, exclusive=False, prefixes=(), max_bytes=MAX_CANONICAL_BYTES)


def count_inclusive_lookups(element: etree._Element) -> int:
    """Return how often inclusive C14N of the element looks a namespace up."""
    return int(_COUNT_ELEMENTS(element)) * len(element.nsmap)


def _write(
    element: etree._Element, *, exclusive: bool, prefixes: tuple[str, ...], max_bytes: int
) -> bytes:
    written = _BoundedBytes(max_bytes)
    try:
        etree.ElementTree(element).write_c14n(
            written,
            exclusive=exclusive,
            with_comments=False,
            inclusive_ns_prefixes=prefixes or None,
        )
    except (etree.LxmlError, ValueError, MemoryError):
        raise SignatureError("signature.not_canonical", "C14N refuses the element") from None
    return b"".join(written.parts)


class _BoundedBytes:
    """A file that stops C14N as soon as it has written too much, before it is in memory."""

    __slots__ = ("_max_bytes", "parts", "size_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.parts: list[bytes] = []
        self.size_bytes = 0

    def write(self, data: bytes, /) -> int:
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise SignatureError("signature.too_large", "the canonical form is too large")
        self.parts.append(data)
        return len(data)
