"""The classes in which enrolled persons sit, as a batch of records changes them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from store.links import known_values, select_in
from store.tables import class_placements
from store.upsert import save


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enrolment is: our ids of what its source named, and the class's school year."""

    organisation_id: UUID
    class_group_id: UUID | None
    school_year: int | None = None


class Placements:
    """The classes of enrolments, as they are to become.

    A class holds from the beginning of its school year, or of the enrolment when that is later. A
    class of a later year ends the one before; another of the same beginning corrects it.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._of: dict[UUID, dict[date, dict[str, Any]]] = {}
        self._stored: set[UUID] = set()
        for row in rows:
            self._stored.add(row["id"])
            self._of.setdefault(row["enrolment_id"], {})[row["begins_on"]] = dict(row)
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._giving_way: dict[UUID, dict[str, Any]] = {}
        self._written: dict[UUID, dict[str, Any]] = {}

    def take(self, enrolment_id: UUID, enrolment: Mapping[str, Any], place: Place) -> None:
        """Plan the class of an enrolment."""
        ends_on: date | None = enrolment["ends_on"]
        if place.class_group_id is None or place.school_year is None:
            self.end(enrolment_id, ends_on)
            return
        begins_on = max(enrolment["begins_on"], date(place.school_year, 9, 1))
        if ends_on is not None:
            begins_on = min(begins_on, ends_on)
        known = self._of.setdefault(enrolment_id, {})
        for other in list(known.values()):
            if other["begins_on"] > begins_on:
                self._retract(other)
            elif other["begins_on"] < begins_on and (other["ends_on"] or date.max) >= begins_on:
                self._give_way(other, begins_on - timedelta(days=1))
        former = known.get(begins_on)
        row = {
            "id": self._new_id() if former is None else former["id"],
            "enrolment_id": enrolment_id,
            "organisation_id": place.organisation_id,
            "class_group_id": place.class_group_id,
            "begins_on": begins_on,
            "ends_on": ends_on,
            "retracted": False,
            "recorded_at": self._recorded_at,
        }
        known[begins_on] = self._written[row["id"]] = row

    def replace(
        self,
        enrolment_id: UUID,
        organisation_id: UUID,
        told: Mapping[date, tuple[UUID, date | None]],
    ) -> None:
        """Plan all classes of an enrolment: by their first day, the class and its last day."""
        known = self._of.setdefault(enrolment_id, {})
        for row in list(known.values()):
            if row["begins_on"] not in told:
                self._retract(row)
                continue
            ends_on = told[row["begins_on"]][1]
            if ends_on is not None and (row["ends_on"] or date.max) > ends_on:
                self._give_way(row, ends_on)
        for begins_on, (group_id, ends_on) in told.items():
            former = known.get(begins_on)
            row = {
                "id": self._new_id() if former is None else former["id"],
                "enrolment_id": enrolment_id,
                "organisation_id": organisation_id,
                "class_group_id": group_id,
                "begins_on": begins_on,
                "ends_on": ends_on,
                "retracted": False,
                "recorded_at": self._recorded_at,
            }
            known[begins_on] = self._written[row["id"]] = row

    def end(self, enrolment_id: UUID, ends_on: date | None) -> None:
        """Let no class outlast the enrolment."""
        if ends_on is None:
            return
        for row in list(self._of.get(enrolment_id, {}).values()):
            if row["begins_on"] > ends_on:
                self._retract(row)
            elif row["ends_on"] is None or row["ends_on"] > ends_on:
                self._give_way(row, ends_on)

    def retract(self, enrolment_id: UUID) -> None:
        """Take back all classes of an enrolment that never was."""
        for row in list(self._of.get(enrolment_id, {}).values()):
            self._retract(row)

    def write(self, connection: Connection) -> None:
        """Write what was planned, after the enrolments. Raises the errors of SQLAlchemy."""
        for rows in (self._giving_way, self._written):
            save(
                connection,
                class_placements,
                rows.values(),
                is_new=lambda row: row["id"] not in self._stored,
            )

    def _retract(self, row: dict[str, Any]) -> None:
        del self._of[row["enrolment_id"]][row["begins_on"]]
        self._written.pop(row["id"], None)
        self._giving_way[row["id"]] = {
            **row,
            "retracted": True,
            "recorded_at": self._recorded_at,
        }

    def _give_way(self, row: dict[str, Any], ends_on: date) -> None:
        row["ends_on"] = ends_on
        self._written.pop(row["id"], None)
        self._giving_way[row["id"]] = {**row, "recorded_at": self._recorded_at}


def load_placements(
    connection: Connection,
    enrolment_ids: Collection[UUID],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> Placements:
    """The classes of enrolments."""
    sitting = select(class_placements).where(~class_placements.c.retracted)
    rows = select_in(connection, sitting, class_placements.c.enrolment_id, enrolment_ids)
    known = [known_values(class_placements, row) for row in rows]
    return Placements(known, new_id=new_id, recorded_at=recorded_at)
