"""What the code lists know, on which day."""

from datetime import date

import pytest

from registry.codes import (
    CodeList,
    PrivilegeRank,
    codes_of,
    entries_of,
    is_known,
    is_main_programme,
    load_code_list,
    rank_of_privilege,
    title_of,
    version_of,
)

LAST_OF_TECHNOLOGY = date(2024, 8, 31)
FIRST_OF_LABOUR = date(2024, 9, 1)


@pytest.mark.parametrize("code_list", CodeList)
@pytest.mark.parametrize("code", ["999", "", " 1", "1 ", "01", "No such code"])
def test_an_unknown_code_is_not_guessed(code_list: CodeList, code: str) -> None:
    assert not is_known(code_list, code)
    assert title_of(code_list, code) is None


def test_known_codes_have_titles() -> None:
    assert title_of(CodeList.EDUCATION_FORM, "11") == "очная"
    assert title_of(CodeList.COUNTRY, "860") == "Узбекистан"


@pytest.mark.parametrize("code", ["16", "23", "24", "25", "26", "29", "30"])
def test_a_code_without_a_title_is_known(code: str) -> None:
    assert is_known(CodeList.IDENTITY_DOCUMENT_TYPE, code)
    assert title_of(CodeList.IDENTITY_DOCUMENT_TYPE, code) is None


def test_a_title_is_that_of_the_day() -> None:
    assert title_of(CodeList.SUBJECT, "technology", LAST_OF_TECHNOLOGY) == "технология"
    assert title_of(CodeList.SUBJECT, "technology", FIRST_OF_LABOUR) == "труд (технология)"
    assert title_of(CodeList.SUBJECT, "technology") == "труд (технология)"


def test_a_code_is_known_from_its_first_day_on() -> None:
    assert not is_known(CodeList.PRIVILEGE, "sibling", date(2019, 12, 12))
    assert title_of(CodeList.PRIVILEGE, "sibling", date(2019, 12, 12)) is None
    assert is_known(CodeList.PRIVILEGE, "sibling", date(2019, 12, 13))
    assert is_known(CodeList.PRIVILEGE, "sibling")
    assert "sibling" not in codes_of(CodeList.PRIVILEGE, date(2019, 12, 12))


def test_the_past_is_known_though_the_version_is_younger() -> None:
    long_ago = date(2005, 9, 1)
    assert long_ago < load_code_list(CodeList.CITIZENSHIP).valid_from
    assert is_known(CodeList.CITIZENSHIP, "1", long_ago)


def test_codes_come_once_and_in_the_order_of_the_list() -> None:
    assert codes_of(CodeList.CITIZENSHIP) == ("1", "2", "3", "4")
    assert codes_of(CodeList.SUBJECT).count("technology") == 1
    on_the_day = [each.code for each in entries_of(CodeList.SUBJECT, FIRST_OF_LABOUR)]
    assert on_the_day.count("technology") == 1
    assert [each.code for each in entries_of(CodeList.SUBJECT)].count("technology") == 2


@pytest.mark.parametrize("code_list", CodeList)
def test_every_list_has_a_version(code_list: CodeList) -> None:
    assert version_of(code_list) == load_code_list(code_list).version != ""


def test_a_list_is_read_once() -> None:
    assert load_code_list(CodeList.SUBJECT) is load_code_list(CodeList.SUBJECT)


@pytest.mark.parametrize(
    ("code", "rank"),
    [
        ("judge", PrivilegeRank.EXTRAORDINARY),
        ("serviceman", PrivilegeRank.FIRST),
        ("sibling", PrivilegeRank.PREFERENTIAL),
        ("no_such", None),
    ],
)
def test_the_rank_of_a_privilege(code: str, rank: PrivilegeRank | None) -> None:
    assert rank_of_privilege(code) is rank


def test_the_rank_of_a_privilege_that_was_not_yet_given() -> None:
    assert rank_of_privilege("killed_serviceman", date(2023, 6, 23)) is None
    assert rank_of_privilege("killed_serviceman", date(2023, 6, 24)) is PrivilegeRank.EXTRAORDINARY


@pytest.mark.parametrize(
    ("code", "main"), [("12", True), ("212", True), ("411", False), ("412", False), ("x", False)]
)
def test_main_programmes(code: str, main: bool) -> None:
    assert is_main_programme(code) is main
