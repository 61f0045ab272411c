"""The digests of GOST by libgcrypt."""

from __future__ import annotations

import ctypes

import pytest

from signing.algorithms import DigestAlgorithm
from signing.errors import ProviderError
from signing.providers.libgcrypt import DIGESTS, Libgcrypt, load_libgcrypt
from tests.unit.signing import gost_vectors


@pytest.mark.parametrize(("algorithm", "message"), gost_vectors.STREEBOG)
def test_streebog(algorithm: DigestAlgorithm, message: bytes) -> None:
    expected = bytes.fromhex(gost_vectors.STREEBOG[algorithm, message])[::-1]
    assert load_libgcrypt().digest(algorithm, message) == expected


def test_takes_zero_bytes_and_large_data() -> None:
    digest = load_libgcrypt().digest
    seen = {digest(DigestAlgorithm.STREEBOG_256, bytes(size)) for size in range(200)}
    assert len(seen) == 200
    assert len(digest(DigestAlgorithm.STREEBOG_512, bytes(2**20))) == 64


def test_other_digests_are_refused() -> None:
    assert DigestAlgorithm.SHA256 not in DIGESTS
    with pytest.raises(ProviderError) as caught:
        load_libgcrypt().digest(DigestAlgorithm.SHA256, b"")
    assert caught.value.code == "provider.failed"


def test_missing_library_names_its_package() -> None:
    for name in ("libgcrypt.so.nothing", "libc.so.6"):
        with pytest.raises(ProviderError) as caught:
            Libgcrypt(name)
        assert caught.value.code == "provider.gcrypt_unavailable"
        assert "libgcrypt20" in caught.value.detail


def test_failures_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Libgcrypt()
    closed: list[ctypes.c_void_p] = []

    class Failing:
        """The library with one function that fails."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> object:
            if name == self._name:
                return lambda *_: 1 if name == "gcry_md_open" else None
            return getattr(real, name)

        def gcry_md_close(self, handle: ctypes.c_void_p) -> None:
            closed.append(handle)
            real.gcry_md_close(handle)

    real = library._call
    for name in ("gcry_md_open", "gcry_md_read"):
        monkeypatch.setattr(library, "_call", Failing(name))
        with pytest.raises(ProviderError) as caught:
            library.digest(DigestAlgorithm.STREEBOG_256, b"")
        assert caught.value.code == "provider.digest_failed"
    assert len(closed) == 1
