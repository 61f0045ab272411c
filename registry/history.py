"""What the register came to know of a person, change by change.

Each version of a fact says what changed beside the version before it. A fact may have been another
person's before (two persons proved to be one), or have become another's since (they proved not to):
what came before a merge is part of the history, what came after a split is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from uuid import UUID

from registry.identifiers import PersonId


class ChangeKind(StrEnum):
    """What a version did to a fact."""

    ADDED = "added"
    CHANGED = "changed"
    RETRACTED = "retracted"  # it proved never to have been so
    RESTORED = "restored"  # it proved to have been so after all
    JOINED = "joined"  # it came over from a person that proved to be the same
    PARTED = "parted"  # it went over to another person


@dataclass(frozen=True, slots=True)
class FactVersion:
    """One version of a fact: a row of a table as it stood since `recorded_at`.

    `key` tells the facts of a table apart. `owner_id` is whose it was in this version. `valid_from`
    is the day from which what it says was true, None when it has no such day.
    """

    table: str
    key: str
    version: int
    recorded_at: datetime
    owner_id: UUID
    valid_from: date | None
    retracted: bool
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else; `old` is None in a new fact and when there was nothing."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class FactChange:
    """What became known at `recorded_at`: `version` of a fact, and the fields that differ.

    In a new fact these are the fields that say anything. A fact that parted says nothing more.
    """

    recorded_at: datetime
    table: str
    key: str
    version: int
    kind: ChangeKind
    valid_from: date | None
    fields: tuple[FieldChange, ...]


def changes_of(versions: Iterable[FactVersion], person_id: PersonId) -> list[FactChange]:
    """Every change of a person's facts, the earliest known first.

    `versions` hold all versions of every fact that is, or once was, the person's. What became known
    at one moment comes as the facts come in `versions`.
    """
    facts: dict[tuple[str, str], list[FactVersion]] = {}
    for version in versions:
        facts.setdefault((version.table, version.key), []).append(version)
    changes = [
        change
        for fact in facts.values()
        for change in _changes_of_fact(sorted(fact, key=attrgetter("version")), person_id)
    ]
    return sorted(changes, key=attrgetter("recorded_at"))


def _changes_of_fact(versions: list[FactVersion], person_id: PersonId) -> Iterable[FactChange]:
    owned = [place for place, each in enumerate(versions) if each.owner_id == person_id]
    last = owned[-1] if owned else -1
    before: FactVersion | None = None
    for version in versions[: last + 1]:
        yield _change(before, version, person_id)
        before = version
    if before is not None and last + 1 < len(versions):
        parted = versions[last + 1]
        yield FactChange(
            parted.recorded_at,
            parted.table,
            parted.key,
            parted.version,
            ChangeKind.PARTED,
            before.valid_from,
            (),
        )


def _change(before: FactVersion | None, now: FactVersion, person_id: PersonId) -> FactChange:
    old = {} if before is None else before.values
    fields = tuple(
        FieldChange(name, old.get(name), value)
        for name, value in now.values.items()
        if old.get(name) != value
    )
    return FactChange(
        now.recorded_at,
        now.table,
        now.key,
        now.version,
        _kind(before, now, person_id),
        now.valid_from,
        fields,
    )


def _kind(before: FactVersion | None, now: FactVersion, person_id: PersonId) -> ChangeKind:
    if before is None:
        return ChangeKind.RETRACTED if now.retracted else ChangeKind.ADDED
    if now.retracted != before.retracted:
        return ChangeKind.RETRACTED if now.retracted else ChangeKind.RESTORED
    if before.owner_id != person_id and now.owner_id == person_id:
        return ChangeKind.JOINED
    return ChangeKind.CHANGED
