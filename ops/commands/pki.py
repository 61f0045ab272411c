"""kontingent pki."""

from pathlib import Path

import click

from ops.clock import utc_now
from ops.commands.context import AppContext, pass_app
from ops.demo import make_demo_pki, write_pki
from signing.providers import load_providers


@click.group()
def pki() -> None:
    """Keys and certificates.

    Example: kontingent pki demo --out pki
    """


@pki.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@pass_app
def demo(app: AppContext, out: Path) -> None:
    """Make the demonstration keys and certificates; nothing real may trust them.

    Example: kontingent pki demo --out pki
    """
    files = make_demo_pki(load_providers(), now=utc_now())
    write_pki(out, files)
    app.screen.print(f"{app.texts('Made')}: {out} ({len(files)})")
