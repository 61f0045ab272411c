"""The GOST provider in Python, by itself."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable

import pytest
from asn1crypto import algos, core, keys, pem

from signing.algorithms import (
    GOST_256_KEY,
    GOST_512_KEY,
    GOST_2001_KEY,
    DigestAlgorithm,
    SignatureAlgorithm,
)
from signing.errors import ProviderError, SignatureError
from signing.providers import KeyKind, portable
from signing.providers.gost_curves import CURVES
from signing.providers.gost_keys import encode_public_key, parse_public_key
from signing.providers.gost_points import affine, multiply
from signing.providers.portable import PortableGostProvider, PortablePrivateKey
from tests.unit.signing import gost_vectors
from tests.unit.signing.gost_vectors import Example, gost_key_info

GOST = SignatureAlgorithm.GOST_2012_256
XCH_A = "1.2.643.2.2.36.0"
EXAMPLES = pytest.mark.parametrize(
    "example", gost_vectors.RFC_7091.values(), ids=gost_vectors.RFC_7091.keys()
)
KINDS = (KeyKind.GOST_2012_256, KeyKind.GOST_2012_512, KeyKind.GOST_2001)


@pytest.fixture(scope="module")
def signing() -> PortableGostProvider:
    return PortableGostProvider(allow_insecure_signing=True)


def example_secret(example: Example) -> bytes:
    little = example.d.to_bytes(example.number_bytes, "little")
    return private_info(example.key_oid, example.parameter_set, little)


def private_info(
    key_oid: str, parameter_set: str, content: bytes, *, version: int = 0, tail: bytes = b""
) -> bytes:
    """PrivateKeyInfo of parts, well-formed or not."""
    algorithm = core.SequenceOf(spec=core.Any)
    algorithm.append(core.ObjectIdentifier(key_oid))
    algorithm.append(gost_vectors.Parameters({"set": parameter_set}))
    body = core.Integer(version).dump() + algorithm.dump() + core.OctetString(content).dump() + tail
    return bytes(core.Sequence(contents=body).dump())


@EXAMPLES
def test_verifies_the_examples_of_rfc_7091(example: Example) -> None:
    verify = PortableGostProvider().verify_digest
    width = example.number_bytes
    signature = example.signature
    # More often than a key has to come for a table.
    for _ in range(6):
        assert verify(example.key_oid, example.key_info, example.digest, signature)
        assert not verify(example.key_oid, example.key_info, example.digest[::-1], signature)
        swapped = signature[width:] + signature[:width]
        assert not verify(example.key_oid, example.key_info, example.digest, swapped)


@EXAMPLES
def test_signs_the_examples_of_rfc_7091(example: Example) -> None:
    provider = PortableGostProvider(
        allow_insecure_signing=True, random_below=lambda _: example.k - 1
    )
    key = provider.load_private_key(example_secret(example), password=None)
    assert key.sign_digest(example.digest) == example.signature
    point = parse_public_key(example.key_oid, example.key_info).point
    assert parse_public_key(example.key_oid, key.public_key_info).point == point


@EXAMPLES
def test_digest_of_nothing_but_zeros_counts_as_one(
    signing: PortableGostProvider, example: Example
) -> None:
    key = signing.load_private_key(example_secret(example), password=None)
    zeros = bytes(example.number_bytes)
    one = (1).to_bytes(example.number_bytes, "little")
    signature = key.sign_digest(zeros)
    for digest in (zeros, one):
        assert signing.verify_digest(example.key_oid, key.public_key_info, digest, signature)


def test_numbers_that_give_no_signature_are_drawn_again() -> None:
    curve = CURVES["1.2.643.2.2.35.3"]
    drawn: list[int] = []
    # The base point of this set has x = 0, so that k = 1 gives r = 0.
    numbers = iter([1, 0, 5])

    def random_below(limit: int) -> int:
        drawn.append(limit)
        return next(numbers)

    provider = PortableGostProvider(allow_insecure_signing=True, random_below=random_below)
    key = provider.generate_key(KeyKind.GOST_2012_256, parameter_set="1.2.643.2.2.35.3")
    signature = key.sign(b"message")
    assert drawn == [curve.q - 1] * 3
    provider.verify(GOST, key.public_key_info, b"message", signature)


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_of_r_and_s(signing: PortableGostProvider, kind: KeyKind) -> None:
    key = signing.generate_key(kind)
    width = 64 if kind is KeyKind.GOST_2012_512 else 32
    q = CURVES["1.2.643.7.1.2.1.2.1" if width == 64 else XCH_A].q
    good = key.sign(b"message")
    s, r = good[:width], good[width:]
    zero, order, top = bytes(width), q.to_bytes(width, "big"), b"\xff" * width
    above = [
        (int.from_bytes(part, "big") + q).to_bytes(width, "big")
        for part in (s, r)
        if int.from_bytes(part, "big") + q < 256**width
    ]
    negative = (q - int.from_bytes(s, "big")).to_bytes(width, "big")
    broken = [zero + r, s + zero, order + r, s + order, top + r, s + top, zero + zero, r + s]
    broken += [one + r for one in above] + [s + one for one in above] + [negative + r]
    broken += [good[:-1], good + b"\0", b"", b"\0" + good]
    signing.verify(key.algorithm, key.public_key_info, b"message", good)
    for value in broken:
        with pytest.raises(SignatureError) as caught:
            signing.verify(key.algorithm, key.public_key_info, b"message", value)
        assert caught.value.code == "signature.invalid"


def test_both_names_of_2001(signing: PortableGostProvider) -> None:
    key = signing.generate_key(KeyKind.GOST_2001)
    for algorithm in (SignatureAlgorithm.GOST_2001, SignatureAlgorithm.GOST_2001_URN):
        signing.verify(algorithm, key.public_key_info, b"message", key.sign(b"message"))
        loaded = signing.load_private_key(key.export_pem(), password=None, algorithm=algorithm)
        assert loaded.algorithm is algorithm


def on_curve(parameter_set: str) -> tuple[int, int]:
    curve = CURVES[parameter_set]
    return curve.x, curve.y


def info_of(parameter_set: str, **changes: object) -> bytes:
    return gost_key_info(parameter_set, *on_curve(parameter_set), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key_oid", "info"),
    [
        (GOST_256_KEY, info_of(XCH_A)),
        (GOST_256_KEY, info_of(XCH_A, digest=None)),
        (GOST_256_KEY, info_of("1.2.643.7.1.2.1.1.1", digest=None)),
        (GOST_256_KEY, info_of("1.2.643.7.1.2.1.1.2")),
        (GOST_256_KEY, info_of(XCH_A, cipher="1.2.643.2.2.31.1")),
        (GOST_2001_KEY, info_of(XCH_A, key_oid=GOST_2001_KEY, digest="1.2.643.2.2.30.1")),
        (
            GOST_2001_KEY,
            info_of(
                XCH_A, key_oid=GOST_2001_KEY, digest="1.2.643.2.2.30.1", cipher="1.2.643.2.2.31.1"
            ),
        ),
        (
            GOST_512_KEY,
            info_of(
                "1.2.643.7.1.2.1.2.3",
                key_oid=GOST_512_KEY,
                digest="1.2.643.7.1.1.2.3",
                width=64,
            ),
        ),
    ],
)
def test_public_keys_as_they_are_met(key_oid: str, info: bytes) -> None:
    key = parse_public_key(key_oid, info)
    assert key.point == on_curve(key.parameters.public_key_set)
    assert encode_public_key(key) == info


@pytest.mark.parametrize(
    ("key_oid", "parameter_set"),
    [(GOST_256_KEY, "1.2.643.7.1.2.1.1.1"), (GOST_512_KEY, "1.2.643.7.1.2.1.2.3")],
)
def test_points_of_another_order_are_refused(key_oid: str, parameter_set: str) -> None:
    curve = CURVES[parameter_set]
    width = curve.number_bytes
    refused = accepted = 0
    for x in range(2, 100):
        # Both p are 3 modulo 4, so that this is a root of the right side, if it has any.
        y = pow(x**3 + curve.a * x + curve.b, (curve.p + 1) // 4, curve.p)
        if not curve.has_point(x, y):
            continue
        info = gost_key_info(parameter_set, x, y, key_oid=key_oid, digest=None, width=width)
        if affine(curve, multiply(curve, (x, y), curve.q)) is None:
            assert parse_public_key(key_oid, info).point == (x, y)
            accepted += 1
            continue
        with pytest.raises(SignatureError) as caught:
            parse_public_key(key_oid, info)
        assert caught.value.code == "signature.key_unusable"
        refused += 1
    assert accepted
    assert refused > accepted


@pytest.mark.parametrize("name", ["bare", "octet string", "integer"])
@EXAMPLES
def test_private_keys_in_their_forms(
    signing: PortableGostProvider, example: Example, name: str
) -> None:
    little = example.d.to_bytes(example.number_bytes, "little")
    content = {
        "bare": little,
        "octet string": core.OctetString(little).dump(),
        "integer": core.Integer(example.d).dump(),
    }[name]
    der = private_info(example.key_oid, example.parameter_set, content)
    for form in (der, pem.armor("PRIVATE KEY", der)):
        key = signing.load_private_key(form, password=None)
        point = parse_public_key(example.key_oid, example.key_info).point
        assert parse_public_key(example.key_oid, key.public_key_info).point == point
    assert f"{example.d:x}" not in repr(key)
    assert str(example.d) not in repr(key)


D = (7).to_bytes(32, "little")
Q = CURVES[XCH_A].q


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        private_info(GOST_256_KEY, XCH_A, D)[:-1],
        private_info(GOST_256_KEY, XCH_A, D) + b"\0",
        private_info(GOST_256_KEY, XCH_A, D, version=2),
        private_info(GOST_256_KEY, XCH_A, b""),
        private_info(GOST_256_KEY, XCH_A, bytes(32)),
        private_info(GOST_256_KEY, XCH_A, Q.to_bytes(32, "little")),
        private_info(GOST_256_KEY, XCH_A, D[:-1]),
        private_info(GOST_256_KEY, XCH_A, D + D),
        private_info(GOST_256_KEY, XCH_A, core.OctetString(D[:-1]).dump()),
        private_info(GOST_256_KEY, XCH_A, core.OctetString(D).dump() + b"\0"),
        private_info(GOST_256_KEY, XCH_A, core.Integer(-7).dump()),
        private_info(GOST_256_KEY, XCH_A, core.Integer(Q).dump()),
        private_info(GOST_256_KEY, XCH_A, b"\x02\x02\x00\x07"),
        private_info(GOST_256_KEY, "1.2.643.7.1.2.1.2.1", bytes([7, *bytes(63)])),
        private_info(GOST_256_KEY, "1.2.3.4", D),
        private_info("1.2.840.113549.1.1.1", XCH_A, D),
    ],
)
def test_broken_private_keys(signing: PortableGostProvider, der: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        signing.load_private_key(der, password=None)
    assert caught.value.code == "provider.key_unreadable"


def test_what_follows_a_private_key_is_not_looked_at(signing: PortableGostProvider) -> None:
    for tail in (b"\xa0\x00", b"\x81\x02\x00\x01"):
        der = private_info(GOST_256_KEY, XCH_A, D, version=1, tail=tail)
        assert signing.load_private_key(der, password=None).algorithm is GOST


def encrypted(der: bytes, password: bytes) -> bytes:
    """EncryptedPrivateKeyInfo by PBES2 with AES, as `openssl pkcs8 -topk8` makes it."""
    import hashlib

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    salt, vector = b"saltsalt", bytes(16)
    pad = PKCS7(128).padder()
    key = hashlib.pbkdf2_hmac("sha256", password, salt, 1000, 32)
    seal = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    scheme = algos.EncryptionAlgorithm(
        {
            "algorithm": "pbes2",
            "parameters": {
                "key_derivation_func": {
                    "algorithm": "pbkdf2",
                    "parameters": {
                        "salt": algos.Pbkdf2Salt(name="specified", value=salt),
                        "iteration_count": 1000,
                        "prf": {"algorithm": "sha256"},
                    },
                },
                "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": vector},
            },
        }
    )
    data = seal.update(pad.update(der) + pad.finalize()) + seal.finalize()
    info = keys.EncryptedPrivateKeyInfo({"encryption_algorithm": scheme, "encrypted_data": data})
    return bytes(info.dump())


def test_encrypted_private_keys(signing: PortableGostProvider) -> None:
    der = encrypted(private_info(GOST_256_KEY, XCH_A, D), b"pass")
    for form in (der, pem.armor("ENCRYPTED PRIVATE KEY", der)):
        assert signing.load_private_key(form, password=b"pass").algorithm is GOST
        for password, code in ((b"no", "provider.key_unreadable"), (None, "provider.key_password")):
            with pytest.raises(ProviderError) as caught:
                signing.load_private_key(form, password=password)
            assert caught.value.code == code


def test_keys_keep_to_their_algorithm(signing: PortableGostProvider) -> None:
    der = private_info(GOST_256_KEY, XCH_A, D)
    for other in (SignatureAlgorithm.GOST_2001, SignatureAlgorithm.RSA_SHA256):
        with pytest.raises(ProviderError) as caught:
            signing.load_private_key(der, password=None, algorithm=other)
        assert caught.value.code == "provider.key_algorithm"


def test_signing_has_to_be_allowed(signing: PortableGostProvider) -> None:
    verifying = PortableGostProvider()
    key = signing.generate_key(KeyKind.GOST_2012_256)
    calls: tuple[Callable[[], PortablePrivateKey], ...] = (
        lambda: verifying.load_private_key(key.export_pem(), password=None),
        lambda: verifying.generate_key(KeyKind.GOST_2012_256),
    )
    for call in calls:
        with pytest.raises(ProviderError) as caught:
            call()
        assert caught.value.code == "provider.insecure_signing"
    assert verifying.key_kinds == frozenset()
    assert signing.key_kinds == frozenset(KINDS)
    verifying.verify(GOST, key.public_key_info, b"message", key.sign(b"message"))


def test_keeps_to_its_own(signing: PortableGostProvider) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: signing.verify(SignatureAlgorithm.RSA_SHA256, b"", b"", b""),
        lambda: signing.digest(DigestAlgorithm.SHA256, b""),
        lambda: signing.generate_key(KeyKind.RSA_2048),
        lambda: signing.generate_key(KeyKind.GOST_2012_256, parameter_set="1.2.3"),
        lambda: signing.generate_key(KeyKind.GOST_2012_256, parameter_set="1.2.643.7.1.2.1.2.1"),
    )
    for call in calls:
        with pytest.raises(ProviderError) as caught:
            call()
        assert caught.value.code == "provider.failed"


def test_memory_of_keys_is_bounded(signing: PortableGostProvider) -> None:
    for _ in range(140):
        key = signing.generate_key(KeyKind.GOST_2012_256)
        signing.verify(GOST, key.public_key_info, b"", key.sign(b""))
    assert portable._load_verifier.cache_info().currsize == portable._CACHED_KEYS


def test_threads_share_keys(signing: PortableGostProvider, eager_switches: None) -> None:
    keys = [signing.generate_key(kind) for kind in KINDS]
    signatures = [key.sign(b"message") for key in keys]
    portable._load_verifier.cache_clear()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(8):
                for key, signature in zip(keys, signatures, strict=True):
                    signing.verify(key.algorithm, key.public_key_info, b"message", signature)
                    with pytest.raises(SignatureError):
                        signing.verify(key.algorithm, key.public_key_info, b"massage", signature)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def _work_in_child(key: PortablePrivateKey, signature: bytes) -> None:
    provider = PortableGostProvider()
    provider.verify(GOST, key.public_key_info, b"parent", signature)
    provider.verify(GOST, key.public_key_info, b"child", key.sign(b"child"))


def test_fork_after_loading(signing: PortableGostProvider) -> None:
    key = signing.generate_key(KeyKind.GOST_2012_256)
    arguments = (key, key.sign(b"parent"))
    child = multiprocessing.get_context("fork").Process(target=_work_in_child, args=arguments)
    child.start()
    child.join(30)
    assert child.exitcode == 0
