"""What is encrypted moves to another key while others work, and nothing is lost on the way."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select

from registry.identifiers import HealthItemId, PersonId, Snils
from registry.model import BirthAct, HealthItem, HealthKind
from registry.names import normalize_name
from registry.ports import DocumentKey, NameKey
from registry.sources import SourceDocument, SourcePupil
from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.resealing import SEALED_COLUMNS
from store.rotation import Progress, rotate_keys
from store.sealing import AUTHORITY_NUMBER, CERTIFICATE_NUMBER, CONFLICT_RECORD, Sealing
from store.tables import (
    certificates,
    health_items,
    identity_conflicts,
    keeping_of,
    metadata,
    person_documents,
    persons,
    representatives,
    source_links,
)
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Purpose, Vault
from tests.integration.store.samples import CLASS, NOW, PUPIL, SCHOOL
from tests.integration.store.test_tables import insert

TODAY = date(2024, 10, 1)
LATER = NOW + timedelta(days=1)
OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
STRANGE = DataKey("k3", bytes(range(64, 96)))
_PUPILS = 25


def snils_of(number: int) -> str:
    """A number from before check digits."""
    return f"{number:09}00"


def pupil(number: int, **changes: Any) -> SourcePupil:
    return replace(
        PUPIL,
        source_id=f"pupil-{number}",
        snils=snils_of(number),
        documents=(SourceDocument("11", "II-АН", f"{number:06}"),),
        **changes,
    )


Open = Callable[..., Engine]


@pytest.fixture
def opened(database_url: str) -> Iterator[Open]:
    """Opens the database with a set of keys, the first of which seals."""
    engines: list[Engine] = []

    def open_with(*keys: DataKey) -> Engine:
        engine = create_engine_for(database_url, vault=Vault(keys))
        engines.append(engine)
        return engine

    yield open_with
    for engine in engines:
        engine.dispose()


@pytest.fixture
def filled(opened: Open) -> Engine:
    """A register under the old key, with something in every encrypted column and history."""
    engine = opened(OLD)
    write(engine, [pupil(number) for number in range(1, _PUPILS + 1)])
    with engine.connect() as connection:
        child, parent = (
            connection.execute(
                select(source_links.c.entity_id).where(
                    source_links.c.kind == "pupil", source_links.c.source_id == f"pupil-{number}"
                )
            ).scalar_one()
            for number in (2, 3)
        )
        school = connection.exec_driver_sql("SELECT id FROM organisations").scalar_one()
    fill(engine, child, parent, UUID(str(school)))
    # A new name puts the former row, ciphertexts and all, into the history.
    write(engine, [pupil(1, version="2", family_name="Берёзкина")], at=LATER)
    return engine


def write(engine: Engine, pupils: list[SourcePupil], at: Any = NOW, source: str = "s") -> None:
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations(source, [SCHOOL], recorded_at=at)
        work.bulk.write_classes(source, [CLASS], recorded_at=at)
        outcome = work.bulk.write_pupils(source, pupils, recorded_at=at)
        work.commit()
    assert outcome.refused == ()


def fill(engine: Engine, child: UUID, parent: UUID, school: UUID) -> None:
    """What the records of a source don't bring."""
    sealing, one = Sealing(Vault([OLD])), UUID(int=1)
    health = HealthItem(
        HealthItemId(one),
        PersonId(child),
        HealthKind.HEALTH_GROUP,
        "12",
        None,
        None,
        TODAY,
        None,
        "s",
    )
    act = sealing.seal_birth_act(child, BirthAct("123", TODAY, "ЗАГС"))
    item = sealing.seal_health(health)
    authority = sealing.seal_number(AUTHORITY_NUMBER, one, "402", "555")
    number = sealing.seal_number(CERTIFICATE_NUMBER, one, "12", "777")
    common: dict[str, Any] = {"id": one, "recorded_at": NOW}
    insert(
        engine,
        health_items,
        {
            **common,
            "person_id": child,
            "content_index": item.index,
            "content_sealed": item.sealed,
            "begins_on": TODAY,
            "source": "s",
        },
    )
    insert(
        engine,
        representatives,
        {
            **common,
            "child_id": child,
            "person_id": parent,
            "type_code": "1",
            "authority_type_code": "402",
            "authority_index": authority.index,
            "authority_sealed": authority.sealed,
        },
    )
    insert(
        engine,
        certificates,
        {
            **common,
            "person_id": child,
            "organisation_id": school,
            "type_code": "12",
            "number_index": number.index,
            "number_sealed": number.sealed,
            "issued_on": TODAY,
            "with_honours": False,
        },
    )
    insert(
        engine,
        identity_conflicts,
        {
            **common,
            "source": "s",
            "source_id": "9",
            "record_sealed": sealing.seal_record("s", CONFLICT_RECORD, "9", {"snils": "1"}),
            "candidates": "[]",
            "score": 0.9,
            "opened_at": NOW,
            "state": "open",
        },
    )
    sealed = {
        persons: {"birth_act_index": act.index, "birth_act_sealed": act.sealed},
    }
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(persons.update().where(persons.c.id == child).values(**sealed[persons]))


def values(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the tables with encrypted columns but these themselves."""
    found = {}
    with engine.connect() as connection:
        for table in _tables():
            plain = [column for column in table.c if not column.info.get("sealed")]
            found[table.name] = sorted(map(repr, connection.execute(select(*plain))))
    return found  # type: ignore[return-value]


def _tables() -> list[Table]:
    tables = []
    for table in SEALED_COLUMNS:
        history = keeping_of(table).history
        tables += [table] if history is None else [table, history]
    return tables


def keys_in_use(engine: Engine) -> dict[str, set[str | None]]:
    """By table, the names of the keys that its values are sealed with."""
    vault = Vault([OLD, NEW, STRANGE])
    found: dict[str, set[str | None]] = {}
    with engine.connect() as connection:
        for table in _tables():
            for column in table.c:
                if column.name.endswith("_sealed"):
                    rows = connection.execute(select(column).where(column.is_not(None)))
                    names = {vault.key_of(bytes(value)) for (value,) in rows}
                    found.setdefault(table.name, set()).update(names)
    return found


def found_by(engine: Engine, number: int) -> tuple[int, int]:
    """How many persons the СНИЛС and the document of a pupil find."""
    with UnitOfWork(engine, read_only=True) as work:
        by_snils = work.students.by_snils(Snils(snils_of(number)), as_of=TODAY)
        document = DocumentKey("11", "II-АН", f"{number:06}")
        by_document = work.students.by_document(document, as_of=TODAY)
    for view in (*by_snils, *by_document):
        assert view.person.snils == Snils(snils_of(number))
    return len(by_snils), len(by_document)


def test_every_encrypted_column_is_known() -> None:
    known = {
        (table.name, name)
        for table, columns in SEALED_COLUMNS.items()
        for column in columns
        for name in (column.sealed, column.index)
        if name is not None
    }
    histories = {
        history.name
        for table in metadata.tables.values()
        if (history := keeping_of(table).history) is not None
    }
    expected = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if column.info.get("sealed") and table.name not in histories
    }
    assert known == expected


def test_everything_moves_to_the_new_key(filled: Engine, opened: Open) -> None:
    before = values(filled)
    assert set.union(*keys_in_use(filled).values()) == {"k1"}
    assert keys_in_use(filled)["persons_history"]
    steps: list[Progress] = []
    report = rotate_keys(opened(NEW, OLD), window_rows=4, progress=steps.append)
    assert report.complete
    assert report.current == "k2"
    assert report.unneeded == ("k1",)
    assert report.resealed["persons"] == _PUPILS
    assert {step.table for step in steps} >= {"persons", "person_documents", "certificates"}
    assert values(filled) == before
    assert all(names <= {"k2"} for names in keys_in_use(filled).values())


def test_without_the_old_key_everything_is_found_and_opens(filled: Engine, opened: Open) -> None:
    rotate_keys(opened(NEW, OLD))
    engine = opened(NEW)
    for number in range(1, _PUPILS + 1):
        assert found_by(engine, number) == (1, 1)
    sealing, one = Sealing(Vault([NEW])), UUID(int=1)
    with engine.connect() as connection:
        certificate = connection.execute(select(certificates)).mappings().one()
        item = connection.execute(select(health_items)).mappings().one()
        guardian = connection.execute(select(representatives)).mappings().one()
        person = (
            connection.execute(select(persons).where(persons.c.birth_act_index.is_not(None)))
            .mappings()
            .one()
        )
    number = sealing.open_number(CERTIFICATE_NUMBER, one, certificate["number_sealed"])
    assert number == "777"
    assert (
        sealing.seal_number(CERTIFICATE_NUMBER, one, "12", "777").index
        == (certificate["number_index"])
    )
    assert sealing.open_health(one, item["content_sealed"])[:2] == (HealthKind.HEALTH_GROUP, "12")
    assert sealing.open_number(AUTHORITY_NUMBER, one, guardian["authority_sealed"]) == "555"
    act = sealing.open_birth_act(person["id"], person["birth_act_sealed"])
    assert act == BirthAct("123", TODAY, "ЗАГС")
    assert person["birth_act_index"] in sealing.birth_act_indexes("123", TODAY)


def test_an_index_of_the_old_key_beside_a_new_ciphertext_is_put_right(
    filled: Engine, opened: Open
) -> None:
    rotate_keys(opened(NEW, OLD))
    engine, former = opened(NEW, OLD), Sealing(Vault([OLD])).snils_indexes(snils_of(7))[0]
    current = Sealing(Vault([NEW])).snils_indexes(snils_of(7))[0]
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(
            persons.update().where(persons.c.snils_index == current).values(snils_index=former)
        )
    assert found_by(opened(NEW), 7)[0] == 0
    assert rotate_keys(engine).resealed == {"persons": 1}
    assert found_by(opened(NEW), 7) == (1, 1)


def test_a_document_that_keeps_its_index_keeps_its_key(filled: Engine, opened: Open) -> None:
    engine = opened(NEW, OLD)
    document = SourceDocument("11", "II-АН", "000008", issued_on=TODAY)
    write(engine, [replace(pupil(8), version="2", documents=(document,))], at=LATER)
    with engine.connect() as connection:
        (row,) = connection.execute(
            select(person_documents).where(person_documents.c.issued_on == TODAY)
        ).mappings()
    assert row["version"] == 2
    assert Vault([OLD]).key_of(bytes(row["content_sealed"])) == "k1"
    assert rotate_keys(engine).complete
    assert found_by(opened(NEW), 8) == (1, 1)


def test_a_hash_with_a_key_in_it_is_made_anew(filled: Engine, opened: Open) -> None:
    # As the hash of what a source said of a person is; others have no key in them and stay.
    text = '["а"]'
    told = {
        "content_hash": Vault([OLD]).index(Purpose.RECORD, text),
        "content_sealed": Sealing(Vault([OLD])).seal_record("s", "pupil", "pupil-2", ["а"]),
    }
    of_pupil = (source_links.c.source_id == "pupil-2") & (source_links.c.kind == "pupil")
    with filled.connect() as connection:
        statement = select(source_links.c.content_hash).where(source_links.c.kind != "pupil")
        others = sorted(connection.execute(statement).scalars())
    with filled.execution_options(**WRITING).begin() as connection:
        connection.execute(source_links.update().where(of_pupil).values(**told))
    assert rotate_keys(opened(NEW, OLD)).complete
    with filled.connect() as connection:
        found = connection.execute(select(source_links.c.content_hash).where(of_pupil))
        assert found.scalar_one() == Vault([NEW]).index(Purpose.RECORD, text)
        assert sorted(connection.execute(statement).scalars()) == others


def test_a_run_cut_short_is_gone_on_with(filled: Engine, opened: Open) -> None:
    engine = opened(NEW, OLD)

    def stop(step: Progress) -> None:
        if step.resealed >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_keys(engine, window_rows=4, progress=stop)
    assert keys_in_use(engine)["persons"] == {"k1", "k2"}
    for number in range(1, _PUPILS + 1):
        assert found_by(engine, number) == (1, 1)
    report = rotate_keys(engine, window_rows=4)
    assert report.resealed["persons"] == _PUPILS - 8
    assert all(names <= {"k2"} for names in keys_in_use(engine).values())
    assert rotate_keys(engine).resealed == {}


def test_a_key_that_is_not_at_hand_is_told_and_changes_nothing(
    filled: Engine, opened: Open
) -> None:
    report = rotate_keys(opened(STRANGE, NEW))
    assert not report.complete
    assert report.unneeded == ()
    assert report.resealed == {}
    assert report.unopened["persons"] == _PUPILS + 1  # with a birth act
    assert set.union(*keys_in_use(filled).values()) == {"k1"}


def test_without_its_key_nothing_opens_and_nothing_is_told(filled: Engine, opened: Open) -> None:
    with pytest.raises(StoreError) as caught, UnitOfWork(opened(STRANGE), read_only=True) as work:
        work.students.by_name(_name_of_second(), PUPIL.birth_date, as_of=TODAY)
    assert caught.value.code == "store.sealed"
    told = f"{caught.value} {caught.value.detail}"
    for secret in (snils_of(2), "Ёлкина", "елкина", "2013"):
        assert secret not in told
    assert found_by(opened(STRANGE), 2) == (0, 0)


def _name_of_second() -> NameKey:
    return NameKey(normalize_name(PUPIL.family_name), normalize_name(PUPIL.first_name), None)


def test_two_persons_of_one_number_are_told_and_left(filled: Engine, opened: Open) -> None:
    # As when a node that did not know the new key yet made a person whom another made as well.
    double = UUID(int=500)
    sealed = Sealing(Vault([NEW])).seal_snils(double, snils_of(3))
    insert(
        filled,
        persons,
        {
            "id": double,
            "snils_index": sealed.index,
            "snils_sealed": sealed.sealed,
            "family_name": "Ёлкина",
            "first_name": "Алёна",
            "family_key": "елкина",
            "first_key": "алена",
            "middle_key": "",
            "birth_date": PUPIL.birth_date,
            "sex": "female",
            "citizenship_code": "1",
            "recorded_at": NOW,
        },
    )
    report = rotate_keys(opened(NEW, OLD))
    assert report.conflicts == {"persons": 1}
    assert not report.complete
    assert report.unneeded == ()
    assert report.resealed["persons"] == _PUPILS - 1
    assert keys_in_use(filled)["persons"] == {"k1", "k2"}


@pytest.mark.slow
def test_writers_and_readers_go_on_meanwhile(filled: Engine, opened: Open) -> None:
    engine, stop = opened(NEW, OLD), threading.Event()
    failures: list[BaseException] = []
    written = dict.fromkeys(range(3), 0)

    def work(task: Callable[[], None]) -> None:
        try:
            while not stop.is_set():
                task()
                stop.wait(0.02)
        except BaseException as error:
            failures.append(error)

    def rewrite(writer: int) -> None:
        # Names of known pupils change, and pupils of the writer's own come.
        written[writer] += 1
        turn = written[writer]
        known = pupil(10 + writer, version=f"{turn}", first_name=f"Анна{'б' * (turn % 3)}")
        new = pupil(1000 * (writer + 1) + turn)
        write(engine, [known, new], at=LATER, source="s")

    def read() -> None:
        for number in range(1, _PUPILS + 1):
            assert found_by(engine, number) == (1, 1)

    threads = [threading.Thread(target=work, args=(lambda n=n: rewrite(n),)) for n in range(3)]
    threads.append(threading.Thread(target=work, args=(read,)))
    for thread in threads:
        thread.start()
    try:
        report = rotate_keys(engine, window_rows=5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert report.complete
    assert all(written.values())
    assert all(names <= {"k2"} for names in keys_in_use(engine).values())
    last = opened(NEW)
    for number in range(1, _PUPILS + 1):
        assert found_by(last, number) == (1, 1)
    for writer, turns in written.items():
        for turn in range(1, turns + 1):
            assert found_by(last, 1000 * (writer + 1) + turn) == (1, 1)


def test_a_writer_that_puts_back_what_it_had_read_is_waited_for(
    filled: Engine, opened: Open
) -> None:
    if filled.dialect.name != "postgresql":
        pytest.skip("SQLite's writers hold the write lock when they read")
    number = Sealing(Vault([OLD])).snils_indexes(snils_of(5))[0]
    reports = []
    with opened(NEW, OLD).execution_options(**WRITING).connect() as connection:
        row = (
            connection.execute(select(persons).where(persons.c.snils_index == number))
            .mappings()
            .one()
        )
        rotation = threading.Thread(
            target=lambda: reports.append(rotate_keys(opened(NEW, OLD), sleep=_wait_briefly))
        )
        rotation.start()
        rotation.join(0.3)
        assert rotation.is_alive()
        connection.execute(
            persons.update()
            .where(persons.c.id == row["id"])
            .values(
                first_name="Анна",
                version=row["version"] + 1,
                recorded_at=LATER,
                snils_index=row["snils_index"],
                snils_sealed=row["snils_sealed"],
            )
        )
        connection.commit()
    rotation.join()
    assert reports[0].complete
    assert keys_in_use(filled)["persons"] == {"k2"}
    assert found_by(opened(NEW), 5) == (1, 1)


def _wait_briefly(_: float) -> None:
    threading.Event().wait(0.01)


def test_one_that_does_not_end_is_told(filled: Engine, opened: Open) -> None:
    if filled.dialect.name != "postgresql":
        pytest.skip("SQLite's writers hold the write lock when they read")
    with opened(NEW, OLD).connect() as connection:
        connection.execute(select(persons.c.id))
        with pytest.raises(StoreError) as caught:
            rotate_keys(opened(NEW, OLD), wait_s=0.0)
    assert caught.value.code == "store.busy"
    assert caught.value.retryable


def test_keys_are_needed(database_url: str) -> None:
    engine = create_engine_for(database_url)
    with pytest.raises(StoreError) as caught:
        rotate_keys(engine)
    engine.dispose()
    assert caught.value.code == "store.keys"
