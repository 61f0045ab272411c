"""What each source told of persons, as profiles to compare: from the records sealed with the links.

A person with no record of a source (entered in the register itself, or known as a representative
only) has one profile, of the row in `persons`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identity.records import (
    FullName,
    IdentityRecord,
    Profile,
    RecordRef,
    make_profile,
    record_of_pupil,
)
from registry.model import IdentityDocument, Sex
from registry.sources import SourcePupil
from store.engine import vault_of
from store.errors import translated_errors
from store.links import LinkKind, select_in
from store.match_hints import Hints, Place
from store.sealing import Sealing
from store.tables import identity_conflicts, person_documents, persons, source_links
from store.told import read_pupil

# The source of what is known of a person without a record.
REGISTER = "register"


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """A source's record of a pupil, as it was last told, and whom it stands for."""

    person_id: UUID
    source: str
    pupil: SourcePupil
    recorded_at: datetime

    @property
    def ref(self) -> RecordRef:
        """The record by its source and its id there."""
        return RecordRef(self.source, self.pupil.source_id)


def load_told_records(
    connection: Connection,
    sealing: Sealing,
    person_ids: Collection[UUID],
    *,
    without: Collection[RecordRef] = (),
) -> Iterator[ToldRecord]:
    """The records of pupils that stand for these persons, but for those `without`."""
    columns = source_links.c
    statement = select(
        columns.entity_id,
        columns.source,
        columns.source_id,
        columns.source_version,
        columns.content_sealed,
        columns.recorded_at,
    ).where(columns.kind == LinkKind.PUPIL.value, columns.content_sealed.is_not(None))
    rows = select_in(connection, statement, columns.entity_id, person_ids)
    for person_id, source, source_id, version, sealed, recorded_at in rows:
        if without and RecordRef(source, source_id) in without:
            continue
        said = sealing.open_record(source, LinkKind.PUPIL.value, source_id, bytes(sealed))
        yield ToldRecord(person_id, source, read_pupil(source_id, version, said), recorded_at)


def read_conflict_record(connection: Connection, conflict_id: UUID) -> SourcePupil | None:
    """The record that a conflict is about, as it was sent. Raises `StoreError`."""
    columns = identity_conflicts.c
    statement = select(columns.source, columns.source_id, columns.record_sealed)
    with translated_errors():
        row = connection.execute(statement.where(columns.id == conflict_id)).one_or_none()
    if row is None:
        return None
    source, source_id, sealed = row
    sealing = Sealing(vault_of(connection))
    said = sealing.open_record(source, LinkKind.PUPIL.value, source_id, bytes(sealed))
    return read_pupil(source_id, "", said)


def profile_of(source: str, pupil: SourcePupil, hints: Hints) -> Profile:
    """A record as it is compared; its place has been asked of `hints`."""
    study = pupil.enrolment
    return make_profile(
        record_of_pupil(
            source,
            pupil,
            organisation=None if study is None else _organisation(hints, source, pupil),
            class_group=None if study is None else hints.class_group(source, study.class_source_id),
        )
    )


def _organisation(hints: Hints, source: str, pupil: SourcePupil) -> str | None:
    study = pupil.enrolment
    return None if study is None else hints.organisation(source, study.organisation_source_id)


def place_of(source: str, pupil: SourcePupil) -> Iterator[Place]:
    """The place that a record names, if any."""
    if (study := pupil.enrolment) is not None:
        yield source, study.organisation_source_id, study.class_source_id


def load_profiles(
    connection: Connection, sealing: Sealing, hints: Hints, person_ids: Collection[UUID]
) -> dict[UUID, list[Profile]]:
    """The profiles of each person, in a stable order."""
    told = list(load_told_records(connection, sealing, person_ids))
    hints.load(place for each in told for place in place_of(each.source, each.pupil))
    found: dict[UUID, list[Profile]] = {}
    for each in told:
        profile = profile_of(each.source, each.pupil, hints)
        found.setdefault(each.person_id, []).append(profile)
    for profiles in found.values():
        profiles.sort(key=lambda profile: (profile.ref.source, profile.ref.source_id))
    without = [person_id for person_id in person_ids if person_id not in found]
    for person_id, profile in _own_profiles(connection, sealing, without):
        found[person_id] = [profile]
    return found


def _own_profiles(
    connection: Connection, sealing: Sealing, person_ids: Collection[UUID]
) -> Iterator[tuple[UUID, Profile]]:
    columns = person_documents.c
    papers: dict[UUID, list[IdentityDocument]] = {}
    statement = select(person_documents).where(~columns.retracted)
    for row in select_in(connection, statement, columns.person_id, person_ids):
        papers.setdefault(row.person_id, []).append(  # type: ignore[attr-defined]
            _open_document(sealing, row)
        )
    for row in select_in(connection, select(persons), persons.c.id, person_ids):
        yield row[0], _own_profile(sealing, row._mapping, papers.get(row[0], ()))  # type: ignore[attr-defined]


def _open_document(sealing: Sealing, row: Any) -> IdentityDocument:
    return sealing.open_document(
        row.id,
        bytes(row.content_sealed),
        type_code=row.type_code,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
    )


def _own_profile(
    sealing: Sealing, row: Mapping[str, Any], papers: Iterable[IdentityDocument]
) -> Profile:
    snils, act = row["snils_sealed"], row["birth_act_sealed"]
    return make_profile(
        IdentityRecord(
            ref=RecordRef(REGISTER, row["id"].hex),
            name=FullName(row["family_name"], row["first_name"], row["middle_name"]),
            birth_date=row["birth_date"],
            sex=Sex(row["sex"]),
            snils=None if snils is None else sealing.open_snils(row["id"], bytes(snils)),
            birth_act=None if act is None else sealing.open_birth_act(row["id"], bytes(act)),
            documents=tuple(papers),
        )
    )
