"""What the commands on cases share: parameters, filters, who acts."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import click

from ops.case_rows import Row
from ops.case_screens import CaseScreens
from ops.clock import utc_now
from ops.commands.context import AppContext, print_json
from ops.errors import ExitCode, OpsError
from ops.operators import operator_name
from ops.register_session import Session
from registry.cases.clock import RegionClock
from registry.errors import RegistryError
from registry.model import Declared
from registry.model.declared import NAMES, parse_declared

F = TypeVar("F", bound=Callable[..., Any])
LIMIT = click.IntRange(1, 100_000)


class CaseNumber(click.ParamType):  # type: ignore[type-arg]  # only of late it takes one
    """The id of a case, an organisation or a class in the register."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        """Read the id."""
        try:
            return UUID(str(value))
        except ValueError:
            self.fail("it is no id of the register", param, ctx)


def case_argument(command: F) -> F:
    """Give a command its case: ID."""
    return click.argument("case_id", metavar="ID", type=CaseNumber())(command)


def list_options(command: F) -> F:
    """Give a command the filters that lists of cases share."""
    for option in (
        click.option("--limit", type=LIMIT, default=100, show_default=True),
        click.option("--overdue", is_flag=True, help="Only those whose step is overdue."),
        click.option("--live", is_flag=True, help="Only those that aren't over."),
        click.option(
            "--organisation",
            "organisation_id",
            type=CaseNumber(),
            metavar="ID",
            help="Only those of this organisation.",
        ),
        click.option("--state", help="Only those in this state."),
    ):
        command = option(command)
    return command


def region_clock(session: Session) -> RegionClock:
    """Now, in the region."""
    return RegionClock(utc_now(), session.zone, session.calendar)


def cause() -> str:
    """Whose command made a step, as its event tells."""
    return f"operator {operator_name()}"


def case_not_found() -> OpsError:
    """The error for a case that the register doesn't hold (exit code 1)."""
    return OpsError("case.not_found", "the register holds no such case")


def read_declared(texts: Sequence[str]) -> Declared:
    """The circumstances of `--declare NAME=VALUE`. Raises OpsError `declared.…` (exit code 2)."""
    values: dict[str, Any] = {}
    for text in texts:
        name, found, value = text.partition("=")
        kind = NAMES.get(name)
        if not found or kind is None:
            told = f"--declare takes NAME=VALUE with a NAME of {', '.join(sorted(NAMES))}"
            raise OpsError("declared.unknown", told, exit_code=ExitCode.USAGE)
        values[name] = _value_of(kind, value)
    try:
        return parse_declared(values)
    except RegistryError as error:
        told = "a circumstance is true or false, a number, or a date like 2026-09-01"
        raise OpsError(error.code, told, exit_code=ExitCode.USAGE) from None


def _value_of(kind: type, text: str) -> object:
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind is int and text.isascii() and text.isdigit():
        return int(text)
    return text


def show_rows(
    app: AppContext, rows: Sequence[Row], *, as_json: bool, columns: Sequence[str], empty: str
) -> None:
    """Print rows as JSON lines, or as a table."""
    if as_json:
        for row in rows:
            print_json(row)
    else:
        screens(app).table(rows, columns, empty=empty)


def screens(app: AppContext) -> CaseScreens:
    """The screens of cases."""
    return CaseScreens(app.screen, app.texts)


def as_day(value: date | None, missing: str) -> date:
    """A day that has to be given. Raises OpsError `order.incomplete` (exit code 2)."""
    if value is None:
        raise OpsError("order.incomplete", missing, exit_code=ExitCode.USAGE)
    return value
