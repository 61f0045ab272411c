"""One exchange by hand: a sample request, its signature, the call, and the reply read."""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from gateway.faults import FAULTS_NS, SOAP_NS
from ops.addresses import is_http_url
from ops.config import AgencySection, GatewaySection
from ops.errors import ExitCode, OpsError
from signing.errors import SignatureError, SigningError
from signing.pki.trust import TrustStore
from signing.providers import Providers, Signer
from signing.xml.parser import parse_document
from signing.xml.smev3 import Holder, find_places, is_smev3, sign_smev3
from signing.xml.wss import build_envelope, parse_envelope, sign_envelope, verify_sender
from smev.envelope import parse_operation, peek_operation
from smev.errors import SmevError
from smev.message import Message, Participant
from smev.samples import build_sample

_REPLY_LIMIT_BYTES = 64 * 2**20


def sample_request(
    operation: str, *, sender: AgencySection, gateway: GatewaySection, date: datetime
) -> bytes:
    """Return an unsigned envelope for an operation.

    Raises OpsError `operation.unknown` (exit code 2).
    """
    try:
        payload = build_sample(
            operation,
            sender=Participant(code=sender.code, name=sender.name),
            recipient=Participant(code=gateway.code, name=gateway.name),
            date=date,
        )
    except SmevError as error:
        raise OpsError("operation.unknown", error.detail, exit_code=ExitCode.USAGE) from None
    return _serialise(build_envelope(payload))


def sign_request(data: bytes, signer: Signer, *, personal: bool = False) -> bytes:
    """Sign a message of SMEV 2 as its sender, or the outermost element of SMEV 3 that is signed.

    ``personal`` makes the PersonalSignature of SMEV 3's content. Raises SigningError.
    """
    root = parse_document(data)
    if not is_smev3(root):
        if personal:
            raise SignatureError("soap.structure", "only content of SMEV 3 is signed so")
        return sign_envelope(root, signer)
    places = find_places(root)
    if not places:
        raise SignatureError("signature.missing", "nothing in this message is signed")
    holder = Holder.PERSONAL if personal else places[0].holder
    return sign_smev3(root, signer, holder=holder)


def password_from(name: str | None) -> bytes | None:
    """Return a key's password from the environment. Raises OpsError (exit code 2)."""
    if name is None:
        return None
    value = os.environ.get(name)
    if value is None:
        raise OpsError("password.missing", f"{name} is not set", exit_code=ExitCode.USAGE)
    return value.encode()


def post(url: str, data: bytes, *, timeout_s: float) -> bytes:
    """POST a message and return what came back, whatever the status.

    Raises OpsError `url.malformed` (exit code 2), `peer.unavailable` (3), `peer.not_soap` and
    `peer.too_large` (1). `timeout_s` is for the whole reply.
    """
    if not is_http_url(url):
        raise _malformed(url)
    # They take a fifth of a second to load.
    import requests
    from urllib3.exceptions import HTTPError, LocationParseError

    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{_action(data)}"',
        "Accept-Encoding": "identity",
    }
    deadline = time.monotonic() + timeout_s
    try:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.post(
                url,
                data=data,
                headers=headers,
                timeout=timeout_s,
                allow_redirects=False,
                stream=True,
            )
            if "xml" not in reply.headers.get("Content-Type", ""):
                raise OpsError("peer.not_soap", f"{url}: HTTP {reply.status_code}, no XML")
            return _read_bounded(reply.raw, deadline)
    except (requests.exceptions.InvalidURL, LocationParseError, UnicodeError):
        raise _malformed(url) from None
    except (requests.RequestException, HTTPError, TimeoutError, ValueError) as error:
        raise OpsError(
            "peer.unavailable", f"{url}: {type(error).__name__}", exit_code=ExitCode.UNAVAILABLE
        ) from None


def _malformed(url: str) -> OpsError:
    return OpsError("url.malformed", f"{url!r}: not http(s)", exit_code=ExitCode.USAGE)


def _read_bounded(stream: Any, deadline: float) -> bytes:
    """Read a reply as it comes, up to the limit and the deadline."""
    data = bytearray()
    while chunk := stream.read1(65536):
        data += chunk
        if len(data) > _REPLY_LIMIT_BYTES:
            raise OpsError("peer.too_large", f"a reply over {_REPLY_LIMIT_BYTES} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(data)


@dataclass(frozen=True, slots=True)
class ReplyReport:
    """A reply read: its signature, and either its message and content or its Fault."""

    signature: str
    subject: str | None
    message: Message | None = None
    content: etree._Element | None = None
    fault_code: str | None = None
    fault_text: str | None = None
    journal_id: str | None = None

    @property
    def verified(self) -> bool:
        """Tell whether the signature holds and its signer is trusted."""
        return self.signature == "valid"

    def as_row(self) -> dict[str, object]:
        """Return the reply for a JSON line."""
        message = self.message
        return {
            "signature": self.signature,
            "subject": self.subject,
            "status": message.status.value if message else None,
            "request_id_ref": message.request_id_ref if message else None,
            "fault": self.fault_code,
            "text": self.fault_text,
            "message_id": self.journal_id,
            "content": None if self.content is None else _tree(self.content),
        }


def read_reply(
    data: bytes,
    providers: Providers,
    *,
    trust: TrustStore | None,
    at: datetime,
    request: bytes | None = None,
) -> ReplyReport:
    """Verify a reply and read it. What isn't verified is not shown, but for a Fault's text.

    Without `trust` the signature alone is checked. With `request` the reply must be of its
    operation: our own message, sent back, is signed well too.
    Raises SigningError for a reply that isn't a signed envelope at all, SmevError.
    """
    root = parse_document(data)
    try:
        envelope = parse_envelope(root)
        verified = verify_sender(envelope, providers, allowed=providers.signatures)
        if trust is not None:
            trust.verify(verified.certificate, at=at)
    except SigningError as error:
        return _read_unverified(root, error)
    subject, payload = verified.certificate.subject, verified.payload
    if payload.tag == f"{{{SOAP_NS}}}Fault":
        return _read_fault(payload, signature="valid", subject=subject)
    if request is not None and payload.tag != _reply_name(request):
        return ReplyReport(signature="reply.unexpected", subject=subject)
    operation = parse_operation(payload, default_timezone=ZoneInfo("UTC"))
    content = None if operation.app_data is None else next(iter(operation.app_data), None)
    return ReplyReport(
        signature="valid", subject=subject, message=operation.message, content=content
    )


def _read_unverified(root: etree._Element, error: SigningError) -> ReplyReport:
    fault = root.find(f"{{{SOAP_NS}}}Body/{{{SOAP_NS}}}Fault")
    if fault is None:
        return ReplyReport(signature=error.code, subject=None)
    return _read_fault(fault, signature=error.code, subject=None)


def _read_fault(fault: etree._Element, *, signature: str, subject: str | None) -> ReplyReport:
    error = f"detail/{{{FAULTS_NS}}}Error/{{{FAULTS_NS}}}"
    return ReplyReport(
        signature=signature,
        subject=subject,
        fault_code=fault.findtext(f"{error}Code") or fault.findtext("faultcode") or "",
        fault_text=fault.findtext(f"{error}Description") or fault.findtext("faultstring"),
        journal_id=fault.findtext(f"{error}MessageId"),
    )


def _reply_name(request: bytes) -> str | None:
    try:
        return f"{peek_operation(parse_envelope(parse_document(request)).payload)}Response"
    except SigningError:
        return None


def _action(data: bytes) -> str:
    """Return the SOAPAction of a message; of what can't be read there is none."""
    try:
        namespace, _, local = peek_operation(
            parse_envelope(parse_document(data)).payload
        ).partition("}")
    except (SigningError, SmevError):
        return ""
    return f"{namespace.removeprefix('{')}/{local}"


def _tree(element: etree._Element) -> object:
    children = list(element)
    if not children:
        return element.text or ""
    branches: dict[str, list[object]] = {}
    for child in children:
        branches.setdefault(etree.QName(child).localname, []).append(_tree(child))
    return {name: each[0] if len(each) == 1 else each for name, each in branches.items()}


def _serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
