"""Rules on single fields of a source's records, whatever their kind."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from registry.model import Sex
from registry.problems import Problem, Rule

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

TEXT_EMPTY = Rule("text.empty", "source_id", "Не заполнено")
TEXT_TOO_LONG = Rule("text.too_long", "source_id", "Длиннее допустимого числа знаков")
TEXT_CHARACTERS = Rule("text.characters", "source_id", "Содержит управляющие знаки")
PERIOD_BEGIN = Rule("period.begin", "begins_on", "Недопустимая дата начала")
PERIOD_END = Rule("period.end", "ends_on", "Недопустимая дата окончания")
PERIOD_REVERSED = Rule("period.reversed", "ends_on", "Окончание раньше начала")
DAY_IMPOSSIBLE = Rule("day.impossible", "issued_on", "Дата в будущем либо невозможна")
SEX = Rule("person.sex", "sex", "Пол не указан или указан неизвестным кодом")

RULES = (
    TEXT_EMPTY,
    TEXT_TOO_LONG,
    TEXT_CHARACTERS,
    PERIOD_BEGIN,
    PERIOD_END,
    PERIOD_REVERSED,
    DAY_IMPOSSIBLE,
    SEX,
)


def check_ids(source_id: str, version: str) -> list[Problem]:
    """Problems of a record's own id and version."""
    return [
        *check_text(source_id, "source_id", MAX_ID_LENGTH),
        *check_text(version, "version", MAX_ID_LENGTH),
    ]


def check_text(text: str, field: str, limit: int) -> list[Problem]:
    """Problems of a text that must be there: ``text.empty``, ``.too_long``, ``.characters``."""
    if not text.strip():
        return [TEXT_EMPTY.problem(field)]
    if len(text) > limit:
        # The limit differs from field to field, and whoever shortens the text needs it.
        problem = TEXT_TOO_LONG.problem(field)
        return [replace(problem, message_ru=f"Длиннее {limit} знаков")]
    # PostgreSQL stores no NUL, nothing stores half a surrogate pair, and any other control
    # character in a title is a decoding error.
    if not text.isprintable() and any(
        unicodedata.category(character) in ("Cc", "Cs") for character in text
    ):
        return [TEXT_CHARACTERS.problem(field)]
    return []


def check_optional_text(text: str | None, field: str, limit: int) -> list[Problem]:
    """Problems of a text that may be missing or empty."""
    return check_text(text, field, limit) if text else []


def check_period(
    begins_on: date | None, ends_on: date | None, field: str, *, today: date
) -> list[Problem]:
    """Problems of a period: ``period.begin``, ``period.end``, ``period.reversed``.

    Either day may be missing. The first may lie a year ahead at most, the last at any distance.
    """
    prefix = f"{field}." if field else ""
    problems = []
    for day, rule, latest in (
        (begins_on, PERIOD_BEGIN, today + timedelta(days=_DAYS_AHEAD)),
        # The end may be far: of a contract, of an authority, of a disability.
        (ends_on, PERIOD_END, date.max),
    ):
        if day is not None and not FIRST_DAY <= day <= latest:
            problems.append(rule.problem(f"{prefix}{rule.field}"))
    if begins_on is not None and ends_on is not None and ends_on < begins_on:
        problems.append(PERIOD_REVERSED.problem(f"{prefix}{PERIOD_REVERSED.field}"))
    return problems


def check_past_day(day: date, field: str, *, today: date) -> list[Problem]:
    """Problems of the day of something that has happened: ``day.impossible``."""
    if FIRST_DAY <= day <= today:
        return []
    return [DAY_IMPOSSIBLE.problem(field)]


def check_choice(
    value: str, choices: type[StrEnum], rule: Rule, field: str | None = None
) -> list[Problem]:
    """Problems of a value that must be one of an enumeration's: `rule`, at `field` or its own."""
    return [] if value in _values(choices) else [rule.problem(field)]


def check_sex(sex: str, field: str) -> list[Problem]:
    """Problems of a person's sex, which a source must tell: ``person.sex``."""
    return [] if sex in (Sex.MALE, Sex.FEMALE) else [SEX.problem(field)]


@cache
def _values(choices: type[StrEnum]) -> frozenset[str]:
    return frozenset(each.value for each in choices)
