"""kontingent db."""

import click

from ops.commands.context import AppContext, pass_app
from store.engine import create_engine_for
from store.migrations import current_revision
from store.migrations import upgrade as upgrade_store


@click.group()
def db() -> None:
    """The database.

    Example: kontingent db upgrade
    """


@db.command()
@pass_app
def upgrade(app: AppContext) -> None:
    """Bring the tables to this version.

    Example: kontingent --config .demo/kontingent.toml db upgrade
    """
    engine = create_engine_for(app.config.database_url, create=False)
    try:
        is_new = current_revision(engine) is None
        upgrade_store(engine)
    finally:
        engine.dispose()
    told = "The database was made." if is_new else "The database is up to date."
    app.screen.print(app.texts(told))
