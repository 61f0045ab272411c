"""How a batch of pupils becomes rows.

A record is known again by its source id, else it is matched (`store.matching`): it joins a person
who is certainly the same, or makes a new one; where it is not certain, somebody is asked
(`store.conflicts`). A СНИЛС that belongs to a stranger refuses the record, and so does a source id
that has come to stand for another person. What a source leaves out (a СНИЛС known from elsewhere,
an older document) stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.identifiers import PersonId
from registry.identity.decision import ScoredCandidate
from registry.identity.evidence import Evidence, Verdict
from registry.identity.records import RecordRef
from registry.ports import WriteOutcome
from registry.problems import Problem
from registry.sources import Refusal, SourceEnrolment, SourcePupil
from store.addresses import Addresses, load_addresses
from store.conflicts import Conflicts
from store.documents import Documents, load_documents
from store.engine import vault_of
from store.links import Link, LinkKind, Tally, load_links
from store.matching import PART, Match, match_records, new_names
from store.name_counts import count_new
from store.people import People, Subject, load_people
from store.person_rows import PersonRows
from store.places import Places, load_places
from store.representatives import Acting, Representatives, load_authorities, make_ready
from store.resolution import Now, Spoken
from store.sealing import Sealing
from store.studies import Studies, load_studies
from store.told import Told, load_told, tell
from store.told_profiles import load_told_records


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
    for start in range(0, len(differing), PART):
        batch = _load(
            connection,
            tally,
            sealing,
            differing[start : start + PART],
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
    fresh = [each.record for each in ready if each.link is None]
    matches = match_records(connection, sealing, source, fresh, new_id=new_id)
    people = load_people(
        connection,
        [
            *(link.entity_id for link in (*known, *acting_links.values())),
            *(match.person_id for match in matches.values() if not match.created),
        ],
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
        addresses=load_addresses(connection, people.stored, recorded_at=recorded_at),
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
        matches=matches,
        spoken=_load_spoken(connection, sealing, source, ready, matches),
        conflicts=Conflicts(source, new_id=new_id, recorded_at=recorded_at),
    )
    for each in ready:
        batch.take(each)
    return batch


def _load_spoken(
    connection: Connection,
    sealing: Sealing,
    source: str,
    ready: Sequence[_Differing],
    matches: Mapping[str, Match],
) -> dict[UUID, list[Spoken]]:
    """By person, what records that are not of the batch say of those whom the batch is about."""
    known = {each.link.entity_id for each in ready if each.link is not None}
    known |= {match.person_id for match in matches.values() if not match.created}
    own = {RecordRef(source, each.record.source_id) for each in ready}
    spoken: dict[UUID, list[Spoken]] = {}
    for told in load_told_records(connection, sealing, known, without=own):
        spoken.setdefault(told.person_id, []).append(told)
    return spoken


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
        matches: Mapping[str, Match],
        spoken: dict[UUID, list[Spoken]],
        conflicts: Conflicts,
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
        self._matches = matches
        self._spoken = spoken
        self._conflicts = conflicts
        self._taken: set[UUID] = set()

    def take(self, each: _Differing) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        record, link = each.record, each.link
        match = self._matches.get(record.source_id) if link is None else None
        person_id = self._person(each, match)
        said = self._said.get(record.source_id)
        problems = self._check(each, person_id, said)
        if problems:
            self._tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        self._taken.add(person_id)
        others = self._spoken.setdefault(person_id, [])
        ref = RecordRef(self._tally.source, record.source_id)
        others.append(Now(ref, record, self._tally.recorded_at))
        self._persons.take(person_id, each.subject, record, said, others if len(others) > 1 else ())
        for document in record.documents:
            self._documents.take(person_id, document)
        if record.addresses or said is not None:
            self._addresses.take(person_id, record.addresses, said)
        if each.acting:
            self._representatives.take(person_id, each.acting, record.version)
        if record.enrolment is not None:
            self._take_enrolment(person_id, record, record.enrolment)
        sealed = _Sealer(self._sealing, self._tally.source, record, each.told)()
        if match is not None and (doubts := self._doubts(each, match)):
            self._conflicts.take(record.source_id, doubts, match.reasons, sealed=sealed)
        self._tally.note(
            link,
            Link(LinkKind.PUPIL, record.source_id, person_id, record.version, each.told.digest),
            sealed=sealed,
        )

    def write(self, connection: Connection) -> None:
        """Write the rows, those that others refer to first."""
        stored = self._people.stored
        self._persons.write(connection)
        self._documents.write(connection)
        self._addresses.write(connection, is_new=lambda row: row["person_id"] not in stored)
        self._representatives.write(connection, is_new=lambda row: row["child_id"] not in stored)
        self._studies.write(connection)
        # Of a person that a refused record would have made, nobody is asked.
        made = {match.person_id for match in self._matches.values() if match.created}
        self._conflicts.write(
            connection, is_known=lambda each: each not in made or self._people.get(each) is not None
        )
        count_new(connection, new_names(self._matches, self._taken))

    def _person(self, each: _Differing, match: Match | None) -> UUID:
        """Whose a record is."""
        if match is not None:
            return match.person_id
        person_id = self._people.identify(each.subject, each.link)
        assert person_id is not None  # noqa: S101  a link always stands for somebody
        return person_id

    def _check(
        self, each: _Differing, person_id: UUID, said: Mapping[str, Any] | None
    ) -> list[Problem]:
        record = each.record
        if each.link is None:
            problems = self._people.check_matched(each.subject, person_id)
        else:
            before = None if said is None else Subject.of(_Before(said), self._sealing)
            problems = self._people.check_changed(each.subject, each.link, before)
        problems += self._representatives.check(each.acting, person_id)
        if record.enrolment is not None:
            found = self._places.check(record.enrolment)
            if not found and not problems and self._people.get(person_id) is not None:
                place = self._places.find(record.enrolment)
                found = self._studies.check(record, record.enrolment, person_id, place)
            problems += found
        return problems

    def _doubts(self, each: _Differing, match: Match) -> tuple[ScoredCandidate, ...]:
        """Whom somebody has to look at: also the owner of a СНИЛС that was left out."""
        owner = self._people.owner(each.subject)
        doubts = match.doubts
        if owner is None or owner.person_id in {match.person_id, *(one.person for one in doubts)}:
            return doubts
        reasons = (Verdict.SNILS_OF_ANOTHER, Evidence.SNILS_SAME)
        return (*doubts, ScoredCandidate(PersonId(owner.person_id), 0.0, reasons))

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


class _Before:
    """What a record said last, as `store.people.Described`."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.family_name: str = said["family_name"]
        self.first_name: str = said["first_name"]
        self.middle_name: str | None = said["middle_name"]
        self.birth_date = date.fromisoformat(said["birth_date"])
        self.snils: str | None = said["snils"]


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
