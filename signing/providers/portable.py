"""GOST R 34.10-2012 and -2001 in Python's integers, with digests by libgcrypt.

For machines without OpenSSL's engine ``gost``: it verifies at a useful speed. It does not take the
same time for all keys, so whoever can measure its signing may learn the key; signing is therefore
refused unless it is allowed expressly, for tests and demonstrations.

A key seen for the first time is used as it is; one that keeps coming gets a table of multiples,
which makes it four times faster. Keys that come once, from anybody, cost no table and no memory.

Sources: RFC 7091 (the algorithm; 2001 is the same with another digest), RFC 9215, RFC 4491.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from asn1crypto import pem

from signing.algorithms import (
    DIGEST_OF_SIGNATURE,
    GOST_256_KEY,
    GOST_512_KEY,
    GOST_2001_KEY,
    KEY_OF_SIGNATURE,
    DigestAlgorithm,
    SignatureAlgorithm,
)
from signing.errors import ProviderError, SignatureError
from signing.providers.gost_keys import (
    GostPublicKey,
    GostSecret,
    derive_public_key,
    encode_private_key,
    encode_public_key,
    parse_private_key,
    parse_public_key,
    usual_parameters,
)
from signing.providers.gost_points import (
    INFINITY,
    Sum,
    Table,
    add_multiple,
    affine,
    base_table,
    has_x,
    make_key_table,
    multiply,
)
from signing.providers.libcrypto import decrypt_pkcs8
from signing.providers.libgcrypt import DIGESTS, Libgcrypt, load_libgcrypt
from signing.providers.pkcs8 import is_encrypted, read_der
from signing.providers.protocol import KeyKind

# A table takes as long to make as it saves in about as many verifications, and up to 360 KB: all
# of them together stay below 50 MB.
_CACHED_KEYS = 128
_USES_BEFORE_TABLE = 4

_SIGNATURES = (
    SignatureAlgorithm.GOST_2012_256,
    SignatureAlgorithm.GOST_2012_512,
    SignatureAlgorithm.GOST_2001,
    SignatureAlgorithm.GOST_2001_URN,
)
# What a new key of a kind is: its algorithm and parameter set.
_KINDS = {
    KeyKind.GOST_2012_256: (SignatureAlgorithm.GOST_2012_256, "1.2.643.2.2.36.0"),
    KeyKind.GOST_2012_512: (SignatureAlgorithm.GOST_2012_512, "1.2.643.7.1.2.1.2.1"),
    KeyKind.GOST_2001: (SignatureAlgorithm.GOST_2001, "1.2.643.2.2.36.0"),
}
_ALGORITHM_OF_KEY = {
    GOST_256_KEY: SignatureAlgorithm.GOST_2012_256,
    GOST_512_KEY: SignatureAlgorithm.GOST_2012_512,
    GOST_2001_KEY: SignatureAlgorithm.GOST_2001,
}
_SIGNING_REFUSED = ProviderError(
    "provider.insecure_signing",
    "signing with GOST in Python can leak the key: install libengine-gost-openssl, or allow it",
)


class _Verifier:
    """A public key in use. Several threads may count and make the table; either result is right."""

    def __init__(self, key: GostPublicKey) -> None:
        self._curve = key.parameters.curve
        self._point = key.point
        self._base = base_table(self._curve)
        self._table: Table | None = None
        self._uses = 0

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Say whether s‖r is a signature of the digest (RFC 7091 §6.2)."""
        curve = self._curve
        q, width = curve.q, curve.number_bytes
        s = int.from_bytes(signature[:width], "big")
        r = int.from_bytes(signature[width:], "big")
        if not (len(signature) == 2 * width and 0 < r < q and 0 < s < q):
            return False
        inverse = pow(_hash_number(digest, q), -1, q)
        total = self._multiply(-r * inverse % q)
        total = add_multiple(total, self._base, s * inverse % q)
        return has_x(curve, total, r)

    def _multiply(self, number: int) -> Sum:
        if self._table is None:
            self._uses += 1
            if self._uses <= _USES_BEFORE_TABLE:
                return multiply(self._curve, self._point, number)
            self._table = make_key_table(self._curve, self._point)
        return add_multiple(INFINITY, self._table, number)


@lru_cache(maxsize=_CACHED_KEYS)
def _load_verifier(key_oid: str, public_key_info: bytes) -> _Verifier:
    return _Verifier(parse_public_key(key_oid, public_key_info))


def _hash_number(digest: bytes, q: int) -> int:
    """Return e of RFC 7091 §6.1: the digest read little-endian, and 1 for 0."""
    return int.from_bytes(digest, "little") % q or 1


@dataclass(frozen=True, slots=True)
class PortablePrivateKey:
    """A private key as a number of Python's: for tests and demonstrations."""

    algorithm: SignatureAlgorithm
    _secret: GostSecret = field(repr=False)
    _gcrypt: Libgcrypt = field(repr=False)
    _random_below: Callable[[int], int] = field(repr=False)

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER."""
        return encode_public_key(derive_public_key(self._secret))

    def sign(self, data: bytes) -> bytes:
        """Return s‖r over the data's digest. Raises ProviderError."""
        return self.sign_digest(self._gcrypt.digest(DIGEST_OF_SIGNATURE[self.algorithm], data))

    def sign_digest(self, digest: bytes) -> bytes:
        """Return s‖r over a digest (RFC 7091 §6.1)."""
        curve, d = self._secret.parameters.curve, self._secret.d
        q, width = curve.q, curve.number_bytes
        e = _hash_number(digest, q)
        while True:
            # At random, as the standard has it, and by the system's generator, which knows of
            # forks. A number derived from key and message would need the digest four times more.
            k = 1 + self._random_below(q - 1)
            point = affine(curve, add_multiple(INFINITY, base_table(curve), k))
            r = point[0] % q if point else 0
            s = (r * d + k * e) % q
            if r and s:
                return s.to_bytes(width, "big") + r.to_bytes(width, "big")

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM."""
        return bytes(pem.armor("PRIVATE KEY", encode_private_key(self._secret)))


class PortableGostProvider:
    """The provider of GOST algorithms without the engine; making one loads libgcrypt.

    Raises ProviderError ``provider.gcrypt_unavailable``, naming the Debian package to install.
    """

    signatures = frozenset(_SIGNATURES)
    digests: frozenset[DigestAlgorithm] = DIGESTS

    def __init__(
        self,
        *,
        allow_insecure_signing: bool = False,
        signing_refused: ProviderError = _SIGNING_REFUSED,
        random_below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        """Make a provider that verifies, and signs when that is allowed.

        ``signing_refused``: what to raise when it is not. ``random_below``: a number from 0 to
        below its argument, none to be foreseen or to come twice.
        """
        self._gcrypt = load_libgcrypt()
        self._allow_insecure_signing = allow_insecure_signing
        self._signing_refused = signing_refused
        self._random_below = random_below

    @property
    def key_kinds(self) -> frozenset[KeyKind]:
        """The kinds of keys it makes: none where it may not sign."""
        return frozenset(_KINDS) if self._allow_insecure_signing else frozenset()

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data. Raises ProviderError."""
        return self._gcrypt.digest(algorithm, data)

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        if algorithm not in self.signatures:
            raise ProviderError("provider.failed", "not an algorithm of this provider")
        digest = self._gcrypt.digest(DIGEST_OF_SIGNATURE[algorithm], data)
        # The digest has the width of a number.
        if len(signature) != 2 * len(digest):
            raise SignatureError("signature.invalid", "a GOST signature of another length")
        key_oid = KEY_OF_SIGNATURE[algorithm]
        if not self.verify_digest(key_oid, public_key_info, digest, signature):
            raise SignatureError("signature.invalid", "the signature value does not match")

    def verify_digest(
        self, key_oid: str, public_key_info: bytes, digest: bytes, signature: bytes
    ) -> bool:
        """Say whether the signature of this digest is the key's; raises as `verify` for keys."""
        return _load_verifier(key_oid, public_key_info).verify(digest, signature)

    def load_private_key(
        self,
        key: bytes,
        *,
        password: bytes | None,
        algorithm: SignatureAlgorithm | None = None,
    ) -> PortablePrivateKey:
        """Return the key of PKCS#8 bytes, PEM or DER.

        Encrypted keys are opened by libcrypto, with the ciphers it has without the engine. Raises
        ProviderError, ``provider.insecure_signing`` where signing is not allowed.
        """
        self._check_allowed()
        der = read_der(key)
        if is_encrypted(der):
            if password is None:
                raise ProviderError("provider.key_password", "the key is encrypted")
            der = decrypt_pkcs8(der, password)
        secret = parse_private_key(der)
        own = _ALGORITHM_OF_KEY[secret.parameters.key_oid]
        if algorithm is not None and KEY_OF_SIGNATURE[algorithm] != KEY_OF_SIGNATURE[own]:
            raise ProviderError("provider.key_algorithm", "this key does not sign with this")
        return self._wrap(algorithm or own, secret)

    def generate_key(
        self, kind: KeyKind, *, parameter_set: str | None = None
    ) -> PortablePrivateKey:
        """Return a new key, on the usual curve of its kind or on another one of GOST's.

        ``parameter_set``: object identifier in dotted form. Raises ProviderError.
        """
        self._check_allowed()
        if kind not in _KINDS:
            raise ProviderError("provider.failed", "not a kind of key of this provider")
        algorithm, usual = _KINDS[kind]
        parameters = usual_parameters(KEY_OF_SIGNATURE[algorithm], parameter_set or usual)
        return self._wrap(
            algorithm, GostSecret(parameters, 1 + self._random_below(parameters.curve.q - 1))
        )

    def _wrap(self, algorithm: SignatureAlgorithm, secret: GostSecret) -> PortablePrivateKey:
        return PortablePrivateKey(algorithm, secret, self._gcrypt, self._random_below)

    def _check_allowed(self) -> None:
        if not self._allow_insecure_signing:
            raise ProviderError(self._signing_refused.code, self._signing_refused.detail)
