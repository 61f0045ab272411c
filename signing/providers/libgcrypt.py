"""Streebog and GOST R 34.11-94 by the shared library libgcrypt and ctypes.

The library is loaded and made ready once per process, at first use. A fork after that is fine, and
so are several threads: each digest has a handle of its own.

Source: the Libgcrypt manual (Initializing the library; Working with hash algorithms), gcrypt.h;
RFC 6986, RFC 5831.
"""

from __future__ import annotations

import ctypes
import threading
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_void_p
from functools import cache
from typing import Any

from signing.algorithms import DigestAlgorithm
from signing.errors import ProviderError

LIBRARY_NAME = "libgcrypt.so.20"
PACKAGE = "libgcrypt20"

# enum gcry_md_algos; the last is 34.11-94 with the S-box of CryptoPro (RFC 4357 §11.2).
_ALGORITHMS = {
    DigestAlgorithm.STREEBOG_256: (309, 32),
    DigestAlgorithm.STREEBOG_512: (310, 64),
    DigestAlgorithm.GOST_94: (311, 32),
    DigestAlgorithm.GOST_94_URN: (311, 32),
}
DIGESTS = frozenset(_ALGORITHMS)
# enum gcry_ctl_cmds.
_DISABLE_SECURE_MEMORY = 37
_INITIALIZATION_FINISHED = 38
_IS_INITIALIZATION_FINISHED = 39

_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "gcry_check_version": (c_char_p, [c_char_p]),
    # Variadic: the rest is passed as plain int.
    "gcry_control": (c_uint, [c_int]),
    "gcry_md_get_algo_dlen": (c_uint, [c_int]),
    "gcry_md_open": (c_uint, [POINTER(c_void_p), c_int, c_uint]),
    "gcry_md_write": (None, [c_void_p, c_char_p, c_size_t]),
    "gcry_md_read": (c_void_p, [c_void_p, c_int]),
    "gcry_md_close": (None, [c_void_p]),
}


class Libgcrypt:
    """The loaded library; `load_libgcrypt` gives the only one of the process."""

    def __init__(self, name: str = LIBRARY_NAME) -> None:
        """Load the library. Raises ProviderError ``provider.gcrypt_unavailable``."""
        try:
            self._call: Any = ctypes.CDLL(name)
            for function_name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(self._call, function_name)
                function.restype = result
                function.argtypes = arguments
        except (OSError, AttributeError):
            raise ProviderError(
                "provider.gcrypt_unavailable", f"{name} is missing (Debian package: {PACKAGE})"
            ) from None
        self._start()
        for number, size in _ALGORITHMS.values():
            if self._call.gcry_md_get_algo_dlen(number) != size:
                raise ProviderError(
                    "provider.gcrypt_unavailable", f"{name} lacks the digests of GOST"
                )

    def _start(self) -> None:
        """Initialise the library, unless another part of the process has done so."""
        # Nothing else may be called before; NULL asks for no certain version.
        if not self._call.gcry_check_version(None):
            raise ProviderError("provider.gcrypt_unavailable", "libgcrypt does not start")
        if self._call.gcry_control(_IS_INITIALIZATION_FINISHED):
            return
        # A digest holds no secrets: locked memory, scarce and limited, is not taken.
        for command in (_DISABLE_SECURE_MEMORY, _INITIALIZATION_FINISHED):
            if self._call.gcry_control(command, 0):
                raise ProviderError("provider.gcrypt_unavailable", "libgcrypt does not start")

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data. Raises ProviderError ``provider.digest_failed``."""
        found = _ALGORITHMS.get(algorithm)
        if found is None:
            raise ProviderError("provider.failed", "not a digest of this provider")
        number, size = found
        handle = c_void_p()
        if self._call.gcry_md_open(ctypes.byref(handle), number, 0) or not handle.value:
            raise ProviderError("provider.digest_failed", algorithm.name)
        try:
            self._call.gcry_md_write(handle, data, len(data))
            result = self._call.gcry_md_read(handle, number)
            if not result:
                raise ProviderError("provider.digest_failed", algorithm.name)
            return ctypes.string_at(result, size)
        finally:
            self._call.gcry_md_close(handle)


_loading = threading.Lock()


@cache
def _load_once() -> Libgcrypt:
    return Libgcrypt()


def load_libgcrypt() -> Libgcrypt:
    """Return the library, loaded at the first call.

    Raises ProviderError ``provider.gcrypt_unavailable``, naming the Debian package to install.
    """
    with _loading:
        return _load_once()
