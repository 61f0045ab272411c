"""The constraints keep the rules against a writer that forgets them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table
from sqlalchemy.exc import IntegrityError

from store.engine import WRITING
from store.tables import (
    class_groups,
    class_placements,
    enrolments,
    organisations,
    person_documents,
    persons,
    source_links,
    sync_cursors,
)
from tests.integration.store.samples import NOW

ONE, TWO, NOBODY = UUID(int=1), UUID(int=2), UUID(int=99)

PERSON: dict[str, Any] = {
    "id": ONE,
    "snils_index": b"s" * 16,
    "snils_sealed": b"sealed",
    "family_name": "Ёлкин",
    "first_name": "Пётр",
    "middle_name": None,
    "family_key": "елкин",
    "first_key": "петр",
    "middle_key": "",
    "birth_date": date(2013, 5, 17),
    "sex": "male",
    "citizenship_code": "1",
    "recorded_at": NOW,
}
NAMELESS: dict[str, Any] = {**PERSON, "id": TWO, "snils_index": None, "snils_sealed": None}
SCHOOL: dict[str, Any] = {"id": ONE, "full_name": "Школа", "inn": None, "recorded_at": NOW}
CLASS: dict[str, Any] = {
    "id": ONE,
    "organisation_id": ONE,
    "parallel": 5,
    "letter": "А",
    "school_year": 2024,
    "shift": 1,
    "capacity": 25,
    "recorded_at": NOW,
}
ENROLMENT: dict[str, Any] = {
    "id": ONE,
    "person_id": ONE,
    "organisation_id": ONE,
    "begins_on": date(2024, 9, 1),
    "ends_on": None,
    "form_code": "11",
    "programme_code": "13",
    "recorded_at": NOW,
}
PLACEMENT: dict[str, Any] = {
    "id": ONE,
    "enrolment_id": ONE,
    "organisation_id": ONE,
    "class_group_id": ONE,
    "begins_on": date(2024, 9, 1),
    "ends_on": None,
    "recorded_at": NOW,
}
DOCUMENT: dict[str, Any] = {
    "id": ONE,
    "person_id": ONE,
    "type_code": "11",
    "document_index": b"d" * 16,
    "content_sealed": b"sealed",
    "recorded_at": NOW,
}
LINK: dict[str, Any] = {
    "source": "s",
    "kind": "pupil",
    "source_id": "1",
    "entity_id": ONE,
    "source_version": "1",
    "content_hash": bytes(32),
    "recorded_at": NOW,
}
CURSOR: dict[str, Any] = {
    "source": "s",
    "entity": "pupils",
    "token": None,
    "state": "running",
    "created": 0,
    "changed": 0,
    "unchanged": 0,
    "refused": 0,
    "updated_at": NOW,
}
GOOD = (
    (persons, PERSON),
    (organisations, SCHOOL),
    (organisations, {**SCHOOL, "id": TWO}),
    (class_groups, CLASS),
    (enrolments, ENROLMENT),
    (class_placements, PLACEMENT),
    (person_documents, DOCUMENT),
    (source_links, LINK),
    (sync_cursors, CURSOR),
)


def insert(engine: Engine, table: Table, row: Mapping[str, Any]) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(table.insert(), [dict(row)])


@pytest.fixture
def filled(engine: Engine) -> Engine:
    for table, row in GOOD:
        insert(engine, table, row)
    return engine


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (persons, {**PERSON, "id": TWO}),  # the same СНИЛС
        (persons, {**NAMELESS, "snils_index": b"i" * 16}),
        (persons, {**NAMELESS, "sex": "other"}),
        (persons, {**NAMELESS, "family_key": ""}),
        (persons, {**NAMELESS, "merged_into": TWO}),
        (persons, {**PERSON, "id": TWO, "snils_index": b"i" * 16, "merged_into": ONE}),
        (organisations, {**SCHOOL, "id": NOBODY, "inn": "1"}),
        (organisations, {**SCHOOL, "id": NOBODY, "full_name": ""}),
        (class_groups, {**CLASS, "id": TWO, "organisation_id": NOBODY}),
        (class_groups, {**CLASS, "id": TWO, "parallel": 13}),
        (class_groups, {**CLASS, "id": TWO, "shift": 0}),
        (class_groups, {**CLASS, "id": TWO, "capacity": -1}),
        (enrolments, {**ENROLMENT, "id": TWO}),  # the same enrolment again
        (enrolments, {**ENROLMENT, "id": TWO, "person_id": NOBODY}),
        # at another organisation at the same time, also by a day
        (enrolments, {**ENROLMENT, "id": TWO, "organisation_id": TWO}),
        (
            enrolments,
            {
                **ENROLMENT,
                "id": TWO,
                "organisation_id": TWO,
                "begins_on": date(2024, 8, 1),
                "ends_on": date(2024, 9, 1),
            },
        ),
        (class_placements, {**PLACEMENT, "id": TWO, "organisation_id": TWO}),
        (class_placements, {**PLACEMENT, "id": TWO, "begins_on": date(2025, 1, 1)}),
        (
            enrolments,
            {
                **ENROLMENT,
                "id": TWO,
                "begins_on": date(2023, 9, 1),
                "ends_on": date(2023, 8, 31),
            },
        ),
        (person_documents, {**DOCUMENT, "id": TWO, "person_id": NOBODY}),
        (person_documents, {**DOCUMENT, "id": TWO}),
        (person_documents, {**DOCUMENT, "id": TWO, "content_sealed": None}),
        (source_links, LINK),
        (source_links, {**LINK, "source_id": "2", "kind": "guess"}),
        (sync_cursors, {**CURSOR, "entity": "x", "state": "odd"}),
        (sync_cursors, {**CURSOR, "entity": "x", "created": -1}),
    ],
)
def test_rows_that_break_a_rule_are_refused(
    filled: Engine, table: Table, row: Mapping[str, Any]
) -> None:
    with pytest.raises(IntegrityError):
        insert(filled, table, row)


def test_many_may_have_no_snils(filled: Engine) -> None:
    for number in (2, 3):
        insert(filled, persons, {**NAMELESS, "id": UUID(int=number)})


@pytest.mark.parametrize(
    "changes",
    [
        {"begins_on": date(2023, 9, 1), "ends_on": date(2024, 8, 31)},
        {"programme_code": "411"},
        {"retracted": True},
    ],
)
def test_an_enrolment_that_does_not_overlap_goes_in(
    filled: Engine, changes: Mapping[str, Any]
) -> None:
    insert(filled, enrolments, {**ENROLMENT, "id": TWO, "organisation_id": TWO, **changes})


def test_an_enrolment_that_comes_to_overlap_is_refused(filled: Engine) -> None:
    earlier = {"begins_on": date(2023, 9, 1), "ends_on": date(2024, 8, 31)}
    insert(filled, enrolments, {**ENROLMENT, "id": TWO, "organisation_id": TWO, **earlier})
    statement = (
        enrolments.update()
        .where(enrolments.c.id == TWO)
        .values(ends_on=date(2024, 9, 1), version=2)
    )
    with (
        pytest.raises(IntegrityError),
        filled.execution_options(**WRITING).begin() as connection,
    ):
        connection.execute(statement)
