"""How every table of the register is made, and what one that keeps its history has beside it.

A versioned table holds what is known now. Each change raises `version` by one, and a trigger puts
the row as it was into `<table>_history`, which nobody changes: so that nothing is overwritten, and
what was known at a moment can be asked for. Rows are never deleted: what proved wrong is
`retracted`. Sealed columns (ciphertexts and blind indexes) may be made anew with other keys without
a new version: they then say the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    false,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from store.types import UtcDateTime

# The length of a blind index: enough that no two values share one, small enough for an index.
INDEX_BYTES = 16

# By these the former states of one person or enrolment are asked for.
_OWNERS = frozenset({"person_id", "child_id", "enrolment_id"})

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a table keeps what was: its history, and the columns that say nothing new by themselves.

    `sealed`: ciphertexts, blind indexes and other hashes that a key may be in. `derived`: follows
    from a row of another table. `partitioned_by`: the column that parts an append-only table into
    years on PostgreSQL.
    """

    history: Table | None = None
    sealed: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()
    partitioned_by: str | None = None


def field(
    name: str,
    kind: TypeEngine[Any] | type[TypeEngine[Any]],
    doc: str,
    *items: SchemaItem,
    **options: Any,
) -> Column[Any]:
    """A column that may be empty, unless it is of the primary key; `doc` goes to the docs."""
    return Column(name, kind, *items, doc=doc, **options)


def required(
    name: str,
    kind: TypeEngine[Any] | type[TypeEngine[Any]],
    doc: str,
    *items: SchemaItem,
    **options: Any,
) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, *items, doc=doc, nullable=False, **options)


def sealed(name: str, doc: str) -> Column[Any]:
    """A ciphertext of `store.vault`."""
    return Column(name, LargeBinary, doc=f"{doc}, encrypted", info={"sealed": True})


def blind_index(name: str, doc: str, **options: Any) -> Column[Any]:
    """A keyed hash by which an encrypted value is found."""
    column: Column[Any] = Column(
        name,
        LargeBinary(INDEX_BYTES),
        doc=f"{doc}: keyed hash to find it by",
        info={"sealed": True},
        **options,
    )
    return column


def retracted() -> Column[Any]:
    """Marks a fact that proved never to have been so."""
    return required(
        "retracted",
        Boolean,
        "whether it proved never to have been so",
        server_default=false(),
        default=False,
    )


def plain(name: str, doc: str, *items: SchemaItem) -> Table:
    """A table without history."""
    return Table(name, metadata, *items, info={"doc": doc, "keeping": Keeping()})


def append_only(
    name: str, doc: str, *items: SchemaItem, partitioned_by: str | None = None
) -> Table:
    """A table whose rows are never changed; parted by the years of a column on PostgreSQL."""
    keeping = Keeping(partitioned_by=partitioned_by)
    return Table(
        name,
        metadata,
        *items,
        info={"doc": doc, "keeping": keeping, "append_only": True},
        postgresql_partition_by=None if partitioned_by is None else f"RANGE ({partitioned_by})",
    )


def versioned(name: str, doc: str, *items: SchemaItem, derived: Iterable[str] = ()) -> Table:
    """A table with its history beside it."""
    table = Table(
        name,
        metadata,
        *items,
        required(
            "version", Integer, "how often the row was written", server_default="1", default=1
        ),
        required("recorded_at", UtcDateTime, "when the register came to know it"),
        CheckConstraint("version > 0", name="version"),
        info={"doc": doc},
    )
    table.info["keeping"] = Keeping(
        history=_history(table),
        sealed=frozenset(column.name for column in table.c if column.info.get("sealed")),
        derived=frozenset(derived),
    )
    return table


def _history(table: Table) -> Table:
    keys = {column.name for column in table.primary_key.columns} | {"version"}
    columns = [
        Column(
            column.name,
            column.type,
            doc=column.doc,
            primary_key=column.name in keys,
            nullable=column.nullable,
            autoincrement=False,
            info=column.info,
            index=column.name in _OWNERS and column.name not in keys,
        )
        for column in table.c
    ]
    superseded_at: Column[Any] = Column(
        # Of the key only because PostgreSQL wants what parts a table to be in it.
        "superseded_at",
        UtcDateTime,
        primary_key=True,
        doc="when the register came to know better",
    )
    return Table(
        f"{table.name}_history",
        metadata,
        *columns,
        superseded_at,
        info={
            "doc": f"Former states of `{table.name}`.",
            "keeping": Keeping(partitioned_by="superseded_at"),
        },
        postgresql_partition_by="RANGE (superseded_at)",
    )


def keeping_of(table: Table) -> Keeping:
    """How `table` keeps what was."""
    keeping: Keeping = table.info.get("keeping", Keeping())
    return keeping
