"""How a batch of pupils becomes rows.

A record is known again by its source id, else by its СНИЛС when the birth date agrees, else it is
a new person (`store.people`). A СНИЛС that belongs to somebody else refuses the record, and so does
a source id that has come to stand for another person: joining or correcting persons is not decided
here. What a source leaves out (a СНИЛС known from elsewhere, an older document) stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.ports import WriteOutcome
from registry.problems import Problem
from registry.sources import Refusal, SourceEnrolment, SourcePupil
from store.addresses import Addresses
from store.documents import Documents, load_documents
from store.engine import vault_of
from store.links import Link, LinkKind, Tally, load_links
from store.people import People, Subject, load_people
from store.person_rows import PersonRows
from store.places import Places, load_places
from store.representatives import Acting, Representatives, load_authorities, make_ready
from store.sealing import Sealing
from store.studies import Studies, load_studies
from store.told import Told, load_told, tell


@dataclass(frozen=True, slots=True)
class _Differing:
    """A record that says something else than before, made ready."""

    record: SourcePupil
    link: Link | None
    told: Told
    subject: Subject
    acting: tuple[Acting, ...]


def write_pupils(
    connection: Connection,
    source: str,
    records: Sequence[SourcePupil],
    links: Mapping[str, Link],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> WriteOutcome:
    """Write a batch; `links` are those of its records. Raises the errors of SQLAlchemy."""
    tally = Tally(source, recorded_at)
    sealing = Sealing(vault_of(connection))
    differing: list[tuple[SourcePupil, Told]] = []
    for record in records:
        link = links.get(record.source_id)
        told = tell(sealing, record, link)
        if not tally.is_unchanged(
            link, record.version, told.digest, seal=_Sealer(sealing, source, record, told)
        ):
            differing.append((record, told))
    if differing:
        batch = _load(
            connection,
            tally,
            sealing,
            differing,
            links=links,
            new_id=new_id,
            recorded_at=recorded_at,
        )
        batch.write(connection)
    tally.write(connection)
    return tally.outcome()


def _load(
    connection: Connection,
    tally: Tally,
    sealing: Sealing,
    differing: Sequence[tuple[SourcePupil, Told]],
    *,
    links: Mapping[str, Link],
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> "_Batch":
    """Ask the store for all that the records are about, and plan them."""
    source, kind = tally.source, LinkKind.REPRESENTATIVE
    told = [record for record, _ in differing]
    acting_ids = {each.source_id for record in told for each in record.representatives}
    acting_links = load_links(connection, source, kind, acting_ids)
    ready = [
        _Differing(
            record,
            links.get(record.source_id),
            said,
            Subject.of(record, sealing),
            make_ready(record, acting_links, sealing),
        )
        for record, said in differing
    ]
    known = [each.link for each in ready if each.link is not None]
    people = load_people(
        connection,
        [*known, *acting_links.values()],
        [
            *(each.subject for each in ready),
            *(acting.subject for each in ready for acting in each.acting),
        ],
    )
    persons = PersonRows(people, sealing, recorded_at=recorded_at)
    linked = {link.entity_id for link in known}
    batch = _Batch(
        tally,
        sealing,
        people=people,
        persons=persons,
        documents=load_documents(
            connection, sealing, people.stored, new_id=new_id, recorded_at=recorded_at
        ),
        addresses=Addresses(recorded_at=recorded_at),
        representatives=Representatives(
            tally,
            sealing,
            people=people,
            persons=persons,
            links=acting_links,
            said=load_told(connection, sealing, source, kind, list(acting_links)),
            known=load_authorities(connection, set(people.stored)),
            new_id=new_id,
            recorded_at=recorded_at,
        ),
        places=load_places(
            connection, source, [each.enrolment for each in told if each.enrolment is not None]
        ),
        studies=load_studies(
            connection, source, told, people.stored, new_id=new_id, recorded_at=recorded_at
        ),
        said=load_told(
            connection, sealing, source, LinkKind.PUPIL, [link.source_id for link in known]
        )
        if linked
        else {},
        new_id=new_id,
    )
    for each in ready:
        batch.take(each)
    return batch


class _Batch:
    """The rows that the records of a batch come to."""

    def __init__(
        self,
        tally: Tally,
        sealing: Sealing,
        *,
        people: People,
        persons: PersonRows,
        documents: Documents,
        addresses: Addresses,
        representatives: Representatives,
        places: Places,
        studies: Studies,
        said: Mapping[str, Mapping[str, Any]],
        new_id: Callable[[], UUID],
    ) -> None:
        self._tally = tally
        self._sealing = sealing
        self._people = people
        self._persons = persons
        self._documents = documents
        self._addresses = addresses
        self._representatives = representatives
        self._places = places
        self._studies = studies
        self._said = said
        self._new_id = new_id

    def take(self, each: _Differing) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        record, link = each.record, each.link
        known_id = self._people.identify(each.subject, link)
        problems = self._check(each, known_id)
        if problems:
            self._tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        person_id = known_id or self._new_id()
        said = self._said.get(record.source_id)
        self._persons.take(person_id, each.subject, record, said)
        for document in record.documents:
            self._documents.take(person_id, document)
        if record.addresses or said is not None:
            self._addresses.take(person_id, record.addresses, said)
        if each.acting:
            self._representatives.take(person_id, each.acting, record.version)
        if record.enrolment is not None:
            self._take_enrolment(person_id, record, record.enrolment)
        self._tally.note(
            link,
            Link(LinkKind.PUPIL, record.source_id, person_id, record.version, each.told.digest),
            sealed=_Sealer(self._sealing, self._tally.source, record, each.told)(),
        )

    def write(self, connection: Connection) -> None:
        """Write the rows, those that others refer to first."""
        stored = self._people.stored
        self._persons.write(connection)
        self._documents.write(connection)
        self._addresses.write(connection, is_new=lambda row: row["person_id"] not in stored)
        self._representatives.write(connection, is_new=lambda row: row["child_id"] not in stored)
        self._studies.write(connection)

    def _check(self, each: _Differing, known_id: UUID | None) -> list[Problem]:
        record = each.record
        problems = self._people.check(each.subject, each.link)
        problems += self._representatives.check(each.acting, known_id)
        if record.enrolment is not None:
            found = self._places.check(record.enrolment)
            if not found and not problems and known_id is not None:
                place = self._places.find(record.enrolment)
                found = self._studies.check(record, record.enrolment, known_id, place)
            problems += found
        return problems

    def _take_enrolment(
        self, person_id: UUID, record: SourcePupil, enrolment: SourceEnrolment
    ) -> None:
        place = self._places.find(enrolment)
        enrolment_id = self._studies.take(record, enrolment, person_id, place)
        digest = _enrolment_hash(enrolment)
        self._tally.add(
            Link(LinkKind.ENROLMENT, record.source_id, enrolment_id, record.version, digest),
            self._studies.link_of(record.source_id),
        )


@dataclass(frozen=True, slots=True)
class _Sealer:
    """Seals what a record says, when it is asked to."""

    sealing: Sealing
    source: str
    record: SourcePupil
    told: Told

    def __call__(self) -> bytes:
        return self.sealing.seal_text(
            self.source, LinkKind.PUPIL.value, self.record.source_id, self.told.text
        )


def _enrolment_hash(enrolment: SourceEnrolment) -> bytes:
    fields = (getattr(enrolment, name) for name in SourceEnrolment.__dataclass_fields__)
    return sha256("\0".join(map(str, fields)).encode()).digest()
