"""PKCS#12 files (.pfx, .p12): a private key and its certificates under one password.

`cryptography` opens those of RSA and EC; what it does not know (keys, ciphers and digests of GOST)
libcrypto opens, with the engine ``gost`` loaded. Source: RFC 7292; RFC 9337 and RFC 9548 for GOST.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.certificates import Certificate, parse_certificate
from signing.errors import ProviderError
from signing.providers.gost_engine import load_library

# A key, its certificate and the chain of authorities.
MAX_PKCS12_BYTES = 2**20
_MAX_CERTIFICATES = 32
# SEQUENCE of any length, then version 3 (RFC 7292 §4); PKCS#8 has version 0 or 1 there.
_PFX = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03\x30", re.DOTALL)


@dataclass(frozen=True, slots=True)
class KeyStore:
    """What a PKCS#12 file holds."""

    key: bytes = field(repr=False)
    """The private key, PKCS#8 in DER, unencrypted."""
    certificate: Certificate
    """The key's own."""
    others: tuple[Certificate, ...]
    """Further certificates of the file, mostly those of the authorities; nothing is verified."""


def is_pkcs12(data: bytes) -> bool:
    """Say whether a key file is a PKCS#12, by its first bytes."""
    return _PFX.match(data) is not None


def load_pkcs12(data: bytes, password: bytes | None) -> KeyStore:
    """Return the key and the certificates of a PKCS#12 file, DER; no password is the empty one.

    Raises ProviderError: ``provider.key_password`` (not the password, or none where one is needed),
    ``provider.key_unreadable`` (not a PKCS#12, or without a key and its certificate),
    ``provider.gost_unavailable`` (it is not of RSA or EC, and the engine is missing); SigningError
    ``certificate.malformed``.
    """
    if len(data) > MAX_PKCS12_BYTES or not is_pkcs12(data):
        raise ProviderError("provider.key_unreadable", "not a PKCS#12 file")
    if not _is_text(password or b""):
        # `cryptography` bears neither, and RFC 7292 Appendix B.1 makes passwords of characters.
        raise ProviderError("provider.key_password", "the password is not UTF-8, or holds a zero")
    contents = _open_with_cryptography(data, password)
    if contents is None:
        contents = load_library().open_pkcs12(bytes(data), password or b"")
    key, certificate, others = contents
    if key is None or certificate is None:
        raise ProviderError(
            "provider.key_unreadable", "the PKCS#12 file lacks a private key or its certificate"
        )
    if len(others) > _MAX_CERTIFICATES:
        raise ProviderError("provider.key_unreadable", "too many certificates in the PKCS#12 file")
    return KeyStore(
        key,
        parse_certificate(certificate, der_only=True),
        tuple(parse_certificate(one, der_only=True) for one in others),
    )


def _is_text(password: bytes) -> bool:
    try:
        return "\0" not in password.decode()
    except UnicodeDecodeError:
        return False


def _open_with_cryptography(
    data: bytes, password: bytes | None
) -> tuple[bytes | None, bytes | None, tuple[bytes, ...]] | None:
    """Return what the file holds; None when it is for libcrypto to open or to refuse.

    A wrong password, a cipher of GOST and garbage are one and the same ValueError here.
    """
    try:
        found = pkcs12.load_pkcs12(data, password)
        if found.key is None or found.cert is None:
            return None, None, ()
        key = found.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        der = serialization.Encoding.DER
        others = tuple(one.certificate.public_bytes(der) for one in found.additional_certs)
        return key, found.cert.certificate.public_bytes(der), others
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
