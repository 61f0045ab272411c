"""When applications are taken and what limits they keep, by kind and by date. Data: `intake.toml`.

A region that opens a window earlier (приказ № 458, п. 17: "не позднее 1 апреля") replaces the
value with `dataclasses.replace` and hands it to the check.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from registry.calendar import MonthDay, parse_month_day


@dataclass(frozen=True, slots=True)
class Window:
    """A time of intake in a calendar year, both days included.

    `order_working_days`: the term of the order, counted from the closing for the window that the
    order waits for; 0 where no term is set.
    """

    opens: MonthDay
    closes: MonthDay
    order_working_days: int = 0

    def contains(self, day: date, year: int) -> bool:
        """Whether `day` is in the window of `year`."""
        return self.opens.in_year(year) <= day <= self.closes.in_year(year)


@dataclass(frozen=True, slots=True)
class SchoolIntake:
    """Intake to schools from `since` on; ages in whole months on 1 September."""

    since: date
    first_class_territory: Window
    first_class_others: Window
    order_working_days: int
    completeness_working_days: int
    youngest_months: int
    oldest_months: int
    parallels: range


@dataclass(frozen=True, slots=True)
class KindergartenIntake:
    """Intake to kindergartens from `since` on; ages in whole months on the desired day."""

    since: date
    youngest_months: int
    oldest_months: int
    parallels: range


@dataclass(frozen=True, slots=True)
class CollegeIntake:
    """Intake to colleges from `since` on."""

    since: date
    general: Window
    tested: Window
    places_left: Window
    originals_by: MonthDay
    lowest_average: float
    highest_average: float
    parallels: range


@dataclass(frozen=True, slots=True)
class AdditionalIntake:
    """Intake to additional education from `since` on: all year, for those of any age."""

    since: date
    parallels: range


_Intake = TypeVar("_Intake", SchoolIntake, KindergartenIntake, CollegeIntake, AdditionalIntake)


def school_intake(day: date) -> SchoolIntake:
    """What holds for an application to a school made on `day`."""
    return _version_of(_load().school, day)


def kindergarten_intake(day: date) -> KindergartenIntake:
    """What holds for an application to a kindergarten made on `day`."""
    return _version_of(_load().kindergarten, day)


def college_intake(day: date) -> CollegeIntake:
    """What holds for an application to a college made on `day`."""
    return _version_of(_load().college, day)


def additional_intake(day: date) -> AdditionalIntake:
    """What holds for an application to additional education made on `day`."""
    return _version_of(_load().additional, day)


def _version_of(versions: Sequence[_Intake], day: date) -> _Intake:
    """The version in force on `day`; for a day before all of them the first."""
    begun = [each for each in versions if each.since <= day]
    return max(begun, key=lambda each: each.since) if begun else versions[0]


@dataclass(frozen=True, slots=True)
class _Versions:
    school: tuple[SchoolIntake, ...]
    kindergarten: tuple[KindergartenIntake, ...]
    college: tuple[CollegeIntake, ...]
    additional: tuple[AdditionalIntake, ...]


@cache
def _load() -> _Versions:
    text = files("registry.procedures").joinpath("intake.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    return _Versions(
        school=tuple(SchoolIntake(**_values(table)) for table in tables["school"]),
        kindergarten=tuple(
            KindergartenIntake(**_values(table)) for table in tables["kindergarten"]
        ),
        college=tuple(CollegeIntake(**_values(table)) for table in tables["college"]),
        additional=tuple(AdditionalIntake(**_values(table)) for table in tables["additional"]),
    )


def _values(table: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in table.items()}


def _value(name: str, value: Any) -> Any:
    if name == "parallels":
        first, last = value
        return range(first, last + 1)
    if isinstance(value, dict):
        return Window(
            parse_month_day(value["opens"]),
            parse_month_day(value["closes"]),
            value.get("order_working_days", 0),
        )
    return parse_month_day(value) if isinstance(value, str) else value
