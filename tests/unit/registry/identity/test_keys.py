"""Blocking keys: dirty copies of one child keep at least one in common."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identity.keys import KeyKind, blocking_keys
from registry.model import IdentityDocument
from tests.unit.registry.identity.samples import (
    ACT,
    CERTIFICATE,
    COMMON,
    RARE,
    SNILS,
    profile,
)


def kinds_in_common(one: object, two: object) -> set[KeyKind]:
    return {key.kind for key in blocking_keys(one) & blocking_keys(two)}  # type: ignore[arg-type]


def test_numbers_are_keys_of_their_own() -> None:
    numbered = profile(COMMON, snils=SNILS, documents=(CERTIFICATE,), birth_act=ACT)
    stranger = profile(
        RARE, snils=SNILS, documents=(CERTIFICATE,), birth_act=ACT, birth_date=date(2001, 1, 30)
    )
    expected = {KeyKind.SNILS, KeyKind.DOCUMENT, KeyKind.BIRTH_ACT}
    assert kinds_in_common(numbered, stranger) == expected


def test_a_document_of_a_wrong_type_and_spelling_is_met() -> None:
    typed = IdentityDocument("4", "іі ан", "№ 512345")
    one, two = profile(COMMON, documents=(CERTIFICATE,)), profile(RARE, documents=(typed,))
    assert KeyKind.DOCUMENT in kinds_in_common(one, two)


@pytest.mark.parametrize(
    "changes",
    [
        {"family": "Петрова"},
        {"first": "Анан"},
        {"middle": None, "family": "Ивонова"},
        {"birth_date": date(2013, 4, 5)},
        {"birth_date": date(2013, 5, 14)},
        {"birth_date": date(2018, 5, 4)},
        {"family": "Анна", "first": "Иванова"},
        {"family": "Ivanova", "first": "Anna", "middle": None},
        {"family": "Иванова-Задунайская", "birth_date": date(2013, 4, 5)},
    ],
)
def test_dirty_copies_are_met(changes: dict[str, object]) -> None:
    assert blocking_keys(profile(COMMON)) & blocking_keys(profile(COMMON, **changes))


def test_strangers_are_not_met() -> None:
    stranger = profile(RARE, birth_date=date(2009, 11, 23))
    assert not blocking_keys(profile(COMMON)) & blocking_keys(stranger)


@given(st.dates(date(2000, 1, 1), date(2024, 12, 31)))
def test_a_record_has_few_keys(day: date) -> None:
    full = profile(RARE, birth_date=day, snils=SNILS, documents=(CERTIFICATE,), birth_act=ACT)
    assert 3 <= len(blocking_keys(full)) <= 12
