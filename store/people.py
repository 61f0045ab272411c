"""Who a record is about: a person known already, or a new one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identifiers import parse_snils
from registry.names import normalize_name
from registry.problems import Problem
from registry.sources import SourcePupil
from store.links import Link, select_in
from store.sealing import Sealed, Sealing
from store.tables import persons

_SNILS_CONFLICT = Problem(
    "person.snils_conflict", "snils", "СНИЛС в реестре принадлежит другому лицу"
)
_IDENTITY_CHANGED = Problem(
    "person.identity_changed",
    "source_id",
    "Под этим ключом источник прежде сообщал о другом лице: не совпадает СНИЛС либо дата рождения "
    "вместе с именем",
)


@dataclass(frozen=True, slots=True)
class Names:
    """A person's names as search keys; `middle` is empty when there is none, or none was told."""

    family: str
    first: str
    middle: str

    @classmethod
    def of(cls, record: SourcePupil) -> "Names":
        """The names that a record gives."""
        return cls(
            family=normalize_name(record.family_name),
            first=normalize_name(record.first_name),
            middle=normalize_name(record.middle_name or ""),
        )

    def differ_from(self, other: "Names") -> bool:
        """Whether one of the names is another; a middle name counts when both give one."""
        if (self.family, self.first) != (other.family, other.first):
            return True
        return bool(self.middle and other.middle) and self.middle != other.middle


@dataclass(frozen=True, slots=True)
class Identity:
    """What the register knows of one person, as far as telling persons apart needs."""

    person_id: UUID
    snils: str | None
    birth_date: date
    names: Names
    sealed_snils: Sealed | None = None


def snils_digits(record: SourcePupil) -> str | None:
    """The record's СНИЛС as it is kept: bare digits."""
    return None if record.snils is None else parse_snils(record.snils).digits


class People:
    """The persons that a batch of records may be about."""

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
        """The person the record is about, None for a new one; ask `check` first."""
        if link is not None:
            return link.entity_id
        owner = self._owner(snils_digits(record))
        return None if owner is None else owner.person_id

    def check(self, record: SourcePupil, link: Link | None) -> list[Problem]:
        """What speaks against the record being about the person that `identify` names."""
        snils = snils_digits(record)
        owner = self._owner(snils)
        if link is None:
            taken = owner is not None and owner.birth_date != record.birth_date
            return [_SNILS_CONFLICT] if taken else []
        problems = []
        if owner is not None and owner.person_id != link.entity_id:
            problems.append(_SNILS_CONFLICT)
        known = self._by_id.get(link.entity_id)
        if known is not None and _contradicts(record, snils, known):
            problems.append(_IDENTITY_CHANGED)
        return problems

    def _owner(self, snils: str | None) -> Identity | None:
        return None if snils is None else self._by_snils.get(snils)


def _contradicts(record: SourcePupil, snils: str | None, known: Identity) -> bool:
    """Whether a record can't be about the person that its source id stood for.

    A source may correct a name, or a birth date, or tell a СНИЛС at last. Another СНИЛС, or name
    and birth date at once, are another person: the source has given the id to somebody else.
    """
    if None not in (snils, known.snils) and snils != known.snils:
        return True
    return record.birth_date != known.birth_date and Names.of(record).differ_from(known.names)


def load_people(
    connection: Connection,
    sealing: Sealing,
    links: dict[str, Link],
    records: Iterable[SourcePupil],
) -> People:
    """The persons that `records` name by their link or by their СНИЛС."""
    linked: set[UUID] = set()
    numbers: set[bytes] = set()
    for record in records:
        link = links.get(record.source_id)
        if link is not None:
            linked.add(link.entity_id)
        snils = snils_digits(record)
        if snils is not None:
            numbers.update(sealing.snils_indexes(snils))
    statement = select(
        persons.c.id,
        persons.c.snils_index,
        persons.c.snils_sealed,
        persons.c.birth_date,
        persons.c.family_key,
        persons.c.first_key,
        persons.c.middle_key,
    )
    people = People(())
    for rows in (
        select_in(connection, statement, persons.c.id, linked),
        select_in(connection, statement, persons.c.snils_index, numbers),
    ):
        for person_id, index, ciphertext, birth_date, *keys in rows:
            sealed = None if index is None else Sealed(bytes(index), bytes(ciphertext))
            snils = None if sealed is None else str(sealing.open_snils(person_id, sealed.sealed))
            people.add(Identity(person_id, snils, birth_date, Names(*keys), sealed))
    return people
