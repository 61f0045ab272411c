"""Facts for and against, with their weights."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identity.evidence import VERDICT_TEXTS, WEIGHTS, Evidence, Verdict, reason_text
from registry.identity.records import FullName, RecordRef
from registry.model import BirthAct, IdentityDocument, Sex
from tests.unit.registry.identity.samples import (
    ACT,
    CERTIFICATE,
    COMMON,
    MOTHER,
    OTHER_ACT,
    OTHER_CERTIFICATE,
    OTHER_SNILS,
    RARE,
    SNILS,
    comparer,
    profile,
)

SHORT_ACT = BirthAct("1234", date(2013, 5, 20), "Отдел ЗАГС № 5")
CASES: list[tuple[dict[str, Any], dict[str, Any], Evidence]] = [
    ({"snils": SNILS}, {"snils": SNILS}, Evidence.SNILS_SAME),
    ({"snils": SNILS}, {"snils": OTHER_SNILS}, Evidence.SNILS_DIFFERENT),
    ({"snils": SNILS}, {"written_snils": "112-233-455 95"}, Evidence.SNILS_MISTYPED),
    ({"birth_act": ACT}, {"birth_act": ACT}, Evidence.ACT_SAME),
    ({"birth_act": ACT}, {"birth_act": OTHER_ACT}, Evidence.ACT_DIFFERENT),
    (
        {"birth_act": ACT},
        {"birth_act": BirthAct("113029800017000123457", None, None)},
        Evidence.ACT_CLOSE,
    ),
    ({"birth_act": SHORT_ACT}, {"birth_act": SHORT_ACT}, Evidence.ACT_SAME),
    (
        {"birth_act": SHORT_ACT},
        {"birth_act": BirthAct("1234", date(2013, 5, 21), "Отдел ЗАГС № 5")},
        Evidence.ACT_DIFFERENT,
    ),
    ({"documents": (CERTIFICATE,)}, {"documents": (CERTIFICATE,)}, Evidence.DOCUMENT_SAME),
    (
        {"documents": (CERTIFICATE,)},
        {"documents": (IdentityDocument("11", "ii-ah", "512346"),)},
        Evidence.DOCUMENT_CLOSE,
    ),
    (
        {"documents": (CERTIFICATE,)},
        {"documents": (OTHER_CERTIFICATE,)},
        Evidence.DOCUMENT_DIFFERENT,
    ),
    ({}, {"family": "Ивановна"}, Evidence.FAMILY_CLOSE),
    ({}, {"family": "Иванова-Ли"}, Evidence.FAMILY_PART),
    ({}, {"family": "Петрова"}, Evidence.FAMILY_DIFFERENT),
    ({}, {"family": "Петрова", "former_names": (COMMON.name,)}, Evidence.FAMILY_FORMER),
    ({}, {"first": "Аннна"}, Evidence.FIRST_CLOSE),
    ({}, {"first": "Мария"}, Evidence.FIRST_DIFFERENT),
    ({"first": "Алина"}, {"first": "Арина"}, Evidence.FIRST_DIFFERENT),
    ({"first": "Наталья"}, {"first": "Наталия"}, Evidence.FIRST_VARIANT),
    ({"first": "Агапия"}, {"first": "Агафия"}, Evidence.FIRST_DOUBTFUL),
    ({}, {"middle": "Сергевна"}, Evidence.MIDDLE_CLOSE),
    ({}, {"middle": None}, Evidence.MIDDLE_MISSING),
    ({}, {"middle": "Андреевна"}, Evidence.MIDDLE_DIFFERENT),
    ({}, {"family": "Анна", "first": "Иванова"}, Evidence.NAMES_SWAPPED),
    ({}, {"first": "Сергеевна", "middle": "Анна"}, Evidence.NAMES_SWAPPED),
    ({}, {"birth_date": date(2013, 4, 5)}, Evidence.DATE_SWAPPED),
    ({}, {"birth_date": date(2013, 5, 14)}, Evidence.DATE_CLOSE),
    ({}, {"birth_date": date(2011, 8, 30)}, Evidence.DATE_DIFFERENT),
    ({}, {"sex": Sex.MALE}, Evidence.SEX_DIFFERENT),
    (
        {"parents": (MOTHER,)},
        {"parents": (FullName("Ли", "Мария", "Сергеевна"),)},
        Evidence.PARENT_SAME,
    ),
    (
        {"parents": (MOTHER,)},
        {"parents": (FullName("Ёлкин", "Пётр", "Ильич"),)},
        Evidence.PARENT_DIFFERENT,
    ),
    ({"organisation": "1"}, {"organisation": "1"}, Evidence.ORGANISATION_SAME),
    ({"organisation": "1"}, {"organisation": "2"}, Evidence.ORGANISATION_DIFFERENT),
    (
        {"organisation": "1", "class_group": "5А"},
        {"organisation": "1", "class_group": "5А"},
        Evidence.CLASS_SAME,
    ),
    ({"address": "1"}, {"address": "1"}, Evidence.ADDRESS_SAME),
    ({}, {"family": "ИВАНОВА"}, Evidence.SOURCE_SAME),
    ({}, {"family": "ИВАНОВА"}, Evidence.FAMILY_SAME),
    ({}, {"family": "ИВАНОВА"}, Evidence.FIRST_SAME),
    ({}, {"family": "ИВАНОВА"}, Evidence.MIDDLE_SAME),
    ({}, {"family": "ИВАНОВА"}, Evidence.DATE_SAME),
]


@pytest.mark.parametrize(("left", "right", "expected"), CASES)
def test_each_fact_is_found_from_both_sides(
    left: dict[str, Any], right: dict[str, Any], expected: Evidence
) -> None:
    one, two = profile(COMMON, **left), profile(COMMON, **right)
    there, back = comparer().compare(one, two), comparer().compare(two, one)
    assert expected in there.facts
    assert there.facts == back.facts
    assert there.score == pytest.approx(back.score)


def test_every_fact_has_a_case() -> None:
    assert {expected for _, _, expected in CASES} == set(Evidence)


def test_a_rare_name_says_more() -> None:
    common = comparer().compare(profile(COMMON), profile(COMMON))
    rare = comparer().compare(profile(RARE), profile(RARE))
    assert rare.facts == common.facts
    assert rare.score > common.score + 10


def test_a_short_act_tells_nothing_without_its_office() -> None:
    one = profile(COMMON, birth_act=BirthAct("1234", date(2013, 5, 20), None))
    facts = comparer().compare(one, profile(COMMON, birth_act=SHORT_ACT)).facts
    assert not facts & {Evidence.ACT_SAME, Evidence.ACT_CLOSE, Evidence.ACT_DIFFERENT}


def test_acts_of_different_registers_are_not_compared() -> None:
    one, two = profile(COMMON, birth_act=ACT), profile(COMMON, birth_act=SHORT_ACT)
    facts = comparer().compare(one, two).facts
    assert not facts & {Evidence.ACT_SAME, Evidence.ACT_CLOSE, Evidence.ACT_DIFFERENT}


def test_numbers_that_say_nothing_are_not_compared() -> None:
    one = profile(COMMON, written_snils="0")
    facts = comparer().compare(one, profile(COMMON, written_snils="0")).facts
    assert Evidence.SNILS_MISTYPED not in facts


letters = st.text("абвгдеёжиклмнопрстуя", min_size=2, max_size=10)


@given(letters, letters, letters, letters, st.dates(date(2007, 1, 1), date(2018, 1, 1)))
def test_comparing_is_symmetric(a: str, b: str, c: str, d: str, day: date) -> None:
    one = profile(COMMON, family=a, first=b, middle=c)
    two = profile(COMMON, family=f"{c}-{d}", first=a, middle=b, birth_date=day)
    there, back = comparer().compare(one, two), comparer().compare(two, one)
    assert there.facts == back.facts
    assert there.score == pytest.approx(back.score)


def test_every_reason_has_a_russian_text_and_every_weight_a_ground() -> None:
    assert set(WEIGHTS) == set(Evidence)
    assert set(VERDICT_TEXTS) == set(Verdict)
    texts = [reason_text(each) for each in (*Evidence, *Verdict)]
    assert len(set(texts)) == len(texts)
    assert all(any("а" <= letter <= "я" for letter in text.lower()) for text in texts)
    assert not any(letter.isdigit() for text in texts for letter in text)
    assert all(weight.why for weight in WEIGHTS.values())


def test_records_of_two_sources_are_not_of_one() -> None:
    two = profile(COMMON, ref=RecordRef("clinic", "1"))
    assert Evidence.SOURCE_SAME not in comparer().compare(profile(COMMON), two).facts
