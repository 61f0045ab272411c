"""Who acts for the children of a batch: persons of their own, known again as pupils are.

A representative that a record leaves out stays: sources send parts of what they know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.family_rules import IS_CHILD
from registry.problems import Problem
from registry.sources import SourcePupil, SourceRepresentative
from store.links import Link, LinkKind, Tally, id_of, select_in
from store.people import People, Subject
from store.person_rows import PersonRows
from store.sealing import Sealing
from store.tables import representatives
from store.told import Told, tell
from store.upsert import Row, save

_Key = tuple[UUID, UUID, str]
Said = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Acting:
    """A representative as a record describes them, made ready."""

    record: SourceRepresentative
    subject: Subject
    told: Told


class Representatives:
    """Plans the representatives that records name.

    `links`: those of the representatives, by source id; `said`: what the source said of them.
    `known`: by child, person and type, the id of the row that stands, and the index of the
    authority document in it. A row that came with a merge bears an id of its former persons'.
    """

    def __init__(
        self,
        tally: Tally,
        sealing: Sealing,
        *,
        people: People,
        persons: PersonRows,
        links: Mapping[str, Link],
        said: Said,
        known: Mapping[_Key, tuple[UUID, bytes | None]],
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._tally = tally
        self._sealing = sealing
        self._people = people
        self._persons = persons
        self._stored = links
        self._links = dict(links)
        self._said = said
        self._known = known
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._rows: dict[UUID, dict[str, Any]] = {}

    def check(self, acting: tuple[Acting, ...], child_id: UUID | None) -> list[Problem]:
        """What speaks against the representatives of one record, all at once."""
        problems = []
        for index, each in enumerate(acting):
            link = self._links.get(each.record.source_id)
            found = self._people.check(each.subject, link)
            person_id = self._people.identify(each.subject, link)
            if person_id is not None and person_id == child_id:
                found.append(IS_CHILD.problem("source_id"))
            field = f"representatives[{index}]"
            problems += [replace(problem, field=f"{field}.{problem.field}") for problem in found]
        return problems

    def take(self, child_id: UUID, acting: tuple[Acting, ...], version: str) -> None:
        """Plan the representatives of a child, which have been checked."""
        for each in acting:
            self._plan(child_id, each.record, self._person(each, version))

    def write(self, connection: Connection, *, is_new: Callable[[Row], bool]) -> None:
        """Write what was planned; `is_new`: of rows whose child is. As `upsert` raises."""
        save(connection, representatives, self._rows.values(), is_new=is_new)

    def _person(self, acting: Acting, version: str) -> UUID:
        record = acting.record
        link = self._links.get(record.source_id)
        person_id = self._people.identify(acting.subject, link) or self._new_id()
        digest = acting.told.digest
        if link is None or link.content_hash != digest or link.entity_id != person_id:
            before = self._said.get(record.source_id)
            self._persons.take(person_id, acting.subject, record, before)
            link = Link(LinkKind.REPRESENTATIVE, record.source_id, person_id, version, digest)
            self._links[record.source_id] = link
            sealed = self._sealing.seal_text(
                self._tally.source, link.kind.value, record.source_id, acting.told.text
            )
            self._tally.add(link, self._stored.get(record.source_id), sealed=sealed)
        return person_id

    def _plan(self, child_id: UUID, record: SourceRepresentative, person_id: UUID) -> None:
        key = (child_id, person_id, record.type_code)
        row_id, known = self._known.get(key) or (id_of("representative", *key), None)
        index, sealed = self._authority(row_id, record, known)
        self._rows[row_id] = {
            "id": row_id,
            "child_id": child_id,
            "person_id": person_id,
            "type_code": record.type_code,
            "authority_type_code": record.authority_type_code,
            "authority_index": index,
            "authority_sealed": sealed,
            "begins_on": record.begins_on,
            "ends_on": record.ends_on,
            "retracted": False,
            "recorded_at": self._recorded_at,
        }

    def _authority(
        self, row_id: UUID, record: SourceRepresentative, known: bytes | None
    ) -> tuple[bytes | None, bytes | None]:
        if record.authority_number is None:
            return None, None
        type_code, number = record.authority_type_code or "", record.authority_number
        sealed = self._sealing.seal_number("representatives.authority", row_id, type_code, number)
        # The index stays as it was made: with a new key it would look like a change.
        if known is not None and known in self._sealing.number_indexes(type_code, number):
            return known, sealed.sealed
        return sealed.index, sealed.sealed


def make_ready(
    record: SourcePupil, links: Mapping[str, Link], sealing: Sealing
) -> tuple[Acting, ...]:
    """The representatives of a record, made ready for `Representatives`."""
    return tuple(
        Acting(
            each,
            Subject.of(each, sealing),
            tell(sealing, _without_relation(each), links.get(each.source_id)),
        )
        for each in record.representatives
    )


def load_authorities(
    connection: Connection, child_ids: set[UUID]
) -> dict[_Key, tuple[UUID, bytes | None]]:
    """The rows of these children, each with the index of its authority document."""
    columns = representatives.c
    statement = select(
        columns.child_id,
        columns.person_id,
        columns.type_code,
        columns.id,
        columns.authority_index,
    )
    rows = select_in(connection, statement, columns.child_id, child_ids)
    return {
        (row[0], row[1], row[2]): (row[3], None if row[4] is None else bytes(row[4]))
        for row in rows
    }


def _without_relation(record: SourceRepresentative) -> SourceRepresentative:
    """What is said of the person alone: two children may have one representative."""
    return replace(
        record,
        type_code="",
        authority_type_code=None,
        authority_number=None,
        begins_on=None,
        ends_on=None,
    )
