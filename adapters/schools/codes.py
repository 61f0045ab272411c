"""A school system's code lists and what they are in ours, read from a TOML file beside its adapter.

    [sex]
    closed = true          # a value that is not here makes the record unreadable
    [sex.codes]
    "М" = "male"
    "Ж" = "female"

An unknown value of an open list is kept as received, for the register to report; unless it looks
like one of our own codes, for then it would silently be taken for something it may not be.
Source: registry.md §2, last paragraph.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files

from adapters.errors import AdapterError


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: the source's values, as written and folded by `fold_value`, and our codes."""

    codes: Mapping[str, str]
    ours: frozenset[str]
    closed: bool

    def translate(self, value: str) -> str | None:
        """Our code for the source's `value`; None when it can neither be mapped nor kept."""
        code = self.codes.get(value) or self.codes.get(fold_value(value))
        if code is not None:
            return code
        return None if self.closed or value in self.ours else value


@dataclass(frozen=True, slots=True)
class CodeLists:
    """All the lists of one system; each field is a table of its file."""

    sex: CodeList
    citizenship: CodeList
    document_type: CodeList
    education_form: CodeList
    programme: CodeList
    entry_reason: CodeList
    organisation_type: CodeList
    organisation_status: CodeList


def load_code_lists(file_name: str) -> CodeLists:
    """The lists in a file of this package; raises `AdapterError` (source.misconfigured)."""
    try:
        text = files(__package__).joinpath(file_name).read_text(encoding="utf-8")
        return parse_code_lists(text)
    except OSError as error:
        raise AdapterError("source.misconfigured", f"no code lists {file_name}") from error


def parse_code_lists(text: str) -> CodeLists:
    """The lists in a TOML document; raises `AdapterError` (source.misconfigured)."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AdapterError("source.misconfigured", f"code lists: {error}") from error
    names = [each.name for each in fields(CodeLists)]
    if sorted(tables) != sorted(names):
        odd = ", ".join(sorted(set(tables) ^ set(names)))
        raise AdapterError("source.misconfigured", f"code lists missing or unknown: {odd}")
    return CodeLists(**{name: _parse_list(name, tables[name]) for name in names})


def fold_value(value: str) -> str:
    """`value` as lists are searched by it: case and Ё/Е, by which people spell as they like."""
    return value.casefold().replace("ё", "е")


def _parse_list(name: str, table: object) -> CodeList:
    if not isinstance(table, dict) or not table.keys() <= {"closed", "codes"}:
        raise AdapterError("source.misconfigured", f"code list {name}: only closed and codes")
    closed, codes = table.get("closed", False), table.get("codes")
    if not isinstance(closed, bool) or not isinstance(codes, dict):
        raise AdapterError("source.misconfigured", f"code list {name}: closed or codes is wrong")
    if not all(isinstance(each, str) and each for each in codes.values()):
        raise AdapterError("source.misconfigured", f"code list {name}: codes are texts")
    folded = {fold_value(value): code for value, code in codes.items()}
    if len(folded) != len(codes):
        raise AdapterError("source.misconfigured", f"code list {name}: one value in two spellings")
    return CodeList(codes={**folded, **codes}, ours=frozenset(codes.values()), closed=closed)
