"""An honest verdict on every ds:Signature of a document, for people and their tools.

Where `verify_sender` says yes or no to one message of one shape, this looks at any XML document:
SMEV 2 of every revision, SMEV 3, signatures inside the content. It never calls a signature valid
that the strict rules would refuse where they apply (the Security headers of a SOAP envelope).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import SUPPORTED_SIGNATURES
from signing.certificates import Certificate, parse_certificate
from signing.errors import (
    ProviderError,
    SignatureError,
    SigningError,
    TrustError,
    UnsupportedError,
)
from signing.parser import parse_document
from signing.providers import Providers
from signing.soap import parse_envelope
from signing.trust import TrustStore
from signing.wss import verify_sender, verify_smev
from signing.xmldsig import (
    MAX_REFERENCES,
    decode_base64,
    read_signature,
    verify_reference,
    verify_signature,
)

# Each signature costs a verification and the canonical form of what it covers.
MAX_SIGNATURES = 32


class Verdict(StrEnum):
    """What can be said of a signature, the more certain first."""

    UNSUPPORTED = "unsupported"
    """It uses what is not built here; nothing is said about its validity."""
    INVALID = "invalid"
    """It does not hold, or stands where none may stand."""
    UNTRUSTED = "untrusted"
    """It holds, but its certificate is not accepted."""
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature of a document."""

    index: int
    """Its place among the signatures, in document order, from 0."""
    signed: tuple[str, ...]
    """Local names of the elements its References name; '' for one that is not there."""
    algorithm: str
    """URI of the SignatureMethod; '' when it has none."""
    digest: str
    """URI of the first Reference's DigestMethod; '' when it has none."""
    subject: str
    """Subject of the certificate that came with it; '' when there is none to read."""
    verdict: Verdict
    reason: str
    """Stable key, a colon, and a sentence."""


def inspect_signatures(
    data: bytes, providers: Providers, *, trust: TrustStore | None, at: datetime
) -> list[SignatureReport]:
    """Return a report on every ds:Signature, in document order; empty when there is none.

    ``trust``: None leaves the certificates' acceptance out; ``at`` is the moment to judge it by.
    Raises ParseError for what is not a document, SignatureError ``signature.too_many``.
    """
    document = _read_document(data)
    elements = list(document.root.iter(ns.SIGNATURE))
    if len(elements) > MAX_SIGNATURES:
        raise SignatureError("signature.too_many", f"more than {MAX_SIGNATURES} signatures")
    return [
        _inspect(index, element, document, providers, trust=trust, at=at)
        for index, element in enumerate(elements)
    ]


@dataclass(frozen=True, slots=True)
class _Document:
    root: etree._Element
    targets: dict[str, etree._Element]
    """The first element of each id."""
    has_duplicate_ids: bool


def _read_document(data: bytes) -> _Document:
    root = parse_document(data)
    targets: dict[str, etree._Element] = {}
    duplicate = False
    for element in root.iter():
        for name, value in element.items():
            if name in ns.ID_ATTRIBUTES and targets.setdefault(value, element) is not element:
                duplicate = True
    return _Document(root, targets, duplicate)


def _inspect(
    index: int,
    element: etree._Element,
    document: _Document,
    providers: Providers,
    *,
    trust: TrustStore | None,
    at: datetime,
) -> SignatureReport:
    reason: SigningError | None = None
    try:
        certificate = _verify(element, document, providers)
        verdict, reason = _judge(certificate, trust, at)
    except (UnsupportedError, ProviderError) as error:
        verdict, reason = Verdict.UNSUPPORTED, error
    except SigningError as error:
        verdict, reason = Verdict.INVALID, error
    return SignatureReport(
        index=index,
        signed=_name_targets(element, document),
        algorithm=_find_uri(element, f"{ns.SIGNED_INFO}/{ns.SIGNATURE_METHOD}"),
        digest=_find_uri(element, f"{ns.SIGNED_INFO}/{ns.REFERENCE}/{ns.DIGEST_METHOD}"),
        subject=_find_subject(element),
        verdict=verdict,
        reason=_explain(reason, trust_checked=trust is not None),
    )


def _verify(element: etree._Element, document: _Document, providers: Providers) -> Certificate:
    """Verify one signature by the rules of its place and return its certificate."""
    path = [element, *element.iterancestors()]
    in_soap = document.root.tag == ns.SOAP_ENVELOPE
    if len(path) > 1 and path[1].tag == ns.SECURITY:
        if not in_soap or [one.tag for one in path[2:]] != [ns.SOAP_HEADER, ns.SOAP_ENVELOPE]:
            raise SignatureError("signature.misplaced", "wsse:Security outside of soap:Header")
        return _verify_security(path[1], document, providers)
    if in_soap:
        frame = [part.tag for part in document.root]
        if frame not in ([ns.SOAP_HEADER, ns.SOAP_BODY], [ns.SOAP_BODY]):
            raise SignatureError("soap.structure", "not one Header, then one Body")
        if len(path) < 3 or path[-2].tag != ns.SOAP_BODY:
            raise SignatureError("signature.misplaced", "a signature beside the envelope's parts")
    return _verify_freely(element, document, providers)


def _verify_security(
    security: etree._Element, document: _Document, providers: Providers
) -> Certificate:
    """Verify a Security header by the very rules that messages are accepted by."""
    envelope = parse_envelope(document.root)
    if security is envelope.sender_security.element:
        return verify_sender(envelope, providers, allowed=SUPPORTED_SIGNATURES).certificate
    return verify_smev(envelope, providers, allowed=SUPPORTED_SIGNATURES).certificate


def _verify_freely(
    element: etree._Element, document: _Document, providers: Providers
) -> Certificate:
    """Verify a signature wherever it stands, its References by ids that are the document's only."""
    signature = read_signature(element)
    targets = []
    for reference in signature.references:
        target = document.targets.get(reference.target_id)
        if target is None:
            raise SignatureError("signature.reference", "a reference to nothing")
        if target.tag == ns.SOAP_BODY:
            # An envelope's Body is signed in its Security header; any other is a decoy.
            raise SignatureError("signature.reference", "soap:Body is signed from elsewhere")
        targets.append(target)
    if document.has_duplicate_ids:
        raise SignatureError("id.duplicate", "two elements of one id")
    certificate = _read_certificate(element)
    verify_signature(signature, certificate, providers, allowed=SUPPORTED_SIGNATURES)
    for reference, target in zip(signature.references, targets, strict=True):
        verify_reference(reference, target, providers)
    return certificate


def _judge(
    certificate: Certificate, trust: TrustStore | None, at: datetime
) -> tuple[Verdict, SigningError | None]:
    if trust is not None:
        try:
            trust.verify(certificate, at=at)
        except TrustError as error:
            return Verdict.UNTRUSTED, error
    return Verdict.VALID, None


def _explain(reason: SigningError | None, *, trust_checked: bool) -> str:
    if reason is not None:
        return f"{reason.code}: {reason.detail}"
    if trust_checked:
        return "signature.valid: the signature holds and its certificate is accepted"
    return "signature.valid: the signature holds; its certificate was not checked"


def _read_certificate(element: etree._Element) -> Certificate:
    """Return the certificate in KeyInfo, or in the token beside the signature that it names."""
    found = element.find(f"{ns.KEY_INFO}/{ns.X509_DATA}/{ns.X509_CERTIFICATE}")
    if found is None:
        reference = element.find(f"{ns.KEY_INFO}/{ns.TOKEN_REFERENCE}/{ns.WSSE_REFERENCE}")
        uri = "" if reference is None else reference.get("URI", "")
        parent = element.getparent()
        tokens = [] if parent is None else parent.findall(ns.TOKEN)
        found = next((token for token in tokens if f"#{token.get(ns.WSU_ID)}" == uri), None)
    if found is None:
        raise SignatureError("signature.malformed", "no certificate with the signature")
    return parse_certificate(decode_base64(found), der_only=True)


def _find_subject(element: etree._Element) -> str:
    try:
        return _read_certificate(element).subject
    except SigningError:
        return ""


def _find_targets(element: etree._Element, document: _Document) -> list[etree._Element | None]:
    """Return what each Reference names; None for what is not there."""
    references = element.findall(f"{ns.SIGNED_INFO}/{ns.REFERENCE}")[:MAX_REFERENCES]
    return [document.targets.get(one.get("URI", "").removeprefix("#")) for one in references]


def _name_targets(element: etree._Element, document: _Document) -> tuple[str, ...]:
    targets = _find_targets(element, document)
    return tuple("" if one is None else etree.QName(one).localname for one in targets)


def _find_uri(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get("Algorithm", "")
