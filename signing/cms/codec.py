"""SignedData of CMS taken apart and put together: values in, values out, nothing verified.

Reading is strict, because much of a SignedData is signed by nobody: whatever stands in it has one
form only, or the message is refused. Longer than most modules: reading and writing share the one
list of members. Source: RFC 5652 §5, §11 and, for signing certificates,
RFC 5035 §3 and RFC 2634 §5.4.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.certificates import Certificate, parse_certificate
from signing.der import DerValue, encode_oid, encode_value, make_definite, read_value, read_values
from signing.errors import DerError, SignatureError

MAX_CMS_BYTES = 2**20
"""Of a signature without the content it may carry: certificates, time stamps, revocation lists."""
MAX_SIGNERS = 16
_MAX_CERTIFICATES = 32

SEQUENCE, SET, INTEGER, OCTETS, OID = 0x30, 0x31, 0x02, 0x04, 0x06
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_TAGGED_0, _TAGGED_1, _KEY_IDENTIFIER = 0xA0, 0xA1, 0x80
_DIRECTORY_NAME = 0xA4
NULL = b"\x05\x00"

ID_DATA = encode_oid("1.2.840.113549.1.7.1")
ID_SIGNED_DATA = encode_oid("1.2.840.113549.1.7.2")
CONTENT_TYPE = encode_oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = encode_oid("1.2.840.113549.1.9.4")
SIGNING_TIME = encode_oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE = encode_oid("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2 = encode_oid("1.2.840.113549.1.9.16.2.47")
_SUBJECT_KEY_IDENTIFIER = encode_oid("2.5.29.14")

_PEM = re.compile(
    rb"-----BEGIN (PKCS7|CMS)-----\s([A-Za-z0-9+/=\s]++)-----END \1-----\s*+", re.ASCII
)
_UTC_FORM = re.compile(rb"\d{12}Z", re.ASCII)
_GENERALIZED_FORM = re.compile(rb"\d{14}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer's statement, as it stands. Object identifiers are their DER."""

    issuer_and_serial: tuple[bytes, bytes] | None
    """The issuer's Name and the serial number, each DER; None when a key identifier stands."""
    key_identifier: bytes | None
    digest_oid: bytes
    signature_oid: bytes
    signature: bytes
    attributes: tuple[tuple[bytes, DerValue], ...] | None
    """Signed attributes: each comes once and has one value. None when there is none at all."""
    attributes_der: bytes | None
    """What is signed when there are attributes: their SET in DER."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData, as it stands."""

    content: bytes | None
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerInfo, ...]


@dataclass(frozen=True, slots=True)
class CertificateHash:
    """An ESSCertID: what the signed attributes say of the signer's certificate."""

    hash_oid: bytes | None
    """None: the attribute's own default (SHA-1 in version 1, SHA-256 in version 2)."""
    value: bytes
    issuer_and_serial: tuple[bytes, bytes] | None


def decode_file(signature: bytes, *, max_bytes: int) -> bytes:
    """Return the DER of a signature file in DER, PEM (PKCS7, CMS) or bare base64.

    Lengths left open are closed.

    Raises SignatureError ``cms.malformed``.
    """
    # base64 and its line ends take less than twice the bytes.
    if len(signature) > 2 * max_bytes:
        raise _malformed("too large")
    data = bytes(signature)
    if data[:1] != bytes([SEQUENCE]):
        data = _decode_text(data.strip())
    if len(data) > max_bytes:
        raise _malformed("too large")
    try:
        return make_definite(data)
    except DerError as error:
        raise _malformed(error.detail) from None


def parse_signed_data(der: bytes) -> SignedData:
    """Read a ContentInfo that holds a SignedData over id-data.

    Raises SignatureError ``cms.malformed``, ``cms.content`` (of another type), ``cms.attributes``
    (an attribute twice, or not with one value); SigningError ``certificate.malformed``.
    """
    try:
        content_type, wrapped = _members(read_value(der), (OID, _TAGGED_0))
        if content_type.encoded != ID_SIGNED_DATA:
            raise _malformed("not a SignedData")
        (signed_data,) = _one(wrapped, SEQUENCE)
        return _read_signed_data(signed_data)
    except DerError as error:
        raise _malformed(error.detail) from None


def read_time(value: DerValue) -> datetime:
    """Return the time of a signing-time attribute. Raises SignatureError ``cms.attributes``."""
    text = value.content
    if value.tag == _UTC_TIME and _UTC_FORM.fullmatch(text):
        # RFC 5652 §11.3: a year of 50 and more is one of the 20th century.
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    elif value.tag != _GENERALIZED_TIME or not _GENERALIZED_FORM.fullmatch(text):
        raise SignatureError("cms.attributes", "signing-time is not a time")
    try:
        return datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureError("cms.attributes", "signing-time is not a time") from None


def read_certificate_hash(value: DerValue, *, has_algorithm: bool) -> CertificateHash:
    """Return the first ESSCertID of a signing-certificate attribute: the signer's own.

    ``has_algorithm``: of version 2. Raises SignatureError ``cms.attributes``.
    """
    try:
        first = _values_of(_values_of(value, SEQUENCE)[0], SEQUENCE)[0]
        parts = list(_values_of(first, SEQUENCE))
        algorithm = None
        if has_algorithm and parts[0].tag == SEQUENCE:
            algorithm = _read_algorithm(parts.pop(0))
        value_hash = parts.pop(0)
        if value_hash.tag != OCTETS or len(parts) > 1:
            raise DerError("der.malformed", "not an ESSCertID")
        return CertificateHash(
            algorithm, value_hash.content, _read_issuer_serial(parts[0]) if parts else None
        )
    except (DerError, SignatureError, IndexError):
        raise SignatureError("cms.attributes", "a broken signing-certificate") from None


def name_issuer_and_serial(certificate: Certificate) -> tuple[bytes, bytes]:
    """Return the certificate's issuer and serial number, each DER."""
    fields = _tbs_fields(certificate)
    return fields[2].encoded, fields[0].encoded


def find_key_identifier(certificate: Certificate) -> bytes | None:
    """Return the SubjectKeyIdentifier of a certificate, None when it has none."""
    extensions = _tbs_fields(certificate)[-1]
    if extensions.tag != 0xA3:
        return None
    for extension in extensions.children()[0].children():
        identifier, *_, value = extension.children()
        if identifier.encoded == _SUBJECT_KEY_IDENTIFIER:
            return read_value(value.content).content
    return None


def encode_algorithm(oid: bytes, parameters: bytes = b"") -> bytes:
    """Return an AlgorithmIdentifier."""
    return encode_value(SEQUENCE, oid + parameters)


def encode_attributes(attributes: dict[bytes, bytes], *, tag: int = SET) -> bytes:
    """Return attributes with one value each, in the order of DER."""
    return encode_set(
        [
            encode_value(SEQUENCE, oid + encode_value(SET, value))
            for oid, value in attributes.items()
        ],
        tag=tag,
    )


def encode_set(values: list[bytes], *, tag: int = SET) -> bytes:
    """Return a SET OF in the order of DER (X.690 §11.6)."""
    return encode_value(tag, b"".join(sorted(values)))


def encode_time(at: datetime) -> bytes:
    """Return UTCTime until 2049 and GeneralizedTime after it, to the second (RFC 5652 §11.3)."""
    text = at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode().rjust(15, b"0")
    if b"1950" <= text[:4] < b"2050":
        return encode_value(_UTC_TIME, text[2:])
    return encode_value(_GENERALIZED_TIME, text)


def encode_signed_data(
    *, digest: bytes, signer_infos: list[bytes], certificates: list[bytes]
) -> bytes:
    """Return a ContentInfo with a detached SignedData; `digest` is an AlgorithmIdentifier."""
    body = (
        encode_integer(1)
        + encode_set([digest])
        + encode_value(SEQUENCE, ID_DATA)
        + encode_set(certificates, tag=_TAGGED_0)
        + encode_set(signer_infos)
    )
    signed_data = encode_value(SEQUENCE, body)
    return encode_value(SEQUENCE, ID_SIGNED_DATA + encode_value(_TAGGED_0, signed_data))


def encode_signer_info(
    certificate: Certificate,
    *,
    digest: bytes,
    attributes: dict[bytes, bytes],
    algorithm: bytes,
    signature: bytes,
) -> bytes:
    """Return a SignerInfo by issuer and serial.

    ``digest`` and ``algorithm`` are AlgorithmIdentifiers.
    """
    return encode_value(
        SEQUENCE,
        encode_integer(1)
        + encode_value(SEQUENCE, b"".join(name_issuer_and_serial(certificate)))
        + digest
        + encode_attributes(attributes, tag=_TAGGED_0)
        + algorithm
        + encode_value(OCTETS, signature),
    )


def encode_integer(number: int) -> bytes:
    """Return a number from zero on in DER."""
    return encode_value(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _decode_text(text: bytes) -> bytes:
    if text.startswith(b"-----"):
        match = _PEM.fullmatch(text)
        if match is None:
            raise _malformed("not one PEM block of a signature")
        text = match[2]
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except ValueError:
        raise _malformed("neither DER, nor PEM, nor base64") from None


def _read_signed_data(value: DerValue) -> SignedData:
    version, digests, content_info, *rest = _at_least(value.children(), 4)
    certificates: tuple[Certificate, ...] = ()
    if rest[0].tag == _TAGGED_0:
        certificates = _read_certificates(rest.pop(0))
    if rest and rest[0].tag == _TAGGED_1:
        rest.pop(0)  # revocation lists: trust is judged by other means
    if len(rest) != 1:
        raise _malformed("members of SignedData")
    signers = tuple(_read_signer(one) for one in _values_of(rest[0], SET))
    if len(signers) > MAX_SIGNERS:
        raise _malformed("too many signers")
    # RFC 5652 §5.1: 3 as soon as one signer is named by a key identifier.
    by_key = any(signer.key_identifier is not None for signer in signers)
    if version.encoded != encode_integer(3 if by_key else 1):
        raise _malformed("version of SignedData")
    named = {_read_algorithm(one) for one in _values_of(digests, SET)}
    if named != {signer.digest_oid for signer in signers}:
        raise _malformed("digest algorithms other than those of the signers")
    return SignedData(_read_content(content_info), certificates, signers)


def _read_content(value: DerValue) -> bytes | None:
    content_type, *wrapped = _at_least(_values_of(value, SEQUENCE), 1)
    if content_type.encoded != ID_DATA:
        raise SignatureError("cms.content", "the content is not plain data")
    if not wrapped:
        return None
    if len(wrapped) > 1:
        raise _malformed("members of the content")
    (octets,) = _one(wrapped[0], OCTETS, tag=_TAGGED_0)
    return octets.content


def _read_certificates(value: DerValue) -> tuple[Certificate, ...]:
    encoded = dict.fromkeys(one.encoded for one in value.children())
    if len(encoded) > _MAX_CERTIFICATES:
        raise _malformed("too many certificates")
    return tuple(parse_certificate(one, der_only=True) for one in encoded)


def _read_signer(value: DerValue) -> SignerInfo:
    version, identity, digest, *rest = _at_least(_values_of(value, SEQUENCE), 5)
    issuer_and_serial = key_identifier = None
    if identity.tag == _KEY_IDENTIFIER:
        key_identifier = identity.content
    else:
        name, serial = _members(identity, (SEQUENCE, INTEGER))
        issuer_and_serial = (name.encoded, serial.encoded)
    if version.encoded != encode_integer(1 if key_identifier is None else 3):
        raise _malformed("version of SignerInfo")
    attributes = attributes_der = None
    if rest[0].tag == _TAGGED_0:
        attributes, attributes_der = _read_attributes(rest.pop(0))
    if rest[-1].tag == _TAGGED_1:
        rest.pop()  # unsigned attributes: they prove nothing
    if len(rest) != 2 or rest[1].tag != OCTETS:
        raise _malformed("members of SignerInfo")
    return SignerInfo(
        issuer_and_serial=issuer_and_serial,
        key_identifier=key_identifier,
        digest_oid=_read_algorithm(digest),
        signature_oid=_read_algorithm(rest[0]),
        signature=rest[1].content,
        attributes=attributes,
        attributes_der=attributes_der,
    )


def _read_attributes(value: DerValue) -> tuple[tuple[tuple[bytes, DerValue], ...], bytes]:
    """Return the signed attributes and what is signed: their SET, in the order of DER."""
    encoded, found = [], dict[bytes, DerValue]()
    for attribute in value.children():
        oid, values = _members(attribute, (OID, SET))
        several = values.children()
        if oid.encoded in found or len(several) != 1:
            raise SignatureError("cms.attributes", "a signed attribute twice or without one value")
        found[oid.encoded] = several[0]
        encoded.append(attribute.encoded)
    if not found:
        raise SignatureError("cms.attributes", "an empty set of signed attributes")
    return tuple(found.items()), encode_set(encoded)


def _read_algorithm(value: DerValue) -> bytes:
    """Return the identifier of an algorithm without parameters: absent or NULL."""
    oid, *parameters = _at_least(_values_of(value, SEQUENCE), 1)
    if oid.tag != OID or [one.encoded for one in parameters] not in ([], [NULL]):
        raise _malformed("an algorithm with parameters")
    return oid.encoded


def _read_issuer_serial(value: DerValue) -> tuple[bytes, bytes]:
    """Return IssuerSerial (RFC 5035 §3): GeneralNames with one directory name, and the number."""
    names, serial = _members(value, (SEQUENCE, INTEGER))
    (name,) = _one(names, _DIRECTORY_NAME)
    return name.content, serial.encoded


def _tbs_fields(certificate: Certificate) -> tuple[DerValue, ...]:
    """Return the certificate's fields from its serial number on."""
    fields = read_value(certificate.der).children()[0].children()
    return fields[1:] if fields[0].tag == _TAGGED_0 else fields


def _members(value: DerValue, tags: tuple[int, ...]) -> tuple[DerValue, ...]:
    members = _values_of(value, SEQUENCE)
    if tuple(member.tag for member in members) != tags:
        raise DerError("der.malformed", "other members than expected")
    return members


def _one(value: DerValue, member: int, *, tag: int | None = None) -> tuple[DerValue, ...]:
    members = read_values(value.content)
    if len(members) != 1 or members[0].tag != member or tag not in {None, value.tag}:
        raise DerError("der.malformed", "other members than expected")
    return members


def _values_of(value: DerValue, tag: int) -> tuple[DerValue, ...]:
    if value.tag != tag:
        raise DerError("der.malformed", "another type than expected")
    return value.children()


def _at_least(values: tuple[DerValue, ...], count: int) -> tuple[DerValue, ...]:
    if len(values) < count:
        raise DerError("der.malformed", "fewer members than expected")
    return values


def _malformed(detail: str) -> SignatureError:
    return SignatureError("cms.malformed", detail)
