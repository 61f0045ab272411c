"""Policies are read strictly, and the one in force is found by day."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from registry.admission import PolicyBook, Unfilled, federal_policies, load_policies, parse_policy
from registry.admission.criteria import CriterionName
from registry.errors import RegistryError
from registry.model import ApplicationKind, PrivilegeRank

GOOD = """
key = "own"
version = "2025"
kind = "school"
valid_from = 2025-01-01
clause = "постановление региона"
queue_states = ["ranked"]

[[criteria]]
name = "privilege"
ranks = ["first"]
clause = "п. 1"

[[criteria]]
name = "right"
codes = ["one"]
clause = "п. 2"

[[criteria]]
name = "right"
codes = ["two", "three"]
clause = "п. 3"

[[criteria]]
name = "average"
digits = 2
clause = "п. 4"

[allotment]
clause = "п. 5"
only_when_desired = true

[[allotment.groups]]
name = "special"
ranks = ["first"]
codes = ["one"]
unfilled = "kept"

[[allotment.groups]]
name = "general"
"""


def test_each_kind_of_application_has_a_federal_policy() -> None:
    assert sorted(policy.kind for policy in federal_policies()) == sorted(ApplicationKind)
    for policy in federal_policies():
        names = [criterion.name for criterion in policy.criteria]
        assert names[-2:] == [CriterionName.SUBMITTED_AT, CriterionName.SERIAL]
        assert all(criterion.clause for criterion in policy.criteria)
        assert not policy.regional


def test_the_turn_of_privileges_in_a_school_is_that_of_the_order() -> None:
    policy = load_policies().in_force(ApplicationKind.SCHOOL, date(2025, 7, 1))
    assert policy.privilege_ranks == (
        PrivilegeRank.EXTRAORDINARY,
        PrivilegeRank.FIRST,
        PrivilegeRank.PREFERENTIAL,
    )
    assert [each.name for each in policy.criteria][:2] == ["privilege", "territory"]


def test_a_policy_is_read_whole() -> None:
    policy = parse_policy(GOOD, "own.toml", regional=True)
    assert (policy.key, policy.version, policy.kind) == ("own", "2025", ApplicationKind.SCHOOL)
    assert (policy.valid_from, policy.valid_until) == (date(2025, 1, 1), None)
    assert policy.regional
    assert policy.queue_states == {"ranked"}
    assert [criterion.clause for criterion in policy.criteria] == ["п. 1", "п. 2", "п. 3", "п. 4"]
    assert policy.criteria[2].codes == {"two", "three"}
    assert policy.criteria[3].digits == 2
    special, general = policy.allotment.groups
    assert special.ranks == (PrivilegeRank.FIRST,)
    assert special.codes == {"one"}
    assert special.unfilled is Unfilled.KEPT
    assert general.name == "general"
    assert policy.allotment.only_when_desired


BROKEN = {
    "a setting left out": ('version = "2025"\n', ""),
    "an empty text": ('key = "own"', 'key = " "'),
    "a number for a text": ('key = "own"', "key = 1"),
    "an unknown setting": ('key = "own"', 'key = "own"\nkeys = "own"'),
    "an unknown kind": ('"school"', '"university"'),
    "a moment for a day": ("2025-01-01", "2025-01-01T00:00:00Z"),
    "a text for a day": ("2025-01-01", '"2025-01-01"'),
    "an end before the beginning": ("2025-01-01", "2025-01-01\nvalid_until = 2024-12-31"),
    "a state of another procedure": ('["ranked"]', '["queued"]'),
    "no states": ('["ranked"]', "[]"),
    "a state twice": ('["ranked"]', '["ranked", "ranked"]'),
    "a state that is no text": ('["ranked"]', '["ranked", 1]'),
    "no clause of a criterion": ('clause = "п. 1"\n', ""),
    "an unknown rank": ('ranks = ["first"]\nclause', 'ranks = ["fourth"]\nclause'),
    "a setting of another criterion": ('clause = "п. 1"', 'clause = "п. 1"\ndigits = 2'),
    "no codes": ('codes = ["one"]\nclause', "clause"),
    "too many digits": ("digits = 2", "digits = 7"),
    "a flag for digits": ("digits = 2", "digits = true"),
    "a criterion twice": ('name = "average"\ndigits = 2', 'name = "privilege"\nranks = ["first"]'),
    "a number for a flag": ("only_when_desired = true", "only_when_desired = 1"),
    "not said what becomes of places": ('unfilled = "kept"\n', ""),
    "said what becomes of everybody's": ('name = "general"', 'name = "general"\nunfilled = "kept"'),
    "a group twice": ('name = "general"', 'name = "special"'),
    "an unknown setting of allotting": ('clause = "п. 5"', 'clause = "п. 5"\norder = 1'),
    "no allotment": (GOOD[GOOD.index("[allotment]") :], ""),
    "no criteria": (
        GOOD[GOOD.index("[[criteria]]") : GOOD.index("[allotment]")],
        "",
    ),
}


@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_policy_is_refused(defect: str) -> None:
    old, new = BROKEN[defect]
    assert GOOD.count(old) >= 1
    with pytest.raises(RegistryError) as caught:
        parse_policy(GOOD.replace(old, new, 1), "own.toml")
    assert caught.value.code == "policy.field"
    assert caught.value.detail.startswith("own.toml: ")


def test_an_unknown_criterion_has_a_code_of_its_own() -> None:
    with pytest.raises(RegistryError, match=r"policy\.criterion_unknown: own\.toml: criteria 4"):
        parse_policy(GOOD.replace('"average"', '"height"'), "own.toml")


def test_what_is_no_toml_is_unreadable() -> None:
    with pytest.raises(RegistryError, match=r"policy\.unreadable: own\.toml"):
        parse_policy("key = ", "own.toml")


def test_a_region_s_own_policy_goes_before_the_federal_one(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace("2025-01-01", "2025-01-01\nvalid_until = 2025-12-31"), "utf-8")
    book = load_policies([path])

    def key_on(day: date) -> str:
        return book.in_force(ApplicationKind.SCHOOL, day).key

    assert key_on(date(2024, 12, 31)) == "school"
    assert key_on(date(2025, 1, 1)) == "own"
    assert key_on(date(2025, 12, 31)) == "own"
    assert key_on(date(2026, 1, 1)) == "school"
    days = book.turning_days(ApplicationKind.SCHOOL)
    assert days == [date(2020, 9, 22), date(2025, 1, 1), date(2026, 1, 1)]


def test_the_later_of_two_versions_is_in_force_from_its_day() -> None:
    texts = [GOOD, GOOD.replace("2025-01-01", "2025-06-01").replace('"2025"', '"2025-2"')]
    book = PolicyBook(tuple(parse_policy(text, "own.toml") for text in texts))
    assert book.in_force(ApplicationKind.SCHOOL, date(2025, 5, 31)).version == "2025"
    assert book.in_force(ApplicationKind.SCHOOL, date(2025, 6, 1)).version == "2025-2"
    with pytest.raises(RegistryError, match=r"policy\.not_in_force"):
        book.in_force(ApplicationKind.SCHOOL, date(2024, 12, 31))
    with pytest.raises(RegistryError, match=r"policy\.not_in_force"):
        book.in_force(ApplicationKind.COLLEGE, date(2025, 6, 1))


def test_a_later_federal_policy_does_not_set_a_region_s_own_aside() -> None:
    own = parse_policy(GOOD, "own.toml", regional=True)
    federal = replace(own, key="federal", valid_from=date(2025, 6, 1), regional=False)
    for policies in ((own, federal), (federal, own)):
        book = PolicyBook(policies)
        assert book.in_force(ApplicationKind.SCHOOL, date(2025, 7, 1)) == own


def test_two_policies_from_one_day_are_ambiguous(tmp_path: Path) -> None:
    paths = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for path in paths:
        path.write_text(GOOD, "utf-8")
    with pytest.raises(RegistryError, match=r"policy\.ambiguous"):
        load_policies(paths)


def test_a_missing_or_garbled_file_is_unreadable(tmp_path: Path) -> None:
    garbled = tmp_path / "garbled.toml"
    garbled.write_bytes(b"key = \xff")
    for path in (tmp_path / "none.toml", garbled):
        with pytest.raises(RegistryError, match=r"policy\.unreadable"):
            load_policies([path])


def test_the_federal_files_are_package_data() -> None:
    setup = Path(__file__).parents[4].joinpath("setup.cfg").read_text("utf-8")
    assert "registry.admission = policies/*.toml" in setup
    folder = files("registry.admission").joinpath("policies")
    assert len(federal_policies()) == sum(1 for _ in folder.iterdir())
