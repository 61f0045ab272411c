"""A certificate authority for tests and demonstrations, made without any command line.

It is a library's worth of authority and no more: whom it has revoked it has to be told, and its
keys lie in plain PKCS#8. Source of the profile: RFC 5280 §4, §5; RFC 9215 for GOST keys.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import core, crl, keys, x509

from signing.algorithms import SignatureAlgorithm
from signing.asn1 import ASN1_LOCK
from signing.certificates import (
    INN,
    INN_LEGAL,
    OGRN,
    OGRNIP,
    SNILS,
    Certificate,
    PublicKeyInfo,
    parse_certificate,
)
from signing.providers import PrivateKey

# RFC 5280 Appendix A.2 (RSA), RFC 9215 §2 (GOST): AlgorithmIdentifier of a certificate's signature.
_SIGNATURE_OIDS = {
    SignatureAlgorithm.RSA_SHA256: "1.2.840.113549.1.1.11",
    SignatureAlgorithm.GOST_2012_256: "1.2.643.7.1.1.3.2",
    SignatureAlgorithm.GOST_2012_512: "1.2.643.7.1.1.3.3",
    SignatureAlgorithm.GOST_2001: "1.2.643.2.2.3",
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
    """ИНН of a person, or of a legal entity in the certificates' form: 12 digits, two leading
    zeros."""
    inn_legal: str | None = None
    """ИННЮЛ, 10 digits."""
    ogrnip: str | None = None
    """ОГРНИП, 15 digits."""
    snils: str | None = None
    """СНИЛС, 11 digits."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority: its certificate and private key."""

    certificate: Certificate
    key: PrivateKey


class RevocationReason(StrEnum):
    """Why a certificate is revoked; the values are asn1crypto's names of RFC 5280 §5.3.1."""

    KEY_COMPROMISE = "key_compromise"
    CA_COMPROMISE = "ca_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"
    CERTIFICATE_HOLD = "certificate_hold"
    REMOVE_FROM_CRL = "remove_from_crl"


@dataclass(frozen=True, slots=True)
class Revocation:
    """One entry of a revocation list."""

    serial: int
    at: datetime
    reason: RevocationReason | None = None


def issue_certificate(
    subject: Subject,
    public_key_info: bytes,
    *,
    issuer: Issuer | PrivateKey,
    not_before: datetime,
    not_after: datetime,
    serial: int,
    is_authority: bool = False,
    path_length: int | None = 1,
    key_usage: frozenset[str] | None = None,
    extended_key_usage: tuple[str, ...] = (),
    crl_distribution_points: tuple[str, ...] = (),
) -> Certificate:
    """Return a new certificate, signed by the issuer; a bare private key signs its own one.

    Dates are timezone-aware and kept to the second. `path_length`: how many authorities may stand
    below an authority; None: any number. `key_usage`: names of RFC 5280 §4.2.1.3 in snake case
    (None: what an authority or a signer needs; empty: no extension). `extended_key_usage`: object
    identifiers (§4.2.1.12). `crl_distribution_points`: URIs (§4.2.1.13). Raises ProviderError.
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
                "extensions": [
                    *_build_constraints(path_length, key_usage, is_authority=is_authority),
                    *_build_uses(extended_key_usage),
                    *_build_points(crl_distribution_points),
                    *_build_identifiers(public_key_info, issuer_key_info),
                ],
            }
        )
        return parse_certificate(_seal(tbs, algorithm, key))


def issue_revocation_list(
    revocations: Iterable[Revocation],
    *,
    issuer: Issuer,
    this_update: datetime,
    next_update: datetime | None,
    number: int,
) -> bytes:
    """Return a complete revocation list of the issuer, DER.

    Dates are timezone-aware and kept to the second; authorities in operation always say when the
    next one comes. Source: RFC 5280 §5. Raises ProviderError.
    """
    with ASN1_LOCK:
        algorithm = _name_algorithm(issuer.key.algorithm)
        fields: dict[str, object] = {
            "version": "v2",
            "signature": algorithm,
            "issuer": x509.Certificate.load(issuer.certificate.der).subject,
            "this_update": _build_time(this_update),
            "crl_extensions": [
                _build_authority_identifier(issuer.certificate.public_key_info),
                {"extn_id": "crl_number", "extn_value": core.Integer(number)},
            ],
        }
        if next_update is not None:
            fields["next_update"] = _build_time(next_update)
        # The list of entries is absent rather than empty (§5.1.2.6).
        if entries := [_build_entry(one) for one in revocations]:
            fields["revoked_certificates"] = entries
        tbs = crl.TbsCertList(fields)
        made = crl.CertificateList(
            {
                "tbs_cert_list": tbs,
                "signature_algorithm": algorithm,
                "signature": issuer.key.sign(tbs.dump()),
            }
        )
        return bytes(made.dump())


def format_list_pem(der: bytes) -> bytes:
    """Return a revocation list as PEM text."""
    return b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(der) + b"-----END X509 CRL-----\n"


def _build_entry(revocation: Revocation) -> dict[str, object]:
    entry: dict[str, object] = {
        "user_certificate": revocation.serial,
        "revocation_date": _build_time(revocation.at),
    }
    if revocation.reason is not None:
        entry["crl_entry_extensions"] = [
            {"extn_id": "crl_reason", "extn_value": crl.CRLReason(revocation.reason.value)}
        ]
    return entry


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
    numbers = (
        (OGRN, subject.ogrn),
        (OGRNIP, subject.ogrnip),
        (INN, subject.inn),
        (INN_LEGAL, subject.inn_legal),
        (SNILS, subject.snils),
    )
    fields += [(oid, core.NumericString(value)) for oid, value in numbers if value is not None]
    name = _Name([_RelativeName([{"type": oid, "value": value}]) for oid, value in fields])
    return x509.Name.load(name.dump())


def _build_constraints(
    path_length: int | None, key_usage: frozenset[str] | None, *, is_authority: bool
) -> list[dict[str, object]]:
    """Return BasicConstraints and, unless it is to be empty, KeyUsage."""
    constraints: dict[str, object] = {"ca": is_authority}
    if is_authority and path_length is not None:
        constraints["path_len_constraint"] = path_length
    built: list[dict[str, object]] = [
        {
            "extn_id": "basic_constraints",
            "critical": True,
            "extn_value": x509.BasicConstraints(constraints),
        }
    ]
    if key_usage is None:
        key_usage = frozenset(
            {"key_cert_sign", "crl_sign"} if is_authority else {"digital_signature"}
        )
    if key_usage:
        usage = x509.KeyUsage(set(key_usage))
        built.append({"extn_id": "key_usage", "critical": True, "extn_value": usage})
    return built


def _build_uses(uses: tuple[str, ...]) -> list[dict[str, object]]:
    if not uses:
        return []
    return [
        {"extn_id": "extended_key_usage", "extn_value": x509.ExtKeyUsageSyntax(list(uses))},
    ]


def _build_points(uris: tuple[str, ...]) -> list[dict[str, object]]:
    if not uris:
        return []
    names = [x509.GeneralName(name="uniform_resource_identifier", value=uri) for uri in uris]
    point = {"distribution_point": x509.DistributionPointName(name="full_name", value=names)}
    return [
        {
            "extn_id": "crl_distribution_points",
            "extn_value": x509.CRLDistributionPoints([point]),
        }
    ]


def _build_identifiers(public_key_info: bytes, issuer_key_info: bytes) -> list[dict[str, object]]:
    """Return the two key identifiers."""
    own = core.OctetString(_identify_key(public_key_info))
    return [
        {"extn_id": "key_identifier", "extn_value": own},
        _build_authority_identifier(issuer_key_info),
    ]


def _build_authority_identifier(key_info: bytes) -> dict[str, object]:
    identifier = x509.AuthorityKeyIdentifier({"key_identifier": _identify_key(key_info)})
    return {"extn_id": "authority_key_identifier", "extn_value": identifier}


def _identify_key(public_key_info: bytes) -> bytes:
    """Return the key identifier: the left 160 bits of SHA-256 over the key (RFC 7093 §2)."""
    key = PublicKeyInfo.load(public_key_info)["public_key"]
    return hashlib.sha256(bytes(key)).digest()[:20]
