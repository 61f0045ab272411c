"""kontingent serve."""

import logging
from dataclasses import replace

import click
from sqlalchemy.engine import Engine

from ops.clock import utc_now
from ops.commands.context import AppContext, pass_app
from ops.logs import set_up_logging
from ops.server import listen
from ops.server import serve as serve_forever
from ops.wiring import build_gateway
from store.errors import StoreError
from store.partitions import ensure_partitions

log = logging.getLogger("kontingent.ops")


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Where to listen; else gateway.bind.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; else gateway.workers.")
@pass_app
def serve(app: AppContext, bind: str | None, workers: int | None) -> None:
    """Answer the agencies until stopped.

    Example: kontingent --config .demo/kontingent.toml serve --bind 127.0.0.1:8080 --workers 2
    """
    section = app.config.gateway
    section = replace(
        section, bind=bind or section.bind, workers=workers if workers else section.workers
    )
    config = replace(app.config, gateway=section)
    set_up_logging()
    # A configuration that can't work is told here, not by workers that fall one after another.
    gateway = build_gateway(config)
    try:
        _keep_partitions(gateway.engine)
    finally:
        gateway.close()
    listening = listen(section.bind)

    def ready() -> None:
        host, port = listening.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        stop = app.texts("stop with Ctrl+C")
        app.screen.print(f"{app.texts('Serving on')} http://{host}:{port} ({stop})")

    serve_forever(config, listening, workers=section.workers, ready=ready)


def _keep_partitions(engine: Engine) -> None:
    """Make the coming years' partitions. Without one its rows go where they are found as well."""
    try:
        for name in ensure_partitions(engine, utc_now().date()):
            log.info("event=partition_made name=%s", name)
    except StoreError as error:
        log.warning("event=partitions_failed code=%s", error.code)
