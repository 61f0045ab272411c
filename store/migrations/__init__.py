"""The schema of the database and how it came to be, step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from store.engine import WRITING, autocommit
from store.errors import StoreError, translated_errors

# One node migrates at a time; the number only has to differ from other advisory locks of ours.
_MIGRATION_LOCK = 0x6B6F6E74_01
# The last revision that kept СНИЛС and documents as they are.
_IN_CLEAR = "0001"


@contextmanager
def _config(connection: Connection | None = None) -> Iterator[Config]:
    with resources.as_file(resources.files(__package__)) as folder:
        config = Config()
        config.set_main_option("script_location", str(Path(folder)).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        if connection is not None:
            config.attributes["vault"] = connection.get_execution_options().get("store_vault")
        yield config


def head_revision() -> str:
    """The revision that this version of the program works with."""
    with _config() as config:
        revision = ScriptDirectory.from_config(config).get_current_head()
    if revision is None:
        raise StoreError("store.schema", "the migrations are not installed")
    return revision


def current_revision(engine: Engine) -> str | None:
    """The revision of the database, None when it is empty. Raises `StoreError`."""
    with translated_errors(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema that this version works with. Raises `StoreError`."""
    return current_revision(engine) == head_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema, whole or not at all; does nothing when it is.

    Several nodes may call this at once. Raises `StoreError`; ``store.schema`` when the database
    is newer than this program or was made by another, ``store.keys`` when what it holds has to be
    encrypted and the engine has no keys. Of a SQLite file from before encryption what was in clear
    is taken out as well; another writer meanwhile makes that ``store.unavailable``.
    """
    before = current_revision(engine)
    with (
        translated_errors(),
        engine.execution_options(**WRITING).begin() as connection,
        _config(connection) as config,
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreError("store.schema", "no path from the database's revision") from None
    if engine.dialect.name == "sqlite" and before == _IN_CLEAR:
        _rewrite(engine)


def _rewrite(engine: Engine) -> None:
    """Leave nothing in the file of what was deleted, nor in the one beside it."""
    with translated_errors(), autocommit(engine).connect() as connection:
        connection.exec_driver_sql("VACUUM")
        # What readers keep from being overwritten now, SQLite overwrites when they have left.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
