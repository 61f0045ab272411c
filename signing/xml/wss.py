"""WS-Security of SMEV 2: verify the sender's and SMEV's signatures, hand on what they cover.

The steps of a verification, numbered as in the code ("Rules of verification", rules 1 to 4):

1. The bytes were read by `parse_xml` or `parse_document`, which bound them.
2. The envelope has the one fixed shape (`parse_envelope`), the signature too (`read_signature`):
   its References are ``#id``, and the key is the one token beside it.
3. Every Reference names the element that it has to cover, compared by the id of that very
   element: nothing is ever searched for by an id.
4. The value over SignedInfo is verified with the token's certificate.
5. Only then the digests are.
6. What is handed on is rebuilt from the bytes that were digested, apart from the message's tree.

Whether the certificate is trusted is not asked here (`signing.pki.trust`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DigestAlgorithm, SignatureAlgorithm, find_signature_algorithm
from signing.certificates import Certificate
from signing.errors import SignatureError
from signing.namespaces import RECIPIENT_ACTOR, SMEV_ACTOR
from signing.providers import Providers
from signing.xml.parser import parse_canonical
from signing.xml.references import Digested, verify_reference
from signing.xml.sealing import sign_envelope, sign_payload
from signing.xml.soap import Security, SoapEnvelope, build_envelope, parse_envelope
from signing.xml.xmldsig import (
    Reference,
    XmlSignature,
    read_certificate,
    read_children,
    read_fragment,
    read_signature,
    verify_signature,
)

__all__ = [
    "RECIPIENT_ACTOR",
    "SMEV_ACTOR",
    "SmevSeal",
    "SoapEnvelope",
    "VerifiedBody",
    "build_envelope",
    "parse_envelope",
    "peek_algorithm",
    "sign_envelope",
    "sign_payload",
    "verify_sender",
    "verify_smev",
]


@dataclass(frozen=True)
class VerifiedBody:
    """The Body that the sender's signature covers, and who signed it."""

    canonical: bytes
    """The bytes that were digested."""
    digest: bytes
    """Their digest by `digest_algorithm`, as it stands in DigestValue."""
    body_sha256: str
    """SHA-256 of `canonical`, lower-case hexadecimal: the same whatever the digest algorithm."""
    algorithm: SignatureAlgorithm
    digest_algorithm: DigestAlgorithm
    certificate: Certificate

    @cached_property
    def body(self) -> etree._Element:
        """soap:Body, a document of its own, parsed from `canonical` when it is first read.

        Raises ParseError.
        """
        return parse_canonical(self.canonical)

    @property
    def payload(self) -> etree._Element:
        """The one child of Body. Raises ParseError."""
        return self.body[0]


@dataclass(frozen=True, slots=True)
class SmevSeal:
    """What SMEV's own signature (ЭП-СМЭВ) says."""

    certificate: Certificate
    algorithm: SignatureAlgorithm
    message_id: str | None
    """smev:Header/MessageId as SMEV signed it; None when there is none."""


def peek_algorithm(envelope: SoapEnvelope) -> SignatureAlgorithm | None:
    """Return the algorithm that the sender's signature names, unverified; None for any unknown."""
    path = f"{ns.SIGNED_INFO}/{ns.SIGNATURE_METHOD}"
    found = envelope.sender_security.signature.find(path)
    try:
        return None if found is None else find_signature_algorithm(found.get("Algorithm", ""))
    except SignatureError:
        return None


def verify_sender(
    envelope: SoapEnvelope, providers: Providers, *, allowed: frozenset[SignatureAlgorithm]
) -> VerifiedBody:
    """Verify the sender's signature (ЭП-ОВ) and return the Body that it covers.

    ``allowed`` are the signature algorithms the configuration takes from this sender.
    Raises SignatureError (``signature.*``), UnsupportedError ``signature.algorithm_unsupported``,
    ProviderError, SigningError ``certificate.malformed``.
    """
    # Step 2: the signature's own shape.
    signature, certificate = _open_security(envelope.sender_security)
    # Step 3: one Reference, to this Body.
    if len(signature.references) != 1:
        raise SignatureError("signature.reference", "the sender signs the Body and nothing else")
    (reference,) = signature.references
    _check_target(reference, envelope.body)
    # Step 4, then step 5.
    algorithm = verify_signature(signature, certificate, providers, allowed=allowed)
    digested = verify_reference(reference, envelope.body, providers, allowed=allowed)
    # Step 6.
    return VerifiedBody(
        canonical=digested.canonical,
        digest=digested.digest,
        body_sha256=_sha256_of(digested),
        algorithm=algorithm,
        digest_algorithm=digested.algorithm,
        certificate=certificate,
    )


def verify_smev(
    envelope: SoapEnvelope, providers: Providers, *, allowed: frozenset[SignatureAlgorithm]
) -> SmevSeal:
    """Verify SMEV's own signature over smev:Header and Body.

    Raises SignatureError ``signature.seal_missing`` when the message carries no such signature, or
    no smev:Header, and otherwise as `verify_sender`.
    """
    if envelope.smev_security is None or envelope.smev_header is None:
        raise SignatureError("signature.seal_missing", "no signature of SMEV over its Header")
    # Step 2.
    signature, certificate = _open_security(envelope.smev_security)
    # Step 3: two References, one to each.
    covered = (envelope.smev_header, envelope.body)
    by_id = {reference.target_id: reference for reference in signature.references}
    if len(signature.references) != len(covered) or len(by_id) != len(covered):
        raise SignatureError("signature.reference", "SMEV signs smev:Header and Body")
    references = [by_id.get(element.get(ns.WSU_ID) or "") for element in covered]
    to_header, to_body = references
    if to_header is None or to_body is None:
        raise SignatureError("signature.reference", "SMEV signs smev:Header and Body")
    # Step 4, then step 5.
    algorithm = verify_signature(signature, certificate, providers, allowed=allowed)
    header = verify_reference(to_header, envelope.smev_header, providers, allowed=allowed)
    verify_reference(to_body, envelope.body, providers, allowed=allowed)
    # Step 6.
    return SmevSeal(certificate, algorithm, _read_message_id(header.canonical))


def _open_security(security: Security) -> tuple[XmlSignature, Certificate]:
    """Return the signature of a wsse:Security and the certificate of the token beside it."""
    signature = read_signature(security.signature)
    token = security.token
    if _read_token_reference(signature.key_info) != token.get(ns.WSU_ID):
        raise SignatureError("signature.reference", "KeyInfo does not name the token beside it")
    if token.get("ValueType") != ns.X509_V3 or token.get("EncodingType") not in {
        None,
        ns.BASE64_BINARY,
    }:
        raise SignatureError("signature.malformed", "the token is not a base64 X.509 certificate")
    return signature, read_certificate(token)


def _read_token_reference(key_info: etree._Element) -> str:
    """Return the id in KeyInfo → SecurityTokenReference → Reference; no other key is taken."""
    element = key_info
    for tag in (ns.TOKEN_REFERENCE, ns.WSSE_REFERENCE):
        children = read_children(element)
        if len(children) != 1 or children[0].tag != tag:
            raise SignatureError(
                "signature.algorithm_not_allowed", "KeyInfo has to refer to the token and only that"
            )
        element = children[0]
    if len(element) or element.get("ValueType") not in {None, ns.X509_V3}:
        raise SignatureError("signature.malformed", "the token's reference")
    return read_fragment(element.get("URI"))


def _sha256_of(digested: Digested) -> str:
    """Return the SHA-256 of the bytes, which may have been computed already."""
    if digested.algorithm is DigestAlgorithm.SHA256:
        return digested.digest.hex()
    return hashlib.sha256(digested.canonical).hexdigest()


def _check_target(reference: Reference, element: etree._Element) -> None:
    # The id of the element we are going to read, never the element of an id.
    if element.get(ns.WSU_ID) != reference.target_id:
        raise SignatureError("signature.reference", "the signature does not refer to this Body")


def _read_message_id(canonical: bytes) -> str | None:
    header = parse_canonical(canonical)
    found = header.find(f"{{{etree.QName(header).namespace}}}MessageId")
    text = None if found is None else (found.text or "").strip()
    return text or None
