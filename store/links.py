"""Which of our entities a record of a source stands for, and what it said when last seen."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Select, Table, any_, literal, select

from registry.ports import WriteOutcome
from registry.sources import Refusal
from store.tables import source_links
from store.upsert import save

# SQLite before 3.32 takes 999 values in a statement.
_CHUNK = 900

_Value = TypeVar("_Value")


class LinkKind(StrEnum):
    """The kinds of records a source sends; an enrolment bears the id of its pupil."""

    ORGANISATION = "organisation"
    CLASS = "class"
    PUPIL = "pupil"
    REPRESENTATIVE = "representative"
    ENROLMENT = "enrolment"
    STUDY = "study"


@dataclass(frozen=True, slots=True)
class Link:
    """A record of a source and the entity that it stands for."""

    kind: LinkKind
    source_id: str
    entity_id: UUID
    version: str
    content_hash: bytes


def content_hash(*fields: object) -> bytes:
    """A hash by which a record is known to say what it said before (32 bytes).

    Fields are texts, numbers, None, and lists of these. The leading number is the version of the
    form that is hashed: with another, every record counts as changed once. For what is not
    personal: of a person's record `store.told` makes a keyed hash.
    """
    text = json.dumps([2, *fields], separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def id_of(*parts: object) -> UUID:
    """The id of what a natural key stands for: the same parts always give the same id.

    Whoever knows the parts can make it, so personal data go in only as blind indexes.
    """
    text = "\0".join(each.hex() if isinstance(each, bytes) else str(each) for each in parts)
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=5)


def select_in(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[_Value],
    values: Collection[_Value],
) -> Iterator[Sequence[Any]]:
    """The rows of `statement` whose `column` is one of `values`, however many there are."""
    ordered: Sequence[_Value] = list(values)
    if connection.dialect.name == "postgresql":
        if ordered:
            among = any_(literal(ordered, ARRAY(column.type)))
            yield from connection.execute(statement.where(column == among))
        return
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
    return {row[0]: Link(kind, row[0], row[1], row[2], bytes(row[3])) for row in rows}


class Tally:
    """Counts what becomes of each record of a batch, and gathers the links to write."""

    def __init__(self, source: str, recorded_at: datetime) -> None:
        self.source = source
        self.recorded_at = recorded_at
        self._created = 0
        self._changed = 0
        self._unchanged = 0
        self._refused: list[Refusal] = []
        # By kind and source id: two records of a batch may name one representative.
        self._links: dict[tuple[str, str], tuple[dict[str, Any], bool]] = {}

    def is_unchanged(
        self,
        old: Link | None,
        version: str,
        digest: bytes,
        *,
        seal: Callable[[], bytes] | None = None,
    ) -> bool:
        """Whether the record says what it said before, and if so count it.

        A new version of the same content is kept with the link, but is no change; `seal` then
        gives what the record says, for kinds that keep it.
        """
        if old is None or old.content_hash != digest:
            return False
        self._unchanged += 1
        if old.version != version:
            self.add(replace(old, version=version), old, sealed=None if seal is None else seal())
        return True

    def note(self, old: Link | None, new: Link, *, sealed: bytes | None = None) -> None:
        """Count a record that is written, new or changed, and keep its link."""
        self.count(old)
        self.add(new, old, sealed=sealed)

    def count(self, old: object | None, *, changed: bool = True) -> None:
        """Count a record: as new when there is no `old`, else as `changed` or unchanged."""
        if old is None:
            self._created += 1
        elif changed:
            self._changed += 1
        else:
            self._unchanged += 1

    def add(self, link: Link, old: Link | None, *, sealed: bytes | None = None) -> None:
        """Keep a link to write, without counting a record."""
        key = (link.kind.value, link.source_id)
        row = {
            "source": self.source,
            "kind": link.kind.value,
            "source_id": link.source_id,
            "entity_id": link.entity_id,
            "source_version": link.version,
            "content_hash": link.content_hash,
            "content_sealed": sealed,
            "recorded_at": self.recorded_at,
        }
        is_new = old is None if key not in self._links else self._links[key][1]
        self._links[key] = (row, is_new)

    def refuse(self, refusal: Refusal) -> None:
        """Count a record that is left out."""
        self._refused.append(refusal)

    @property
    def link_rows(self) -> list[dict[str, Any]]:
        """The links to write, as rows."""
        return [row for row, _ in self._links.values()]

    def write(self, connection: Connection) -> None:
        """Write the links. Raises the errors of SQLAlchemy."""
        new = {key for key, (_, is_new) in self._links.items() if is_new}
        save(
            connection,
            source_links,
            self.link_rows,
            is_new=lambda row: (row["kind"], row["source_id"]) in new,
        )

    def outcome(self) -> WriteOutcome:
        """The counts so far."""
        return WriteOutcome(self._created, self._changed, self._unchanged, tuple(self._refused))
