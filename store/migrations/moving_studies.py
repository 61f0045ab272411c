"""Takes the enrolments of revision 0001, and the classes in them, into the tables of 0002.

Main enrolments of one person might overlap then, and may not now. The earlier one ends the day
before the later begins; of two that begin on one day the one that was recorded first is retracted.
The history keeps both as they were.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from store.migrations.batches import batches, columns

_ENROLMENT = (
    *("id", "person_id", "organisation_id", "begins_on", "ends_on"),
    *("form_code", "programme_code", "entry_reason", "recorded_at"),
)
# As the constraint of 0002 has them; the tables of a later version may have others.
_MAIN = frozenset({"11", "12", "13", "14", "15", "211", "212"})
_STATE = ("version", "retracted")


@dataclass(slots=True)
class _Study:
    """An old enrolment, and what becomes of it."""

    old: sa.RowMapping
    ends_on: date | None
    recorded_at: datetime
    retracted: bool = False

    @property
    def changed(self) -> bool:
        return self.retracted or self.ends_on != self.old["ends_on"]

    def give_way(self, later: sa.RowMapping) -> None:
        """End before `later` begins, or prove never to have been."""
        if self.old["begins_on"] < later["begins_on"]:
            self.ends_on = later["begins_on"] - timedelta(days=1)
        else:
            self.retracted = True
        self.recorded_at = max(self.recorded_at, later["recorded_at"])

    def row(self) -> dict[str, Any]:
        """The enrolment as it is now."""
        return {
            **{name: self.old[name] for name in _ENROLMENT},
            "ends_on": self.ends_on,
            "recorded_at": self.recorded_at,
            "version": 2 if self.changed else 1,
            "retracted": self.retracted,
        }

    def former(self) -> dict[str, Any]:
        """The enrolment as it was."""
        told = {name: self.old[name] for name in _ENROLMENT}
        return {**told, "version": 1, "retracted": False, "superseded_at": self.recorded_at}

    def placement(self) -> dict[str, Any]:
        """A class was known without a period: it holds from the beginning of its school year."""
        begins_on = max(self.old["begins_on"], date(self.old["school_year"], 9, 1))
        if self.ends_on is not None:
            begins_on = min(begins_on, self.ends_on)
        return {
            "id": uuid4(),
            "enrolment_id": self.old["id"],
            "organisation_id": self.old["organisation_id"],
            "class_group_id": self.old["class_group_id"],
            "begins_on": begins_on,
            "ends_on": self.ends_on,
            "retracted": self.retracted,
            "recorded_at": self.old["recorded_at"],
        }


def move_studies(connection: sa.Connection) -> None:
    """Copy every enrolment and make its placement; the classes are there already."""
    tables = {
        "enrolments": sa.table("enrolments", *columns([*_ENROLMENT, *_STATE])),
        "enrolments_history": sa.table(
            "enrolments_history", *columns([*_ENROLMENT, *_STATE, "superseded_at"])
        ),
        "class_placements": sa.table(
            "class_placements",
            *columns(["id", "enrolment_id", "organisation_id", "class_group_id"]),
            *columns(["begins_on", "ends_on", "retracted", "recorded_at"]),
        ),
    }
    for studies in _studies(connection):
        made = {
            "enrolments": [each.row() for each in studies],
            "enrolments_history": [each.former() for each in studies if each.changed],
            "class_placements": [
                each.placement() for each in studies if each.old["class_group_id"] is not None
            ],
        }
        for name, rows in made.items():
            if rows:
                connection.execute(tables[name].insert(), rows)


def _studies(connection: sa.Connection) -> Iterator[list[_Study]]:
    """Enrolments with the school year of their class, those of one person together."""
    old = sa.table("old_enrolments", *columns([*_ENROLMENT, "class_group_id"]))
    groups = sa.table("class_groups", *columns(["id", "school_year"]))
    statement = (
        sa.select(old, groups.c.school_year)
        .outerjoin(groups, groups.c.id == old.c.class_group_id)
        .order_by(old.c.person_id, old.c.begins_on, old.c.recorded_at, old.c.id)
    )
    rows = (row for batch in batches(connection, statement) for row in batch)
    ready: list[_Study] = []
    for _, of_one in groupby(rows, key=itemgetter("person_id")):
        ready += _resolve(of_one)
        if len(ready) >= 1000:
            yield ready
            ready = []
    if ready:
        yield ready


def _resolve(rows: Iterable[sa.RowMapping]) -> list[_Study]:
    """The enrolments of one person in order, so that no main ones overlap."""
    studies, last = [], None
    for row in rows:
        study = _Study(row, row["ends_on"], row["recorded_at"])
        studies.append(study)
        if row["programme_code"] not in _MAIN:
            continue
        if last is not None and (last.ends_on is None or last.ends_on >= row["begins_on"]):
            last.give_way(row)
        last = study
    return studies
