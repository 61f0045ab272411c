"""RSA PKCS#1 v1.5 with SHA-256, and SHA digests, through `cryptography` and `hashlib`.

Source: RFC 8017 §8.2, RFC 9231 §2.3.2.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.errors import ProviderError, SignatureError
from signing.providers.pkcs8 import is_encrypted, read_der
from signing.providers.protocol import KeyKind

KEY_ALGORITHM = "1.2.840.113549.1.1.1"
MIN_KEY_BITS = 2048
# Verifying with a modulus of 16,384 bits takes about a millisecond; more helps nobody honest.
MAX_KEY_BITS = 16384

_PADDING = padding.PKCS1v15()
_HASH = hashes.SHA256()
_HASHES = {DigestAlgorithm.SHA256: hashlib.sha256, DigestAlgorithm.SHA512: hashlib.sha512}
_KEY_BITS = {KeyKind.RSA_2048: 2048, KeyKind.RSA_3072: 3072}
_CACHED_KEYS = 512


@lru_cache(maxsize=_CACHED_KEYS)
def _load_public_key(public_key_info: bytes) -> rsa_keys.RSAPublicKey:
    try:
        key = serialization.load_der_public_key(public_key_info)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SignatureError("signature.key_unusable", "not an RSA public key") from None
    if not isinstance(key, rsa_keys.RSAPublicKey):
        raise SignatureError("signature.key_unusable", "not an RSA public key")
    if not MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS:
        raise SignatureError(
            "signature.key_unusable", f"RSA keys have {MIN_KEY_BITS} to {MAX_KEY_BITS} bits"
        )
    return key


@dataclass(frozen=True, slots=True)
class RsaPrivateKey:
    """A private key held by `cryptography`."""

    _key: rsa_keys.RSAPrivateKey = field(repr=False)
    algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data's SHA-256 digest. Raises ProviderError."""
        try:
            return self._key.sign(data, _PADDING, _HASH)
        except (ValueError, UnsupportedAlgorithm):
            raise ProviderError("provider.signing_failed", "RSA") from None

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class RsaProvider:
    """The provider of RSA and the SHA-2 digests."""

    signatures = frozenset({SignatureAlgorithm.RSA_SHA256})
    digests = frozenset(_HASHES)
    key_kinds = frozenset(_KEY_BITS)

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data."""
        return _HASHES[algorithm](data).digest()

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        if algorithm not in self.signatures:
            raise ProviderError("provider.failed", "not an algorithm of this provider")
        key = _load_public_key(public_key_info)
        try:
            key.verify(signature, data, _PADDING, _HASH)
        except InvalidSignature:
            raise SignatureError(
                "signature.invalid", "the signature value does not match"
            ) from None
        except (ValueError, UnsupportedAlgorithm):
            raise SignatureError("signature.key_unusable", "an RSA key nobody can use") from None

    def load_private_key(self, key: bytes, *, password: bytes | None) -> RsaPrivateKey:
        """Return the key of PKCS#8 bytes, PEM or DER. Raises ProviderError."""
        der = read_der(key)
        encrypted = is_encrypted(der)
        if encrypted and password is None:
            raise ProviderError("provider.key_password", "the key is encrypted")
        try:
            loaded = serialization.load_der_private_key(der, password if encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ProviderError(
                "provider.key_unreadable", "not a PKCS#8 key, or a wrong password"
            ) from None
        if not isinstance(loaded, rsa_keys.RSAPrivateKey):
            raise ProviderError("provider.key_unreadable", "not an RSA key")
        if not MIN_KEY_BITS <= loaded.key_size <= MAX_KEY_BITS:
            raise ProviderError("provider.key_unreadable", "RSA keys have at least 2048 bits")
        return RsaPrivateKey(loaded)

    def generate_key(self, kind: KeyKind) -> RsaPrivateKey:
        """Return a new key. Raises ProviderError."""
        if kind not in self.key_kinds:
            raise ProviderError("provider.failed", "not a kind of key of this provider")
        return RsaPrivateKey(rsa_keys.generate_private_key(65537, _KEY_BITS[kind]))
