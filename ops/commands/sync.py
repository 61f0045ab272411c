"""kontingent sync."""

import click
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from ops.clock import utc_now
from ops.commands.context import AppContext, json_option, pass_app, print_json
from ops.errors import ExitCode
from ops.logs import set_up_logging
from ops.printing import one_line
from ops.sync import Step, SyncReport, adapter_for, run_sync
from ops.wiring import open_store
from registry.sources import Refusal
from store.sync_lock import exclusive_sync
from store.unit_of_work import UnitOfWork

_REFUSALS_SHOWN = 20


@click.group()
def sync() -> None:
    """Pulling from the school systems.

    Example: kontingent sync run gorod
    """


@sync.command()
@click.argument("source")
@json_option
@pass_app
def run(app: AppContext, source: str, *, as_json: bool) -> None:
    """Pull everything that SOURCE has; a run that was cut short is gone on with.

    Exit code 1 when records were refused, or the source sent what can't be read; 2 when its
    settings make no sense; 3 when it is not to be reached, or is being pulled already.

    Example: kontingent --config .demo/kontingent.toml sync run gorod
    """
    set_up_logging()
    section = app.config.source(source)
    adapter = adapter_for(app.config, section)
    engine = open_store(app.config)
    try:
        with exclusive_sync(engine, source), _Bars(app, silent=as_json) as bars:
            report = run_sync(source, adapter, engine, clock=utc_now, progress=bars.advance)
    finally:
        engine.dispose()
    if as_json:
        print_json(_row(report))
    else:
        _show(app, report)
    if report.refused_count:
        raise click.exceptions.Exit(ExitCode.FOUND)


@sync.command()
@click.argument("source", required=False)
@json_option
@pass_app
def report(app: AppContext, source: str | None, *, as_json: bool) -> None:
    """List the records that are refused for the time being, of SOURCE or of all.

    Each with every rule it breaks. A record is listed until its source sends it better. Exit code
    1 when there are such records.

    Example: kontingent --config .demo/kontingent.toml sync report gorod
    """
    if source is not None:
        app.config.source(source)
    engine = open_store(app.config)
    try:
        with UnitOfWork(engine, read_only=True) as work:
            kept = work.refusals.list(source)
    finally:
        engine.dispose()
    for each in kept:
        if as_json:
            print_json(
                {
                    "source": each.source,
                    "refused_at": each.refused_at.isoformat(),
                    **_refusal_row(each.entity, each.refusal),
                }
            )
        else:
            app.screen.print(_line(app, each.entity, each.refusal), markup=False)
    if kept:
        raise click.exceptions.Exit(ExitCode.FOUND)
    if not as_json:
        app.screen.print(app.texts("No record is refused."))


class _Bars:
    """Progress bars on a terminal, one plain line a kind elsewhere."""

    def __init__(self, app: AppContext, *, silent: bool) -> None:
        self._app = app
        self._plain = not app.screen.is_terminal
        self._silent = silent
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description:>14}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=app.screen,
            disable=silent or self._plain,
        )

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advance(self, step: Step) -> None:
        """Show a page that went in."""
        if self._silent:
            return
        name = self._app.texts(step.entity)
        if self._plain:
            if step.done >= step.total:
                self._app.screen.print(f"{name}: {step.done}/{step.total}")
            return
        if step.entity not in self._tasks:
            self._tasks[step.entity] = self._progress.add_task(name, total=step.total, rate="")
        task = self._tasks[step.entity]
        speed = self._progress.tasks[task].speed
        self._progress.update(
            task,
            completed=step.done,
            total=step.total,
            rate=f"{speed:,.0f}/s" if speed else "",
        )


def _show(app: AppContext, report: SyncReport) -> None:
    say = app.texts
    if report.resumed:
        app.screen.print(f"({say('going on from where the last pull stopped')})")
    app.screen.print(
        f"{escape(report.source)}: {say('created')} {report.created}, "
        f"{say('changed')} {report.changed}, "
        f"{say('unchanged')} {report.unchanged}, {say('refused')} {report.refused_count}"
    )
    for entity, refusal in report.refused[:_REFUSALS_SHOWN]:
        app.screen.print(f"  {_line(app, entity, refusal)}", markup=False)
    if report.refused_count > _REFUSALS_SHOWN:
        app.screen.print(f"  … +{report.refused_count - _REFUSALS_SHOWN}")


def _row(report: SyncReport) -> dict[str, object]:
    return {
        "source": report.source,
        "resumed": report.resumed,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": report.refused_count,
        "refusals": [_refusal_row(entity, refusal) for entity, refusal in report.refused],
    }


def _line(app: AppContext, entity: str, refusal: Refusal) -> str:
    told = "; ".join(f"{problem.code} ({problem.field})" for problem in refusal.problems)
    return f"{app.texts(entity)} {one_line(f'{refusal.source_id}: {told}')}"


def _refusal_row(entity: str, refusal: Refusal) -> dict[str, object]:
    return {
        "entity": entity,
        "source_id": refusal.source_id,
        "problems": [
            {"code": problem.code, "field": problem.field, "message": problem.message_ru}
            for problem in refusal.problems
        ],
    }
