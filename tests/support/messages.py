"""Requests: built as an agency builds them, signed in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from lxml import etree

from signing.providers import Signer
from signing.xml.wss import build_envelope, sign_envelope
from smev.contracts import EDUCATION_NS, STUDENTS_NS
from smev.envelope import build_operation
from smev.message import Message, Participant, Revision, Service, Status, TypeCode
from tests.support.installation import Installation

DEMO_SNILS = "112-233-445 95"
FIND_STUDENT = f"{{{STUDENTS_NS}}}FindStudent"
_ST, _ED = f"{{{STUDENTS_NS}}}", f"{{{EDUCATION_NS}}}"
_cases = count(1)


def by_snils(snils: str = DEMO_SNILS, **more: str) -> etree._Element:
    """A FindStudentRequest by СНИЛС; `more` are Purpose and AsOf."""
    return _request(lambda root: _add(root, f"{_ST}Snils", snils), **more)


def by_name(
    family: str, first: str, middle: str | None, birth_date: date | str, **more: str
) -> etree._Element:
    """A FindStudentRequest by name and birth date."""

    def fill(root: etree._Element) -> None:
        person = etree.SubElement(root, f"{_ST}PersonalData")
        _add(person, f"{_ED}FamilyName", family)
        _add(person, f"{_ED}FirstName", first)
        if middle is not None:
            _add(person, f"{_ED}MiddleName", middle)
        _add(person, f"{_ED}BirthDate", str(birth_date))

    return _request(fill, **more)


def by_document(type_code: str, series: str | None, number: str, **more: str) -> etree._Element:
    """A FindStudentRequest by identity document."""

    def fill(root: etree._Element) -> None:
        document = etree.SubElement(root, f"{_ST}IdentityDocument")
        _add(document, f"{_ED}Type", type_code)
        if series is not None:
            _add(document, f"{_ED}Series", series)
        _add(document, f"{_ED}Number", number)

    return _request(fill, **more)


def _request(fill: Callable[[etree._Element], None], **more: str) -> etree._Element:
    root = etree.Element(f"{_ST}FindStudentRequest", nsmap={"op": STUDENTS_NS, "ed": EDUCATION_NS})
    for name in ("Purpose", "AsOf"):
        if name in more:
            _add(root, f"{_ST}{name}", more[name])
    fill(root)
    return root


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


@dataclass(frozen=True, slots=True)
class Caller:
    """An agency's system: what it calls itself and what it signs with."""

    code: str
    signer: Signer
    recipient: str = "KONT00001"

    def message(self, **changes: Any) -> Message:
        """The service block of a request of now, with a case number of its own."""
        values: dict[str, Any] = {
            "revision": Revision.REV120315,
            "sender": Participant(self.code, "Ведомство"),
            "recipient": Participant(self.recipient, "Контингент"),
            "service": Service("KONT00001", "1.00"),
            "type_code": TypeCode.FUNCTION,
            "status": Status.REQUEST,
            "date": datetime.now(UTC),
            "exchange_type": "2",
            "case_number": f"case-{next(_cases)}",
        }
        return Message(**{**values, **changes})

    def payload(self, content: etree._Element | None = None, **changes: Any) -> etree._Element:
        """The Body's child of a FindStudent request."""
        content = by_snils() if content is None else content
        return build_operation(FIND_STUDENT, self.message(**changes), content)

    def sign(self, payload: etree._Element) -> bytes:
        """A signed envelope around any payload."""
        return sign_envelope(build_envelope(payload), self.signer)

    def ask(self, content: etree._Element | None = None, **changes: Any) -> bytes:
        """A signed FindStudent request; `changes` are fields of its service block."""
        return self.sign(self.payload(content, **changes))


CODES = {"agency-gost": "DEMO00001", "agency-rsa": "DEMO00002"}


def caller(installation: Installation, name: str, code: str | None = None) -> Caller:
    """The owner of a key of the demonstration, under its own code or another."""
    return Caller(code or CODES[name], installation.signer(name))
