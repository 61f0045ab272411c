"""The rows of `persons`, and the names they bore before, as a batch of records changes them.

What a source leaves out (a СНИЛС, a birth act, a place of birth known from elsewhere) stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identity.folding import sound_code
from registry.model import BirthAct
from registry.names import is_slip, normalize_name
from registry.sources import SourceBirthAct, SourcePupil, SourceRepresentative
from store.links import id_of, select_in
from store.people import Identity, Names, People, Subject
from store.resolution import Spoken, resolve_row
from store.sealing import Sealing
from store.tables import former_names, persons
from store.upsert import save, upsert

# A representative's citizenship is not told.
_NOT_TOLD = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name that a person bore, as written and as search keys."""

    family_name: str
    first_name: str
    middle_name: str | None
    keys: Names


class PersonRows:
    """Plans the persons of a batch, by primary key: two records may be about one person."""

    def __init__(self, people: People, sealing: Sealing, *, recorded_at: datetime) -> None:
        self._people = people
        self._sealing = sealing
        self._recorded_at = recorded_at
        self._rows: dict[UUID, dict[str, Any]] = {}
        self._former: dict[UUID, dict[UUID, _Name]] = {}

    def take(
        self,
        person_id: UUID,
        subject: Subject,
        record: SourcePupil | SourceRepresentative,
        said_before: Mapping[str, Any] | None,
        others: Sequence[Spoken] = (),
    ) -> None:
        """Plan what a record says of a person; `said_before`: what its source said last.

        `others`: what all records of the person say, this one too, where there are several: which
        value stands goes by precedence.
        """
        known = self._people.get(person_id)
        row = {
            **({} if known is None else known.row),
            "id": person_id,
            "family_name": record.family_name.strip(),
            "first_name": record.first_name.strip(),
            "middle_name": (record.middle_name or "").strip() or None,
            "family_key": subject.names.family,
            "first_key": subject.names.first,
            "middle_key": subject.names.middle,
            "family_sound": sound_code(record.family_name),
            "first_sound": sound_code(record.first_name),
            "birth_date": record.birth_date,
            "sex": record.sex,
            "recorded_at": self._recorded_at,
        }
        if known is None:
            row.update(_EMPTY)
        self._take_snils(row, subject)
        if isinstance(record, SourcePupil):
            row["citizenship_code"] = record.citizenship_code
            row["country_code"] = record.country_code or row["country_code"]
            row["birth_place"] = record.birth_place or row["birth_place"]
            self._take_birth_act(row, record.birth_act)
            if others:
                resolve_row(row, others)
        self._rows[person_id] = row
        self._people.add(Identity.of(row))
        if said_before is not None:
            self._take_former_name(person_id, subject, said_before)

    def write(self, connection: Connection) -> None:
        """Write what was planned. Raises the errors of SQLAlchemy."""
        stored = self._people.stored
        save(connection, persons, self._rows.values(), is_new=lambda row: row["id"] not in stored)
        if self._former:
            self._write_former_names(connection)

    def _take_snils(self, row: dict[str, Any], subject: Subject) -> None:
        if subject.snils is None or row["snils_index"] in subject.indexes:
            # As it stands: with a new key it would look like a change.
            return
        owner = self._people.owner(subject)
        if owner is not None and owner.person_id != row["id"]:
            # Somebody else's: `store.people` lets it pass where it has to be asked about.
            return
        sealed = self._sealing.seal_snils(row["id"], subject.snils, index=subject.indexes[0])
        row["snils_index"], row["snils_sealed"] = sealed.index, sealed.sealed

    def _take_birth_act(self, row: dict[str, Any], told: SourceBirthAct | None) -> None:
        if told is None:
            return
        act = BirthAct(told.number.strip(), told.recorded_on, told.office)
        if row["birth_act_index"] in self._sealing.birth_act_indexes(act.number, act.recorded_on):
            return
        sealed = self._sealing.seal_birth_act(row["id"], act)
        row["birth_act_index"], row["birth_act_sealed"] = sealed.index, sealed.sealed

    def _take_former_name(
        self, person_id: UUID, subject: Subject, before: Mapping[str, Any]
    ) -> None:
        """Another surname than the source's last is a change; a slip set right is none."""
        family = normalize_name(before["family_name"])
        if family == subject.names.family or is_slip(family, subject.names.family):
            return
        first, middle = before["first_name"], before["middle_name"]
        keys = Names(family, normalize_name(first), normalize_name(middle or ""))
        name = _Name(before["family_name"].strip(), first.strip(), middle, keys)
        until = self._recorded_at.date() - timedelta(days=1)
        row_id = id_of("former name", person_id, keys.family, keys.first, keys.middle, until)
        self._former.setdefault(person_id, {})[row_id] = name

    def _write_former_names(self, connection: Connection) -> None:
        columns = former_names.c
        statement = select(
            columns.person_id, columns.family_key, columns.first_key, columns.middle_key
        ).where(~columns.retracted)
        found = select_in(connection, statement, columns.person_id, list(self._former))
        # Another source may have told of the same change.
        known = {(row[0], Names(row[1], row[2], row[3])) for row in found}
        until = self._recorded_at.date() - timedelta(days=1)
        rows = [
            {
                "id": row_id,
                "person_id": person_id,
                "family_name": name.family_name,
                "first_name": name.first_name,
                "middle_name": name.middle_name,
                "family_key": name.keys.family,
                "first_key": name.keys.first,
                "middle_key": name.keys.middle,
                "until": until,
                "retracted": False,
                "recorded_at": self._recorded_at,
            }
            for person_id, names in self._former.items()
            for row_id, name in names.items()
            if (person_id, name.keys) not in known
        ]
        upsert(connection, former_names, rows)


_EMPTY = {
    "snils_index": None,
    "snils_sealed": None,
    "citizenship_code": _NOT_TOLD,
    "country_code": None,
    "birth_place": None,
    "birth_act_index": None,
    "birth_act_sealed": None,
    "merged_into": None,
}
