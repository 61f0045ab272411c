"""Applications: every broken rule at once, on its field, by the day of the application."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.calendar import MonthDay, local_day
from registry.identifiers import ApplicationId, OrganisationId, PersonId
from registry.model import Application, ApplicationKind, Choice, Privilege, PrivilegeRank
from registry.procedures.ages import is_of_age
from registry.procedures.intake import Window, college_intake, school_intake
from registry.procedures.windows import (
    ApplicationFacts,
    check_application,
    is_foreigner,
    school_terms,
    school_window,
    unknown_privileges,
)

AT = datetime(2026, 4, 1, 6, tzinfo=UTC)
SCHOOL_1, SCHOOL_2 = (OrganisationId(UUID(int=number)) for number in (1, 2))
TERRITORY = Choice(1, SCHOOL_1, None, territory=True)
ELSEWHERE = Choice(1, SCHOOL_2, None, territory=False)
PRIVILEGE = Privilege(
    "17", PrivilegeRank.FIRST, confirmed=False, begins_on=date(2026, 1, 1), ends_on=None
)
FACTS = ApplicationFacts(date(2019, 5, 1), "1", date(2026, 4, 1))
GROWN = replace(FACTS, birth_date=date(2015, 1, 1), founder_permission=True)


def school_application(*choices: Choice) -> Application:
    return Application(
        id=ApplicationId(UUID(int=9)),
        serial=1,
        kind=ApplicationKind.SCHOOL,
        person_id=PersonId(UUID(int=10)),
        applicant_id=None,
        school_year=2026,
        parallel=1,
        submitted_at=AT,
        desired_on=None,
        state="draft",
        state_since=AT,
        due_on=None,
        choices=choices or (TERRITORY,),
        privileges=(),
    )


def college_application() -> Application:
    return replace(
        school_application(Choice(1, SCHOOL_1, "09.02.07", territory=False)),
        kind=ApplicationKind.COLLEGE,
        average=4.25,
    )


def kindergarten_application() -> Application:
    return replace(
        school_application(),
        kind=ApplicationKind.KINDERGARTEN,
        parallel=2,
        desired_on=date(2026, 9, 1),
    )


def additional_application() -> Application:
    return replace(college_application(), kind=ApplicationKind.ADDITIONAL, parallel=6, average=None)


COLLEGE_FACTS = ApplicationFacts(date(2010, 5, 1), "1", date(2026, 7, 1))
TODDLER = ApplicationFacts(date(2024, 2, 1), "1", date(2026, 4, 1))


def older_application(parallel: int) -> Application:
    return replace(school_application(ELSEWHERE), parallel=parallel)


def on(facts: ApplicationFacts, month: int, day: int, **changes: bool) -> ApplicationFacts:
    return replace(facts, submitted_on=date(2026, month, day), **changes)


def found(application: Application, facts: ApplicationFacts = FACTS) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in check_application(application, facts)]


@pytest.mark.parametrize(
    ("application", "facts"),
    [
        (school_application(), FACTS),
        (school_application(), on(FACTS, 6, 30)),
        (school_application(ELSEWHERE), on(FACTS, 7, 6)),
        (school_application(ELSEWHERE), on(FACTS, 9, 5)),
        (replace(school_application(ELSEWHERE), privileges=(PRIVILEGE,)), FACTS),
        (
            school_application(),
            GROWN,
        ),
        (
            older_application(7),
            on(FACTS, 12, 1),
        ),
        (school_application(), replace(FACTS, citizenship_code="3", legal_stay=True)),
        (
            older_application(5),
            replace(FACTS, citizenship_code="4", in_transfer=True),
        ),
        (
            school_application(ELSEWHERE),
            on(FACTS, 11, 5, in_transfer=True),
        ),
        (college_application(), COLLEGE_FACTS),
        (college_application(), on(COLLEGE_FACTS, 8, 15)),
        (
            college_application(),
            on(COLLEGE_FACTS, 8, 10, tested=True),
        ),
        (
            college_application(),
            on(COLLEGE_FACTS, 11, 25, places_left=True),
        ),
        (kindergarten_application(), TODDLER),
        (additional_application(), COLLEGE_FACTS),
    ],
)
def test_good_applications(application: Application, facts: ApplicationFacts) -> None:
    assert found(application, facts) == []


@pytest.mark.parametrize(
    "submitted_on",
    [date(2026, 3, 31), date(2026, 7, 1), date(2026, 7, 5), date(2026, 9, 6), date(2027, 4, 1)],
)
def test_class_1_is_taken_in_its_windows_only(submitted_on: date) -> None:
    facts = replace(FACTS, submitted_on=submitted_on)
    assert found(school_application(), facts) == [("application.out_of_window", "submitted_at")]


def test_before_july_only_territory_and_privileges() -> None:
    application = school_application(TERRITORY, replace(ELSEWHERE, priority=2))
    assert found(application) == [("application.not_territory", "choices[1]")]


def test_all_problems_of_a_school_application_at_once() -> None:
    application = replace(
        school_application(ELSEWHERE, ELSEWHERE),
        privileges=(PRIVILEGE, replace(PRIVILEGE, ends_on=date(2025, 1, 1))),
    )
    facts = ApplicationFacts(date(2022, 1, 1), "3", date(2026, 3, 1))
    assert found(application, facts) == [
        ("application.choice_repeated", "choices[1]"),
        ("application.choice_priority", "choices"),
        ("application.privilege_repeated", "privileges"),
        ("application.privilege_period", "privileges[1]"),
        ("application.out_of_window", "submitted_at"),
        ("application.school_age", "birth_date"),
        ("application.legal_stay", "documents"),
    ]


def test_all_problems_of_a_college_application_at_once() -> None:
    application = replace(
        college_application(),
        parallel=2,
        choices=(TERRITORY,),
        average=float("nan"),
        originals_on=date(2026, 6, 1),
    )
    facts = replace(COLLEGE_FACTS, submitted_on=date(2026, 8, 16))
    assert found(application, facts) == [
        ("application.parallel", "parallel"),
        ("application.programme_missing", "choices[0].programme_code"),
        ("application.out_of_window", "submitted_at"),
        ("application.average_range", "average"),
        ("application.originals_before_application", "originals_on"),
    ]


@pytest.mark.parametrize(
    ("average", "code"),
    [
        (None, "application.average_missing"),
        (1.99, "application.average_range"),
        (5.01, "application.average_range"),
    ],
)
def test_averages(average: float | None, code: str) -> None:
    application = replace(college_application(), average=average)
    assert found(application, COLLEGE_FACTS) == [(code, "average")]
    for good in (2.0, 5.0):
        assert found(replace(application, average=good), COLLEGE_FACTS) == []


def test_originals_may_come_with_the_application() -> None:
    application = replace(college_application(), originals_on=COLLEGE_FACTS.submitted_on)
    assert found(application, COLLEGE_FACTS) == []


def test_a_speciality_with_a_test_closes_earlier_and_places_left_prolong() -> None:
    late = replace(COLLEGE_FACTS, submitted_on=date(2026, 8, 11))
    assert found(college_application(), late) == []
    tested = replace(late, tested=True)
    assert found(college_application(), tested) == [("application.out_of_window", "submitted_at")]
    over = replace(late, submitted_on=date(2026, 11, 26), places_left=True)
    assert found(college_application(), over) == [("application.out_of_window", "submitted_at")]


def test_all_problems_of_a_kindergarten_application_at_once() -> None:
    application = replace(
        kindergarten_application(), parallel=9, school_year=2040, desired_on=None, choices=()
    )
    assert found(application, TODDLER) == [
        ("application.no_choices", "choices"),
        ("application.parallel", "parallel"),
        ("application.school_year", "school_year"),
        ("application.desired_on_missing", "desired_on"),
    ]


@pytest.mark.parametrize(
    ("birth_date", "good"),
    [
        (date(2026, 7, 1), True),
        (date(2026, 7, 2), False),
        (date(2018, 9, 1), True),
        (date(2018, 8, 31), False),
    ],
)
def test_the_age_for_a_kindergarten_counts_on_the_desired_day(birth_date: date, good: bool) -> None:
    facts = replace(TODDLER, birth_date=birth_date)
    expected = [] if good else [("application.kindergarten_age", "birth_date")]
    assert found(kindergarten_application(), facts) == expected


@pytest.mark.parametrize(
    ("birth_date", "good"),
    [
        (date(2020, 3, 1), True),
        (date(2020, 3, 2), False),
        (date(2018, 9, 1), True),
        (date(2018, 8, 31), False),
        (date(2027, 1, 1), False),
    ],
)
def test_the_age_for_class_1_counts_on_1_september(birth_date: date, good: bool) -> None:
    facts = replace(FACTS, birth_date=birth_date)
    expected = [] if good else [("application.school_age", "birth_date")]
    assert found(school_application(), facts) == expected


def test_additional_education_asks_for_a_programme_and_a_present_year() -> None:
    application = replace(additional_application(), choices=(TERRITORY,), school_year=2024)
    assert found(application, COLLEGE_FACTS) == [
        ("application.school_year", "school_year"),
        ("application.programme_missing", "choices[0].programme_code"),
    ]


@pytest.mark.parametrize("year", [-1, 0, 1989, 2101, 10_000])
@pytest.mark.parametrize("kind", list(ApplicationKind))
def test_a_year_that_is_none_is_a_problem_not_an_error(year: int, kind: ApplicationKind) -> None:
    application = replace(college_application(), kind=kind, school_year=year)
    assert found(application, COLLEGE_FACTS) == [("application.school_year", "school_year")]


@pytest.mark.parametrize("parallel", [0, 13, -1])
def test_parallels_of_schools(parallel: int) -> None:
    application = replace(school_application(), parallel=parallel)
    assert found(application) == [("application.parallel", "parallel")]


def test_unknown_privileges_are_reported_not_refused() -> None:
    application = replace(
        school_application(), privileges=(PRIVILEGE, replace(PRIVILEGE, code="x"))
    )
    assert unknown_privileges(application, {"17"}) == ("x",)
    assert found(application) == []


def test_foreign_citizenships() -> None:
    assert [is_foreigner(code) for code in ("1", "2", "3", "4", "?")] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_the_windows_of_class_1() -> None:
    intake = school_intake(date(2026, 4, 1))
    application = school_application()
    spring = school_window(application, submitted_on=date(2026, 4, 1))
    summer = school_window(application, submitted_on=date(2026, 7, 6))
    assert (spring, summer) == (intake.first_class_territory, intake.first_class_others)
    assert school_window(application, submitted_on=date(2026, 7, 1)) is None
    older = replace(application, parallel=2)
    assert school_window(older, submitted_on=date(2026, 4, 1)) is None


@pytest.mark.parametrize(
    ("parallel", "submitted_on", "terms"),
    [
        (1, date(2026, 4, 1), (date(2026, 6, 30), date(2026, 9, 5))),
        (1, date(2026, 7, 6), (None, date(2026, 9, 5))),
        (5, date(2026, 4, 1), (None, None)),
    ],
)
def test_the_terms_of_the_order_and_of_waiting(
    parallel: int, submitted_on: date, terms: tuple[date | None, date | None]
) -> None:
    assert school_terms(older_application(parallel), submitted_on=submitted_on) == terms


def test_a_region_may_open_its_window_earlier() -> None:
    facts = replace(FACTS, submitted_on=date(2026, 3, 20))
    intake = school_intake(facts.submitted_on)
    early = replace(intake.first_class_territory, opens=MonthDay(3, 15))
    own = replace(intake, first_class_territory=early)
    assert check_application(school_application(), facts, school=own) == []
    college = replace(
        college_intake(facts.submitted_on), general=Window(MonthDay(3, 1), MonthDay(8, 1))
    )
    applied = replace(COLLEGE_FACTS, submitted_on=date(2026, 3, 20))
    assert check_application(college_application(), applied, college=college) == []


def test_the_day_of_an_application_is_the_region_s() -> None:
    at = datetime(2026, 3, 31, 20, tzinfo=UTC)
    east = replace(FACTS, submitted_on=local_day(at, ZoneInfo("Asia/Kamchatka")))
    west = replace(FACTS, submitted_on=local_day(at, ZoneInfo("Europe/Kaliningrad")))
    assert found(school_application(), east) == []
    assert found(school_application(), west) == [("application.out_of_window", "submitted_at")]


def test_a_day_before_every_version_has_the_first() -> None:
    assert school_intake(date(2000, 1, 1)) == school_intake(date(2026, 1, 1))


@given(
    birth_date=st.dates(),
    on=st.dates(),
    youngest=st.integers(0, 200),
    more=st.integers(0, 200),
)
def test_ages_of_any_days_are_judged(birth_date: date, on: date, youngest: int, more: int) -> None:
    limits = (youngest, youngest + more)
    if is_of_age(birth_date, on, limits):
        assert birth_date <= on
        assert is_of_age(birth_date, on, (youngest, youngest + more + 1))


@pytest.mark.parametrize(
    ("birth_date", "on", "good"),
    [
        (date(2020, 8, 31), date(2027, 2, 28), True),  # born on a 31st: whole on the 28th
        (date(2020, 8, 31), date(2027, 2, 27), False),
        (date(2020, 2, 29), date(2028, 2, 29), True),
        (date(2020, 2, 29), date(2028, 3, 1), False),
    ],
)
def test_whole_months(birth_date: date, on: date, good: bool) -> None:
    assert is_of_age(birth_date, on, (78, 96)) is good
