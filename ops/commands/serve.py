"""kontingent serve."""

from dataclasses import replace

import click

from ops.commands.context import AppContext, pass_app
from ops.logs import set_up_logging
from ops.server import listen
from ops.server import serve as serve_forever
from ops.wiring import build_gateway


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
    build_gateway(config).close()
    listening = listen(section.bind)

    def ready() -> None:
        host, port = listening.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        stop = app.texts("stop with Ctrl+C")
        app.screen.print(f"{app.texts('Serving on')} http://{host}:{port} ({stop})")

    serve_forever(config, listening, workers=section.workers, ready=ready)
