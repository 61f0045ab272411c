"""What of a person is covered, and with what."""

from datetime import date

import pytest

from ops.veil import _SHOWN, MASK, Veil
from registry.history import ChangeKind, FactChange
from registry.identifiers import Snils
from store.person_history import _HEALTH_SPECS, _SPECS
from store.tables import metadata
from tests.unit.registry.samples import NOW

COVERED, LIFTED = Veil(lifted=False), Veil(lifted=True)
SNILS = Snils("11223344595")
DAY = date(2012, 5, 17)


def test_names_become_initials() -> None:
    assert COVERED.full_name("Ёлкина-Соловьёва", "Алёна", "Петровна") == "Ё. А. П."
    assert COVERED.full_name("Ким", "Ли", None) == "К. Л."
    assert LIFTED.full_name("Ким", "Ли", None) == "Ким Ли"
    assert COVERED.name("  ан") == "а."
    assert COVERED.name("") is None


def test_numbers_and_days() -> None:
    assert (COVERED.birth_date(DAY), LIFTED.birth_date(DAY)) == (2012, DAY)
    assert (COVERED.snils(SNILS), LIFTED.snils(SNILS)) == ("•••-•••-••• 95", "112-233-445 95")
    assert COVERED.birth_date(None) is COVERED.snils(None) is COVERED.hide(None) is None
    assert (COVERED.hide("x"), COVERED.hide(DAY), LIFTED.hide(DAY)) == (MASK, MASK, DAY)


@pytest.mark.parametrize("reason", ["transfer.region", "admission.class_1", "wish"])
def test_codes_of_reasons_are_shown(reason: str) -> None:
    assert COVERED.reason(reason) == reason


@pytest.mark.parametrize("reason", ["health", "death", "court", "expelled", "по болезни", "Ivanov"])
def test_reasons_that_tell_are_covered(reason: str) -> None:
    assert (COVERED.reason(reason), LIFTED.reason(reason)) == (MASK, reason)


def test_a_field_nobody_thought_of_is_covered() -> None:
    assert COVERED.field("persons", "shoe_size", "36") == MASK
    assert COVERED.field("hobbies", "kind", "chess") == MASK
    assert COVERED.field("persons", "shoe_size", None) is None
    assert LIFTED.field("persons", "shoe_size", "36") == "36"


@pytest.mark.parametrize(
    ("table", "name", "value", "shown"),
    [
        ("persons", "family_name", "Ким", "К."),
        ("persons", "birth_date", DAY, 2012),
        ("persons", "birth_place", "Приозёрск", MASK),
        ("persons", "snils", "112-233-445 95", "•••-•••-••• 95"),
        ("persons", "sex", "female", "female"),
        ("person_documents", "number", "123456", MASK),
        ("person_documents", "issued_on", DAY, MASK),
        ("addresses", "text", "ул. Лесная", MASK),
        ("certificates", "number", "1", MASK),
        ("enrolments", "exit_reason", "health", MASK),
        ("health_items", "kind", "disability", MASK),
        ("health_items", "code", "14", MASK),
        ("application_privileges", "code", "svo", MASK),
        ("marks", "value", "5", "5"),
    ],
)
def test_fields_of_a_history(table: str, name: str, value: object, shown: object) -> None:
    assert COVERED.field(table, name, value) == shown


def test_the_day_of_a_document_is_covered_as_well() -> None:
    for table, shown in (("person_documents", None), ("marks", DAY)):
        change = FactChange(NOW, table, "k", 1, ChangeKind.ADDED, DAY, ())
        assert COVERED.valid_from(change) == shown
        assert LIFTED.valid_from(change) == DAY


def test_what_is_shown_are_columns_that_there_are() -> None:
    tables = {spec.table.name for spec in (*_SPECS, *_HEALTH_SPECS)}
    assert set(_SHOWN) == tables
    for name, columns in _SHOWN.items():
        assert columns <= set(metadata.tables[name].c.keys()), name
