"""What had happened by a day, and what had not: the boundaries of a portfolio."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identifiers import ClassGroupId, EnrolmentId, OrderId, OrganisationId, PersonId
from registry.model import (
    Achievement,
    AchievementKind,
    AchievementLevel,
    Certificate,
    ClassGroup,
    ClassPlacement,
    Enrolment,
    Exam,
    ExamKind,
    FormerName,
    Mark,
    MarkKind,
    Medal,
    Order,
    OrderKind,
    Organisation,
)
from registry.portfolio import Portfolio, PortfolioFacts, assemble_portfolio, find_portfolio
from tests.unit.registry.samples import NOW, PERSON

ONE_DAY = timedelta(days=1)
SCHOOL, LYCEUM = (OrganisationId(UUID(int=number)) for number in (11, 12))
FIRST, SECOND = (EnrolmentId(UUID(int=number)) for number in (21, 22))
FIFTH, SIXTH = (ClassGroupId(UUID(int=number)) for number in (31, 32))
ENTRY, EXIT = (OrderId(UUID(int=number)) for number in (41, 42))
BEGIN, ISSUED, MOVED, END = date(2023, 9, 1), date(2023, 9, 4), date(2024, 9, 1), date(2025, 1, 17)
ENDED_BY = date(2025, 1, 20)

ENROLMENT = Enrolment(
    id=FIRST,
    organisation_id=SCHOOL,
    class_group_id=None,
    begins_on=BEGIN,
    ends_on=END,
    form_code="11",
    programme_code="13",
    entry_reason="transfer",
    exit_reason="transfer.region",
    entry_order_id=ENTRY,
    exit_order_id=EXIT,
)
MARK = Mark(PERSON.id, SCHOOL, 2023, 5, "mathematics", MarkKind.YEAR, None, "5", date(2024, 5, 24))
EMPTY = PortfolioFacts(
    person=PERSON,
    former_names=(),
    enrolments=(),
    placements=(),
    class_groups={
        FIFTH: ClassGroup(FIFTH, SCHOOL, 5, "А", 2023, None, None),
        SIXTH: ClassGroup(SIXTH, SCHOOL, 6, "А", 2024, None, None),
    },
    organisations={SCHOOL: Organisation(SCHOOL, "Школа № 1", None, None, None, None, None, None)},
    orders={
        ENTRY: Order(ENTRY, SCHOOL, "15-у", ISSUED, OrderKind.ENROLMENT, BEGIN),
        EXIT: Order(EXIT, SCHOOL, "31-у", ENDED_BY, OrderKind.EXPULSION, END),
    },
    marks=(),
    exams=(),
    certificates=(),
    achievements=(),
)
STUDYING = replace(
    EMPTY,
    enrolments=(ENROLMENT,),
    placements=(
        ClassPlacement(FIRST, SIXTH, MOVED, END),
        ClassPlacement(FIRST, FIFTH, BEGIN, MOVED - ONE_DAY),
    ),
)


def on(day: date, **facts: Any) -> Portfolio:
    return assemble_portfolio(replace(EMPTY, **facts), as_of=day)


def test_before_the_first_day_there_is_nothing() -> None:
    assert assemble_portfolio(STUDYING, as_of=BEGIN - ONE_DAY).trajectory == ()


@pytest.mark.parametrize(
    ("day", "ends_on", "is_current", "entry_order", "exit_order", "class_id"),
    [
        (BEGIN, None, True, False, False, FIFTH),
        (ISSUED - ONE_DAY, None, True, False, False, FIFTH),
        (ISSUED, None, True, True, False, FIFTH),
        (MOVED - ONE_DAY, None, True, True, False, FIFTH),
        (MOVED, None, True, True, False, SIXTH),
        (END - ONE_DAY, None, True, True, False, SIXTH),
        (END, END, True, True, False, SIXTH),
        (END + ONE_DAY, END, False, True, False, None),
        (ENDED_BY, END, False, True, True, None),
    ],
)
def test_an_enrolment_as_it_stood(
    day: date,
    ends_on: date | None,
    is_current: bool,
    entry_order: bool,
    exit_order: bool,
    class_id: ClassGroupId | None,
) -> None:
    portfolio = assemble_portfolio(STUDYING, as_of=day)
    (study,) = portfolio.trajectory
    assert (study.enrolment.ends_on, study.is_current) == (ends_on, is_current)
    assert (study.enrolment.exit_reason is not None) == (ends_on is not None)
    assert (study.entry_order is not None) == entry_order
    assert (study.exit_order is not None) == exit_order
    assert study.enrolment.class_group_id == class_id
    assert (portfolio.current_study is not None) == is_current


def test_classes_in_their_order_and_none_that_comes_later() -> None:
    before, after = (
        assemble_portfolio(STUDYING, as_of=day).trajectory[0].classes
        for day in (MOVED - ONE_DAY, MOVED)
    )
    assert [stay.ends_on for stay in before] == [MOVED - ONE_DAY]
    assert [stay.class_group and stay.class_group.id for stay in after] == [FIFTH, SIXTH]
    assert [stay.ends_on for stay in after] == [MOVED - ONE_DAY, None]


def test_what_was_not_known_yet_leaves_a_gap() -> None:
    facts = replace(STUDYING, organisations={}, class_groups={}, orders={})
    (study,) = assemble_portfolio(facts, as_of=END).trajectory
    assert study.organisation is None
    assert study.entry_order is None
    assert [stay.class_group for stay in study.classes] == [None, None]


def test_a_main_programme_is_the_current_one() -> None:
    club = replace(ENROLMENT, id=SECOND, programme_code="411", begins_on=BEGIN + ONE_DAY)
    portfolio = on(MOVED, enrolments=(club, ENROLMENT))
    assert [study.enrolment.id for study in portfolio.trajectory] == [FIRST, SECOND]
    assert portfolio.current_study is not None
    assert portfolio.current_study.enrolment.id == FIRST


def test_names_are_those_of_the_day() -> None:
    first = FormerName("Ёлкина", "Алёна", None, date(2020, 3, 1))
    second = FormerName("Соснова", "Алёна", "Ивановна", date(2023, 3, 1))
    for day, family, former in (
        (first.until, "Ёлкина", ()),
        (first.until + ONE_DAY, "Соснова", (first,)),
        (second.until, "Соснова", (first,)),
        (second.until + ONE_DAY, PERSON.family_name, (first, second)),
    ):
        portfolio = on(day, former_names=(second, first))
        assert portfolio.person.family_name == family
        assert portfolio.former_names == former
        assert portfolio.person.id == PERSON.id


def test_results_by_year_organisation_and_subject() -> None:
    marks = (
        MARK,
        replace(MARK, kind=MarkKind.TERM, period=2, value="4", given_on=date(2023, 12, 29)),
        replace(MARK, kind=MarkKind.TERM, period=1, value="3", given_on=date(2023, 10, 27)),
        replace(MARK, subject="biology", kind=MarkKind.FINAL),
        replace(MARK, school_year=2024, parallel=6, organisation_id=LYCEUM),
        replace(MARK, school_year=2022, parallel=4),
    )
    years = on(END, marks=marks).results
    assert [(year.school_year, year.organisation_id) for year in years] == [
        (2022, SCHOOL),
        (2023, SCHOOL),
        (2024, LYCEUM),
    ]
    biology, mathematics = years[1].subjects
    assert [mark.value for mark in mathematics.terms] == ["3", "4"]
    assert mathematics.year == MARK
    assert (mathematics.final, biology.year) == (None, None)
    assert biology.final == marks[3]
    assert years[2].organisation is None


def test_marks_given_later_are_missing_and_of_two_the_later_counts() -> None:
    again = replace(MARK, value="4", given_on=MARK.given_on + timedelta(days=10))
    for order in ((MARK, again), (again, MARK)):
        for day, value in ((again.given_on - ONE_DAY, "5"), (again.given_on, "4")):
            (year,) = on(day, marks=order).results
            assert year.subjects[0].year is not None
            assert year.subjects[0].year.value == value
    assert on(MARK.given_on - ONE_DAY, marks=(MARK,)).results == ()


def test_examinations_certificates_and_medals_by_the_day() -> None:
    exam = Exam(PERSON.id, SCHOOL, ExamKind.OGE, "mathematics", date(2028, 6, 6), 22, 5, True)
    plain = Certificate(
        PERSON.id, SCHOOL, "12", "1", date(2028, 6, 20), with_honours=False, medal=None, average=4
    )
    medal = replace(plain, issued_on=date(2030, 6, 20), type_code="11", medal=Medal.FIRST)
    facts = {"exams": (exam,), "certificates": (medal, plain)}
    assert on(exam.held_on - ONE_DAY, **facts).exams == ()
    assert on(exam.held_on, **facts).exams == (exam,)
    assert on(plain.issued_on - ONE_DAY, **facts).certificates == ()
    assert on(plain.issued_on, **facts).certificates == (plain,)
    assert on(medal.issued_on - ONE_DAY, **facts).medals == ()
    last = on(medal.issued_on, **facts)
    assert (last.certificates, last.medals) == ((plain, medal), (medal,))


def test_achievements_by_kind_and_level_the_widest_first() -> None:
    def reached(kind: AchievementKind, level: AchievementLevel, day: int) -> Achievement:
        return Achievement(PERSON.id, kind, level, "biology", "победитель", date(2024, 2, day))

    sport = reached(AchievementKind.SPORT, AchievementLevel.NATIONAL, 1)
    school = reached(AchievementKind.OLYMPIAD, AchievementLevel.SCHOOL, 2)
    early, late = (
        reached(AchievementKind.OLYMPIAD, AchievementLevel.REGIONAL, day) for day in (3, 4)
    )
    groups = on(date(2024, 2, 4), achievements=(sport, late, school, early)).achievements
    assert [group.achievements for group in groups] == [(early, late), (school,), (sport,)]
    groups = on(date(2024, 2, 3), achievements=(sport, late, school, early)).achievements
    assert [group.achievements for group in groups] == [(early,), (school,), (sport,)]


class _Reader:
    def facts(self, person_id: PersonId, *, known_on: object) -> PortfolioFacts | None:
        return STUDYING if person_id == PERSON.id and known_on in (None, NOW) else None


def test_the_use_case_passes_both_times_on() -> None:
    found = find_portfolio(PERSON.id, _Reader(), as_of=MOVED, known_on=NOW)
    assert found == assemble_portfolio(STUDYING, as_of=MOVED, known_on=NOW)
    assert found is not None
    assert (found.as_of, found.known_on) == (MOVED, NOW)
    assert find_portfolio(PersonId(UUID(int=9)), _Reader(), as_of=MOVED) is None
    later = NOW + ONE_DAY
    assert find_portfolio(PERSON.id, _Reader(), as_of=MOVED, known_on=later) is None


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(
    st.lists(st.tuples(DAYS, st.one_of(st.none(), DAYS)), max_size=5),
    st.lists(DAYS, max_size=5),
    DAYS,
    DAYS,
)
def test_a_later_day_only_adds(
    periods: list[tuple[date, date | None]], given_on: list[date], one: date, other: date
) -> None:
    enrolments = tuple(
        replace(ENROLMENT, id=EnrolmentId(UUID(int=number)), begins_on=begin, ends_on=end)
        for number, (begin, end) in enumerate(periods)
        if end is None or end >= begin
    )
    marks = tuple(
        replace(MARK, subject=str(number), given_on=day) for number, day in enumerate(given_on)
    )
    facts = replace(EMPTY, enrolments=enrolments, marks=marks)
    earlier, later = (assemble_portfolio(facts, as_of=day) for day in sorted((one, other)))
    ids = [[study.enrolment.id for study in each.trajectory] for each in (earlier, later)]
    assert set(ids[0]) <= set(ids[1])
    subjects = [
        {each.subject for year in portfolio.results for each in year.subjects}
        for portfolio in (earlier, later)
    ]
    assert subjects[0] <= subjects[1]
    # Nothing that is dated lies after the day.
    for portfolio in (earlier, later):
        for study in portfolio.trajectory:
            assert study.enrolment.begins_on <= portfolio.as_of
            assert (study.enrolment.ends_on or portfolio.as_of) <= portfolio.as_of
