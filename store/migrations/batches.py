"""Rows of any number, read a thousand at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

_ROWS = 1000
# What needs more than a text's treatment; everything else is one.
_TYPES: dict[str, Any] = {
    "id": sa.Uuid(),
    "person_id": sa.Uuid(),
    "organisation_id": sa.Uuid(),
    "class_group_id": sa.Uuid(),
    "enrolment_id": sa.Uuid(),
    "birth_date": sa.Date(),
    "begins_on": sa.Date(),
    "ends_on": sa.Date(),
    "recorded_at": sa.DateTime(timezone=True),
    "superseded_at": sa.DateTime(timezone=True),
    "snils_index": sa.LargeBinary(),
    "snils_sealed": sa.LargeBinary(),
    "document_index": sa.LargeBinary(),
    "content_sealed": sa.LargeBinary(),
    "school_year": sa.Integer(),
    "version": sa.Integer(),
    "retracted": sa.Boolean(),
}


def columns(names: Iterable[str]) -> Iterator[sa.ColumnClause[Any]]:
    """Columns of revisions 0001 and 0002, by their names."""
    return (sa.column(name, _TYPES.get(name, sa.String())) for name in names)


def batches(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[list[sa.RowMapping]]:
    """The rows of `statement`, never more than a thousand of them in memory."""
    result = connection.execute(statement, execution_options={"yield_per": _ROWS}).mappings()
    for rows in result.partitions(_ROWS):
        yield list(rows)
