"""Facts of a person that have no link of their own: health, marks, examinations, papers.

A fact is known again by its natural key among those of its person, whoever told it, so that a
reload finds the same rows. Its id is made of that key. A source that corrects a part of the key
tells another fact; the former stays until it is retracted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Table, select

from registry.ports import WriteOutcome
from registry.problems import Problem, Rule
from registry.sources import Refusal
from store.engine import vault_of
from store.links import Tally, id_of, known_values, select_in
from store.references import References, load_references
from store.sealing import Sealing
from store.tables import keeping_of
from store.upsert import upsert

Row = dict[str, Any]
Key = tuple[Any, ...]


class FactRecord(Protocol):
    """What all these records have."""

    @property
    def source_id(self) -> str: ...
    @property
    def pupil_source_id(self) -> str: ...


R = TypeVar("R", bound=FactRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRules:
    """What a fact may be refused for; the last for the kinds that name an organisation."""

    pupil_unknown: Rule
    before_birth: Rule
    repeated: Rule
    organisation_unknown: Rule | None = None

    def listed(self) -> tuple[Rule, ...]:
        """All of them."""
        rules = (self.pupil_unknown, self.before_birth, self.repeated, self.organisation_unknown)
        return tuple(rule for rule in rules if rule is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind(Generic[R]):
    """How one kind of facts is kept.

    `key`: the columns that tell the facts of a person apart.
    `day`: the column that can't lie before the birth. `values`: the columns that a record gives,
    but for ids and what is encrypted. `organisation`: the source id of the one it names, if any;
    `rules` then have one for it.
    `indexes`: the blind indexes under which it may be kept, the current key's first, where one is
    of the key; `seal` then gives the encrypted columns of a row.
    """

    rules: FactRules
    table: Table
    key: tuple[str, ...]
    day: str
    values: Callable[[R], Row]
    organisation: Callable[[R], str | None] = lambda _: None
    index: str | None = None
    indexes: Callable[[Sealing, R, UUID], tuple[bytes, ...]] | None = None
    seal: Callable[[Sealing, R, UUID, UUID], Row] | None = None
    # Told by whoever came first; another source that says the same changes nothing.
    kept: frozenset[str] = frozenset()


def write_facts(
    connection: Connection,
    source: str,
    records: Sequence[R],
    kind: FactKind[R],
    *,
    recorded_at: datetime,
) -> WriteOutcome:
    """Write a batch of one kind. Raises the errors of SQLAlchemy."""
    named = {kind.organisation(record) for record in records} - {None}
    references = load_references(
        connection,
        source,
        pupils={record.pupil_source_id for record in records},
        organisations=[each for each in named if each is not None],
    )
    person_ids = {each.person_id for each in references.pupils.values()}
    known = _load_known(connection, kind, person_ids)
    batch = _Facts(Tally(source, recorded_at), Sealing(vault_of(connection)), kind, known)
    for record in records:
        batch.take(record, references, recorded_at)
    upsert(connection, kind.table, batch.rows)
    return batch.tally.outcome()


def _load_known(
    connection: Connection, kind: FactKind[Any], person_ids: set[UUID]
) -> dict[Key, Row]:
    known: dict[Key, Row] = {}
    statement = select(kind.table)
    for values in select_in(connection, statement, kind.table.c.person_id, person_ids):
        row = known_values(kind.table, values)
        if kind.index is not None:
            row[kind.index] = bytes(row[kind.index])
        key = _key(kind, row)
        # One that stands goes before one that was taken back.
        if key not in known or known[key]["retracted"]:
            known[key] = row
    return known


def _key(kind: FactKind[Any], row: Row) -> Key:
    return (row["person_id"], *(row[name] for name in kind.key))


class _Facts(Generic[R]):
    """The rows that the records of a batch come to."""

    def __init__(
        self, tally: Tally, sealing: Sealing, kind: FactKind[R], known: dict[Key, Row]
    ) -> None:
        self.tally = tally
        self._sealing = sealing
        self._kind = kind
        self._known = known
        self._taken: dict[Key, Row] = {}
        self._not_compared = {"id", "recorded_at", *keeping_of(kind.table).sealed, *kind.kept}
        self.rows: list[Row] = []

    def take(self, record: R, references: References, recorded_at: datetime) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        kind = self._kind
        row, problems = self._row(record, references)
        if not problems:
            self._choose_index(row, record)
            earlier = self._taken.get(_key(kind, row))
            if earlier is not None and self._differs(row, earlier):
                problems.append(kind.rules.repeated.problem())
        if problems:
            self.tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        key = _key(kind, row)
        known = self._known.get(key)
        self._taken[key] = row
        if known is not None and not self._differs(row, known):
            self.tally.count(known, changed=False)
            return
        self.tally.count(known)
        row["id"] = known["id"] if known else id_of(kind.table.name, *key)
        row["recorded_at"] = recorded_at
        row.update({name: known[name] for name in kind.kept} if known else {})
        if kind.seal is not None:
            row.update(kind.seal(self._sealing, record, row["person_id"], row["id"]))
        self._known[key] = row
        self.rows.append(row)

    def _row(self, record: R, references: References) -> tuple[Row, list[Problem]]:
        kind = self._kind
        row = {**kind.values(record), "retracted": False}
        if "source" in kind.table.c:
            row["source"] = self.tally.source
        problems = []
        pupil = references.pupils.get(record.pupil_source_id)
        if pupil is None:
            problems.append(kind.rules.pupil_unknown.problem())
        else:
            row["person_id"] = pupil.person_id
            day: date = row[kind.day]
            if day < pupil.birth_date:
                problems.append(kind.rules.before_birth.problem())
        if kind.rules.organisation_unknown is not None:
            named = kind.organisation(record)
            row["organisation_id"] = references.organisations.get(named) if named else None
            if named and row["organisation_id"] is None:
                problems.append(kind.rules.organisation_unknown.problem())
        return row, problems

    def _choose_index(self, row: Row, record: R) -> None:
        """The index stays as it was made: with a new key the fact would look like another."""
        kind = self._kind
        if kind.index is None or kind.indexes is None:
            return
        indexes = kind.indexes(self._sealing, record, row["person_id"])
        for index in indexes:
            row[kind.index] = index
            if _key(kind, row) in self._known:
                return
        row[kind.index] = indexes[0]

    def _differs(self, row: Row, other: Row) -> bool:
        return any(
            value != other[name] for name, value in row.items() if name not in self._not_compared
        )
