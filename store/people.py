"""The persons that a batch is about, and what speaks against a record being about one of them.

A record whose source id is known stays with its person; of others `store.matching` says whose
they are. A representative is known again by СНИЛС when the birth date agrees. СНИЛС are compared by
their blind indexes, so that none is opened.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, select

from registry.errors import RegistryError
from registry.identifiers import parse_snils
from registry.names import normalize_name
from registry.problems import Problem
from store.links import Link, known_values, select_in
from store.sealing import Sealing
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


class Described(Protocol):
    """What a record says of a person, be it a pupil or a representative."""

    @property
    def family_name(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def middle_name(self) -> str | None: ...
    @property
    def birth_date(self) -> date: ...
    @property
    def snils(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Names:
    """A person's names as search keys; `middle` is empty when there is none, or none was told."""

    family: str
    first: str
    middle: str

    @classmethod
    def of(cls, record: Described) -> "Names":
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
class Subject:
    """Whom a record describes, made ready for comparing.

    `snils` is bare digits; `indexes` are the blind indexes under which it may be kept.
    """

    names: Names
    birth_date: date
    snils: str | None
    indexes: tuple[bytes, ...]

    @classmethod
    def of(cls, record: Described, sealing: Sealing) -> "Subject":
        """The person that a record describes; what is no valid СНИЛС tells none."""
        snils = _digits(record.snils)
        indexes = () if snils is None else sealing.snils_indexes(snils)
        return cls(Names.of(record), record.birth_date, snils, indexes)


def _digits(written: str | None) -> str | None:
    try:
        return None if written is None else parse_snils(written).digits
    except RegistryError:
        return None


@dataclass(frozen=True, slots=True)
class Identity:
    """What the register knows of one person: the whole row, and what tells persons apart."""

    person_id: UUID
    snils_index: bytes | None
    birth_date: date
    names: Names
    row: Mapping[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Identity":
        """The identity in a row of `persons`."""
        names = Names(row["family_key"], row["first_key"], row["middle_key"])
        return cls(row["id"], row["snils_index"], row["birth_date"], names, row)


class People:
    """The persons that a batch of records may be about."""

    def __init__(self, known: Iterable[Identity]) -> None:
        self._by_id: dict[UUID, Identity] = {}
        self._by_index: dict[bytes, Identity] = {}
        for identity in known:
            self.add(identity)
        self.stored: Collection[UUID] = frozenset(self._by_id)

    def add(self, identity: Identity) -> None:
        """Take in a person, or what is now known of one."""
        self._by_id[identity.person_id] = identity
        if identity.snils_index is not None:
            self._by_index[identity.snils_index] = identity

    def get(self, person_id: UUID) -> Identity | None:
        """What is known of a person; None for a new one."""
        return self._by_id.get(person_id)

    def identify(self, subject: Subject, link: Link | None) -> UUID | None:
        """The person a record is about, None for a new one; ask `check` first."""
        if link is not None:
            return self._standing(link.entity_id)
        owner = self.owner(subject)
        return None if owner is None else owner.person_id

    def check(self, subject: Subject, link: Link | None) -> list[Problem]:
        """What speaks against a record being about the person that `identify` names."""
        owner = self.owner(subject)
        if link is None:
            taken = owner is not None and owner.birth_date != subject.birth_date
            return [_SNILS_CONFLICT] if taken else []
        person_id = self._standing(link.entity_id)
        problems = []
        if owner is not None and owner.person_id != person_id:
            problems.append(_SNILS_CONFLICT)
        known = self._by_id.get(person_id)
        if known is not None and _contradicts(subject, known):
            problems.append(_IDENTITY_CHANGED)
        return problems

    def check_matched(self, subject: Subject, person_id: UUID) -> list[Problem]:
        """What speaks against a record that was never seen being about a person, maybe a new one.

        A СНИЛС of somebody who has another birth date and another name was not meant. One of
        somebody who has either in common, as a twin, is left out, and asked about.
        """
        owner = self.owner(subject)
        if owner is None or owner.person_id == person_id:
            return []
        stranger = owner.birth_date != subject.birth_date
        return [_SNILS_CONFLICT] if stranger and subject.names.differ_from(owner.names) else []

    def check_changed(self, subject: Subject, link: Link, before: Subject | None) -> list[Problem]:
        """What speaks against a record that says something else than `before`.

        The person may be known by what other sources told: a source's own former word counts too.
        """
        problems = self.check(subject, link)
        if before is None:
            return problems
        if before.snils is not None and before.snils == subject.snils:
            # Taken in without it once: nothing new speaks against it.
            problems = [each for each in problems if each is not _SNILS_CONFLICT]
        if not _differ(subject, before):
            problems = [each for each in problems if each is not _IDENTITY_CHANGED]
        return problems

    def _standing(self, person_id: UUID) -> UUID:
        """The person that one proved to be, if it was merged into another."""
        known = self._by_id.get(person_id)
        while known is not None and known.row["merged_into"] is not None:
            person_id = known.row["merged_into"]
            known = self._by_id.get(person_id)
        return person_id

    def owner(self, subject: Subject) -> Identity | None:
        """Who has the СНИЛС of a record."""
        found = (self._by_index.get(index) for index in subject.indexes)
        return next((each for each in found if each is not None), None)


def _contradicts(subject: Subject, known: Identity) -> bool:
    """Whether a record can't be about the person that its source id stood for.

    A source may correct a name, or a birth date, or tell a СНИЛС at last. Another СНИЛС, or name
    and birth date at once, are another person: the source has given the id to somebody else.
    """
    both_tell = subject.indexes and known.snils_index is not None
    if both_tell and known.snils_index not in subject.indexes:
        return True
    return subject.birth_date != known.birth_date and subject.names.differ_from(known.names)


def _differ(subject: Subject, before: Subject) -> bool:
    """Whether two records can't be about one person: see `_contradicts`."""
    if subject.snils and before.snils and subject.snils != before.snils:
        return True
    return subject.birth_date != before.birth_date and subject.names.differ_from(before.names)


def load_people(
    connection: Connection, person_ids: Iterable[UUID], subjects: Iterable[Subject]
) -> People:
    """The persons of these ids, and those that have the СНИЛС of `subjects`."""
    known: dict[UUID, Identity] = {}
    wanted = set(person_ids)
    while wanted:
        for row in select_in(connection, select(persons), persons.c.id, wanted):
            known[row[0]] = Identity.of(_values(row))
        merged = {each.row["merged_into"] for each in known.values()} - {None}
        wanted = merged - known.keys()
    indexes = {index for subject in subjects for index in subject.indexes}
    for row in select_in(connection, select(persons), persons.c.snils_index, indexes):
        known[row[0]] = Identity.of(_values(row))
    return People(known.values())


def _values(row: Any) -> dict[str, Any]:
    values = known_values(persons, row)
    for name in ("snils_index", "snils_sealed", "birth_act_index", "birth_act_sealed"):
        if values[name] is not None:
            values[name] = bytes(values[name])
    return values
