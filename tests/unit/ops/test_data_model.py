"""The document on the data model leaves nothing out."""

import re

import pytest
from sqlalchemy import Column, MetaData, Table

from ops.data_model import PERIODS_APART, render_data_model, table_groups, type_name
from store.tables import keeping_of, metadata

TEXT = render_data_model()
HISTORIES = {
    history.name
    for table in metadata.tables.values()
    if (history := keeping_of(table).history) is not None
}
TABLES = [table for table in metadata.sorted_tables if table.name not in HISTORIES]


def section(name: str) -> str:
    found = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[1]


def test_every_table_is_in_one_group() -> None:
    grouped = [table.name for _, group in table_groups() for table in group]
    assert sorted(grouped) == sorted(table.name for table in TABLES)
    headings = [heading for heading, _ in table_groups()]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_column_is_explained(table: Table) -> None:
    assert table.info["doc"].endswith(".")
    text = section(table.name)
    for column in table.c:
        assert column.doc, column.name
        (line,) = [each for each in text.splitlines() if each.startswith(f"| `{column.name}` |")]
        assert column.doc.replace("|", "\\|") in line
        assert type_name(column.type) in line
        for key in column.foreign_keys:
            if len(key.constraint.columns) == 1:
                assert f"→ {key.target_fullname}" in line


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_constraint_and_index_is_named(table: Table) -> None:
    text = section(table.name)
    several = {key.name for key in table.foreign_key_constraints if len(key.columns) > 1}
    for constraint in table.constraints:
        name = str(constraint.name)
        if name.startswith(("ck_", "uq_")) or constraint.name in several:
            assert f"`{name}`" in text
    for index in table.indexes:
        assert f"`{index.name}`" in text


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_histories_and_partitions_are_told(table: Table) -> None:
    text, keeping = section(table.name), keeping_of(table)
    assert ("History:" in text) == (keeping.history is not None)
    if keeping.history is not None:
        assert f"`{keeping.history.name}`" in text
    if keeping.partitioned_by is not None:
        assert f"by `{keeping.partitioned_by}`" in text


def test_the_overview_shows_every_table_and_every_reference() -> None:
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
    assert diagram.startswith("erDiagram\n")
    words = set(re.findall(r"\w+", diagram))
    assert {table.name for table in TABLES} <= words
    references = sum(len(table.foreign_key_constraints) for table in TABLES)
    assert diagram.count("--o{") == references


def test_what_keeps_periods_apart_is_told() -> None:
    for table, (constraint, _) in PERIODS_APART.items():
        assert f"`{constraint}`" in section(table)


def test_a_type_without_words_is_an_error() -> None:
    from sqlalchemy import Interval

    column = Table("t", MetaData(), Column("c", Interval)).c.c
    with pytest.raises(TypeError):
        type_name(column.type)
