"""The numbers in a person's own row, which are sealed for that row and found by their index."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from store.sealing import Sealed, Sealing
from store.tables import persons


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a person; `reseal` seals for one person what was sealed for another."""

    name: str
    index: str
    sealed: str
    reseal: Callable[[Sealing, UUID, UUID, bytes], Sealed]


def _snils(sealing: Sealing, from_id: UUID, to_id: UUID, sealed: bytes) -> Sealed:
    return sealing.seal_snils(to_id, sealing.open_snils(from_id, sealed).digits)


def _birth_act(sealing: Sealing, from_id: UUID, to_id: UUID, sealed: bytes) -> Sealed:
    return sealing.seal_birth_act(to_id, sealing.open_birth_act(from_id, sealed))


NUMBERS = (
    Number("snils", "snils_index", "snils_sealed", _snils),
    Number("birth_act", "birth_act_index", "birth_act_sealed", _birth_act),
)


def move_number(
    sealing: Sealing, number: Number, from_row: dict[str, Any], to_row: dict[str, Any]
) -> None:
    """Take a number from one row and put it into the other; nothing is written yet."""
    sealed = number.reseal(sealing, from_row["id"], to_row["id"], bytes(from_row[number.sealed]))
    to_row[number.index], to_row[number.sealed] = sealed.index, sealed.sealed
    from_row[number.index] = from_row[number.sealed] = None


def write_person(connection: Connection, row: dict[str, Any], at: datetime) -> None:
    """Write a row of `persons` that is there, as its next version."""
    latest = select(persons.c.recorded_at).where(persons.c.id == row["id"])
    recorded_at = max(connection.execute(latest).scalar_one(), at)
    values = {**row, "version": row["version"] + 1, "recorded_at": recorded_at}
    connection.execute(persons.update().where(persons.c.id == row["id"]).values(values))
    row["version"] += 1
