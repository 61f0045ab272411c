"""The providers of GOST against published values, each other, and messages of real systems."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing.algorithms import (
    GOST_256_KEY,
    GOST_512_KEY,
    GOST_2001_KEY,
    KEY_OF_SIGNATURE,
    DigestAlgorithm,
    SignatureAlgorithm,
)
from signing.certificates import parse_certificate
from signing.errors import ProviderError, SignatureError, SigningError
from signing.namespaces import DS
from signing.providers import KeyKind, PrivateKey, Provider
from signing.providers.gost_curves import CURVES
from signing.providers.gost_engine import GostEngineProvider
from signing.providers.portable import PortableGostProvider
from signing.xml.parser import parse_document
from tests.unit.signing import gost_vectors, samples
from tests.unit.signing.gost_vectors import Example, gost_key_info

pytestmark = pytest.mark.usefixtures("providers")

XCH_A = "1.2.643.2.2.36.0"
# The engine makes no keys of the two sets for tests; it takes them.
FOR_TESTS = frozenset({"1.2.643.2.2.35.0", "1.2.643.7.1.2.1.2.0"})
KINDS = [
    (kind, parameter_set)
    for parameter_set, curve in CURVES.items()
    for kind in (
        (KeyKind.GOST_2012_512,)
        if curve.number_bytes == 64
        else (KeyKind.GOST_2012_256, KeyKind.GOST_2001)
    )
]


class Gost(Provider, Protocol):
    """What the two have in common beyond the port."""

    def verify_digest(
        self, key_oid: str, public_key_info: bytes, digest: bytes, signature: bytes
    ) -> bool: ...

    def generate_key(self, kind: KeyKind, *, parameter_set: str | None = None) -> PrivateKey: ...


@cache
def engine() -> Gost:
    return GostEngineProvider()


@cache
def portable() -> Gost:
    return PortableGostProvider(allow_insecure_signing=True)


def both() -> tuple[Gost, Gost]:
    return engine(), portable()


EACH = pytest.mark.parametrize("provider", [engine, portable], ids=["engine", "portable"])


@EACH
@pytest.mark.parametrize(("algorithm", "message"), gost_vectors.STREEBOG)
def test_streebog_is_that_of_rfc_6986(
    provider: Callable[[], Gost], algorithm: DigestAlgorithm, message: bytes
) -> None:
    expected = bytes.fromhex(gost_vectors.STREEBOG[algorithm, message])[::-1]
    assert provider().digest(algorithm, message) == expected


@EACH
@pytest.mark.parametrize("algorithm", [DigestAlgorithm.GOST_94, DigestAlgorithm.GOST_94_URN])
@pytest.mark.parametrize("message", gost_vectors.GOST_94)
def test_gost_94_is_that_of_cryptopro(
    provider: Callable[[], Gost], algorithm: DigestAlgorithm, message: bytes
) -> None:
    expected = bytes.fromhex(gost_vectors.GOST_94[message])
    assert provider().digest(algorithm, message) == expected


@EACH
@pytest.mark.parametrize(
    "example", gost_vectors.RFC_7091.values(), ids=gost_vectors.RFC_7091.keys()
)
def test_verifies_the_examples_of_rfc_7091(provider: Callable[[], Gost], example: Example) -> None:
    verify = provider().verify_digest
    width = example.number_bytes
    swapped = example.signature[width:] + example.signature[:width]
    assert verify(example.key_oid, example.key_info, example.digest, example.signature)
    assert not verify(example.key_oid, example.key_info, example.digest, swapped)
    assert not verify(example.key_oid, example.key_info, example.digest[::-1], example.signature)


@given(st.binary(max_size=300) | st.integers(0, 300).map(lambda size: b"\xff" * size))
def test_digests_agree(data: bytes) -> None:
    for algorithm in portable().digests:
        assert engine().digest(algorithm, data) == portable().digest(algorithm, data)


@pytest.mark.parametrize(("kind", "parameter_set"), KINDS)
def test_parameter_sets_agree(kind: KeyKind, parameter_set: str) -> None:
    keys = [portable().generate_key(kind, parameter_set=parameter_set)]
    if parameter_set in FOR_TESTS:
        with pytest.raises(ProviderError):
            engine().generate_key(kind, parameter_set=parameter_set)
    else:
        keys.append(engine().generate_key(kind, parameter_set=parameter_set))
    for key in keys:
        for loader in (engine(), portable()):
            same = loader.load_private_key(key.export_pem(), password=None)
            signature = same.sign(b"message")
            for verifier in (engine(), portable()):
                verifier.verify(key.algorithm, key.public_key_info, b"message", signature)
                verifier.verify(key.algorithm, same.public_key_info, b"message", signature)


@cache
def pool(kind: KeyKind, parameter_set: str, number: int) -> PrivateKey:
    """Some keys that come again, so that some of them get tables."""
    maker = portable() if number % 2 or parameter_set in FOR_TESTS else engine()
    return maker.generate_key(kind, parameter_set=parameter_set)


def verdict(
    provider: Provider, algorithm: SignatureAlgorithm, info: bytes, data: bytes, signature: bytes
) -> str:
    """Return "valid" or the code of the refusal; any other exception is a failure."""
    try:
        provider.verify(algorithm, info, data, signature)
    except SigningError as error:
        assert isinstance(error, SignatureError)
        return error.code
    return "valid"


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 3), st.binary(max_size=100), st.data())
def test_signatures_get_the_same_verdict(
    which: tuple[KeyKind, str], number: int, data: bytes, draw: st.DataObject
) -> None:
    key = pool(*which, number)
    curve = CURVES[which[1]]
    width = curve.number_bytes
    good = key.sign(data)
    numbers = st.integers(0, 256**width - 1) | st.sampled_from(
        [0, 1, curve.q - 1, curve.q, curve.q + 1, 256**width - 1]
    )
    halves = st.tuples(numbers, numbers).map(
        lambda pair: b"".join(one.to_bytes(width, "big") for one in pair)
    )
    mutated = draw.draw(
        st.binary(max_size=2 * width + 2)
        | halves
        | st.integers(0, 16 * width - 1).map(lambda bit: _flip(good, bit))
        | numbers.map(lambda one: one.to_bytes(width, "big") + good[width:])
        | numbers.map(lambda one: good[:width] + one.to_bytes(width, "big"))
    )
    for signature in (good, mutated):
        found = {
            verdict(one, key.algorithm, key.public_key_info, data, signature)
            for one in (engine(), portable())
        }
        assert found == {"valid" if signature == good else "signature.invalid"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_public_keys_get_the_same_verdict(which: tuple[KeyKind, str], draw: st.DataObject) -> None:
    key = pool(*which, 1)
    info = key.public_key_info
    signature = key.sign(b"message")
    mutation = draw.draw(
        st.integers(0, 8 * len(info) - 1).map(lambda bit: _flip(info, bit))
        | st.tuples(st.integers(0, len(info) - 1), st.integers(0, 255)).map(
            lambda change: info[: change[0]] + bytes([change[1]]) + info[change[0] + 1 :]
        )
        | st.integers(0, len(info) - 1).map(lambda size: info[:size])
        | st.binary(min_size=1, max_size=4).map(lambda tail: info + tail)
        | st.binary(max_size=200)
    )
    for algorithm in {key.algorithm, *portable().signatures}:
        if KEY_OF_SIGNATURE[algorithm] == KEY_OF_SIGNATURE[SignatureAlgorithm.GOST_2012_512]:
            value = (signature * 2)[:128]
        else:
            value = signature[:64]
        found = {verdict(one, algorithm, mutation, b"message", value) for one in both()}
        assert len(found) == 1
        if mutation != info:
            assert found <= {"signature.key_unusable", "signature.invalid"}


X, Y = CURVES[XCH_A].x, CURVES[XCH_A].y
TC26_512 = CURVES["1.2.643.7.1.2.1.2.1"]
GOOD = gost_key_info(XCH_A, X, Y)
OF_2001 = {"key_oid": GOST_2001_KEY, "digest": "1.2.643.2.2.30.1"}


@pytest.mark.parametrize(
    "info",
    [
        b"",
        GOOD[:-1],
        GOOD + b"\0",
        # BER: a length longer than it has to be.
        b"\x30\x81" + GOOD[1:],
        gost_key_info(XCH_A, X, Y + 1),
        gost_key_info(XCH_A, Y, X),
        gost_key_info(XCH_A, X + CURVES[XCH_A].p, Y),
        gost_key_info(XCH_A, 0, 0),
        gost_key_info(XCH_A, X, Y, width=33),
        gost_key_info(XCH_A, X, Y, width=64),
        gost_key_info("1.2.3.4", X, Y),
        gost_key_info("1.2.643.7.1.2.1.2.1", TC26_512.x, TC26_512.y, width=64),
        # Digests of another algorithm, ciphers that are none, more than there may be.
        gost_key_info(XCH_A, X, Y, digest="1.2.643.7.1.1.2.3"),
        gost_key_info(XCH_A, X, Y, digest="1.2.643.2.2.30.1"),
        gost_key_info(XCH_A, X, Y, digest="1.2.3.4"),
        gost_key_info(XCH_A, X, Y, cipher="1.2.3.4"),
        gost_key_info(XCH_A, X, Y, cipher="1.2.643.7.1.1.2.2"),
        gost_key_info(XCH_A, X, Y, more=1),
        gost_key_info(XCH_A, X, Y, key_oid="1.2.840.10045.2.1"),
        gost_key_info(XCH_A, X, Y, key_oid=GOST_512_KEY),
        gost_key_info(XCH_A, X, Y, **OF_2001),
    ],
)
def test_unusable_public_keys(info: bytes) -> None:
    for provider in both():
        found = verdict(provider, SignatureAlgorithm.GOST_2012_256, info, b"", bytes(64))
        assert found == "signature.key_unusable"


@pytest.mark.parametrize(
    "info",
    [
        gost_key_info(XCH_A, X, Y, key_oid=GOST_2001_KEY),
        # The S-box for tests.
        gost_key_info(XCH_A, X, Y, key_oid=GOST_2001_KEY, digest="1.2.643.2.2.30.0"),
        gost_key_info(XCH_A, X, Y, key_oid=GOST_256_KEY),
    ],
)
def test_unusable_public_keys_of_2001(info: bytes) -> None:
    for provider in both():
        for algorithm in (SignatureAlgorithm.GOST_2001, SignatureAlgorithm.GOST_2001_URN):
            found = verdict(provider, algorithm, info, b"", bytes(64))
            assert found == "signature.key_unusable"


def test_first_use_of_keys_in_turn() -> None:
    """A key is verified without a table at first, and with one later; nothing may change."""
    key = engine().generate_key(KeyKind.GOST_2012_256)
    for _ in range(10):
        data = os.urandom(10)
        signature = key.sign(data)
        assert verdict(portable(), key.algorithm, key.public_key_info, data, signature) == "valid"
        assert (
            verdict(portable(), key.algorithm, key.public_key_info, data + b"x", signature)
            == "signature.invalid"
        )


@dataclass(frozen=True)
class Value:
    """A signature of a real message, and the bytes under it."""

    algorithm: SignatureAlgorithm
    key_info: bytes
    data: bytes
    signature: bytes


def real_values(path: Path) -> list[Value]:
    root = parse_document(path.read_bytes())
    values = []
    for signature in root.iter(f"{{{DS}}}Signature"):
        signed_info = signature.find(f"{{{DS}}}SignedInfo")
        assert signed_info is not None
        method = signed_info.find(f"{{{DS}}}SignatureMethod")
        assert method is not None
        values.append(
            Value(
                SignatureAlgorithm(method.get("Algorithm", "")),
                parse_certificate(_certificate(root, signature)).public_key_info,
                etree.tostring(signed_info, method="c14n", exclusive=True),
                base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue") or ""),
            )
        )
    return values


def _certificate(root: etree._Element, signature: etree._Element) -> bytes:
    found = signature.findtext(f".//{{{DS}}}X509Certificate")
    if found is None:
        # WS-Security: the reference names the token by its Id.
        reference = signature.find(".//{*}SecurityTokenReference/{*}Reference")
        assert reference is not None
        name = reference.get("URI", "")[1:]
        found = next(
            token.text
            for token in root.iter("{*}BinarySecurityToken")
            if name in token.attrib.values()
        )
    return base64.b64decode(found or "")


SIGNED = samples.REFERENCE / "signed"


@pytest.mark.skipif(not SIGNED.is_dir(), reason="no messages of real systems in ../shared")
def test_signature_values_of_real_messages() -> None:
    values = [value for path in sorted(SIGNED.glob("*.xml")) for value in real_values(path)]
    assert len(values) >= 6
    assert {value.algorithm for value in values} >= {
        SignatureAlgorithm.GOST_2012_256,
        SignatureAlgorithm.GOST_2001,
    }
    for value in values:
        for provider in both():
            arguments = (value.algorithm, value.key_info)
            assert verdict(provider, *arguments, value.data, value.signature) == "valid"
            assert (
                verdict(provider, *arguments, value.data + b" ", value.signature)
                == "signature.invalid"
            )
