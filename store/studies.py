"""What a source's word on where a pupil studies does to the enrolments in the register.

A source gives one enrolment with a pupil. When it names another than before, one that begins
later, the pupil moved: the former ends the day before. One that does not begin later corrects the
former, which then goes. An enrolment that another source names too is left to that source.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from registry.problems import Problem
from registry.sources import SourceEnrolment, SourcePupil
from store.links import Link, LinkKind, load_links, select_in
from store.tables import class_groups, enrolments, source_links
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

_COLUMNS = tuple(column.name for column in enrolments.columns)

_Key = tuple[UUID, UUID, str, date]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enrolment is: our ids of what its source named."""

    organisation_id: UUID
    class_group_id: UUID | None


class Places:
    """The organisations and classes that a batch of pupils names, by their source ids."""

    def __init__(
        self,
        organisations: Mapping[str, Link],
        classes: Mapping[str, Link],
        owners: Mapping[UUID, UUID],
    ) -> None:
        self._organisations = organisations
        self._classes = classes
        self._owners = owners

    def check(self, enrolment: SourceEnrolment) -> list[Problem]:
        """Problems of what the enrolment names, all at once."""
        organisation = self._organisations.get(enrolment.organisation_source_id)
        problems = [] if organisation else [_ORGANISATION_UNKNOWN]
        if enrolment.class_source_id is not None:
            group = self._classes.get(enrolment.class_source_id)
            if group is None:
                problems.append(_CLASS_UNKNOWN)
            elif organisation and self._owners[group.entity_id] != organisation.entity_id:
                problems.append(_CLASS_ELSEWHERE)
        return problems

    def find(self, enrolment: SourceEnrolment) -> Place:
        """Our ids of what the enrolment names; it has been checked."""
        class_id = enrolment.class_source_id
        return Place(
            self._organisations[enrolment.organisation_source_id].entity_id,
            None if class_id is None else self._classes[class_id].entity_id,
        )


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
    statement = select(class_groups.c.id, class_groups.c.organisation_id)
    ids = {link.entity_id for link in classes.values()}
    owners = {row[0]: row[1] for row in select_in(connection, statement, class_groups.c.id, ids)}
    return Places(organisations, classes, owners)


def _key(row: Mapping[str, Any]) -> _Key:
    return row["person_id"], row["organisation_id"], row["programme_code"], row["begins_on"]


class Studies:
    """The enrolments of the persons of a batch, as they are to become."""

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        links: Mapping[str, Link],
        claims: Mapping[UUID, int],
        *,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._rows = {row["id"]: dict(row) for row in rows}
        self._by_key = {_key(row): enrolment_id for enrolment_id, row in self._rows.items()}
        self._links = links
        self._claims = Counter(claims)
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._written: set[UUID] = set()
        self._withdrawn: set[UUID] = set()

    def take(
        self, record: SourcePupil, enrolment: SourceEnrolment, person_id: UUID, place: Place
    ) -> UUID:
        """Plan the record's enrolment, and return its id."""
        row = self._row(person_id, enrolment, place)
        link = self._links.get(record.source_id)
        former = None if link is None else self._rows.get(link.entity_id)
        enrolment_id = self._by_key.get(_key(row))
        if former is not None and former["id"] != enrolment_id:
            self._part_with(former, enrolment.begins_on)
        if enrolment_id is None:
            enrolment_id = self._new_id()
        if former is None or former["id"] != enrolment_id:
            self._claims[enrolment_id] += 1
        self._rows[enrolment_id] = {**row, "id": enrolment_id}
        self._by_key[_key(row)] = enrolment_id
        self._written.add(enrolment_id)
        return enrolment_id

    def write(self, connection: Connection) -> None:
        """Write what was planned. Raises the errors of SQLAlchemy."""
        if self._withdrawn:
            connection.execute(delete(enrolments).where(enrolments.c.id.in_(self._withdrawn)))
        rows = [self._rows[enrolment_id] for enrolment_id in self._written]
        upsert(connection, enrolments, rows)

    def _part_with(self, former: dict[str, Any], begins_on: date) -> None:
        former_id = former["id"]
        self._claims[former_id] -= 1
        if self._claims[former_id] > 0:
            return
        if former["begins_on"] < begins_on:
            if former["ends_on"] is None or former["ends_on"] >= begins_on:
                former["ends_on"] = begins_on - timedelta(days=1)
                former["recorded_at"] = self._recorded_at
                self._written.add(former_id)
        else:
            del self._rows[former_id], self._by_key[_key(former)]
            self._written.discard(former_id)
            self._withdrawn.add(former_id)

    def _row(self, person_id: UUID, enrolment: SourceEnrolment, place: Place) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "organisation_id": place.organisation_id,
            "class_group_id": place.class_group_id,
            "begins_on": enrolment.begins_on,
            "ends_on": enrolment.ends_on,
            "form_code": enrolment.form_code,
            "programme_code": enrolment.programme_code,
            "entry_reason": enrolment.entry_reason or None,
            "recorded_at": self._recorded_at,
        }


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
    found = select_in(connection, select(enrolments), enrolments.c.person_id, person_ids)
    rows: list[dict[str, Any]] = [dict(zip(_COLUMNS, row, strict=True)) for row in found]
    claimed = (
        select(source_links.c.entity_id, func.count())
        .where(source_links.c.kind == LinkKind.ENROLMENT.value)
        .group_by(source_links.c.entity_id)
    )
    counts = select_in(connection, claimed, source_links.c.entity_id, [row["id"] for row in rows])
    claims = {row[0]: row[1] for row in counts}
    return Studies(rows, links, claims, new_id=new_id, recorded_at=recorded_at)
