"""Every version of every fact of a person, from the tables and their histories.

What is encrypted is opened, so that a value sealed anew with another key is no change. The health
card is apart here too: its versions come only when they are asked for by themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, select, union

from registry.history import FactChange, FactVersion, changes_of
from registry.identifiers import PersonId
from store.engine import vault_of
from store.errors import translated_errors
from store.history import Condition, ever, history_of
from store.links import select_in
from store.sealing import AUTHORITY_NUMBER, CERTIFICATE_NUMBER, Sealing
from store.standing import standing_person
from store.tables import (
    achievements,
    addresses,
    application_choices,
    application_privileges,
    applications,
    certificates,
    class_groups,
    class_placements,
    consents,
    enrolments,
    exams,
    former_names,
    health_items,
    keeping_of,
    marks,
    orders,
    organisations,
    person_documents,
    persons,
    representatives,
    transfer_cases,
    year_end_cases,
)

_Row = Mapping[str, Any]
_Opening = Callable[[Sealing, _Row], dict[str, object]]


def _open_person(sealing: Sealing, row: _Row) -> dict[str, object]:
    snils, act = row["snils_sealed"], row["birth_act_sealed"]
    opened = None if act is None else sealing.open_birth_act(row["id"], act)
    return {
        "snils": None if snils is None else sealing.open_snils(row["id"], snils).formatted,
        "birth_act_number": None if opened is None else opened.number,
        "birth_act_on": None if opened is None else opened.recorded_on,
        "birth_act_office": None if opened is None else opened.office,
    }


def _open_document(sealing: Sealing, row: _Row) -> dict[str, object]:
    document = sealing.open_document(
        row["id"],
        row["content_sealed"],
        type_code=row["type_code"],
        issued_on=row["issued_on"],
        valid_until=row["valid_until"],
    )
    return {
        "series": document.series or None,
        "number": document.number,
        "issued_by": document.issued_by,
    }


def _open_authority(sealing: Sealing, row: _Row) -> dict[str, object]:
    sealed = row["authority_sealed"]
    number = None if sealed is None else sealing.open_number(AUTHORITY_NUMBER, row["id"], sealed)
    return {"authority_number": number}


def _open_certificate(sealing: Sealing, row: _Row) -> dict[str, object]:
    return {"number": sealing.open_number(CERTIFICATE_NUMBER, row["id"], row["number_sealed"])}


def _open_health(sealing: Sealing, row: _Row) -> dict[str, object]:
    kind, code, category, detail = sealing.open_health(row["id"], row["content_sealed"])
    return {"kind": kind.value, "code": code, "category": category, "detail": detail}


@dataclass(frozen=True, slots=True)
class _Spec:
    """How the facts of a table are found and told.

    `owner`: the column that says whose they are, or, of a part, the column that names the fact of
    `parent` to which it belongs. `valid_from`: the column of the day from which they are true.
    """

    table: Table
    owner: str = "person_id"
    parent: Table | None = None
    valid_from: str | None = None
    opening: _Opening | None = None
    told: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        keeping = keeping_of(self.table)
        untold = {"id", "version", "recorded_at", "retracted", self.owner}
        untold |= keeping.sealed | keeping.derived
        told = [
            column.name
            for column in self.table.c
            if column.name not in untold and not column.name.endswith(("_key", "_sound"))
        ]
        object.__setattr__(self, "told", tuple(told))


_SPECS = (
    _Spec(persons, owner="id", opening=_open_person),
    _Spec(former_names),
    _Spec(person_documents, valid_from="issued_on", opening=_open_document),
    _Spec(addresses, valid_from="begins_on"),
    _Spec(representatives, owner="child_id", valid_from="begins_on", opening=_open_authority),
    _Spec(consents, valid_from="begins_on"),
    _Spec(enrolments, valid_from="begins_on"),
    _Spec(class_placements, owner="enrolment_id", parent=enrolments, valid_from="begins_on"),
    _Spec(marks, valid_from="given_on"),
    _Spec(exams, valid_from="held_on"),
    _Spec(certificates, valid_from="issued_on", opening=_open_certificate),
    _Spec(achievements, valid_from="achieved_on"),
    _Spec(applications, valid_from="submitted_at"),
    _Spec(application_choices, owner="application_id", parent=applications),
    _Spec(
        application_privileges,
        owner="application_id",
        parent=applications,
        valid_from="begins_on",
    ),
    _Spec(transfer_cases, valid_from="requested_at"),
    _Spec(year_end_cases, valid_from="state_since"),
)
_HEALTH_SPECS = (_Spec(health_items, valid_from="begins_on", opening=_open_health),)


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """The changes of a person's facts, and what the ids of places and orders in them stand for."""

    person_id: PersonId
    changes: Sequence[FactChange]
    names: Mapping[UUID, str]


def person_history(
    connection: Connection, person_id: UUID, *, known_on: datetime | None = None
) -> PersonHistory | None:
    """Every change of the facts of a person but the health card's, as known at a moment or now.

    A merged person's id leads to the person it was merged into. None when the register has no such
    person, or had none then. Raises `StoreError`.
    """
    return _history(connection, person_id, _SPECS, known_on)


def health_history(
    connection: Connection, person_id: UUID, *, known_on: datetime | None = None
) -> PersonHistory | None:
    """Every change of a person's health card; otherwise as `person_history`."""
    return _history(connection, person_id, _HEALTH_SPECS, known_on)


def _history(
    connection: Connection, person_id: UUID, specs: Sequence[_Spec], known_on: datetime | None
) -> PersonHistory | None:
    standing = standing_person(connection, person_id, known_on=known_on)
    if standing is None:
        return None
    with translated_errors():
        versions = list(_Reader(connection, standing, known_on).versions(specs))
        changes = changes_of(versions, standing)
        return PersonHistory(standing, changes, _names_of(connection, changes))


class _Reader:
    """Reads the versions of a person's facts, table by table."""

    def __init__(
        self, connection: Connection, person_id: PersonId, known_on: datetime | None
    ) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))
        self._person_id = person_id
        self._known_on = known_on
        # Whose a fact with parts was in each of its versions, with the moment of each.
        self._owners: dict[UUID, list[tuple[datetime, UUID]]] = {}

    def versions(self, specs: Sequence[_Spec]) -> Iterator[FactVersion]:
        """The versions of all facts that are, or once were, the person's."""
        for spec in specs:
            for row in self._rows(spec):
                version = self._version(spec, row)
                if spec.parent is None:
                    stages = self._owners.setdefault(row.get("id") or version.owner_id, [])
                    stages.append((version.recorded_at, version.owner_id))
                yield version

    def _rows(self, spec: _Spec) -> Iterator[_Row]:
        ours = self._condition(spec)
        for table in (spec.table, history_of(spec.table)):
            statement = select(*(table.c[column.name] for column in spec.table.c)).where(
                ours(table.c)
            )
            if self._known_on is not None:
                statement = statement.where(table.c.recorded_at <= self._known_on)
            for row in self._connection.execute(statement):
                yield {column.name: row[place] for place, column in enumerate(spec.table.c)}

    def _condition(self, spec: _Spec) -> Condition:
        """All versions of the facts that were the person's in one of them."""
        whole, column = (spec.table, "id") if spec.parent is None else (spec.parent, spec.owner)
        owner = spec.owner if spec.parent is None else "person_id"

        def is_owned(columns: Any) -> ColumnElement[bool]:
            condition: ColumnElement[bool] = columns[owner] == self._person_id
            return condition

        ids = union(*ever(whole, "id", is_owned))
        return lambda columns: columns[column].in_(ids)

    def _version(self, spec: _Spec, row: _Row) -> FactVersion:
        values: dict[str, object] = {name: row[name] for name in spec.told}
        if spec.opening is not None:
            values |= spec.opening(self._sealing, row)
        key = [str(row[column.name]) for column in spec.table.primary_key.columns]
        return FactVersion(
            table=spec.table.name,
            key="/".join(key),
            version=row["version"],
            recorded_at=row["recorded_at"],
            owner_id=self._owner(spec, row),
            valid_from=_day(None if spec.valid_from is None else row[spec.valid_from]),
            retracted=bool(row.get("retracted", False)),
            values=values,
        )

    def _owner(self, spec: _Spec, row: _Row) -> UUID:
        if spec.parent is None:
            owner: UUID = row[spec.owner]
            return owner
        # A part goes with the whole, which has been read before it. Of a whole that parted, what
        # became known while it was the person's stays.
        stages = sorted(self._owners[row[spec.owner]], key=lambda stage: stage[0])
        if stages[-1][1] == self._person_id:
            return self._person_id
        earlier = [owner for since, owner in stages if since <= row["recorded_at"]]
        return earlier[-1] if earlier else stages[0][1]


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value


_NAMED: Mapping[str, Table] = {
    "organisation_id": organisations,
    "offered_id": organisations,
    "from_id": organisations,
    "to_id": organisations,
    "class_group_id": class_groups,
    "entry_order_id": orders,
    "exit_order_id": orders,
    "expulsion_order_id": orders,
    "enrolment_order_id": orders,
}
_NAMES: Mapping[Table, Callable[[Any], str]] = {
    organisations: lambda row: row.short_name or row.full_name,
    class_groups: lambda row: f"{row.parallel}{row.letter} ({row.school_year})",
    orders: lambda row: f"{row.number} ({row.issued_on:%d.%m.%Y})",
}


def _names_of(connection: Connection, changes: Sequence[FactChange]) -> dict[UUID, str]:
    """What the organisations, classes and orders are called now."""
    wanted: dict[Table, set[UUID]] = {}
    for change in changes:
        for each in change.fields:
            if (table := _NAMED.get(each.name)) is not None:
                ids = {value for value in (each.old, each.new) if isinstance(value, UUID)}
                wanted.setdefault(table, set()).update(ids)
    names: dict[UUID, str] = {}
    for table, ids in wanted.items():
        rows: Iterable[Any] = select_in(connection, select(table), table.c.id, ids)
        names.update((row.id, _NAMES[table](row)) for row in rows)
    return names
