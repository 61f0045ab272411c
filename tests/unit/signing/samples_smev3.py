"""Good messages of SMEV 3: every operation that is signed, in every version of the schemas.

Where the official schemas are at hand, a test holds these against them. In 1.2, whose schemas are
not published with the others, the shapes are those of 1.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lxml import etree

from signing import namespaces as ns
from signing.xml.parser import parse_document
from signing.xml.smev3 import Holder, sign_smev3
from tests.unit.signing import samples

VERSIONS = ("1.1", "1.2", "1.3")
KEYS = ("agency-gost", "agency-gost-512", "agency-rsa", "agency-ecdsa")
TYPES = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/"
_UUID = "db0486d0-3c08-11e5-95e2-d4c9eff07b77"
_MOMENT = "2026-11-23T12:00:00.000+03:00"

CONTENT = (
    '<m:Query xmlns:m="urn://x-test/query/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:c="urn://x-test/commons">\n    <m:Name c:kind="a&quot;b" lang="ru">Ёлкина &amp; сын'
    "</m:Name>\n    <c:Note>ORIGINAL</c:Note>\n    <m:Empty/></m:Query>"
)
_METADATA = {
    "1.1": (
        f"<t:MessageId>{_UUID}</t:MessageId><t:MessageType>REQUEST</t:MessageType><t:Sender>"
        "<t:Mnemonic>DEMO00001</t:Mnemonic><t:HumanReadableName>Соцзащита</t:HumanReadableName>"
        f"</t:Sender><t:SendingTimestamp>{_MOMENT}</t:SendingTimestamp>"
        "<t:DestinationName>unknown</t:DestinationName><t:SupplementaryData>"
        "<t:DetectedContentTypeName>not detected</t:DetectedContentTypeName>"
        "<t:InteractionType>NotDetected</t:InteractionType></t:SupplementaryData>"
        "<t:Status>requestIsQueued</t:Status>"
    ),
    "1.3": (
        f"<t:MessageId>{_UUID}</t:MessageId><t:MessageType>REQUEST</t:MessageType><t:Sender>"
        "<t:Mnemonic>DEMO00001</t:Mnemonic><t:HumanReadableName>Соцзащита</t:HumanReadableName>"
        f"</t:Sender><t:SendingTimestamp>{_MOMENT}</t:SendingTimestamp>"
        "<t:Status>requestIsQueued</t:Status>"
    ),
}
_REQUEST_DATA = (
    f"<t:SenderProvidedRequestData><t:MessageID>{_UUID}</t:MessageID>\n  "
    f"<t:ReferenceMessageID>{_UUID}</t:ReferenceMessageID>"
    "<b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>"
    "<b:AttachmentHeaderList><b:AttachmentHeader><b:contentId>file_1</b:contentId>"
    "<b:MimeType>text/plain</b:MimeType></b:AttachmentHeader></b:AttachmentHeaderList>"
    "</t:SenderProvidedRequestData>"
)
_RESPONSE_DATA = (
    f"<t:SenderProvidedResponseData><t:MessageID>{_UUID}</t:MessageID><t:To>opaque|address</t:To>"
    "\n  <b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>"
    "</t:SenderProvidedResponseData>"
)
_ATTACHMENTS = (
    "<b:AttachmentContentList><b:AttachmentContent><b:Id>file_1</b:Id><b:Content>dGV4dA=="
    "</b:Content></b:AttachmentContent></b:AttachmentContentList>"
)
_SELECTOR = (
    "<b:MessageTypeSelector><b:NamespaceURI>urn://x-test/query/1.0</b:NamespaceURI>"
    f"<b:RootElementLocalName>Query</b:RootElementLocalName><b:Timestamp>{_MOMENT}</b:Timestamp>"
    "</b:MessageTypeSelector>"
)
_TIMESTAMP = f"<b:Timestamp>{_MOMENT}</b:Timestamp>"
_STATUS = (
    "<t:SmevAsyncProcessingMessage><t:AsyncProcessingStatusData><t:AsyncProcessingStatus>"
    f"<t:OriginalMessageId>{_UUID}</t:OriginalMessageId>"
    "<t:StatusCategory>requestIsRejectedBySmev</t:StatusCategory>"
    "<t:StatusDetails>ORIGINAL</t:StatusDetails></t:AsyncProcessingStatus>"
    "</t:AsyncProcessingStatusData></t:SmevAsyncProcessingMessage>"
)
_CALLER, _SENDER, _SMEV, _PERSONAL = Holder.CALLER, Holder.SENDER, Holder.SMEV, Holder.PERSONAL


@dataclass(frozen=True, slots=True)
class Sample:
    """An operation of SMEV 3 and who signs it, the innermost first."""

    operation: str
    content: str
    holders: tuple[Holder, ...]
    signed: tuple[str, ...]
    """Local names of what each of them signs."""
    versions: tuple[str, ...] = VERSIONS


SAMPLES = {
    "send_request": Sample(
        "SendRequestRequest",
        _REQUEST_DATA + _ATTACHMENTS,
        (_CALLER,),
        ("SenderProvidedRequestData",),
    ),
    "send_request_personal": Sample(
        "SendRequestRequest",
        _REQUEST_DATA,
        (_PERSONAL, _CALLER),
        ("Query", "SenderProvidedRequestData"),
    ),
    "send_response": Sample(
        "SendResponseRequest", _RESPONSE_DATA, (_CALLER,), ("SenderProvidedResponseData",)
    ),
    "send_response_personal": Sample(
        "SendResponseRequest",
        _RESPONSE_DATA + _ATTACHMENTS,
        (_PERSONAL, _CALLER),
        ("Query", "SenderProvidedResponseData"),
    ),
    "get_request": Sample("GetRequestRequest", _SELECTOR, (_CALLER,), ("MessageTypeSelector",)),
    "get_response": Sample("GetResponseRequest", _SELECTOR, (_CALLER,), ("MessageTypeSelector",)),
    "ack": Sample(
        "AckRequest",
        f'<b:AckTargetMessage Id="ACK" accepted="true">{_UUID}</b:AckTargetMessage>',
        (_CALLER,),
        ("AckTargetMessage",),
    ),
    "get_status": Sample("GetStatusRequest", _TIMESTAMP, (_CALLER,), ("Timestamp",)),
    "queue_statistics": Sample(
        "GetIncomingQueueStatisticsRequest", _TIMESTAMP, (_CALLER,), ("Timestamp",), ("1.1",)
    ),
    "request_accepted": Sample(
        "SendRequestResponse",
        "<t:MessageMetadata>{metadata}</t:MessageMetadata>",
        (_SMEV,),
        ("MessageMetadata",),
    ),
    "response_accepted": Sample(
        "SendResponseResponse",
        "<t:MessageMetadata>{metadata}</t:MessageMetadata>",
        (_SMEV,),
        ("MessageMetadata",),
    ),
    "status": Sample("GetStatusResponse", _STATUS, (_SMEV,), ("AsyncProcessingStatusData",)),
    "request": Sample(
        "GetRequestResponse",
        f"<t:RequestMessage><t:Request>{_REQUEST_DATA}"
        "<t:MessageMetadata>{metadata}</t:MessageMetadata><t:ReplyTo>opaque|address</t:ReplyTo>"
        f"</t:Request>{_ATTACHMENTS}</t:RequestMessage>",
        (_PERSONAL, _SENDER, _SMEV),
        ("Query", "SenderProvidedRequestData", "Request"),
    ),
    "response": Sample(
        "GetResponseResponse",
        f"<t:ResponseMessage><t:Response><t:OriginalMessageId>{_UUID}</t:OriginalMessageId>"
        f"{_RESPONSE_DATA}<t:MessageMetadata>{{metadata}}</t:MessageMetadata>"
        f"</t:Response>{_ATTACHMENTS}</t:ResponseMessage>",
        (_PERSONAL, _SENDER, _SMEV),
        ("Query", "SenderProvidedResponseData", "Response"),
    ),
}


def unsigned(name: str, version: str = "1.2", content: str = CONTENT) -> bytes:
    """The message without any signature."""
    sample = SAMPLES[name]
    metadata = _METADATA["1.1" if version == "1.1" else "1.3"]
    inside = sample.content.replace("{metadata}", metadata).replace("{content}", content)
    return (
        f'<soap:Envelope xmlns:soap="{ns.SOAP}"><soap:Header/><soap:Body>\n'
        f'<t:{sample.operation} xmlns:t="{TYPES}{version}" xmlns:b="{TYPES}basic/{version}">\n'
        f"{inside}\n</t:{sample.operation}>\n</soap:Body></soap:Envelope>"
    ).encode()


@cache
def signed(
    name: str, key: str = "agency-gost", version: str = "1.2", content: str = CONTENT
) -> bytes:
    """The message with all the signatures it may carry, all by one key."""
    message = unsigned(name, version, content)
    for holder in SAMPLES[name].holders:
        message = sign_smev3(parse_document(message), samples.signer(key), holder=holder)
    return message


def find(root: etree._Element, name: str) -> etree._Element:
    """The first element of this local name."""
    return next(root.iter(f"{{*}}{name}"))
