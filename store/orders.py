"""Orders that records name by number and day."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.model import OrderKind
from store.links import id_of, select_in
from store.tables import orders
from store.upsert import upsert

# What a source calls by one word may stand in the register as another: the first that is there.
ENTRY = (OrderKind.ENROLMENT, OrderKind.TRANSFER, OrderKind.OTHER)
EXIT = (OrderKind.EXPULSION, OrderKind.GRADUATION, OrderKind.TRANSFER, OrderKind.OTHER)


@dataclass(frozen=True, slots=True)
class OrderKey:
    """An order as a record names it."""

    organisation_id: UUID
    number: str
    issued_on: date


class Orders:
    """The orders of a batch: those that are there, and those to make."""

    def __init__(
        self, known: Iterable[tuple[OrderKey, OrderKind, UUID]], *, recorded_at: datetime
    ) -> None:
        self._ids: dict[tuple[OrderKey, OrderKind], UUID] = {
            (key, kind): order_id for key, kind, order_id in known
        }
        self._recorded_at = recorded_at
        self._rows: list[dict[str, Any]] = []

    def take(self, key: OrderKey, kinds: tuple[OrderKind, ...]) -> UUID:
        """The id of an order of one of `kinds`; of the first of them when it is new."""
        for kind in kinds:
            known = self._ids.get((key, kind))
            if known is not None:
                return known
        kind = kinds[0]
        order_id = id_of("order", key.organisation_id, key.number, key.issued_on, kind.value)
        self._ids[key, kind] = order_id
        self._rows.append(
            {
                "id": order_id,
                "organisation_id": key.organisation_id,
                "number": key.number,
                "issued_on": key.issued_on,
                "kind": kind.value,
                # The source does not tell another day.
                "effective_on": key.issued_on,
                "recorded_at": self._recorded_at,
            }
        )
        return order_id

    def write(self, connection: Connection) -> None:
        """Write those that are new. Raises the errors of SQLAlchemy."""
        upsert(connection, orders, self._rows)


def load_orders(connection: Connection, named: Set[OrderKey], recorded_at: datetime) -> Orders:
    """The orders that records name, of whichever kind they are."""
    if not named:
        return Orders((), recorded_at=recorded_at)
    columns = orders.c
    days = [key.issued_on for key in named]
    # By the index that there is; what else these schools ordered in that time is left out below.
    statement = select(
        columns.organisation_id, columns.number, columns.issued_on, columns.kind, columns.id
    ).where(columns.issued_on.between(min(days), max(days)))
    organisation_ids = {key.organisation_id for key in named}
    rows = select_in(connection, statement, columns.organisation_id, organisation_ids)
    found = ((OrderKey(row[0], row[1], row[2]), OrderKind(row[3]), row[4]) for row in rows)
    return Orders((each for each in found if each[0] in named), recorded_at=recorded_at)
