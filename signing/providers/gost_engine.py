"""GOST R 34.10-2012 and -2001, Streebog and 34.11-94 by OpenSSL's engine ``gost`` and ctypes.

The engine's raw signature is s‖r, each big-endian at full width: the SignatureValue of XMLDSig and
the signature of X.509 unchanged. Sources: RFC 7091, RFC 6986, RFC 5832, RFC 5831, RFC 9215;
gost-engine.

The engine is loaded once per process, at first use. A fork after that is fine.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass, field
from functools import cache, lru_cache

from asn1crypto import pem

from signing.algorithms import (
    DIGEST_OF_SIGNATURE,
    KEY_OF_SIGNATURE,
    WEAK_DIGESTS,
    DigestAlgorithm,
    SignatureAlgorithm,
)
from signing.errors import ProviderError, SignatureError
from signing.providers.gost_keys import parse_public_key
from signing.providers.libcrypto import Handle, LibCrypto
from signing.providers.pkcs8 import is_encrypted, read_der
from signing.providers.protocol import KeyKind

ENGINE_PACKAGE = "libengine-gost-openssl"

_DIGEST_OIDS = {
    DigestAlgorithm.STREEBOG_256: b"1.2.643.7.1.1.2.2",
    DigestAlgorithm.STREEBOG_512: b"1.2.643.7.1.1.2.3",
    DigestAlgorithm.GOST_94: b"1.2.643.2.2.9",
    DigestAlgorithm.GOST_94_URN: b"1.2.643.2.2.9",
}
# GOST R 34.11-94 with the CryptoPro S-box of nothing: the engine gives another value for it.
_GOST_94_OF_NOTHING = bytes.fromhex(
    "981e5f3ca30c841487830f84fb433e13ac1101569b9c13584ac483234cd656c0"
)


@dataclass(frozen=True, slots=True)
class _Scheme:
    """One signature algorithm as the engine knows it."""

    key_oid: str
    digest: DigestAlgorithm
    digest_bytes: int

    @property
    def signature_bytes(self) -> int:
        """s and r have the width of the digest."""
        return 2 * self.digest_bytes


def _scheme(algorithm: SignatureAlgorithm, digest_bytes: int) -> _Scheme:
    return _Scheme(KEY_OF_SIGNATURE[algorithm], DIGEST_OF_SIGNATURE[algorithm], digest_bytes)


_SCHEMES = {
    SignatureAlgorithm.GOST_2012_256: _scheme(SignatureAlgorithm.GOST_2012_256, 32),
    SignatureAlgorithm.GOST_2012_512: _scheme(SignatureAlgorithm.GOST_2012_512, 64),
    SignatureAlgorithm.GOST_2001: _scheme(SignatureAlgorithm.GOST_2001, 32),
    SignatureAlgorithm.GOST_2001_URN: _scheme(SignatureAlgorithm.GOST_2001_URN, 32),
}
# What a new key of a kind is: its algorithm and parameter set.
_KINDS = {
    KeyKind.GOST_2012_256: (SignatureAlgorithm.GOST_2012_256, "1.2.643.2.2.36.0"),
    KeyKind.GOST_2012_512: (SignatureAlgorithm.GOST_2012_512, "1.2.643.7.1.2.1.2.1"),
    KeyKind.GOST_2001: (SignatureAlgorithm.GOST_2001, "1.2.643.2.2.36.0"),
}
_ALGORITHM_OF_KEY = {_SCHEMES[algorithm].key_oid: algorithm for algorithm, _ in _KINDS.values()}
# What the engine calls the parameter sets (its gost_pmeth.c), by object identifier.
_PARAMETER_SETS = {
    "1.2.643.2.2.35.1": b"A",
    "1.2.643.2.2.35.2": b"B",
    "1.2.643.2.2.35.3": b"C",
    "1.2.643.2.2.36.0": b"XA",
    "1.2.643.2.2.36.1": b"XB",
    "1.2.643.7.1.2.1.1.1": b"TCA",
    "1.2.643.7.1.2.1.1.2": b"TCB",
    "1.2.643.7.1.2.1.1.3": b"TCC",
    "1.2.643.7.1.2.1.1.4": b"TCD",
    "1.2.643.7.1.2.1.2.1": b"A",
    "1.2.643.7.1.2.1.2.2": b"B",
    "1.2.643.7.1.2.1.2.3": b"C",
}
_CACHED_KEYS = 512


class _Engine:
    """The loaded engine: made once, never unloaded."""

    def __init__(self) -> None:
        self.crypto = LibCrypto()
        call = self.crypto.call
        # A structural reference first: asking for the engine by its file would load it twice.
        engine = call.ENGINE_by_id(b"gost")
        if not engine or call.ENGINE_init(engine) != 1:
            call.ERR_clear_error()
            raise ProviderError(
                "provider.gost_unavailable",
                f"OpenSSL's engine 'gost' is missing (Debian package: {ENGINE_PACKAGE})",
            )
        if call.ENGINE_register_complete(engine) != 1:
            call.ERR_clear_error()
            raise ProviderError("provider.gost_unavailable", "the engine 'gost' does not register")
        self.pointer: int = engine
        self.digests = {name: self._find_digest(oid) for name, oid in _DIGEST_OIDS.items()}
        self.key_nids: dict[str, int] = {
            scheme.key_oid: call.OBJ_txt2nid(scheme.key_oid.encode())
            for scheme in _SCHEMES.values()
        }

    def _find_digest(self, oid: bytes) -> tuple[int, int]:
        """Return the digest's method and its size in bytes."""
        call = self.crypto.call
        method = call.ENGINE_get_digest(self.pointer, call.OBJ_txt2nid(oid))
        size = call.EVP_MD_get_size(method) if method else 0
        if size <= 0:
            call.ERR_clear_error()
            raise ProviderError("provider.gost_unavailable", "the engine 'gost' lacks a digest")
        return method, size

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        if not data and algorithm in WEAK_DIGESTS:
            return _GOST_94_OF_NOTHING
        method, size = self.digests[algorithm]
        out = ctypes.create_string_buffer(size)
        # No engine argument: the method is the engine's own already.
        if self.crypto.call.EVP_Digest(data, len(data), out, None, method, None) != 1:
            self.crypto.call.ERR_clear_error()
            raise ProviderError("provider.digest_failed", algorithm.name)
        return out.raw

    def new_context(self, key: Handle) -> Handle:
        made = self.crypto.own(
            self.crypto.call.EVP_PKEY_CTX_new(key.pointer, self.pointer), "EVP_PKEY_CTX_free"
        )
        if made is None:
            raise ProviderError("provider.failed", "no context for the key")
        return made

    def find_key_oid(self, key: Handle) -> str | None:
        """Return the kind of the key, None when it is none of GOST's."""
        nid = self.crypto.call.EVP_PKEY_get_id(key.pointer)
        return next((oid for oid, known in self.key_nids.items() if known == nid), None)

    @lru_cache(maxsize=_CACHED_KEYS)  # noqa: B019  # the engine lives as long as the process
    def public_key(self, key_oid: str, public_key_info: bytes) -> Handle:
        """Return the key of these bytes: reading it costs more than a verification.

        Raises SignatureError ``signature.key_unusable``.
        """
        # The engine takes encodings and parameters that mean the same or nothing.
        parse_public_key(key_oid, public_key_info)
        key = self.crypto.decode("d2i_PUBKEY", "EVP_PKEY_free", public_key_info)
        if key is None or self.find_key_oid(key) != key_oid:
            raise SignatureError("signature.key_unusable", "not a public key of this algorithm")
        return key

    def verify_digest(
        self, key_oid: str, public_key_info: bytes, digest: bytes, signature: bytes
    ) -> bool:
        """Say whether the signature of this digest is the key's; raises as `verify` for keys."""
        context = self.new_context(self.public_key(key_oid, public_key_info))
        call = self.crypto.call
        if call.EVP_PKEY_verify_init(context.pointer) != 1:
            call.ERR_clear_error()
            raise ProviderError("provider.failed", "verification does not start")
        found = call.EVP_PKEY_verify(
            context.pointer, signature, len(signature), digest, len(digest)
        )
        # 0 and every negative value alike: only 1 is a valid signature.
        if found != 1:
            call.ERR_clear_error()
        return bool(found == 1)


_loading = threading.Lock()


@cache
def _load_engine_once() -> _Engine:
    return _Engine()


def _load_engine() -> _Engine:
    with _loading:
        return _load_engine_once()


def load_library() -> LibCrypto:
    """Return libcrypto with the engine in it, once per process.

    Raises ProviderError ``provider.gost_unavailable``.
    """
    return _load_engine().crypto


@dataclass(frozen=True, slots=True)
class GostPrivateKey:
    """A private key held by libcrypto."""

    _engine: _Engine = field(repr=False)
    _key: Handle = field(repr=False)
    algorithm: SignatureAlgorithm

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER. Raises ProviderError."""
        der = self._engine.crypto.encode("i2d_PUBKEY", self._key)
        if der is None:
            raise ProviderError("provider.key_unreadable", "no public half")
        return der

    def sign(self, data: bytes) -> bytes:
        """Return s‖r over the data's digest. Raises ProviderError."""
        engine, scheme = self._engine, _SCHEMES[self.algorithm]
        digest = engine.digest(scheme.digest, data)
        context = engine.new_context(self._key)
        call = engine.crypto.call
        size = ctypes.c_size_t(scheme.signature_bytes)
        out = ctypes.create_string_buffer(scheme.signature_bytes)
        done = call.EVP_PKEY_sign_init(context.pointer) == 1 and (
            call.EVP_PKEY_sign(context.pointer, out, ctypes.byref(size), digest, len(digest)) == 1
        )
        if not done or size.value != scheme.signature_bytes:
            call.ERR_clear_error()
            raise ProviderError("provider.signing_failed", self.algorithm.name)
        return out.raw

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM. Raises ProviderError."""
        der = self._engine.crypto.encode_private_key(self._key)
        if der is None:
            raise ProviderError("provider.failed", "the private key cannot be exported")
        return bytes(pem.armor("PRIVATE KEY", der))


class GostEngineProvider:
    """The provider of GOST algorithms; making one loads the engine.

    Raises ProviderError ``provider.gost_unavailable``, naming the Debian package to install.
    """

    signatures = frozenset(_SCHEMES)
    digests = frozenset(_DIGEST_OIDS)
    key_kinds = frozenset(_KINDS)

    def __init__(self) -> None:
        self._engine = _load_engine()

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data. Raises ProviderError."""
        return self._engine.digest(algorithm, data)

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        scheme = _SCHEMES.get(algorithm)
        if scheme is None:
            raise ProviderError("provider.failed", "not an algorithm of this provider")
        if len(signature) != scheme.signature_bytes:
            raise SignatureError("signature.invalid", "a GOST signature of another length")
        digest = self._engine.digest(scheme.digest, data)
        if not self.verify_digest(scheme.key_oid, public_key_info, digest, signature):
            raise SignatureError("signature.invalid", "the signature value does not match")

    def verify_digest(
        self, key_oid: str, public_key_info: bytes, digest: bytes, signature: bytes
    ) -> bool:
        """Say whether the signature of this digest is the key's; raises as `verify` for keys."""
        return self._engine.verify_digest(key_oid, public_key_info, digest, signature)

    def load_private_key(
        self,
        key: bytes,
        *,
        password: bytes | None,
        algorithm: SignatureAlgorithm | None = None,
    ) -> GostPrivateKey:
        """Return the key of PKCS#8 bytes, PEM or DER. Raises ProviderError."""
        engine = self._engine
        crypto = engine.crypto
        der = read_der(key)
        if is_encrypted(der):
            info = self._decrypt(der, password)
        else:
            info = crypto.decode("d2i_PKCS8_PRIV_KEY_INFO", "PKCS8_PRIV_KEY_INFO_free", der)
        if info is None:
            raise ProviderError("provider.key_unreadable", "not a PKCS#8 key, or a wrong password")
        loaded = crypto.own(crypto.call.EVP_PKCS82PKEY(info.pointer), "EVP_PKEY_free")
        own = None if loaded is None else _ALGORITHM_OF_KEY.get(engine.find_key_oid(loaded) or "")
        if loaded is None or own is None:
            raise ProviderError("provider.key_unreadable", "not a key of GOST R 34.10")
        if algorithm is not None and KEY_OF_SIGNATURE[algorithm] != KEY_OF_SIGNATURE[own]:
            raise ProviderError("provider.key_algorithm", "this key does not sign with this")
        return GostPrivateKey(engine, loaded, algorithm or own)

    def _decrypt(self, der: bytes, password: bytes | None) -> Handle | None:
        if password is None:
            raise ProviderError("provider.key_password", "the key is encrypted")
        return self._engine.crypto.decrypt(der, password)

    def generate_key(self, kind: KeyKind, *, parameter_set: str | None = None) -> GostPrivateKey:
        """Return a new key, on the usual curve of its kind or on another one of GOST's.

        ``parameter_set``: object identifier in dotted form. Raises ProviderError.
        """
        if kind not in _KINDS:
            raise ProviderError("provider.failed", "not a kind of key of this provider")
        algorithm, usual = _KINDS[kind]
        name = _PARAMETER_SETS.get(parameter_set or usual)
        engine = self._engine
        call = engine.crypto.call
        nid = engine.key_nids[_SCHEMES[algorithm].key_oid]
        context = engine.crypto.own(
            call.EVP_PKEY_CTX_new_id(nid, engine.pointer), "EVP_PKEY_CTX_free"
        )
        made = ctypes.c_void_p()
        done = (
            context is not None
            and name is not None
            and call.EVP_PKEY_keygen_init(context.pointer) == 1
            and call.EVP_PKEY_CTX_ctrl_str(context.pointer, b"paramset", name) == 1
            and call.EVP_PKEY_keygen(context.pointer, ctypes.byref(made)) == 1
        )
        key = engine.crypto.own(made.value, "EVP_PKEY_free")
        if not done or key is None:
            call.ERR_clear_error()
            raise ProviderError("provider.failed", "no key was made")
        return GostPrivateKey(engine, key, algorithm)
