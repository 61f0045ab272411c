"""The student data: good samples, and their siblings each broken in one named way."""

from copy import deepcopy

import pytest
from lxml import etree

from smev.contracts import EDUCATION_NS, FAULTS_NS, STUDENTS_NS
from smev.schema_files import compile_schema

STUDENTS = compile_schema("students-1.0.xsd")
FAULTS = compile_schema("faults-1.0.xsd")
NS = {"st": STUDENTS_NS, "ed": EDUCATION_NS, "flt": FAULTS_NS}


def sample(text: str) -> etree._Element:
    declarations = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    return etree.fromstring(text.replace(">", f" {declarations}>", 1))


def changed(root: etree._Element, path: str, value: str | None) -> etree._Element:
    """Return a copy with the text at `path` replaced, or the element dropped for None."""
    copy = deepcopy(root)
    element = copy.find(path, NS)
    assert element is not None
    if value is None:
        element.getparent().remove(element)
    else:
        element.text = value
    return copy


BY_SNILS = sample(
    "<st:FindStudentRequest><st:Purpose>Льгота</st:Purpose><st:AsOf>2026-09-01</st:AsOf>"
    "<st:Snils>112-233-445 95</st:Snils></st:FindStudentRequest>"
)
BY_NAME = sample(
    "<st:FindStudentRequest><st:PersonalData><ed:FamilyName>Ёлкина-Петрова</ed:FamilyName>"
    "<ed:FirstName>Анна</ed:FirstName><ed:MiddleName>Львовна</ed:MiddleName>"
    "<ed:BirthDate>2015-02-28</ed:BirthDate></st:PersonalData></st:FindStudentRequest>"
)
BY_DOCUMENT = sample(
    "<st:FindStudentRequest><st:IdentityDocument><ed:Type>11</ed:Type><ed:Series>I-ЕР</ed:Series>"
    "<ed:Number>123456</ed:Number></st:IdentityDocument></st:FindStudentRequest>"
)
RESULT = sample(
    "<st:FindStudentResult><st:Student>"
    "<ed:PersonId>0d4f7f0e-7f43-4a1c-8a8e-2f3c5d6e7f80</ed:PersonId>"
    "<ed:Snils>112-233-445 95</ed:Snils><ed:FamilyName>Ёлкин</ed:FamilyName>"
    "<ed:FirstName>Пётр</ed:FirstName><ed:MiddleName>Львович</ed:MiddleName>"
    "<ed:BirthDate>2015-02-28</ed:BirthDate><ed:Sex>male</ed:Sex>"
    "<ed:Enrolment><ed:Organisation><ed:FullName>Школа № 1</ed:FullName>"
    "<ed:ShortName>Школа</ed:ShortName><ed:INN>7707083893</ed:INN><ed:OGRN>1027700132195</ed:OGRN>"
    "<ed:OKTMO>45000000</ed:OKTMO></ed:Organisation>"
    "<ed:ClassGroup><ed:Parallel>5</ed:Parallel><ed:Letter>А</ed:Letter>"
    "<ed:SchoolYear>2026</ed:SchoolYear></ed:ClassGroup>"
    "<ed:EducationForm>11</ed:EducationForm><ed:ProgrammeKind>13</ed:ProgrammeKind>"
    "<ed:EnrolledOn>2022-09-01</ed:EnrolledOn><ed:Until>2027-05-31</ed:Until></ed:Enrolment>"
    "<ed:AsOf>2026-09-01</ed:AsOf></st:Student></st:FindStudentResult>"
)
REFUSAL = sample(
    "<st:Refusal><st:Code>student.not_found</st:Code><st:Description>Нет</st:Description>"
    "</st:Refusal>"
)
PROBLEMS = sample(
    "<st:Problems><st:Problem><st:Code>snils.check</st:Code><st:Field>Snils</st:Field>"
    "<st:Description>Неверное контрольное число</st:Description></st:Problem></st:Problems>"
)
ERROR = sample(
    '<flt:Error key="signature.invalid"><flt:Code>SMEV-100003</flt:Code>'
    "<flt:Description>Подпись неверна</flt:Description>"
    "<flt:MessageId>0d4f7f0e-7f43-4a1c-8a8e-2f3c5d6e7f80</flt:MessageId></flt:Error>"
)
_S, _E = "st:Student/ed:", "st:Student/ed:Enrolment/ed:"
_P, _D = "st:PersonalData/ed:", "st:IdentityDocument/ed:"

GOOD = {
    "by_snils": BY_SNILS,
    "snils_as_digits": changed(BY_SNILS, "st:Snils", "11223344595"),
    "snils_with_hyphen": changed(BY_SNILS, "st:Snils", "112-233-445-95"),
    "snils_with_wrong_check_number": changed(BY_SNILS, "st:Snils", "112-233-445 96"),
    "without_purpose": changed(BY_SNILS, "st:Purpose", None),
    "without_date": changed(BY_SNILS, "st:AsOf", None),
    "longest_purpose": changed(BY_SNILS, "st:Purpose", "ц" * 500),
    "by_name": BY_NAME,
    "without_middle_name": changed(BY_NAME, _P + "MiddleName", None),
    "longest_name": changed(BY_NAME, _P + "FamilyName", "Ё" * 150),
    "by_document": BY_DOCUMENT,
    "document_without_series": changed(BY_DOCUMENT, _D + "Series", None),
    "result": RESULT,
    "result_without_snils": changed(RESULT, _S + "Snils", None),
    "result_without_middle_name": changed(RESULT, _S + "MiddleName", None),
    "girl": changed(RESULT, _S + "Sex", "female"),
    "not_enrolled": changed(RESULT, _S + "Enrolment", None),
    "without_class": changed(RESULT, _E + "ClassGroup", None),
    "class_without_letter": changed(RESULT, _E + "ClassGroup/ed:Letter", ""),
    "preschool": changed(RESULT, _E + "ClassGroup/ed:Parallel", "0"),
    "without_end": changed(RESULT, _E + "Until", None),
    "organisation_of_one_name": changed(RESULT, _E + "Organisation/ed:ShortName", None),
    "refusal": REFUSAL,
    "problems": PROBLEMS,
    "problem_without_field": changed(PROBLEMS, "st:Problem/st:Field", None),
}
BROKEN = {
    "no_key_at_all": changed(BY_SNILS, "st:Snils", None),
    "snils_too_short": changed(BY_SNILS, "st:Snils", "1122334459"),
    "snils_too_long": changed(BY_SNILS, "st:Snils", "112233445950"),
    "snils_of_letters": changed(BY_SNILS, "st:Snils", "abc-def-ghi jk"),
    "snils_in_arabic_digits": changed(BY_SNILS, "st:Snils", "١١٢٢٣٣٤٤٥٩٥"),
    "snils_half_punctuated": changed(BY_SNILS, "st:Snils", "112-233445 95"),
    "snils_with_newline": changed(BY_SNILS, "st:Snils", "11223344595\n"),
    "snils_empty": changed(BY_SNILS, "st:Snils", ""),
    "purpose_too_long": changed(BY_SNILS, "st:Purpose", "ц" * 501),
    "date_with_time": changed(BY_SNILS, "st:AsOf", "2026-09-01T00:00:00"),
    "date_with_zone": changed(BY_SNILS, "st:AsOf", "2026-09-01+03:00"),
    "date_in_russian_order": changed(BY_SNILS, "st:AsOf", "01.09.2026"),
    "date_that_is_not": changed(BY_SNILS, "st:AsOf", "2026-02-30"),
    "date_of_year_zero": changed(BY_SNILS, "st:AsOf", "0000-01-01"),
    "date_before_christ": changed(BY_SNILS, "st:AsOf", "-2026-01-01"),
    "name_empty": changed(BY_NAME, _P + "FamilyName", ""),
    "name_missing": changed(BY_NAME, _P + "FamilyName", None),
    "name_too_long": changed(BY_NAME, _P + "FirstName", "А" * 151),
    "middle_name_empty": changed(BY_NAME, _P + "MiddleName", ""),
    "birth_date_missing": changed(BY_NAME, _P + "BirthDate", None),
    "document_type_of_letters": changed(BY_DOCUMENT, _D + "Type", "паспорт"),
    "document_type_too_long": changed(BY_DOCUMENT, _D + "Type", "1234"),
    "document_number_missing": changed(BY_DOCUMENT, _D + "Number", None),
    "document_number_empty": changed(BY_DOCUMENT, _D + "Number", ""),
    "document_number_too_long": changed(BY_DOCUMENT, _D + "Number", "1" * 51),
    "person_id_in_braces": changed(RESULT, _S + "PersonId", "{0d4f7f0e}"),
    "person_id_missing": changed(RESULT, _S + "PersonId", None),
    "sex_by_letter": changed(RESULT, _S + "Sex", "М"),
    "sex_missing": changed(RESULT, _S + "Sex", None),
    "as_of_missing": changed(RESULT, _S + "AsOf", None),
    "organisation_missing": changed(RESULT, _E + "Organisation", None),
    "inn_of_eleven_digits": changed(RESULT, _E + "Organisation/ed:INN", "77070838931"),
    "ogrn_too_short": changed(RESULT, _E + "Organisation/ed:OGRN", "1"),
    "oktmo_of_nine_digits": changed(RESULT, _E + "Organisation/ed:OKTMO", "450000000"),
    "parallel_thirteen": changed(RESULT, _E + "ClassGroup/ed:Parallel", "13"),
    "school_year_as_range": changed(RESULT, _E + "ClassGroup/ed:SchoolYear", "2026/2027"),
    "form_by_name": changed(RESULT, _E + "EducationForm", "очная"),
    "enrolled_on_missing": changed(RESULT, _E + "EnrolledOn", None),
    "student_missing": changed(RESULT, "st:Student", None),
    "refusal_without_code": changed(REFUSAL, "st:Code", None),
    "refusal_with_empty_code": changed(REFUSAL, "st:Code", ""),
    "problems_without_problem": changed(PROBLEMS, "st:Problem", None),
    "problem_without_description": changed(PROBLEMS, "st:Problem/st:Description", None),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_sample(name: str) -> None:
    STUDENTS.assertValid(GOOD[name])


@pytest.mark.parametrize("name", BROKEN)
def test_broken_sibling(name: str) -> None:
    assert not STUDENTS.validate(BROKEN[name])


def test_two_keys_are_refused() -> None:
    both = deepcopy(BY_SNILS)
    both.append(deepcopy(BY_NAME)[0])
    assert not STUDENTS.validate(both)


def test_keys_before_purpose_are_refused() -> None:
    swapped = deepcopy(BY_SNILS)
    swapped.insert(0, swapped[-1])
    assert not STUDENTS.validate(swapped)


def test_fault_detail() -> None:
    FAULTS.assertValid(ERROR)
    FAULTS.assertValid(changed(ERROR, "flt:MessageId", None))


@pytest.mark.parametrize(
    ("path", "value"),
    [("flt:Code", None), ("flt:Code", ""), ("flt:Description", None), ("flt:MessageId", "1")],
)
def test_broken_fault_detail(path: str, value: str | None) -> None:
    assert not FAULTS.validate(changed(ERROR, path, value))
