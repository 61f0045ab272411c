"""The generated document on code lists, from the data files that the register reads."""

from collections.abc import Callable, Iterable
from datetime import date

from registry.codes import (
    CodeEntry,
    CodeList,
    CodeMapping,
    CodeTable,
    MappingTable,
    load_code_list,
    load_mapping,
    title_of,
)


def render_code_lists() -> str:
    """Return every list with its entries, and every mapping with its pairs."""
    lists = [load_code_list(key) for key in CodeList]
    mappings = [load_mapping(key) for key in CodeMapping]
    parts = [
        "# Code lists\n\n",
        "What the register knows of codes: `registry/codes/lists/*.toml`, and what our codes are\n",
        "in the lists of others: `registry/codes/mappings/*.toml`. A code that isn't in its list\n",
        "is kept as received and reported; one that has no pair in a mapping, or several, isn't\n",
        "translated. «С» is the first day of an entry, «по» the last; left blank, no limit is\n",
        "known. A list's date says since when the register uses that version of it; the version\n",
        "holds the past as well.\n",
        "\n## Overview\n\n",
        _table(
            ("list", "название", "version", "since", "codes"),
            (_overview(each, len(each.by_code)) for each in lists),
        ),
        "\n",
        _table(
            ("mapping", "название", "version", "since", "pairs"),
            (_overview(each, len(each.pairs)) for each in mappings),
        ),
    ]
    parts += [_code_list(each) for each in lists]
    parts += [_mapping(each) for each in mappings]
    return "".join(parts)


def _overview(table: CodeTable | MappingTable, size: int) -> tuple[str, ...]:
    link = f"[`{table.key}`](#{table.key})"
    return link, table.title, table.version, table.valid_from.isoformat(), str(size)


# A column is shown where an entry of the list fills it.
_COLUMNS: tuple[tuple[str, Callable[[CodeEntry], str]], ...] = (
    ("с", lambda entry: _day(entry.valid_from)),
    ("по", lambda entry: _day(entry.valid_to)),
    ("очередь", lambda entry: f"`{entry.rank}`" if entry.rank else ""),
    ("акт", lambda entry: entry.law or ""),
    ("примечание", lambda entry: entry.note or ""),
)


def _code_list(table: CodeTable) -> str:
    columns = [each for each in _COLUMNS if any(each[1](entry) for entry in table.entries)]
    rows = (
        (f"`{entry.code}`", _title(entry), *(show(entry) for _, show in columns))
        for entry in table.entries
    )
    heads = ("код", "наименование", *(head for head, _ in columns))
    return f"{_heading(table)}{_table(heads, rows)}"


def _mapping(table: MappingTable) -> str:
    rows = (
        (
            f"`{ours}`",
            title_of(table.ours, ours) or "—",
            f"`{theirs}`",
            title_of(table.theirs, theirs) or "—",
        )
        for ours, theirs in table.pairs
    )
    kind = "one to one" if table.one_to_one else "not one to one"
    between = f"`{table.ours}` ↔ `{table.theirs}`, {kind}.\n\n"
    heads = (table.ours.value, "наименование", table.theirs.value, "наименование")
    return f"{_heading(table)}{between}{_table(heads, rows)}"


def _heading(table: CodeTable | MappingTable) -> str:
    origin = f"Source: {table.source}. Version {table.version}, since {table.valid_from}."
    return f"\n## {table.key}\n\n**{table.title}.** {origin}\n\n"


def _title(entry: CodeEntry) -> str:
    return entry.title if entry.title is not None else "—"


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(_row(line) for line in lines)


def _row(cells: tuple[str, ...]) -> str:
    escaped = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return f"| {escaped} |\n"
