"""The student service: its operations, XML to commands and answers to XML."""

from collections.abc import Callable
from datetime import date
from typing import assert_never

from lxml import etree

from gateway.contents.answers import invalidate, refuse
from gateway.contents.requests import check_synchronous, has_content, only_content
from gateway.outcomes import Answer
from gateway.stages import Validated
from registry.commands import ByDocument, ByPersonalData, BySnils, FindStudent
from registry.model import ClassGroup, Organisation, StudentView
from registry.problems import Problem
from registry.students import Ambiguous, FindStudentOutcome, Found, Invalid, NotFound
from smev.message import Status

NAMESPACE = "urn://x-artefacts-kontingent/students/1.0"
EDUCATION = "urn://x-artefacts-kontingent/education/1.0"
_ST, _ED = f"{{{NAMESPACE}}}", f"{{{EDUCATION}}}"

FindStudentUseCase = Callable[[FindStudent], FindStudentOutcome]
FindStudentCheck = Callable[[FindStudent], list[Problem]]


def find_student_handler(
    find: FindStudentUseCase, check: FindStudentCheck
) -> Callable[[Validated], Answer]:
    """Return the handler of FindStudent: who is this pupil, and where do they study.

    `check` names the problems of a query that is not to be asked.
    """

    def handle(validated: Validated) -> Answer:
        operation = validated.operation
        problems = check_synchronous(operation)
        if problems and not has_content(operation):
            # A PING or CANCEL carries none.
            return invalidate(NAMESPACE, problems)
        command = read_find_student(only_content(operation, f"{_ST}FindStudentRequest"))
        if problems:
            return invalidate(NAMESPACE, [*problems, *check(command)])
        return write_outcome(find(command))

    return handle


def read_find_student(request: etree._Element) -> FindStudent:
    """Read a schema-valid FindStudentRequest."""
    as_of = _text(request, f"{_ST}AsOf")
    return FindStudent(by=_read_key(request), as_of=None if as_of is None else _date(as_of))


def _read_key(request: etree._Element) -> BySnils | ByPersonalData | ByDocument:
    snils = _text(request, f"{_ST}Snils")
    if snils is not None:
        return BySnils(snils=snils)
    personal = request.find(f"{_ST}PersonalData")
    if personal is not None:
        return ByPersonalData(
            family_name=_text(personal, f"{_ED}FamilyName") or "",
            first_name=_text(personal, f"{_ED}FirstName") or "",
            middle_name=_text(personal, f"{_ED}MiddleName"),
            birth_date=_date(_text(personal, f"{_ED}BirthDate") or ""),
        )
    document = request.find(f"{_ST}IdentityDocument")
    assert document is not None, "the schema has no fourth way"  # noqa: S101
    return ByDocument(
        type_code=_text(document, f"{_ED}Type") or "",
        series=_text(document, f"{_ED}Series") or "",
        number=_text(document, f"{_ED}Number") or "",
    )


def write_outcome(outcome: FindStudentOutcome) -> Answer:
    """Return the answer for what the register found."""
    match outcome:
        case Found(student=view):
            content = _write_result(view)
            return Answer(status=Status.RESULT, content=content, subject_id=str(view.person.id))
        case NotFound():
            return refuse(NAMESPACE, "student.not_found", "Обучающийся в реестре не найден")
        case Ambiguous():
            return refuse(
                NAMESPACE,
                "student.ambiguous",
                "Под запрос подходит несколько обучающихся: укажите СНИЛС или документ",
            )
        case Invalid(problems=problems):
            return invalidate(NAMESPACE, problems)
        case _:
            assert_never(outcome)


def _write_result(view: StudentView) -> etree._Element:
    root = etree.Element(f"{_ST}FindStudentResult", nsmap={None: NAMESPACE, "ed": EDUCATION})
    student = etree.SubElement(root, f"{_ST}Student")
    person = view.person
    _add(student, "PersonId", str(person.id))
    _add(student, "Snils", person.snils.formatted if person.snils else None)
    _add(student, "FamilyName", person.family_name)
    _add(student, "FirstName", person.first_name)
    _add(student, "MiddleName", person.middle_name)
    _add(student, "BirthDate", person.birth_date.isoformat())
    _add(student, "Sex", person.sex.value)
    if view.enrolment is not None and view.organisation is not None:
        enrolment = etree.SubElement(student, f"{_ED}Enrolment")
        _write_organisation(enrolment, view.organisation)
        if view.class_group is not None:
            _write_class(enrolment, view.class_group)
        _add(enrolment, "EducationForm", _classifier(view.enrolment.form_code))
        _add(enrolment, "ProgrammeKind", _classifier(view.enrolment.programme_code))
        _add(enrolment, "EnrolledOn", view.enrolment.begins_on.isoformat())
        ends_on = view.enrolment.ends_on
        _add(enrolment, "Until", ends_on.isoformat() if ends_on else None)
    _add(student, "AsOf", view.as_of.isoformat())
    return root


def _write_organisation(parent: etree._Element, organisation: Organisation) -> None:
    element = etree.SubElement(parent, f"{_ED}Organisation")
    _add(element, "FullName", organisation.full_name)
    _add(element, "ShortName", organisation.short_name)
    _add(element, "INN", str(organisation.inn) if organisation.inn else None)
    _add(element, "OGRN", str(organisation.ogrn) if organisation.ogrn else None)
    _add(element, "OKTMO", str(organisation.oktmo) if organisation.oktmo else None)


def _write_class(parent: etree._Element, group: ClassGroup) -> None:
    element = etree.SubElement(parent, f"{_ED}ClassGroup")
    _add(element, "Parallel", str(group.parallel))
    _add(element, "Letter", group.letter)
    _add(element, "SchoolYear", str(group.school_year))


def _classifier(code: str | None) -> str | None:
    """A code that is of no list of ours is kept in the register, but isn't shown as one."""
    return code if code and code.isascii() and code.isdigit() and len(code) <= 3 else None


def _date(text: str) -> date:
    """White space around an xs:date is schema-valid."""
    return date.fromisoformat(text.strip())


def _add(parent: etree._Element, name: str, text: str | None) -> None:
    if text is not None:
        etree.SubElement(parent, f"{_ED}{name}").text = text


def _text(parent: etree._Element, name: str) -> str | None:
    child = parent.find(name)
    return None if child is None else child.text or ""
