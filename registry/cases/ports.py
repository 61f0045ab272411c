"""What the procedures need from where cases are kept; every method works in one transaction.

What is locked stays so until the transaction ends: of two that want the same case, person or last
place, the second waits and then sees what the first did.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from registry.identifiers import (
    ApplicationId,
    ClassGroupId,
    EnrolmentId,
    OrderId,
    OrganisationId,
    PersonId,
    TransferId,
    YearEndId,
)
from registry.model import (
    Application,
    CaseEvent,
    Choice,
    ClassGroup,
    Enrolment,
    Order,
    TransferCase,
    YearEndCase,
)
from registry.procedures.engine import ProcedureKey


@dataclass(frozen=True, slots=True)
class CasePerson:
    """What a procedure needs to know of a person."""

    id: PersonId
    birth_date: date
    citizenship_code: str


class CaseStore(Protocol):
    """Cases, and the parts of the register that their steps change."""

    def new_id(self) -> UUID:
        """An id for a new entity."""
        ...

    def lock_person(self, person_id: PersonId) -> CasePerson | None:
        """The person, locked; None for nobody and for one merged into another."""
        ...

    # applications

    def lock_application(self, application_id: ApplicationId) -> Application | None:
        """The application, locked."""
        ...

    def live_rival(self, application: Application, choice: Choice) -> bool:
        """Whether another live application of the child and year names the organisation.

        Of additional education only one for the same programme is a rival.
        """
        ...

    def add_application(self, application: Application, *, at: datetime) -> Application:
        """Keep a new application, and give it its serial."""
        ...

    def save_application(self, application: Application, *, at: datetime) -> None:
        """Keep the next version of an application: state, offer, originals, circumstances."""
        ...

    def lock_applications(self, application_ids: Collection[ApplicationId]) -> None:
        """Lock applications and their children, for whoever is to take a step of each."""
        ...

    def free_places(self, application: Application, choice: Choice) -> int:
        """Places for a choice of an application, neither taken nor offered to others.

        What it counts is locked. May be negative.
        """
        ...

    # transfers and ends of years

    def lock_transfer(self, transfer_id: TransferId) -> TransferCase | None:
        """The transfer, locked."""
        ...

    def live_transfer(self, person_id: PersonId) -> bool:
        """Whether a transfer of the person is under way."""
        ...

    def add_transfer(self, case: TransferCase, *, at: datetime) -> None:
        """Keep a new transfer."""
        ...

    def save_transfer(self, case: TransferCase, *, at: datetime) -> None:
        """Keep the next version of a transfer."""
        ...

    def lock_year_end(self, year_end_id: YearEndId) -> YearEndCase | None:
        """The year's end, locked."""
        ...

    def year_end_of(self, enrolment_id: EnrolmentId, school_year: int) -> YearEndCase | None:
        """The year's end of an enrolment, if it was opened."""
        ...

    def add_year_end(self, case: YearEndCase, *, at: datetime) -> None:
        """Keep a new year's end."""
        ...

    def save_year_end(self, case: YearEndCase, *, at: datetime) -> None:
        """Keep the next version of a year's end."""
        ...

    def has_certificate(self, enrolment_id: EnrolmentId, *, since: date) -> bool:
        """Whether the enrolment's organisation issued the person a certificate since that day."""
        ...

    # events

    def append_event(self, procedure: ProcedureKey, event: CaseEvent) -> CaseEvent:
        """Keep an event; its sequence is given here."""
        ...

    # where persons study

    def organisation_exists(self, organisation_id: OrganisationId) -> bool:
        """Whether the register knows the organisation."""
        ...

    def same_municipality(self, one: OrganisationId, other: OrganisationId) -> bool:
        """Whether two organisations lie in one municipality, by ОКТМО."""
        ...

    def lock_class(self, class_group_id: ClassGroupId) -> ClassGroup | None:
        """The class, locked."""
        ...

    def class_on(self, enrolment_id: EnrolmentId, day: date) -> ClassGroup | None:
        """The class in which an enrolled person sat on a day."""
        ...

    def seats_taken(self, class_group_id: ClassGroupId, day: date) -> int:
        """How many sit in a class on a day, or are to from later on."""
        ...

    def free_seats(self, organisation_id: OrganisationId, parallel: int | None, day: date) -> int:
        """Places left in the classes of an organisation on a day; its classes are locked."""
        ...

    def main_enrolments(self, person_id: PersonId) -> Sequence[Enrolment]:
        """The person's enrolments in main programmes, the earliest first."""
        ...

    def enrolment(self, enrolment_id: EnrolmentId) -> tuple[PersonId, Enrolment] | None:
        """An enrolment and whose it is, with the last class it sat in."""
        ...

    def add_order(self, order: Order, *, at: datetime) -> OrderId:
        """Keep an order; the id of the same one when it is known already."""
        ...

    def add_enrolment(self, person_id: PersonId, enrolment: Enrolment, *, at: datetime) -> None:
        """Keep a new enrolment and its class."""
        ...

    def end_enrolment(
        self,
        enrolment_id: EnrolmentId,
        *,
        ends_on: date,
        reason: str | None,
        order_id: OrderId | None,
        at: datetime,
    ) -> None:
        """End an enrolment and its class."""
        ...

    def place_in_class(
        self, enrolment_id: EnrolmentId, group: ClassGroup, *, begins_on: date, at: datetime
    ) -> None:
        """Seat an enrolled person in a class from a day on; the former class ends before."""
        ...
