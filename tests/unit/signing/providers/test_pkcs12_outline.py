"""What locks a PKCS#12 file, in the open and inside its encrypted safes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization

from signing.der import encode_oid, encode_value
from signing.errors import ProviderError
from signing.providers import KeyKind, load_pkcs12
from signing.providers.encryption import MAX_COST, Effort
from signing.providers.pkcs12_outline import parse_outline
from tests.unit.signing import locks
from tests.unit.signing.cms_samples import signer
from tests.unit.signing.locks import (
    EMPTY,
    KEY_BAG,
    PASSWORD,
    SHROUDED_BAG,
    Lock,
    bag,
    certificate_bag,
    gost_lock,
    integer,
    locked_safe,
    octets,
    open_safe,
    pfx,
    sequence,
)


def plain_key() -> bytes:
    key = serialization.load_pem_private_key(signer(KeyKind.EC_P256)._key.export_pem(), None)
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def shrouded_key(lock: Lock | None = None) -> bytes:
    return bag(SHROUDED_BAG, (lock or Lock()).key(locks.encrypt(plain_key())))


def certificates() -> bytes:
    return sequence(certificate_bag(signer(KeyKind.EC_P256).certificate.der))


def attribute(number: int, *values: bytes) -> bytes:
    name = encode_oid(f"1.2.840.113549.1.9.{number}")
    return sequence(name, encode_value(0x31, b"".join(values)))


def keys(*bags: bytes) -> bytes:
    return open_safe(sequence(*(bags or (shrouded_key(),))))


FRIENDLY, LOCAL = attribute(20, encode_value(0x1E, b"\0a")), attribute(21, octets(b"1"))
GOOD = {
    "as openssl has it": pfx(locked_safe(certificates()), keys()),
    "everything encrypted": pfx(locked_safe(certificates()), locked_safe(sequence(shrouded_key()))),
    "without a MAC": pfx(locked_safe(certificates()), keys(), with_mac=False),
    "nothing encrypted": pfx(open_safe(certificates()), keys(bag(KEY_BAG, plain_key()))),
    "attributes": pfx(
        locked_safe(certificates()), keys(bag(KEY_BAG, plain_key(), FRIENDLY, LOCAL))
    ),
}
SLOW = Lock(iterations=integer(MAX_COST + 1))
HALF = Lock(iterations=integer(MAX_COST // 2))
ENDLESS = Lock(iterations=integer(2**100))
BROKEN_GOST = gost_lock(EMPTY)
BAD_SAFES = {
    "GOST without parameters": (locked_safe(certificates(), BROKEN_GOST), keys()),
    "slow certificates": (locked_safe(certificates(), SLOW), keys()),
    "shrouded key": (locked_safe(certificates()), keys(shrouded_key(BROKEN_GOST))),
    "slow key": (locked_safe(certificates()), keys(shrouded_key(SLOW))),
    "endless key": (locked_safe(certificates()), keys(shrouded_key(ENDLESS))),
    "slow in sum": (locked_safe(certificates()), keys(shrouded_key(HALF), shrouded_key(HALF))),
    "hidden GOST": (locked_safe(sequence(shrouded_key(BROKEN_GOST))), open_safe(certificates())),
    "hidden and endless": (locked_safe(sequence(shrouded_key(ENDLESS))), open_safe(certificates())),
    "hidden and slow in sum": (locked_safe(sequence(shrouded_key(HALF), shrouded_key(HALF))),),
    "hidden nest": (
        locked_safe(sequence(bag("1.2.840.113549.1.12.10.1.6", sequence(shrouded_key())))),
    ),
    "no safe contents": (locked_safe(b"\x04\x00"), keys()),
    "nest": (keys(bag("1.2.840.113549.1.12.10.1.6", sequence(shrouded_key()))),),
    "name of another type": (keys(bag(KEY_BAG, plain_key(), attribute(20, octets(b"a")))),),
    "two names": (keys(bag(KEY_BAG, plain_key(), attribute(20, *2 * [octets(b"a")]))),),
    "number of another type": (keys(bag(KEY_BAG, plain_key(), attribute(21, integer(1)))),),
    "no number": (keys(bag(KEY_BAG, plain_key(), attribute(21))),),
    "many bags": (keys(*65 * [shrouded_key()]),),
    "many safes": 17 * (keys(),),
    "enveloped": (sequence(encode_oid("1.2.840.113549.1.7.3"), encode_value(0xA0, EMPTY)),),
    "no content": (sequence(encode_oid(locks.DATA)),),
}


@pytest.mark.parametrize("name", GOOD)
def test_opens(name: str) -> None:
    store = load_pkcs12(GOOD[name], PASSWORD)
    assert store.certificate == signer(KeyKind.EC_P256).certificate
    assert store.key == plain_key()


@pytest.mark.parametrize("with_mac", [True, False])
@pytest.mark.parametrize("name", BAD_SAFES)
def test_refuses(name: str, with_mac: bool) -> None:
    with pytest.raises(ProviderError) as caught:
        load_pkcs12(pfx(*BAD_SAFES[name], with_mac=with_mac), PASSWORD)
    assert caught.value.code == "provider.key_unreadable"


@pytest.mark.parametrize("iterations", [0, -1, MAX_COST + 1, 2**100])
def test_iterations_of_the_mac(iterations: int) -> None:
    file = pfx(locked_safe(certificates()), keys(), iterations=integer(iterations))
    with pytest.raises(ProviderError) as caught:
        load_pkcs12(file, PASSWORD)
    assert caught.value.code == "provider.key_unreadable"


def test_a_wrong_password_opens_no_safe() -> None:
    for name, code in (("as openssl has it", "password"), ("without a MAC", "unreadable")):
        with pytest.raises(ProviderError) as caught:
            load_pkcs12(GOOD[name], b"other")
        assert caught.value.code == f"provider.key_{code}"


def test_what_is_not_quite_der() -> None:
    """The default written out."""
    file = pfx(locked_safe(certificates()), keys(), iterations=integer(1))
    assert load_pkcs12(file, PASSWORD) == load_pkcs12(GOOD["as openssl has it"], PASSWORD)


def test_effort_adds_up() -> None:
    outline = parse_outline(pfx(locked_safe(certificates()), keys()))
    assert outline.effort == Effort(1 + 1000 + 1000)
    assert outline.has_mac
    assert [safe.is_gost for safe in outline.encrypted_safes] == [False]
    gost = gost_lock(locks.gost_parameters())
    assert parse_outline(pfx(keys(shrouded_key(gost)))).effort.is_gost


def test_lengths_left_open() -> None:
    """As writers of streams have them, the outermost and the content's."""
    made = GOOD["as openssl has it"]
    contents = locks.contents_of(made)
    halves = [octets(contents[:100]), octets(contents[100:])]
    parted = b"\x24\x80" + b"".join(halves) + b"\0\0"
    info = b"\x30\x80" + encode_oid(locks.DATA) + b"\xa0\x80" + parted + b"\0\0\0\0"
    tail = made[made.index(contents) + len(contents) :]
    assert load_pkcs12(b"\x30\x80" + integer(3) + info + tail + b"\0\0", PASSWORD)
