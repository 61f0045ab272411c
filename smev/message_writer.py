"""Writing `smev:Message`. Source: smev2.md §1."""

import re

from lxml import etree

from smev.errors import SmevError
from smev.message_reader import is_in_revision
from smev.model import Message, Participant, Revision, Service, SubMessage
from smev.xmltext import format_date_time, is_too_long

_VERSION = re.compile(r"\d{1,2}\.\d{2}")


def build_message(message: Message) -> etree._Element:
    """Return the block as a new element with the prefix `smev`.

    Raises SmevError `message.unwritable` when the revision, or XML itself, can't hold the values.
    """
    root = etree.Element(f"{{{message.revision}}}Message", nsmap={"smev": message.revision.value})
    fill_message(root, message)
    return root


def fill_message(root: etree._Element, message: Message) -> None:
    """Write the block into an empty `smev:Message`. Raises SmevError `message.unwritable`."""
    _check(message)
    writer = _Writer(message.revision)
    try:
        writer.message(root, message)
    except ValueError:
        # lxml refuses what XML 1.0 can't hold: control characters, NUL, lone surrogates
        raise SmevError("message.unwritable", "a text that XML can't hold") from None


def _check(message: Message) -> None:
    if message.service is not None and message.service_name is not None:
        raise SmevError("message.unwritable", "both Service and ServiceName")
    if message.service is not None and not _VERSION.fullmatch(message.service.version):
        raise SmevError("message.unwritable", "a service version that isn't like 1.00")
    codes = (message.type_code, message.status, *(each.status for each in message.sub_messages))
    if not all(is_in_revision(code, message.revision) for code in codes):
        raise SmevError("message.unwritable", "a code that the revision doesn't have")
    if message.revision is Revision.REV111111 and (
        message.service is not None
        or message.service_name is not None
        or message.sub_messages
        or message.oktmo is not None
    ):
        raise SmevError("message.unwritable", "an element that the revision doesn't have")


class _Writer:
    """Appends elements of one revision."""

    __slots__ = ("_prefix",)

    def __init__(self, revision: Revision) -> None:
        self._prefix = f"{{{revision}}}"

    def message(self, root: etree._Element, message: Message) -> None:
        self._participant(root, "Sender", message.sender)
        self._participant(root, "Recipient", message.recipient)
        self._participant(root, "Originator", message.originator)
        self._service(root, message.service)
        self._text(root, "ServiceName", message.service_name)
        self._text(root, "TypeCode", message.type_code)
        self._text(root, "Status", message.status)
        self._text(root, "Date", format_date_time(message.date))
        self._text(root, "ExchangeType", message.exchange_type)
        self._references(root, message)
        self._packet(root, message.sub_messages)
        self._text(root, "TestMsg", message.test_message)
        self._text(root, "OKTMO", message.oktmo)

    def _packet(self, root: etree._Element, entries: tuple[SubMessage, ...]) -> None:
        if not entries:
            return
        packet = etree.SubElement(root, self._prefix + "SubMessages")
        for entry in entries:
            element = etree.SubElement(packet, self._prefix + "SubMessage")
            self._text(element, "SubRequestNumber", entry.number)
            self._text(element, "Status", entry.status)
            self._participant(element, "Originator", entry.originator)
            self._text(element, "Date", format_date_time(entry.date))
            self._references(element, entry)

    def _references(self, parent: etree._Element, source: Message | SubMessage) -> None:
        self._text(parent, "RequestIdRef", source.request_id_ref)
        self._text(parent, "OriginRequestIdRef", source.origin_request_id_ref)
        self._text(parent, "ServiceCode", source.service_code)
        self._text(parent, "CaseNumber", source.case_number)

    def _participant(
        self, parent: etree._Element, name: str, participant: Participant | None
    ) -> None:
        if participant is not None:
            element = etree.SubElement(parent, self._prefix + name)
            self._text(element, "Code", participant.code)
            self._text(element, "Name", participant.name)

    def _service(self, parent: etree._Element, service: Service | None) -> None:
        if service is not None:
            element = etree.SubElement(parent, self._prefix + "Service")
            self._text(element, "Mnemonic", service.mnemonic)
            self._text(element, "Version", service.version)

    def _text(self, parent: etree._Element, name: str, text: str | None) -> None:
        if text is None:
            return
        if is_too_long(text, name):
            raise SmevError("message.unwritable", f"{name} is too long")
        etree.SubElement(parent, self._prefix + name).text = str(text)
