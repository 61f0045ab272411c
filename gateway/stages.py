"""The way of a message as types: each stage takes only what the stage before it gives.

    Arrival → Received → Parsed → Shaped → Verified → Authorised → Fresh → Validated → Answered

A stage that is left out doesn't type-check: no function makes a later type from an earlier one
but the stage between them. What a refused message was is kept in its `Trace`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gateway.outcomes import Answer
from gateway.rights import Agency
from journal.records import Verdict
from signing.algorithms import SignatureAlgorithm
from signing.xml.parser import XmlDocument
from signing.xml.wss import SmevSeal, SoapEnvelope, VerifiedBody
from smev.envelope import Operation


@dataclass(slots=True)
class Trace:
    """What is known of a message so far, for its `decided` record; it only ever grows."""

    verdicts: list[Verdict] = field(default_factory=list)
    operation: str | None = None
    sender_code: str | None = None
    certificate: str | None = None
    algorithm: SignatureAlgorithm | None = None
    smev_message_id: str | None = None
    request_id_ref: str | None = None
    origin_request_id_ref: str | None = None
    case_number: str | None = None

    def passed(self, check: str) -> None:
        """Note that a check held."""
        self.verdicts.append(Verdict(check=check, passed=True))

    def failed(self, check: str, reason: str) -> None:
        """Note that a check did not hold, with its stable key."""
        self.verdicts.append(Verdict(check=check, passed=False, reason=reason))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as the transport gives it; `data` is None when it was over the limit."""

    transport: str
    peer: str
    service: str
    content_type: str
    content_encoding: str
    soap_action: str | None
    data: bytes | None
    size_bytes: int
    sha256: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    """An arrival that is in the journal."""

    arrival: Arrival
    message_id: UUID
    at: datetime
    trace: Trace


@dataclass(frozen=True, slots=True)
class Parsed:
    """A bounded XML document."""

    received: Received
    document: XmlDocument


@dataclass(frozen=True, slots=True)
class Shaped:
    """An envelope of the one shape that may be verified."""

    received: Received
    envelope: SoapEnvelope


@dataclass(frozen=True, slots=True)
class Verified:
    """A Body whose signature holds, rebuilt from the very bytes that were signed."""

    received: Received
    body: VerifiedBody
    seal: SmevSeal | None


@dataclass(frozen=True, slots=True)
class Authorised:
    """A verified Body of a trusted sender who may call the operation."""

    received: Received
    body: VerifiedBody
    agency: Agency
    operation: str
    replay_key: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """An authorised message that was not answered before."""

    authorised: Authorised


@dataclass(frozen=True, slots=True)
class Validated:
    """A fresh message that keeps the contract and is meant for this gateway now."""

    authorised: Authorised
    operation: Operation


@dataclass(frozen=True, slots=True)
class Answered:
    """What the use case says to a validated message."""

    validated: Validated
    answer: Answer


@dataclass(frozen=True, slots=True)
class Departure:
    """What goes back to the transport."""

    http_status: int
    body: bytes
    retry_after_s: int | None = None
