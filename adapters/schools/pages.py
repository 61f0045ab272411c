"""Pages of the school export contract: what a page holds, and how pages follow one another.

Source: the description in xsd/school-export-1.0.xsd, points 1-4.
"""

import hashlib
from dataclasses import dataclass
from typing import Generic, TypeVar

from lxml import etree

from adapters.errors import AdapterError
from registry.problems import Problem

NAMESPACE = "urn://x-artefacts-kontingent/school-export/1.0"
PAGE_SIZE_MAX = 1000
TOKEN_LENGTH_MAX = 512

R_co = TypeVar("R_co", covariant=True)

_TOTAL_DIGITS_MAX = 10


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A record that could not be read, and why; `source_id` is empty when it has none."""

    source_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[R_co]):
    """A page of records in the source's order.

    `next_token` is what to go on with, None on the last page; `total` is the number of records
    in the whole chain of pages; `undecodable` are those records of the page that are not among
    `records`.
    """

    records: tuple[R_co, ...]
    next_token: str | None
    total: int
    undecodable: tuple[Undecodable, ...] = ()


@dataclass(frozen=True, slots=True)
class WirePage:
    """A page whose form and checksum are right, with its records not yet read."""

    items: tuple[etree._Element, ...]
    next_token: str | None
    checksum: str
    total: int


def read_page(response: etree._Element, item: str, *, page_size: int) -> WirePage:
    """The page in a ``Get…Response``, its items all named `item`.

    Raises `AdapterError`: source.contract_changed, source.broken_page, source.checksum.
    """
    (page,) = _children(response, ("Page",))
    has_token = len(page) == 4
    names = ("Items", "NextPageToken", "Checksum", "Total")
    parts = _children(page, names if has_token else (names[0], *names[2:]))
    items = tuple(parts[0])
    if any(each.tag != f"{{{NAMESPACE}}}{item}" for each in items):
        raise AdapterError("source.contract_changed", f"Items holds something else than {item}")
    if len(items) > page_size:
        raise AdapterError("source.broken_page", "more records than were asked for")
    checksum = _text(parts[-2])
    if _checksum_of(parts[0]) != checksum:
        raise AdapterError("source.checksum", "does not match the records", retryable=True)
    token = _text(parts[1]) if has_token else None
    if token is not None and not 1 <= len(token) <= TOKEN_LENGTH_MAX:
        raise AdapterError("source.broken_page", "a NextPageToken of a length that cannot be")
    return WirePage(items, token, checksum, read_count(parts[-1]))


def read_count(element: etree._Element) -> int:
    """The number in an element of type unsignedInt; raises source.broken_page."""
    text = _text(element)
    if not (text.isascii() and text.isdigit() and len(text) <= _TOTAL_DIGITS_MAX):
        raise AdapterError("source.broken_page", "a count that is not a number")
    return int(text)


class Chain:
    """Checks that pages follow one another as a snapshot does, and come to an end.

    Begun with a token from before (`resumed`), it cannot know how many records came earlier.
    """

    def __init__(self, token: str | None) -> None:
        self._resumed = token is not None
        self._tokens = {token}
        self._checksums: set[str] = set()
        self._total: int | None = None
        self._received = 0

    def follow(self, page: WirePage) -> None:
        """Take the next page of the chain; raises `AdapterError` (source.broken_page)."""
        if self._total is not None and page.total != self._total:
            raise _broken("Total changed in the middle")
        self._total = page.total
        self._received += len(page.items)
        if self._received > page.total:
            raise _broken("more records than Total says")
        if page.items and page.checksum in self._checksums:
            raise _broken("a page came twice")
        self._checksums.add(page.checksum)
        if page.next_token is not None:
            self._expect_more(page)
        elif not self._resumed and self._received != page.total:
            raise _broken("fewer records than Total says")

    def _expect_more(self, page: WirePage) -> None:
        if page.next_token in self._tokens:
            raise _broken("a page token came twice")
        if not page.items:
            raise _broken("an empty page before the last one")
        self._tokens.add(page.next_token)


def _broken(detail: str) -> AdapterError:
    return AdapterError("source.broken_page", detail, retryable=True)


def _children(parent: etree._Element, names: tuple[str, ...]) -> list[etree._Element]:
    children = list(parent)
    if [each.tag for each in children] != [f"{{{NAMESPACE}}}{name}" for name in names]:
        name = etree.QName(parent).localname
        raise AdapterError("source.contract_changed", f"{name} does not hold {', '.join(names)}")
    return children


def _text(element: etree._Element) -> str:
    if len(element):
        name = etree.QName(element).localname
        raise AdapterError("source.contract_changed", f"{name} has elements in it")
    return (element.text or "").strip(" \t\r\n")


def _checksum_of(items: etree._Element) -> str:
    try:
        canonical = etree.tostring(items, method="c14n", exclusive=True, with_comments=False)
    except etree.LxmlError:
        raise AdapterError("source.broken_page", "has no canonical form") from None
    return hashlib.sha256(canonical).hexdigest()
