"""Every change of every fact of a person, dated twice, from the tables and their histories."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.history import ChangeKind, FactChange, FieldChange
from registry.identifiers import PersonId, Snils
from registry.model import HealthKind
from store.engine import WRITING, create_engine_for, vault_of
from store.person_history import PersonHistory, health_history, person_history
from store.sealing import Sealing
from store.tables import (
    class_placements,
    enrolments,
    health_items,
    keeping_of,
    marks,
    metadata,
    person_documents,
    persons,
)
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Vault
from tests.integration.store.lives import (
    AT_SCHOOL,
    DISABILITY,
    DOCUMENT,
    FIRST,
    IN_NINTH,
    LYCEUM,
    NINTH,
    PUPIL,
    SCHOOL,
    TWIN,
    add,
    add_person,
    health_item,
    health_values,
    live,
    revise,
)

LATER, LAST = FIRST + timedelta(days=30), FIRST + timedelta(days=60)


@pytest.fixture
def lived(engine: Engine) -> Engine:
    live(engine)
    return engine


def history(
    engine: Engine, person_id: PersonId = PUPIL, known_on: datetime | None = None
) -> PersonHistory:
    with UnitOfWork(engine, read_only=True) as work:
        found = person_history(work.connection, person_id, known_on=known_on)
    assert found is not None
    return found


def of(found: PersonHistory, table: Any, row_id: UUID) -> list[FactChange]:
    return [each for each in found.changes if (each.table, each.key) == (table.name, str(row_id))]


def test_every_fact_begins_with_what_it_says(lived: Engine) -> None:
    found = history(lived)
    assert {each.table for each in found.changes} == {
        "persons",
        "former_names",
        "person_documents",
        "addresses",
        "representatives",
        "enrolments",
        "class_placements",
        "marks",
        "exams",
        "certificates",
        "achievements",
    }
    assert {each.kind for each in found.changes} == {ChangeKind.ADDED}
    (enrolment,) = of(found, enrolments, AT_SCHOOL)
    assert enrolment.valid_from == date(2023, 9, 1)
    assert FieldChange("organisation_id", None, SCHOOL) in enrolment.fields
    assert found.names[SCHOOL] == "Школа № 1"
    (placement,) = of(found, class_placements, IN_NINTH)
    assert found.names[NINTH] == "9А (2027)"
    assert placement.recorded_at == FIRST
    (document,) = of(found, person_documents, DOCUMENT)
    assert FieldChange("series", None, "II-АН") in document.fields
    (person,) = of(found, persons, PUPIL)
    told = {each.name: each.new for each in person.fields}
    assert (told["snils"], told["birth_act_number"]) == ("112-233-445 95", "АБ-777")
    names = {each.name for change in found.changes for each in change.fields}
    assert not {name for name in names if name.endswith(("_key", "_index", "_sealed"))}


def test_a_change_names_the_fields_the_moment_and_the_version(lived: Engine) -> None:
    revise(lived, enrolments, AT_SCHOOL, at=LATER, exit_reason="moved", form_code="13")
    revise(lived, enrolments, AT_SCHOOL, at=LAST, retracted=True)
    _, changed, retracted = of(history(lived), enrolments, AT_SCHOOL)
    assert (changed.kind, changed.version, changed.recorded_at) == (ChangeKind.CHANGED, 2, LATER)
    assert set(changed.fields) == {
        FieldChange("exit_reason", "transfer_region", "moved"),
        FieldChange("form_code", "11", "13"),
    }
    assert (retracted.kind, retracted.fields, retracted.recorded_at) == (
        ChangeKind.RETRACTED,
        (),
        LAST,
    )
    known = of(history(lived, known_on=LATER), enrolments, AT_SCHOOL)
    assert [each.version for each in known] == [1, 2]


def test_the_order_is_that_of_knowing(lived: Engine) -> None:
    revise(lived, marks, UUID(int=100), at=LATER, value="3")
    moments = [each.recorded_at for each in history(lived).changes]
    assert moments == sorted(moments)
    assert moments[-1] == LATER


def test_a_value_sealed_anew_is_no_change(lived: Engine, database_url: str) -> None:
    revise(lived, persons, PUPIL, at=LATER, country_code="643")
    old = DataKey("test", bytes(range(32)))
    both = create_engine_for(database_url, vault=Vault([DataKey("new", bytes(32)), old]))
    with both.execution_options(**WRITING).begin() as connection:
        sealed = Sealing(vault_of(connection)).seal_snils(PUPIL, "11223344595")
        connection.execute(
            persons.update()
            .where(persons.c.id == PUPIL)
            .values(snils_index=sealed.index, snils_sealed=sealed.sealed)
        )
    _, changed = of(history(both), persons, PUPIL)
    both.dispose()
    assert changed.fields == (FieldChange("country_code", None, "643"),)


def test_a_new_snils_is_a_change(lived: Engine) -> None:
    with lived.connect() as connection:
        sealed = Sealing(vault_of(connection)).seal_snils(PUPIL, "06494906300")
    values = {"snils_index": sealed.index, "snils_sealed": sealed.sealed}
    revise(lived, persons, PUPIL, at=LATER, **values)
    _, changed = of(history(lived), persons, PUPIL)
    new = Snils("06494906300").formatted
    assert changed.fields == (FieldChange("snils", "112-233-445 95", new),)


def test_facts_follow_a_merge_and_part_with_a_split(lived: Engine) -> None:
    mark, study, seat = UUID(int=130), UUID(int=131), UUID(int=132)
    with lived.execution_options(**WRITING).begin() as connection:
        add_person(connection, TWIN)
        add(
            connection,
            marks,
            id=mark,
            person_id=TWIN,
            organisation_id=LYCEUM,
            school_year=2025,
            parallel=7,
            subject="химия",
            kind="year",
            value="5",
            given_on=date(2026, 5, 25),
        )
        period = {"begins_on": date(2027, 9, 1), "organisation_id": LYCEUM}
        add(
            connection,
            enrolments,
            id=study,
            person_id=TWIN,
            form_code="11",
            programme_code="411",
            **period,
        )
        add(
            connection,
            class_placements,
            id=seat,
            enrolment_id=study,
            class_group_id=NINTH,
            **period,
        )
    assert of(history(lived), marks, mark) == []
    for table, row_id in ((marks, mark), (enrolments, study)):
        revise(lived, table, row_id, at=LATER, person_id=PUPIL)
    kinds = [each.kind for each in of(history(lived), marks, mark)]
    assert kinds == [ChangeKind.ADDED, ChangeKind.JOINED]
    assert [each.kind for each in of(history(lived), class_placements, seat)] == [ChangeKind.ADDED]
    twin = history(lived, TWIN)
    assert [each.kind for each in of(twin, marks, mark)] == [ChangeKind.ADDED, ChangeKind.PARTED]
    for table, row_id in ((marks, mark), (enrolments, study)):
        revise(lived, table, row_id, at=LAST, person_id=TWIN)
    revise(lived, marks, mark, at=LAST, value="4")
    revise(lived, class_placements, seat, at=LAST, ends_on=date(2027, 9, 2))
    found = history(lived)
    *_, parted = of(found, marks, mark)
    assert (parted.kind, parted.fields, parted.recorded_at) == (ChangeKind.PARTED, (), LAST)
    assert of(found, class_placements, seat) == []
    assert len(of(history(lived, TWIN), marks, mark)) == 4
    assert len(of(history(lived, TWIN), class_placements, seat)) == 2


def test_a_merged_person_has_the_history_of_the_one_it_proved_to_be(lived: Engine) -> None:
    with lived.execution_options(**WRITING).begin() as connection:
        add_person(connection, TWIN, merged_into=PUPIL)
    assert history(lived, TWIN).person_id == PUPIL
    with UnitOfWork(lived, read_only=True) as work:
        assert person_history(work.connection, UUID(int=999)) is None
        before = FIRST - timedelta(microseconds=1)
        assert person_history(work.connection, PUPIL, known_on=before) is None


def test_the_health_card_has_a_history_of_its_own(lived: Engine) -> None:
    with lived.connect() as connection:
        sealing = Sealing(vault_of(connection))
    other = health_item(DISABILITY, HealthKind.NOSOLOGY, "E11", date(2024, 3, 1), None)
    row = health_values(other, sealing)
    del row["id"]
    revise(lived, health_items, DISABILITY, at=LATER, **row)
    assert "health_items" not in {each.table for each in history(lived).changes}
    with UnitOfWork(lived, read_only=True) as work:
        found = health_history(work.connection, PUPIL)
    assert found is not None
    assert {each.table for each in found.changes} == {"health_items"}
    _, changed = of(found, health_items, DISABILITY)
    assert changed.fields == (FieldChange("code", "E10", "E11"),)


def test_no_table_about_persons_is_left_out() -> None:
    from store import person_history as module

    told = {spec.table for spec in (*module._SPECS, *module._HEALTH_SPECS)}
    owned = {
        table
        for table in metadata.sorted_tables
        if keeping_of(table).history is not None and {"person_id", "child_id"} & set(table.c.keys())
    }
    # Whose a doubtful record is, is what the conflict is about.
    assert {table.name for table in owned - told} == {"identity_conflicts"}
