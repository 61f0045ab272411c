"""The use case of finding a pupil, over a register in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from registry.identifiers import PersonId, Snils
from registry.model import StudentView, view_as_of
from registry.names import normalize_name
from registry.ports import DocumentKey, NameKey
from registry.students import (
    Ambiguous,
    ByDocument,
    ByPersonalData,
    BySnils,
    FindStudent,
    Found,
    Invalid,
    NotFound,
    find_student,
)
from tests.unit.registry.samples import PERSON, attendance

TODAY = date(2024, 10, 1)
BROTHER = replace(
    PERSON, id=PersonId(UUID(int=2)), first_name="Алена", middle_name=None, snils=None
)


@dataclass
class Register:
    """A `StudentReader` over two persons with one document."""

    asked: list[object] = field(default_factory=list)

    def by_snils(self, snils: Snils, *, as_of: date) -> Sequence[StudentView]:
        return self._views(as_of, lambda person: person.snils == snils)

    def by_name(self, name: NameKey, birth_date: date, *, as_of: date) -> Sequence[StudentView]:
        def fits(person: object) -> bool:
            assert isinstance(person, type(PERSON))
            return (
                normalize_name(person.family_name) == name.family
                and normalize_name(person.first_name) == name.first
                and (name.middle is None or normalize_name(person.middle_name or "") == name.middle)
                and person.birth_date == birth_date
            )

        return self._views(as_of, fits)

    def by_document(self, document: DocumentKey, *, as_of: date) -> Sequence[StudentView]:
        self.asked.append(document)
        return self._views(as_of, lambda person: person is PERSON)

    def _views(self, as_of: date, fits: object) -> Sequence[StudentView]:
        assert callable(fits)
        school = attendance(1, date(2024, 9, 1))
        return [view_as_of(each, [school], as_of) for each in (PERSON, BROTHER) if fits(each)]


def test_found_by_snils_as_of_today() -> None:
    outcome = find_student(FindStudent(BySnils("112-233-445 95")), Register(), today=TODAY)
    assert isinstance(outcome, Found)
    assert outcome.student.person == PERSON
    assert outcome.student.as_of == TODAY
    assert outcome.student.enrolment is not None


def test_found_as_of_another_day() -> None:
    command = FindStudent(BySnils("11223344595"), as_of=date(2024, 8, 31))
    outcome = find_student(command, Register(), today=TODAY)
    assert isinstance(outcome, Found)
    assert outcome.student.enrolment is None


def test_nobody() -> None:
    assert find_student(FindStudent(BySnils("06494906300")), Register(), today=TODAY) == NotFound()


def test_the_middle_name_narrows_only_when_given() -> None:
    by = ByPersonalData("ЕЛКИНА СОЛОВЬЕВА", "алена", None, PERSON.birth_date)
    assert find_student(FindStudent(by), Register(), today=TODAY) == Ambiguous(2)
    blank = replace(by, middle_name=" ")
    assert find_student(FindStudent(blank), Register(), today=TODAY) == Ambiguous(2)
    full = replace(by, middle_name="ПЕТРОВНА")
    assert isinstance(find_student(FindStudent(full), Register(), today=TODAY), Found)


def test_a_document_is_looked_up_by_its_key() -> None:
    register = Register()
    outcome = find_student(FindStudent(ByDocument("11", "ІІ-АН", "123 456")), register, today=TODAY)
    assert isinstance(outcome, Found)
    assert register.asked == [DocumentKey("11", "iiah", "123456")]


def test_an_invalid_query_is_not_looked_up() -> None:
    register = Register()
    outcome = find_student(FindStudent(ByDocument("11", "", "1")), register, today=TODAY)
    assert isinstance(outcome, Invalid)
    assert {problem.code for problem in outcome.problems} == {"document.series", "document.number"}
    assert register.asked == []
