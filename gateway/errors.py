"""The errors with which the gateway refuses a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply that was given before: its bytes as they left, and what it was about."""

    body: bytes
    status: str
    subject_id: str | None = None
    case_number: str | None = None


class GatewayError(Exception):
    """A message is refused; `code` is a key of the catalogue in `gateway.faults`.

    `hints` may name places in the message (element paths), never values from it.
    """

    def __init__(self, code: str, detail: str = "", *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.hints = hints


class JournalUnavailable(GatewayError):
    """The journal can't be written: nothing may be acted on or answered."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("journal.unavailable", detail)


class AlreadyAnswered(GatewayError):
    """The same message was answered before; `stored` is what it got."""

    def __init__(self, stored: StoredReply) -> None:
        super().__init__("replay.answered")
        self.stored = stored
