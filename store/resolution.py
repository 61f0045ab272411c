"""Which source's values stand in a person's row: see `registry.identity.precedence`.

Sources do not tell how they know a value, so that each counts as `system`: of equal ones the source
that the order prefers wins, else the later word. СНИЛС and birth acts are kept apart
(`store.person_rows`): once told they stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from registry.identity.folding import sound_code
from registry.identity.precedence import (
    FieldValue,
    Precedence,
    Resolution,
    load_precedence,
    resolve_fields,
)
from registry.identity.records import RecordRef
from registry.names import normalize_name
from registry.sources import SourcePupil

BASIS = "system"
_FIELDS = (
    "family_name",
    "first_name",
    "middle_name",
    "birth_date",
    "birth_place",
    "sex",
    "citizenship_code",
    "country_code",
)
_NAMES = {"family_name": "family", "first_name": "first", "middle_name": "middle"}


class Spoken(Protocol):
    """What a source told of a pupil, and when it was recorded."""

    @property
    def ref(self) -> RecordRef: ...
    @property
    def pupil(self) -> SourcePupil: ...
    @property
    def recorded_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Now:
    """What a record that is being written says."""

    ref: RecordRef
    pupil: SourcePupil
    recorded_at: datetime


def resolve_told(told: Iterable[Spoken], precedence: Precedence | None = None) -> Resolution:
    """The value of each field that stands, and a problem for each that may not differ and does."""
    values = [
        FieldValue(name, value, each.ref, BASIS, each.recorded_at)
        for each in told
        for name in _FIELDS
        if (value := _value(each.pupil, name))
    ]
    return resolve_fields(values, precedence or load_precedence())


def _value(pupil: SourcePupil, name: str) -> Any:
    value = getattr(pupil, name)
    return value.strip() if isinstance(value, str) else value


def resolve_row(
    row: dict[str, Any], told: Sequence[Spoken], precedence: Precedence | None = None
) -> None:
    """Put the values that stand into a row of `persons`, with the keys that follow from them."""
    for name, field in resolve_told(told, precedence).fields.items():
        row[name] = field.winner.value
        if name in _NAMES:
            part = _NAMES[name]
            row[f"{part}_key"] = normalize_name(str(field.winner.value))
            if part != "middle":
                row[f"{part}_sound"] = sound_code(str(field.winner.value))
