"""The outside of private key files: PEM or DER, encrypted or not."""

from __future__ import annotations

from asn1crypto import core, pem

from signing.asn1 import ASN1_LOCK
from signing.errors import ProviderError

_MAX_KEY_BYTES = 64 * 1024


def read_der(key: bytes) -> bytes:
    """Return the DER bytes of a private key file in PEM or DER. Raises ProviderError."""
    if len(key) > _MAX_KEY_BYTES:
        raise ProviderError("provider.key_unreadable", "too large for a private key")
    if b"-----BEGIN" not in key:
        return key
    try:
        for kind, _, der in pem.unarmor(key, multiple=True):
            if kind.endswith("PRIVATE KEY"):
                return bytes(der)
    except (ValueError, TypeError):
        raise ProviderError("provider.key_unreadable", "broken PEM") from None
    raise ProviderError("provider.key_unreadable", "no private key in the file")


def is_encrypted(der: bytes) -> bool:
    """Say whether these bytes are an EncryptedPrivateKeyInfo (RFC 5958 §3).

    It begins with the cipher's identifier where a PrivateKeyInfo begins with its version.
    """
    try:
        with ASN1_LOCK:
            outer = core.Sequence.load(der, strict=True)
            return bool(isinstance(outer[0], core.Sequence))
    except (ValueError, TypeError, KeyError, IndexError):
        raise ProviderError("provider.key_unreadable", "not a PKCS#8 key") from None
