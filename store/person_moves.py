"""What belongs to a person, table by table, and how it goes to another.

Every row goes as a new version. What cannot go, because the other has the very same (a document,
an enrolment, who acts for whom), stays where it is: nothing is lost by that, and a split finds it
there. `STAYING` names what is about a person and never goes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, case, select, tuple_

from registry.identifiers import HealthItemId, PersonId
from registry.model import HealthItem
from store.links import LinkKind
from store.sealing import Sealing
from store.tables import (
    achievements,
    addresses,
    applications,
    certificates,
    consents,
    enrolments,
    exams,
    former_names,
    health_items,
    marks,
    person_documents,
    representatives,
    source_links,
    transfer_cases,
    year_end_cases,
)

# By "table.column", the keys of the rows that went: ids, or source, kind and source id.
Moved = dict[str, list[Any]]

_PERSONAL_LINKS = (LinkKind.PUPIL.value, LinkKind.REPRESENTATIVE.value)


@dataclass(frozen=True, slots=True)
class Holding:
    """A column that says whose a row is; `same`: what two rows have in common that are the same."""

    table: Table
    column: str
    same: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def name(self) -> str:
        """The column as plans name it."""
        return f"{self.table.name}.{self.column}"


HOLDINGS = (
    Holding(source_links, "entity_id"),
    Holding(former_names, "person_id"),
    Holding(person_documents, "person_id", lambda row: bytes(row["document_index"])),
    Holding(addresses, "person_id"),
    Holding(representatives, "child_id", lambda row: (row["person_id"], row["type_code"])),
    Holding(representatives, "person_id", lambda row: (row["child_id"], row["type_code"])),
    Holding(consents, "person_id"),
    Holding(enrolments, "person_id"),
    Holding(health_items, "person_id"),
    Holding(marks, "person_id"),
    Holding(exams, "person_id"),
    Holding(certificates, "person_id"),
    Holding(achievements, "person_id"),
    Holding(applications, "person_id"),
    Holding(applications, "applicant_id"),
    Holding(transfer_cases, "person_id"),
    Holding(year_end_cases, "person_id"),
)

# Columns that point at a person and stay: decisions tell of the time before them, and a choice
# follows its application.
STAYING = frozenset(
    {
        "persons.merged_into",
        "identity_conflicts.person_id",
        "identity_decisions.kept_id",
        "identity_decisions.absorbed_id",
    }
)


def load_rows(connection: Connection, holding: Holding, person_id: UUID) -> list[dict[str, Any]]:
    """The rows of a person, in the order of their keys."""
    table = holding.table
    statement = select(table).where(table.c[holding.column] == person_id)
    if table is source_links:
        statement = statement.where(table.c.kind.in_(_PERSONAL_LINKS))
    rows = connection.execute(statement.order_by(*table.primary_key.columns)).mappings()
    return [dict(row) for row in rows]


def key_of(table: Table, row: Mapping[str, Any]) -> Any:
    """The key of a row as plans hold it: texts that JSON can hold."""
    keys = [row[column.name] for column in table.primary_key.columns]
    return str(keys[0]) if len(keys) == 1 else keys


def movable(
    connection: Connection, holding: Holding, from_id: UUID, to_id: UUID
) -> list[dict[str, Any]]:
    """The rows of one person that can go to the other."""
    rows = load_rows(connection, holding, from_id)
    if holding.table is enrolments:
        there = [row for row in load_rows(connection, holding, to_id) if not row["retracted"]]
        return [row for row in rows if not any(_same_study(row, other) for other in there)]
    if holding.same is None:
        return rows
    known = {holding.same(row) for row in load_rows(connection, holding, to_id)}
    return [row for row in rows if holding.same(row) not in known]


def _same_study(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two persons' enrolments are one: of one organisation and programme, at one time."""
    return (
        not row["retracted"]
        and row["organisation_id"] == other["organisation_id"]
        and row["programme_code"] == other["programme_code"]
        and (other["ends_on"] is None or row["begins_on"] <= other["ends_on"])
        and (row["ends_on"] is None or other["begins_on"] <= row["ends_on"])
    )


def move(
    connection: Connection,
    sealing: Sealing,
    holding: Holding,
    rows: Collection[Mapping[str, Any]],
    to_id: UUID,
    *,
    at: datetime,
) -> list[Any]:
    """Give the rows to a person, each as a new version; returns their keys."""
    table = holding.table
    for part in _parts(list(rows)):
        connection.execute(
            table.update()
            .where(_among(table, part))
            .values(
                {
                    holding.column: to_id,
                    "version": table.c.version + 1,
                    "recorded_at": not_before(table.c.recorded_at, at),
                }
            )
        )
    if table is health_items:
        _index_health(connection, sealing, rows, to_id)
    return [key_of(table, row) for row in rows]


def not_before(recorded_at: ColumnElement[datetime], at: datetime) -> ColumnElement[datetime]:
    """The later of both: clocks of two nodes may differ, and no version is recorded too early."""
    return case((recorded_at > at, recorded_at), else_=at)


def _among(table: Table, rows: Iterable[Mapping[str, Any]]) -> Any:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([row[columns[0].name] for row in rows])
    keys = [tuple(row[column.name] for column in columns) for row in rows]
    return tuple_(*columns).in_(keys)


def _parts(rows: list[Mapping[str, Any]], size: int = 200) -> list[list[Mapping[str, Any]]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _index_health(
    connection: Connection, sealing: Sealing, rows: Iterable[Mapping[str, Any]], to_id: UUID
) -> None:
    """The index of a statement on health is of the person too: made anew, it is found again."""
    for row in rows:
        kind, code, category, detail = sealing.open_health(row["id"], bytes(row["content_sealed"]))
        item = HealthItem(
            id=HealthItemId(row["id"]),
            person_id=PersonId(to_id),
            kind=kind,
            code=code,
            category=category,
            detail=detail,
            begins_on=row["begins_on"],
            ends_on=row["ends_on"],
            source=row["source"],
        )
        connection.execute(
            health_items.update()
            .where(health_items.c.id == row["id"])
            .values(content_index=sealing.health_indexes(item)[0])
        )
