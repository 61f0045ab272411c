"""Signatures of files made by hand, so that any part of them can be wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from signing.cms import codec
from signing.der import encode_oid, encode_value
from signing.pki.issuing import Issuer, Subject, issue_certificate
from signing.providers import KeyKind, Signer
from tests.unit.signing import samples

DATA = "Справка № 5".encode()
GOST_KEY = encode_oid("1.2.643.7.1.1.1.1")
GOST_DIGEST = encode_oid("1.2.643.7.1.1.2.2")
KINDS = (
    KeyKind.GOST_2012_256,
    KeyKind.GOST_2012_512,
    KeyKind.RSA_2048,
    KeyKind.EC_P256,
    KeyKind.EC_P384,
)


@cache
def issuer() -> Issuer:
    """The authority of certificates for the kinds of keys that the demonstration lacks."""
    providers = samples.providers()
    key = providers.generate_key(KeyKind.RSA_2048)
    certificate = issue_certificate(
        Subject("CMS", "CMS"),
        key.public_key_info,
        issuer=key,
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=900),
        serial=1,
        is_authority=True,
    )
    return Issuer(certificate, key)


@cache
def signer(kind: KeyKind, serial: int = 2) -> Signer:
    providers = samples.providers()
    key = providers.generate_key(kind)
    certificate = issue_certificate(
        Subject(f"{kind} {serial}", "CMS"),
        key.public_key_info,
        issuer=issuer(),
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=800),
        serial=serial,
    )
    return providers.join_signer(key, certificate)


def name_by_issuer(one: Signer) -> bytes:
    return encode_value(0x30, b"".join(codec.name_issuer_and_serial(one.certificate)))


def name_by_key(one: Signer) -> bytes:
    found = codec.find_key_identifier(one.certificate)
    assert found is not None
    return encode_value(0x80, found)


@dataclass
class Draft:
    """A signature with GOST of 256 bits that verifies until something in it is changed."""

    signer: Signer = field(default_factory=lambda: signer(KeyKind.GOST_2012_256))
    data: bytes = DATA
    version: int = 1
    digests: list[bytes] = field(default_factory=lambda: [codec.encode_algorithm(GOST_DIGEST)])
    content_type: bytes = codec.ID_DATA
    content: bytes | None = None
    certificates: list[bytes] | None = None
    after_certificates: bytes = b""
    info_version: int = 1
    identity: bytes | None = None
    digest: bytes = codec.encode_algorithm(GOST_DIGEST)
    attributes: list[tuple[bytes, list[bytes]]] | None = None
    """None: the usual ones."""
    without_attributes: bool = False
    signed: bytes | None = None
    """What is signed in place of the attributes or the data."""
    algorithm: bytes = codec.encode_algorithm(GOST_KEY)
    unsigned: bytes = b""

    def usual_attributes(self) -> dict[bytes, list[bytes]]:
        digest = self.signer.digest(self.data)
        return {
            codec.CONTENT_TYPE: [codec.ID_DATA],
            codec.MESSAGE_DIGEST: [encode_value(0x04, digest)],
            codec.SIGNING_TIME: [codec.encode_time(samples.NOW)],
        }

    def with_attributes(self, changed: dict[bytes, list[bytes] | None]) -> Draft:
        """Return the draft with attributes added, replaced or (None) left out."""
        wanted = {**self.usual_attributes(), **changed}
        return replace(
            self, attributes=[(oid, each) for oid, each in wanted.items() if each is not None]
        )

    def signer_info(self) -> bytes:
        attributes = self.attributes
        if attributes is None:
            attributes = list(self.usual_attributes().items())
        encoded = [
            encode_value(0x30, oid + encode_value(0x31, b"".join(values)))
            for oid, values in attributes
        ]
        signed = self.data if self.without_attributes else codec.encode_set(encoded)
        return encode_value(
            0x30,
            codec.encode_integer(self.info_version)
            + (self.identity or name_by_issuer(self.signer))
            + self.digest
            + (b"" if self.without_attributes else encode_value(0xA0, b"".join(encoded)))
            + self.algorithm
            + encode_value(0x04, self.signer.sign(self.signed or signed))
            + self.unsigned,
        )

    def build(self, *others: bytes) -> bytes:
        certificates = self.certificates
        if certificates is None:
            certificates = [self.signer.certificate.der]
        content = b"" if self.content is None else encode_value(0xA0, self.content)
        body = (
            codec.encode_integer(self.version)
            + encode_value(0x31, b"".join(self.digests))
            + encode_value(0x30, self.content_type + content)
            + (encode_value(0xA0, b"".join(certificates)) if certificates else b"")
            + self.after_certificates
            + codec.encode_set([self.signer_info(), *others])
        )
        signed_data = encode_value(0x30, body)
        return encode_value(0x30, codec.ID_SIGNED_DATA + encode_value(0xA0, signed_data))


def certificate_hash(der: bytes, *, rest: bytes = b"") -> bytes:
    """The value of signing-certificate-v2 with the default digest, SHA-256."""
    one = encode_value(0x30, encode_value(0x04, hashlib.sha256(der).digest()) + rest)
    return encode_value(0x30, encode_value(0x30, one))
