"""kontingent db."""

import click

from ops.commands.context import AppContext, pass_app
from store.engine import create_engine_for
from store.migrations import upgrade as upgrade_store


@click.group()
def db() -> None:
    """The database."""


@db.command()
@pass_app
def upgrade(app: AppContext) -> None:
    """Bring the tables to this version.

    Example: kontingent --config .demo/kontingent.toml db upgrade
    """
    engine = create_engine_for(app.config.database_url, create=False)
    try:
        upgrade_store(engine)
    finally:
        engine.dispose()
    app.screen.print(app.texts("The database is up to date."))
