"""Applications for a place, and what decides on them. Source: registry.md §3."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from registry.codes import PrivilegeRank
from registry.identifiers import ApplicationId, OrganisationId, PersonId, QuotaId
from registry.model.declared import NOTHING_DECLARED, Declared
from registry.procedures.states import Actor


class ApplicationKind(StrEnum):
    """Which procedure an application follows."""

    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    COLLEGE = "college"
    ADDITIONAL = "additional"


@dataclass(frozen=True, slots=True)
class Privilege:
    """A right to be served before others; it counts once confirmed, within its period."""

    code: str
    rank: PrivilegeRank
    confirmed: bool
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Choice:
    """An organisation (and for a college or a circle a programme) that an application names.

    `priority` counts from 1, the most wanted first. `territory`: the child lives where the
    organisation is attached to.
    """

    priority: int
    organisation_id: OrganisationId
    programme_code: str | None
    territory: bool


@dataclass(frozen=True, slots=True)
class Application:
    """An application for a child's place in the school year that begins in `school_year`.

    `serial` is given in the order of arrival. `parallel`: the class, course or age group wanted.
    `desired_on`: from when the place is wanted. `state` is of the procedure of `kind`.
    `average`: of the certificate, for colleges. `originals_on`: when the originals were given in.
    `offered_id` and `offered_programme`: the choice whose place is offered or taken.
    """

    id: ApplicationId
    serial: int
    kind: ApplicationKind
    person_id: PersonId
    applicant_id: PersonId | None
    school_year: int
    parallel: int
    submitted_at: datetime
    desired_on: date | None
    state: str
    state_since: datetime
    due_on: date | None
    choices: tuple[Choice, ...]
    privileges: tuple[Privilege, ...]
    offered_id: OrganisationId | None = None
    average: float | None = None
    originals_on: date | None = None
    declared: Declared = NOTHING_DECLARED
    version: int = 1
    offered_programme: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceQuota:
    """How many places an organisation gives for a school year, a parallel and a programme.

    `group` tells quotas apart inside one intake: ``general``, ``special``, ``target``.
    """

    id: QuotaId
    organisation_id: OrganisationId
    school_year: int
    parallel: int
    programme_code: str | None
    group: str
    places: int


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One step of a case (an application, a transfer, a year's end): what, by whom, by which rule.

    `cause` is the message or the command that made it; `reason` a key, ``no_places``; `note` free
    text without personal data.
    """

    case_id: UUID
    sequence: int
    at: datetime
    action: str
    from_state: str | None
    to_state: str
    actor: Actor
    cause: str
    clause: str
    reason: str | None = None
    note: str | None = None
    declared: Declared = NOTHING_DECLARED
