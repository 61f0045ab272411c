"""Whether an application may be taken: its time, the child's age, its choices, its documents.

Every check returns all the problems at once; which rules hold is said by the day of the
application (`registry.procedures.intake`).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from registry.calendar import MonthDay
from registry.model import Application, ApplicationKind, Choice, Privilege
from registry.problems import Problem
from registry.procedures.ages import is_of_age
from registry.procedures.application_rules import (
    AVERAGE_MISSING,
    AVERAGE_RANGE,
    CHOICE_PRIORITY,
    CHOICE_REPEATED,
    DESIRED_ON_MISSING,
    KINDERGARTEN_AGE,
    LEGAL_STAY,
    NO_CHOICES,
    NOT_TERRITORY,
    ORIGINALS_EARLY,
    OUT_OF_WINDOW,
    PARALLEL,
    PRIVILEGE_PERIOD,
    PRIVILEGE_REPEATED,
    PROGRAMME_MISSING,
    SCHOOL_AGE,
    SCHOOL_YEAR,
)
from registry.procedures.intake import (
    CollegeIntake,
    SchoolIntake,
    Window,
    additional_intake,
    college_intake,
    kindergarten_intake,
    school_intake,
)

_SEPTEMBER = MonthDay(9, 1)
_FIRST_CLASS = 1
# УФТТ: 3 foreign citizen, 4 stateless; those with a Russian citizenship aren't checked apart.
_FOREIGN = frozenset({"3", "4"})
_KINDERGARTEN_YEARS_AHEAD = 8
# Years that a calendar day can be made of, and that an application can be for.
_SCHOOL_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What a check needs to know beside the application.

    `submitted_on`: its day in the region (`registry.calendar.local_day`). `founder_permission`: to
    enter class 1 at another age. `legal_stay`: a foreigner's documents. `in_transfer`: the child
    comes by transfer. `tested`: the speciality asks for a test; `places_left`: the college still
    has places after the general window.
    """

    birth_date: date
    citizenship_code: str
    submitted_on: date
    founder_permission: bool = False
    legal_stay: bool = False
    in_transfer: bool = False
    tested: bool = False
    places_left: bool = False


def is_foreigner(citizenship_code: str) -> bool:
    """Whether the checks for foreigners concern the holder of a citizenship (УФТТ code)."""
    return citizenship_code in _FOREIGN


def check_application(
    application: Application,
    facts: ApplicationFacts,
    *,
    school: SchoolIntake | None = None,
    college: CollegeIntake | None = None,
) -> list[Problem]:
    """All the problems of an application, for whichever kind it is.

    `school` and `college` replace what `intake.toml` says, for a region that has its own days.
    """
    problems = [*check_choices(application.choices), *check_privileges(application.privileges)]
    if application.school_year not in _SCHOOL_YEARS:
        return [*problems, SCHOOL_YEAR.problem()]
    match application.kind:
        case ApplicationKind.SCHOOL:
            intake = school or school_intake(facts.submitted_on)
            problems += _check_school(application, facts, intake)
        case ApplicationKind.KINDERGARTEN:
            problems += _check_kindergarten(application, facts)
        case ApplicationKind.COLLEGE:
            problems += _check_college(
                application, facts, college or college_intake(facts.submitted_on)
            )
        case ApplicationKind.ADDITIONAL:
            parallels = additional_intake(facts.submitted_on).parallels
            problems += _check_parallel(application, parallels)
            problems += _check_year(application, facts)
            problems += check_programmes(application.choices)
    return problems


def unknown_privileges(application: Application, known: Collection[str]) -> tuple[str, ...]:
    """The codes of privileges that the list doesn't hold: kept as received, to be reported."""
    return tuple(sorted({each.code for each in application.privileges if each.code not in known}))


def school_window(
    application: Application, *, submitted_on: date, intake: SchoolIntake | None = None
) -> Window | None:
    """The window of class 1 that an application falls into; None outside, and for other classes.

    The order waits for the closing of `first_class_territory`: see `school_terms`.
    """
    if application.parallel != _FIRST_CLASS:
        return None
    intake = intake or school_intake(submitted_on)
    windows = (intake.first_class_territory, intake.first_class_others)
    year = application.school_year
    return next((each for each in windows if each.contains(submitted_on, year)), None)


def school_terms(
    application: Application, *, submitted_on: date, intake: SchoolIntake | None = None
) -> tuple[date | None, date | None]:
    """The days `order_after` and `last_day` of `SchoolFacts`: of class 1 only, else None."""
    if application.parallel != _FIRST_CLASS:
        return None, None
    intake = intake or school_intake(submitted_on)
    territory, others = intake.first_class_territory, intake.first_class_others
    year = application.school_year
    waits = school_window(application, submitted_on=submitted_on, intake=intake) == territory
    return territory.closes.in_year(year) if waits else None, others.closes.in_year(year)


def _check_school(
    application: Application, facts: ApplicationFacts, intake: SchoolIntake
) -> list[Problem]:
    problems = _check_parallel(application, intake.parallels)
    problems += _check_year(application, facts)
    if application.parallel == _FIRST_CLASS and not facts.in_transfer:
        problems += _check_first_class(application, facts, intake)
    if is_foreigner(facts.citizenship_code) and not (facts.legal_stay or facts.in_transfer):
        problems.append(LEGAL_STAY.problem())
    return problems


def _check_first_class(
    application: Application, facts: ApplicationFacts, intake: SchoolIntake
) -> list[Problem]:
    problems = []
    window = school_window(application, submitted_on=facts.submitted_on, intake=intake)
    if window is None:
        problems.append(OUT_OF_WINDOW.problem())
    elif window == intake.first_class_territory and not application.privileges:
        problems += [
            NOT_TERRITORY.problem(f"choices[{index}]")
            for index, choice in enumerate(application.choices)
            if not choice.territory
        ]
    limits = (intake.youngest_months, intake.oldest_months)
    on = _SEPTEMBER.in_year(application.school_year)
    if not (facts.founder_permission or is_of_age(facts.birth_date, on, limits)):
        problems.append(SCHOOL_AGE.problem())
    return problems


def _check_kindergarten(application: Application, facts: ApplicationFacts) -> list[Problem]:
    intake = kindergarten_intake(facts.submitted_on)
    problems = _check_parallel(application, intake.parallels)
    ahead = application.school_year - facts.submitted_on.year
    if not -1 <= ahead <= _KINDERGARTEN_YEARS_AHEAD:
        problems.append(SCHOOL_YEAR.problem())
    on = application.desired_on
    if on is None:
        problems.append(DESIRED_ON_MISSING.problem())
    limits = (intake.youngest_months, intake.oldest_months)
    if on is not None and not is_of_age(facts.birth_date, on, limits):
        problems.append(KINDERGARTEN_AGE.problem())
    return problems


def _check_college(
    application: Application, facts: ApplicationFacts, intake: CollegeIntake
) -> list[Problem]:
    problems = _check_parallel(application, intake.parallels)
    problems += check_programmes(application.choices)
    window = intake.tested if facts.tested else intake.general
    if facts.places_left:
        window = intake.places_left
    if not window.contains(facts.submitted_on, application.school_year):
        problems.append(OUT_OF_WINDOW.problem())
    average = application.average
    if average is None:
        problems.append(AVERAGE_MISSING.problem())
    elif not intake.lowest_average <= average <= intake.highest_average:
        problems.append(AVERAGE_RANGE.problem())
    given_on = application.originals_on
    if given_on is not None and given_on < facts.submitted_on:
        problems.append(ORIGINALS_EARLY.problem())
    return problems


def _check_parallel(application: Application, parallels: range) -> list[Problem]:
    return [] if application.parallel in parallels else [PARALLEL.problem()]


def _check_year(application: Application, facts: ApplicationFacts) -> list[Problem]:
    """From the January before the school year to its end in August."""
    year = application.school_year
    if date(year, 1, 1) <= facts.submitted_on <= date(year + 1, 8, 31):
        return []
    return [SCHOOL_YEAR.problem()]


def check_choices(choices: Sequence[Choice]) -> list[Problem]:
    """Problems of the organisations that an application names, and of their order."""
    if not choices:
        return [NO_CHOICES.problem()]
    problems = []
    seen = set()
    for index, choice in enumerate(choices):
        named = (choice.organisation_id, choice.programme_code)
        if named in seen:
            problems.append(CHOICE_REPEATED.problem(f"choices[{index}]"))
        seen.add(named)
    if sorted(choice.priority for choice in choices) != list(range(1, len(choices) + 1)):
        problems.append(CHOICE_PRIORITY.problem())
    return problems


def check_programmes(choices: Sequence[Choice]) -> list[Problem]:
    """Problems of choices that are to name a programme."""
    return [
        PROGRAMME_MISSING.problem(f"choices[{index}].programme_code")
        for index, choice in enumerate(choices)
        if not choice.programme_code
    ]


def check_privileges(privileges: Sequence[Privilege]) -> list[Problem]:
    """Problems of the privileges that an application claims."""
    counts = Counter(each.code for each in privileges)
    problems = [PRIVILEGE_REPEATED.problem() for count in counts.values() if count > 1]
    problems += [
        PRIVILEGE_PERIOD.problem(f"privileges[{index}]")
        for index, each in enumerate(privileges)
        if each.ends_on is not None and each.ends_on < each.begins_on
    ]
    return problems
