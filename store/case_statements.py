"""What the stores of cases do with rows; errors come out as `StoreError`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Executable, Table, select

from store.errors import translated_errors


class CaseStatements:
    """Reads, locks and writes single rows on one connection."""

    def __init__(self, connection: Connection, *, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self.new_id = new_id

    def _locked(self, table: Table, entity_id: UUID) -> dict[str, Any] | None:
        rows = self._rows(select(table).where(table.c.id == entity_id).with_for_update())
        return rows[0] if rows else None

    def _rows(self, statement: Executable) -> list[dict[str, Any]]:
        with translated_errors():
            return [dict(row) for row in self._connection.execute(statement).mappings()]

    def _insert(self, table: Table, row: dict[str, Any]) -> None:
        with translated_errors():
            self._connection.execute(table.insert(), [row])

    def _save(self, table: Table, entity_id: UUID, row: dict[str, Any]) -> None:
        values = {name: value for name, value in row.items() if name != "id"}
        with translated_errors():
            self._connection.execute(table.update().where(table.c.id == entity_id), [values])

    def _change(self, table: Table, entity_id: UUID, changes: dict[str, Any], at: datetime) -> None:
        statement = (
            table.update()
            .where(table.c.id == entity_id)
            .values(**changes, version=table.c.version + 1, recorded_at=at)
        )
        with translated_errors():
            self._connection.execute(statement)
