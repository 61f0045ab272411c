"""What records name by the source's own ids: pupils, organisations and classes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select

from store.links import LinkKind, load_links, select_in
from store.tables import class_groups, persons, source_links


@dataclass(frozen=True, slots=True)
class Pupil:
    """The person that a source's pupil stands for."""

    person_id: UUID
    birth_date: date


@dataclass(frozen=True, slots=True)
class References:
    """What was found, by source id; what the source never sent is missing."""

    pupils: Mapping[str, Pupil]
    organisations: Mapping[str, UUID]


def load_references(
    connection: Connection,
    source: str,
    *,
    pupils: Collection[str],
    organisations: Collection[str],
) -> References:
    """The persons and organisations that these records of `source` stand for."""
    statement = (
        select(
            source_links.c.source_id,
            # Of a person who proved to be another, the facts are kept there.
            func.coalesce(persons.c.merged_into, persons.c.id, type_=persons.c.id.type),
            persons.c.birth_date,
        )
        .join(persons, persons.c.id == source_links.c.entity_id)
        .where(source_links.c.source == source, source_links.c.kind == LinkKind.PUPIL.value)
    )
    found = select_in(connection, statement, source_links.c.source_id, pupils)
    links = load_links(connection, source, LinkKind.ORGANISATION, organisations)
    return References(
        pupils={row[0]: Pupil(row[1], row[2]) for row in found},
        organisations={source_id: link.entity_id for source_id, link in links.items()},
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The class that a source's class stands for, and whose it is."""

    group_id: UUID
    organisation_id: UUID


def load_groups(
    connection: Connection, source: str, source_ids: Collection[str]
) -> dict[str, Group]:
    """The classes that these records of `source` stand for, by source id."""
    statement = (
        select(source_links.c.source_id, class_groups.c.id, class_groups.c.organisation_id)
        .join(class_groups, class_groups.c.id == source_links.c.entity_id)
        .where(source_links.c.source == source, source_links.c.kind == LinkKind.CLASS.value)
    )
    rows = select_in(connection, statement, source_links.c.source_id, source_ids)
    return {row[0]: Group(row[1], row[2]) for row in rows}
