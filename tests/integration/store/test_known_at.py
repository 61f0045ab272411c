"""A table as it was known at a moment: between its versions, at the very moments, before it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, bindparam, select

from store.history import known_at
from store.tables import access_events, addresses, enrolments, organisations
from store.types import UtcDateTime
from tests.integration.store.lives import AT_SCHOOL, FIRST, LYCEUM, SCHOOL, live, revise, write

ONE_US = timedelta(microseconds=1)
SECOND, THIRD, FOURTH = (FIRST + timedelta(days=days) for days in (1, 2, 3))


@pytest.fixture
def school(engine: Engine) -> Engine:
    write(engine, organisations, id=SCHOOL, full_name="Школа")
    revise(engine, organisations, SCHOOL, at=SECOND, full_name="Лицей")
    revise(engine, organisations, SCHOOL, at=THIRD, full_name="Гимназия")
    revise(engine, organisations, SCHOOL, at=FOURTH, full_name="Школа")
    write(engine, organisations, id=LYCEUM, full_name="Другая", at=THIRD)
    return engine


def names(engine: Engine, moment: datetime) -> list[tuple[str, int]]:
    rows = known_at(organisations, moment)
    statement = select(rows.c.full_name, rows.c.version).order_by(rows.c.id)
    with engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(statement)]


@pytest.mark.parametrize(
    ("moment", "known"),
    [
        (FIRST - ONE_US, []),
        (FIRST, [("Школа", 1)]),
        (SECOND - ONE_US, [("Школа", 1)]),
        (SECOND, [("Лицей", 2)]),
        (THIRD - ONE_US, [("Лицей", 2)]),
        (THIRD, [("Гимназия", 3), ("Другая", 1)]),
        (FOURTH - ONE_US, [("Гимназия", 3), ("Другая", 1)]),
        (FOURTH, [("Школа", 4), ("Другая", 1)]),
        (FOURTH + timedelta(days=9999), [("Школа", 4), ("Другая", 1)]),
    ],
)
def test_each_version_is_known_from_its_moment_to_the_next(
    school: Engine, moment: datetime, known: list[tuple[str, int]]
) -> None:
    assert names(school, moment) == known


def test_of_versions_of_one_moment_only_the_last_is_known(engine: Engine) -> None:
    write(engine, organisations, id=SCHOOL, full_name="Школа")
    for name in ("Лицей", "Гимназия"):
        revise(engine, organisations, SCHOOL, at=SECOND, full_name=name)
    assert names(engine, SECOND - ONE_US) == [("Школа", 1)]
    assert names(engine, SECOND) == [("Гимназия", 3)]


def test_a_retraction_is_known_from_its_moment_on(engine: Engine) -> None:
    live(engine)
    revise(engine, enrolments, AT_SCHOOL, at=SECOND, retracted=True)
    for moment, retracted in ((SECOND - ONE_US, False), (SECOND, True)):
        rows = known_at(enrolments, moment, lambda columns: columns.id == AT_SCHOOL)
        with engine.connect() as connection:
            assert [row.retracted for row in connection.execute(select(rows))] == [retracted]


def test_moment_and_condition_may_be_parameters(school: Engine) -> None:
    wanted = bindparam("wanted", type_=organisations.c.id.type)
    rows = known_at(
        organisations,
        bindparam("moment", type_=UtcDateTime()),
        lambda columns: columns.id == wanted,
        name="places",
    )
    assert [column.name for column in rows.c] == [column.name for column in organisations.c]
    with school.connect() as connection:
        values = {"wanted": LYCEUM, "moment": THIRD}
        assert [row.full_name for row in connection.execute(select(rows), values)] == ["Другая"]
        values = {"wanted": UUID(int=999), "moment": THIRD}
        assert connection.execute(select(rows), values).all() == []


def test_what_keeps_no_history_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="access_events"):
        known_at(access_events, FIRST)
    assert known_at(addresses, FIRST).name == "addresses_known"
