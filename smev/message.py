"""The block `smev:Message` of SMEV 2: its values, its codec, and the reply to a request.

Sources: smev2.md §1 (the block), §2 (which message refers to which).
"""

from datetime import datetime

from smev.message_reader import parse_message
from smev.message_writer import build_message
from smev.model import Message, Participant, Revision, Service, Status, SubMessage, TypeCode

__all__ = [
    "Message",
    "Participant",
    "Revision",
    "Service",
    "Status",
    "SubMessage",
    "TypeCode",
    "build_message",
    "parse_message",
    "reply_to",
]


def reply_to(
    message: Message,
    *,
    sender: Participant,
    service: Service,
    status: Status,
    date: datetime,
    request_id: str,
) -> Message:
    """Return the service block of the reply to a request, in the request's revision.

    The reply goes to the request's sender; the originator of the chain, ServiceCode, CaseNumber,
    TestMsg and OKTMO go with it. RequestIdRef is `request_id`, under which the request is known;
    OriginRequestIdRef is the first message of the chain: the one the request names, or else the
    request itself. `service` is stated wherever the revision can (rev111111 can't).
    """
    return Message(
        revision=message.revision,
        sender=sender,
        recipient=message.sender,
        originator=message.originator,
        service=service if message.revision is Revision.REV120315 else None,
        type_code=message.type_code,
        status=status,
        date=date,
        exchange_type=message.exchange_type,
        request_id_ref=request_id,
        origin_request_id_ref=message.origin_request_id_ref or request_id,
        service_code=message.service_code,
        case_number=message.case_number,
        test_message=message.test_message,
        oktmo=message.oktmo,
    )
