"""What an index of persons is asked for the candidates of a record that brings no certain number.

The blocking keys of `registry.identity.keys` in the form of ranges over three columns: the birth
date, the sound of the surname and that of the first name. A name alone with a day finds typing
mistakes in the other; both names in a year, or on the day and month of any year, find mistakes in
the date. Middle names that begin differently are left out where little else agrees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from registry.identity.folding import sound_code
from registry.identity.records import Profile

# Letters of the middle name that have to agree; a mistake is seldom in the first two.
MIDDLE_LETTERS = 2


class ProbeKind(IntEnum):
    """Which columns a probe goes by."""

    FAMILY_ON_DAY = 1
    FIRST_ON_DAY = 2
    BOTH_NAMES = 3


@dataclass(frozen=True, slots=True)
class Probe:
    """Persons whose names sound so; 0 for what isn't asked.

    Born on `born`; of both names also in its year, or on its day and month of another. `middle` is
    how the middle name begins, empty when it is not asked for.
    """

    kind: ProbeKind
    born: date
    family: int
    first: int
    middle: str


def make_probes(profile: Profile) -> list[Probe]:
    """Every probe of a record, each once."""
    return list(dict.fromkeys(_probes(profile)))


def _probes(profile: Profile) -> Iterator[Probe]:
    days = {profile.birth_date, swapped(profile.birth_date)}
    for name in (profile.name, *profile.former):
        first, middle = sound_code(name.first), name.middle[:MIDDLE_LETTERS]
        # Surname and first name are typed into each other's field now and then.
        families = {sound_code(each) for each in (name.family, *name.parts)}
        for day in days:
            for family in families | {first}:
                yield Probe(ProbeKind.FAMILY_ON_DAY, day, family, 0, "")
            yield Probe(ProbeKind.FIRST_ON_DAY, day, 0, first, middle)
        for family in families:
            yield Probe(ProbeKind.BOTH_NAMES, profile.birth_date, family, first, middle)


def swapped(day: date) -> date:
    """`day` with day and month exchanged, where that is a date; else the same."""
    return day if day.day > 12 else date(day.year, day.day, day.month)
