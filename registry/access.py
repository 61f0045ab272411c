"""Who saw whose data. Source: registry.md §5, AccessEvent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from registry.identifiers import PersonId


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """Somebody was shown a person's data: an agency by a message, or an operator by a command.

    `actor` is the operator or the system; `purpose` the reason as it was stated; `operation` the
    service and operation, or the command; `fields` the names of the fields shown, never values.
    `message_id` is the journal's.
    """

    id: UUID
    at: datetime
    person_id: PersonId
    actor: str
    purpose: str
    operation: str
    fields: tuple[str, ...]
    outcome: str
    agency: str | None = None
    case_number: str | None = None
    address: str | None = None
    message_id: UUID | None = None


class AccessRecorder(Protocol):
    """Where events are kept for good."""

    def record(self, *events: AccessEvent) -> None:
        """Keep events; what can't be recorded must not be shown, so an error stops the caller."""
        ...
