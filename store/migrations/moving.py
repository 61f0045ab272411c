"""Takes the rows of revision 0001 into the tables of 0002, sealing what is to be sealed."""

import uuid

import sqlalchemy as sa

from registry.identity.folding import sound_code
from registry.names import normalize_document
from store.errors import StoreError
from store.migrations.batches import batches, columns
from store.migrations.moving_studies import move_studies
from store.vault import Purpose, Vault

# Those that others refer to come last, to be dropped in this order.
RENAMED = (
    "source_links",
    "enrolments",
    "identity_documents",
    "class_groups",
    "organisations",
    "persons",
)
_PERSON = "id family_name first_name middle_name family_key first_key middle_key birth_date sex"
_MADE = ("family_sound", "first_sound", "snils_index", "snils_sealed")
_ORGANISATION = "id full_name short_name inn ogrn oktmo type_code status_code recorded_at"
_CLASS = "id organisation_id parallel letter school_year shift capacity recorded_at"


def put_aside(connection: sa.Connection) -> None:
    """Rename the old tables to ``old_…``, and free the names of their indexes."""
    inspector = sa.inspect(connection)
    for table in RENAMED:
        for index in inspector.get_indexes(table):
            if not index.get("duplicates_constraint"):
                connection.exec_driver_sql(f"DROP INDEX {index['name']}")
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO old_{table}")
        if connection.dialect.name == "postgresql":
            keys = [inspector.get_pk_constraint(table)["name"]]
            keys += [each["name"] for each in inspector.get_unique_constraints(table)]
            for name in keys:
                connection.exec_driver_sql(
                    f"ALTER TABLE old_{table} RENAME CONSTRAINT {name} TO old_{name}"
                )


def move_rows(connection: sa.Connection, vault: Vault | None) -> None:
    """Copy every row. Raises `StoreError` ``store.keys`` when there is something to seal and no
    key to do it with."""
    _copy(connection, "organisations", _ORGANISATION.split())
    _copy(connection, "class_groups", _CLASS.split())
    _move_persons(connection, vault)
    _move_documents(connection, vault)
    move_studies(connection)
    connection.exec_driver_sql(
        "INSERT INTO source_links (source, kind, source_id, entity_id, source_version,"
        " content_hash, recorded_at)"
        " SELECT source, kind, source_id, entity_id, version, content_hash, recorded_at"
        " FROM old_source_links"
    )


def _copy(connection: sa.Connection, table: str, copied: list[str]) -> None:
    names = ", ".join(copied)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) SELECT {names} FROM old_{table}")  # noqa: S608


def _move_persons(connection: sa.Connection, vault: Vault | None) -> None:
    names = [*_PERSON.split(), "citizenship_code", "recorded_at"]
    old = sa.table("old_persons", sa.column("snils"), *columns(names))
    new = sa.table("persons", *columns([*names, *_MADE]))
    for rows in batches(connection, sa.select(old)):
        moved = []
        for row in rows:
            values = {name: row[name] for name in names}
            values["family_sound"] = sound_code(row["family_name"])
            values["first_sound"] = sound_code(row["first_name"])
            snils = row["snils"]
            values["snils_index"] = values["snils_sealed"] = None
            if snils is not None:
                keys = _required(vault)
                values["snils_index"] = keys.index(Purpose.SNILS, snils)
                values["snils_sealed"] = keys.seal(
                    Purpose.SNILS, snils.encode(), context=b"persons.snils" + row["id"].bytes
                )
            moved.append(values)
        connection.execute(new.insert(), moved)


def _move_documents(connection: sa.Connection, vault: Vault | None) -> None:
    names = ["person_id", "type_code", "series", "number", "recorded_at"]
    old = sa.table("old_identity_documents", *columns(names))
    new = sa.table(
        "person_documents",
        *columns(["id", "person_id", "type_code", "document_index", "content_sealed"]),
        *columns(["recorded_at"]),
    )
    for rows in batches(connection, sa.select(old)):
        keys = _required(vault)
        moved = []
        for row in rows:
            document_id = uuid.uuid4()
            key = "\0".join(
                (
                    row["type_code"],
                    normalize_document(row["series"]),
                    normalize_document(row["number"]),
                )
            )
            content = "\0".join((row["series"], row["number"], "")).encode()
            context = b"person_documents.content" + document_id.bytes
            moved.append(
                {
                    "id": document_id,
                    "person_id": row["person_id"],
                    "type_code": row["type_code"],
                    "document_index": keys.index(Purpose.DOCUMENT, key),
                    "content_sealed": keys.seal(Purpose.DOCUMENT, content, context=context),
                    "recorded_at": row["recorded_at"],
                }
            )
        connection.execute(new.insert(), moved)


def _required(vault: Vault | None) -> Vault:
    if vault is None:
        raise StoreError("store.keys", "the database needs data keys to protect what it holds")
    return vault
