"""Search keys."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.names import is_name, is_slip, normalize_document, normalize_name


@pytest.mark.parametrize(
    "spelling",
    [
        "Ёлкина-Соловьёва",
        "ЕЛКИНА-СОЛОВЬЕВА",
        "ёлкина соловьёва",
        "Елкина – Соловьева",
        "Елкина\u2011Соловьева",
        "Елкина\u2212Соловьева",
        "Елкина\u00a0Соловьева",
        "Елкина\u00ad-\u200bСоловьева",
        "\tЕлкина-Соловьева ",
        unicodedata.normalize("NFD", "Ёлкина-Соловьёва"),
    ],
)
def test_spellings_of_one_name_have_one_key(spelling: str) -> None:
    assert normalize_name(spelling) == "елкинасоловьева"


@pytest.mark.parametrize("mark", "'`\u00b4\u2018\u2019\u02b9\u02bb\u02bc\u2032\uff07")
def test_apostrophes_of_every_kind_make_no_difference(mark: str) -> None:
    assert normalize_name(f"О{mark}Нил") == "онил"
    assert is_name(f"О{mark}Нил")


def test_different_names_stay_different() -> None:
    assert normalize_name("Бойко") != normalize_name("Боико")
    assert normalize_name("Наталия") != normalize_name("Наталья")


@given(st.text(max_size=40))
def test_a_key_is_its_own_key_and_ignores_form(text: str) -> None:
    key = normalize_name(text)
    assert normalize_name(key) == key
    assert normalize_name(unicodedata.normalize("NFD", text)) == key


@given(st.text(alphabet="абвгдеёжзиклмнопрстуфхцчшщъыьэюя-", min_size=1, max_size=30))
def test_case_makes_no_difference(text: str) -> None:
    assert normalize_name(text.upper()) == normalize_name(text) == normalize_name(text.title())


@pytest.mark.parametrize("text", ["Анна-Мария", "Нурлан оглы", "d’Arc", "Иванов (мл.)", "Лю"])
def test_names_are_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "-", "'", "Иванов1", "Иван<b>", "Иван\x00ов", "Иван;", "😀"])
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("series", ["II-АН", "ii ан", "ІІ–АН", "II-AH", "\u2116 II-АН"])
def test_look_alike_letters_of_a_series_make_no_difference(series: str) -> None:
    assert normalize_document(series) == normalize_document("II-АН")


def test_a_five_typed_in_cyrillic_is_found() -> None:
    assert normalize_document("V-ЕР") == normalize_document("У-ЕР")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("иванова", "иванов"),
        ("иванова", "ивановна"),
        ("иванова", "ивонова"),
        ("иванова", "иавнова"),
        ("иванова", "ванова"),
        ("а", ""),
    ],
)
def test_one_slip(one: str, other: str) -> None:
    assert is_slip(one, other)
    assert is_slip(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("иванова", "иванова"),
        ("иванова", "петрова"),
        ("иванова", "ивоново"),
        ("иванова", "ивано"),
        ("иванова", "иавновы"),
    ],
)
def test_no_slip(one: str, other: str) -> None:
    assert not is_slip(one, other)
    assert not is_slip(other, one)
