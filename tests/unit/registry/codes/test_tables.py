"""A good data file, and its broken siblings, each with the code of its defect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes import CodeList
from registry.codes.documents import read_data
from registry.codes.tables import parse_code_list
from registry.errors import RegistryError

HEAD = """
key = "subject"
title = "Учебные предметы"
source = "реестр"
version = "1"
valid_from = 2026-09-01
"""
FIRST = """
[[entries]]
code = "technology"
title = "технология"
valid_to = 2024-08-31
"""
SECOND = """
[[entries]]
code = "technology"
title = "труд (технология)"
valid_from = 2024-09-01
"""
GOOD = HEAD + SECOND + FIRST


def test_a_good_file() -> None:
    table = parse_code_list(GOOD, CodeList.SUBJECT)
    assert (table.title, table.version, len(table.entries)) == ("Учебные предметы", "1", 2)
    titles = [each.title for each in table.by_code["technology"]]
    assert titles == ["технология", "труд (технология)"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("valid_from = 2026-09-01", "valid_from = 2026-13-01", "code_list.syntax"),
        ('version = "1"', 'version = "1', "code_list.syntax"),
        ('version = "1"', "", "code_list.shape"),
        ('version = "1"', "version = 1", "code_list.shape"),
        ('version = "1"', 'version = " "', "code_list.shape"),
        ('version = "1"', 'version = "1"\nversions = "2"', "code_list.shape"),
        ("valid_from = 2026-09-01", 'valid_from = "2026-09-01"', "code_list.shape"),
        ("valid_from = 2024-09-01", "valid_from = 2024-09-01T00:00:00", "code_list.shape"),
        ('code = "technology"\ntitle = "технология"', 'title = "технология"', "code_list.shape"),
        ('title = "технология"', 'title = "технология"\nname = "х"', "code_list.shape"),
        ('title = "технология"', 'title = ""', "code_list.shape"),
        ('code = "technology"', "code = 11", "code_list.shape"),
        ('key = "subject"', 'key = "country"', "code_list.key"),
        ('title = "технология"', "", "code_list.untitled"),
        ("valid_to = 2024-08-31", "valid_to = 2024-09-01", "code_list.overlap"),
        ("valid_to = 2024-08-31", "", "code_list.overlap"),
        ("valid_from = 2024-09-01", "", "code_list.overlap"),
        (
            "valid_to = 2024-08-31",
            "valid_from = 2024-09-01\nvalid_to = 2024-08-31",
            "code_list.period",
        ),
        ('title = "технология"', 'title = "технология"\nrank = "first"', "code_list.rank"),
    ],
)
def test_a_broken_sibling(old: str, new: str, code: str) -> None:
    assert old in GOOD
    with pytest.raises(RegistryError) as caught:
        parse_code_list(GOOD.replace(old, new, 1), CodeList.SUBJECT)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "entries = []\n", "code_list.empty"),
        (HEAD + "entries = [1]\n", "code_list.shape"),
        (HEAD + "entries = {}\n", "code_list.shape"),
        (HEAD, "code_list.shape"),
        ("", "code_list.shape"),
    ],
)
def test_a_file_without_entries(text: str, code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse_code_list(text, CodeList.SUBJECT)
    assert caught.value.code == code


@pytest.mark.parametrize("rank", ["", 'rank = "last"\n'])
def test_a_privilege_without_a_rank_or_with_an_unknown_one(rank: str) -> None:
    head = HEAD.replace("subject", "privilege")
    entry = '[[entries]]\ncode = "judge"\ntitle = "дети судей"\n'
    good = head + entry + 'rank = "extraordinary"\n'
    assert parse_code_list(good, CodeList.PRIVILEGE).entries[0].rank == "extraordinary"
    with pytest.raises(RegistryError) as caught:
        parse_code_list(head + entry + rank, CodeList.PRIVILEGE)
    assert caught.value.code == "code_list.rank"


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(RegistryError) as caught:
        read_data("lists", "no_such_list", "code_list")
    assert caught.value.code == "code_list.missing"


@given(st.text() | st.dictionaries(st.text(max_size=8), st.text(max_size=8)).map(str))
def test_whatever_a_file_holds_one_error_comes_of_it(text: str) -> None:
    with pytest.raises(RegistryError):
        parse_code_list(text, CodeList.SUBJECT)
