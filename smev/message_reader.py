"""Reading `smev:Message`: rev120315 in both its forms, and rev111111.

On input the two forms of rev120315 are one: `Service`, `ServiceName` or neither. Order and presence
are checked here too, so that a block can be read that passed no schema. Source: smev2.md §1.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from smev.errors import SmevError
from smev.model import Message, Participant, Revision, Service, Status, SubMessage, TypeCode
from smev.xmltext import collapse, local_name, read_date_time, text_of

_MESSAGE = (
    "Sender",
    "Recipient",
    "Originator",
    "Service",
    "ServiceName",
    "TypeCode",
    "Status",
    "Date",
    "ExchangeType",
    "RequestIdRef",
    "OriginRequestIdRef",
    "ServiceCode",
    "CaseNumber",
    "SubMessages",
    "TestMsg",
    "OKTMO",
)
_NOT_IN_111111 = frozenset({"Service", "ServiceName", "SubMessages", "OKTMO"})
_SUB_MESSAGE = (
    "SubRequestNumber",
    "Status",
    "Originator",
    "Date",
    "RequestIdRef",
    "OriginRequestIdRef",
    "ServiceCode",
    "CaseNumber",
)
_ORDERS: Mapping[tuple[Revision, str], Mapping[str, int]] = {
    (revision, parent): {
        f"{{{revision}}}{name}": position
        for position, name in enumerate(names)
        if revision is Revision.REV120315 or name not in _NOT_IN_111111
    }
    for revision in Revision
    for parent, names in (
        ("Message", _MESSAGE),
        ("SubMessage", _SUB_MESSAGE),
        ("Sender", ("Code", "Name")),
        ("Service", ("Mnemonic", "Version")),
    )
}
REVISIONS: Mapping[str, Revision] = {f"{{{revision}}}Message": revision for revision in Revision}
_Code = TypeVar("_Code", bound=StrEnum)


def parse_message(element: etree._Element, *, default_timezone: tzinfo = UTC) -> Message:
    """Return the block `smev:Message` of either revision as a value.

    A date without a zone is taken to be in `default_timezone`. Raises SmevError `schema.invalid`
    when an element is missing, unknown, doubled or out of order, or a value isn't of its type.
    """
    revision = REVISIONS.get(element.tag) if isinstance(element.tag, str) else None
    if revision is None:
        raise SmevError("schema.invalid", "not a Message of a known revision")
    parts = _children(element, _ORDERS[revision, "Message"])
    service = parts.get("Service")
    if service is not None and "ServiceName" in parts:
        raise SmevError("schema.invalid", "both Service and ServiceName")
    originator = parts.get("Originator")
    return Message(
        revision=revision,
        sender=_parse_participant(_need(parts, "Sender"), revision),
        recipient=_parse_participant(_need(parts, "Recipient"), revision),
        originator=None if originator is None else _parse_participant(originator, revision),
        service=None if service is None else _parse_service(service, revision),
        service_name=_text(parts, "ServiceName"),
        type_code=_code(TypeCode, parts, revision),
        status=_code(Status, parts, revision),
        date=read_date_time(_need(parts, "Date"), default_timezone=default_timezone),
        exchange_type=text_of(_need(parts, "ExchangeType")),
        request_id_ref=_text(parts, "RequestIdRef"),
        origin_request_id_ref=_text(parts, "OriginRequestIdRef"),
        service_code=_text(parts, "ServiceCode"),
        case_number=_text(parts, "CaseNumber"),
        sub_messages=tuple(_parse_packet(parts.get("SubMessages"), revision, default_timezone)),
        test_message=_text(parts, "TestMsg"),
        oktmo=_text(parts, "OKTMO"),
    )


def _parse_participant(element: etree._Element, revision: Revision) -> Participant:
    parts = _children(element, _ORDERS[revision, "Sender"])
    return Participant(
        code=collapse(text_of(_need(parts, "Code"))), name=text_of(_need(parts, "Name"))
    )


def _parse_service(element: etree._Element, revision: Revision) -> Service:
    parts = _children(element, _ORDERS[revision, "Service"])
    return Service(
        mnemonic=text_of(_need(parts, "Mnemonic")), version=text_of(_need(parts, "Version"))
    )


def _parse_packet(
    packet: etree._Element | None, revision: Revision, default_timezone: tzinfo
) -> Iterator[SubMessage]:
    if packet is None:
        return
    if not len(packet):
        raise SmevError("schema.invalid", "SubMessages is empty")
    for element in packet.iterchildren():
        if isinstance(element, etree._Comment):
            continue
        if element.tag != f"{{{revision}}}SubMessage":
            raise SmevError("schema.invalid", "SubMessages holds something else")
        yield _parse_sub_message(element, revision, default_timezone)


def _parse_sub_message(
    element: etree._Element, revision: Revision, default_timezone: tzinfo
) -> SubMessage:
    parts = _children(element, _ORDERS[revision, "SubMessage"])
    originator = parts.get("Originator")
    return SubMessage(
        number=text_of(_need(parts, "SubRequestNumber")),
        status=_code(Status, parts, revision),
        date=read_date_time(_need(parts, "Date"), default_timezone=default_timezone),
        originator=None if originator is None else _parse_participant(originator, revision),
        request_id_ref=_text(parts, "RequestIdRef"),
        origin_request_id_ref=_text(parts, "OriginRequestIdRef"),
        service_code=_text(parts, "ServiceCode"),
        case_number=_text(parts, "CaseNumber"),
    )


def _children(element: etree._Element, order: Mapping[str, int]) -> dict[str, etree._Element]:
    """Return the children by local name; each must be known, single, and in its place."""
    parts: dict[str, etree._Element] = {}
    last = -1
    for child in element:
        if isinstance(child, etree._Comment):
            continue
        position = order.get(child.tag, -1) if isinstance(child.tag, str) else -1
        if position <= last:
            raise SmevError("schema.invalid", f"an unexpected element in {local_name(element)}")
        last = position
        parts[local_name(child)] = child
    return parts


def _need(parts: Mapping[str, etree._Element], name: str) -> etree._Element:
    try:
        return parts[name]
    except KeyError:
        raise SmevError("schema.invalid", f"{name} is missing") from None


def _text(parts: Mapping[str, etree._Element], name: str) -> str | None:
    element = parts.get(name)
    return None if element is None else text_of(element)


def _code(kind: type[_Code], parts: Mapping[str, etree._Element], revision: Revision) -> _Code:
    name = kind.__name__
    try:
        code = kind(text_of(_need(parts, name)))
    except ValueError:
        raise SmevError("schema.invalid", f"{name} is not in the list") from None
    if not is_in_revision(code, revision):
        raise SmevError("schema.invalid", f"{name} is not in the list of this revision")
    return code


def is_in_revision(code: StrEnum, revision: Revision) -> bool:
    """Tell whether the revision's list has this TypeCode or Status."""
    return revision is not Revision.REV111111 or code not in (TypeCode.OTHER, Status.PACKET)
