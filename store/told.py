"""What a source said of a person: as a text, as a keyed hash, and sealed beside its link.

A split of persons needs it to give each what its own sources said, and a record that changes is
compared with it: what the same source no longer says is known only from here.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from registry.sources import (
    SourceAddress,
    SourceBirthAct,
    SourceDocument,
    SourceEnrolment,
    SourcePupil,
    SourceRepresentative,
)
from store.links import Link, LinkKind, select_in
from store.sealing import Sealing
from store.tables import source_links

# They tell records apart, and are columns of the link.
_NOT_SAID = frozenset({"source_id", "version"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says, and the hash by which it is known again."""

    text: str
    digest: bytes


def tell(sealing: Sealing, record: SourcePupil | SourceRepresentative, old: Link | None) -> Told:
    """All that a record says but its id and version, as JSON with the names of the fields.

    The digest is that of its link `old` when it says the same as then.
    """
    said = {
        name: getattr(record, name) for name in record.__dataclass_fields__ if name not in _NOT_SAID
    }
    text = _ENCODER.encode(said)
    return Told(text, sealing.record_hash(text, None if old is None else old.content_hash))


def read_pupil(source_id: str, version: str, said: Mapping[str, Any]) -> SourcePupil:
    """The record of a pupil from what `load_told` gives of it."""
    enrolment, birth_act = said["enrolment"], said["birth_act"]
    return SourcePupil(
        source_id=source_id,
        version=version,
        **{
            **said,
            "birth_date": date.fromisoformat(said["birth_date"]),
            "documents": tuple(_read(SourceDocument, each) for each in said["documents"]),
            "enrolment": None if enrolment is None else _read(SourceEnrolment, enrolment),
            "birth_act": None if birth_act is None else _read(SourceBirthAct, birth_act),
            "addresses": read_addresses(said),
            "representatives": tuple(
                _read(SourceRepresentative, each) for each in said["representatives"]
            ),
        },
    )


def read_addresses(said: Mapping[str, Any]) -> tuple[SourceAddress, ...]:
    """The addresses in what a source said of a pupil."""
    return tuple(_read(SourceAddress, each) for each in said["addresses"])


def load_told(
    connection: Connection,
    sealing: Sealing,
    source: str,
    kind: LinkKind,
    source_ids: Collection[str],
) -> dict[str, dict[str, Any]]:
    """What the source said with these records, by source id; missing where nothing is kept."""
    columns = source_links.c
    statement = select(columns.source_id, columns.content_sealed).where(
        columns.source == source,
        columns.kind == kind.value,
        columns.content_sealed.is_not(None),
    )
    rows = select_in(connection, statement, columns.source_id, source_ids)
    return {row[0]: sealing.open_record(source, kind.value, row[0], bytes(row[1])) for row in rows}


_DAYS = frozenset({"birth_date", "issued_on", "valid_until", "begins_on", "ends_on", "recorded_on"})


def _read(kind: Any, said: Mapping[str, Any]) -> Any:
    return kind(
        **{
            name: date.fromisoformat(value) if value and name in _DAYS else value
            for name, value in said.items()
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
