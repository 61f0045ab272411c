"""kontingent db."""

import os

import click

from ops.commands.context import AppContext, pass_app
from ops.config import SECRETS_NAME, find_config
from ops.data_keys import add_key, make_key
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
    config = app.config
    engine = create_engine_for(config.database_url, create=False, vault=config.vault)
    try:
        is_new = current_revision(engine) is None
        upgrade_store(engine)
    finally:
        engine.dispose()
    told = "The database was made." if is_new else "The database is up to date."
    app.screen.print(app.texts(told))


@db.command("new-key")
@click.option("--name", default="k1", show_default=True, help="The key's name, new among them.")
@click.option("--write", is_flag=True, help="Put it into secrets.toml, before the others.")
@pass_app
def new_key(app: AppContext, name: str, *, write: bool) -> None:
    """Make a key for what is encrypted at rest.

    The first key in secrets.toml or KONTINGENT_DATA_KEYS seals, the others open what was sealed
    before. Keep them: what the register holds can't be read without.

    Example: kontingent db new-key --name k2 --write
    """
    key = make_key(name)
    if not write:
        click.echo(key)
        return
    path = find_config(app.config_option, os.environ).parent / SECRETS_NAME
    add_key(path, key)
    app.screen.print(f"{path}", markup=False)
