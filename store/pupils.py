"""How a batch of pupils becomes rows.

A record is known again by its source id, else by its СНИЛС when the birth date agrees, else it is
a new person. A СНИЛС that belongs to somebody else refuses the record, and so does a source id
that has come to stand for another person: joining or correcting persons is not decided here. What
a source leaves out (a СНИЛС known from elsewhere, an older document) stays.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.names import normalize_document
from registry.ports import WriteOutcome
from registry.sources import Refusal, SourceDocument, SourceEnrolment, SourcePupil
from store.links import Link, LinkKind, Tally, content_hash
from store.people import Identity, Names, People, load_people, snils_digits
from store.studies import Places, Studies, load_places, load_studies
from store.tables import identity_documents, persons, source_links
from store.upsert import upsert


def write_pupils(
    connection: Connection,
    source: str,
    records: Sequence[SourcePupil],
    links: dict[str, Link],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> WriteOutcome:
    """Write a batch; `links` are those of its records. Raises the errors of SQLAlchemy."""
    tally = Tally(source, recorded_at)
    differing = []
    for record in records:
        digest = _pupil_hash(record)
        if not tally.is_unchanged(links.get(record.source_id), record.version, digest):
            differing.append((record, digest))
    if differing:
        told = [record for record, _ in differing]
        people = load_people(connection, links, told)
        batch = _Batch(
            people,
            load_places(connection, source, told),
            load_studies(
                connection, source, told, people.ids, new_id=new_id, recorded_at=recorded_at
            ),
            tally,
            new_id=new_id,
            recorded_at=recorded_at,
        )
        for record, digest in differing:
            batch.take(record, links.get(record.source_id), digest)
        batch.write(connection)
    upsert(connection, source_links, tally.link_rows)
    return tally.outcome()


class _Batch:
    """The rows that the records of a batch come to."""

    def __init__(
        self,
        people: People,
        places: Places,
        studies: Studies,
        tally: Tally,
        *,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._people = people
        self._places = places
        self._studies = studies
        self._tally = tally
        self._new_id = new_id
        self._recorded_at = recorded_at
        # By primary key: two records of one batch may be about one person.
        self._persons: dict[UUID, dict[str, Any]] = {}
        self._documents: dict[tuple[object, ...], dict[str, Any]] = {}

    def take(self, record: SourcePupil, link: Link | None, digest: bytes) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        problems = self._people.check(record, link)
        if record.enrolment is not None:
            problems += self._places.check(record.enrolment)
        if problems:
            self._tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        person_id = self._people.identify(record, link) or self._new_id()
        self._take_person(person_id, record)
        for document in record.documents:
            row = self._document_row(person_id, document)
            key = (person_id, row["type_code"], row["series_key"], row["number_key"])
            self._documents[key] = row
        if record.enrolment is not None:
            self._take_enrolment(person_id, record, record.enrolment)
        self._tally.note(
            link, Link(LinkKind.PUPIL, record.source_id, person_id, record.version, digest)
        )

    def write(self, connection: Connection) -> None:
        """Write the rows, those that others refer to first."""
        upsert(connection, persons, list(self._persons.values()))
        upsert(connection, identity_documents, list(self._documents.values()))
        self._studies.write(connection)

    def _take_person(self, person_id: UUID, record: SourcePupil) -> None:
        known = self._people.get(person_id)
        snils = snils_digits(record) or (None if known is None else known.snils)
        names = Names.of(record)
        self._people.add(Identity(person_id, snils, record.birth_date, names))
        middle_name = (record.middle_name or "").strip()
        self._persons[person_id] = {
            "id": person_id,
            "snils": snils,
            "family_name": record.family_name.strip(),
            "first_name": record.first_name.strip(),
            "middle_name": middle_name or None,
            "family_key": names.family,
            "first_key": names.first,
            "middle_key": names.middle,
            "birth_date": record.birth_date,
            "sex": record.sex,
            "citizenship_code": record.citizenship_code,
            "recorded_at": self._recorded_at,
        }

    def _document_row(self, person_id: UUID, document: SourceDocument) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "type_code": document.type,
            "series_key": normalize_document(document.series),
            "number_key": normalize_document(document.number),
            "series": document.series.strip(),
            "number": document.number.strip(),
            "recorded_at": self._recorded_at,
        }

    def _take_enrolment(
        self, person_id: UUID, record: SourcePupil, enrolment: SourceEnrolment
    ) -> None:
        place = self._places.find(enrolment)
        enrolment_id = self._studies.take(record, enrolment, person_id, place)
        digest = content_hash(*_enrolment_fields(enrolment))
        self._tally.add(
            Link(LinkKind.ENROLMENT, record.source_id, enrolment_id, record.version, digest)
        )


def _pupil_hash(record: SourcePupil) -> bytes:
    return content_hash(
        record.family_name,
        record.first_name,
        record.middle_name,
        record.birth_date.isoformat(),
        record.sex,
        record.snils,
        record.citizenship_code,
        [[each.type, each.series, each.number] for each in record.documents],
        None if record.enrolment is None else _enrolment_fields(record.enrolment),
    )


def _enrolment_fields(enrolment: SourceEnrolment) -> list[str | None]:
    return [
        enrolment.organisation_source_id,
        enrolment.class_source_id,
        enrolment.begins_on.isoformat(),
        None if enrolment.ends_on is None else enrolment.ends_on.isoformat(),
        enrolment.form_code,
        enrolment.programme_code,
        enrolment.entry_reason,
    ]
