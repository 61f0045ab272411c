"""A portfolio from the tables: on any day, as known at any moment, in few statements."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from registry.identifiers import PersonId
from registry.model import AchievementKind, AchievementLevel, HealthKind, Medal
from registry.portfolio import Portfolio, find_portfolio
from store import portfolio as portfolio_module
from store.driver import DriverQuery
from store.engine import WRITING, vault_of
from store.sealing import Sealing
from store.tables import (
    class_placements,
    enrolments,
    former_names,
    health_items,
    marks,
    organisations,
    persons,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.lives import (
    AT_CLUB,
    AT_LYCEUM,
    AT_SCHOOL,
    FIRST,
    IN_SIXTH,
    LYCEUM,
    PUPIL,
    SCHOOL,
    SNILS,
    TWIN,
    add,
    add_person,
    health_item,
    health_values,
    live,
    revise,
    write,
)

LATER = FIRST + timedelta(days=30)
LAST = FIRST + timedelta(days=60)
END = date(2030, 1, 1)


@pytest.fixture
def lived(engine: Engine) -> Engine:
    live(engine)
    return engine


def portfolio(
    engine: Engine,
    *,
    as_of: date = END,
    known_on: datetime | None = None,
    person_id: PersonId = PUPIL,
) -> Portfolio | None:
    with UnitOfWork(engine, read_only=True) as work:
        return find_portfolio(person_id, work.portfolios, as_of=as_of, known_on=known_on)


def shown(engine: Engine, **options: Any) -> Portfolio:
    found = portfolio(engine, **options)
    assert found is not None
    return found


@pytest.mark.parametrize("known_on", [None, LATER])
def test_a_whole_life(lived: Engine, known_on: datetime | None) -> None:
    found = shown(lived, known_on=known_on)
    assert str(found.person.snils) == SNILS
    assert [each.family_name for each in found.former_names] == ["Ёлкина"]
    school, club, lyceum = found.trajectory
    assert [each.enrolment.id for each in found.trajectory] == [AT_SCHOOL, AT_CLUB, AT_LYCEUM]
    assert school.organisation is not None
    assert school.organisation.full_name == "Школа № 1"
    assert [
        (each.class_group.parallel, each.ends_on) for each in school.classes if each.class_group
    ] == [
        (5, date(2024, 8, 31)),
        (6, date(2025, 1, 17)),
    ]
    assert school.entry_order is not None
    assert school.exit_order is not None
    assert (school.entry_order.number, school.exit_order.number) == ("15-у", "31-у")
    assert (school.enrolment.entry_reason, school.enrolment.exit_reason) == (
        "first_admission",
        "transfer_region",
    )
    assert club.classes == ()
    assert lyceum.is_current
    (year,) = found.results
    assert year.organisation == school.organisation
    maths, russian = year.subjects
    assert [mark.value for mark in maths.terms] == ["4", "5"]
    assert maths.year is not None
    assert russian.year is not None
    assert (maths.year.value, russian.year.value) == ("5", "4")
    assert [(exam.subject, exam.score, exam.passed) for exam in found.exams] == [
        ("математика", 22, True)
    ]
    (certificate,) = found.certificates
    assert (certificate.number, certificate.medal) == ("00124000000777", Medal.FIRST)
    assert found.medals == (certificate,)
    assert [(group.kind, group.level) for group in found.achievements] == [
        (AchievementKind.OLYMPIAD, AchievementLevel.REGIONAL),
        (AchievementKind.OLYMPIAD, AchievementLevel.SCHOOL),
        (AchievementKind.GTO, AchievementLevel.NATIONAL),
    ]


def test_a_day_in_the_middle(lived: Engine) -> None:
    found = shown(lived, as_of=date(2024, 10, 5))
    assert [each.enrolment.id for each in found.trajectory] == [AT_SCHOOL, AT_CLUB]
    assert found.current_study is not None
    assert found.current_study.enrolment.id == AT_SCHOOL
    assert found.exams == found.certificates == ()
    assert [group.level for group in found.achievements] == [AchievementLevel.SCHOOL]


def test_what_was_not_known_yet_is_not_there(lived: Engine) -> None:
    before = FIRST - timedelta(microseconds=1)
    assert portfolio(lived, known_on=before) is None
    assert portfolio(lived, known_on=FIRST) is not None
    assert portfolio(lived, person_id=PersonId(UUID(int=999))) is None


def test_corrections_show_from_the_moment_they_were_known(lived: Engine) -> None:
    revise(lived, persons, PUPIL, at=LATER, first_name="Алина", first_key="алина")
    revise(lived, organisations, SCHOOL, at=LATER, full_name="Гимназия № 1")
    revise(lived, enrolments, AT_CLUB, at=LATER, retracted=True)
    revise(lived, enrolments, AT_SCHOOL, at=LATER, exit_reason="moved", exit_order_id=None)
    revise(lived, class_placements, IN_SIXTH, at=LATER, retracted=True)
    revise(lived, marks, UUID(int=100), at=LATER, value="3")
    revise(lived, former_names, UUID(int=71), at=LATER, retracted=True)
    just_before = LATER - timedelta(microseconds=1)
    assert shown(lived, known_on=just_before) == shown_again(lived, just_before)
    old, new = shown(lived, known_on=just_before), shown(lived, known_on=LATER)
    assert [each.person.first_name for each in (old, new)] == ["Алёна", "Алина"]
    assert [len(each.trajectory) for each in (old, new)] == [3, 2]
    assert [len(each.trajectory[0].classes) for each in (old, new)] == [2, 1]
    assert [each.trajectory[0].exit_order is None for each in (old, new)] == [False, True]
    assert [each.results[0].subjects[0].terms[0].value for each in (old, new)] == ["4", "3"]
    assert [len(each.former_names) for each in (old, new)] == [1, 0]
    places = [each.organisations for each in (old, new)]
    assert [place[old.results[0].organisation_id].full_name for place in places] == [
        "Школа № 1",
        "Гимназия № 1",
    ]
    now = shown(lived)
    assert now.trajectory == new.trajectory
    assert [each.results[0].subjects[0].terms[1].value for each in (new, now)] == ["5", "2"]


def shown_again(engine: Engine, known_on: datetime) -> Portfolio:
    """What is asked of a moment twice is the same twice, whatever became known between."""
    revise(engine, marks, UUID(int=101), at=LAST, value="2")
    return shown(engine, known_on=known_on)


@pytest.fixture
def merged(lived: Engine) -> Iterator[Engine]:
    """TWIN, who has a mark, proves to be PUPIL."""
    with lived.execution_options(**WRITING).begin() as connection:
        add_person(connection, TWIN)
        values = {"organisation_id": LYCEUM, "school_year": 2025, "parallel": 7}
        add(
            connection,
            marks,
            id=UUID(int=130),
            person_id=TWIN,
            subject="химия",
            kind="year",
            value="5",
            given_on=date(2026, 5, 25),
            **values,
        )
    revise(lived, persons, TWIN, at=LATER, merged_into=PUPIL)
    revise(lived, marks, UUID(int=130), at=LATER, person_id=PUPIL)
    yield lived


def test_a_merged_person_leads_to_the_one_it_proved_to_be(merged: Engine) -> None:
    found = shown(merged, person_id=TWIN)
    assert found == shown(merged)
    assert found.person.id == PUPIL
    assert [year.school_year for year in found.results] == [2023, 2025]


def test_before_the_merge_there_were_two(merged: Engine) -> None:
    just_before = LATER - timedelta(microseconds=1)
    twin = shown(merged, person_id=TWIN, known_on=just_before)
    assert (twin.person.id, twin.trajectory) == (TWIN, ())
    assert [year.school_year for year in twin.results] == [2025]
    pupil = shown(merged, known_on=just_before)
    assert [year.school_year for year in pupil.results] == [2023]
    assert shown(merged, person_id=TWIN, known_on=LATER) == shown(merged, known_on=LATER)


def test_a_chain_of_merges_is_followed_and_a_circle_is_nobody(merged: Engine) -> None:
    other = PersonId(UUID(int=4))
    with merged.execution_options(**WRITING).begin() as connection:
        add_person(connection, other, merged_into=TWIN)
    assert shown(merged, person_id=other).person.id == PUPIL
    revise(merged, persons, PUPIL, at=LAST, merged_into=TWIN, snils_index=None, snils_sealed=None)
    assert portfolio(merged, person_id=other) is None
    with UnitOfWork(merged, read_only=True) as work:
        assert work.health.items(other, known_on=None) is None


@pytest.mark.parametrize("known_on", [None, LATER])
def test_few_statements_each_by_an_index(
    lived: Engine, monkeypatch: pytest.MonkeyPatch, known_on: datetime | None
) -> None:
    asked: list[str] = []
    original = DriverQuery.rows

    def rows(self: DriverQuery, connection: Any, values: Any) -> Any:
        asked.append(self.sql)
        return original(self, connection, values)

    monkeypatch.setattr(DriverQuery, "rows", rows)
    shown(lived, known_on=known_on)
    assert len(asked) == 7
    if lived.dialect.name != "sqlite":
        return
    # What a statement makes itself holds but a person's rows, and may be scanned.
    made = {"named"} if known_on is None else {"named", *_ALIASES}
    with lived.connect() as connection:
        for sql in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
            steps = [row[3].split() for row in plan]
            assert [step for step in steps if step[0] == "SCAN" and step[1] not in made] == [], sql


_ALIASES = {
    "person",
    "name",
    "enrolment",
    "entry_order",
    "exit_order",
    "placement",
    "class_group",
    "organisation",
    "fact",
}


def test_health_never_comes_with_a_portfolio() -> None:
    for statements in (portfolio_module.NOW, portfolio_module.THEN):
        for name in statements.__slots__:
            assert "health" not in str(getattr(statements, name))


def test_the_health_card_on_a_day_as_known_at_a_moment(lived: Engine) -> None:
    with lived.connect() as connection:
        sealing = Sealing(vault_of(connection))
    added = health_item(UUID(int=65), HealthKind.DISABILITY, "14", date(2024, 5, 1), END)
    write(lived, health_items, at=LATER, **health_values(added, sealing))
    revise(lived, health_items, UUID(int=64), at=LAST, retracted=True)
    for known_on, kinds in (
        (FIRST - timedelta(microseconds=1), None),
        (FIRST, {HealthKind.HEALTH_GROUP, HealthKind.NOSOLOGY}),
        (LATER, {HealthKind.HEALTH_GROUP, HealthKind.NOSOLOGY, HealthKind.DISABILITY}),
        (LAST, {HealthKind.NOSOLOGY, HealthKind.DISABILITY}),
        (None, {HealthKind.NOSOLOGY, HealthKind.DISABILITY}),
    ):
        with UnitOfWork(lived, read_only=True) as work:
            found = work.health.items(PUPIL, known_on=known_on)
        assert (None if found is None else {item.kind for item in found[1]}) == kinds
    assert found is not None
    assert added in found[1]


def test_a_read_only_transaction_sees_one_state(lived: Engine) -> None:
    with UnitOfWork(lived, read_only=True) as work:
        before = find_portfolio(PUPIL, work.portfolios, as_of=END)
        revise(lived, marks, UUID(int=100), at=LATER, value="2")
        assert find_portfolio(PUPIL, work.portfolios, as_of=END) == before
    assert shown(lived) != before
    with lived.execution_options(**WRITING).begin() as connection:
        # What it needed is not left behind on the connection.
        if lived.dialect.name == "postgresql":
            level = connection.execute(text("SHOW transaction_isolation")).scalar()
            assert level == "read committed"
