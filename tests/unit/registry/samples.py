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
    SourceAchievement,
    SourceAddress,
    SourceBirthAct,
    SourceCertificate,
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceOrganisation,
    SourcePupil,
    SourceRepresentative,
    SourceStudy,
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

BIRTH_ACT = SourceBirthAct("1234", date(2013, 5, 20), "Отдел ЗАГС г. Новозаречинска")
ADDRESS = SourceAddress(
    kind="registration",
    text="г. Новозаречинск, ул. Липовая, д. 1-2",
    fias_id="0c5b2444-70a0-4932-980c-b4dc0d3f02b5",
    oktmo="45382000",
    begins_on=date(2013, 6, 1),
    ends_on=None,
)
MOTHER = SourceRepresentative(
    source_id="parent-1",
    type_code="1",
    family_name="Ёлкина",
    first_name="Ольга",
    middle_name="Игоревна",
    birth_date=date(1985, 3, 4),
    sex="female",
    snils=None,
    authority_type_code="402",
    authority_number="II-АН 123456",
    begins_on=None,
    ends_on=None,
)
STUDY = SourceStudy(
    source_id="study-1",
    version="1",
    pupil_source_id="pupil-1",
    organisation_source_id="school-1",
    begins_on=date(2020, 9, 1),
    ends_on=date(2024, 5, 31),
    form_code="11",
    programme_code="12",
    entry_reason="Приём в 1 класс",
    exit_reason="Завершено обучение",
    placements=(),
    entry_order=("12-з", date(2020, 8, 25)),
    exit_order=("40-о", date(2024, 5, 31)),
)
HEALTH_ITEM = SourceHealthItem(
    source_id="health-1",
    version="1",
    pupil_source_id="pupil-1",
    kind="health_group",
    code="12",
    category=None,
    detail=None,
    begins_on=date(2024, 9, 10),
    ends_on=None,
)
MARK = SourceMark(
    source_id="mark-1",
    version="1",
    pupil_source_id="pupil-1",
    organisation_source_id="school-1",
    school_year=2023,
    parallel=4,
    subject="Математика",
    kind="term",
    period=1,
    value="4",
    given_on=date(2023, 10, 27),
)
EXAM = SourceExam(
    source_id="exam-1",
    version="1",
    pupil_source_id="pupil-1",
    organisation_source_id="school-1",
    kind="ege",
    subject="Русский язык",
    held_on=date(2024, 5, 28),
    score=91,
    mark=None,
    passed=True,
)
CERTIFICATE = SourceCertificate(
    source_id="certificate-1",
    version="1",
    pupil_source_id="pupil-1",
    organisation_source_id="school-1",
    type_code="11",
    number="07724001234567",
    issued_on=date(2024, 6, 20),
    with_honours=True,
    medal="first",
    average=4.9,
)
ACHIEVEMENT = SourceAchievement(
    source_id="achievement-1",
    version="1",
    pupil_source_id="pupil-1",
    kind="olympiad",
    level="regional",
    title="ВсОШ по математике",
    result="призёр",
    achieved_on=date(2024, 2, 3),
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
