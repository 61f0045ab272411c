"""Which places an application holds, and in which school year a day lies."""

from datetime import date

from registry.model import Application, ApplicationKind, Choice

# States of all procedures in which a place is held for the application, or taken by it.
HOLDING_STATES = frozenset(
    {"offered", "consent_review", "contract", "recommended", "originals_given", "enrolled"}
)
# Of these each programme has places of its own.
BY_PROGRAMME = frozenset({ApplicationKind.COLLEGE, ApplicationKind.ADDITIONAL})
_SUMMER = range(6, 9)


def programme_of(kind: ApplicationKind, programme_code: str | None) -> str | None:
    """The programme by which places are told apart: none in schools and kindergartens."""
    return programme_code if kind in BY_PROGRAMME else None


def offered_choice(application: Application) -> Choice | None:
    """The choice whose place is offered or taken."""
    for choice in sorted(application.choices, key=lambda each: each.priority):
        same = application.offered_programme in (None, choice.programme_code)
        if choice.organisation_id == application.offered_id and same:
            return choice
    return None


def school_year_of(day: date) -> int:
    """The school year in which a day lies, by its first calendar year; it begins in September."""
    return day.year if day.month >= 9 else day.year - 1


def is_year(school_year: int) -> bool:
    """Whether a number can be a school year at all; which ones are taken is a rule's matter."""
    return 1900 <= school_year < 9000


def first_day_of(school_year: int) -> date:
    """The first of September."""
    return date(school_year, 9, 1)


def seat_day(today: date) -> date:
    """The day on which who comes now sits in a class: in summer the first of September."""
    return date(today.year, 9, 1) if today.month in _SUMMER else today
