"""A sample request of each operation, to try a service with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from lxml import etree

from smev.contracts import STUDENTS_NS
from smev.envelope import build_operation
from smev.errors import SmevError
from smev.message import Message, Participant, Revision, Service, Status, TypeCode

# The pupil that a demonstration register always holds; the number is a well-known test value.
SAMPLE_SNILS = "112-233-445 95"
INTERAGENCY = "2"  # ExchangeType of a request between agencies, as commonly used (smev2.md §1)


def build_sample(
    operation: str,
    *,
    sender: Participant,
    recipient: Participant,
    date: datetime,
    originator: Participant | None = None,
    service: Service | None = None,
    case_number: str | None = "2026-0001",
) -> etree._Element:
    """Return the unsigned Body's child of a request for `operation` (its local name).

    `date` is an aware moment; `service` is by default the recipient's service of version 1.00.
    Raises SmevError `operation.unknown`, `message.unwritable`.
    """
    make = _CONTENTS.get(operation)
    if make is None:
        raise SmevError("operation.unknown", "there is no sample for this operation")
    content = make()
    message = Message(
        revision=Revision.REV120315,
        sender=sender,
        recipient=recipient,
        originator=originator,
        service=service or Service(mnemonic=recipient.code, version="1.00"),
        type_code=TypeCode.FUNCTION,
        status=Status.REQUEST,
        date=date,
        exchange_type=INTERAGENCY,
        case_number=case_number,
    )
    namespace = etree.QName(content).namespace
    return build_operation(f"{{{namespace}}}{operation}", message, content)


def sample_operations() -> tuple[str, ...]:
    """Return the local names of the operations that have a sample."""
    return tuple(_CONTENTS)


def _find_student() -> etree._Element:
    request = etree.Element(f"{{{STUDENTS_NS}}}FindStudentRequest", nsmap={"op": STUDENTS_NS})
    purpose = etree.SubElement(request, f"{{{STUDENTS_NS}}}Purpose")
    purpose.text = "Предоставление государственной услуги"
    etree.SubElement(request, f"{{{STUDENTS_NS}}}Snils").text = SAMPLE_SNILS
    return request


_CONTENTS: Mapping[str, Callable[[], etree._Element]] = MappingProxyType(
    {"FindStudent": _find_student}
)
