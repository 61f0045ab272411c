"""The Body's one child: the element of an operation with Message and MessageData in it.

Source: smev2.md §1. Whether AppData holds what the operation's contract asks for is checked by
`smev.catalogue`; here only the shape common to all operations is read and written.
"""

from dataclasses import dataclass
from datetime import tzinfo

from lxml import etree

from smev.errors import SmevError
from smev.message import Message, Revision, parse_message, reply_to
from smev.message_reader import REVISIONS
from smev.message_writer import fill_message
from smev.xmltext import collapse, text_of

__all__ = [
    "Operation",
    "build_operation",
    "parse_operation",
    "peek_operation",
    "peek_sender_code",
    "reply_to",
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One message: `name` is the operation's element as `{namespace}local`.

    `app_data` and `app_document` are the elements smev:AppData and smev:AppDocument themselves,
    still in their tree, not copies; None when they are absent.
    """

    name: str
    message: Message
    app_data: etree._Element | None
    app_document: etree._Element | None

    @property
    def content(self) -> etree._Element | None:
        """The one element inside AppData; None when there is none, or more than one."""
        return None if self.app_data is None else _only_child(self.app_data)


def parse_operation(payload: etree._Element, *, default_timezone: tzinfo) -> Operation:
    """Return the operation that the Body's child is.

    A date without a zone is taken to be in `default_timezone`. Raises SmevError `schema.invalid`
    when it isn't a Message followed by a MessageData of the same revision, as the schema says.
    """
    if not isinstance(payload.tag, str):
        raise SmevError("schema.invalid", "an operation is an element")
    children = _elements(payload)
    if len(children) != 2:
        raise SmevError("schema.invalid", "an operation holds Message and MessageData")
    message = parse_message(children[0], default_timezone=default_timezone)
    if children[1].tag != f"{{{message.revision}}}MessageData":
        raise SmevError("schema.invalid", "MessageData is missing")
    app_data, app_document = _parse_data(children[1], message.revision)
    return Operation(
        name=payload.tag, message=message, app_data=app_data, app_document=app_document
    )


def _parse_data(
    data: etree._Element, revision: Revision
) -> tuple[etree._Element | None, etree._Element | None]:
    found: list[etree._Element | None] = [None, None]
    position = 0
    for child in _elements(data):
        names = [f"{{{revision}}}AppData", f"{{{revision}}}AppDocument"][position:]
        if child.tag not in names:
            raise SmevError("schema.invalid", "an unexpected element in MessageData")
        position += names.index(child.tag) + 1
        found[position - 1] = child
    return found[0], found[1]


def build_operation(name: str, message: Message, content: etree._Element | None) -> etree._Element:
    """Return the element of an operation (`{namespace}local`) around a message.

    `content` becomes the one child of AppData and moves there from wherever it was; without it
    MessageData is empty. Raises SmevError `message.unwritable` when the values can't be written.
    """
    namespace, brace, _local = name.rpartition("}")
    nsmap = {"smev": message.revision.value}
    if brace:
        nsmap["op"] = namespace[1:]
    try:
        root = etree.Element(name, nsmap=nsmap)
    except ValueError:
        raise SmevError("message.unwritable", "not a name of an operation") from None
    prefix = f"{{{message.revision}}}"
    fill_message(etree.SubElement(root, prefix + "Message"), message)
    data = etree.SubElement(root, prefix + "MessageData")
    if content is not None:
        etree.SubElement(data, prefix + "AppData").append(content)
    return root


def peek_operation(payload: etree._Element) -> str:
    """Return the name of the Body's child as `{namespace}local`; "" when it isn't an element."""
    return payload.tag if isinstance(payload.tag, str) else ""


def peek_sender_code(payload: etree._Element) -> str | None:
    """Return Sender/Code of a message that passed no schema yet; None when it has no single one.

    Whenever `parse_operation` reads the payload, this is the code it finds. Never raises.
    """
    message = _single(payload, [*REVISIONS])
    if message is None:
        return None
    revision = REVISIONS[str(message.tag)]
    sender = _single(message, [f"{{{revision}}}Sender"])
    code = None if sender is None else _single(sender, [f"{{{revision}}}Code"])
    if code is None:
        return None
    try:
        return collapse(text_of(code))
    except SmevError:
        return None


def _single(parent: etree._Element, tags: list[str]) -> etree._Element | None:
    found = list(parent.iterchildren(*tags))
    return found[0] if len(found) == 1 else None


def _only_child(element: etree._Element) -> etree._Element | None:
    children = _elements(element)
    return children[0] if len(children) == 1 else None


def _elements(parent: etree._Element) -> list[etree._Element]:
    return list(parent.iterchildren("*"))
