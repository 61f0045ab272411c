"""Rows that go past SQLAlchemy are stored as it would store them, and errors are its own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select, text
from sqlalchemy.exc import IntegrityError

from registry.model import MarkKind
from store.engine import WRITING
from store.errors import StoreError
from store.tables import exams, keeping_of, marks, organisations, persons
from store.unit_of_work import UnitOfWork
from store.upsert import insert, save, upsert
from tests.integration.store.samples import NOW, PUPIL

ONE, TWO = UUID(int=1), UUID(int=2)
# Neither whole seconds nor UTC.
MOMENT = datetime(2024, 10, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=7)))
SCHOOL: dict[str, Any] = {
    **{column.name: None for column in organisations.c if column.name != "version"},
    "id": ONE,
    "full_name": "Школа\\ № 1\t«А»\n",
    "inn": "7707083893",
    "recorded_at": MOMENT,
}
PERSON: dict[str, Any] = {
    **{column.name: None for column in persons.c if column.name != "version"},
    "id": ONE,
    "snils_index": bytes(range(16)),
    "snils_sealed": b"\\\x00\xff",
    "family_name": "Ёлкин",
    "first_name": "Пётр",
    "family_key": "елкин",
    "first_key": "петр",
    "middle_key": "",
    "family_sound": 1,
    "first_sound": -1,
    "birth_date": date(2013, 5, 17),
    "sex": "male",
    "citizenship_code": "1",
    "recorded_at": MOMENT,
}
EXAM: dict[str, Any] = {
    "id": ONE,
    "person_id": ONE,
    "organisation_id": None,
    "kind": "ege",
    "subject": "Физика",
    "held_on": date(2024, 5, 28),
    "score": 91,
    "mark": None,
    "passed": True,
    "retracted": False,
    "recorded_at": MOMENT,
}
ALONE = replace(PUPIL, enrolment=None, documents=())
ROWS = ((organisations, SCHOOL), (persons, PERSON), (exams, EXAM))


def run(engine: Engine, *steps: Any) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        for function, table, rows in steps:
            function(connection, table, rows)


def by_sqlalchemy(connection: Any, table: Table, rows: Any) -> None:
    connection.execute(table.insert(), rows)


@pytest.mark.parametrize("function", [insert, upsert])
def test_stored_as_sqlalchemy_stores_it(engine: Engine, function: Any) -> None:
    # The same row with another id, by SQLAlchemy: what the database holds is equal, also in form.
    def other(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "id": TWO, **({"snils_index": b"o" * 16} if "snils_index" in row else {})}

    run(engine, *((function, table, [row]) for table, row in ROWS))
    run(engine, *((by_sqlalchemy, table, [other(row)]) for table, row in ROWS))
    with engine.connect() as connection:
        for table, _ in ROWS:
            stored = connection.execute(text(f"SELECT * FROM {table.name}")).mappings().all()
            one, two = (
                {k: v for k, v in row.items() if k not in ("id", "snils_index")} for row in stored
            )
            assert one == two
            assert [type(value) for value in one.values()] == [
                type(value) for value in two.values()
            ]


@pytest.mark.parametrize("count", [3, 450])
def test_inserted_compared_and_changed(engine: Engine, count: int) -> None:
    rows = [{**SCHOOL, "id": UUID(int=number + 1)} for number in range(count)]
    later = MOMENT + timedelta(days=1)
    changed = [{**row, "full_name": "Иная", "recorded_at": later} for row in rows[: count // 2]]
    run(engine, (insert, organisations, rows), (upsert, organisations, rows))
    run(engine, (upsert, organisations, changed + rows[count // 2 :]))
    with engine.connect() as connection:
        found = connection.execute(
            select(organisations.c.version, organisations.c.recorded_at)
        ).all()
        history = connection.execute(select(keeping_of(organisations).history)).all()
    assert sorted(version for version, _ in found) == [1] * (count - count // 2) + [2] * (
        count // 2
    )
    assert {moment for _, moment in found} == {MOMENT.astimezone(UTC), later.astimezone(UTC)}
    assert len(history) == count // 2


def test_save_tells_new_rows_from_others(engine: Engine) -> None:
    rows = [SCHOOL, {**SCHOOL, "id": TWO}]
    with engine.execution_options(**WRITING).begin() as connection:
        insert(connection, organisations, rows[:1])
        save(connection, organisations, rows, is_new=lambda row: row["id"] == TWO)
        found = connection.execute(select(organisations.c.id, organisations.c.version)).all()
    assert sorted(map(tuple, found)) == [(ONE, 1), (TWO, 1)]


@pytest.mark.parametrize("count", [3, 450])
def test_members_of_enumerations_are_texts(engine: Engine, count: int) -> None:
    rows = [
        {
            "id": UUID(int=number + 1),
            "person_id": ONE,
            "organisation_id": ONE,
            "school_year": 2023,
            "parallel": 4,
            "subject": f"Предмет {number}",
            "kind": MarkKind.TERM,
            "period": 1,
            "value": "5",
            "given_on": date(2023, 10, 27),
            "retracted": False,
            "recorded_at": MOMENT,
        }
        for number in range(count)
    ]
    run(engine, (insert, organisations, [SCHOOL]), (insert, persons, [PERSON]))
    run(engine, (upsert, marks, rows))
    with engine.connect() as connection:
        assert set(connection.execute(select(marks.c.kind)).scalars()) == {"term"}


@pytest.mark.parametrize("count", [1, 450])
def test_a_row_that_is_there_is_an_error_of_sqlalchemy(engine: Engine, count: int) -> None:
    rows = [{**SCHOOL, "id": UUID(int=number + 1)} for number in range(count)]
    run(engine, (insert, organisations, rows))
    with pytest.raises(IntegrityError):
        run(engine, (insert, organisations, rows))


def test_a_batch_that_meets_a_conflict_leaves_nothing(engine: Engine) -> None:
    others = [replace(ALONE, source_id=f"p{number}", snils=None) for number in range(300)]
    with UnitOfWork(engine, new_id=lambda: ONE) as work:
        work.bulk.write_pupils("s", [ALONE], recorded_at=NOW)
        work.commit()
    with pytest.raises(StoreError) as error, UnitOfWork(engine, new_id=lambda: ONE) as work:
        work.bulk.write_pupils("s", others, recorded_at=NOW)
    assert error.value.code == "store.conflict"
    with engine.connect() as connection:
        assert len(connection.execute(select(persons.c.id)).all()) == 1
