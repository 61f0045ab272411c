"""Records of the export contract, decoded into what the register imports.

Names, order and lengths of fields are those of xsd/school-export-1.0.xsd; a test compares them.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from lxml import etree

from adapters.schools.codes import CodeLists
from adapters.schools.fields import Fields, Shape
from adapters.schools.pages import Undecodable
from registry.imports import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)
from registry.problems import Problem

R = TypeVar("R", SourceOrganisation, SourceClass, SourcePupil)
Decoder = Callable[[Fields, CodeLists], R]

_ID = 64
_CODE = 100
_NAME = 100
_TITLE = 500
_DIGITS = 32

ORGANISATION = Shape.of(
    texts={
        "SourceId": _ID,
        "Version": _ID,
        "FullName": _TITLE,
        "ShortName": _TITLE,
        "Inn": _DIGITS,
        "Ogrn": _DIGITS,
        "Oktmo": _DIGITS,
        "TypeCode": _CODE,
        "StatusCode": _CODE,
    },
)
CLASS = Shape.of(
    texts={
        "SourceId": _ID,
        "Version": _ID,
        "OrganisationId": _ID,
        "Parallel": _DIGITS,
        "Letter": 20,
        "SchoolYear": _DIGITS,
        "Shift": _DIGITS,
        "Capacity": _DIGITS,
    },
)
PUPIL = Shape.of(
    texts={
        "SourceId": _ID,
        "Version": _ID,
        "FamilyName": _NAME,
        "FirstName": _NAME,
        "MiddleName": _NAME,
        "BirthDate": _DIGITS,
        "Sex": _CODE,
        "Snils": _DIGITS,
        "CitizenshipCode": _CODE,
    },
    parts={"IdentityDocument": 10, "Enrolment": 1},
)
DOCUMENT = Shape.of(texts={"Type": _CODE, "Series": 20, "Number": 30})
ENROLMENT = Shape.of(
    texts={
        "OrganisationId": _ID,
        "ClassId": _ID,
        "From": _DIGITS,
        "To": _DIGITS,
        "Form": _CODE,
        "Programme": _CODE,
        "EntryReason": _CODE,
    },
)

_DUPLICATE = Problem("record.duplicate", "SourceId", "Запись с этим SourceId на странице уже была")


def decode_records(
    elements: Iterable[etree._Element], shape: Shape, decoder: Decoder[R], lists: CodeLists
) -> tuple[tuple[R, ...], tuple[Undecodable, ...]]:
    """The records that could be read, and the others; of two with one id the first is taken.

    Raises `AdapterError` (source.contract_changed) for an element that the contract has not.
    """
    records: list[R] = []
    undecodable: list[Undecodable] = []
    seen: set[str] = set()
    for element in elements:
        fields = Fields(element, shape)
        record = decoder(fields, lists)
        if record.source_id in seen:
            fields.problems.append(_DUPLICATE)
        if fields.problems:
            undecodable.append(Undecodable(record.source_id, tuple(fields.problems)))
        else:
            seen.add(record.source_id)
            records.append(record)
    return tuple(records), tuple(undecodable)


def decode_organisation(fields: Fields, lists: CodeLists) -> SourceOrganisation:
    """An organisation; meaningless where `fields` has problems, as with all decoders."""
    return SourceOrganisation(
        source_id=fields.required("SourceId"),
        version=fields.required("Version"),
        full_name=fields.required("FullName"),
        short_name=fields.optional("ShortName"),
        inn=fields.optional("Inn"),
        ogrn=fields.optional("Ogrn"),
        oktmo=fields.optional("Oktmo"),
        type_code=fields.code("TypeCode", lists.organisation_type),
        status_code=fields.code("StatusCode", lists.organisation_status),
    )


def decode_class(fields: Fields, _: CodeLists) -> SourceClass:
    """A class."""
    return SourceClass(
        source_id=fields.required("SourceId"),
        version=fields.required("Version"),
        organisation_source_id=fields.required("OrganisationId"),
        parallel=fields.number("Parallel"),
        letter=fields.required("Letter"),
        school_year=fields.number("SchoolYear"),
        shift=fields.optional_number("Shift"),
        capacity=fields.optional_number("Capacity"),
    )


def decode_pupil(fields: Fields, lists: CodeLists) -> SourcePupil:
    """A pupil with documents and enrolment."""
    enrolments = fields.parts("Enrolment", ENROLMENT)
    return SourcePupil(
        source_id=fields.required("SourceId"),
        version=fields.required("Version"),
        family_name=fields.required("FamilyName"),
        first_name=fields.required("FirstName"),
        middle_name=fields.optional("MiddleName"),
        birth_date=fields.day("BirthDate"),
        sex=fields.code("Sex", lists.sex),
        snils=fields.optional("Snils"),
        citizenship_code=fields.code("CitizenshipCode", lists.citizenship),
        documents=tuple(
            SourceDocument(
                type=document.code("Type", lists.document_type),
                series=document.optional("Series") or "",
                number=document.required("Number"),
            )
            for document in fields.parts("IdentityDocument", DOCUMENT)
        ),
        enrolment=_decode_enrolment(enrolments[0], lists) if enrolments else None,
    )


def _decode_enrolment(fields: Fields, lists: CodeLists) -> SourceEnrolment:
    return SourceEnrolment(
        organisation_source_id=fields.required("OrganisationId"),
        class_source_id=fields.optional("ClassId"),
        begins_on=fields.day("From"),
        ends_on=fields.optional_day("To"),
        form_code=fields.code("Form", lists.education_form),
        programme_code=fields.code("Programme", lists.programme),
        entry_reason=fields.code("EntryReason", lists.entry_reason),
    )
