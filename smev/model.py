"""The service block of a SMEV 2 message as values. Source: smev2.md §1."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Revision(StrEnum):
    """Revisions of the envelope; the value is the XML namespace."""

    REV120315 = "http://smev.gosuslugi.ru/rev120315"
    REV111111 = "http://smev.gosuslugi.ru/rev111111"


class TypeCode(StrEnum):
    """What an exchange is for; OTHER is not in rev111111."""

    SERVICE = "GSRV"
    FUNCTION = "GFNC"
    OTHER = "OTHR"


class Status(StrEnum):
    """What a message is within its exchange; PACKET is not in rev111111."""

    REQUEST = "REQUEST"
    RESULT = "RESULT"
    REJECT = "REJECT"
    INVALID = "INVALID"
    ACCEPT = "ACCEPT"
    PING = "PING"
    PROCESS = "PROCESS"
    NOTIFY = "NOTIFY"
    FAILURE = "FAILURE"
    CANCEL = "CANCEL"
    STATE = "STATE"
    PACKET = "PACKET"


@dataclass(frozen=True, slots=True)
class Participant:
    """An information system: its code (мнемоника) and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """The service a message is meant for; `version` looks like "1.00"."""

    mnemonic: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubMessage:
    """One entry of a packet (заявка пакета)."""

    number: str
    status: Status
    date: datetime
    originator: Participant | None = None
    request_id_ref: str | None = None
    origin_request_id_ref: str | None = None
    service_code: str | None = None
    case_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The block `smev:Message`. None is an absent element, "" an empty one; dates are aware.

    `service` and `service_name` are two forms of one thing: at most one of them is given.
    """

    revision: Revision
    sender: Participant
    recipient: Participant
    type_code: TypeCode
    status: Status
    date: datetime
    exchange_type: str
    originator: Participant | None = None
    service: Service | None = None
    service_name: str | None = None
    request_id_ref: str | None = None
    origin_request_id_ref: str | None = None
    service_code: str | None = None
    case_number: str | None = None
    sub_messages: tuple[SubMessage, ...] = ()
    test_message: str | None = None
    oktmo: str | None = None
