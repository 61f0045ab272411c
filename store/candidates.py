"""The persons whom the records of a batch may be of, asked of the database for all at once.

First by numbers: СНИЛС, birth act and documents, each by its blind index. For records that no СНИЛС
settles, by the probes of `registry.identity.probes`: the batch's probes go into a table of the
connection's own, which is joined with the indexes of `persons`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    TextClause,
    and_,
    extract,
    func,
    or_,
    select,
    text,
    union_all,
)

from registry.identity.keys import MAX_PERSONS_PER_KEY
from registry.identity.probes import MIDDLE_LETTERS, Probe, ProbeKind, make_probes
from registry.identity.records import Profile
from registry.sources import SourcePupil
from store.driver import driver_cursor
from store.links import select_in
from store.sealing import Sealing
from store.tables import person_documents, persons
from store.upsert import insert

Found = dict[int, set[UUID]]

_probes = Table(
    "match_probes",
    MetaData(),
    Column("number", Integer),
    Column("kind", SmallInteger),
    Column("born", Date),
    Column("family", Integer),
    Column("first", Integer),
    Column("middle", String),
    prefixes=["TEMPORARY"],
)


def find_by_numbers(
    connection: Connection, sealing: Sealing, records: Sequence[SourcePupil]
) -> tuple[Found, Found]:
    """By the place of the record: who has its СНИЛС, and who its birth act or a document."""
    of_snils: defaultdict[bytes, list[int]] = defaultdict(list)
    of_act: defaultdict[bytes, list[int]] = defaultdict(list)
    of_document: defaultdict[bytes, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for index in snils_indexes(sealing, record.snils):
            of_snils[index].append(number)
        if (act := record.birth_act) is not None:
            # One that was told without its day elsewhere.
            for day in {act.recorded_on, None}:
                for index in sealing.birth_act_indexes(act.number, day):
                    of_act[index].append(number)
        for document in record.documents:
            for index in sealing.document_indexes(document.type, document.series, document.number):
                of_document[index].append(number)
    alive = persons.c.merged_into.is_(None)
    by_snils, by_paper = _empty(), _empty()
    people, papers = persons.c, person_documents.c
    holders = select(people.snils_index, people.id).where(alive)
    _collect(by_snils, of_snils, select_in(connection, holders, people.snils_index, of_snils))
    acts = select(people.birth_act_index, people.id).where(alive)
    _collect(by_paper, of_act, select_in(connection, acts, people.birth_act_index, of_act))
    owners = (
        select(papers.document_index, papers.person_id)
        .join(persons, people.id == papers.person_id)
        .where(alive, ~papers.retracted)
    )
    found = select_in(connection, owners, papers.document_index, of_document)
    _collect(by_paper, of_document, found)
    return by_snils, by_paper


def snils_indexes(sealing: Sealing, snils: str | None) -> tuple[bytes, ...]:
    """Where a СНИЛС as a source tells it may be found; nowhere when it is none."""
    digits = "".join(filter(str.isdigit, snils or ""))
    return sealing.snils_indexes(digits) if digits else ()


def _empty() -> defaultdict[int, set[UUID]]:
    return defaultdict(set)


def _collect(
    found: Found, numbers: Mapping[bytes, list[int]], rows: Iterable[Sequence[Any]]
) -> None:
    for index, person_id in rows:
        for number in numbers[bytes(index)]:
            found[number].add(person_id)


def find_by_names(connection: Connection, profiles: Mapping[int, Profile]) -> Found:
    """By the number of the record: who may be meant by its names and birth date.

    What a day and a name have in common with more than `MAX_PERSONS_PER_KEY` persons is a
    placeholder, and finds nobody.
    """
    rows = [
        _row(number, probe)
        for number, profile in profiles.items()
        for probe in make_probes(profile)
    ]
    found: Found = _empty()
    if not rows:
        return found
    _make_table(connection)
    insert(connection, _probes, rows)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE match_probes"))
    for statement in _DROP_CROWDED:
        connection.execute(statement)
    for number, person_id in connection.execute(_JOIN):
        found[number].add(person_id)
    connection.execute(_probes.delete())
    return found


def _row(number: int, probe: Probe) -> dict[str, object]:
    return {
        "number": number,
        "kind": int(probe.kind),
        "born": probe.born,
        "family": probe.family,
        "first": probe.first,
        "middle": probe.middle,
    }


def _make_table(connection: Connection) -> None:
    with driver_cursor(connection) as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS match_probes (number integer, kind smallint,"
            " born date, family integer, first integer, middle text)"
        )
        cursor.execute("DELETE FROM match_probes")


def _crowded(condition: str, kinds: str) -> TextClause:
    """Drops the probes that more than `MAX_PERSONS_PER_KEY` persons answer to."""
    # All names are our own; nothing comes from outside.
    return text(
        f"DELETE FROM match_probes WHERE {kinds} AND {MAX_PERSONS_PER_KEY} <"  # noqa: S608
        f" (SELECT count(*) FROM (SELECT 1 FROM persons WHERE {condition}"
        f" LIMIT {MAX_PERSONS_PER_KEY + 1}) AS crowd)"
    )


_DROP_CROWDED = (
    _crowded(
        "birth_date = match_probes.born AND family_sound = match_probes.family",
        f"kind = {int(ProbeKind.FAMILY_ON_DAY)}",
    ),
    _crowded(
        "birth_date = match_probes.born AND first_sound = match_probes.first",
        f"kind = {int(ProbeKind.FIRST_ON_DAY)}",
    ),
    _crowded(
        "family_sound = match_probes.family AND first_sound = match_probes.first"
        # The year, as both databases write it.
        " AND substr(CAST(birth_date AS text), 1, 4) = substr(CAST(born AS text), 1, 4)",
        f"kind = {int(ProbeKind.BOTH_NAMES)}",
    ),
)


def _same(part: str, one: ColumnElement[date], other: ColumnElement[date]) -> ColumnElement[bool]:
    return extract(part, one) == extract(part, other)


def _joined() -> Any:
    probe, person = _probes.c, persons.c
    middle_agrees = or_(
        probe.middle == "",
        person.middle_key == "",
        func.substr(person.middle_key, 1, MIDDLE_LETTERS) == probe.middle,
    )
    of_kind = {
        ProbeKind.FAMILY_ON_DAY: and_(
            person.birth_date == probe.born, person.family_sound == probe.family
        ),
        ProbeKind.FIRST_ON_DAY: and_(
            person.birth_date == probe.born,
            person.first_sound == probe.first,
            middle_agrees,
        ),
        ProbeKind.BOTH_NAMES: and_(
            person.family_sound == probe.family,
            person.first_sound == probe.first,
            or_(
                _same("year", person.birth_date, probe.born),
                and_(
                    _same("month", person.birth_date, probe.born),
                    _same("day", person.birth_date, probe.born),
                ),
            ),
            middle_agrees,
        ),
    }
    return union_all(
        *(
            select(probe.number, person.id)
            .select_from(_probes.join(persons, condition))
            .where(probe.kind == int(kind), person.merged_into.is_(None))
            for kind, condition in of_kind.items()
        )
    )


_JOIN = _joined()
