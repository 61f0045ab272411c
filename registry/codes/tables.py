"""A code list as a value, and how its data file is read.

    key = "subject"               # the name of the file
    title = "Учебные предметы"
    source = "…"                  # whose list it is
    version = "1"
    valid_from = 2026-09-01       # since when the register uses this version

    [[entries]]
    code = "technology"
    title = "технология"          # left out where our source gives none: then a note says so
    valid_to = 2024-08-31         # the last day; valid_from, the first; left out: not limited
    note = "…"
    law = "…"                     # the act it rests on
    rank = "first"                # of privileges, and only there

A code whose title or rank changed has an entry for each period; the periods don't overlap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from registry.codes.documents import parse_document, require_shape
from registry.codes.keys import CodeList, PrivilegeRank
from registry.errors import RegistryError

_ERROR = "code_list"
_HEAD: Mapping[str, type] = MappingProxyType(
    {"key": str, "title": str, "source": str, "version": str, "valid_from": date, "entries": list}
)
_ENTRY: Mapping[str, type] = MappingProxyType({"code": str})
_ENTRY_OPTIONAL: Mapping[str, type] = MappingProxyType(
    {"title": str, "valid_from": date, "valid_to": date, "note": str, "law": str, "rank": str}
)


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """A code in a period, both days included; None: no first or last day is known.

    `title` is Russian, None where the source of the list gives none.
    """

    code: str
    title: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str | None = None
    law: str | None = None
    rank: PrivilegeRank | None = None

    def is_valid(self, day: date) -> bool:
        """Whether the entry holds on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One version of a list. `valid_from`: since when the register uses this version.

    What an entry says of its own period is not limited by that: a version also holds the past.
    `by_code`: the entries of each code, the earliest first.
    """

    key: CodeList
    title: str
    source: str
    version: str
    valid_from: date
    entries: tuple[CodeEntry, ...]
    by_code: Mapping[str, tuple[CodeEntry, ...]]

    def entry(self, code: str, on: date | None = None) -> CodeEntry | None:
        """The entry of `code` on a day, or its latest one; None when there is none."""
        entries = self.by_code.get(code, ())
        if on is None:
            return entries[-1] if entries else None
        return next((each for each in entries if each.is_valid(on)), None)


def parse_code_list(text: str, key: CodeList) -> CodeTable:
    """The list `key` from its data file.

    Raises `RegistryError`: ``code_list.syntax``, ``code_list.shape``, ``code_list.key`` (another
    list's file), ``code_list.empty``, ``code_list.untitled`` (neither title nor note),
    ``code_list.period`` (ends before it begins), ``code_list.overlap`` (one code twice on a day),
    ``code_list.rank`` (unknown, missing, or outside the list of privileges).
    """
    document = require_shape(parse_document(text, _ERROR), _HEAD, {}, where=key, error=_ERROR)
    if document["key"] != key:
        raise RegistryError("code_list.key", f"{key}: the file says {document['key']}")
    entries = tuple(_parse_entry(each, key) for each in document["entries"])
    if not entries:
        raise RegistryError("code_list.empty", key)
    return CodeTable(
        key=key,
        title=document["title"],
        source=document["source"],
        version=document["version"],
        valid_from=document["valid_from"],
        entries=entries,
        by_code=MappingProxyType(_group(entries, key)),
    )


def _parse_entry(table: object, key: CodeList) -> CodeEntry:
    fields = require_shape(table, _ENTRY, _ENTRY_OPTIONAL, where=f"{key}.entries", error=_ERROR)
    where = f"{key} {fields['code']}"
    entry = CodeEntry(
        code=fields["code"],
        title=fields.get("title"),
        valid_from=fields.get("valid_from"),
        valid_to=fields.get("valid_to"),
        note=fields.get("note"),
        law=fields.get("law"),
        rank=_parse_rank(fields, key, where),
    )
    if entry.title is None and entry.note is None:
        raise RegistryError("code_list.untitled", where)
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        raise RegistryError("code_list.period", where)
    return entry


def _parse_rank(fields: Mapping[str, Any], key: CodeList, where: str) -> PrivilegeRank | None:
    if ("rank" in fields) != (key is CodeList.PRIVILEGE):
        raise RegistryError("code_list.rank", f"{where}: privileges have a rank, no other code has")
    if key is not CodeList.PRIVILEGE:
        return None
    try:
        return PrivilegeRank(fields["rank"])
    except ValueError as cause:
        raise RegistryError("code_list.rank", f"{where}: {fields['rank']}") from cause


def _group(entries: tuple[CodeEntry, ...], key: CodeList) -> dict[str, tuple[CodeEntry, ...]]:
    groups: dict[str, list[CodeEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.code, []).append(entry)
    for code, group in groups.items():
        group.sort(key=lambda each: each.valid_from or date.min)
        for earlier, later in pairwise(group):
            begins = later.valid_from or date.min
            if earlier.valid_to is None or begins <= earlier.valid_to:
                raise RegistryError("code_list.overlap", f"{key} {code}")
    return {code: tuple(group) for code, group in groups.items()}
