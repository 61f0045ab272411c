"""Invented records that the tests vary."""

from datetime import UTC, date, datetime
from uuid import UUID

from registry.identifiers import (
    ClassGroupId,
    EnrolmentId,
    OrganisationId,
    PersonId,
    parse_snils,
)
from registry.model import Attendance, ClassGroup, Enrolment, Organisation, Person, Sex
from registry.sources import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)

NOW = datetime(2024, 10, 1, 9, 0, tzinfo=UTC)

SCHOOL = SourceOrganisation(
    source_id="school-1",
    version="1",
    full_name="Школа № 1",
    short_name=None,
    inn="7707083893",
    ogrn="1027700132195",
    oktmo="45382000",
    type_code=None,
    status_code="1",
)
CLASS = SourceClass(
    source_id="class-1",
    version="1",
    organisation_source_id="school-1",
    parallel=5,
    letter="А",
    school_year=2024,
    shift=1,
    capacity=25,
)
ENROLMENT = SourceEnrolment(
    organisation_source_id="school-1",
    class_source_id="class-1",
    begins_on=date(2024, 9, 1),
    ends_on=None,
    form_code="11",
    programme_code="13",
    entry_reason=None,
)
PUPIL = SourcePupil(
    source_id="pupil-1",
    version="1",
    family_name="Ёлкина-Соловьёва",
    first_name="Алёна",
    middle_name="Петровна",
    birth_date=date(2013, 5, 17),
    sex="female",
    snils="112-233-445 95",
    citizenship_code="1",
    documents=(SourceDocument("11", "II-АН", "123456"),),
    enrolment=ENROLMENT,
)

PERSON = Person(
    id=PersonId(UUID(int=1)),
    family_name="Ёлкина-Соловьёва",
    first_name="Алёна",
    middle_name="Петровна",
    birth_date=date(2013, 5, 17),
    sex=Sex.FEMALE,
    snils=parse_snils("11223344595"),
    citizenship_code="1",
)


def attendance(
    number: int, begins_on: date, ends_on: date | None = None, programme_code: str = "13"
) -> Attendance:
    """An enrolment of PERSON in the organisation with this number."""
    organisation_id = OrganisationId(UUID(int=number))
    return Attendance(
        Enrolment(
            id=EnrolmentId(UUID(int=number)),
            organisation_id=organisation_id,
            class_group_id=ClassGroupId(UUID(int=number)),
            begins_on=begins_on,
            ends_on=ends_on,
            form_code="11",
            programme_code=programme_code,
            entry_reason=None,
        ),
        Organisation(organisation_id, f"Школа № {number}", None, None, None, None, None, None),
        ClassGroup(ClassGroupId(UUID(int=number)), organisation_id, 5, "А", 2024, None, None),
    )
