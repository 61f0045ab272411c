"""One writer of persons at a time: what PostgreSQL does not do by itself, SQLite always does."""

from sqlalchemy import Connection, text

# Differs from the other advisory locks of ours.
_IMPORT_LOCK = 0x6B6F6E74_02
_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_IMPORT_LOCK)


def take_import_lock(connection: Connection) -> None:
    """Wait until no other transaction imports, merges or splits. Raises SQLAlchemy's errors."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_LOCK)
