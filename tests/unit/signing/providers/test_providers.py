"""Both providers against published vectors and each other's keys."""

from __future__ import annotations

import base64
import multiprocessing
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.certificates import parse_certificate
from signing.errors import ProviderError, SignatureError, SigningError
from signing.providers import (
    GostChoice,
    KeyKind,
    Providers,
    gost_engine,
    load_providers,
    portable,
)
from signing.providers.gost_engine import GostEngineProvider, GostPrivateKey
from signing.providers.rsa_ecdsa import RsaEcdsaProvider
from tests.unit.signing import gost_vectors, samples
from tests.unit.signing.gost_vectors import gost_key_info

GOST = SignatureAlgorithm.GOST_2012_256
RSA = SignatureAlgorithm.RSA_SHA256
RFC_7091_KEY = gost_vectors.RFC_7091_256.key_info


@pytest.mark.parametrize("kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
def test_signs_what_it_verifies(providers: Providers, kind: KeyKind) -> None:
    key = providers.generate_key(kind)
    signature = key.sign(b"message")
    providers.verify_key(key.algorithm, key.public_key_info, b"message", signature)
    for data, value in (
        (b"massage", signature),
        (b"message", signature[:-1]),
        (b"message", signature + b"\0"),
        (b"message", b""),
        (b"message", bytes(len(signature))),
        (b"message", b"\xff" * len(signature)),
        (b"message", bytes([signature[0] ^ 1]) + signature[1:]),
    ):
        with pytest.raises(SignatureError) as caught:
            providers.verify_key(key.algorithm, key.public_key_info, data, value)
        assert caught.value.code == "signature.invalid"


@pytest.mark.parametrize("name", ["agency-gost", "agency-rsa"])
def test_loads_exported_keys(providers: Providers, pki: dict[str, bytes], name: str) -> None:
    pem = pki[f"{name}.key"]
    der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    for form in (pem, der):
        signer = providers.load_signer(form, pki[f"{name}.pem"])
        assert "PrivateKey" not in repr(signer)
        providers.verify(signer.algorithm, signer.certificate, b"m", signer.sign(b"m"))


def test_key_has_to_be_the_certificates(providers: Providers, pki: dict[str, bytes]) -> None:
    for key, certificate, code in (
        ("agency-gost", "gateway", "provider.key_mismatch"),
        ("agency-rsa", "gateway-rsa", "provider.key_mismatch"),
        ("agency-rsa", "gateway", "provider.key_mismatch"),
        ("agency-gost", "gateway-rsa", "provider.key_mismatch"),
    ):
        with pytest.raises(ProviderError) as caught:
            providers.load_signer(pki[f"{key}.key"], pki[f"{certificate}.pem"])
        assert caught.value.code == code


@pytest.mark.parametrize("name", ["agency-gost", "agency-rsa"])
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"x",
        b"\x30\x00",
        b"\x30\x82\xff\xff",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"\x30" * 70_000,
    ],
)
def test_broken_keys(providers: Providers, pki: dict[str, bytes], name: str, broken: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        providers.load_signer(broken, pki[f"{name}.pem"])
    assert caught.value.code == "provider.key_unreadable"


def test_encrypted_rsa_key(providers: Providers, pki: dict[str, bytes]) -> None:
    key = serialization.load_pem_private_key(pki["agency-rsa.key"], None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass"),
    )
    certificate = pki["agency-rsa.pem"]
    providers.load_signer(locked, certificate, password=b"pass")
    for password, code in ((b"no", "provider.key_unreadable"), (None, "provider.key_password")):
        with pytest.raises(ProviderError) as caught:
            providers.load_signer(locked, certificate, password=password)
        assert caught.value.code == code


def test_algorithm_has_to_be_the_keys(providers: Providers, pki: dict[str, bytes]) -> None:
    for name, algorithm in (("agency-gost", RSA), ("agency-rsa", GOST)):
        certificate = parse_certificate(pki[f"{name}.pem"])
        with pytest.raises(SignatureError) as caught:
            providers.verify(algorithm, certificate, b"", bytes(64))
        assert caught.value.code == "signature.key_mismatch"


def test_short_rsa_keys_are_refused(providers: Providers) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    info = weak.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(SignatureError) as caught:
        providers.verify_key(RSA, info, b"", bytes(128))
    assert caught.value.code == "signature.key_unusable"


@pytest.mark.parametrize(
    "info",
    [
        b"",
        b"\x30\x00",
        RFC_7091_KEY[:-1],
        RFC_7091_KEY + b"\0",
        gost_key_info("1.2.643.2.2.36.0", 1, 1),
        gost_key_info("1.2.643.2.2.36.0", 0, 0),
        gost_key_info("1.2.3.4", 1, 1),
    ],
)
def test_unusable_public_keys(providers: Providers, info: bytes) -> None:
    for algorithm, size in ((GOST, 64), (RSA, 256)):
        with pytest.raises(SignatureError) as caught:
            providers.verify_key(algorithm, info, b"", bytes(size))
        assert caught.value.code == "signature.key_unusable"


def test_without_gost() -> None:
    without = load_providers(gost=GostChoice.NONE)
    assert not without.supports(GOST)
    assert without.supports(RSA)
    assert not without.makes(KeyKind.GOST_2012_256)
    for call in (
        lambda: without.digest(DigestAlgorithm.STREEBOG_256, b""),
        lambda: without.generate_key(KeyKind.GOST_2012_256),
        lambda: without.verify_key(GOST, RFC_7091_KEY, b"", bytes(64)),
    ):
        with pytest.raises(ProviderError) as caught:
            call()
        assert caught.value.code == "provider.gost_unavailable"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where the engine is not installed."""

    def fail() -> GostEngineProvider:
        raise ProviderError("provider.gost_unavailable", "install libengine-gost-openssl")

    monkeypatch.setattr(gost_engine, "GostEngineProvider", fail)


def no_gcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ProviderError("provider.gcrypt_unavailable", "install libgcrypt20")

    monkeypatch.setattr(portable, "load_libgcrypt", fail)


def test_auto_prefers_the_engine(providers: Providers) -> None:
    both = load_providers(allow_insecure_signing=True)
    assert isinstance(both.generate_key(KeyKind.GOST_2012_256), GostPrivateKey)


def test_auto_verifies_without_the_engine(
    providers: Providers, pki: dict[str, bytes], no_engine: None
) -> None:
    signer = samples.signer("agency-gost")
    found = load_providers()
    found.verify(GOST, signer.certificate, b"message", signer.sign(b"message"))
    assert not found.makes(KeyKind.GOST_2012_256)
    for call in (
        lambda: found.load_signer(pki["agency-gost.key"], pki["agency-gost.pem"]),
        lambda: found.generate_key(KeyKind.GOST_2012_256),
    ):
        with pytest.raises(ProviderError) as caught:
            call()
        assert caught.value.code == "provider.gost_unavailable"
        assert "libengine-gost-openssl" in caught.value.detail


def test_portable_by_name(pki: dict[str, bytes]) -> None:
    key, certificate = pki["agency-gost.key"], pki["agency-gost.pem"]
    allowed = load_providers(gost=GostChoice.PORTABLE, allow_insecure_signing=True)
    signature = allowed.load_signer(key, certificate).sign(b"message")
    found = load_providers(gost=GostChoice.PORTABLE)
    found.verify(GOST, parse_certificate(certificate), b"message", signature)
    with pytest.raises(ProviderError) as caught:
        found.load_signer(key, certificate)
    assert caught.value.code == "provider.insecure_signing"


def test_engine_by_name(no_engine: None) -> None:
    with pytest.raises(ProviderError) as caught:
        load_providers(gost=GostChoice.ENGINE)
    assert caught.value.code == "provider.gost_unavailable"


def test_without_engine_and_libgcrypt(no_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    no_gcrypt(monkeypatch)
    found = load_providers()
    assert not found.supports(GOST)
    assert found.supports(RSA)
    with pytest.raises(ProviderError) as caught:
        load_providers(gost=GostChoice.PORTABLE)
    assert caught.value.code == "provider.gcrypt_unavailable"


def test_providers_keep_to_their_own() -> None:
    with pytest.raises(ProviderError):
        RsaEcdsaProvider().verify(GOST, b"", b"", b"")
    with pytest.raises(ProviderError):
        RsaEcdsaProvider().generate_key(KeyKind.GOST_2012_256)


def test_gost_provider_keeps_to_its_own(providers: Providers) -> None:
    with pytest.raises(ProviderError):
        GostEngineProvider().verify(RSA, b"", b"", b"")
    with pytest.raises(ProviderError):
        GostEngineProvider().generate_key(KeyKind.RSA_2048)


def test_threads_share_keys(providers: Providers) -> None:
    signer = samples.signer("agency-gost")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(150):
                data = number.to_bytes(4, "big")
                signature = signer.sign(data)
                providers.verify(GOST, signer.certificate, data, signature)
                with pytest.raises(SigningError):
                    providers.verify(GOST, signer.certificate, data + b"x", signature)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def _work_in_child(signature: bytes) -> None:
    signer = samples.signer("agency-gost")
    samples.providers().verify(GOST, signer.certificate, b"parent", signature)
    samples.providers().verify(GOST, signer.certificate, b"child", signer.sign(b"child"))


def test_fork_after_loading(providers: Providers) -> None:
    signature = samples.signer("agency-gost").sign(b"parent")
    child = multiprocessing.get_context("fork").Process(target=_work_in_child, args=(signature,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
