"""GOST R 34.10-2012 (256 bits) and Streebog through OpenSSL's engine ``gost``, called by ctypes.

The engine's raw signature is s‖r, each big-endian at full width: the SignatureValue of XMLDSig and
the signature of X.509 unchanged. Sources: RFC 7091, RFC 6986, RFC 9215; gost-engine.

The engine is loaded once per process, at first use. A fork after that is fine.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass, field
from functools import cache, lru_cache

from asn1crypto import pem

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.errors import ProviderError, SignatureError
from signing.providers.libcrypto import Handle, LibCrypto
from signing.providers.pkcs8 import is_encrypted, read_der
from signing.providers.protocol import KeyKind

ENGINE_PACKAGE = "libengine-gost-openssl"

KEY_ALGORITHM_256 = "1.2.643.7.1.1.1.1"
_DIGEST_OIDS = {
    DigestAlgorithm.STREEBOG_256: b"1.2.643.7.1.1.2.2",
    DigestAlgorithm.STREEBOG_512: b"1.2.643.7.1.1.2.3",
}
_SIGNATURE_BYTES = 64
# The engine's name of parameter set 1.2.643.2.2.36.0, CryptoPro XchA.
_PARAMETER_SET = b"XA"
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
        self.key_nid: int = call.OBJ_txt2nid(KEY_ALGORITHM_256.encode())

    def _find_digest(self, oid: bytes) -> tuple[int, int]:
        """Return the digest's method and its size in bytes."""
        call = self.crypto.call
        method = call.ENGINE_get_digest(self.pointer, call.OBJ_txt2nid(oid))
        size = call.EVP_MD_get_size(method) if method else 0
        if size <= 0:
            call.ERR_clear_error()
            raise ProviderError("provider.gost_unavailable", "the engine 'gost' has no Streebog")
        return method, size

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        method, size = self.digests[algorithm]
        out = ctypes.create_string_buffer(size)
        # No engine argument: the method is the engine's own already.
        if self.crypto.call.EVP_Digest(data, len(data), out, None, method, None) != 1:
            self.crypto.call.ERR_clear_error()
            raise ProviderError("provider.digest_failed", "Streebog")
        return out.raw

    def new_context(self, key: Handle) -> Handle:
        made = self.crypto.own(
            self.crypto.call.EVP_PKEY_CTX_new(key.pointer, self.pointer), "EVP_PKEY_CTX_free"
        )
        if made is None:
            raise ProviderError("provider.failed", "no context for the key")
        return made

    def is_gost_key(self, key: Handle) -> bool:
        return bool(self.crypto.call.EVP_PKEY_get_id(key.pointer) == self.key_nid)

    @lru_cache(maxsize=_CACHED_KEYS)  # noqa: B019  # the engine lives as long as the process
    def public_key(self, public_key_info: bytes) -> Handle | None:
        """Return the key of these bytes, or None: reading it costs half of a verification."""
        key = self.crypto.decode("d2i_PUBKEY", "EVP_PKEY_free", public_key_info)
        return key if key is not None and self.is_gost_key(key) else None

    def verify_digest(self, public_key_info: bytes, digest: bytes, signature: bytes) -> bool:
        """Say whether the signature of this digest is the key's; raises as `verify` for keys."""
        key = self.public_key(public_key_info)
        if key is None:
            raise SignatureError("signature.key_unusable", "not a public key of GOST R 34.10-2012")
        context = self.new_context(key)
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


@dataclass(frozen=True, slots=True)
class GostPrivateKey:
    """A private key held by libcrypto."""

    _engine: _Engine = field(repr=False)
    _key: Handle = field(repr=False)
    algorithm: SignatureAlgorithm = SignatureAlgorithm.GOST_2012_256

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of the public half, DER. Raises ProviderError."""
        der = self._engine.crypto.encode("i2d_PUBKEY", self._key)
        if der is None:
            raise ProviderError("provider.key_unreadable", "no public half")
        return der

    def sign(self, data: bytes) -> bytes:
        """Return s‖r over the data's Streebog-256 digest, 64 bytes. Raises ProviderError."""
        engine = self._engine
        digest = engine.digest(DigestAlgorithm.STREEBOG_256, data)
        context = engine.new_context(self._key)
        call = engine.crypto.call
        size = ctypes.c_size_t(_SIGNATURE_BYTES)
        out = ctypes.create_string_buffer(_SIGNATURE_BYTES)
        done = call.EVP_PKEY_sign_init(context.pointer) == 1 and (
            call.EVP_PKEY_sign(context.pointer, out, ctypes.byref(size), digest, len(digest)) == 1
        )
        if not done or size.value != _SIGNATURE_BYTES:
            call.ERR_clear_error()
            raise ProviderError("provider.signing_failed", "GOST R 34.10-2012")
        return out.raw

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM. Raises ProviderError."""
        crypto = self._engine.crypto
        info = crypto.own(crypto.call.EVP_PKEY2PKCS8(self._key.pointer), "PKCS8_PRIV_KEY_INFO_free")
        der = None if info is None else crypto.encode("i2d_PKCS8_PRIV_KEY_INFO", info)
        if der is None:
            raise ProviderError("provider.failed", "the private key cannot be exported")
        return bytes(pem.armor("PRIVATE KEY", der))


class GostEngineProvider:
    """The provider of GOST algorithms; making one loads the engine.

    Raises ProviderError ``provider.gost_unavailable``, naming the Debian package to install.
    """

    signatures = frozenset({SignatureAlgorithm.GOST_2012_256})
    digests = frozenset(_DIGEST_OIDS)
    key_kinds = frozenset({KeyKind.GOST_2012_256})

    def __init__(self) -> None:
        self._engine = _load_engine()

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the Streebog digest of the data. Raises ProviderError."""
        return self._engine.digest(algorithm, data)

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        if algorithm not in self.signatures:
            raise ProviderError("provider.failed", "not an algorithm of this provider")
        if len(signature) != _SIGNATURE_BYTES:
            raise SignatureError("signature.invalid", "a GOST signature has 64 bytes")
        digest = self._engine.digest(DigestAlgorithm.STREEBOG_256, data)
        if not self._engine.verify_digest(public_key_info, digest, signature):
            raise SignatureError("signature.invalid", "the signature value does not match")

    def load_private_key(self, key: bytes, *, password: bytes | None) -> GostPrivateKey:
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
        if loaded is None or not engine.is_gost_key(loaded):
            raise ProviderError("provider.key_unreadable", "not a key of GOST R 34.10-2012")
        return GostPrivateKey(engine, loaded)

    def _decrypt(self, der: bytes, password: bytes | None) -> Handle | None:
        if password is None:
            raise ProviderError("provider.key_password", "the key is encrypted")
        crypto = self._engine.crypto
        box = crypto.decode("d2i_X509_SIG", "X509_SIG_free", der)
        if box is None:
            return None
        opened = crypto.call.PKCS8_decrypt(box.pointer, password, len(password))
        return crypto.own(opened, "PKCS8_PRIV_KEY_INFO_free")

    def generate_key(self, kind: KeyKind) -> GostPrivateKey:
        """Return a new key. Raises ProviderError."""
        if kind not in self.key_kinds:
            raise ProviderError("provider.failed", "not a kind of key of this provider")
        engine = self._engine
        call = engine.crypto.call
        context = engine.crypto.own(
            call.EVP_PKEY_CTX_new_id(engine.key_nid, engine.pointer), "EVP_PKEY_CTX_free"
        )
        made = ctypes.c_void_p()
        done = (
            context is not None
            and call.EVP_PKEY_keygen_init(context.pointer) == 1
            and call.EVP_PKEY_CTX_ctrl_str(context.pointer, b"paramset", _PARAMETER_SET) == 1
            and call.EVP_PKEY_keygen(context.pointer, ctypes.byref(made)) == 1
        )
        key = engine.crypto.own(made.value, "EVP_PKEY_free")
        if not done or key is None:
            call.ERR_clear_error()
            raise ProviderError("provider.failed", "no key was made")
        return GostPrivateKey(engine, key)
