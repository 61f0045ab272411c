"""Rules on what comes with a pupil: each broken record is named for its defect."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registry.import_rules import check_pupil
from registry.sources import SourceDocument, SourcePupil
from tests.unit.registry.samples import ADDRESS, BIRTH_ACT, MOTHER, NOW, PUPIL

TODAY = NOW.date()
WHOLE = replace(
    PUPIL,
    country_code="398",
    birth_place="г. Новозаречинск",
    birth_act=BIRTH_ACT,
    addresses=(ADDRESS,),
    representatives=(MOTHER,),
)
FATHER = replace(MOTHER, source_id="parent-2", first_name="Пётр", sex="male", middle_name=None)
OTHER_MOTHER = replace(MOTHER, source_id="parent-3", first_name="Анна")
STEPMOTHER = replace(OTHER_MOTHER, begins_on=date(2020, 1, 1))


def found(record: SourcePupil) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in check_pupil(record, today=TODAY)]


def with_address(**changes: Any) -> SourcePupil:
    return replace(WHOLE, addresses=(replace(ADDRESS, **changes),))


def with_mother(**changes: Any) -> SourcePupil:
    return replace(WHOLE, representatives=(replace(MOTHER, **changes),))


def with_document(**changes: Any) -> SourcePupil:
    return replace(WHOLE, documents=(SourceDocument("11", "II-АН", "123456", **changes),))


@pytest.mark.parametrize(
    "record",
    [
        WHOLE,
        replace(WHOLE, birth_place="", country_code=None),
        replace(WHOLE, representatives=(MOTHER, FATHER)),
        replace(WHOLE, representatives=(MOTHER, replace(OTHER_MOTHER, type_code="2"))),
        replace(WHOLE, representatives=(MOTHER, replace(MOTHER, type_code="3"))),
        replace(
            WHOLE,
            representatives=(replace(MOTHER, ends_on=date(2019, 12, 31)), STEPMOTHER),
        ),
        replace(
            WHOLE, representatives=(MOTHER, replace(MOTHER, source_id="p", family_name="ЕЛКИНА"))
        ),
        with_document(issued_on=PUPIL.birth_date, valid_until=date(2050, 1, 1)),
        with_address(begins_on=None, fias_id=None, oktmo=None),
    ],
)
def test_good_records(record: SourcePupil) -> None:
    assert found(record) == []


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        (replace(WHOLE, country_code="3" * 21), "text.too_long", "country_code"),
        (replace(WHOLE, birth_place="a\0b"), "text.characters", "birth_place"),
        (
            replace(WHOLE, birth_act=replace(BIRTH_ACT, number=" ")),
            "text.empty",
            "birth_act.number",
        ),
        (
            replace(WHOLE, birth_act=replace(BIRTH_ACT, office="a\0b")),
            "text.characters",
            "birth_act.office",
        ),
        (
            replace(WHOLE, birth_act=replace(BIRTH_ACT, recorded_on=date(2013, 5, 16))),
            "birth_act.before_birth",
            "birth_act.recorded_on",
        ),
        (
            replace(WHOLE, birth_act=replace(BIRTH_ACT, recorded_on=date(2099, 5, 16))),
            "day.impossible",
            "birth_act.recorded_on",
        ),
        (with_address(kind="home"), "address.kind", "addresses[0].kind"),
        (with_address(text=""), "text.empty", "addresses[0].text"),
        (with_address(fias_id="not a guid"), "address.fias_id", "addresses[0].fias_id"),
        (with_address(oktmo="1"), "oktmo.format", "addresses[0].oktmo"),
        (with_address(ends_on=date(2013, 5, 31)), "period.reversed", "addresses[0].ends_on"),
        (with_address(begins_on=date(2099, 1, 1)), "period.begin", "addresses[0].begins_on"),
        (with_address(begins_on=date(1812, 1, 1)), "period.begin", "addresses[0].begins_on"),
        (replace(WHOLE, addresses=(ADDRESS,) * 51), "address.too_many", "addresses"),
        (with_mother(source_id=""), "text.empty", "representatives[0].source_id"),
        (with_mother(type_code=""), "text.empty", "representatives[0].type_code"),
        (with_mother(family_name="3"), "name.characters", "representatives[0].family_name"),
        (with_mother(first_name=""), "name.empty", "representatives[0].first_name"),
        (with_mother(middle_name="3"), "name.characters", "representatives[0].middle_name"),
        (
            with_mother(birth_date=date(2099, 1, 1)),
            "birth_date.future",
            "representatives[0].birth_date",
        ),
        (with_mother(sex="?"), "person.sex", "representatives[0].sex"),
        (with_mother(snils="1"), "snils.format", "representatives[0].snils"),
        (
            with_mother(authority_number="n" * 201),
            "text.too_long",
            "representatives[0].authority_number",
        ),
        (
            with_mother(begins_on=date(2020, 1, 2), ends_on=date(2020, 1, 1)),
            "period.reversed",
            "representatives[0].ends_on",
        ),
        (
            replace(WHOLE, representatives=(FATHER, MOTHER, OTHER_MOTHER)),
            "representative.two_mothers",
            "representatives[2]",
        ),
        (
            replace(WHOLE, representatives=(MOTHER, replace(MOTHER, first_name="Анна"))),
            "representative.repeated",
            "representatives[1]",
        ),
        (with_mother(snils=PUPIL.snils), "representative.is_child", "representatives[0].snils"),
        (
            replace(WHOLE, representatives=(MOTHER,) * 21),
            "representative.too_many",
            "representatives",
        ),
        (
            with_document(issued_on=date(2099, 1, 1)),
            "document.issued_on",
            "documents[0].issued_on",
        ),
        (
            with_document(issued_on=date(2013, 5, 16)),
            "document.issued_on",
            "documents[0].issued_on",
        ),
        (
            with_document(issued_on=date(2020, 5, 16), valid_until=date(2020, 5, 15)),
            "document.valid_until",
            "documents[0].valid_until",
        ),
        (with_document(issued_by="a\0b"), "text.characters", "documents[0].issued_by"),
    ],
)
def test_each_defect(record: SourcePupil, code: str, field: str) -> None:
    assert (code, field) in found(record)


def test_one_snils_for_two_persons() -> None:
    parents = tuple(replace(each, snils="064-949-063 00") for each in (MOTHER, FATHER))
    assert found(replace(WHOLE, representatives=parents)) == [
        ("representative.repeated", "representatives[1]")
    ]


def test_all_defects_at_once_and_no_value_in_a_message() -> None:
    bad = replace(
        with_address(kind="home", text=""),
        representatives=(replace(MOTHER, sex="?", snils="999"),),
        birth_act=replace(BIRTH_ACT, number=""),
    )
    problems = check_pupil(bad, today=TODAY)
    assert [problem.code for problem in problems] == [
        "text.empty",
        "address.kind",
        "text.empty",
        "person.sex",
        "snils.format",
    ]
    assert not any("999" in problem.message_ru for problem in problems)
