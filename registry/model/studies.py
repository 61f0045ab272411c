"""Where a person studies, and by which orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.codes import is_main_programme
from registry.identifiers import ClassGroupId, EnrolmentId, OrderId, OrganisationId
from registry.model.organisations import ClassGroup, Organisation
from registry.model.people import Person


class OrderKind(StrEnum):
    """What an order does."""

    ENROLMENT = "enrolment"
    TRANSFER = "transfer"
    PROMOTION = "promotion"
    EXPULSION = "expulsion"
    GRADUATION = "graduation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of an organisation; `effective_on` is the day from which it works."""

    id: OrderId
    organisation_id: OrganisationId
    number: str
    issued_on: date
    kind: OrderKind
    effective_on: date


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person studies at an organisation from `begins_on` to `ends_on`, both days included.

    `ends_on` is None while no end is known. `class_group_id` is the class on the day asked for.
    """

    id: EnrolmentId
    organisation_id: OrganisationId
    class_group_id: ClassGroupId | None
    begins_on: date
    ends_on: date | None
    form_code: str
    programme_code: str
    entry_reason: str | None
    exit_reason: str | None = None
    funding_code: str | None = None
    realisation_code: str | None = None
    entry_order_id: OrderId | None = None
    exit_order_id: OrderId | None = None

    def covers(self, day: date) -> bool:
        """Whether the person was enrolled on `day`."""
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class ClassPlacement:
    """The class in which an enrolled person sat in a period."""

    enrolment_id: EnrolmentId
    class_group_id: ClassGroupId
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """An enrolment with the organisation and the class that it names."""

    enrolment: Enrolment
    organisation: Organisation
    class_group: ClassGroup | None


@dataclass(frozen=True, slots=True)
class StudentView:
    """A person and where they study on the day `as_of`; all None when they study nowhere then."""

    person: Person
    enrolment: Enrolment | None
    organisation: Organisation | None
    class_group: ClassGroup | None
    as_of: date


def view_as_of(person: Person, attendances: Iterable[Attendance], as_of: date) -> StudentView:
    """`person` with the one enrolment that counts on the day `as_of`.

    Of several at once a main programme goes before additional education, then the latest begun
    (where a pupil moved and the former school has not closed its record yet); the id decides the
    rest, so that the answer is the same each time.
    """
    current = max(
        (each for each in attendances if each.enrolment.covers(as_of)),
        key=lambda each: (
            is_main_programme(each.enrolment.programme_code),
            each.enrolment.begins_on,
            each.enrolment.id,
        ),
        default=None,
    )
    if current is None:
        return StudentView(person, None, None, None, as_of)
    return StudentView(person, current.enrolment, current.organisation, current.class_group, as_of)
