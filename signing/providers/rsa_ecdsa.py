"""RSA PKCS#1 v1.5, ECDSA on P-256 and P-384, and SHA digests, through `cryptography`, `hashlib`.

The signature of ECDSA is r‖s, each big-endian at the curve's width, as XMLDSig has it; X.509 and
CMS wrap the two numbers in DER.

Source: RFC 8017 §8.2; RFC 6090 and FIPS 186-5 §6; RFC 9231 §2.3.2, §2.3.6.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.errors import ProviderError, SignatureError
from signing.providers.encryption import verify_encrypted_key
from signing.providers.pkcs8 import is_encrypted, read_der
from signing.providers.protocol import KeyKind

MIN_KEY_BITS = 2048
# Verifying with a modulus of 16,384 bits takes about a millisecond; more helps nobody honest.
MAX_KEY_BITS = 16384

_PADDING = padding.PKCS1v15()
_RSA_HASHES: dict[SignatureAlgorithm, hashes.HashAlgorithm] = {
    SignatureAlgorithm.RSA_SHA256: hashes.SHA256(),
    SignatureAlgorithm.RSA_SHA512: hashes.SHA512(),
}
_DIGESTS = {DigestAlgorithm.SHA256: hashlib.sha256, DigestAlgorithm.SHA512: hashlib.sha512}
_RSA_BITS = {KeyKind.RSA_2048: 2048, KeyKind.RSA_3072: 3072}
_CURVES: dict[KeyKind, ec.EllipticCurve] = {
    KeyKind.EC_P256: ec.SECP256R1(),
    KeyKind.EC_P384: ec.SECP384R1(),
}
_CACHED_KEYS = 512


@dataclass(frozen=True, slots=True)
class _Ecdsa:
    """One ECDSA algorithm of ours: it goes with one curve only."""

    curve: str
    hash: ec.ECDSA
    number_bytes: int
    """Of r and of s."""


_ECDSA = {
    SignatureAlgorithm.ECDSA_SHA256: _Ecdsa("secp256r1", ec.ECDSA(hashes.SHA256()), 32),
    SignatureAlgorithm.ECDSA_SHA384: _Ecdsa("secp384r1", ec.ECDSA(hashes.SHA384()), 48),
}
_PublicKey = rsa_keys.RSAPublicKey | ec.EllipticCurvePublicKey


@lru_cache(maxsize=_CACHED_KEYS)
def _load_public_key(public_key_info: bytes) -> _PublicKey:
    try:
        key = serialization.load_der_public_key(public_key_info)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SignatureError("signature.key_unusable", "not an RSA or EC public key") from None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    if not isinstance(key, rsa_keys.RSAPublicKey):
        raise SignatureError("signature.key_unusable", "not an RSA or EC public key")
    if not MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS:
        raise SignatureError(
            "signature.key_unusable", f"RSA keys have {MIN_KEY_BITS} to {MAX_KEY_BITS} bits"
        )
    return key


@dataclass(frozen=True, slots=True)
class RsaPrivateKey:
    """An RSA private key held by `cryptography`."""

    _key: rsa_keys.RSAPrivateKey = field(repr=False)
    algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return _encode_public(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data's digest. Raises ProviderError."""
        try:
            return self._key.sign(data, _PADDING, _RSA_HASHES[self.algorithm])
        except (ValueError, UnsupportedAlgorithm):
            raise ProviderError("provider.signing_failed", "RSA") from None

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        return _encode_private(self._key)


@dataclass(frozen=True, slots=True)
class EcPrivateKey:
    """A private key on P-256 or P-384 held by `cryptography`."""

    _key: ec.EllipticCurvePrivateKey = field(repr=False)
    algorithm: SignatureAlgorithm

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return _encode_public(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return r‖s over the data's digest. Raises ProviderError."""
        scheme = _ECDSA[self.algorithm]
        try:
            r, s = decode_dss_signature(self._key.sign(data, scheme.hash))
        except (ValueError, UnsupportedAlgorithm):
            raise ProviderError("provider.signing_failed", "ECDSA") from None
        return r.to_bytes(scheme.number_bytes, "big") + s.to_bytes(scheme.number_bytes, "big")

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        return _encode_private(self._key)


class RsaEcdsaProvider:
    """The provider of RSA, ECDSA and the SHA-2 digests."""

    signatures = frozenset({*_RSA_HASHES, *_ECDSA})
    digests = frozenset(_DIGESTS)
    key_kinds = frozenset({*_RSA_BITS, *_CURVES})

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data."""
        return _DIGESTS[algorithm](data).digest()

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        if algorithm not in self.signatures:
            raise ProviderError("provider.failed", "not an algorithm of this provider")
        key = _load_public_key(public_key_info)
        try:
            if algorithm in _ECDSA:
                _verify_ecdsa(_ECDSA[algorithm], key, data, signature)
            else:
                _verify_rsa(_RSA_HASHES[algorithm], key, data, signature)
        except InvalidSignature:
            raise SignatureError(
                "signature.invalid", "the signature value does not match"
            ) from None
        except (ValueError, UnsupportedAlgorithm):
            raise SignatureError("signature.key_unusable", "a key nobody can use") from None

    def load_private_key(
        self,
        key: bytes,
        *,
        password: bytes | None,
        algorithm: SignatureAlgorithm | None = None,
    ) -> RsaPrivateKey | EcPrivateKey:
        """Return the key of PKCS#8 bytes, PEM or DER. Raises ProviderError."""
        der = read_der(key)
        encrypted = is_encrypted(der)
        if encrypted and password is None:
            raise ProviderError("provider.key_password", "the key is encrypted")
        if encrypted:
            verify_encrypted_key(der)
        try:
            loaded = serialization.load_der_private_key(der, password if encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ProviderError(
                "provider.key_unreadable", "not a PKCS#8 key, or a wrong password"
            ) from None
        if isinstance(loaded, ec.EllipticCurvePrivateKey):
            return _wrap_ec(loaded, algorithm)
        if isinstance(loaded, rsa_keys.RSAPrivateKey):
            return _wrap_rsa(loaded, algorithm)
        raise ProviderError("provider.key_unreadable", "not an RSA or EC key")

    def generate_key(self, kind: KeyKind) -> RsaPrivateKey | EcPrivateKey:
        """Return a new key. Raises ProviderError."""
        if kind in _CURVES:
            return _wrap_ec(ec.generate_private_key(_CURVES[kind]), None)
        if kind not in _RSA_BITS:
            raise ProviderError("provider.failed", "not a kind of key of this provider")
        return RsaPrivateKey(rsa_keys.generate_private_key(65537, _RSA_BITS[kind]))


def _verify_rsa(
    algorithm: hashes.HashAlgorithm, key: _PublicKey, data: bytes, signature: bytes
) -> None:
    if not isinstance(key, rsa_keys.RSAPublicKey):
        raise SignatureError("signature.key_unusable", "not an RSA public key")
    key.verify(signature, data, _PADDING, algorithm)


def _verify_ecdsa(scheme: _Ecdsa, key: _PublicKey, data: bytes, signature: bytes) -> None:
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != scheme.curve:
        raise SignatureError("signature.key_unusable", f"not a public key on {scheme.curve}")
    width = scheme.number_bytes
    if len(signature) != 2 * width:
        raise SignatureError("signature.invalid", "an ECDSA signature of another length")
    numbers = (int.from_bytes(part, "big") for part in (signature[:width], signature[width:]))
    key.verify(encode_dss_signature(*numbers), data, scheme.hash)


def _wrap_rsa(key: rsa_keys.RSAPrivateKey, algorithm: SignatureAlgorithm | None) -> RsaPrivateKey:
    if not MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS:
        raise ProviderError("provider.key_unreadable", "RSA keys have at least 2048 bits")
    chosen = algorithm or SignatureAlgorithm.RSA_SHA256
    if chosen not in _RSA_HASHES:
        raise ProviderError("provider.key_algorithm", "an RSA key does not sign with this")
    return RsaPrivateKey(key, chosen)


def _wrap_ec(key: ec.EllipticCurvePrivateKey, algorithm: SignatureAlgorithm | None) -> EcPrivateKey:
    own = next((name for name, one in _ECDSA.items() if one.curve == key.curve.name), None)
    if own is None:
        raise ProviderError("provider.key_unreadable", "EC keys are on P-256 or P-384")
    if algorithm not in {None, own}:
        raise ProviderError("provider.key_algorithm", "a key of this curve does not sign with this")
    return EcPrivateKey(key, own)


def _encode_public(key: _PublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _encode_private(key: rsa_keys.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
