"""Who a record is about: a person known already, or a new one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identifiers import parse_snils
from registry.sources import SourcePupil
from store.links import Link, select_in
from store.tables import persons


@dataclass(frozen=True, slots=True)
class Identity:
    """What the register knows of one person, as far as telling persons apart needs."""

    person_id: UUID
    snils: str | None
    birth_date: date


class SnilsConflict(Exception):
    """The СНИЛС of a record belongs to another person. Never leaves this package."""


def snils_digits(record: SourcePupil) -> str | None:
    """The record's СНИЛС as it is kept: bare digits."""
    return None if record.snils is None else parse_snils(record.snils).digits


class People:
    """The persons that a batch of records may be about.

    A СНИЛС that a record of the batch gives up is not free for another before the next batch:
    the rows of a batch go in together, in no order that could be relied on.
    """

    def __init__(self, known: Iterable[Identity]) -> None:
        self._by_id: dict[UUID, Identity] = {}
        self._by_snils: dict[str, Identity] = {}
        for identity in known:
            self.add(identity)

    @property
    def ids(self) -> set[UUID]:
        """Ids of all these persons."""
        return set(self._by_id)

    def add(self, identity: Identity) -> None:
        """Take in a person, or what is now known of one."""
        self._by_id[identity.person_id] = identity
        if identity.snils is not None:
            self._by_snils[identity.snils] = identity

    def get(self, person_id: UUID) -> Identity | None:
        """What is known of a person; None for a new one."""
        return self._by_id.get(person_id)

    def identify(self, record: SourcePupil, link: Link | None) -> UUID | None:
        """The person the record is about, None for a new one. Raises `SnilsConflict`."""
        snils = snils_digits(record)
        owner = None if snils is None else self._by_snils.get(snils)
        if link is not None:
            if owner is not None and owner.person_id != link.entity_id:
                raise SnilsConflict
            return link.entity_id
        if owner is None:
            return None
        if owner.birth_date != record.birth_date:
            raise SnilsConflict
        return owner.person_id


def load_people(
    connection: Connection, links: dict[str, Link], records: Iterable[SourcePupil]
) -> People:
    """The persons that `records` name by their link or by their СНИЛС."""
    linked: set[UUID] = set()
    numbers: set[str] = set()
    for record in records:
        link = links.get(record.source_id)
        if link is not None:
            linked.add(link.entity_id)
        snils = snils_digits(record)
        if snils is not None:
            numbers.add(snils)
    statement = select(persons.c.id, persons.c.snils, persons.c.birth_date)
    people = People(())
    for rows in (
        select_in(connection, statement, persons.c.id, linked),
        select_in(connection, statement, persons.c.snils, numbers),
    ):
        for row in rows:
            people.add(Identity(*row))
    return people
