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
    enrolments,
    identity_documents,
    organisations,
    persons,
    source_links,
    sync_cursors,
)
from tests.integration.store.samples import NOW

ONE, TWO, NOBODY = UUID(int=1), UUID(int=2), UUID(int=99)

PERSON: dict[str, Any] = {
    "id": ONE,
    "snils": "11223344595",
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
    "class_group_id": ONE,
    "begins_on": date(2024, 9, 1),
    "ends_on": None,
    "form_code": "11",
    "programme_code": "13",
    "recorded_at": NOW,
}
DOCUMENT: dict[str, Any] = {
    "person_id": ONE,
    "type_code": "11",
    "series_key": "iiah",
    "number_key": "123456",
    "series": "II-АН",
    "number": "123456",
    "recorded_at": NOW,
}
LINK: dict[str, Any] = {
    "source": "s",
    "kind": "pupil",
    "source_id": "1",
    "entity_id": ONE,
    "version": "1",
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
    (identity_documents, DOCUMENT),
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
        (persons, {**PERSON, "id": TWO, "snils": "1122334459"}),
        (persons, {**PERSON, "id": TWO, "snils": None, "sex": "other"}),
        (persons, {**PERSON, "id": TWO, "snils": None, "family_key": ""}),
        (organisations, {**SCHOOL, "id": NOBODY, "inn": "1"}),
        (organisations, {**SCHOOL, "id": NOBODY, "full_name": ""}),
        (class_groups, {**CLASS, "id": TWO, "organisation_id": NOBODY}),
        (class_groups, {**CLASS, "id": TWO, "parallel": 13}),
        (class_groups, {**CLASS, "id": TWO, "shift": 0}),
        (class_groups, {**CLASS, "id": TWO, "capacity": -1}),
        (enrolments, {**ENROLMENT, "id": TWO}),  # the same enrolment again
        (enrolments, {**ENROLMENT, "id": TWO, "person_id": NOBODY}),
        (enrolments, {**ENROLMENT, "id": TWO, "organisation_id": TWO}),  # class of another
        (
            enrolments,
            {
                **ENROLMENT,
                "id": TWO,
                "begins_on": date(2023, 9, 1),
                "ends_on": date(2023, 8, 31),
            },
        ),
        (identity_documents, {**DOCUMENT, "person_id": NOBODY}),
        (identity_documents, {**DOCUMENT, "number_key": ""}),
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
        insert(filled, persons, {**PERSON, "id": UUID(int=number), "snils": None})
