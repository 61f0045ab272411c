"""Cases as another system tells them that has carried them through: a portal, e-services.

They use that system's own ids; who it means by them, it has told as a source of records. The state
of a case is where its last step led.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.model import ApplicationKind, Privilege, TransferScope
from registry.procedures.states import Actor


@dataclass(frozen=True, slots=True)
class ArchivedStep:
    """A step of a case; states and reason are those of the procedure's table."""

    at: datetime
    action: str
    from_state: str
    to_state: str
    actor: Actor
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ArchivedChoice:
    """An organisation that an application names; see `registry.model.Choice`."""

    priority: int
    organisation_source_id: str
    programme_code: str | None
    territory: bool


@dataclass(frozen=True, slots=True)
class ArchivedApplication:
    """An application with its whole history so far.

    `applicant_source_id`: one of the pupil's representatives, None for a pupil who applies in
    person. `offered`: priority of the choice whose place is offered or taken; it counts in states
    that hold a place. `opened_by`: who handed it in.
    """

    source_id: str
    kind: ApplicationKind
    pupil_source_id: str
    applicant_source_id: str | None
    opened_at: datetime
    opened_by: Actor
    school_year: int
    parallel: int
    desired_on: date | None
    choices: tuple[ArchivedChoice, ...]
    privileges: tuple[Privilege, ...]
    steps: tuple[ArchivedStep, ...]
    offered: int | None = None
    average: float | None = None
    originals_on: date | None = None


@dataclass(frozen=True, slots=True)
class ArchivedTransfer:
    """A transfer with its whole history so far; orders by number and day.

    An organisation is told by its source id inside the register, and outside it by its name.
    """

    source_id: str
    pupil_source_id: str
    scope: TransferScope
    from_source_id: str | None
    from_name: str | None
    to_source_id: str | None
    to_name: str | None
    parallel: int | None
    opened_at: datetime
    opened_by: Actor
    steps: tuple[ArchivedStep, ...]
    expulsion_order: tuple[str, date] | None = None
    enrolment_order: tuple[str, date] | None = None


@dataclass(frozen=True, slots=True)
class ArchivedQuota:
    """Places that an organisation gives; see `registry.model.PlaceQuota`."""

    source_id: str
    organisation_source_id: str
    school_year: int
    parallel: int
    programme_code: str | None
    group: str
    places: int


def state_after(initial: str, steps: Sequence[ArchivedStep]) -> str:
    """The state in which a history leaves its case."""
    return steps[-1].to_state if steps else initial
