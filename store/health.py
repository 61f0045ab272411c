"""The items of the health card, apart from all else: nothing here is read with a portfolio."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, FromClause, Select, bindparam, select

from registry.identifiers import HealthItemId, PersonId
from registry.model import HealthItem
from store.driver import DriverQuery
from store.engine import vault_of
from store.errors import translated_errors
from store.history import Columns, known_at
from store.sealing import Sealing
from store.standing import standing_person, values_of
from store.tables import health_items
from store.types import UtcDateTime

_PERSON_ID = bindparam("person_id", type_=health_items.c.person_id.type)
_KNOWN_ON = bindparam("known_on", type_=UtcDateTime())


def _of_person(columns: Columns) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = columns.person_id == _PERSON_ID
    return condition


def _items(rows: FromClause) -> Select[Any]:
    return select(
        rows.c.id, rows.c.content_sealed, rows.c.begins_on, rows.c.ends_on, rows.c.source
    ).where(_of_person(rows.c), ~rows.c.retracted)


_STATEMENTS = {
    False: _items(health_items),
    True: _items(known_at(health_items, _KNOWN_ON, _of_person)),
}


class HealthRepository:
    """The register's `HealthReader` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))

    def items(
        self, person_id: PersonId, *, known_on: datetime | None
    ) -> tuple[PersonId, Sequence[HealthItem]] | None:
        """The person that stands for `person_id`, and all items that are not retracted."""
        standing = standing_person(self._connection, person_id, known_on=known_on)
        if standing is None:
            return None
        query = _query(known_on is not None, self._connection.dialect)
        with translated_errors():
            rows = query.rows(self._connection, values_of(standing, known_on))
        return standing, [self._to_item(standing, row) for row in rows]

    def _to_item(self, person_id: PersonId, row: Sequence[Any]) -> HealthItem:
        item_id, sealed, begins_on, ends_on, source = row
        kind, code, category, detail = self._sealing.open_health(item_id, sealed)
        return HealthItem(
            id=HealthItemId(item_id),
            person_id=person_id,
            kind=kind,
            code=code,
            category=category,
            detail=detail,
            begins_on=begins_on,
            ends_on=ends_on,
            source=source,
        )


@lru_cache(maxsize=8)
def _query(known: bool, dialect: Dialect) -> DriverQuery:
    return DriverQuery(_STATEMENTS[known], dialect)
