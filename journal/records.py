"""What the journal says of a message: two records, `received` and `decided`.

`received` is durable before the message is parsed; `decided` before the reply leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class RecordKind(StrEnum):
    """The two moments of a message that the journal holds."""

    RECEIVED = "received"
    DECIDED = "decided"


class Direction(StrEnum):
    """Who called whom: `in` for messages to the gateway, `out` for those that it sends."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came, before anybody looked into it.

    `body` is None when the input was over the limit: then only its size and hash are kept.
    """

    message_id: UUID
    at: datetime
    direction: Direction
    transport: str
    peer: str
    service: str
    size_bytes: int
    sha256: str
    body: bytes | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found: its name, whether it held, and the stable key of the reason."""

    check: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a message, and the reply as it leaves.

    `subject_id` is the register's own id of the person whose data the reply holds.
    """

    message_id: UUID
    at: datetime
    direction: Direction
    transport: str
    peer: str
    service: str
    status: str
    body: bytes
    verdicts: tuple[Verdict, ...]
    operation: str | None = None
    sender_code: str | None = None
    certificate: str | None = None
    smev_message_id: str | None = None
    request_id_ref: str | None = None
    origin_request_id_ref: str | None = None
    case_number: str | None = None
    fault_code: str | None = None
    subject_key: str | None = None
    replay_key: str | None = None
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A record ready to be stored: the columns one searches by, and the bytes one proves with.

    `meta` is canonical JSON that repeats every column; `body` is the stored (perhaps compressed)
    message; `digest` covers both. The columns are for searching only: a reader who wants proof
    decodes `meta` and `body`.
    """

    message_id: UUID
    kind: RecordKind
    at: datetime
    direction: Direction
    transport: str
    peer: str
    service: str
    size_bytes: int
    meta: bytes
    body: bytes
    digest: bytes
    operation: str | None = None
    sender_code: str | None = None
    certificate: str | None = None
    smev_message_id: str | None = None
    request_id_ref: str | None = None
    origin_request_id_ref: str | None = None
    case_number: str | None = None
    status: str | None = None
    fault_code: str | None = None
    subject_key: str | None = None
    replay_key: str | None = None
