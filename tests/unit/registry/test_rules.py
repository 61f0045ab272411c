"""Rules on queries: every problem at once, with its key and its field."""

from datetime import date

import pytest

from registry.commands import ByDocument, ByPersonalData, BySnils, FindStudent
from registry.rules import Problem, check_birth_date, check_document, check_find_student

TODAY = date(2024, 2, 29)


def keys(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(problem.code, problem.field) for problem in problems}


@pytest.mark.parametrize(
    "by",
    [
        BySnils("112-233-445 95"),
        ByPersonalData("Ёлкин", "Пётр", None, date(2012, 1, 1)),
        ByPersonalData("Ёлкин", "Пётр", "", TODAY),
        ByPersonalData("О'Нил", "Анна-Мария", "Джоновна", date(1904, 2, 29)),
        ByDocument("11", "II-АН", "123456"),
        ByDocument("11", "IV ЕР", "123 456"),
        ByDocument("12", "45 08", "123456"),
        ByDocument("21", "", "AB1234567"),
        ByDocument("99", "", "5"),
    ],
)
def test_good_queries(by: BySnils | ByPersonalData | ByDocument) -> None:
    assert check_find_student(FindStudent(by), TODAY) == []


def test_all_problems_are_named_at_once() -> None:
    query = FindStudent(
        ByPersonalData(" ", "Пётр1", "Сергеевич" * 20, date(2024, 3, 1)), as_of=date(1890, 1, 1)
    )
    assert keys(check_find_student(query, TODAY)) == {
        ("name.empty", "PersonalData.FamilyName"),
        ("name.characters", "PersonalData.FirstName"),
        ("name.too_long", "PersonalData.MiddleName"),
        ("birth_date.future", "PersonalData.BirthDate"),
        ("as_of.out_of_range", "AsOf"),
    }


def test_a_name_may_not_outgrow_its_key() -> None:
    query = FindStudent(ByPersonalData("\ufb03" * 60, "Пётр", None, date(2012, 1, 1)))
    assert keys(check_find_student(query, TODAY)) == {("name.too_long", "PersonalData.FamilyName")}


@pytest.mark.parametrize(
    ("snils", "code"), [("112-233-445 96", "snils.checksum"), ("112", "snils.format")]
)
def test_bad_snils(snils: str, code: str) -> None:
    assert keys(check_find_student(FindStudent(BySnils(snils)), TODAY)) == {(code, "Snils")}


@pytest.mark.parametrize(
    ("type_code", "series", "number", "codes"),
    [
        ("11", "", "123456", {"document.series"}),
        ("11", "2-АН", "123456", {"document.series"}),
        ("11", "II-АН", "12345", {"document.number"}),
        ("12", "450", "1234567", {"document.series", "document.number"}),
        ("12", "IIАН", "123456", {"document.series"}),
        ("12", "٤٥٠٨", "123456", {"document.series"}),
        ("21", "", "", {"document.number"}),
        ("21", "", "-", {"document.number"}),
        ("21", "", "1\x00", {"document.number"}),
        ("21", "А" * 51, "1", {"document.series"}),
        ("", "", "1", {"document.type"}),
        ("1234", "", "1", {"document.type"}),
    ],
)
def test_bad_documents(type_code: str, series: str, number: str, codes: set[str]) -> None:
    assert {each.code for each in check_document(type_code, series, number, "D")} == codes


@pytest.mark.parametrize(
    ("birth_date", "codes"),
    [
        (date(1904, 2, 29), []),
        (date(1904, 2, 28), ["birth_date.too_old"]),
        (date(2024, 2, 29), []),
        (date(2024, 3, 1), ["birth_date.future"]),
    ],
)
def test_limits_of_the_birth_date(birth_date: date, codes: list[str]) -> None:
    problems = check_birth_date(birth_date, "f", today=TODAY)
    assert [problem.code for problem in problems] == codes


@pytest.mark.parametrize(
    ("as_of", "good"),
    [
        (date(1904, 2, 29), True),
        (date(1904, 2, 28), False),
        (date(2025, 3, 1), True),
        (date(2025, 3, 2), False),
    ],
)
def test_limits_of_the_date_asked_for(as_of: date, good: bool) -> None:
    problems = check_find_student(FindStudent(BySnils("11223344595"), as_of), TODAY)
    assert (problems == []) is good


def test_messages_repeat_no_values() -> None:
    query = FindStudent(ByPersonalData("Секретов7", "Тайна8", None, date(1800, 1, 1)))
    told = "".join(problem.message_ru for problem in check_find_student(query, TODAY))
    assert "Секретов" not in told
    assert "1800" not in told
