"""The document on the data model, made of the tables themselves."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from store import tables
from store.tables import keeping_of
from store.types import UtcDateTime

# What no table of SQLAlchemy can say: exclusion constraints on PostgreSQL, triggers on SQLite.
PERIODS_APART: Mapping[str, tuple[str, str]] = {
    "enrolments": (
        "no_overlapping_enrolments",
        "enrolments of one person in main programmes, those retracted excepted, never overlap",
    ),
    "class_placements": (
        "no_overlapping_placements",
        "placements of one enrolment, those retracted excepted, never overlap",
    ),
}

_HEAD = """# Data model

Generated from `store/tables`, which `store/migrations` make step by step; Alembic keeps the
revision in `alembic_version`. The same tables stand on SQLite and on PostgreSQL.

**Valid time and recorded time.** `begins_on` and `ends_on`, both inclusive, say when a fact
held; an empty `ends_on` means that no end is known. `recorded_at` says when the register came
to know it, and `version` how often the row was written. A table with a history holds what is
known now. Every change raises `version` by one, and a trigger puts the row as it was into
`<table>_history`, with `superseded_at`. As known on a moment T is: the row itself when
`recorded_at` ≤ T, else its former state with `recorded_at` ≤ T < `superseded_at`. Rows are
never deleted; what proved never to have been so is `retracted`.

**Guards** are triggers on both databases. A table with a history refuses DELETE, a change
without the next version, a version that is not the next, an earlier `recorded_at` and another
key. A history and an append-only table refuse UPDATE and DELETE. Columns marked *encrypted* and
*blind index* may be made anew with another key without a new version, in histories too.

**Encryption.** *Encrypted* columns are AES-256-GCM, bound to their column and row; the *blind
index* beside one is a keyed hash to find it by (docs/operations.md, "Keys of what is
encrypted").

**Partitions.** On PostgreSQL histories and large append-only tables are parted into years
(UTC), with `<table>_rest` for every year that has none yet.

Types: *text(n)* holds up to n characters, *moment* is UTC to the microsecond.
"""


# The heart of the register first; any other module comes after these.
_ORDER = ("people", "organisations", "studies", "attainment", "cases", "identity", "sync")


def table_groups() -> list[tuple[str, list[Table]]]:
    """Every table that is not a history, by the modules of `store.tables`, with their headings."""
    known: set[str] = set()
    groups = []
    names = [each.name for each in pkgutil.iter_modules(tables.__path__)]
    for name in sorted(names, key=lambda each: _ORDER.index(each) if each in _ORDER else 99):
        module = importlib.import_module(f"{tables.__name__}.{name}")
        found = [
            each
            for each in vars(module).values()
            if isinstance(each, Table) and each.name not in known
        ]
        known.update(each.name for each in found)
        if found:
            heading = (module.__doc__ or name).splitlines()[0]
            groups.append((heading.partition(". Source:")[0].rstrip("."), found))
    return groups


def render_data_model() -> str:
    """Return the document: an overview, then every table with all that is known of it."""
    groups = table_groups()
    parts = [_HEAD, "\n## Overview\n\n", _diagram([each for _, group in groups for each in group])]
    for heading, group in groups:
        parts.append(f"\n## {heading}\n")
        parts += [_table(table) for table in group]
    return "".join(parts)


def _diagram(found: list[Table]) -> str:
    """The tables and who refers to whom, for Mermaid."""
    lines = ["```mermaid", "erDiagram"]
    alone = []
    for table in found:
        edges = [_edge(table, key) for key in _foreign_keys(table)]
        lines += edges
        referred = any(key.referred_table is table for each in found for key in _foreign_keys(each))
        if not edges and not referred:
            alone.append(f"    {table.name}")
    return "\n".join([*lines, *alone, "```"]) + "\n"


def _edge(table: Table, key: ForeignKeyConstraint) -> str:
    optional = any(column.nullable for column in key.columns)
    side = "|o" if optional else "||"
    names = ", ".join(column.name for column in key.columns)
    return f'    {key.referred_table.name} {side}--o{{ {table.name} : "{names}"'


def _foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda key: tuple(key.column_keys))


def _table(table: Table) -> str:
    lines = [
        f"\n### {table.name}\n",
        f"{table.info['doc']}\n",
        "| column | type | | what it holds |",
        "|---|---|---|---|",
        *(_column(table, column) for column in table.c),
        "",
        *(f"- {line}" for line in _rules(table)),
    ]
    return "\n".join(lines) + "\n"


def _column(table: Table, column: Column[object]) -> str:
    marks = []
    if column.primary_key:
        marks.append("key")
    elif not column.nullable:
        marks.append("required")
    if column.name.endswith("_sealed"):
        marks.append("encrypted")
    elif column.name.endswith("_index"):
        marks.append("blind index")
    # Those of several columns stand below the table.
    marks += [
        f"→ {key.target_fullname}" for key in column.foreign_keys if _is_alone(key.constraint)
    ]
    if column.name in keeping_of(table).derived:
        marks.append("derived")
    doc = (column.doc or "").replace("|", "\\|")
    return f"| `{column.name}` | {type_name(column.type)} | {', '.join(marks)} | {doc} |"


def _is_alone(constraint: ForeignKeyConstraint | None) -> bool:
    return constraint is not None and len(constraint.columns) == 1


def _rules(table: Table) -> Iterator[str]:
    """Constraints, indexes, guards and partitions, a line each."""
    keys = [column.name for column in table.primary_key]
    yield f"Primary key: {_listed(keys)}."
    for key in _foreign_keys(table):
        if not _is_alone(key):
            there = _listed([element.column.name for element in key.elements])
            cascade = ", following its changes" if key.onupdate == "CASCADE" else ""
            here = _listed([column.name for column in key.columns])
            yield f"{here} → `{key.referred_table.name}` ({there}){cascade}: `{key.name}`."
    constraints = sorted(table.constraints, key=lambda each: str(each.name))
    for constraint in constraints:
        if isinstance(constraint, UniqueConstraint):
            names = _listed([column.name for column in constraint.columns])
            yield f"Unique: {names} (`{constraint.name}`)."
    for constraint in constraints:
        if isinstance(constraint, CheckConstraint):
            yield f"Check: `{constraint.sqltext}` (`{constraint.name}`)."
    if table.name in PERIODS_APART:
        name, told = PERIODS_APART[table.name]
        yield f"Periods: {told} (`{name}`)."
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        yield _index(index)
    yield from _keeping(table)


def _index(index: Index) -> str:
    names = _listed([getattr(each, "name", str(each)) for each in index.expressions])
    where = index.dialect_options["postgresql"]["where"]
    of = "" if where is None else f", of rows with `{where}`"
    return f"{'Unique index' if index.unique else 'Index'}: {names}{of} (`{index.name}`)."


def _keeping(table: Table) -> Iterator[str]:
    keeping = keeping_of(table)
    if keeping.history is not None:
        parted = keeping_of(keeping.history).partitioned_by
        yield (
            f"History: `{keeping.history.name}`, the same columns and `superseded_at` (moment,"
            f" {keeping.history.c.superseded_at.doc}); primary key"
            f" {_listed([column.name for column in keeping.history.primary_key])};"
            f" parted into years by `{parted}`."
        )
    elif table.info.get("append_only"):
        parted = keeping.partitioned_by
        yield "Append-only" + (f", parted into years by `{parted}`." if parted else ".")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def type_name(kind: TypeEngine[object]) -> str:
    """The words for a column's type, on whichever database."""
    if isinstance(kind, Text):
        return "text"
    if isinstance(kind, String):
        return f"text({kind.length})"
    if isinstance(kind, LargeBinary):
        return "bytes" if kind.length is None else f"bytes({kind.length})"
    for of, name in _TYPES.items():
        if isinstance(kind, of):
            return name
    raise TypeError(f"no words for the type {kind!r}")


_TYPES: Mapping[type, str] = {
    UtcDateTime: "moment",
    Uuid: "uuid",
    Date: "date",
    Boolean: "boolean",
    Float: "number",
    Integer: "integer",
}
