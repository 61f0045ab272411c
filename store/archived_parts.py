"""What archived cases are compared with and refer to, read for a batch at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from store.links import LinkKind, load_links, select_in
from store.references import References, load_references
from store.tables import persons

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the records of a batch name: pupils, organisations, applicants by source id."""

    references: References
    applicants: Mapping[str, UUID]
    citizenships: Mapping[UUID, str]


def load_named(
    connection: Connection,
    source: str,
    *,
    pupils: Collection[str],
    organisations: Collection[str],
    applicants: Collection[str] = (),
) -> Named:
    """Those that the source has told; others are missing."""
    references = load_references(connection, source, pupils=pupils, organisations=organisations)
    links = load_links(connection, source, LinkKind.REPRESENTATIVE, applicants)
    ids = {each.person_id for each in references.pupils.values()}
    statement = select(persons.c.id, persons.c.citizenship_code)
    return Named(
        references,
        {source_id: link.entity_id for source_id, link in links.items()},
        {row[0]: row[1] for row in select_in(connection, statement, persons.c.id, ids)},
    )


def load_locked(connection: Connection, table: Table, ids: Collection[UUID]) -> dict[UUID, Row]:
    """The rows of a table by id, locked in the order of their ids."""
    statement = select(table).order_by(table.c.id).with_for_update()
    names = [column.name for column in table.c]
    rows = select_in(connection, statement, table.c.id, sorted(ids))
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def differs(row: Row, known: Row | None) -> bool:
    """Whether a row says something else than the one that is there."""
    return known is None or any(
        value != known[name] for name, value in row.items() if name not in _NOT_COMPARED
    )


_NOT_COMPARED = frozenset({"recorded_at", "version", "serial"})
