"""The few functions of OpenSSL 3's libcrypto that the GOST providers call, with their prototypes.

Only prototypes, ownership and the opening of encrypted keys live here: a `Handle` frees its object
when the last reference to it goes, so that nothing is freed while another thread is in a call with
it.

Source: the OpenSSL 3.0 manual pages (EVP_PKEY_verify, EVP_Digest, ENGINE_by_id, d2i_X509_SIG,
PKCS8_decrypt, PKCS12_parse, PKCS12_pbe_crypt_ex). ctypes lets other threads run during each call.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_uint, c_uint64, c_void_p
from functools import cache
from typing import Any

from signing.errors import ProviderError
from signing.providers.encryption import verify_encrypted_key

LIBRARY_NAME = "libcrypto.so.3"
# OPENSSL_INIT_ENGINE_DYNAMIC and OPENSSL_INIT_LOAD_CONFIG (openssl/crypto.h).
_INIT_OPTIONS = 0x00000400 | 0x00000040

Bytes = c_char_p
_DoublePointer = POINTER(c_void_p)

_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "OPENSSL_init_crypto": (c_int, [c_uint64, c_void_p]),
    "ERR_clear_error": (None, []),
    "CRYPTO_free": (None, [c_void_p, c_char_p, c_int]),
    "CRYPTO_clear_free": (None, [c_void_p, c_size_t, c_char_p, c_int]),
    "OSSL_LIB_CTX_new": (c_void_p, []),
    "OSSL_PROVIDER_load": (c_void_p, [c_void_p, c_char_p]),
    "ENGINE_by_id": (c_void_p, [c_char_p]),
    "ENGINE_init": (c_int, [c_void_p]),
    "ENGINE_free": (c_int, [c_void_p]),
    "ENGINE_register_complete": (c_int, [c_void_p]),
    "ENGINE_get_digest": (c_void_p, [c_void_p, c_int]),
    "OBJ_txt2nid": (c_int, [c_char_p]),
    "EVP_MD_get_size": (c_int, [c_void_p]),
    "EVP_Digest": (c_int, [Bytes, c_size_t, c_char_p, POINTER(c_uint), c_void_p, c_void_p]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_get_id": (c_int, [c_void_p]),
    "EVP_PKEY_CTX_new": (c_void_p, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new_id": (c_void_p, [c_int, c_void_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_ctrl_str": (c_int, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_keygen": (c_int, [c_void_p, _DoublePointer]),
    "EVP_PKEY_sign_init": (c_int, [c_void_p]),
    "EVP_PKEY_sign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), Bytes, c_size_t]),
    "EVP_PKEY_verify_init": (c_int, [c_void_p]),
    "EVP_PKEY_verify": (c_int, [c_void_p, Bytes, c_size_t, Bytes, c_size_t]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, _DoublePointer, c_long]),
    "i2d_PUBKEY": (c_int, [c_void_p, _DoublePointer]),
    "d2i_X509_SIG": (c_void_p, [c_void_p, _DoublePointer, c_long]),
    "X509_SIG_free": (None, [c_void_p]),
    "PKCS8_decrypt": (c_void_p, [c_void_p, Bytes, c_int]),
    "d2i_PKCS8_PRIV_KEY_INFO": (c_void_p, [c_void_p, _DoublePointer, c_long]),
    "i2d_PKCS8_PRIV_KEY_INFO": (c_int, [c_void_p, _DoublePointer]),
    "PKCS8_PRIV_KEY_INFO_free": (None, [c_void_p]),
    "EVP_PKCS82PKEY": (c_void_p, [c_void_p]),
    "EVP_PKEY2PKCS8": (c_void_p, [c_void_p]),
    "d2i_X509_ALGOR": (c_void_p, [c_void_p, _DoublePointer, c_long]),
    "X509_ALGOR_free": (None, [c_void_p]),
    "PKCS12_pbe_crypt_ex": (
        c_void_p,
        [
            *(c_void_p, Bytes, c_int, Bytes, c_int),
            *(_DoublePointer, POINTER(c_int), c_int, c_void_p, c_char_p),
        ],
    ),
    "d2i_PKCS12": (c_void_p, [c_void_p, _DoublePointer, c_long]),
    "PKCS12_free": (None, [c_void_p]),
    "PKCS12_mac_present": (c_int, [c_void_p]),
    "PKCS12_verify_mac": (c_int, [c_void_p, Bytes, c_int]),
    "PKCS12_parse": (
        c_int,
        [c_void_p, Bytes, _DoublePointer, _DoublePointer, _DoublePointer],
    ),
    "i2d_X509": (c_int, [c_void_p, _DoublePointer]),
    "X509_free": (None, [c_void_p]),
    "OPENSSL_sk_shift": (c_void_p, [c_void_p]),
    "OPENSSL_sk_free": (None, [c_void_p]),
}


class Handle:
    """An object of libcrypto, freed with the last reference to it."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int, free: Callable[[int], Any]) -> None:
        self.pointer = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)


class LibCrypto:
    """libcrypto with typed functions (attributes of `call`) and the usual conversions."""

    def __init__(self) -> None:
        try:
            self.call: Any = ctypes.CDLL(LIBRARY_NAME)
            for name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(self.call, name)
                function.restype = result
                function.argtypes = arguments
        except (OSError, AttributeError):
            raise ProviderError(
                "provider.gost_unavailable", f"{LIBRARY_NAME} is missing (Debian package: libssl3)"
            ) from None
        if self.call.OPENSSL_init_crypto(_INIT_OPTIONS, None) != 1:
            raise ProviderError("provider.gost_unavailable", "libcrypto does not start")

    def own(self, pointer: int | None, free: str) -> Handle | None:
        """Take ownership of a returned pointer; None when the call has failed."""
        if not pointer:
            # The queue of errors is the thread's: left full, it misleads the next caller.
            self.call.ERR_clear_error()
            return None
        return Handle(pointer, getattr(self.call, free))

    def decode(self, function: str, free: str, der: bytes) -> Handle | None:
        """Call a ``d2i_*`` function; None unless it reads the bytes to their end."""
        buffer = ctypes.create_string_buffer(der, len(der))
        start = ctypes.addressof(buffer)
        cursor = c_void_p(start)
        found = self.own(getattr(self.call, function)(None, ctypes.byref(cursor), len(der)), free)
        if found is not None and (cursor.value or 0) - start != len(der):
            return None
        return found

    def encode(self, function: str, value: Handle) -> bytes | None:
        """Call an ``i2d_*`` function; None when it fails."""
        written = c_void_p()
        size = getattr(self.call, function)(value.pointer, ctypes.byref(written))
        if size <= 0 or not written.value:
            self.call.ERR_clear_error()
            return None
        try:
            return bytes((c_ubyte * size).from_address(written.value))
        finally:
            self.call.CRYPTO_free(written, b"", 0)

    def find_pkcs12_password(self, box: Handle, password: bytes) -> bytes | None:
        """Return the password as this PKCS#12's MAC has it: no password and an empty one are two.

        Raises ProviderError ``provider.key_password``. Source: RFC 7292 Appendix B.1.
        """
        call = self.call
        # A password is bytes up to a zero octet for PKCS12_parse.
        if b"\0" not in password:
            if (
                call.PKCS12_mac_present(box.pointer) != 1
                or call.PKCS12_verify_mac(box.pointer, password, len(password)) == 1
            ):
                return password
            if not password and call.PKCS12_verify_mac(box.pointer, None, 0) == 1:
                call.ERR_clear_error()
                return None
        call.ERR_clear_error()
        raise ProviderError("provider.key_password", "not the password of this PKCS#12 file")

    def decode_pkcs12(self, der: bytes) -> Handle:
        """Return the PKCS#12 of these bytes. Raises ProviderError ``provider.key_unreadable``."""
        box = self.decode("d2i_PKCS12", "PKCS12_free", der)
        if box is None:
            raise ProviderError("provider.key_unreadable", "not a PKCS#12 file")
        return box

    def decrypt_safe(
        self, identifier: bytes, content: bytes, password: bytes | None, *, is_gost: bool
    ) -> bytes | None:
        """Return what a PKCS#12's safe holds, None when it does not decrypt.

        The algorithm has been judged by `read_encryption`; ``is_gost``: it is one of the engine's.
        """
        algorithm = self.decode("d2i_X509_ALGOR", "X509_ALGOR_free", identifier)
        if algorithm is None:
            return None
        opened, size = c_void_p(), c_int()
        done = self.call.PKCS12_pbe_crypt_ex(
            *(algorithm.pointer, password, len(password or b""), content, len(content)),
            *(ctypes.byref(opened), ctypes.byref(size), 0),
            *(None if is_gost else self._with_old_ciphers(), None),
        )
        self.call.ERR_clear_error()
        if not done or not opened.value:
            return None
        try:
            return bytes((c_ubyte * size.value).from_address(opened.value))
        finally:
            self.call.CRYPTO_clear_free(opened, size.value, b"", 0)

    @cache  # noqa: B019  # there is one of these, and it lives as long as the process
    def _with_old_ciphers(self) -> int:
        """Make a library context apart that also knows RC2, where OpenSSL has it packaged."""
        call = self.call
        context: int = call.OSSL_LIB_CTX_new()
        if not context:
            raise ProviderError("provider.failed", "no library context")
        for name in (b"default", b"legacy"):
            call.OSSL_PROVIDER_load(context, name)
        call.ERR_clear_error()
        return context

    def open_pkcs12(
        self, der: bytes, password: bytes
    ) -> tuple[bytes | None, bytes | None, tuple[bytes, ...]]:
        """Return what a PKCS#12 holds: private key (PKCS#8), its certificate, others; all DER.

        The file has been judged by `parse_outline`. Raises ProviderError ``provider.key_password``,
        ``provider.key_unreadable``.
        """
        box = self.decode_pkcs12(der)
        self.find_pkcs12_password(box, password)
        call = self.call
        pointers = [c_void_p() for _ in range(3)]
        done = call.PKCS12_parse(box.pointer, password, *map(ctypes.byref, pointers))
        # Owned before the result is judged: whatever was made is freed.
        key = self.own(pointers[0].value, "EVP_PKEY_free")
        certificate = self.own(pointers[1].value, "X509_free")
        others = self._take_certificates(self.own(pointers[2].value, "OPENSSL_sk_free"))
        call.ERR_clear_error()
        if done != 1:
            raise ProviderError("provider.key_unreadable", "a PKCS#12 file that cannot be opened")
        return (
            None if key is None else self.encode_private_key(key),
            None if certificate is None else self.encode("i2d_X509", certificate),
            tuple(der for der in (self.encode("i2d_X509", one) for one in others) if der),
        )

    def encode_private_key(self, key: Handle) -> bytes | None:
        """Return the key as PKCS#8, DER; None when it cannot be exported."""
        info = self.own(self.call.EVP_PKEY2PKCS8(key.pointer), "PKCS8_PRIV_KEY_INFO_free")
        return None if info is None else self.encode("i2d_PKCS8_PRIV_KEY_INFO", info)

    def _take_certificates(self, stack: Handle | None) -> list[Handle]:
        """Take every certificate out of the stack, so that each has one owner."""
        taken: list[Handle] = []
        while stack is not None and (pointer := self.call.OPENSSL_sk_shift(stack.pointer)):
            taken.append(Handle(pointer, self.call.X509_free))
        return taken

    def decrypt(self, der: bytes, password: bytes) -> Handle | None:
        """Open an EncryptedPrivateKeyInfo; None when it is broken or the password is wrong.

        Raises ProviderError ``provider.key_unreadable`` when it may not be tried.
        """
        verify_encrypted_key(der)
        box = self.decode("d2i_X509_SIG", "X509_SIG_free", der)
        if box is None:
            return None
        opened = self.call.PKCS8_decrypt(box.pointer, password, len(password))
        return self.own(opened, "PKCS8_PRIV_KEY_INFO_free")


_loading = threading.Lock()


@cache
def _load_once() -> LibCrypto:
    return LibCrypto()


def load_plain_library() -> LibCrypto:
    """Return libcrypto, once per process; the engine is in it when something else has loaded it.

    Raises ProviderError ``provider.gost_unavailable``.
    """
    with _loading:
        return _load_once()


def decrypt_pkcs8(der: bytes, password: bytes) -> bytes:
    """Return the PrivateKeyInfo of an EncryptedPrivateKeyInfo.

    Raises ProviderError ``provider.key_unreadable``, also where the cipher is one of the engine's,
    and ``provider.gost_unavailable`` without libcrypto.
    """
    crypto = load_plain_library()
    info = crypto.decrypt(der, password)
    opened = None if info is None else crypto.encode("i2d_PKCS8_PRIV_KEY_INFO", info)
    if opened is None:
        raise ProviderError("provider.key_unreadable", "not a PKCS#8 key, or a wrong password")
    return opened
