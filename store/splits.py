"""What came to a person with some of the records that stand for them, and what a split leaves.

Told by the sealed records: documents, addresses and who acts, unless a record that stays told them
too; the record's own enrolment by its link. Marks, examinations and the like bear no record's id,
and what was entered in the register itself has none: these stay, unless a merge brought them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identity import rules
from registry.identity.folding import sound_code
from registry.identity.records import RecordRef
from registry.names import normalize_name
from registry.problems import Problem
from registry.sources import SourcePupil
from store.links import LinkKind, select_in
from store.person_numbers import NUMBERS, move_number, write_person
from store.resolution import resolve_row
from store.sealing import Sealing
from store.tables import (
    addresses,
    enrolments,
    person_documents,
    persons,
    representatives,
    source_links,
)
from store.told_profiles import ToldRecord, load_told_records

Keys = dict[str, set[Any]]


def came_with(
    connection: Connection, sealing: Sealing, person_id: UUID, records: Collection[RecordRef]
) -> Keys:
    """By "table.column", the keys of the rows of a person that only `records` told of."""
    told = list(load_told_records(connection, sealing, [person_id]))
    going = [each for each in told if each.ref in records]
    staying = [each for each in told if each.ref not in records]
    return _came_with(connection, sealing, person_id, records, going=going, staying=staying)


def _came_with(
    connection: Connection,
    sealing: Sealing,
    person_id: UUID,
    records: Collection[RecordRef],
    *,
    going: Sequence[ToldRecord],
    staying: Sequence[ToldRecord],
) -> Keys:
    return {
        "source_links.entity_id": {
            (each.source, LinkKind.PUPIL.value, each.source_id) for each in records
        },
        "enrolments.person_id": _enrolments(connection, person_id, records),
        "person_documents.person_id": _documents(connection, sealing, person_id, going, staying),
        "addresses.person_id": _addresses(connection, person_id, going, staying),
        "representatives.child_id": _representatives(connection, person_id, going, staying),
    }


def _enrolments(
    connection: Connection, person_id: UUID, records: Collection[RecordRef]
) -> set[str]:
    """Enrolments that these records name, and no other does."""
    own = select(enrolments.c.id).where(
        enrolments.c.person_id == person_id, ~enrolments.c.retracted
    )
    ids = set(connection.execute(own).scalars())
    columns = source_links.c
    kinds = (LinkKind.ENROLMENT.value, LinkKind.STUDY.value)
    statement = select(columns.entity_id, columns.kind, columns.source, columns.source_id).where(
        columns.kind.in_(kinds)
    )
    found: dict[UUID, bool] = {}
    for entity_id, kind, source, source_id in select_in(
        connection, statement, columns.entity_id, ids
    ):
        goes = kind == LinkKind.ENROLMENT.value and RecordRef(source, source_id) in records
        found[entity_id] = found.get(entity_id, True) and goes
    return {str(each) for each, goes in found.items() if goes}


def _documents(
    connection: Connection,
    sealing: Sealing,
    person_id: UUID,
    going: Iterable[ToldRecord],
    staying: Iterable[ToldRecord],
) -> set[str]:
    def indexes(told: Iterable[ToldRecord]) -> set[bytes]:
        return {
            index
            for each in told
            for one in each.pupil.documents
            for index in sealing.document_indexes(one.type, one.series, one.number)
        }

    wanted = indexes(going) - indexes(staying)
    columns = person_documents.c
    statement = select(columns.id, columns.document_index).where(columns.person_id == person_id)
    rows = connection.execute(statement)
    return {str(row_id) for row_id, index in rows if bytes(index) in wanted}


def _addresses(
    connection: Connection,
    person_id: UUID,
    going: Iterable[ToldRecord],
    staying: Iterable[ToldRecord],
) -> set[str]:
    def keys(told: Iterable[ToldRecord]) -> set[tuple[str, str, date | None]]:
        return {
            (one.kind, _folded(one.text), one.begins_on)
            for each in told
            for one in each.pupil.addresses
        }

    wanted = keys(going) - keys(staying)
    columns = addresses.c
    statement = select(columns.id, columns.kind, columns.text, columns.begins_on).where(
        columns.person_id == person_id
    )
    return {
        str(row[0])
        for row in connection.execute(statement)
        if (row[1], _folded(row[2]), row[3]) in wanted
    }


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _representatives(
    connection: Connection,
    person_id: UUID,
    going: Iterable[ToldRecord],
    staying: Iterable[ToldRecord],
) -> set[str]:
    columns = source_links.c

    def acting(told: Iterable[ToldRecord]) -> set[tuple[UUID, str]]:
        found = set()
        for each in told:
            types = {one.source_id: one.type_code for one in each.pupil.representatives}
            statement = select(columns.source_id, columns.entity_id).where(
                columns.source == each.source, columns.kind == LinkKind.REPRESENTATIVE.value
            )
            for source_id, entity_id in select_in(
                connection, statement, columns.source_id, list(types)
            ):
                found.add((entity_id, types[source_id]))
        return found

    wanted = acting(going) - acting(staying)
    rows = select(
        representatives.c.id, representatives.c.person_id, representatives.c.type_code
    ).where(representatives.c.child_id == person_id)
    return {str(row[0]) for row in connection.execute(rows) if (row[1], row[2]) in wanted}


@dataclass(slots=True)
class NewPerson:
    """A split of records, planned: what speaks against it, what goes, and the two rows."""

    connection: Connection
    sealing: Sealing
    row: dict[str, Any]
    going: Sequence[ToldRecord] = ()
    staying: Sequence[ToldRecord] = ()
    moves: Keys = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def write_persons(self, other: UUID, at: datetime) -> list[str]:
        """Write the new person, and the former as the staying records have it.

        Returns which numbers went.
        """
        made = _row_of(self.going[-1].pupil, other, at)
        resolve_row(made, self.going)
        left = dict(self.row)
        resolve_row(left, self.staying)
        went = [each.name for each in NUMBERS if self._goes(each.name)]
        for number in NUMBERS:
            if number.name in went:
                move_number(self.sealing, number, left, made)
        if left != dict(self.row):
            write_person(self.connection, left, at)
        self.connection.execute(persons.insert(), made)
        return went

    def _goes(self, name: str) -> bool:
        """Whether a number of the person is that of the records that go, and of no other."""
        index = self.row[f"{name}_index"]
        if index is None:
            return False
        return bytes(index) in self._told(name, self.going) and bytes(index) not in self._told(
            name, self.staying
        )

    def _told(self, name: str, told: Iterable[ToldRecord]) -> set[bytes]:
        found: set[bytes] = set()
        for each in told:
            act = each.pupil.birth_act
            if name == "snils" and each.pupil.snils:
                digits = "".join(filter(str.isdigit, each.pupil.snils))
                found |= set(self.sealing.snils_indexes(digits))
            elif name == "birth_act" and act is not None:
                found |= set(self.sealing.birth_act_indexes(act.number, act.recorded_on))
        return found


def plan_new_person(
    connection: Connection,
    sealing: Sealing,
    row: Mapping[str, Any],
    records: frozenset[RecordRef],
) -> NewPerson:
    """A split of `records` off the person of `row`, with every reason why it cannot be."""
    columns, person_id = source_links.c, row["id"]
    linked = select(columns.source, columns.source_id).where(
        columns.entity_id == person_id, columns.kind == LinkKind.PUPIL.value
    )
    known = {RecordRef(*each) for each in connection.execute(linked)}
    told = sorted(
        load_told_records(connection, sealing, [person_id]),
        key=lambda each: (each.recorded_at, each.source, each.pupil.source_id),
    )
    plan = NewPerson(
        connection,
        sealing,
        dict(row),
        going=[each for each in told if each.ref in records],
        staying=[each for each in told if each.ref not in records],
    )
    checks = (
        (rules.SPLIT_MERGED, row["merged_into"] is not None),
        (rules.SPLIT_NOTHING, not records),
        (rules.SPLIT_UNKNOWN, bool(records - known)),
        (rules.SPLIT_EVERYTHING, bool(records) and not known - records),
        (rules.SPLIT_UNTOLD, bool((records & known) - {each.ref for each in told})),
    )
    plan.problems = [rule.problem() for rule, is_broken in checks if is_broken]
    if not plan.problems:
        plan.moves = _came_with(
            connection, sealing, person_id, records, going=plan.going, staying=plan.staying
        )
    return plan


def _row_of(pupil: SourcePupil, person_id: UUID, at: datetime) -> dict[str, Any]:
    middle = (pupil.middle_name or "").strip() or None
    return {
        "id": person_id,
        "snils_index": None,
        "snils_sealed": None,
        "family_name": pupil.family_name.strip(),
        "first_name": pupil.first_name.strip(),
        "middle_name": middle,
        "family_key": normalize_name(pupil.family_name),
        "first_key": normalize_name(pupil.first_name),
        "middle_key": normalize_name(middle or ""),
        "family_sound": sound_code(pupil.family_name),
        "first_sound": sound_code(pupil.first_name),
        "birth_date": pupil.birth_date,
        "sex": pupil.sex,
        "citizenship_code": pupil.citizenship_code,
        "country_code": pupil.country_code,
        "birth_place": pupil.birth_place,
        "birth_act_index": None,
        "birth_act_sealed": None,
        "merged_into": None,
        "version": 1,
        "recorded_at": at,
    }
