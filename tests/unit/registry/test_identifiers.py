"""Check digits and forms of the identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import RegistryError
from registry.identifiers import (
    Inn,
    Ogrn,
    Oktmo,
    Snils,
    parse_inn,
    parse_ogrn,
    parse_oktmo,
    parse_snils,
)


@pytest.mark.parametrize(
    "text",
    [
        "11223344595",
        "112-233-445 95",
        "112-233-445-95",
        " 112-233-445 95\n",
        "064-949-063 00",
        "001-001-998 77",  # issued before check digits
    ],
)
def test_a_valid_snils_is_taken_in_every_usual_form(text: str) -> None:
    assert parse_snils(text).digits == "".join(filter(str.isdigit, text))


def test_snils_reads_as_digits_and_prints_as_on_paper() -> None:
    snils = parse_snils("112-233-445 95")
    assert str(snils) == "11223344595"
    assert snils.formatted == "112-233-445 95"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "snils.format"),
        ("1122334459", "snils.format"),
        ("112233445950", "snils.format"),
        ("112 233 445 95", "snils.format"),
        ("1122-33-445 95", "snils.format"),
        ("11223344595\x00", "snils.format"),
        ("١١٢٢٣٣٤٤٥٩٥", "snils.format"),  # digits, but not ours
        ("000-000-000 00", "snils.format"),
        ("112-233-445 96", "snils.checksum"),
        ("112-233-454 95", "snils.checksum"),
        ("001-001-999 00", "snils.checksum"),  # the first that is checked
        ("064-949-063 01", "snils.checksum"),
    ],
)
def test_a_bad_snils_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse_snils(text)
    assert caught.value.code == code
    assert not any(character.isdigit() for character in caught.value.detail.replace("11 ", ""))


def _by_the_book(number: int) -> int:
    """The rule word for word, as another hand would write it."""
    digits = [int(digit) for digit in f"{number:09d}"]
    total = sum(digit * (9 - place) for place, digit in enumerate(digits))
    if total > 101:
        total %= 101
    return 0 if total in (100, 101) else total


@given(st.integers(1_001_999, 999_999_999))
def test_exactly_one_check_number_is_right(number: int) -> None:
    right = []
    for check in range(100):
        try:
            Snils(f"{number:09d}{check:02d}")
        except RegistryError:
            continue
        right.append(check)
    assert right == [_by_the_book(number)]


def test_inn_of_organisations_and_persons() -> None:
    assert str(parse_inn(" 7707083893 ")) == "7707083893"
    assert str(parse_inn("500100732259")) == "500100732259"


def test_ogrn_and_ogrnip() -> None:
    assert str(parse_ogrn("1027700132195")) == "1027700132195"
    assert str(parse_ogrn("304500116000157")) == "304500116000157"


def test_oktmo_of_a_municipality_and_of_a_settlement() -> None:
    assert str(parse_oktmo("45382000")) == "45382000"
    assert str(parse_oktmo("45382000101")) == "45382000101"


@pytest.mark.parametrize(
    ("kind", "digits", "code"),
    [
        (Inn, "7707083894", "inn.checksum"),
        (Inn, "500100732258", "inn.checksum"),
        (Inn, "500100732269", "inn.checksum"),
        (Inn, "77070838930", "inn.format"),
        (Inn, "770708389x", "inn.format"),
        (Ogrn, "1027700132196", "ogrn.checksum"),
        (Ogrn, "304500116000158", "ogrn.checksum"),
        (Ogrn, "10277001321950", "ogrn.format"),
        (Oktmo, "4538200", "oktmo.format"),
        (Oktmo, "453820001", "oktmo.format"),
    ],
)
def test_a_bad_identifier_says_what_is_wrong(
    kind: type[Inn] | type[Ogrn] | type[Oktmo], digits: str, code: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        kind(digits)
    assert caught.value.code == code
