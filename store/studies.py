"""What a source's word on where a pupil studies does to the enrolments in the register.

A source gives one enrolment with a pupil. When it names another than before, one that begins
later, the pupil moved: the former ends the day before. One that does not begin later corrects the
former, which is then retracted. An enrolment that another source names too is left to that source.

Of main programmes a person has one at a time. One that begins later ends another source's open one
the day before: nobody studies at two schools, and the former has not told yet. Any other overlap
refuses the record.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from registry.cases.rules import OVERLAPS
from registry.problems import Problem
from registry.sources import SourceEnrolment, SourcePupil
from store.links import Link, LinkKind, known_values, load_links, select_in
from store.placements import Place, Placements, load_placements
from store.tables import (
    MAIN_PROGRAMMES,
    class_groups,
    enrolments,
    source_links,
)
from store.upsert import upsert

_ORGANISATION_UNKNOWN = Problem(
    "enrolment.organisation_unknown",
    "enrolment.organisation_source_id",
    "Организация зачисления не найдена в реестре",
)
_CLASS_UNKNOWN = Problem(
    "enrolment.class_unknown", "enrolment.class_source_id", "Класс не найден в реестре"
)
_CLASS_ELSEWHERE = Problem(
    "enrolment.class_elsewhere",
    "enrolment.class_source_id",
    "Класс принадлежит другой организации",
)

_OVERLAPS = OVERLAPS.problem()

# What this kind of record does not tell stays as it is known.
_UNTOLD = {
    "funding_code": None,
    "realisation_code": None,
    "exit_reason": None,
    "entry_order_id": None,
    "exit_order_id": None,
}

_Key = tuple[UUID, UUID, str, date]


class Places:
    """The organisations and classes that a batch of pupils names, by their source ids."""

    def __init__(
        self,
        organisations: Mapping[str, Link],
        classes: Mapping[str, Link],
        groups: Mapping[UUID, tuple[UUID, int]],
    ) -> None:
        self._organisations = organisations
        self._classes = classes
        self._groups = groups

    def check(self, enrolment: SourceEnrolment) -> list[Problem]:
        """Problems of what the enrolment names, all at once."""
        organisation = self._organisations.get(enrolment.organisation_source_id)
        problems = [] if organisation else [_ORGANISATION_UNKNOWN]
        if enrolment.class_source_id is not None:
            group = self._classes.get(enrolment.class_source_id)
            if group is None:
                problems.append(_CLASS_UNKNOWN)
            elif organisation and self._groups[group.entity_id][0] != organisation.entity_id:
                problems.append(_CLASS_ELSEWHERE)
        return problems

    def find(self, enrolment: SourceEnrolment) -> Place:
        """Our ids of what the enrolment names; it has been checked."""
        organisation_id = self._organisations[enrolment.organisation_source_id].entity_id
        if enrolment.class_source_id is None:
            return Place(organisation_id, None)
        group_id = self._classes[enrolment.class_source_id].entity_id
        return Place(organisation_id, group_id, self._groups[group_id][1])


def load_places(connection: Connection, source: str, records: Iterable[SourcePupil]) -> Places:
    """The places that `records` name."""
    named = [record.enrolment for record in records if record.enrolment is not None]
    organisations = load_links(
        connection,
        source,
        LinkKind.ORGANISATION,
        {enrolment.organisation_source_id for enrolment in named},
    )
    classes = load_links(
        connection,
        source,
        LinkKind.CLASS,
        {each.class_source_id for each in named if each.class_source_id is not None},
    )
    columns = class_groups.c
    statement = select(columns.id, columns.organisation_id, columns.school_year)
    ids = {link.entity_id for link in classes.values()}
    rows = select_in(connection, statement, columns.id, ids)
    return Places(organisations, classes, {row[0]: (row[1], row[2]) for row in rows})


def _key(row: Mapping[str, Any]) -> _Key:
    return row["person_id"], row["organisation_id"], row["programme_code"], row["begins_on"]


class Studies:
    """The enrolments of the persons of a batch and their classes, as they are to become."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        placements: Placements,
        links: Mapping[str, Link],
        claims: Mapping[UUID, int],
        *,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._rows = {row["id"]: dict(row) for row in rows}
        self._by_key = {_key(row): enrolment_id for enrolment_id, row in self._rows.items()}
        self._by_person: dict[UUID, set[UUID]] = {}
        for enrolment_id, row in self._rows.items():
            self._by_person.setdefault(row["person_id"], set()).add(enrolment_id)
        self._placements = placements
        self._links = links
        self._claims = Counter(claims)
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._written: set[UUID] = set()
        # Those that give way to others are written first: see `write`.
        self._giving_way: dict[UUID, dict[str, Any]] = {}

    def check(
        self, record: SourcePupil, enrolment: SourceEnrolment, person_id: UUID, place: Place
    ) -> list[Problem]:
        """Problems of the record's enrolment beside those of its person."""
        row = self._row(person_id, enrolment, place)
        own = self._by_key.get(_key(row))
        former = self._former(record)
        for other in self._overlapping(row, own):
            replaced = other is former and self._claims[other["id"]] <= 1
            if not replaced and not _ends_before(other, row):
                return [_OVERLAPS]
        return []

    def take(
        self, record: SourcePupil, enrolment: SourceEnrolment, person_id: UUID, place: Place
    ) -> UUID:
        """Plan the record's enrolment, which has been checked, and return its id."""
        row = self._row(person_id, enrolment, place)
        former = self._former(record)
        enrolment_id = self._by_key.get(_key(row))
        if former is not None and former["id"] != enrolment_id:
            self._part_with(former, enrolment.begins_on)
        for other in self._overlapping(row, enrolment_id):
            self._end(other, enrolment.begins_on)
        if enrolment_id is None:
            enrolment_id = self._new_id()
        if former is None or former["id"] != enrolment_id:
            self._claims[enrolment_id] += 1
        known = self._rows.get(enrolment_id, {})
        self._rows[enrolment_id] = {**_UNTOLD, **known, **row, "id": enrolment_id}
        self._by_key[_key(row)] = enrolment_id
        self._by_person.setdefault(person_id, set()).add(enrolment_id)
        self._written.add(enrolment_id)
        self._placements.take(enrolment_id, row, place)
        return enrolment_id

    def write(self, connection: Connection) -> None:
        """Write what was planned. Raises the errors of SQLAlchemy.

        Periods that end earlier go first, so that none overlaps another on the way.
        """
        upsert(connection, enrolments, list(self._giving_way.values()))
        upsert(connection, enrolments, [self._rows[each] for each in self._written])
        self._placements.write(connection)

    def _former(self, record: SourcePupil) -> dict[str, Any] | None:
        link = self._links.get(record.source_id)
        return None if link is None else self._rows.get(link.entity_id)

    def _overlapping(self, row: Mapping[str, Any], own: UUID | None) -> list[dict[str, Any]]:
        if row["programme_code"] not in MAIN_PROGRAMMES:
            return []
        others = (self._rows[each] for each in self._by_person.get(row["person_id"], ()))
        return [
            other
            for other in others
            if other["id"] != own
            and other["programme_code"] in MAIN_PROGRAMMES
            and other["begins_on"] <= (row["ends_on"] or date.max)
            and (other["ends_on"] or date.max) >= row["begins_on"]
        ]

    def _part_with(self, former: dict[str, Any], begins_on: date) -> None:
        former_id = former["id"]
        self._claims[former_id] -= 1
        if self._claims[former_id] > 0:
            return
        if former["begins_on"] < begins_on:
            if former["ends_on"] is None or former["ends_on"] >= begins_on:
                self._end(former, begins_on)
        else:
            del self._rows[former_id], self._by_key[_key(former)]
            self._by_person[former["person_id"]].discard(former_id)
            self._written.discard(former_id)
            self._give_way({**former, "retracted": True})
            self._placements.retract(former_id)

    def _end(self, row: dict[str, Any], begins_on: date) -> None:
        row["ends_on"] = begins_on - timedelta(days=1)
        self._give_way(row)
        self._placements.end(row["id"], row["ends_on"])

    def _give_way(self, row: dict[str, Any]) -> None:
        self._giving_way[row["id"]] = {**row, "recorded_at": self._recorded_at}
        self._written.discard(row["id"])

    def _row(self, person_id: UUID, enrolment: SourceEnrolment, place: Place) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "organisation_id": place.organisation_id,
            "begins_on": enrolment.begins_on,
            "ends_on": enrolment.ends_on,
            "form_code": enrolment.form_code,
            "programme_code": enrolment.programme_code,
            "entry_reason": enrolment.entry_reason or None,
            "retracted": False,
            "recorded_at": self._recorded_at,
        }


def _ends_before(other: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether `other`, still open, may end the day before `row` begins."""
    open_end: bool = other["ends_on"] is None and other["begins_on"] < row["begins_on"]
    return open_end


def load_studies(
    connection: Connection,
    source: str,
    records: Iterable[SourcePupil],
    person_ids: Collection[UUID],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> Studies:
    """The enrolments of `person_ids`, and which of them the source named with `records`."""
    links = load_links(
        connection, source, LinkKind.ENROLMENT, [record.source_id for record in records]
    )
    standing = select(enrolments).where(~enrolments.c.retracted)
    found = select_in(connection, standing, enrolments.c.person_id, person_ids)
    rows = [known_values(enrolments, row) for row in found]
    ids = [row["id"] for row in rows]
    placements = load_placements(connection, ids, new_id=new_id, recorded_at=recorded_at)
    claimed = (
        select(source_links.c.entity_id, func.count())
        .where(source_links.c.kind == LinkKind.ENROLMENT.value)
        .group_by(source_links.c.entity_id)
    )
    counts = select_in(connection, claimed, source_links.c.entity_id, ids)
    claims = {row[0]: row[1] for row in counts}
    return Studies(rows, placements, links, claims, new_id=new_id, recorded_at=recorded_at)
