"""Rules on single fields of a source's records, whatever their kind."""

import unicodedata
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from registry.problems import Problem

MAX_ID_LENGTH = 200
MAX_TITLE_LENGTH = 1000
MAX_CODE_LENGTH = 20
MAX_REASON_LENGTH = 500
# Parallel 0 is the year before school, 12 the last of evening schools.
PARALLELS = range(13)
FIRST_SCHOOL_YEAR = 1990
FIRST_DAY = date(1900, 1, 1)
# Orders for the coming school year are known early.
_DAYS_AHEAD = 366


def check_ids(source_id: str, version: str) -> list[Problem]:
    """Problems of a record's own id and version."""
    return [
        *check_text(source_id, "source_id", MAX_ID_LENGTH),
        *check_text(version, "version", MAX_ID_LENGTH),
    ]


def check_text(text: str, field: str, limit: int) -> list[Problem]:
    """Problems of a text that must be there: ``text.empty``, ``.too_long``, ``.characters``."""
    if not text.strip():
        return [Problem("text.empty", field, "Не заполнено")]
    if len(text) > limit:
        return [Problem("text.too_long", field, f"Длиннее {limit} знаков")]
    # PostgreSQL stores no NUL, nothing stores half a surrogate pair, and any other control
    # character in a title is a decoding error.
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs") for character in text
    ):
        return [Problem("text.characters", field, "Содержит управляющие знаки")]
    return []


def check_optional_text(text: str | None, field: str, limit: int) -> list[Problem]:
    """Problems of a text that may be missing or empty."""
    return check_text(text, field, limit) if text else []


def check_period(
    begins_on: date | None, ends_on: date | None, field: str, *, today: date
) -> list[Problem]:
    """Problems of a period: ``period.begin``, ``period.end``, ``period.reversed``.

    Either day may be missing; both may lie a year ahead at most.
    """
    prefix = f"{field}." if field else ""
    problems = []
    for day, name, key, message in (
        (begins_on, "begins_on", "period.begin", "Недопустимая дата начала"),
        (ends_on, "ends_on", "period.end", "Недопустимая дата окончания"),
    ):
        # The end may be far: of a contract, of an authority, of a disability.
        latest = today + timedelta(days=_DAYS_AHEAD) if name == "begins_on" else date.max
        if day is not None and not FIRST_DAY <= day <= latest:
            problems.append(Problem(key, f"{prefix}{name}", message))
    if begins_on is not None and ends_on is not None and ends_on < begins_on:
        problems.append(Problem("period.reversed", f"{prefix}ends_on", "Окончание раньше начала"))
    return problems


def check_past_day(day: date, field: str, *, today: date) -> list[Problem]:
    """Problems of the day of something that has happened: ``day.impossible``."""
    if FIRST_DAY <= day <= today:
        return []
    return [Problem("day.impossible", field, "Дата в будущем либо невозможна")]


def check_choice(value: str, choices: type[StrEnum], field: str, key: str) -> list[Problem]:
    """Problems of a value that must be one of an enumeration's."""
    if value in _values(choices):
        return []
    return [Problem(key, field, "Неизвестное значение")]


@cache
def _values(choices: type[StrEnum]) -> frozenset[str]:
    return frozenset(each.value for each in choices)
