"""Cases that follow a pupil from one organisation or class to the next. Source: registry.md §3."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.identifiers import (
    EnrolmentId,
    OrderId,
    OrganisationId,
    PersonId,
    TransferId,
    YearEndId,
)
from registry.model.declared import NOTHING_DECLARED, Declared


class TransferScope(StrEnum):
    """Between whom a pupil moves: inside the register, into it, or out of it."""

    INSIDE = "inside"
    FROM_OUTSIDE = "from_outside"
    TO_OUTSIDE = "to_outside"


@dataclass(frozen=True, slots=True)
class TransferCase:
    """A pupil's transfer. Source: приказ 240 of 06.04.2023.

    An organisation outside the register is told by its name only. `to_name` and `to_id` are both
    None while a family moves away without a school named.
    """

    id: TransferId
    person_id: PersonId
    scope: TransferScope
    from_id: OrganisationId | None
    from_name: str | None
    to_id: OrganisationId | None
    to_name: str | None
    parallel: int | None
    requested_at: datetime
    state: str
    state_since: datetime
    due_on: date | None
    enrolment_id: EnrolmentId | None = None
    expulsion_order_id: OrderId | None = None
    enrolment_order_id: OrderId | None = None
    declared: Declared = NOTHING_DECLARED
    version: int = 1


@dataclass(frozen=True, slots=True)
class YearEndCase:
    """What becomes of an enrolment at the end of a school year: promotion or graduation."""

    id: YearEndId
    person_id: PersonId
    enrolment_id: EnrolmentId
    school_year: int
    graduation: bool
    state: str
    state_since: datetime
    due_on: date | None
    declared: Declared = NOTHING_DECLARED
    version: int = 1
