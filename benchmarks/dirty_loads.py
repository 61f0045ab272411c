"""The dirty records of `fixtures.dirt` as the records of sources, ready to be loaded.

The records go past the rules of `registry.import_rules`, which would refuse a СНИЛС with wrong
check digits: it is evidence here. Studies are of additional education, since a source's school is
another organisation of the register than the next source's.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from fixtures.dirty_records import DirtyRecord
from fixtures.population import Name
from registry.model import Sex
from registry.sources import (
    SourceAddress,
    SourceBirthAct,
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
    SourceRepresentative,
)

_BEGAN = date(2024, 9, 1)
_ADDITIONAL_EDUCATION = "31"


def pupil_of(dirty: DirtyRecord) -> SourcePupil:
    """A dirty record as an adapter would hand it over."""
    act = dirty.act
    return SourcePupil(
        source_id=dirty.source_id,
        version="1",
        family_name=dirty.name.family,
        first_name=dirty.name.first,
        middle_name=dirty.name.middle,
        birth_date=dirty.birth_date,
        sex=_sex(dirty.male),
        snils=dirty.snils,
        citizenship_code="1",
        documents=tuple(
            SourceDocument(each.type, each.series, each.number) for each in dirty.papers
        ),
        enrolment=_enrolment(dirty),
        birth_act=None if act is None else SourceBirthAct(act.number, act.day, act.office or None),
        addresses=() if dirty.house is None else (_address(dirty.house),),
        representatives=() if dirty.parent is None else (_parent(dirty.source_id, dirty.parent),),
    )


def _sex(male: bool) -> str:
    return Sex.MALE.value if male else Sex.FEMALE.value


def _enrolment(dirty: DirtyRecord) -> SourceEnrolment | None:
    if dirty.school is None:
        return None
    class_name = dirty.class_name
    return SourceEnrolment(
        organisation_source_id=str(dirty.school),
        class_source_id=None if class_name is None else f"{dirty.school}/{class_name}",
        begins_on=_BEGAN,
        ends_on=None,
        form_code="11",
        programme_code=_ADDITIONAL_EDUCATION,
        entry_reason=None,
    )


def _address(house: int) -> SourceAddress:
    return SourceAddress("actual", f"дом {house}", str(house), None, None, None)


def _parent(source_id: str, name: Name) -> SourceRepresentative:
    """A parent; the birth date, which the dirty record doesn't tell, follows from its id."""
    born = date(1980, 1, 1) + timedelta(days=sum(source_id.encode()) * 7 % 4_000)
    return SourceRepresentative(
        source_id=f"p{source_id}",
        type_code="1",
        family_name=name.family,
        first_name=name.first,
        middle_name=name.middle,
        birth_date=born,
        sex=Sex.FEMALE.value,
        snils=None,
        authority_type_code=None,
        authority_number=None,
        begins_on=None,
        ends_on=None,
    )


def places_of(
    records: Iterable[DirtyRecord],
) -> tuple[list[SourceOrganisation], list[SourceClass]]:
    """The organisations and classes that records name; ОГРН is the same in every source."""
    organisations: dict[int, SourceOrganisation] = {}
    classes: dict[str, SourceClass] = {}
    for each in records:
        if each.school is None:
            continue
        organisations.setdefault(each.school, _organisation(each.school))
        if each.class_name is not None:
            made = _class(each.school, each.class_name)
            classes.setdefault(made.source_id, made)
    return list(organisations.values()), list(classes.values())


def _organisation(number: int) -> SourceOrganisation:
    return SourceOrganisation(
        source_id=str(number),
        version="1",
        full_name=f"Школа № {number}",
        short_name=None,
        inn=None,
        ogrn=f"{1_020_000_000_000 + number}",
        oktmo=None,
        type_code=None,
        status_code="1",
    )


def _class(school: int, name: str) -> SourceClass:
    digits = "".join(filter(str.isdigit, name)) or "0"
    return SourceClass(
        source_id=f"{school}/{name}",
        version="1",
        organisation_source_id=str(school),
        parallel=int(digits),
        letter=name.replace(digits, "").strip(" -"),
        school_year=_BEGAN.year,
        shift=None,
        capacity=None,
    )
