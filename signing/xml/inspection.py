"""An honest verdict on every ds:Signature of a document, for people and their tools.

Where `verify_sender` says yes or no to one message of one shape, this looks at any XML document:
SMEV 2 of every revision, SMEV 3, signatures inside the content. It never calls a signature valid
that the strict rules would refuse where they apply (the Security headers of a SOAP envelope).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import ALL_SIGNATURES
from signing.certificates import Certificate
from signing.errors import (
    ProviderError,
    SignatureError,
    SigningError,
    TrustError,
    UnsupportedError,
)
from signing.pki.trust import TrustStore
from signing.providers import Providers
from signing.xml.parser import parse_document
from signing.xml.personal import find_signatures, read_own_certificate, verify_free
from signing.xml.references import Budget
from signing.xml.smev3 import Holder, SignaturePlace, find_places, is_smev3, verify_place
from signing.xml.soap import parse_envelope
from signing.xml.wss import verify_sender, verify_smev
from signing.xml.xmldsig import MAX_REFERENCES

_HOLDERS = frozenset(holder.value for holder in Holder)
_CONTENTS = frozenset(
    f"{{{name}}}MessagePrimaryContent" for pair in ns.SMEV3_BASIC.items() for name in pair
)


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


class Document:
    """A parsed document, its signatures and what they may name; nothing is verified yet."""

    def __init__(self, data: bytes) -> None:
        """Raises ParseError for what is not a document, SignatureError ``signature.too_many``."""
        self.root = parse_document(data)
        self.signatures = tuple(find_signatures(self.root))
        self.targets: dict[str, etree._Element] = {}
        """The first element of each id."""
        self.budget = Budget()
        """For the verification of all its signatures."""
        self.explaining = Budget()
        """For explaining them all."""
        self.has_duplicate_ids = False
        for element in self.root.iter("*"):
            for name, value in element.items():
                if name not in ns.ID_ATTRIBUTES:
                    continue
                if self.targets.setdefault(value, element) is not element:
                    self.has_duplicate_ids = True

    @cached_property
    def smev3_places(self) -> tuple[SignaturePlace, ...]:
        """The places of signatures in an operation of SMEV 3. Raises SignatureError."""
        return find_places(self.root, bare=True) if is_smev3(self.root, bare=True) else ()


def inspect_signatures(
    data: bytes, providers: Providers, *, trust: TrustStore | None, at: datetime
) -> list[SignatureReport]:
    """Return a report on every ds:Signature, in document order; empty when there is none.

    ``trust``: None leaves the certificates' acceptance out; ``at`` is the moment to judge it by.
    Raises ParseError for what is not a document, SignatureError ``signature.too_many``.
    """
    return inspect_document(Document(data), providers, trust=trust, at=at)


def inspect_document(
    document: Document, providers: Providers, *, trust: TrustStore | None, at: datetime
) -> list[SignatureReport]:
    """Return a report on every signature of a document; see `inspect_signatures`."""
    return [
        _inspect(index, element, document, providers, trust=trust, at=at)
        for index, element in enumerate(document.signatures)
    ]


def _inspect(
    index: int,
    element: etree._Element,
    document: Document,
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


def _verify(element: etree._Element, document: Document, providers: Providers) -> Certificate:
    """Verify one signature by the rules of its place and return its certificate."""
    path = [element, *element.iterancestors()]
    in_soap = document.root.tag == ns.SOAP_ENVELOPE
    if len(path) > 1 and path[1].tag == ns.SECURITY:
        if not in_soap or [one.tag for one in path[2:]] != [ns.SOAP_HEADER, ns.SOAP_ENVELOPE]:
            raise SignatureError("signature.misplaced", "wsse:Security outside of soap:Header")
        return _verify_security(path[1], document, providers)
    if in_soap:
        _check_frame(document.root)
        if len(path) < 3 or path[-2].tag != ns.SOAP_BODY:
            raise SignatureError("signature.misplaced", "a signature beside the envelope's parts")
    _check_ids(document)
    place = next((one for one in document.smev3_places if one.signature is element), None)
    if place is not None:
        return verify_place(
            place, providers, allowed=ALL_SIGNATURES, budget=document.budget
        ).certificate
    targets = _choose_targets(path, document)
    return verify_free(
        element, targets, providers, allowed=ALL_SIGNATURES, budget=document.budget
    ).certificate


def _check_frame(envelope: etree._Element) -> None:
    if [part.tag for part in envelope] not in ([ns.SOAP_HEADER, ns.SOAP_BODY], [ns.SOAP_BODY]):
        raise SignatureError("soap.structure", "not one Header, then one Body")
    if len(envelope[-1]) != 1:
        raise SignatureError("soap.structure", "not exactly one element in Body")


def _choose_targets(path: list[etree._Element], document: Document) -> dict[str, etree._Element]:
    """Return what a signature that stands in no place of its own may cover, by ids.

    In a message: what is in the same content. Whatever else such a signature covers, it is not
    what the receiver reads.
    """
    if is_smev3(document.root, bare=True):
        content = next((one for one in path if one.tag in _CONTENTS), None)
        if content is None or (len(path) > 1 and etree.QName(path[1]).localname in _HOLDERS):
            raise SignatureError("signature.misplaced", "a signature of SMEV 3 out of its place")
    elif document.root.tag == ns.SOAP_ENVELOPE:
        content = path[-3]
    else:
        return document.targets
    return {
        name: target
        for name, target in document.targets.items()
        if target is content or content in target.iterancestors()
    }


def _check_ids(document: Document) -> None:
    if document.has_duplicate_ids:
        raise SignatureError("id.duplicate", "two elements of one id")


def _verify_security(
    security: etree._Element, document: Document, providers: Providers
) -> Certificate:
    """Verify a Security header by the very rules that messages are accepted by."""
    envelope = parse_envelope(document.root)
    if security is envelope.sender_security.element:
        return verify_sender(envelope, providers, allowed=ALL_SIGNATURES).certificate
    return verify_smev(envelope, providers, allowed=ALL_SIGNATURES).certificate


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


def _find_subject(element: etree._Element) -> str:
    try:
        return read_own_certificate(element).subject
    except SigningError:
        return ""


def _find_targets(element: etree._Element, document: Document) -> list[etree._Element | None]:
    """Return what each Reference names; None for what is not there."""
    references = element.findall(f"{ns.SIGNED_INFO}/{ns.REFERENCE}")[:MAX_REFERENCES]
    return [document.targets.get(one.get("URI", "").removeprefix("#")) for one in references]


def _name_targets(element: etree._Element, document: Document) -> tuple[str, ...]:
    targets = _find_targets(element, document)
    return tuple("" if one is None else etree.QName(one).localname for one in targets)


def _find_uri(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get("Algorithm", "")
