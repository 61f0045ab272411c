"""Applications with their choices and privileges, many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from registry.model import Application
from store.case_rows import to_application, to_choice, to_privilege
from store.links import select_in
from store.tables import application_choices, application_privileges

Row = Mapping[str, Any]


def read_applications(connection: Connection, rows: Sequence[Row]) -> list[Application]:
    """The applications of rows of their table, in their order, with what belongs to them."""
    ids = [row["id"] for row in rows]
    choices = parts_of(connection, application_choices, ids, "priority")
    privileges = parts_of(connection, application_privileges, ids, "code")
    return [assemble(row, choices[row["id"]], privileges[row["id"]]) for row in rows]


def assemble(row: Row, choices: Iterable[Row], privileges: Iterable[Row]) -> Application:
    """An application of its row and the rows that belong to it."""
    return to_application(
        row,
        tuple(to_choice(each) for each in choices),
        tuple(to_privilege(each) for each in privileges),
    )


def parts_of(
    connection: Connection, table: Table, ids: Sequence[UUID], order: str
) -> defaultdict[UUID, list[Row]]:
    """The rows of a table that belong to applications, by application."""
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    names = [column.name for column in table.c]
    for values in select_in(connection, table.select(), table.c.application_id, ids):
        row = dict(zip(names, values, strict=True))
        found[row["application_id"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda each: each[order])
    return found
