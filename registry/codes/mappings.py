"""Mappings between a list of ours and a list of others, read from data files.

    key = "citizenship_exchange"  # the name of the file
    title = "…"
    source = "…"
    version = "1"
    valid_from = 2026-09-01       # since when the register uses this version
    ours = "citizenship"          # lists of `registry.codes.keys`
    theirs = "exchange_citizenship"
    one_to_one = true             # no code, of ours or of theirs, comes twice
    pairs = [{ ours = "1", theirs = "0" }]

A code that has no pair, or more than one, is translated to None: never guessed, never passed on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from registry.codes.documents import parse_document, read_data, require_shape
from registry.codes.keys import CodeList, CodeMapping
from registry.codes.lookup import is_known
from registry.errors import RegistryError

_ERROR = "code_mapping"
_HEAD: Mapping[str, type] = MappingProxyType(
    {
        "key": str,
        "title": str,
        "source": str,
        "version": str,
        "valid_from": date,
        "ours": str,
        "theirs": str,
        "one_to_one": bool,
        "pairs": list,
    }
)
_PAIR: Mapping[str, type] = MappingProxyType({"ours": str, "theirs": str})


@dataclass(frozen=True, slots=True)
class MappingTable:
    """One version of a mapping. `pairs`: our code and theirs; the two views hold the certain ones.

    `valid_from`: since when the register uses this version.
    """

    key: CodeMapping
    title: str
    source: str
    version: str
    valid_from: date
    ours: CodeList
    theirs: CodeList
    one_to_one: bool
    pairs: tuple[tuple[str, str], ...]
    by_ours: Mapping[str, str]
    by_theirs: Mapping[str, str]


@cache
def load_mapping(mapping: CodeMapping) -> MappingTable:
    """The mapping, read once; raises `RegistryError` (``code_mapping.…``) for a wrong file."""
    return parse_mapping(read_data("mappings", mapping, _ERROR), mapping)


def to_ours(mapping: CodeMapping, code: str) -> str | None:
    """Our code for their `code`; None when it is unknown, or stands for several of ours."""
    return load_mapping(mapping).by_theirs.get(code)


def from_ours(mapping: CodeMapping, code: str) -> str | None:
    """Their code for our `code`; None when it is unknown, has none, or has several."""
    return load_mapping(mapping).by_ours.get(code)


def parse_mapping(text: str, key: CodeMapping) -> MappingTable:
    """The mapping `key` from its data file.

    Raises `RegistryError`: ``code_mapping.syntax``, ``code_mapping.shape``, ``code_mapping.key``
    (another mapping's file), ``code_mapping.list`` (no such list), ``code_mapping.unknown_code``
    (not in its list), ``code_mapping.repeated`` (a pair comes twice),
    ``code_mapping.not_one_to_one`` (declared so, and isn't).
    """
    document = require_shape(parse_document(text, _ERROR), _HEAD, {}, where=key, error=_ERROR)
    if document["key"] != key:
        raise RegistryError("code_mapping.key", f"{key}: the file says {document['key']}")
    ours, theirs = (_parse_list(document[side], key) for side in ("ours", "theirs"))
    tables = [
        require_shape(each, _PAIR, {}, where=f"{key}.pairs", error=_ERROR)
        for each in document["pairs"]
    ]
    pairs = tuple((each["ours"], each["theirs"]) for each in tables)
    _check_pairs(pairs, (ours, theirs), key, one_to_one=document["one_to_one"])
    return MappingTable(
        key=key,
        title=document["title"],
        source=document["source"],
        version=document["version"],
        valid_from=document["valid_from"],
        ours=ours,
        theirs=theirs,
        one_to_one=document["one_to_one"],
        pairs=pairs,
        by_ours=_certain(pairs),
        by_theirs=_certain((other, own) for own, other in pairs),
    )


def _parse_list(name: str, key: CodeMapping) -> CodeList:
    try:
        return CodeList(name)
    except ValueError as cause:
        raise RegistryError("code_mapping.list", f"{key}: {name}") from cause


def _check_pairs(
    pairs: tuple[tuple[str, str], ...],
    lists: tuple[CodeList, CodeList],
    key: CodeMapping,
    *,
    one_to_one: bool,
) -> None:
    for pair in pairs:
        for code_list, code in zip(lists, pair, strict=True):
            if not is_known(code_list, code):
                raise RegistryError("code_mapping.unknown_code", f"{key}: {code_list} {code}")
    if len(set(pairs)) < len(pairs):
        raise RegistryError("code_mapping.repeated", key)
    if one_to_one and any(len({pair[side] for pair in pairs}) < len(pairs) for side in (0, 1)):
        raise RegistryError("code_mapping.not_one_to_one", key)


def _certain(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Those of the pairs whose first part comes once."""
    known = tuple(pairs)
    counts = Counter(first for first, _ in known)
    return MappingProxyType({first: second for first, second in known if counts[first] == 1})
