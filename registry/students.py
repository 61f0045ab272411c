"""Use case: find a pupil."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.commands import ByDocument, ByPersonalData, BySnils, FindStudent
from registry.identifiers import parse_snils
from registry.model import StudentView
from registry.names import normalize_document, normalize_name
from registry.ports import DocumentKey, NameKey, StudentReader
from registry.problems import Problem
from registry.rules import check_find_student

__all__ = [
    "Ambiguous",
    "ByDocument",
    "ByPersonalData",
    "BySnils",
    "FindStudent",
    "FindStudentOutcome",
    "Found",
    "Invalid",
    "NotFound",
    "find_student",
    "look_up",
]


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one person answers the query."""

    student: StudentView


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nobody in the register answers the query."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """`count` persons answer the query, and nothing says which is meant."""

    count: int


@dataclass(frozen=True, slots=True)
class Invalid:
    """The query breaks rules, all of which are named."""

    problems: tuple[Problem, ...]


FindStudentOutcome = Found | NotFound | Ambiguous | Invalid


def find_student(
    command: FindStudent, students: StudentReader, *, today: date
) -> FindStudentOutcome:
    """Find the one pupil that `command` describes, as of its date.

    `today` is the calendar day where the register's region lies: the date that is meant when none
    is given, and the end of the past. Raises only what the store behind `students` raises.
    """
    problems = check_find_student(command, today)
    if problems:
        return Invalid(tuple(problems))
    found = look_up(command, students, as_of=command.as_of or today)
    if not found:
        return NotFound()
    if len(found) > 1:
        return Ambiguous(len(found))
    return Found(found[0])


def look_up(command: FindStudent, students: StudentReader, *, as_of: date) -> Sequence[StudentView]:
    """All pupils whom `command` describes, in a stable order; its values have been checked."""
    match command.by:
        case BySnils(snils):
            return students.by_snils(parse_snils(snils), as_of=as_of)
        case ByDocument(type_code, series, number):
            document = DocumentKey(
                type_code, normalize_document(series), normalize_document(number)
            )
            return students.by_document(document, as_of=as_of)
        case ByPersonalData(family_name, first_name, middle_name, birth_date):
            name = NameKey(
                normalize_name(family_name),
                normalize_name(first_name),
                # An empty middle name narrows no more than a missing one.
                normalize_name(middle_name or "") or None,
            )
            return students.by_name(name, birth_date, as_of=as_of)
