"""PKCS#12 files (.pfx, .p12): a private key and its certificates under one password.

`cryptography` opens those of RSA and EC; what it does not know (keys, ciphers and digests of GOST)
libcrypto opens, with the engine ``gost`` loaded. Neither sees a file before all that locks it, in
the open and inside its encrypted safes, has been judged.

Source: RFC 7292; RFC 9337 and RFC 9548 for GOST.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from signing.certificates import Certificate, parse_certificate
from signing.errors import ProviderError
from signing.providers.encryption import verify_effort
from signing.providers.gost_engine import load_library
from signing.providers.libcrypto import load_plain_library
from signing.providers.pkcs12_outline import Outline, close_lengths, parse_outline, read_bags

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
    ``provider.key_unreadable`` (not a PKCS#12, without a key and its certificate, or locked in a
    way that is not read here or takes too long),
    ``provider.gost_unavailable`` (it is not of RSA or EC, and the engine is missing); SigningError
    ``certificate.malformed``.
    """
    if len(data) > MAX_PKCS12_BYTES or not is_pkcs12(data):
        raise ProviderError("provider.key_unreadable", "not a PKCS#12 file")
    if not _is_text(password or b""):
        # `cryptography` bears neither, and RFC 7292 Appendix B.1 makes passwords of characters.
        raise ProviderError("provider.key_password", "the password is not UTF-8, or holds a zero")
    data = close_lengths(data)
    outline = parse_outline(data)
    _verify_hidden(outline, data, password or b"")
    # `cryptography` does not know what is of GOST, and would hash the password for nothing.
    contents = None if outline.effort.is_gost else _open_with_cryptography(data, password)
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


def _verify_hidden(outline: Outline, data: bytes, password: bytes) -> None:
    """Judge what the encrypted safes hold, decrypting them as the library is going to.

    Raises ProviderError ``provider.key_password``, ``provider.key_unreadable``,
    ``provider.gost_unavailable`` (libcrypto or the engine is missing).
    """
    if not outline.encrypted_safes:
        return
    is_gost = outline.effort.is_gost
    crypto = load_library() if is_gost else load_plain_library()
    found = crypto.find_pkcs12_password(crypto.decode_pkcs12(data), password)
    # Without a MAC nothing tells which of the two the file means.
    readings = [found] if outline.has_mac or password else [b"", None]
    effort = outline.effort
    for safe in outline.encrypted_safes:
        opened = [
            crypto.decrypt_safe(safe.identifier, safe.content, reading, is_gost=safe.is_gost)
            for reading in readings
        ]
        contents = {one for one in opened if one is not None}
        if not contents:
            raise ProviderError(
                "provider.key_unreadable", "a safe of the PKCS#12 file that cannot be decrypted"
            )
        for one in contents:
            effort += read_bags(one)
    verify_effort(effort)


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
    except (ValueError, TypeError, UnsupportedAlgorithm, UserWarning):
        # It warns of what is not quite DER, an exception where warnings are such.
        return None
