"""Tables as they were known at a moment: the other axis of time beside that of the facts.

A row was known from its `recorded_at` until the moment at which a later version superseded it;
the moment itself belongs to the later one. Of two versions recorded at one moment the former was
never known by itself.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, Table, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from store.tables import keeping_of

Columns = ReadOnlyColumnCollection[str, Any]
# Which rows are wanted, by the columns of the table or of its history.
Condition = Callable[[Columns], ColumnElement[bool]]


def history_of(table: Table) -> Table:
    """The former states of a versioned table. Raises ValueError for a table that has none."""
    history = keeping_of(table).history
    if history is None:
        raise ValueError(f"{table.name} keeps no history")
    return history


def known_at(
    table: Table,
    moment: datetime | ColumnElement[datetime],
    condition: Condition | None = None,
    *,
    name: str | None = None,
) -> Subquery:
    """The rows of a versioned table as known at `moment`, with the columns of the table.

    `condition` narrows both halves by themselves: SQLite takes no condition of a join into a union,
    and would read the whole table. `name` is that of the subquery. Rows that were retracted by then
    are among them, as in the table itself. Raises ValueError for a table without history.
    """
    return select_known(table, moment, condition).subquery(name or f"{table.name}_known")


def select_known(
    table: Table,
    moment: datetime | ColumnElement[datetime],
    condition: Condition | None = None,
) -> CompoundSelect[Any]:
    """The statement behind `known_at`, to be made a CTE where it is used more than once."""
    history = history_of(table)
    now = select(*table.c).where(table.c.recorded_at <= moment)
    before = select(*(history.c[column.name] for column in table.c)).where(
        history.c.recorded_at <= moment, history.c.superseded_at > moment
    )
    if condition is not None:
        now, before = now.where(condition(table.c)), before.where(condition(history.c))
    return now.union_all(before)


def ever(table: Table, column: str, condition: Condition) -> list[Select[Any]]:
    """The values that `column` has in rows that meet `condition`, and those that it once had."""
    return [select(each.c[column]).where(condition(each.c)) for each in (table, history_of(table))]
