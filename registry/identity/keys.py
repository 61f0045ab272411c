"""Blocking keys: two records of one child share at least one, save for the dirtiest.

Each key is met by equality, so that a database finds the candidates of a whole batch by one join
on an index of (kind, value), and nothing is compared with everything. The store may keep digests
of the values instead (СНИЛС and documents only under a keyed hash).

Of 1,000,000 persons a key of a common name brings some ten candidates: 150 are born on a day, one
in thirty of them bears a given common first name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.identity.folding import sound_of
from registry.identity.records import ActKey, NameKeys, Profile

# A key that more persons share is of a placeholder and finds nobody. The commonest real one, of a
# first name and a day, is shared by some ten in a million, and by a hundred on the first days of
# a year, where unknown birth dates are put.
MAX_PERSONS_PER_KEY = 500


class KeyKind(StrEnum):
    """What a key is made of."""

    SNILS = "snils"
    BIRTH_ACT = "birth_act"
    DOCUMENT = "document"  # series and number; the type is often chosen wrongly
    DAY_NAME = "day_name"  # birth date and the sound of one name, whichever field it stands in
    YEAR_NAMES = "year_names"  # birth year and the sounds of surname and first name
    BIRTHDAY_NAMES = "birthday_names"  # day and month without the year, and the sounds


@dataclass(frozen=True, slots=True)
class BlockingKey:
    """Records with an equal key are compared."""

    kind: KeyKind
    value: str


def blocking_keys(profile: Profile) -> frozenset[BlockingKey]:
    """Every key of `profile`: as a rule seven to nine.

    Day and month are put in order, so that a date with the two swapped has the same key; so are
    surname and first name. A former name gives keys as the present one does.
    """
    return frozenset(_keys(profile))


def _keys(profile: Profile) -> Iterator[BlockingKey]:
    if profile.snils:
        yield BlockingKey(KeyKind.SNILS, profile.snils)
    if profile.act and (act := act_value(profile.act)):
        yield BlockingKey(KeyKind.BIRTH_ACT, act)
    for document in profile.documents:
        yield BlockingKey(KeyKind.DOCUMENT, document.series + document.number)
    for name in (profile.name, *profile.former):
        yield from _name_keys(name, profile.birth_date)


def _name_keys(name: NameKeys, birth_date: date) -> Iterator[BlockingKey]:
    birthday = unordered_birthday(birth_date)
    day = f"{birth_date.year}-{birthday}"
    for part in {*name.parts, name.first, name.middle}:
        if sound := sound_of(part):
            yield BlockingKey(KeyKind.DAY_NAME, f"{day}|{sound}")
    first = sound_of(name.first)
    for part in name.parts:
        pair = "|".join(sorted((sound_of(part), first)))
        yield BlockingKey(KeyKind.YEAR_NAMES, f"{birth_date.year}|{pair}")
        yield BlockingKey(KeyKind.BIRTHDAY_NAMES, f"{birthday}|{pair}")


def unordered_birthday(day: date) -> str:
    """Day and month, the smaller first: the same for 03.04 and 04.03."""
    low, high = sorted((day.day, day.month))
    return f"{low:02d}{high:02d}"


def act_value(act: ActKey) -> str | None:
    """The act's key: its number, with the day when the number is not unique by itself."""
    if act.unique:
        return act.number
    return f"{act.number}|{act.day}" if act.day else None
