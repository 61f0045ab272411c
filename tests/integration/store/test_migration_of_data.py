"""A register that was filled before encryption and history were is whole afterwards."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Engine, bindparam, select, text
from sqlalchemy import types as sa

from registry.identifiers import Snils
from registry.names import normalize_name
from registry.ports import DocumentKey, NameKey
from store import migrations
from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.migrations import current_revision, is_current, upgrade
from store.tables import class_placements, enrolments, keeping_of, person_documents, source_links
from store.unit_of_work import UnitOfWork
from tests.conftest import TEST_VAULT
from tests.integration.store.samples import NOW

SCHOOL, LYCEUM, CLASS = UUID(int=901), UUID(int=902), UUID(int=903)
BORN = date(2013, 5, 17)
# More than one batch of the copy.
PERSONS = 1203
_TYPES = {
    "id": sa.Uuid(),
    "person_id": sa.Uuid(),
    "organisation_id": sa.Uuid(),
    "class_group_id": sa.Uuid(),
    "entity_id": sa.Uuid(),
    "birth_date": sa.Date(),
    "begins_on": sa.Date(),
    "ends_on": sa.Date(),
    "recorded_at": sa.DateTime(timezone=True),
}


def snils_of(number: int) -> str:
    return f"{700_000 + number:09}00"


def number_of(number: int) -> str:
    """A document's number that no id happens to hold."""
    return f"ЖЩ{880_000 + number}"


def insert(engine: Engine, table: str, rows: list[dict[str, Any]]) -> None:
    names = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    statement = text(f"INSERT INTO {table} ({names}) VALUES ({values})").bindparams(
        *(bindparam(name, type_=_TYPES[name]) for name in rows[0] if name in _TYPES)
    )
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(statement, rows)


def person(number: int) -> dict[str, Any]:
    family = f"Ёлкин-{number}"
    return {
        "id": UUID(int=number),
        "snils": snils_of(number) if number % 7 else None,
        "family_name": family,
        "first_name": "Пётр",
        "middle_name": None,
        "family_key": normalize_name(family),
        "first_key": normalize_name("Пётр"),
        "middle_key": "",
        "birth_date": BORN,
        "sex": "male",
        "citizenship_code": "1",
        "recorded_at": NOW,
    }


def enrolment(number: int, person_number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "person_id": UUID(int=person_number),
        "organisation_id": SCHOOL,
        "class_group_id": None,
        "begins_on": date(2023, 9, 1),
        "ends_on": None,
        "form_code": "11",
        "programme_code": "13",
        "entry_reason": "приём",
        "recorded_at": NOW,
        **values,
    }


def document(number: int) -> dict[str, Any]:
    return {
        "person_id": UUID(int=number),
        "type_code": "11",
        "series_key": "IIАН",
        "number_key": number_of(number),
        "series": "II-АН",
        "number": number_of(number),
        "recorded_at": NOW,
    }


@pytest.fixture
def old(empty_database_url: str) -> Iterator[Engine]:
    """A database of revision 0001, with rows in every table of the register."""
    engine = create_engine_for(empty_database_url, vault=TEST_VAULT)
    with (
        engine.execution_options(**WRITING).begin() as connection,
        migrations._config(connection) as config,
    ):
        command.upgrade(config, "0001")
    for school_id, name in ((SCHOOL, "Школа"), (LYCEUM, "Лицей")):
        insert(
            engine,
            "organisations",
            [{"id": school_id, "full_name": name, "inn": "7707083893", "recorded_at": NOW}],
        )
    insert(
        engine,
        "class_groups",
        [
            {
                "id": CLASS,
                "organisation_id": SCHOOL,
                "parallel": 5,
                "letter": "А",
                "school_year": 2024,
                "shift": 1,
                "capacity": 25,
                "recorded_at": NOW,
            }
        ],
    )
    numbers = range(1, PERSONS + 1)
    insert(engine, "persons", [person(number) for number in numbers])
    insert(engine, "identity_documents", [document(number) for number in numbers])
    insert(
        engine,
        "enrolments",
        [enrolment(10_000 + number, number, class_group_id=CLASS) for number in numbers],
    )
    insert(
        engine,
        "source_links",
        [
            {
                "source": "s",
                "kind": "pupil",
                "source_id": f"{number}",
                "entity_id": UUID(int=number),
                "version": f"v{number}",
                "content_hash": bytes(32),
                "recorded_at": NOW,
            }
            for number in numbers
        ],
    )
    yield engine
    engine.dispose()


def rows(engine: Engine, statement: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def test_everybody_is_found_again(old: Engine) -> None:
    upgrade(old)
    assert is_current(old)
    with UnitOfWork(old, read_only=True) as work:
        for number in (1, 7, 999, 1001, PERSONS):
            as_of, students = date(2024, 10, 1), work.students
            name = NameKey(normalize_name(f"Ёлкин-{number}"), normalize_name("Пётр"), None)
            (by_name,) = students.by_name(name, BORN, as_of=as_of)
            key = DocumentKey("11", "ii ан", number_of(number))
            (by_document,) = students.by_document(key, as_of=as_of)
            assert by_document == by_name
            assert by_name.person.id == UUID(int=number)
            assert by_name.person.family_name == f"Ёлкин-{number}"
            if number % 7:
                assert list(students.by_snils(Snils(snils_of(number)), as_of=as_of)) == [by_name]
            else:
                assert by_name.person.snils is None
            assert by_name.organisation is not None
            assert by_name.organisation.full_name == "Школа"
            assert by_name.class_group is not None
            assert (by_name.class_group.parallel, by_name.class_group.letter) == (5, "А")
    links = rows(old, select(source_links.c.source_version, source_links.c.entity_id))
    assert {(f"v{number}", UUID(int=number)) for number in range(1, PERSONS + 1)} == {
        tuple(row.values()) for row in links
    }
    assert len(rows(old, select(person_documents.c.id))) == PERSONS


def test_a_class_holds_from_its_own_school_year(old: Engine) -> None:
    upgrade(old)
    with UnitOfWork(old, read_only=True) as work:
        (before,) = work.students.by_snils(Snils(snils_of(1)), as_of=date(2024, 3, 1))
    assert before.organisation is not None
    assert before.class_group is None


def test_enrolments_that_overlapped_give_way(old: Engine) -> None:
    later, second = NOW + timedelta(days=2), date(2024, 2, 1)
    insert(
        old,
        "enrolments",
        [
            # A second school, from February on.
            enrolment(20_001, 1, organisation_id=LYCEUM, begins_on=second, recorded_at=later),
            # Two on one day: the one recorded later stays.
            enrolment(20_002, 2, organisation_id=LYCEUM, recorded_at=later),
            # Additional education goes beside the school.
            enrolment(20_003, 3, organisation_id=LYCEUM, programme_code="411"),
            # A short one inside a longer one, and one after.
            enrolment(
                20_004, 4, organisation_id=LYCEUM, begins_on=second, ends_on=date(2024, 3, 1)
            ),
            enrolment(20_005, 4, begins_on=date(2024, 4, 1)),
        ],
    )
    upgrade(old)
    found = {
        row["id"].int: (row["ends_on"], row["retracted"], row["version"])
        for row in rows(old, select(enrolments))
    }
    day_before = second - timedelta(days=1)
    assert {number: found[number] for number in (10_001, 20_001)} == {
        10_001: (day_before, False, 2),
        20_001: (None, False, 1),
    }
    assert (found[10_002], found[20_002]) == ((None, True, 2), (None, False, 1))
    assert (found[10_003], found[20_003]) == ((None, False, 1), (None, False, 1))
    assert found[10_004] == (day_before, False, 2)
    assert found[20_004] == (date(2024, 3, 1), False, 1)
    assert found[20_005] == (None, False, 1)
    assert len(found) == PERSONS + 5
    history = keeping_of(enrolments).history
    former = {row["id"].int: row for row in rows(old, select(history))}
    assert set(former) == {10_001, 10_002, 10_004}
    assert former[10_001]["ends_on"] is None
    assert former[10_001]["version"] == 1
    assert former[10_001]["superseded_at"] == later
    places = {row["enrolment_id"].int: row for row in rows(old, select(class_placements))}
    assert places[10_001]["ends_on"] == day_before
    assert places[10_002]["retracted"]
    assert len(places) == PERSONS


def test_without_keys_nothing_is_changed(old: Engine) -> None:
    keyless = create_engine_for(old.url.render_as_string(hide_password=False))
    with pytest.raises(StoreError) as caught:
        upgrade(keyless)
    keyless.dispose()
    assert caught.value.code == "store.keys"
    assert current_revision(old) == "0001"
    with old.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM persons WHERE snils IS NOT NULL"))
        assert count.scalar_one() == PERSONS - PERSONS // 7
    upgrade(old)
    assert is_current(old)


def test_an_empty_register_needs_no_keys(empty_database_url: str) -> None:
    engine = create_engine_for(empty_database_url)
    with (
        engine.execution_options(**WRITING).begin() as connection,
        migrations._config(connection) as config,
    ):
        command.upgrade(config, "0001")
    upgrade(engine)
    assert is_current(engine)
    engine.dispose()


def test_nothing_stays_in_clear_in_the_file(old: Engine) -> None:
    if old.dialect.name != "sqlite":
        pytest.skip("PostgreSQL deletes the files of the old tables")
    path = Path(str(old.url.database))
    old.dispose()
    assert _in_clear(path)
    upgrade(old)
    old.dispose()
    assert _in_clear(path) == set()


def _in_clear(path: Path) -> set[bytes]:
    """СНИЛС and numbers of documents that stand in the database's files."""
    with sqlite3.connect(path) as connection:  # whatever waits beside the file goes into it
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    connection.close()
    files = path.parent.glob(f"{path.name}*")
    pattern = re.compile(rb"00070\d{4}00|\xd0\x96\xd0\xa9\d{6}")
    secrets = {snils_of(number).encode() for number in range(1, PERSONS + 1)}
    secrets |= {number_of(number).encode() for number in range(1, PERSONS + 1)}
    return {each for file in files for each in pattern.findall(file.read_bytes())} & secrets


def test_a_reader_only_delays_it(old: Engine) -> None:
    if old.dialect.name != "sqlite":
        pytest.skip("a file is rewritten on SQLite only")
    path = Path(str(old.url.database))
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM persons").fetchone()
    upgrade(old)
    old.dispose()
    reader.close()
    assert _in_clear(path) == set()


def test_a_writer_is_told_of(old: Engine) -> None:
    if old.dialect.name != "sqlite":
        pytest.skip("a file is rewritten on SQLite only")
    impatient = create_engine_for(str(old.url), vault=TEST_VAULT, lock_timeout_s=0.1)
    writer = sqlite3.connect(str(old.url.database), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        migrations._rewrite(impatient)
    writer.close()
    impatient.dispose()
    assert caught.value.code == "store.unavailable"
