"""What a list says of a code, on a day or at all."""

from datetime import date
from functools import cache

from registry.codes.documents import read_data
from registry.codes.keys import CodeList, PrivilegeRank
from registry.codes.tables import CodeEntry, CodeTable, parse_code_list

# Programmes of additional education; all else in the list is a main programme.
_ADDITIONAL_PROGRAMMES = frozenset({"411", "412"})


@cache
def load_code_list(code_list: CodeList) -> CodeTable:
    """The list, read once; raises `RegistryError` (``code_list.…``) for a wrong file."""
    return parse_code_list(read_data("lists", code_list, "code_list"), code_list)


def title_of(code_list: CodeList, code: str, on: date | None = None) -> str | None:
    """The Russian title of `code` on a day, or its latest; None when the list does not hold one."""
    entry = load_code_list(code_list).entry(code, on)
    return entry.title if entry is not None else None


def is_known(code_list: CodeList, code: str, on: date | None = None) -> bool:
    """Whether `code` is in the list as it was on a day; without one, whether it ever was."""
    return load_code_list(code_list).entry(code, on) is not None


def codes_of(code_list: CodeList, on: date | None = None) -> tuple[str, ...]:
    """The codes of a list on a day, or all that it ever had; each once, in the list's order."""
    return tuple(dict.fromkeys(each.code for each in entries_of(code_list, on)))


def entries_of(code_list: CodeList, on: date | None = None) -> tuple[CodeEntry, ...]:
    """The entries of a list on a day, or all of them, in the list's order."""
    entries = load_code_list(code_list).entries
    return entries if on is None else tuple(each for each in entries if each.is_valid(on))


def version_of(code_list: CodeList) -> str:
    """The version of the list in use."""
    return load_code_list(code_list).version


def rank_of_privilege(code: str, on: date | None = None) -> PrivilegeRank | None:
    """Which right a privilege gives on a day, or gave last; None for an unknown one."""
    entry = load_code_list(CodeList.PRIVILEGE).entry(code, on)
    return entry.rank if entry is not None else None


def is_main_programme(code: str) -> bool:
    """Whether a programme is a main one; an unknown code is not taken for one."""
    return is_known(CodeList.PROGRAMME, code) and code not in _ADDITIONAL_PROGRAMMES
