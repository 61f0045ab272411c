"""Which of our entities a record of a source stands for, and what it said when last seen."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from registry.ports import WriteOutcome
from registry.sources import Refusal
from store.tables import source_links

# SQLite before 3.32 takes 999 values in a statement.
_CHUNK = 900

_Value = TypeVar("_Value")


class LinkKind(StrEnum):
    """The kinds of records a source sends; an enrolment bears the id of its pupil."""

    ORGANISATION = "organisation"
    CLASS = "class"
    PUPIL = "pupil"
    ENROLMENT = "enrolment"


@dataclass(frozen=True, slots=True)
class Link:
    """A record of a source and the entity that it stands for."""

    kind: LinkKind
    source_id: str
    entity_id: UUID
    version: str
    content_hash: bytes

    def row(self, source: str, recorded_at: datetime) -> dict[str, Any]:
        """The link as a row of its table."""
        return {
            "source": source,
            "kind": self.kind.value,
            "source_id": self.source_id,
            "entity_id": self.entity_id,
            "source_version": self.version,
            "content_hash": self.content_hash,
            "content_sealed": None,
            "recorded_at": recorded_at,
        }


def content_hash(*fields: object) -> bytes:
    """A hash by which a record is known to say what it said before (32 bytes).

    Fields are texts, numbers, None, and lists of these. The leading number is the version of the
    form that is hashed: with another, every record counts as changed once.
    """
    text = json.dumps([2, *fields], separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def select_in(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[_Value],
    values: Collection[_Value],
) -> Iterator[Sequence[Any]]:
    """The rows of `statement` whose `column` is one of `values`, however many there are."""
    ordered: Sequence[_Value] = list(values)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        yield from connection.execute(statement.where(column.in_(chunk)))


def known_values(table: Table, row: Sequence[Any]) -> dict[str, Any]:
    """A whole row of a versioned table, as it may be written again."""
    names = (column.name for column in table.c)
    return {name: value for name, value in zip(names, row, strict=True) if name != "version"}


def load_links(
    connection: Connection, source: str, kind: LinkKind, source_ids: Collection[str]
) -> dict[str, Link]:
    """The links of these records, by source id; those never seen are missing."""
    statement = select(
        source_links.c.source_id,
        source_links.c.entity_id,
        source_links.c.source_version,
        source_links.c.content_hash,
    ).where(source_links.c.source == source, source_links.c.kind == kind.value)
    rows = select_in(connection, statement, source_links.c.source_id, source_ids)
    return {row[0]: Link(kind, *row) for row in rows}


class Tally:
    """Counts what becomes of each record of a batch, and gathers the links to write."""

    def __init__(self, source: str, recorded_at: datetime) -> None:
        self._source = source
        self._recorded_at = recorded_at
        self._created = 0
        self._changed = 0
        self._unchanged = 0
        self._refused: list[Refusal] = []
        self.link_rows: list[dict[str, Any]] = []

    def is_unchanged(self, old: Link | None, version: str, digest: bytes) -> bool:
        """Whether the record says what it said before, and if so count it.

        A new version of the same content is kept with the link, but is no change.
        """
        if old is None or old.content_hash != digest:
            return False
        self._unchanged += 1
        if old.version != version:
            self.add(replace(old, version=version))
        return True

    def note(self, old: Link | None, new: Link) -> None:
        """Count a record that is written, new or changed, and keep its link."""
        if old is None:
            self._created += 1
        else:
            self._changed += 1
        self.add(new)

    def add(self, link: Link) -> None:
        """Keep a link to write, without counting a record."""
        self.link_rows.append(link.row(self._source, self._recorded_at))

    def refuse(self, refusal: Refusal) -> None:
        """Count a record that is left out."""
        self._refused.append(refusal)

    def outcome(self) -> WriteOutcome:
        """The counts so far."""
        return WriteOutcome(self._created, self._changed, self._unchanged, tuple(self._refused))
