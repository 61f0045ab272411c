"""Joined, uncertain or new: the cases that matter, one by one."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from registry.identity.decision import Candidate, Joined, New, Uncertain
from registry.identity.evidence import Evidence, Verdict
from registry.identity.records import IdentityRecord, Profile, RecordRef
from registry.model import BirthAct, IdentityDocument
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
    decided,
    person,
    profile,
)

CLINIC = RecordRef("clinic", "77")


def elsewhere(record: IdentityRecord, **changes: Any) -> Profile:
    """The record as another source sends it."""
    return profile(record, ref=CLINIC, **changes)


def test_nobody_near_is_new() -> None:
    assert decided(elsewhere(COMMON)) == New()
    stranger = person(1, profile(RARE, birth_date=date(2009, 9, 9)))
    assert decided(elsewhere(COMMON), stranger) == New()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"family": "Петрова"},
        {"family": "Петрова", "middle": "Андреевна"},
        {"birth_date": date(2013, 4, 5)},
        {"birth_date": date(2010, 11, 30)},
        {"family": "Анна", "first": "Иванова"},
        {"family": "Ivanova", "first": "Anna", "middle": None},
        {"documents": (OTHER_CERTIFICATE,)},
        {"organisation": "2"},
    ],
)
@pytest.mark.parametrize(
    "number", [{"snils": SNILS}, {"birth_act": ACT}, {"documents": (CERTIFICATE,)}]
)
def test_a_number_in_common_joins(number: dict[str, Any], changes: dict[str, Any]) -> None:
    if "documents" in number and "documents" in changes:
        changes = {}
    known = person(1, profile(COMMON, organisation="1", **number))
    far_date = changes.get("birth_date") == date(2010, 11, 30)
    decision = decided(elsewhere(COMMON, **number | changes), known)
    assert isinstance(decision, Joined), (decision, far_date)
    assert decision.person == known.person


def test_snils_of_somebody_else_is_a_conflict() -> None:
    known = person(1, profile(COMMON, snils=SNILS))
    decision = decided(elsewhere(RARE, snils=SNILS, birth_date=date(2009, 9, 9)), known)
    assert isinstance(decision, Uncertain)
    assert decision.reasons[0] is Verdict.SNILS_CONFLICT
    assert Verdict.SNILS_CONFLICT.value == "person.snils_conflict"


def test_another_surname_and_birth_date_make_snils_a_conflict_too() -> None:
    known = person(1, profile(COMMON, snils=SNILS))
    decision = decided(
        elsewhere(COMMON, snils=SNILS, family="Петрова", birth_date=date(2009, 9, 9)), known
    )
    assert isinstance(decision, Uncertain)
    assert decision.reasons[0] is Verdict.SNILS_CONFLICT


def test_the_snils_of_a_twin_joins_nobody() -> None:
    known = person(1, profile(COMMON, snils=SNILS, first="Алина"))
    decision = decided(elsewhere(COMMON, snils=SNILS, first="Арина"), known)
    assert isinstance(decision, Uncertain)
    assert decision.reasons[0] is Verdict.SNILS_OF_ANOTHER


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({}, {}),
        ({"birth_act": ACT}, {"birth_act": BirthAct("113029800017000123457", None, None)}),
        (
            {"documents": (CERTIFICATE,)},
            {"documents": (IdentityDocument("11", "II-АН", "512346"),)},
        ),
        ({"snils": SNILS}, {"snils": OTHER_SNILS}),
    ],
)
def test_twins_stay_apart(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    family = {"parents": (MOTHER,), "organisation": "1", "class_group": "5А", "address": "3"}
    known = person(1, profile(RARE, first="Алина", **family, **mine))
    assert decided(elsewhere(RARE, first="Арина", **family, **theirs), known) == New()


def test_twins_with_rare_names_a_letter_apart_are_for_a_clerk() -> None:
    family = {"parents": (MOTHER,), "organisation": "1", "address": "3"}
    known = person(1, profile(RARE, first="Агапия", **family))
    decision = decided(elsewhere(RARE, first="Агафия", **family), known)
    assert isinstance(decision, Uncertain)
    assert Evidence.FIRST_DOUBTFUL in decision.reasons


@pytest.mark.parametrize(
    ("mine", "theirs", "fact"),
    [
        ({"snils": SNILS}, {"snils": OTHER_SNILS}, Evidence.SNILS_DIFFERENT),
        ({"birth_act": ACT}, {"birth_act": OTHER_ACT}, Evidence.ACT_DIFFERENT),
        (
            {"snils": SNILS, "documents": (CERTIFICATE,)},
            {"snils": OTHER_SNILS, "documents": (CERTIFICATE,)},
            Evidence.SNILS_DIFFERENT,
        ),
        (
            {"snils": SNILS, "birth_act": ACT},
            {"snils": SNILS, "birth_act": OTHER_ACT},
            Evidence.ACT_DIFFERENT,
        ),
    ],
)
def test_numbers_that_differ_forbid_a_join(
    mine: dict[str, Any], theirs: dict[str, Any], fact: Evidence
) -> None:
    family = {"parents": (MOTHER,), "organisation": "1"}
    known = person(1, profile(RARE, **family, **mine))
    decision = decided(elsewhere(RARE, **family, **theirs), known)
    assert isinstance(decision, Uncertain)
    assert fact in decision.reasons
    assert decision.reasons[0] is Verdict.CONTRADICTION


def test_a_number_that_differs_in_any_record_of_the_person_forbids() -> None:
    known = person(
        1,
        profile(RARE, ref=RecordRef("circles", "5"), parents=(MOTHER,)),
        profile(RARE, snils=SNILS),
    )
    decision = decided(elsewhere(RARE, snils=OTHER_SNILS, parents=(MOTHER,)), known)
    assert isinstance(decision, Uncertain)


def test_namesakes_by_different_numbers_are_two() -> None:
    known = person(1, profile(COMMON, snils=SNILS))
    assert decided(elsewhere(COMMON, snils=OTHER_SNILS), known) == New()


def test_a_rare_name_joins_and_a_common_one_asks() -> None:
    rare = decided(elsewhere(RARE), person(1, profile(RARE)))
    assert isinstance(rare, Joined)
    common = decided(elsewhere(COMMON), person(1, profile(COMMON)))
    assert isinstance(common, Uncertain)
    assert common.reasons[0] is Verdict.NOT_RARE_ENOUGH


@pytest.mark.parametrize(
    "more", [{"parents": (MOTHER,)}, {"organisation": "1"}, {"address": "house"}]
)
def test_a_common_name_joins_with_other_evidence(more: dict[str, Any]) -> None:
    decision = decided(elsewhere(COMMON, **more), person(1, profile(COMMON, **more)))
    assert isinstance(decision, Joined)


def test_the_more_persons_the_more_must_agree() -> None:
    known = person(1, profile(COMMON))
    assert isinstance(decided(elsewhere(COMMON), known, population=1_000), Joined)
    assert isinstance(decided(elsewhere(COMMON), known, population=1_000_000), Uncertain)
    assert decided(elsewhere(COMMON), known, population=10**10) == New()


def test_two_namesakes_are_for_a_clerk() -> None:
    one = person(1, profile(RARE, ref=RecordRef("school", "1"), snils=SNILS))
    two = person(2, profile(RARE, ref=RecordRef("school", "2"), snils=OTHER_SNILS))
    decision = decided(elsewhere(RARE), one, two)
    assert isinstance(decision, Uncertain)
    assert decision.reasons[0] is Verdict.RIVALS
    assert {each.person for each in decision.candidates} == {one.person, two.person}


def test_one_source_holding_two_cards_of_a_common_name_does_not_join_them() -> None:
    known = person(1, profile(COMMON, organisation="1"))
    decision = decided(
        profile(COMMON, ref=RecordRef("school", "2"), organisation="1"), known, population=100_000
    )
    assert not isinstance(decision, Joined)


def test_other_certificates_ask_unless_something_agrees() -> None:
    known = person(1, profile(RARE, documents=(CERTIFICATE,), parents=(MOTHER,)))
    alone = decided(elsewhere(RARE, documents=(OTHER_CERTIFICATE,)), known)
    assert isinstance(alone, Uncertain)
    mother = decided(elsewhere(RARE, documents=(OTHER_CERTIFICATE,), parents=(MOTHER,)), known)
    assert isinstance(mother, Joined)


def test_a_duplicate_in_the_register_is_told() -> None:
    one = person(1, profile(RARE, snils=SNILS))
    two = person(2, profile(RARE, ref=RecordRef("circles", "9"), parents=(MOTHER,)))
    decision = decided(elsewhere(RARE, snils=SNILS, parents=(MOTHER,)), one, two)
    assert isinstance(decision, Joined)
    assert decision.person == one.person
    assert [each.person for each in decision.rivals] == [two.person]


def test_snils_goes_before_a_document_of_somebody_else() -> None:
    one = person(1, profile(COMMON, snils=SNILS))
    two = person(2, profile(COMMON, ref=RecordRef("circles", "9"), documents=(CERTIFICATE,)))
    decision = decided(elsewhere(COMMON, snils=SNILS, documents=(CERTIFICATE,)), one, two)
    assert isinstance(decision, Joined)
    assert decision.person == one.person
    assert decision.rivals


def test_two_documents_of_two_persons_are_for_a_clerk() -> None:
    one = person(1, profile(COMMON, documents=(CERTIFICATE,)))
    two = person(2, profile(COMMON, ref=RecordRef("circles", "9"), documents=(OTHER_CERTIFICATE,)))
    decision = decided(elsewhere(COMMON, documents=(CERTIFICATE, OTHER_CERTIFICATE)), one, two)
    assert isinstance(decision, Uncertain)
    assert decision.reasons[0] is Verdict.RIVALS


def test_what_a_clerk_has_refused_is_not_proposed_again() -> None:
    known = person(1, profile(COMMON))
    assert isinstance(decided(elsewhere(COMMON), known), Uncertain)
    refused = replace(known, refused=frozenset({CLINIC}))
    assert decided(elsewhere(COMMON), refused) == New()


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates: list[Candidate] = [
        person(1, profile(COMMON)),
        person(2, profile(COMMON, family="Ивановна")),
        person(3, profile(COMMON, snils=SNILS)),
    ]
    record = elsewhere(COMMON, organisation="1")
    decisions = [decided(record, *order) for order in permutations(candidates)]
    assert all(each == decisions[0] for each in decisions)
