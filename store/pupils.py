"""How a batch of pupils becomes rows.

A record is known again by its source id, else by its СНИЛС when the birth date agrees, else it is
a new person. A СНИЛС that belongs to somebody else refuses the record, and so does a source id
that has come to stand for another person: joining or correcting persons is not decided here. What
a source leaves out (a СНИЛС known from elsewhere, an older document) stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.ports import WriteOutcome
from registry.sources import Refusal, SourceEnrolment, SourcePupil
from store.documents import Documents, load_documents
from store.engine import vault_of
from store.links import Link, LinkKind, Tally, content_hash
from store.people import Identity, Names, People, load_people, snils_digits
from store.sealing import Sealed, Sealing
from store.studies import Places, Studies, load_places, load_studies
from store.tables import persons, source_links
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
        sealing = Sealing(vault_of(connection))
        people = load_people(connection, sealing, links, told)
        batch = _Batch(
            tally,
            sealing,
            people=people,
            documents=load_documents(
                connection, sealing, people.ids, new_id=new_id, recorded_at=recorded_at
            ),
            places=load_places(connection, source, told),
            studies=load_studies(
                connection, source, told, people.ids, new_id=new_id, recorded_at=recorded_at
            ),
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
        tally: Tally,
        sealing: Sealing,
        *,
        people: People,
        documents: Documents,
        places: Places,
        studies: Studies,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._sealing = sealing
        self._people = people
        self._documents = documents
        self._places = places
        self._studies = studies
        self._tally = tally
        self._new_id = new_id
        self._recorded_at = recorded_at
        # By primary key: two records of one batch may be about one person.
        self._persons: dict[UUID, dict[str, Any]] = {}

    def take(self, record: SourcePupil, link: Link | None, digest: bytes) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        problems = self._people.check(record, link)
        known_id = self._people.identify(record, link)
        if record.enrolment is not None:
            found = self._places.check(record.enrolment)
            if not found and not problems and known_id is not None:
                place = self._places.find(record.enrolment)
                found = self._studies.check(record, record.enrolment, known_id, place)
            problems += found
        if problems:
            self._tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        person_id = known_id or self._new_id()
        self._take_person(person_id, record)
        for document in record.documents:
            self._documents.take(person_id, document)
        if record.enrolment is not None:
            self._take_enrolment(person_id, record, record.enrolment)
        self._tally.note(
            link, Link(LinkKind.PUPIL, record.source_id, person_id, record.version, digest)
        )

    def write(self, connection: Connection) -> None:
        """Write the rows, those that others refer to first."""
        upsert(connection, persons, list(self._persons.values()))
        self._documents.write(connection)
        self._studies.write(connection)

    def _take_person(self, person_id: UUID, record: SourcePupil) -> None:
        known = self._people.get(person_id)
        snils = snils_digits(record) or (None if known is None else known.snils)
        sealed = self._sealed_snils(person_id, snils, known)
        names = Names.of(record)
        self._people.add(Identity(person_id, snils, record.birth_date, names, sealed))
        middle_name = (record.middle_name or "").strip()
        self._persons[person_id] = {
            "id": person_id,
            "snils_index": None if sealed is None else sealed.index,
            "snils_sealed": None if sealed is None else sealed.sealed,
            "family_name": record.family_name.strip(),
            "first_name": record.first_name.strip(),
            "middle_name": middle_name or None,
            "family_key": names.family,
            "first_key": names.first,
            "middle_key": names.middle,
            "birth_date": record.birth_date,
            "sex": record.sex,
            "citizenship_code": record.citizenship_code,
            "country_code": record.country_code,
            "birth_place": record.birth_place,
            "birth_act_index": None,
            "birth_act_sealed": None,
            "merged_into": None,
            "recorded_at": self._recorded_at,
        }

    def _sealed_snils(
        self, person_id: UUID, snils: str | None, known: Identity | None
    ) -> Sealed | None:
        if snils is None:
            return None
        if known is not None and known.snils == snils:
            # As it stands: with a new key it would look like a change.
            return known.sealed_snils
        return self._sealing.seal_snils(person_id, snils)

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
    # Every field, in the order of the class; the tuples inside become lists.
    return content_hash(*_plain(astuple(record))[2:])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


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
