"""Pupils are found on every kind of database, however they are spelt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, event

from registry.ports import NameKey
from registry.students import (
    Ambiguous,
    ByDocument,
    ByPersonalData,
    BySnils,
    FindStudent,
    FindStudentOutcome,
    Found,
    NotFound,
    find_student,
)
from store.driver import DriverQuery
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

TODAY = NOW.date()


@pytest.fixture
def filled(engine: Engine) -> Iterator[Engine]:
    brother = replace(
        PUPIL,
        source_id="pupil-2",
        middle_name=None,
        snils=None,
        documents=(),
        enrolment=replace(ENROLMENT, begins_on=date(2024, 9, 15), class_source_id=None),
    )
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        work.bulk.write_classes("s", [CLASS], recorded_at=NOW)
        work.bulk.write_pupils("s", [PUPIL, brother], recorded_at=NOW)
        work.commit()
    yield engine


def find(
    engine: Engine, by: BySnils | ByPersonalData | ByDocument, as_of: date | None = None
) -> FindStudentOutcome:
    with UnitOfWork(engine, read_only=True) as work:
        return find_student(FindStudent(by, as_of), work.students, today=TODAY)


def names(family: str, first: str, middle: str | None = "ПЕТРОВНА") -> ByPersonalData:
    return ByPersonalData(family, first, middle, PUPIL.birth_date)


@pytest.mark.parametrize(
    "by",
    [
        BySnils("112-233-445 95"),
        BySnils("11223344595"),
        names("Ёлкина-Соловьёва", "Алёна"),
        names("ЕЛКИНА–СОЛОВЬЕВА", "АЛЕНА"),
        names("елкина соловьева", "алена", "петровна"),
        ByDocument("11", "ii-ан", "123456"),
        ByDocument("11", "ІІ АН", "123 456"),
    ],
)
def test_found_however_it_is_spelt(filled: Engine, by: BySnils | ByPersonalData) -> None:
    outcome = find(filled, by)
    assert isinstance(outcome, Found)
    assert outcome.student.person.family_name == "Ёлкина-Соловьёва"


@pytest.mark.parametrize(
    "by",
    [
        BySnils("064-949-063 00"),
        names("Елкин", "Алёна"),
        names("Ёлкина-Соловьёва", "Алёна", "Ивановна"),
        ByDocument("11", "II-АН", "123457"),
        ByDocument("12", "4508", "123456"),
        ByDocument("21", "", "123456"),
    ],
)
def test_not_found(filled: Engine, by: BySnils | ByPersonalData | ByDocument) -> None:
    assert find(filled, by) == NotFound()


def test_two_persons_of_one_name_are_ambiguous(filled: Engine) -> None:
    assert find(filled, names("Ёлкина-Соловьёва", "Алёна", None)) == Ambiguous(2)


def test_as_of_a_day_before_the_enrolment(filled: Engine) -> None:
    outcome = find(filled, BySnils("11223344595"), date(2024, 8, 31))
    assert isinstance(outcome, Found)
    assert outcome.student.organisation is None
    assert outcome.student.as_of == date(2024, 8, 31)


def test_a_pupil_without_a_class(filled: Engine) -> None:
    with UnitOfWork(filled, read_only=True) as work:
        views = [
            view
            for view in work.students.by_name(
                NameKey("елкинасоловьева", "алена", None), PUPIL.birth_date, as_of=TODAY
            )
            if view.person.middle_name is None
        ]
    (view,) = views
    assert view.organisation is not None
    assert view.class_group is None


def test_a_look_up_is_one_statement(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    event.listen(filled, "before_cursor_execute", lambda *args: statements.append(str(args[2])))
    rows = DriverQuery.rows

    def counted(query: DriverQuery, *arguments: Any) -> Any:
        statements.append(query.sql)
        return rows(query, *arguments)

    monkeypatch.setattr(DriverQuery, "rows", counted)
    for by in (
        BySnils("11223344595"),
        names("Ёлкина", "Алёна"),
        ByDocument("11", "I-АН", "123456"),
    ):
        statements.clear()
        find(filled, by)
        assert len([each for each in statements if each.startswith("SELECT persons")]) == 1
        assert len([each for each in statements if not each.startswith("BEGIN")]) == 1
