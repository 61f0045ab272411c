"""What identifies a child in one source, and the same folded once for comparing.

`IdentityRecord` is what a source says; `Profile` is what is compared and kept beside a person.
"""

import re
from dataclasses import dataclass
from datetime import date

from registry.errors import RegistryError
from registry.identifiers import Snils, parse_snils
from registry.identity.folding import fold_name
from registry.model import BirthAct, IdentityDocument, Sex
from registry.names import normalize_document
from registry.sources import SourcePupil

# From this many digits on an act's number is of the unified register of civil status acts and
# unique by itself; a shorter one counts within its office and day. [K]
_UNIQUE_ACT_DIGITS = 15
# Fewer characters in a document than this tell nothing.
_MIN_DOCUMENT = 4
_NAME_GAPS = re.compile(r"[\s\u2010-\u2015\u2212-]+")
_NOT_DIGITS = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record by its source and the id that it bears there."""

    source: str
    source_id: str


@dataclass(frozen=True, slots=True)
class FullName:
    """ФИО as it is written; `middle` None when there is none, or none is given."""

    family: str
    first: str
    middle: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """What one source says of who a child is.

    `written_snils` is a СНИЛС as received that has wrong check digits: no identifier, but evidence
    when it is a digit away from another. `parents` are representatives' names. `organisation`,
    `class_group` and `address` are hints, compared as they are, so the caller gives them in one
    form for all sources (the register's id, a ФИАС GUID).
    """

    ref: RecordRef
    name: FullName
    birth_date: date
    sex: Sex | None = None
    snils: Snils | None = None
    written_snils: str | None = None
    birth_act: BirthAct | None = None
    documents: tuple[IdentityDocument, ...] = ()
    former_names: tuple[FullName, ...] = ()
    parents: tuple[FullName, ...] = ()
    organisation: str | None = None
    class_group: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class NameKeys:
    """A full name, folded; `middle` is empty when there is none. `parts` of a double surname."""

    family: str
    first: str
    middle: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActKey:
    """A birth act, folded; `day` and `office` are empty when not given."""

    number: str
    day: str
    office: str

    @property
    def unique(self) -> bool:
        """Whether the number alone tells the act."""
        return len(self.number) >= _UNIQUE_ACT_DIGITS


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document, folded (`registry.names.normalize_document`)."""

    type_code: str
    series: str
    number: str


@dataclass(frozen=True, slots=True)
class Profile:
    """An `IdentityRecord` folded once; equal fields mean the same value. Made by `make_profile`."""

    ref: RecordRef
    name: NameKeys
    former: tuple[NameKeys, ...]
    birth_date: date
    sex: Sex | None
    snils: str | None
    written_snils: str | None
    act: ActKey | None
    documents: frozenset[DocumentNumber]
    parents: tuple[NameKeys, ...]
    organisation: str | None
    class_group: str | None
    address: str | None


def fold_full_name(name: FullName) -> NameKeys:
    """`name` as it is compared."""
    family = fold_name(name.family)
    split = tuple(fold_name(part) for part in _NAME_GAPS.split(name.family) if part)
    middle = fold_name(name.middle) if name.middle else ""
    return NameKeys(family, fold_name(name.first), middle, split if len(split) > 1 else (family,))


def make_profile(record: IdentityRecord) -> Profile:
    """`record` as it is compared."""
    written = _NOT_DIGITS.sub("", record.written_snils) if record.written_snils else None
    return Profile(
        ref=record.ref,
        name=fold_full_name(record.name),
        former=tuple(fold_full_name(each) for each in record.former_names),
        birth_date=record.birth_date,
        sex=record.sex,
        snils=_snils(record.snils),
        written_snils=written or None,
        act=_act_key(record.birth_act),
        documents=frozenset(filter(None, map(_document, record.documents))),
        parents=tuple(fold_full_name(each) for each in record.parents),
        organisation=record.organisation,
        class_group=record.class_group,
        address=record.address,
    )


def _snils(snils: Snils | None) -> str | None:
    """The digits; None for one digit nine times, which is typed where the number is not known.

    111-111-111 45 has right check digits.
    """
    return None if snils is None or len(set(snils.digits[:9])) == 1 else snils.digits


def _act_key(act: BirthAct | None) -> ActKey | None:
    if act is None or not _tells(number := normalize_document(act.number)):
        return None
    day = act.recorded_on.isoformat() if act.recorded_on else ""
    return ActKey(number, day, normalize_document(act.office) if act.office else "")


def _document(document: IdentityDocument) -> DocumentNumber | None:
    series = normalize_document(document.series)
    number = normalize_document(document.number)
    if not _tells(number) or len(series + number) < _MIN_DOCUMENT:
        return None
    return DocumentNumber(document.type_code, series, number)


def _tells(number: str) -> bool:
    """Whether a number is one: «б/н» and «000000» would join strangers."""
    return any(map(str.isdigit, number)) and (len(number) <= 2 or len(set(number)) > 1)


def record_of_pupil(
    source: str,
    pupil: SourcePupil,
    *,
    organisation: str | None = None,
    class_group: str | None = None,
) -> IdentityRecord:
    """What `source` says of who `pupil` is; a СНИЛС that is not valid goes to `written_snils`.

    `organisation` and `class_group` are the register's ids of where the pupil studies: the
    source's own ids mean nothing to another source.
    """
    snils, written = _read_snils(pupil.snils)
    act = pupil.birth_act
    fias = next((each.fias_id for each in pupil.addresses if each.fias_id), None)
    return IdentityRecord(
        ref=RecordRef(source, pupil.source_id),
        name=FullName(pupil.family_name, pupil.first_name, pupil.middle_name),
        birth_date=pupil.birth_date,
        sex=Sex(pupil.sex) if pupil.sex in tuple(Sex) else None,
        snils=snils,
        written_snils=written,
        birth_act=BirthAct(act.number, act.recorded_on, act.office) if act else None,
        documents=tuple(
            IdentityDocument(each.type, each.series, each.number) for each in pupil.documents
        ),
        parents=tuple(
            FullName(each.family_name, each.first_name, each.middle_name)
            for each in pupil.representatives
        ),
        organisation=organisation,
        class_group=class_group,
        address=fias,
    )


def _read_snils(text: str | None) -> tuple[Snils | None, str | None]:
    if not text:
        return None, None
    try:
        return parse_snils(text), None
    except RegistryError:
        return None, text
