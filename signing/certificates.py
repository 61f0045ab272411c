"""X.509 certificates as values: read once, compared by their bytes.

Nothing here says that a certificate is trusted; that is `signing.pki.trust`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from unicodedata import category

from asn1crypto import core, x509

from signing.asn1 import ASN1_LOCK
from signing.der import is_der
from signing.errors import SigningError

# Real qualified certificates with GOST keys take 1.5 to 6 KB.
MAX_CERTIFICATE_BYTES = 32 * 1024
_MAX_BUNDLE_BYTES = 4 * 2**20
_CACHED_CERTIFICATES = 512

OGRN = "1.2.643.100.1"
SNILS = "1.2.643.100.3"
INN_LEGAL = "1.2.643.100.4"
OGRNIP = "1.2.643.100.5"
INN = "1.2.643.3.131.1.1"

_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"

# Names of subject attributes: RFC 4514 §3 and приказ ФСБ России от 27.12.2011 № 795.
_SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "GN",
    "1.2.840.113549.1.9.1": "E",
    OGRN: "OGRN",
    SNILS: "SNILS",
    INN_LEGAL: "INNLE",
    OGRNIP: "OGRNIP",
    INN: "INN",
}
# Unicode's control and format characters, half characters, line and paragraph separators: they
# move a terminal's cursor, turn its direction or break a log's line.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PEM_BEGIN = b"-----BEGIN"
_PEM_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----")
_PEM = re.compile(_PEM_CERTIFICATE.pattern + rb"\s([A-Za-z0-9+/=\s]++)-----END ")


class _AlgorithmIdentifier(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("algorithm", core.ObjectIdentifier),
        ("parameters", core.Any, {"optional": True}),
    ]


class PublicKeyInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """SubjectPublicKeyInfo with any algorithm; asn1crypto's own stops at those it knows."""

    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("algorithm", _AlgorithmIdentifier),
        ("public_key", core.OctetBitString),
    ]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was read. Equal when the bytes are equal."""

    der: bytes = field(repr=False)
    fingerprint: str = field(compare=False)
    """SHA-256 of the bytes, lower-case hexadecimal."""
    subject: str = field(compare=False, repr=False)
    """RFC 4514 order and escaping; Russian attributes by name (OGRN, INN, SNILS)."""
    issuer: str = field(compare=False, repr=False)
    serial: int = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    """Both ends belong to the time of validity; UTC."""
    public_key_algorithm: str = field(compare=False)
    """Object identifier in dotted form."""
    public_key_info: bytes = field(compare=False, repr=False)
    """SubjectPublicKeyInfo, DER."""
    key_usage: frozenset[str] | None = field(compare=False)
    """Names of RFC 5280 §4.2.1.3 in snake case; None when the extension is absent."""
    is_authority: bool = field(compare=False)
    """BasicConstraints with cA: made for signing certificates."""
    is_server_only: bool = field(compare=False)
    """A critical ExtendedKeyUsage of serverAuth (TLS) and nothing else."""
    subject_fields: tuple[tuple[str, str], ...] = field(compare=False, repr=False)
    """Object identifier and value of each subject attribute, in the certificate's order."""

    def subject_field(self, oid: str) -> str | None:
        """Return the first subject attribute of this object identifier (OGRN, INN, SNILS…)."""
        return next((value for name, value in self.subject_fields if name == oid), None)

    # Of these persons and organisations are known by: `repr` shows none, and no log should.

    @property
    def ogrn(self) -> str | None:
        """ОГРН of the organisation, 13 digits; None when there is none of that form."""
        return self._number(OGRN, 13)

    @property
    def ogrnip(self) -> str | None:
        """ОГРНИП of the entrepreneur, 15 digits; None when there is none of that form."""
        return self._number(OGRNIP, 15)

    @property
    def inn(self) -> str | None:
        """ИНН, 12 digits (an organisation's stands here with two leading zeros), or None."""
        return self._number(INN, 12)

    @property
    def inn_legal(self) -> str | None:
        """ИННЮЛ, the organisation's ИНН in an attribute of its own, 10 digits, or None."""
        return self._number(INN_LEGAL, 10)

    @property
    def snils(self) -> str | None:
        """СНИЛС of the person, 11 digits; None when there is none of that form."""
        return self._number(SNILS, 11)

    def _number(self, oid: str, digits: int) -> str | None:
        """Return a number that stands there once; two different ones say nothing of whose it is.

        Check digits are not looked at. Source of the forms: приказ ФСБ России от 27.12.2011 № 795.
        """
        values = {value for name, value in self.subject_fields if name == oid}
        value = values.pop() if len(values) == 1 else ""
        return value if len(value) == digits and value.isascii() and value.isdigit() else None


def parse_certificate(data: bytes, *, der_only: bool = False) -> Certificate:
    """Return the certificate of these bytes, PEM (the first one) or DER.

    ``der_only`` takes DER alone, as messages have to carry it; a file may be either.
    Raises SigningError ``certificate.malformed``.
    """
    if not der_only and _PEM_BEGIN in data[:4096]:
        return parse_certificates(data)[0]
    return _parse_der(bytes(data))


def parse_certificates(bundle: bytes) -> tuple[Certificate, ...]:
    """Return every certificate of a PEM bundle in its order, or the one of DER; at least one.

    Raises SigningError ``certificate.malformed``, also when one of several cannot be read.
    """
    if len(bundle) > _MAX_BUNDLE_BYTES:
        raise SigningError("certificate.malformed", "bundle too large")
    if _PEM_BEGIN not in bundle:
        return (_parse_der(bytes(bundle)),)
    blocks = _PEM.findall(bundle)
    if not blocks:
        raise SigningError("certificate.malformed", "no certificate in the PEM text")
    if len(blocks) != len(_PEM_CERTIFICATE.findall(bundle)):
        raise SigningError("certificate.malformed", "a broken certificate in the PEM text")
    return tuple(_parse_der(_decode_pem(block)) for block in blocks)


def format_pem(certificate: Certificate) -> bytes:
    """Return the certificate as PEM text."""
    body = base64.encodebytes(certificate.der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def _decode_pem(block: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(block.split()), validate=True)
    except ValueError:
        raise SigningError("certificate.malformed", "not base64") from None


@lru_cache(maxsize=_CACHED_CERTIFICATES)
def _parse_der(der: bytes) -> Certificate:
    """Read DER once per certificate: every message carries its sender's one again."""
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise SigningError("certificate.malformed", "no certificate of a sensible size")
    if not is_der(der):
        # Bytes that mean the same are to be the same: certificates are compared by them.
        raise SigningError("certificate.malformed", "not DER")
    try:
        with ASN1_LOCK:
            return _read(der)
    except SigningError:
        raise
    except Exception:  # asn1crypto raises whatever broken bytes lead it to
        raise SigningError("certificate.malformed", "not an X.509 certificate") from None


def _read(der: bytes) -> Certificate:
    certificate = x509.Certificate.load(der, strict=True)
    tbs = certificate["tbs_certificate"]
    validity = tbs["validity"]
    usage = certificate.key_usage_value
    subject = _read_name(certificate.subject)
    key_info = tbs["subject_public_key_info"].dump()
    key_algorithm = PublicKeyInfo.load(key_info, strict=True)["algorithm"]["algorithm"]
    # Everything else is read later by the path validation; it has to be readable now.
    for extension in tbs["extensions"]:
        _ = extension["extn_value"].native
    return Certificate(
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        subject=_format_name(subject),
        issuer=_format_name(_read_name(certificate.issuer)),
        serial=certificate.serial_number,
        not_before=validity["not_before"].native,
        not_after=validity["not_after"].native,
        public_key_algorithm=key_algorithm.dotted,
        public_key_info=key_info,
        key_usage=None if usage is None else frozenset(usage.native),
        is_authority=bool(certificate.ca),
        is_server_only=_is_server_only(certificate),
        subject_fields=tuple(subject),
    )


def _is_server_only(certificate: x509.Certificate) -> bool:
    uses = certificate.extended_key_usage_value
    is_critical = "extended_key_usage" in certificate.critical_extensions
    return is_critical and {use.dotted for use in uses} == {_SERVER_AUTH}


def _read_name(name: x509.Name) -> list[tuple[str, str]]:
    return [
        (attribute["type"].dotted, str(attribute["value"].native))
        for relative in name.chosen
        for attribute in relative
    ]


def _format_name(fields: list[tuple[str, str]]) -> str:
    """Return the name as RFC 4514 §2 orders and escapes it."""
    return ",".join(f"{_SHORT_NAMES.get(oid, oid)}={_escape(value)}" for oid, value in fields[::-1])


def _escape(value: str) -> str:
    escaped = re.sub(r'([,+"\\<>;=])', r"\\\1", value)
    escaped = "".join(
        _escape_octets(one) if category(one) in _INVISIBLE else one for one in escaped
    )
    if escaped[:1] in {" ", "#"}:
        escaped = "\\" + escaped
    return escaped


def _escape_octets(character: str) -> str:
    """Return the character as RFC 4514 §2.4 writes any: the octets of its UTF-8."""
    return "".join(f"\\{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
