"""Reading what came back, as an agency reads it: nothing unverified."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from signing.xml.parser import parse_document
from signing.xml.wss import VerifiedBody, parse_envelope, verify_sender
from smev.catalogue import Catalogue
from smev.contracts import EDUCATION_NS, FAULTS_NS, STUDENTS_NS
from smev.envelope import Operation, parse_operation
from tests.support.http import HttpReply
from tests.support.installation import Installation

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
ST, ED, FLT = f"{{{STUDENTS_NS}}}", f"{{{EDUCATION_NS}}}", f"{{{FAULTS_NS}}}"
_CATALOGUE = Catalogue()


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP Fault of ours, as it stands on the wire."""

    faultcode: str
    faultstring: str
    key: str
    code: str
    description: str
    message_id: str | None


def verify(body: bytes, installation: Installation) -> VerifiedBody:
    """The signed Body of a reply whose signer the configured authority has certified."""
    envelope = parse_envelope(parse_document(body))
    providers = installation.providers
    verified = verify_sender(envelope, providers, allowed=providers.signatures)
    installation.trust().verify(verified.certificate, at=datetime.now(UTC))
    return verified


def read_reply(reply: HttpReply, installation: Installation) -> Operation:
    """The verified message of a reply that keeps the contract."""
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    payload = verify(reply.body, installation).payload
    assert _CATALOGUE.validate(payload) == ()
    return parse_operation(payload, default_timezone=UTC)


def read_status(reply: HttpReply, installation: Installation) -> str:
    return read_reply(reply, installation).message.status.value


def read_fault(reply: HttpReply, installation: Installation) -> Fault:
    """The verified Fault of a reply."""
    assert reply.status in (500, 503), reply.body
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    return fault_of(verify(reply.body, installation).payload)


def read_unsigned_fault(reply: HttpReply) -> Fault:
    """The Fault of a reply that bears no signature, and must be an envelope with nothing else."""
    root = etree.fromstring(reply.body)
    assert [part.tag for part in root] == [f"{SOAP}Body"]
    (fault,) = root[0]
    return fault_of(fault)


def fault_of(fault: etree._Element) -> Fault:
    """Read soap:Fault, which must have exactly the published shape."""
    assert fault.tag == f"{SOAP}Fault"
    assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
    (error,) = fault.find("detail")
    assert error.tag == f"{FLT}Error"
    prefix, _, local = (fault.findtext("faultcode") or "").partition(":")
    assert fault.nsmap[prefix] == SOAP[1:-1]
    return Fault(
        faultcode=local,
        faultstring=fault.findtext("faultstring") or "",
        key=error.get("key", ""),
        code=error.findtext(f"{FLT}Code") or "",
        description=error.findtext(f"{FLT}Description") or "",
        message_id=error.findtext(f"{FLT}MessageId"),
    )


def student_of(operation: Operation) -> etree._Element:
    """The Student of a RESULT."""
    assert operation.content is not None
    student = operation.content.find(f"{ST}Student")
    assert student is not None
    return student


def problems_of(operation: Operation) -> set[tuple[str, str | None]]:
    """Codes and fields of an INVALID."""
    assert operation.content is not None
    assert operation.content.tag == f"{ST}Problems"
    return {
        (one.findtext(f"{ST}Code") or "", one.findtext(f"{ST}Field")) for one in operation.content
    }
