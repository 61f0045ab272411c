"""What can be asked of the procedures, as values."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.identifiers import (
    ApplicationId,
    ClassGroupId,
    EnrolmentId,
    OrganisationId,
    PersonId,
    TransferId,
    YearEndId,
)
from registry.model import (
    NOTHING_DECLARED,
    ApplicationKind,
    Choice,
    Declared,
    Privilege,
    TransferScope,
)
from registry.procedures.states import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """Who takes a step, on whose word, and what they declare with it.

    `cause` is the message or the command; `reason` a key of `registry.procedures.reasons`;
    `note` is free text without personal data.
    """

    actor: Actor
    cause: str
    reason: str | None = None
    note: str | None = None
    declared: Declared = NOTHING_DECLARED


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """An order of an organisation: its number and its day."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class EnrolmentTerms:
    """How a person is enrolled: by which order, from which day, in which class."""

    order: OrderTerms
    begins_on: date
    class_group_id: ClassGroupId | None
    form_code: str
    programme_code: str


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    """A new application."""

    kind: ApplicationKind
    person_id: PersonId
    applicant_id: PersonId | None
    school_year: int
    parallel: int
    submitted_at: datetime
    desired_on: date | None
    choices: tuple[Choice, ...]
    privileges: tuple[Privilege, ...]
    step: Step
    average: float | None = None
    originals_on: date | None = None


@dataclass(frozen=True, slots=True)
class MoveApplication:
    """A step of an application.

    `organisation_id` and `programme_code`: whose place is offered, for a step that leads to an
    offer; else that of the most wanted choice. `enrolment`: for the step that enrols.
    `originals_on`: when the originals are given in with it. `expected_version`: refuse when the
    case has changed since.
    """

    id: ApplicationId
    action: str
    step: Step
    organisation_id: OrganisationId | None = None
    programme_code: str | None = None
    enrolment: EnrolmentTerms | None = None
    originals_on: date | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class RequestTransfer:
    """A pupil is to move. Source: приказ 240 of 06.04.2023, section II.

    `to_id` or `to_name` tells the receiver; neither while a family moves away and has named none.
    """

    person_id: PersonId
    scope: TransferScope
    from_name: str | None
    to_id: OrganisationId | None
    to_name: str | None
    parallel: int | None
    step: Step


@dataclass(frozen=True, slots=True)
class MoveTransfer:
    """A step of a transfer; what each needs is told by its transition's guards.

    `expulsion`: the order of the step that expels. `enrolment`: for the step that enrols inside
    the register. `order`: the order of an organisation outside, as reported.
    """

    id: TransferId
    action: str
    step: Step
    to_id: OrganisationId | None = None
    to_name: str | None = None
    expulsion: OrderTerms | None = None
    enrolment: EnrolmentTerms | None = None
    order: OrderTerms | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class OpenYearEnd:
    """The end of a school year for one enrolment; `graduation` when a stage ends with it."""

    enrolment_id: EnrolmentId
    school_year: int
    graduation: bool
    step: Step


@dataclass(frozen=True, slots=True)
class MoveYearEnd:
    """A step of a year's end.

    `next_class_id`: the class of the new year, for the steps that promote or retain. `order`: the
    order of the step that ends the enrolment.
    """

    id: YearEndId
    action: str
    step: Step
    next_class_id: ClassGroupId | None = None
    order: OrderTerms | None = None
    expected_version: int | None = None
