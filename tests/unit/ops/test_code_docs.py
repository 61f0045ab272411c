"""The document on code lists shows every list, every code and every pair."""

import re

from ops.code_docs import render_code_lists
from registry.codes import CodeList, CodeMapping, entries_of, load_mapping


def sections() -> dict[str, str]:
    parts = re.split(r"^## (\S+)\n", render_code_lists(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(section: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def test_every_list_and_every_code_is_shown() -> None:
    shown = sections()
    for key in CodeList:
        codes = [row[0] for row in rows(shown[key])]
        assert codes == [f"`{each.code}`" for each in entries_of(key)]


def test_every_mapping_and_every_pair_is_shown() -> None:
    shown = sections()
    for key in CodeMapping:
        pairs = [(row[0], row[2]) for row in rows(shown[key])]
        assert pairs == [(f"`{ours}`", f"`{theirs}`") for ours, theirs in load_mapping(key).pairs]


def test_a_period_a_rank_and_a_missing_title_are_shown() -> None:
    shown = sections()
    assert "| `technology` | технология |  | 2024-08-31 |" in shown["subject"]
    assert "| `first` | 76-ФЗ, ст. 19, п. 6 |" in shown["privilege"]
    assert "| `16` | — | в источнике наименования нет |" in shown["identity_document_type"]
