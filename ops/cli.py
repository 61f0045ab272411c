"""The `kontingent` command.

Exit codes: 0 ok, 1 found something wrong, 2 usage, 3 unavailable. Every error of a package of
ours ends here as one line on standard error; anything else is a bug and shows its traceback.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

import click

from ops.commands.context import AppContext, exit_code_of
from ops.config import missing_config
from ops.errors import ConfigError, ExitCode
from ops.interrupts import INTERRUPTED, quiet_interrupt
from ops.printing import one_line, printable, tolerate_encoding
from ops.texts import language_of

_MODULES = {
    "application": "application",
    "db": "database",
    "gaps": "gaps",
    "identity": "identity",
    "init": "init",
    "log": "log",
    "message": "message",
    "pki": "pki",
    "serve": "serve",
    "student": "student",
    "sync": "sync",
    "transfer": "transfer",
}

# Another path would do, as for a file that a command reads or writes by name.
_MISNAMED = (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError)

_HELP_OPTIONS = frozenset({"-h", "--help"})
_HELP = "ops.cli.help"


class _Main(click.Group):
    """Loads a command when it is called, and makes lines and exit codes of errors.

    Loading them all would cost every call the libraries of each.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options; note whether help is all that is wanted, here or of a command."""
        ctx.meta[_HELP] = bool(_HELP_OPTIONS & set(args))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click names it
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        with quiet_interrupt():
            module = import_module(f"ops.commands.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def main(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        if sys.stdout is None:  # closed by the caller
            # It lives as long as we do.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        tolerate_encoding(sys.stdout)
        try:
            code = super().main(*args, standalone_mode=False, **kwargs)  # type: ignore[call-overload]
            sys.stdout.flush()
        except (click.Abort, KeyboardInterrupt):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            shown = StringIO()
            error.show(shown)
            click.echo(printable(shown.getvalue()), nl=False, err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            # The reader of our output has gone; Python would complain again at exit.
            _discard_output()
            sys.exit(0)
        except OSError as error:
            _discard_output()
            told = one_line(f"{error.filename or 'output'}: {error.strerror}")
            click.echo(f"error: {told}", err=True)
            sys.exit(ExitCode.USAGE if isinstance(error, _MISNAMED) else ExitCode.UNAVAILABLE)
        except Exception as error:
            exit_code = exit_code_of(error)
            if exit_code is None:
                raise
            click.echo(f"error: {one_line(str(error))}", err=True)
            sys.exit(exit_code)
        sys.exit(code if isinstance(code, int) else 0)


def _discard_output() -> None:
    """Keep Python from writing at exit what can't be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Main, context_settings={"help_option_names": sorted(_HELP_OPTIONS)})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file; else KONTINGENT_CONFIG, else ./kontingent.toml.",
)
@click.option("--lang", type=click.Choice(["en", "ru"]), help="Language of the screens.")
@click.version_option(package_name="kontingent")
@click.pass_context
def main(context: click.Context, config: Path | None, lang: str | None) -> None:
    """Gateway between a region's register of pupils and the interagency exchange (SMEV).

    Example: kontingent init --demo --dir .demo
    """
    # Also for a command that needs none: who names a file believes that it is used. `init` makes
    # one.
    if config is not None and context.invoked_subcommand != "init" and not context.meta[_HELP]:
        try:
            config.stat()
        except FileNotFoundError:
            raise missing_config(config) from None
        except OSError as error:
            raise ConfigError(f"{config}: {error.strerror}") from None
    context.obj = AppContext(config_option=config, language=lang or language_of())


if __name__ == "__main__":
    main()
