"""Invented records of one child that the tests vary, and names as common as in a small region."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from registry.identifiers import PersonId, parse_snils
from registry.identity.comparison import Comparer
from registry.identity.decision import Candidate, Decision, decide
from registry.identity.frequencies import NamePart, NameStatistics
from registry.identity.records import (
    FullName,
    IdentityRecord,
    Profile,
    RecordRef,
    fold_full_name,
    make_profile,
)
from registry.model import BirthAct, IdentityDocument, Sex
from store.similarity import RapidFuzzSimilarity

POPULATION = 100_000
SNILS = parse_snils("112-233-445 95")
OTHER_SNILS = parse_snils("064-949-063 00")
CERTIFICATE = IdentityDocument("11", "II-АН", "512345")
OTHER_CERTIFICATE = IdentityDocument("11", "IV-РЖ", "908172")
ACT = BirthAct("113029800017000123456", date(2013, 5, 20), None)
OTHER_ACT = BirthAct("113029800044000777001", date(2013, 5, 21), None)
MOTHER = FullName("Ёлкина", "Мария", "Сергеевна")

# A common name and a rare one; no numbers.
COMMON = IdentityRecord(
    ref=RecordRef("school", "1"),
    name=FullName("Иванова", "Анна", "Сергеевна"),
    birth_date=date(2013, 5, 4),
    sex=Sex.FEMALE,
)
RARE = replace(COMMON, name=FullName("Ёлкина-Подгорная", "Матрёна", "Еремеевна"))

_COUNTS = {
    NamePart.FAMILY: {"Иванова": 900, "Иванов": 900, "Петрова": 800, "Ёлкина": 8, "Подгорная": 6},
    NamePart.FIRST: {"Анна": 3000, "Алина": 1500, "Арина": 1500, "Мария": 2500, "Матрёна": 12},
    NamePart.MIDDLE: {"Сергеевна": 4000, "Андреевна": 3500, "Еремеевна": 9},
}


def statistics() -> NameStatistics:
    """A hundred thousand records, whose names are mostly those of nobody here."""
    return NameStatistics(
        POPULATION,
        {
            part: Counter(
                {fold_full_name(FullName(name, name)).first: count for name, count in names.items()}
            )
            for part, names in _COUNTS.items()
        },
    )


def comparer() -> Comparer:
    """Compares by these statistics."""
    return Comparer(statistics(), RapidFuzzSimilarity())


def profile(record: IdentityRecord, **changes: Any) -> Profile:
    """`record` with changes, folded; `family`, `first` and `middle` change the name."""
    parts = {key: changes.pop(key) for key in ("family", "first", "middle") if key in changes}
    name = replace(record.name, **parts)
    return make_profile(replace(record, name=name, **changes))


def person(number: int, *profiles: Profile) -> Candidate:
    """A person of the register."""
    return Candidate(PersonId(UUID(int=number)), profiles)


def decided(record: Profile, *candidates: Candidate, population: int = POPULATION) -> Decision:
    """What `record` is among the candidates."""
    return decide(record, candidates, comparer(), population=population)
