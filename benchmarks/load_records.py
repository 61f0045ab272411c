"""The records of a load, made one batch after another, so that a million take no memory."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from benchmarks.settings import SEED
from fixtures.records import Pupil, School, SchoolClass
from fixtures.region import Region
from registry.model import Sex
from registry.sources import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)

_PUPILS_A_SCHOOL = 800
_PASSPORT, _CERTIFICATE, _FOREIGN = "12", "11", "21"
_PROGRAMMES = {"НОО": "12", "ООО": "13", "СОО": "14"}
_CITIZENSHIPS = {"0": "1", "1": "3", "2": "4", "3": "2"}


def make_batches(persons: int, size: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Batches of at most `size` records with the kind of each: schools, classes, pupils."""
    region = Region(SEED, max(1, persons // _PUPILS_A_SCHOOL), persons)
    kinds: tuple[tuple[str, Iterator[Any]], ...] = (
        ("organisations", map(_organisation, region.organisations())),
        ("classes", map(_class, region.classes())),
        ("pupils", map(_pupil, region.pupils())),
    )
    for kind, records in kinds:
        while batch := tuple(islice(records, size)):
            yield kind, batch


def _organisation(school: School) -> SourceOrganisation:
    return SourceOrganisation(
        source_id=school.source_id,
        version=school.version,
        full_name=school.full_name,
        short_name=school.short_name,
        inn=school.inn,
        ogrn=school.ogrn,
        oktmo=school.oktmo,
        type_code=None,
        status_code="1",
    )


def _class(each: SchoolClass) -> SourceClass:
    return SourceClass(
        source_id=each.source_id,
        version=each.version,
        organisation_source_id=each.school_id,
        parallel=each.parallel,
        letter=each.letter,
        school_year=each.school_year,
        shift=each.shift,
        capacity=each.capacity,
    )


def _pupil(pupil: Pupil) -> SourcePupil:
    return SourcePupil(
        source_id=pupil.source_id,
        version=pupil.version,
        family_name=pupil.family_name,
        first_name=pupil.first_name,
        middle_name=pupil.middle_name,
        birth_date=pupil.birth_date,
        sex=Sex.MALE.value if pupil.sex == "М" else Sex.FEMALE.value,
        snils=pupil.snils,
        citizenship_code=_CITIZENSHIPS[pupil.citizenship_code],
        documents=tuple(
            SourceDocument(_document_type(each.type), each.series, each.number)
            for each in pupil.documents
        ),
        enrolment=SourceEnrolment(
            organisation_source_id=pupil.school_id,
            class_source_id=pupil.class_id,
            begins_on=pupil.enrolled_on,
            ends_on=None,
            form_code="11",
            programme_code=_PROGRAMMES[pupil.programme],
            entry_reason=pupil.entry_reason,
        ),
    )


def _document_type(title: str) -> str:
    if title.startswith("Свидетельство"):
        return _CERTIFICATE
    return _PASSPORT if title == "Паспорт РФ" else _FOREIGN
