"""A certificate authority for tests and demonstrations, made without any command line.

It is a library's worth of authority and no more: it never revokes, and its keys lie in plain
PKCS#8. Source of the profile: RFC 5280 §4; RFC 9215 for GOST keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import core, keys, x509

from signing.algorithms import SignatureAlgorithm
from signing.asn1 import ASN1_LOCK
from signing.certificates import INN, OGRN, Certificate, PublicKeyInfo, parse_certificate
from signing.providers import PrivateKey

# RFC 5280 Appendix A.2 (RSA), RFC 9215 §2 (GOST): AlgorithmIdentifier of a certificate's signature.
_SIGNATURE_OIDS = {
    SignatureAlgorithm.RSA_SHA256: "1.2.840.113549.1.1.11",
    SignatureAlgorithm.GOST_2012_256: "1.2.643.7.1.1.3.2",
}


class _NameField(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """AttributeTypeAndValue with any attribute; asn1crypto's own stops at those it knows."""

    _fields = [("type", core.ObjectIdentifier), ("value", core.Any)]  # noqa: RUF012


class _RelativeName(core.SetOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = _NameField


class _Name(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = _RelativeName


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate is for."""

    common_name: str
    organisation: str
    ogrn: str | None = None
    """ОГРН, 13 digits."""
    inn: str | None = None
    """ИНН of a legal entity in the certificates' form: 12 digits, two leading zeros."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority: its certificate and private key."""

    certificate: Certificate
    key: PrivateKey


def issue_certificate(
    subject: Subject,
    public_key_info: bytes,
    *,
    issuer: Issuer | PrivateKey,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    is_authority: bool = False,
) -> Certificate:
    """Return a new certificate, signed by the issuer; a bare private key signs its own one.

    Dates are timezone-aware and kept to the second. Raises ProviderError.
    """
    with ASN1_LOCK:
        key = issuer.key if isinstance(issuer, Issuer) else issuer
        algorithm = _name_algorithm(key.algorithm)
        name = _build_name(subject)
        issuer_name, issuer_key_info = name, public_key_info
        if isinstance(issuer, Issuer):
            issuer_name = x509.Certificate.load(issuer.certificate.der).subject
            issuer_key_info = issuer.certificate.public_key_info
        tbs = x509.TbsCertificate(
            {
                "version": "v3",
                "serial_number": serial,
                "signature": algorithm,
                "issuer": issuer_name,
                "validity": {
                    "not_before": _build_time(not_before),
                    "not_after": _build_time(not_after),
                },
                "subject": name,
                "subject_public_key_info": keys.PublicKeyInfo.load(public_key_info),
                "extensions": _build_extensions(
                    public_key_info, issuer_key_info, is_authority=is_authority
                ),
            }
        )
        return parse_certificate(_seal(tbs, algorithm, key))


def _name_algorithm(algorithm: SignatureAlgorithm) -> dict[str, object]:
    """Return the AlgorithmIdentifier: RSA has an explicit NULL, GOST nothing at all."""
    named: dict[str, object] = {"algorithm": _SIGNATURE_OIDS[algorithm]}
    if algorithm is SignatureAlgorithm.RSA_SHA256:
        named["parameters"] = core.Null()
    return named


def _seal(tbs: x509.TbsCertificate, algorithm: dict[str, object], key: PrivateKey) -> bytes:
    """Return the certificate, DER, that the key signs."""
    certificate = x509.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": algorithm,
            "signature_value": key.sign(tbs.dump()),
        }
    )
    return bytes(certificate.dump())


def _build_time(moment: datetime) -> x509.Time:
    """Return UTCTime until 2049 and GeneralizedTime after it (RFC 5280 §4.1.2.5)."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    if whole.year < 2050:
        return x509.Time(name="utc_time", value=core.UTCTime(whole))
    return x509.Time(name="general_time", value=core.GeneralizedTime(whole))


def _build_name(subject: Subject) -> x509.Name:
    fields = [
        ("2.5.4.6", core.PrintableString("RU")),
        ("2.5.4.10", core.UTF8String(subject.organisation)),
        ("2.5.4.3", core.UTF8String(subject.common_name)),
    ]
    if subject.ogrn is not None:
        fields.append((OGRN, core.NumericString(subject.ogrn)))
    if subject.inn is not None:
        fields.append((INN, core.NumericString(subject.inn)))
    name = _Name([_RelativeName([{"type": oid, "value": value}]) for oid, value in fields])
    return x509.Name.load(name.dump())


def _build_extensions(
    public_key_info: bytes, issuer_key_info: bytes, *, is_authority: bool
) -> list[dict[str, object]]:
    """Return BasicConstraints, KeyUsage and the two key identifiers."""
    usage = {"key_cert_sign", "crl_sign"} if is_authority else {"digital_signature"}
    constraints: dict[str, object] = {"ca": is_authority}
    if is_authority:
        constraints["path_len_constraint"] = 1
    return [
        {
            "extn_id": "basic_constraints",
            "critical": True,
            "extn_value": x509.BasicConstraints(constraints),
        },
        {"extn_id": "key_usage", "critical": True, "extn_value": x509.KeyUsage(usage)},
        {
            "extn_id": "key_identifier",
            "extn_value": core.OctetString(_identify_key(public_key_info)),
        },
        {
            "extn_id": "authority_key_identifier",
            "extn_value": x509.AuthorityKeyIdentifier(
                {"key_identifier": _identify_key(issuer_key_info)}
            ),
        },
    ]


def _identify_key(public_key_info: bytes) -> bytes:
    """Return the key identifier: the left 160 bits of SHA-256 over the key (RFC 7093 §2)."""
    key = PublicKeyInfo.load(public_key_info)["public_key"]
    return hashlib.sha256(bytes(key)).digest()[:20]
