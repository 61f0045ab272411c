"""What the commands that show persons share: parameters whose errors repeat no value."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from ops.commands.context import json_option, read_input
from ops.errors import ExitCode, OpsError
from registry.errors import RegistryError
from registry.identifiers import Snils, parse_snils

F = TypeVar("F", bound=Callable[..., Any])

_SHORTEST_REPEATED = 3
_RUSSIAN_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
# In any zone a moment of these is one in UTC as well.
_YEARS = range(1900, 9000)


class PersonalCommand(click.Command):
    """A command whose arguments may be personal data: no error repeats them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; an error of click's own that quotes one is told without it."""
        given = [
            part
            for argument in args
            for part in argument.split("=", 1)
            if len(part) >= _SHORTEST_REPEATED and part not in self._names()
        ]
        try:
            return super().parse_args(ctx, list(args))
        except click.UsageError as error:
            if any(part in error.format_message() for part in given):
                raise click.UsageError(
                    "there is an argument too many, or one that is not known here", ctx
                ) from None
            raise

    def _names(self) -> set[str]:
        names = {name for parameter in self.params for name in parameter.opts}
        return names | {"--help", "-h"} | {name.lstrip("-") for name in names}


class Day(click.ParamType):  # type: ignore[type-arg]  # only of late it takes one
    """A date: 2012-05-17 or 17.05.2012."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        text = str(value)
        written = _RUSSIAN_DATE.fullmatch(text)
        try:
            return date.fromisoformat("-".join(reversed(written.groups())) if written else text)
        except ValueError:
            self.fail("it is no date like 2012-05-17 or 17.05.2012", param, ctx)


class Moment(click.ParamType):  # type: ignore[type-arg]  # only of late it takes one
    """A moment: 2024-10-01T09:00+03:00, or without a zone, or a date, which means its end."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | date:
        """Read the moment; `moment_in` gives it the zone that it lacks."""
        text = str(value)
        moment: datetime | date | None = None
        with suppress(ValueError):
            is_day = len(text) <= len("2024-10-01")
            moment = date.fromisoformat(text) if is_day else datetime.fromisoformat(text)
        if moment is None or moment.year not in _YEARS:
            self.fail("it is no moment like 2024-10-01 or 2024-10-01T09:00+03:00", param, ctx)
        return moment


def moment_in(value: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """A moment in the region's zone, unless it brought its own; of a date the last microsecond."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        midnight = datetime.combine(value + timedelta(days=1), time(), zone)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


class PersonNumber(click.ParamType):  # type: ignore[type-arg]  # only of late it takes one
    """A person's id in the register."""

    name = "person"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        """Read the id."""
        try:
            return UUID(str(value))
        except ValueError:
            self.fail("it is no id of a person; for a СНИЛС there is --snils", param, ctx)


def as_of_option(command: F) -> F:
    """Give a command the day of the facts."""
    told = "What had happened by that day (2024-10-01); today when left out."
    return click.option("--as-of", type=Day(), metavar="DATE", help=told)(command)


def known_on_option(command: F) -> F:
    """Give a command the moment of knowing."""
    told = "What the register held at that moment (2024-10-01T09:00); now when left out."
    return click.option("--known-on", type=Moment(), metavar="MOMENT", help=told)(command)


def person_options(command: F) -> F:
    """Give a command its person: PERSON, or `--snils`."""
    command = click.argument("person_id", metavar="[PERSON]", type=PersonNumber(), required=False)(
        command
    )
    return snils_option(command)


def snils_option(command: F) -> F:
    """Give a command `--snils`."""
    told = "The person with this СНИЛС; '-' reads it from standard input, where nobody sees it."
    return click.option("--snils", metavar="NUMBER", help=told)(command)


def veil_options(command: F) -> F:
    """Give a command `--unmask`, `--reason` and `--json`."""
    command = json_option(command)
    command = click.option("--reason", help="Why the personal data are looked at.")(command)
    told = "Show personal data; needs --reason, is recorded."
    return click.option("--unmask", is_flag=True, help=told)(command)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Whether personal data are to be shown, and why."""

    unmask: bool
    reason: str

    @classmethod
    def of(cls, *, unmask: bool, reason: str | None) -> "Disclosure":
        """Raises OpsError `reason.missing` (exit code 2) for showing them without a reason."""
        stated = (reason or "").strip()
        if unmask and not stated:
            raise OpsError(
                "reason.missing", "--unmask needs --reason TEXT", exit_code=ExitCode.USAGE
            )
        return cls(unmask, stated)


def snils_text(text: str) -> str:
    """The СНИЛС as it was given; `-` reads a line from standard input."""
    if text != "-":
        return text
    lines = read_input("-").decode("utf-8", "replace").splitlines()
    return lines[0] if lines else ""


def read_snils(text: str) -> Snils:
    """The СНИЛС that was given. Raises OpsError `snils.…` (exit code 2), not repeating it."""
    try:
        return parse_snils(snils_text(text))
    except RegistryError as error:
        raise OpsError(error.code, error.detail, exit_code=ExitCode.USAGE) from None
