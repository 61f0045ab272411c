"""The two journal records of a message that came in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.stages import Arrival
from gateway.stages import Received as ReceivedStage
from journal.codec import encode_decided, encode_received
from journal.records import Decided, Direction, JournalRecord, Received


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a message: its status, the reply, and what later messages must know.

    `replay_key` is given by the first decision of a message only, `fault_code` by a refusal,
    `subject_id` by a reply with a person's data.
    """

    status: str
    body: bytes
    replay_key: str | None = None
    fault_code: str | None = None
    subject_id: str | None = None


def record_received(arrival: Arrival, message_id: UUID, at: datetime) -> JournalRecord:
    """Return the record of an arrival, before anybody looks into it."""
    received = Received(
        message_id=message_id,
        at=at,
        direction=Direction.IN,
        transport=arrival.transport,
        peer=arrival.peer,
        service=arrival.service,
        size_bytes=arrival.size_bytes,
        sha256=arrival.sha256,
        body=arrival.data,
        headers={
            "content_type": arrival.content_type,
            "content_encoding": arrival.content_encoding,
            "soap_action": arrival.soap_action or "",
        },
    )
    return encode_received(received)


def record_decided(received: ReceivedStage, decision: Decision, *, at: datetime) -> JournalRecord:
    """Return the record of a decision, with all that was learned of the message by then."""
    trace, arrival = received.trace, received.arrival
    decided = Decided(
        message_id=received.message_id,
        at=at,
        direction=Direction.IN,
        transport=arrival.transport,
        peer=arrival.peer,
        service=arrival.service,
        status=decision.status,
        body=decision.body,
        verdicts=tuple(trace.verdicts),
        operation=trace.operation,
        sender_code=trace.sender_code,
        certificate=trace.certificate,
        smev_message_id=trace.smev_message_id,
        request_id_ref=trace.request_id_ref,
        origin_request_id_ref=trace.origin_request_id_ref,
        case_number=trace.case_number,
        fault_code=decision.fault_code,
        replay_key=decision.replay_key,
        subject_id=decision.subject_id,
    )
    return encode_decided(decided)
