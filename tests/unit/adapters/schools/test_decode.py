"""Records from XML to values: every problem of a bad one is told, and none stops the others."""

from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.errors import AdapterError
from adapters.schools import decode
from adapters.schools.codes import load_code_lists
from adapters.schools.fields import Shape
from adapters.schools.pages import NAMESPACE, Undecodable
from registry.imports import SourceClass, SourceDocument, SourceEnrolment, SourcePupil

LISTS = load_code_lists("gorod.toml")
XS = "{http://www.w3.org/2001/XMLSchema}"

PUPIL = """<SourceId>u1</SourceId><Version>3</Version><FamilyName>Королёв</FamilyName>
<FirstName>Пётр</FirstName><MiddleName>Ильич</MiddleName><BirthDate>2012-02-29</BirthDate>
<Sex>М</Sex><Snils>11223344595</Snils>
<IdentityDocument><Type>Паспорт РФ</Type><Series>8022</Series><Number>123456</Number>
</IdentityDocument><CitizenshipCode>0</CitizenshipCode><Enrolment>
<OrganisationId>o1</OrganisationId><ClassId>c1</ClassId><From>2019-09-01</From><To>2026-05-31</To>
<Form>Очная</Form><Programme>ООО</Programme><EntryReason>Прием в 1 класс</EntryReason>
</Enrolment>"""
MINIMAL = """<SourceId>u1</SourceId><Version>3</Version><FamilyName>Ли</FamilyName>
<FirstName>Ан</FirstName><BirthDate>2012-02-29</BirthDate><Sex>Ж</Sex>
<CitizenshipCode>1</CitizenshipCode>"""


def pupils(*records: str) -> tuple[tuple[SourcePupil, ...], tuple[Undecodable, ...]]:
    inside = "".join(f"<Pupil>{each}</Pupil>" for each in records)
    items = etree.fromstring(f'<Items xmlns="{NAMESPACE}">{inside}</Items>')
    return decode.decode_records(items, decode.PUPIL, decode.decode_pupil, LISTS)


def problems_of(record: str) -> set[tuple[str, str]]:
    records, undecodable = pupils(record)
    assert records == ()
    (only,) = undecodable
    return {(each.code, each.field) for each in only.problems}


def test_a_whole_pupil() -> None:
    ((pupil,), undecodable) = pupils(PUPIL)
    assert undecodable == ()
    assert pupil == SourcePupil(
        source_id="u1",
        version="3",
        family_name="Королёв",
        first_name="Пётр",
        middle_name="Ильич",
        birth_date=date(2012, 2, 29),
        sex="male",
        snils="11223344595",
        citizenship_code="1",
        documents=(SourceDocument("12", "8022", "123456"),),
        enrolment=SourceEnrolment(
            "o1", "c1", date(2019, 9, 1), date(2026, 5, 31), "11", "13", "admission.class_1"
        ),
    )


def test_a_pupil_with_nothing_optional() -> None:
    ((pupil,), undecodable) = pupils(MINIMAL)
    assert undecodable == ()
    assert (pupil.middle_name, pupil.snils, pupil.documents, pupil.enrolment) == (
        None,
        None,
        (),
        None,
    )
    assert pupil.citizenship_code == "3"


def test_empty_elements_are_absent_ones() -> None:
    ((pupil,), _) = pupils(MINIMAL + "<MiddleName/><Snils>  </Snils>")
    assert (pupil.middle_name, pupil.snils) == (None, None)


def test_white_space_is_that_of_a_token() -> None:
    ((pupil,), _) = pupils(MINIMAL.replace("Ли", "\n\t Ли   \r\n Бо\t"))
    assert pupil.family_name == "Ли Бо"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<SourceId>u1</SourceId>", "", ("record.field_missing", "SourceId")),
        ("<Version>3</Version>", "<Version/>", ("record.field_missing", "Version")),
        ("<Sex>М</Sex>", "", ("record.field_missing", "Sex")),
        ("<Sex>М</Sex>", "<Sex>муж</Sex>", ("record.code_unknown", "Sex")),
        ("<Sex>М</Sex>", "<Sex>male</Sex>", ("record.code_unknown", "Sex")),
        ("2012-02-29", "2011-02-29", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "20120229", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "2012-W05-1", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "29.02.2012", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "٢٠١٢-02-29", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "0000-01-01", ("record.date_invalid", "BirthDate")),
        ("2012-02-29", "2012-02-29T00:00:00", ("record.date_invalid", "BirthDate")),
        ("Королёв", "К" * 101, ("record.field_too_long", "FamilyName")),
        (">0<", ">4<", ("record.code_unknown", "CitizenshipCode")),
        ("2019-09-01", "", ("record.field_missing", "Enrolment.From")),
        ("2026-05-31", "soon", ("record.date_invalid", "Enrolment.To")),
        ("Очная", "11", ("record.code_unknown", "Enrolment.Form")),
        (
            "<Number>123456</Number>",
            "",
            ("record.field_missing", "IdentityDocument.Number"),
        ),
        (
            "<FirstName>Пётр</FirstName>",
            "<FirstName>Пётр</FirstName><FirstName>Павел</FirstName>",
            ("record.field_repeated", "FirstName"),
        ),
    ],
)
def test_one_wrong_field_makes_one_problem(old: str, new: str, problem: tuple[str, str]) -> None:
    assert old in PUPIL
    assert problems_of(PUPIL.replace(old, new, 1)) == {problem}


def test_all_problems_are_told_at_once() -> None:
    assert problems_of("") == {
        ("record.field_missing", name)
        for name in (
            "SourceId",
            "Version",
            "FamilyName",
            "FirstName",
            "BirthDate",
            "Sex",
            "CitizenshipCode",
        )
    }


def test_problems_say_nothing_about_the_person() -> None:
    _, (bad,) = pupils(PUPIL.replace("2012-02-29", "родился Королёв"))
    assert "Королёв" not in repr(bad)


def test_too_many_parts_are_a_problem() -> None:
    document = "<IdentityDocument><Type>x</Type><Number>1</Number></IdentityDocument>"
    assert problems_of(MINIMAL + document * 11) == {("record.field_repeated", "IdentityDocument")}
    assert len(pupils(MINIMAL + document * 10)[0]) == 1


def test_a_time_zone_leaves_the_day_as_it_is_written() -> None:
    for zone in ("Z", "+12:00", "-11:00"):
        ((pupil,), _) = pupils(MINIMAL.replace("2012-02-29", f"2012-02-29{zone}"))
        assert pupil.birth_date == date(2012, 2, 29)


def test_an_unknown_code_is_kept_as_received() -> None:
    record = PUPIL.replace("Паспорт РФ", "Карта моряка").replace("Очная", "Дистанционная")
    ((pupil,), _) = pupils(record)
    assert pupil.documents[0].type == "Карта моряка"
    assert pupil.enrolment is not None
    assert pupil.enrolment.form_code == "Дистанционная"


def test_bad_records_leave_the_good_ones_alone() -> None:
    records, undecodable = pupils(MINIMAL, "", MINIMAL.replace("u1", "u2"), MINIMAL)
    assert [each.source_id for each in records] == ["u1", "u2"]
    assert [each.source_id for each in undecodable] == ["", "u1"]
    assert undecodable[1].problems[0].code == "record.duplicate"


@pytest.mark.parametrize(
    "extra",
    [
        "<Rating>5</Rating>",
        '<SourceId xmlns="urn:other">u1</SourceId>',
        "<Enrolment><Teacher/></Enrolment>",
    ],
)
def test_an_element_that_the_contract_has_not_stops_everything(extra: str) -> None:
    with pytest.raises(AdapterError) as caught:
        pupils(MINIMAL + extra)
    assert caught.value.code == "source.contract_changed"


def test_a_text_with_elements_in_it_stops_everything() -> None:
    with pytest.raises(AdapterError) as caught:
        pupils(MINIMAL.replace("Ли", "<b>Ли</b>"))
    assert caught.value.code == "source.contract_changed"


def class_of(**changes: str) -> tuple[tuple[SourceClass, ...], tuple[Undecodable, ...]]:
    values = {
        "SourceId": "c1",
        "Version": "1",
        "OrganisationId": "o1",
        "Parallel": "5",
        "Letter": "А",
        "SchoolYear": "2025",
        **changes,
    }
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    items = etree.fromstring(f'<Items xmlns="{NAMESPACE}"><Class>{inside}</Class></Items>')
    return decode.decode_records(items, decode.CLASS, decode.decode_class, LISTS)


def test_a_class() -> None:
    assert class_of() == ((SourceClass("c1", "1", "o1", 5, "А", 2025, None, None),), ())
    ((group,), _) = class_of(Shift="2", Capacity=" +25 ")
    assert (group.shift, group.capacity) == (2, 25)


@pytest.mark.parametrize("number", ["five", "5.0", "-5", "0x5", "5_0", "٥", "1" * 10])
def test_a_number_that_is_none(number: str) -> None:
    records, (bad,) = class_of(Parallel=number)
    assert records == ()
    assert [(each.code, each.field) for each in bad.problems] == [
        ("record.number_invalid", "Parallel")
    ]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40))
def test_any_text_is_a_value_or_a_problem(text: str) -> None:
    record = etree.fromstring(f'<Pupil xmlns="{NAMESPACE}">{MINIMAL}</Pupil>')
    try:
        for child in record:
            child.text = text
    except ValueError:
        return  # XML cannot hold it
    records, undecodable = decode.decode_records([record], decode.PUPIL, decode.decode_pupil, LISTS)
    assert len(records) + len(undecodable) == 1


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Organisation", decode.ORGANISATION),
        ("Class", decode.CLASS),
        ("Pupil", decode.PUPIL),
        ("IdentityDocument", decode.DOCUMENT),
        ("Enrolment", decode.ENROLMENT),
    ],
)
def test_shapes_are_those_of_the_published_schema(name: str, shape: Shape) -> None:
    schema = etree.fromstring(files("xsd").joinpath("school-export-1.0.xsd").read_bytes())
    simple = {
        each.get("name"): each.find(f".//{XS}maxLength")
        for each in schema.iter(f"{XS}simpleType")
        if each.get("name")
    }
    record = next(each for each in schema.iter(f"{XS}complexType") if each.get("name") == name)
    texts, parts = {}, {}
    for element in record.iter(f"{XS}element"):
        kind = str(element.get("type")).removeprefix("se:")
        if kind in ("IdentityDocument", "Enrolment"):
            parts[element.get("name")] = int(element.get("maxOccurs", "1"))
            continue
        length = simple[kind] if kind in simple else element.find(f".//{XS}maxLength")
        texts[element.get("name")] = None if length is None else int(length.get("value", "0"))

    assert dict(shape.parts.values()) == parts
    ours = dict(shape.texts.values())
    assert ours.keys() == texts.keys()
    assert {n: ours[n] for n, length in texts.items() if length} == {
        n: length for n, length in texts.items() if length
    }
