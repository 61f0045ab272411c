"""kontingent init."""

from pathlib import Path

import click

from ops.clock import utc_now
from ops.commands.context import AppContext, pass_app
from ops.demo import initialise
from signing.providers import load_providers


@click.command()
@click.option("--demo", is_flag=True, help="Add a demonstration PKI, two agencies and a pupil.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to make it; the current folder by default.",
)
@click.option("--database", help="Database URL; SQLite in the folder by default.")
@pass_app
def init(app: AppContext, folder: Path, *, demo: bool, database: str | None) -> None:
    """Make a new installation: configuration, secrets, keys, database.

    Example: kontingent init --demo --dir .demo
    """
    made = initialise(
        folder, demo=demo, database_url=database, providers=load_providers(), clock=utc_now
    )
    app.screen.print(f"{app.texts('Made')}: {made.config}, {made.secrets}, {made.database}")
