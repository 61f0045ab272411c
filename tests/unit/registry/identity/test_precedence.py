"""Which source's value stands."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from registry.errors import RegistryError
from registry.identity.precedence import (
    FieldValue,
    Value,
    load_precedence,
    parse_precedence,
    resolve_fields,
)
from registry.identity.records import FullName, RecordRef

NOW = datetime(2025, 9, 1, 9, 0, tzinfo=UTC)
RULES = load_precedence()


def value(
    field: str, content: Value, source: str = "school", basis: str = "system", days: int = 0
) -> FieldValue:
    return FieldValue(field, content, RecordRef(source, "1"), basis, NOW + timedelta(days=days))


def test_what_is_verified_wins_over_what_is_newer() -> None:
    checked = value("snils", "11223344595", basis="verified")
    shown = value("snils", "06494906300", "clinic", "document", days=300)
    resolution = resolve_fields([shown, checked], RULES)
    assert resolution.fields["snils"].winner is checked
    assert resolution.fields["snils"].others == (shown,)
    assert [each.code for each in resolution.problems] == ["person.snils_differs"]


def test_of_equals_the_later_recorded_wins_in_any_order() -> None:
    values = [
        value("family_name", "Иванова"),
        value("family_name", "Петрова", "clinic", days=1),
        value("family_name", "Сидорова", "circles", days=-1),
    ]
    for order in permutations(values):
        resolved = resolve_fields(order, RULES).fields["family_name"]
        assert resolved.winner.value == "Петрова"
        assert [each.value for each in resolved.others] == ["Иванова", "Сидорова"]


def test_a_changed_surname_is_no_problem() -> None:
    values = [value("family_name", "Иванова"), value("family_name", "Петрова", "clinic")]
    assert resolve_fields(values, RULES).problems == ()


def test_two_mothers_are_a_problem() -> None:
    values = [
        value("mother", FullName("Иванова", "Мария", "Сергеевна"), basis="document"),
        value("mother", FullName("Иванова", "Ольга", "Сергеевна"), "clinic"),
    ]
    resolution = resolve_fields(values, RULES)
    (problem,) = resolution.problems
    assert problem.code == "person.mothers_differ"
    assert problem.field == "mother"
    assert problem.clause == "143-ФЗ, ст. 22"
    assert resolution.fields["mother"].winner.record.source == "school"


@pytest.mark.parametrize(
    "same",
    [
        FullName("Петрова", "Мария", "Сергеевна"),
        FullName("ИВАНОВА", "МАРИЯ", None),
        FullName("Иванова", "Марья", "Сергеевна"),
    ],
)
def test_one_mother_in_two_spellings_is_none(same: FullName) -> None:
    values = [
        value("mother", FullName("Иванова", "Мария", "Сергеевна")),
        value("mother", same, "clinic"),
    ]
    assert resolve_fields(values, RULES).problems == ()


def test_all_problems_at_once() -> None:
    values = [
        value("snils", "11223344595"),
        value("snils", "06494906300", "clinic"),
        value("birth_date", date(2013, 5, 4)),
        value("birth_date", date(2013, 4, 5), "clinic"),
        value("sex", "female"),
        value("sex", "male", "clinic"),
        value("birth_act", "1"),
        value("birth_act", "2", "clinic"),
    ]
    codes = {each.code for each in resolve_fields(values, RULES).problems}
    assert codes == {
        "person.snils_differs",
        "person.birth_date_differs",
        "person.sex_differs",
        "person.birth_act_differs",
    }


def test_spelling_alone_is_no_difference() -> None:
    values = [value("first_name", "Алёна"), value("first_name", "АЛЕНА", "clinic")]
    assert resolve_fields(values, RULES).fields["first_name"].others == ()


def test_a_region_may_prefer_a_source() -> None:
    rules = parse_precedence(
        'version = "1"\nbases = ["system"]\n'
        '[fields.sex]\norder = ["system"]\nsources = ["clinic"]\n'
    )
    values = [value("sex", "male", days=9), value("sex", "female", "clinic")]
    assert resolve_fields(values, rules).fields["sex"].winner.record.source == "clinic"


def test_a_basis_that_a_field_does_not_list_comes_last() -> None:
    values = [
        value("citizenship_code", "3", basis="verified", days=9),
        value("citizenship_code", "1", basis="declared"),
    ]
    assert resolve_fields(values, RULES).fields["citizenship_code"].winner.value == "1"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (value("shoe_size", "36"), "precedence.field"),
        (value("sex", "male", basis="rumour"), "precedence.basis"),
    ],
)
def test_nothing_is_ranked_by_guess(bad: FieldValue, code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        resolve_fields([bad], RULES)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("version = ", "precedence.syntax"),
        ('version = "1"', "precedence.syntax"),
        ('version = "1"\nbases = []\n[fields.sex]\norder = 5', "precedence.syntax"),
        (
            'version = "1"\nbases = []\n[fields.shoes]\nunchanging = true\norder = []',
            "precedence.syntax",
        ),
        ('version = "1"\nbases = []\n[fields.sex]\norder = ["rumour"]', "precedence.basis"),
    ],
)
def test_broken_rules_are_refused(text: str, code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        parse_precedence(text)
    assert caught.value.code == code


def test_the_rules_name_every_problem() -> None:
    assert RULES.version
    unchanging = {name for name, rule in RULES.fields.items() if rule.unchanging}
    assert unchanging == {"snils", "birth_date", "sex", "birth_act", "mother"}
