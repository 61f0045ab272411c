"""The health card: a scope of its own, with rights of its own, never part of a portfolio.

Source: registry.md §1, HealthCard.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from registry.identifiers import PersonId
from registry.model import HealthItem, HealthKind


@dataclass(frozen=True, slots=True)
class HealthCard:
    """A person's health card on the day `as_of`.

    `current` holds the items that are valid on the day, both ends of a period included; `past`
    those that had ended before. An item that begins later is in neither. Both go by kind, then by
    beginning.
    """

    person_id: PersonId
    as_of: date
    known_on: datetime | None
    current: tuple[HealthItem, ...]
    past: tuple[HealthItem, ...]


class HealthReader(Protocol):
    """Where the items come from."""

    def items(
        self, person_id: PersonId, *, known_on: datetime | None
    ) -> tuple[PersonId, Sequence[HealthItem]] | None:
        """The person, or the one that it was merged into, and all items that are not retracted.

        `known_on`: as known at that moment, None for now. None when the register has no such
        person, or had none then.
        """
        ...


def find_health_card(
    person_id: PersonId,
    reader: HealthReader,
    *,
    as_of: date,
    known_on: datetime | None = None,
) -> HealthCard | None:
    """The health card of a person as of a day, as known at a moment (now when None).

    None when the register has no such person, or had none at that moment. Raises only what the
    store behind `reader` raises.
    """
    found = reader.items(person_id, known_on=known_on)
    if found is None:
        return None
    return assemble_health_card(*found, as_of=as_of, known_on=known_on)


_KIND_ORDER = {kind: place for place, kind in enumerate(HealthKind)}


def assemble_health_card(
    person_id: PersonId,
    items: Iterable[HealthItem],
    *,
    as_of: date,
    known_on: datetime | None = None,
) -> HealthCard:
    """The health card that `items` make on the day `as_of`."""
    begun = sorted(
        (each for each in items if each.begins_on <= as_of),
        key=lambda each: (_KIND_ORDER[each.kind], each.begins_on, each.code, each.id),
    )
    return HealthCard(
        person_id=person_id,
        as_of=as_of,
        known_on=known_on,
        current=tuple(each for each in begun if _is_valid(each, as_of)),
        past=tuple(each for each in begun if not _is_valid(each, as_of)),
    )


def _is_valid(item: HealthItem, day: date) -> bool:
    return item.ends_on is None or item.ends_on >= day
