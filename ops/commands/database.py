"""kontingent db."""

import os

import click

from ops.clock import utc_now
from ops.commands.context import AppContext, json_option, pass_app, print_json
from ops.config import SECRETS_NAME, find_config
from ops.data_keys import DATA_KEYS_ENV, add_key, make_key, missing_keys
from ops.errors import ConfigError, ExitCode
from ops.wiring import open_store
from store.engine import create_engine_for
from store.migrations import current_revision
from store.migrations import upgrade as upgrade_store
from store.partitions import ensure_partitions
from store.rotation import Progress, Rotation, rotate_keys


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
        ensure_partitions(engine, utc_now().date())
    finally:
        engine.dispose()
    told = "The database was made." if is_new else "The database is up to date."
    app.screen.print(app.texts(told))


@db.command("new-key")
@click.option("--name", default="k1", show_default=True, help="The key's name, new among them.")
@click.option("--write", is_flag=True, help="Put it into secrets.toml.")
@click.option(
    "--last", is_flag=True, help="With --write: after the others, so that it only opens as yet."
)
@pass_app
def new_key(app: AppContext, name: str, *, write: bool, last: bool) -> None:
    """Make a key for what is encrypted at rest.

    The first key in secrets.toml or KONTINGENT_DATA_KEYS seals, the others open what was sealed
    before. Keep them: what the register holds can't be read without.

    Example: kontingent db new-key --name k2 --write --last
    """
    if last and not write:
        raise click.UsageError("--last goes with --write")
    key = make_key(name)
    if not write:
        click.echo(key)
        return
    if os.environ.get(DATA_KEYS_ENV):
        raise ConfigError(
            f"{DATA_KEYS_ENV} is set and wins over secrets.toml: the key belongs there",
            code="config.data_keys",
        )
    path = find_config(app.config_option, os.environ).parent / SECRETS_NAME
    add_key(path, key, last=last)
    app.screen.print(f"{path}", markup=False)


@db.command("rotate-keys")
@json_option
@pass_app
def rotate(app: AppContext, *, as_json: bool) -> int:
    """Seal everything with the first key that is sealed with another.

    Everybody goes on reading and writing meanwhile. A run that was cut short is gone on with by
    the next. Exit code 1 when something stays under another key; it says what.

    Example: kontingent db rotate-keys --json
    """
    if app.config.vault is None:
        raise missing_keys()
    shown: dict[str, int] = {}

    def show(step: Progress) -> None:
        # Of each table, now and then: a pass looks at five hundred rows a step.
        if step.seen - shown.get(step.table, 0) < _SHOW_EVERY_ROWS:
            return
        shown[step.table] = step.seen
        if as_json:
            print_json({"table": step.table, "seen": step.seen, "resealed": step.resealed})
        else:
            app.screen.print(f"{step.table}: {step.seen}, {step.resealed}", markup=False)

    engine = open_store(app.config)
    try:
        report = rotate_keys(engine, progress=show)
    finally:
        engine.dispose()
    if as_json:
        print_json(_row_of(report))
    else:
        _print_report(app, report)
    return ExitCode.OK if report.complete else ExitCode.FOUND


_SHOW_EVERY_ROWS = 50_000


def _row_of(report: Rotation) -> dict[str, object]:
    return {
        "key": report.current,
        "complete": report.complete,
        "resealed": dict(report.resealed),
        "unopened": dict(report.unopened),
        "conflicts": dict(report.conflicts),
        "unneeded": list(report.unneeded),
    }


def _print_report(app: AppContext, report: Rotation) -> None:
    texts = app.texts
    for told, counts in (
        ("sealed with the key {key}", report.resealed),
        ("left, of a key that is not at hand, or changed", report.unopened),
        (
            "left, the same is there under two keys (two persons of one СНИЛС: join them)",
            report.conflicts,
        ),
    ):
        for table, count in counts.items():
            said = texts(told).replace("{key}", report.current)
            app.screen.print(f"{table}: {count} {said}", markup=False)
    if not report.complete:
        app.screen.print(texts("Keep every key: something is still sealed with another."))
    elif report.unneeded:
        names = ", ".join(report.unneeded)
        app.screen.print(f"{texts('No longer needed')}: {names}", markup=False)
    else:
        app.screen.print(texts("Everything is sealed with the one key there is."))
