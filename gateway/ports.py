"""What the gateway needs from the rooms beside it; `ops` joins them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.errors import StoredReply
from journal.records import JournalRecord

Clock = Callable[[], datetime]
IdFactory = Callable[[], UUID]


class Journal(Protocol):
    """The message journal."""

    def write(self, record: JournalRecord) -> None:
        """Return when the record is durable.

        Raises JournalUnavailable when it can't be, AlreadyAnswered when its replay key is taken,
        GatewayError `replay.message_id_reused` when its SMEV id is another message's.
        """

    def find_reply(self, replay_key: str) -> StoredReply | None:
        """Return the reply that the message with this key got. Raises JournalUnavailable."""

    def find_smev_message(self, smev_message_id: str) -> str | None:
        """Return the replay key of the answered message with this id of SMEV, or None.

        Raises JournalUnavailable.
        """


class AccessLog(Protocol):
    """The audit stream: who saw whom."""

    def disclosed(
        self, *, message_id: UUID, agency: str, operation: str, subject_id: str, case_number: str
    ) -> None:
        """Record that a person's data leave for an agency.

        Raises GatewayError `audit.unavailable`: what isn't recorded doesn't leave.
        """
