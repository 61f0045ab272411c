"""PKCS#12 files as `cryptography` makes them, and those that are none."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.certificates import parse_certificate
from signing.errors import ProviderError, SigningError
from signing.providers import KeyKind, Providers, is_pkcs12, load_pkcs12
from tests.unit.signing.cms_samples import issuer, signer

KINDS = (KeyKind.RSA_2048, KeyKind.EC_P256, KeyKind.EC_P384)


def make(kind: KeyKind, password: bytes | None) -> bytes:
    own = signer(kind)
    key = serialization.load_pem_private_key(own._key.export_pem(), None)
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        locked = serialization.BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(
        b"name",
        key,  # type: ignore[arg-type]
        x509.load_der_x509_certificate(own.certificate.der),
        [x509.load_der_x509_certificate(issuer().certificate.der)],
        locked,
    )


def refusal(data: bytes, password: bytes | None) -> str:
    with pytest.raises(ProviderError) as caught:
        load_pkcs12(data, password)
    return caught.value.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("password", [b"word", "слово".encode(), None])
def test_opens_a_file(providers: Providers, kind: KeyKind, password: bytes | None) -> None:
    made = make(kind, password)
    assert is_pkcs12(made)
    store = load_pkcs12(made, password)
    assert store.certificate == signer(kind).certificate
    assert store.others == (issuer().certificate,)
    assert str(store.key) not in repr(store)
    opened = providers.load_signer(store.key, store.certificate.der)
    providers.verify(opened.algorithm, store.certificate, b"m", opened.sign(b"m"))
    for other in (b"no", b"", None, b"word\0", b"\xff"):
        if password is not None:
            assert refusal(made, other) == "provider.key_password"


@pytest.mark.parametrize(
    "broken", [b"", b"x", b"\x30\x00", b"\x30\x80\x02\x01\x03\x30", b"\x30\x05\x02\x01\x03\x30\x00"]
)
def test_other_files(providers: Providers, broken: bytes) -> None:
    assert refusal(broken, b"word") == "provider.key_unreadable"


def test_cut_or_too_large(providers: Providers) -> None:
    made = make(KeyKind.EC_P256, b"word")
    for broken in (made[:-1], made[: len(made) // 2], made + bytes(2**20)):
        assert refusal(broken, b"word") == "provider.key_unreadable"


def test_keys_are_none(providers: Providers, pki: dict[str, bytes]) -> None:
    der = pki["agency-gost.key"]
    assert not is_pkcs12(der)
    assert not is_pkcs12(parse_certificate(pki["agency-gost.pem"]).der)
    assert not is_pkcs12(load_pkcs12(make(KeyKind.EC_P256, None), None).key)


def test_file_without_a_key(providers: Providers) -> None:
    certificate = x509.load_der_x509_certificate(issuer().certificate.der)
    made = pkcs12.serialize_key_and_certificates(
        b"name", None, certificate, None, serialization.NoEncryption()
    )
    assert refusal(made, None) == "provider.key_unreadable"


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_changed_bytes_raise_nothing_else(draw: st.DataObject) -> None:
    made = bytearray(make(KeyKind.EC_P256, None))
    made[draw.draw(st.integers(0, len(made) - 1))] ^= draw.draw(st.integers(1, 255))
    try:
        store = load_pkcs12(bytes(made), None)
    except SigningError:
        return
    assert store.certificate == signer(KeyKind.EC_P256).certificate
