"""Code lists as versioned data, and what our codes are in the lists of others.

An unknown code is kept as received and reported, never guessed: so entities hold plain strings,
and these lists only say what is known. A list is read when it is first asked for.
Source: registry.md §2.
"""

from registry.codes.keys import (
    BIRTH_CERTIFICATE,
    RUSSIAN_PASSPORT,
    CodeList,
    CodeMapping,
    PrivilegeRank,
)
from registry.codes.lookup import (
    codes_of,
    entries_of,
    is_known,
    is_main_programme,
    load_code_list,
    rank_of_privilege,
    title_of,
    version_of,
)
from registry.codes.mappings import MappingTable, from_ours, load_mapping, to_ours
from registry.codes.tables import CodeEntry, CodeTable

__all__ = [
    "BIRTH_CERTIFICATE",
    "RUSSIAN_PASSPORT",
    "CodeEntry",
    "CodeList",
    "CodeMapping",
    "CodeTable",
    "MappingTable",
    "PrivilegeRank",
    "codes_of",
    "entries_of",
    "from_ours",
    "is_known",
    "is_main_programme",
    "load_code_list",
    "load_mapping",
    "rank_of_privilege",
    "title_of",
    "to_ours",
    "version_of",
]
