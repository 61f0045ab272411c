"""No coded field of a record is forgotten: each is reported, also one added later."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

import pytest

from registry.coded_fields import (
    certificate_codes,
    class_codes,
    health_codes,
    organisation_codes,
    pupil_codes,
    study_codes,
    subject_codes,
)
from registry.codes import CodeList
from registry.model import HealthKind
from registry.sources import (
    SourceBirthAct,
    SourceCertificate,
    SourceDocument,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceRepresentative,
    SourceStudy,
)
from tests.unit.registry.samples import CLASS, ENROLMENT, PUPIL, SCHOOL

DAY = date(2024, 9, 1)
CODED = {"okfs", "okopf", "entry_reason", "exit_reason", "subject", "code", "category", "type"}

REPRESENTATIVE = SourceRepresentative(
    "parent-1", "?1", "Ёлкина", "Анна", None, DAY, "female", None, "?2", None, DAY, None
)
PUPIL_RECORD = replace(
    PUPIL,
    citizenship_code="?3",
    country_code="?4",
    documents=(SourceDocument("?5", "", "1"), SourceDocument("?6", "", "2")),
    birth_act=SourceBirthAct("1", None, None),
    representatives=(REPRESENTATIVE,),
    enrolment=replace(ENROLMENT, form_code="?7", programme_code="?8", entry_reason="?9"),
)
STUDY = SourceStudy(
    "study-1", "1", "pupil-1", "school-1", DAY, None, "?1", "?2", "?3", "?4", placements=()
)
HEALTH = SourceHealthItem(
    "health-1", "1", "pupil-1", HealthKind.DISABILITY, "?1", "?2", None, DAY, None
)
MARK = SourceMark("mark-1", "1", "pupil-1", "school-1", 2024, 5, "?1", "year", None, "5", DAY)
EXAM = SourceExam("exam-1", "1", "pupil-1", None, "oge", "?1", DAY, 20, 4, True)
CERTIFICATE = SourceCertificate(
    "paper-1", "1", "pupil-1", "school-1", "?1", "7", DAY, False, None, None
)
SCHOOL_RECORD = replace(SCHOOL, type_code="?1", status_code="?2", okfs="?3", okopf="?4")
CLASS_RECORD = replace(CLASS, language_code="?1")

Codes = Callable[[Any], Iterable[tuple[CodeList, str]]]
RECORDS: list[tuple[Any, Codes]] = [
    (SCHOOL_RECORD, organisation_codes),
    (CLASS_RECORD, class_codes),
    (PUPIL_RECORD, pupil_codes),
    (STUDY, study_codes),
    (HEALTH, health_codes),
    (MARK, subject_codes),
    (EXAM, subject_codes),
    (CERTIFICATE, certificate_codes),
]


def coded_values(value: Any) -> Iterator[Any]:
    """The values of the fields that are codes by their names, in the records inside as well."""
    if isinstance(value, tuple):
        for each in value:
            yield from coded_values(each)
    elif is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            if field.name in CODED or field.name.endswith("_code"):
                yield inner
            else:
                yield from coded_values(inner)


@pytest.mark.parametrize(("record", "codes"), RECORDS)
def test_every_coded_field_is_named(record: Any, codes: Codes) -> None:
    values = sorted(coded_values(record))
    assert all(value.startswith("?") for value in values), "the sample leaves a code unset"
    assert sorted(code for _, code in codes(record)) == values


def test_each_code_goes_to_its_list() -> None:
    assert list(pupil_codes(PUPIL_RECORD)) == [
        (CodeList.CITIZENSHIP, "?3"),
        (CodeList.COUNTRY, "?4"),
        (CodeList.IDENTITY_DOCUMENT_TYPE, "?5"),
        (CodeList.IDENTITY_DOCUMENT_TYPE, "?6"),
        (CodeList.REPRESENTATIVE_TYPE, "?1"),
        (CodeList.AUTHORITY_DOCUMENT_TYPE, "?2"),
        (CodeList.EDUCATION_FORM, "?7"),
        (CodeList.PROGRAMME, "?8"),
        (CodeList.ENTRY_REASON, "?9"),
    ]
    assert list(organisation_codes(SCHOOL_RECORD)) == [
        (CodeList.ORGANISATION_TYPE, "?1"),
        (CodeList.ORGANISATION_STATUS, "?2"),
        (CodeList.OWNERSHIP_FORM, "?3"),
        (CodeList.LEGAL_FORM, "?4"),
    ]
    assert list(class_codes(CLASS_RECORD)) == [(CodeList.LANGUAGE, "?1")]
    assert list(study_codes(STUDY))[-1] == (CodeList.EXIT_REASON, "?4")


def test_a_code_that_is_left_out_is_not_unknown() -> None:
    bare = replace(PUPIL, documents=(), enrolment=replace(ENROLMENT, entry_reason=""))
    lists = [code_list for code_list, _ in pupil_codes(bare)]
    assert lists == [CodeList.CITIZENSHIP, CodeList.EDUCATION_FORM, CodeList.PROGRAMME]


@pytest.mark.parametrize(
    ("kind", "lists"),
    [
        (HealthKind.HEALTH_GROUP, [CodeList.HEALTH_GROUP]),
        (HealthKind.PHYSICAL_EDUCATION_GROUP, [CodeList.PHYSICAL_EDUCATION_GROUP]),
        (HealthKind.DISABILITY, [CodeList.DISABILITY, CodeList.DISABILITY_CATEGORY]),
        (HealthKind.LONG_TREATMENT, [CodeList.LONG_TREATMENT]),
        (HealthKind.COMMISSION, []),
        (HealthKind.NOSOLOGY, []),
        (HealthKind.VACCINATION, []),
        ("no such kind", []),
    ],
)
def test_the_list_of_a_health_item_goes_by_its_kind(kind: str, lists: list[CodeList]) -> None:
    assert [each for each, _ in health_codes(replace(HEALTH, kind=kind))] == lists
