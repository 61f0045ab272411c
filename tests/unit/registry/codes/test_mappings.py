"""Mappings, pair by pair; and how a wrong file is told."""

import pytest

from registry.codes import CodeMapping, codes_of, from_ours, is_known, load_mapping, to_ours
from registry.codes.mappings import parse_mapping
from registry.errors import RegistryError
from registry.procedures.states import KindergartenState

CITIZENSHIP = {"1": "0", "3": "1", "4": "2", "2": "3"}
ADAPTATION = {
    "204": "1",
    "213": "2",
    "202": "3",
    "201": "4",
    "207": "5",
    "206": "6",
    "208": "7",
    "212": "8",
    "214": "9",
}
KINDERGARTEN = {
    "110": KindergartenState.REGISTERED,
    "120": KindergartenState.REVIEW,
    "130": KindergartenState.CONFIRM_DOCUMENTS,
    "140": KindergartenState.QUEUED,
    "150": KindergartenState.REFUSED,
    "160": KindergartenState.QUEUED,
    "190": KindergartenState.OFFERED,
    "210": KindergartenState.SUSPENDED_NO_SHOW,
    "220": KindergartenState.SUSPENDED_DECLINED,
    "230": KindergartenState.CONSENT_REVIEW,
    "240": KindergartenState.CONTRACT,
    "250": KindergartenState.ENROLLED,
}


@pytest.mark.parametrize(
    ("mapping", "pairs"),
    [
        (CodeMapping.CITIZENSHIP_EXCHANGE, CITIZENSHIP),
        (CodeMapping.ADAPTATION_PORTAL, ADAPTATION),
    ],
)
def test_each_pair_in_both_directions(mapping: CodeMapping, pairs: dict[str, str]) -> None:
    table = load_mapping(mapping)
    assert dict(table.pairs) == pairs
    assert {code: from_ours(mapping, code) for code in pairs} == pairs
    assert {to_ours(mapping, code): code for code in pairs.values()} == pairs


def test_the_digit_of_a_citizen_here_is_that_of_a_foreigner_there() -> None:
    assert to_ours(CodeMapping.CITIZENSHIP_EXCHANGE, "1") == "3"
    assert from_ours(CodeMapping.CITIZENSHIP_EXCHANGE, "1") == "0"


def test_every_citizenship_has_its_pair() -> None:
    table = load_mapping(CodeMapping.CITIZENSHIP_EXCHANGE)
    assert {pair[0] for pair in table.pairs} == set(codes_of(table.ours))
    assert {pair[1] for pair in table.pairs} == set(codes_of(table.theirs))


@pytest.mark.parametrize("code", ["203", "205", "209", "210", "211"])
def test_an_adaptation_that_the_portal_does_not_have(code: str) -> None:
    assert from_ours(CodeMapping.ADAPTATION_PORTAL, code) is None


def test_states_behind_the_statuses_of_the_portal() -> None:
    statuses = codes_of(load_mapping(CodeMapping.KINDERGARTEN_PORTAL).theirs)
    found = {code: to_ours(CodeMapping.KINDERGARTEN_PORTAL, code) for code in statuses}
    assert found == {**KINDERGARTEN, "170": None, "180": None}


def test_a_code_that_has_several_is_not_translated() -> None:
    mapping = CodeMapping.KINDERGARTEN_PORTAL
    assert from_ours(mapping, KindergartenState.QUEUED) is None
    assert from_ours(mapping, KindergartenState.CANCELLED) is None
    assert from_ours(mapping, KindergartenState.ENROLLED) == "250"


@pytest.mark.parametrize("mapping", CodeMapping)
@pytest.mark.parametrize("code", ["999", "", "РФ", "01"])
def test_an_unknown_code_is_not_guessed(mapping: CodeMapping, code: str) -> None:
    assert to_ours(mapping, code) is None
    assert from_ours(mapping, code) is None


@pytest.mark.parametrize("mapping", CodeMapping)
def test_both_sides_are_in_their_lists_and_one_to_one_where_declared(mapping: CodeMapping) -> None:
    table = load_mapping(mapping)
    for ours, theirs in table.pairs:
        assert is_known(table.ours, ours)
        assert is_known(table.theirs, theirs)
    unique = all(len({pair[side] for pair in table.pairs}) == len(table.pairs) for side in (0, 1))
    assert table.one_to_one is unique


GOOD = """
key = "citizenship_exchange"
title = "Гражданство"
source = "обмен"
version = "1"
valid_from = 2026-09-01
ours = "citizenship"
theirs = "exchange_citizenship"
one_to_one = true
pairs = [{ ours = "1", theirs = "0" }, { ours = "3", theirs = "1" }]
"""


def test_a_good_file() -> None:
    table = parse_mapping(GOOD, CodeMapping.CITIZENSHIP_EXCHANGE)
    assert table.pairs == (("1", "0"), ("3", "1"))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("one_to_one = true", "one_to_one =", "code_mapping.syntax"),
        ("one_to_one = true", "one_to_one = 1", "code_mapping.shape"),
        ("one_to_one = true", "", "code_mapping.shape"),
        ('ours = "1", ', "", "code_mapping.shape"),
        ('{ ours = "3", theirs = "1" }', '"3"', "code_mapping.shape"),
        ("citizenship_exchange", "adaptation_portal", "code_mapping.key"),
        ('ours = "citizenship"', 'ours = "citizen"', "code_mapping.list"),
        ('ours = "3"', 'ours = "5"', "code_mapping.unknown_code"),
        ('theirs = "1"', 'theirs = "4"', "code_mapping.unknown_code"),
        ('theirs = "1" }', 'theirs = "0" }', "code_mapping.not_one_to_one"),
        ('ours = "3"', 'ours = "1"', "code_mapping.not_one_to_one"),
        (
            '{ ours = "3", theirs = "1" }',
            '{ ours = "1", theirs = "0" }',
            "code_mapping.repeated",
        ),
    ],
)
def test_a_broken_sibling(old: str, new: str, code: str) -> None:
    assert old in GOOD
    with pytest.raises(RegistryError) as caught:
        parse_mapping(GOOD.replace(old, new, 1), CodeMapping.CITIZENSHIP_EXCHANGE)
    assert caught.value.code == code


def test_what_is_certain_of_a_mapping_that_is_not_one_to_one() -> None:
    text = GOOD.replace("one_to_one = true", "one_to_one = false").replace(
        'ours = "3"', 'ours = "1"'
    )
    table = parse_mapping(text, CodeMapping.CITIZENSHIP_EXCHANGE)
    assert dict(table.by_theirs) == {"0": "1", "1": "1"}
    assert dict(table.by_ours) == {}
