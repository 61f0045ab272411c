"""Both providers against published vectors and each other's keys."""

from __future__ import annotations

import base64
import multiprocessing
import threading

import pytest
from asn1crypto import core
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.certificates import PublicKeyInfo, parse_certificate
from signing.errors import ProviderError, SignatureError, SigningError
from signing.providers import KeyKind, Providers, load_providers
from signing.providers.gost_engine import GostEngineProvider, _load_engine
from signing.providers.rsa import RsaProvider
from tests.unit.signing import samples

GOST = SignatureAlgorithm.GOST_2012_256
RSA = SignatureAlgorithm.RSA_SHA256
MESSAGE_1 = b"012345678901234567890123456789012345678901234567890123456789012"
MESSAGE_2 = bytes.fromhex(
    "d1e520e2e5f2f0e82c20d1f2f0e8e1eee6e820e2edf3f6e82c20e2e5fef2fa20f120eceef0ff20f1f2f0e5ebe0ece8"
    "20ede020f5f0e0e1f0fbff20efebfaeafb20c8e3eef0e5e2fb"
)
# RFC 6986 §10: vectors are printed there as numbers, most significant byte first.
STREEBOG = {
    (DigestAlgorithm.STREEBOG_256, MESSAGE_1): (
        "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"
    ),
    (DigestAlgorithm.STREEBOG_256, MESSAGE_2): (
        "508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d"
    ),
    (DigestAlgorithm.STREEBOG_512, MESSAGE_1): (
        "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00"
        "fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b"
    ),
}


@pytest.mark.parametrize(("algorithm", "message"), STREEBOG)
def test_streebog_is_that_of_rfc_6986(
    providers: Providers, algorithm: DigestAlgorithm, message: bytes
) -> None:
    expected = bytes.fromhex(STREEBOG[algorithm, message])[::-1]
    assert providers.digest(algorithm, message) == expected


def gost_key_info(parameter_set: str, x: int, y: int) -> bytes:
    """SubjectPublicKeyInfo of RFC 9215: x‖y, both little-endian."""

    class Parameters(core.Sequence):  # type: ignore[misc]
        _fields = [("set", core.ObjectIdentifier), ("digest", core.ObjectIdentifier)]  # noqa: RUF012

    parameters = Parameters({"set": parameter_set, "digest": "1.2.643.7.1.1.2.2"})
    point = x.to_bytes(32, "little") + y.to_bytes(32, "little")
    return bytes(
        PublicKeyInfo(
            {
                "algorithm": {"algorithm": "1.2.643.7.1.1.1.1", "parameters": parameters},
                "public_key": core.OctetString(point).dump(),
            }
        ).dump()
    )


RFC_7091_KEY = gost_key_info(
    "1.2.643.2.2.35.0",
    0x7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B,
    0x26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA,
)
RFC_7091_E = 0x2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5
RFC_7091_R = 0x41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493
RFC_7091_S = 0x01456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40


def test_gost_verifies_the_example_of_rfc_7091(providers: Providers) -> None:
    engine = _load_engine()
    digest = RFC_7091_E.to_bytes(32, "little")
    signature = RFC_7091_S.to_bytes(32, "big") + RFC_7091_R.to_bytes(32, "big")
    assert engine.verify_digest(RFC_7091_KEY, digest, signature)
    swapped = signature[32:] + signature[:32]
    assert not engine.verify_digest(RFC_7091_KEY, digest, swapped)
    assert not engine.verify_digest(RFC_7091_KEY, digest[::-1], signature)


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
    without = load_providers(gost=False)
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


def test_providers_keep_to_their_own() -> None:
    with pytest.raises(ProviderError):
        RsaProvider().verify(GOST, b"", b"", b"")
    with pytest.raises(ProviderError):
        RsaProvider().generate_key(KeyKind.GOST_2012_256)


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
