"""The addresses of the persons of a batch, in periods.

A source tells the addresses it knows of now. One that it told before as still good, and has now
replaced by another of its kind, ends the day before the new one begins; when the new one does not
begin later, it corrects the former, which is retracted.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.sources import SourceAddress
from store.links import id_of, select_in
from store.tables import addresses
from store.told import read_addresses
from store.upsert import Row, save

_Known = tuple[UUID, str, str, date | None]


class Addresses:
    """Plans the addresses that records bring.

    `known`: the ids of those that stand, by person and what they say: an address that came with a
    merge bears an id of its former person's.
    """

    def __init__(self, known: Mapping[_Known, UUID], *, recorded_at: datetime) -> None:
        self._known = known
        self._recorded_at = recorded_at
        self._rows: dict[UUID, dict[str, Any]] = {}

    def take(
        self,
        person_id: UUID,
        told: Sequence[SourceAddress],
        said_before: Mapping[str, Any] | None,
    ) -> None:
        """Plan the addresses of a person; `said_before`: what their source said last."""
        if said_before is not None:
            for former in read_addresses(said_before):
                if former.ends_on is None:
                    self._replace(person_id, former, told)
        for address in told:
            self._plan(person_id, address)

    def write(self, connection: Connection, *, is_new: Callable[[Row], bool]) -> None:
        """Write what was planned; `is_new`: of rows whose person is. As `upsert` raises."""
        save(connection, addresses, self._rows.values(), is_new=is_new)

    def _replace(
        self, person_id: UUID, former: SourceAddress, told: Sequence[SourceAddress]
    ) -> None:
        of_kind = [each for each in told if each.kind == former.kind]
        if not of_kind or any(_key(each) == _key(former) for each in of_kind):
            return
        same_text = any(_text_key(each) == _text_key(former) for each in of_kind)
        begins = min((each.begins_on for each in of_kind if each.begins_on), default=None)
        last = (begins or self._recorded_at.date()) - timedelta(days=1)
        if same_text or (former.begins_on is not None and former.begins_on > last):
            self._plan(person_id, former, retracted=True)
        else:
            self._plan(person_id, replace(former, ends_on=last))

    def _plan(self, person_id: UUID, address: SourceAddress, *, retracted: bool = False) -> None:
        key = _key(address)
        row_id = self._known.get((person_id, *key)) or id_of("address", person_id, *key)
        self._rows[row_id] = {
            "id": row_id,
            "person_id": person_id,
            "kind": address.kind,
            "text": address.text.strip(),
            "fias_id": address.fias_id,
            "oktmo": address.oktmo,
            "begins_on": address.begins_on,
            "ends_on": address.ends_on,
            "retracted": retracted,
            "recorded_at": self._recorded_at,
        }


def load_addresses(
    connection: Connection, person_ids: Collection[UUID], *, recorded_at: datetime
) -> Addresses:
    """The addresses of `person_ids`."""
    columns = addresses.c
    statement = select(
        columns.id, columns.person_id, columns.kind, columns.text, columns.begins_on
    ).where(~columns.retracted)
    found = select_in(connection, statement, columns.person_id, person_ids)
    known = {(row[1], row[2], _folded(row[3]), row[4]): row[0] for row in found}
    return Addresses(known, recorded_at=recorded_at)


def _key(address: SourceAddress) -> tuple[str, str, date | None]:
    return address.kind, _text_key(address), address.begins_on


def _text_key(address: SourceAddress) -> str:
    return _folded(address.text)


def _folded(text: str) -> str:
    # Hyphens count: house 1-2 is not house 12.
    return " ".join(text.split()).casefold()
