"""What the steps of an admission to a school depend on: facts, guards, terms.

Source: приказ № 458 of 02.09.2020; 273-ФЗ, art. 67, 78.
"""

from dataclasses import dataclass
from datetime import date

from registry.calendar import WorkingCalendar
from registry.problems import Rule
from registry.procedures.engine import Guard
from registry.procedures.intake import school_intake


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What the steps of an admission to a school depend on.

    `received_on`: when application and documents were received. `foreigner`: a foreign citizen or
    a stateless person; `in_transfer`: who comes by transfer. `age_permitted`: from 6.5 to 8 years,
    or with the founder's permission, or not of class 1. `tested_on`: when the result of the test
    came. `order_after`: for class 1 of the territory and the privileged, the day on which the
    window closes; the order follows it. `last_day`: for class 1, until when places are filled.
    `registry.procedures.windows.school_terms` gives both.
    """

    received_on: date
    places_free: int = 0
    documents_complete: bool = False
    window_open: bool = False
    age_permitted: bool = False
    foreigner: bool = False
    in_transfer: bool = False
    legal_stay: bool = False
    test_passed: bool | None = None
    tested_on: date | None = None
    order_after: date | None = None
    last_day: date | None = None


def is_checked_apart(facts: SchoolFacts, _: date) -> bool:
    """The child goes through the checks for foreigners."""
    return facts.foreigner and not facts.in_transfer


def is_not_checked_apart(facts: SchoolFacts, today: date) -> bool:
    """The child doesn't go through the checks for foreigners."""
    return not is_checked_apart(facts, today)


def is_age_permitted(facts: SchoolFacts, _: date) -> bool:
    """The age is in its limits, or permitted."""
    return facts.age_permitted


def may_stay(facts: SchoolFacts, _: date) -> bool:
    """The documents on the right to be in Russia were given in."""
    return facts.legal_stay


def has_incomplete_set(facts: SchoolFacts, _: date) -> bool:
    """Something is missing of a foreigner's set."""
    return not (facts.documents_complete and facts.legal_stay)


def has_passed(facts: SchoolFacts, _: date) -> bool:
    """The test of Russian is passed."""
    return facts.test_passed is True


def has_failed(facts: SchoolFacts, _: date) -> bool:
    """The test of Russian is failed."""
    return facts.test_passed is False


AGE = Guard(
    Rule(
        "transition.age_permission",
        "birth_date",
        "Возраст вне пределов от 6,5 до 8 лет, разрешения учредителя нет",
        "273-ФЗ, ст. 67, ч. 1",
    ),
    is_age_permitted,
)
FOREIGNER = Guard(
    Rule(
        "transition.not_foreigner",
        "citizenship_code",
        "Проверка для иностранных граждан к ребёнку не относится",
        "приказ № 458 в ред. № 727",
    ),
    is_checked_apart,
)
NOT_FOREIGNER = Guard(
    Rule(
        "transition.foreigner",
        "citizenship_code",
        "Для иностранного гражданина сначала проверка комплекта документов и тестирование",
        "приказ № 458 в ред. № 727",
    ),
    is_not_checked_apart,
)
LEGAL_STAY = Guard(
    Rule(
        "transition.legal_stay",
        "documents",
        "Не подтверждена законность нахождения в Российской Федерации",
        "273-ФЗ, ст. 78",
    ),
    may_stay,
)
INCOMPLETE_SET = Guard(
    Rule("transition.set_complete", "documents", "Комплект документов полон"), has_incomplete_set
)
TEST_PASSED = Guard(
    Rule("transition.test_not_passed", "test", "Тестирование не пройдено", "273-ФЗ, ст. 78"),
    has_passed,
)
TEST_FAILED = Guard(
    Rule("transition.test_not_failed", "test", "Нет отрицательного результата тестирования"),
    has_failed,
)

RULES = tuple(
    guard.rule
    for guard in (
        AGE,
        FOREIGNER,
        NOT_FOREIGNER,
        LEGAL_STAY,
        INCOMPLETE_SET,
        TEST_PASSED,
        TEST_FAILED,
    )
)


def order_due(facts: SchoolFacts, today: date, calendar: WorkingCalendar) -> date:
    """When the order is due: by the day of the application, the window of class 1, the test.

    A foreigner's term begins when the result of the test comes.
    """
    intake = school_intake(facts.received_on)
    begins_on = facts.received_on
    if facts.tested_on is not None and is_checked_apart(facts, today):
        begins_on = facts.tested_on
    if facts.order_after is None:
        return calendar.add_working_days(begins_on, intake.order_working_days)
    term = intake.first_class_territory.order_working_days
    due = calendar.add_working_days(facts.order_after, term)
    if begins_on <= facts.order_after:
        return due
    return max(due, calendar.add_working_days(begins_on, intake.order_working_days))


def check_due(facts: SchoolFacts, today: date, calendar: WorkingCalendar) -> date:
    """When the check is due: a foreigner's set has a term of its own."""
    if is_checked_apart(facts, today):
        intake = school_intake(facts.received_on)
        return calendar.add_working_days(facts.received_on, intake.completeness_working_days)
    return order_due(facts, today, calendar)


def waiting_due(facts: SchoolFacts, _: date, __: WorkingCalendar) -> date | None:
    """Until when a place is waited for: in class 1 the last day of the intake."""
    return facts.last_day
