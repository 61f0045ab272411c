"""Every table and field of a history, and every value of a list, has a Russian word."""

from enum import StrEnum

import pytest

from ops.student_words import COLUMNS, TABLES, StudentWords
from registry.history import ChangeKind
from registry.model import (
    AchievementKind,
    AchievementLevel,
    AddressKind,
    ExamKind,
    HealthKind,
    Medal,
    Sex,
)
from store.person_history import _HEALTH_SPECS, _SPECS

# What the sealed columns hold, once opened.
_OPENED = {
    "snils",
    "birth_act_number",
    "birth_act_on",
    "birth_act_office",
    "series",
    "number",
    "issued_by",
    "authority_number",
    "kind",
    "code",
    "category",
    "detail",
}


def test_every_table_and_column_of_a_history() -> None:
    specs = (*_SPECS, *_HEALTH_SPECS)
    assert {spec.table.name for spec in specs} == set(TABLES)
    told = {name for spec in specs for name in spec.told} | _OPENED
    assert told == set(COLUMNS)


@pytest.mark.parametrize(
    "values",
    [
        ChangeKind,
        AchievementKind,
        AchievementLevel,
        AddressKind,
        ExamKind,
        HealthKind,
        Medal,
        Sex,
    ],
)
def test_every_value_that_the_register_writes_in_english(values: type[StrEnum]) -> None:
    russian, english = StudentWords("ru"), StudentWords("en")
    for value in values:
        assert russian(value.value) != value.value
        assert english(value.value) == value.value


def test_codes_by_their_titles() -> None:
    say = StudentWords("en")
    assert say.code("programme", "13") == "основное общее образование"
    assert say.code("programme", "999") == "999"
    assert say.code("no such list", "1") == "1"
    assert say.code("programme", None) == ""
    assert (say.column("organisation_id"), say.table("health_items")) == (
        "organisation",
        "health items",
    )
