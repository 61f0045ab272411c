"""The encryption of keys, judged before a library sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signing.der import encode_oid
from signing.errors import ProviderError
from signing.providers.encryption import MAX_COST, Effort, verify_encrypted_key
from signing.providers.rsa_ecdsa import RsaEcdsaProvider
from tests.unit.signing import locks
from tests.unit.signing.locks import (
    EMPTY,
    NULL,
    Lock,
    algorithm,
    gost_lock,
    gost_parameters,
    integer,
    octets,
    sequence,
)

MAGMA, KUZNYECHIK = "1.2.643.7.1.1.5.1.1", "1.2.643.7.1.1.5.2.1"
PKCS12_3DES = algorithm(locks.DES3_PBE, sequence(octets(bytes(8)), integer(2048)))

GOOD = {
    "AES-256": (Lock().key(), Effort(1000)),
    "AES-128": (Lock(cipher=algorithm("2.16.840.1.101.3.4.1.2", octets(bytes(16)))).key(), None),
    "3DES": (Lock(cipher=algorithm("1.2.840.113549.3.7", octets(bytes(8)))).key(), None),
    "SHA-1 by default": (Lock(prf=b"").key(), Effort(1000)),
    "PRF without parameters": (Lock(prf=sequence(encode_oid(locks.SHA256_PRF))).key(), None),
    "length of the key": (Lock(key_length=integer(32)).key(), Effort(1000)),
    "GOST 28147-89": (gost_lock(gost_parameters()).key(), Effort(1000, is_gost=True)),
    "Streebog": (
        Lock(prf=algorithm(locks.STREEBOG_PRF, NULL)).key(),
        Effort(8000, is_gost=True),
    ),
    "Magma": (Lock(cipher=algorithm(MAGMA, sequence(octets(bytes(12))))).key(), None),
    "Kuznyechik": (Lock(cipher=algorithm(KUZNYECHIK, sequence(octets(bytes(16))))).key(), None),
    "as many as may be": (Lock(iterations=integer(MAX_COST)).key(), Effort(MAX_COST)),
    "PKCS#12's 3DES": (sequence(PKCS12_3DES, octets(bytes(8))), Effort(3 * 2048)),
}
BAD = {
    "nothing": b"",
    "no DER": b"\x30\x80\x00\x00",
    "empty": EMPTY,
    "tail": Lock().key() + b"\0",
    "content of another type": sequence(Lock().identifier(), encode_oid(locks.PBES2)),
    "third member": sequence(Lock().identifier(), octets(b""), NULL),
    "another scheme": Lock(scheme="1.2.840.113549.1.5.3").key(),
    "scheme without parameters": sequence(sequence(encode_oid(locks.PBES2)), octets(b"")),
    "scheme with NULL": sequence(algorithm(locks.PBES2, NULL), octets(b"")),
    "another derivation": Lock(derivation="1.3.6.1.4.1.11591.4.11").key(),
    "no salt": Lock(salt=b"").key(),
    "empty salt": Lock(salt=octets(b"")).key(),
    "long salt": Lock(salt=octets(bytes(65))).key(),
    "salt of another source": Lock(salt=algorithm(locks.SHA256_PRF, NULL)).key(),
    "no iterations": Lock(iterations=b"").key(),
    "zero iterations": Lock(iterations=integer(0)).key(),
    "negative iterations": Lock(iterations=integer(-1)).key(),
    "too many iterations": Lock(iterations=integer(MAX_COST + 1)).key(),
    "three million iterations": Lock(iterations=integer(3_000_000)).key(),
    "endless iterations": Lock(iterations=integer(2**200)).key(),
    "iterations padded": Lock(iterations=b"\x02\x02\x00\x01").key(),
    "too many of a slow hash": Lock(
        iterations=integer(MAX_COST // 8 + 1), prf=algorithm(locks.STREEBOG_PRF, NULL)
    ).key(),
    "another length of the key": Lock(key_length=integer(16)).key(),
    "huge length of the key": Lock(key_length=integer(2**40)).key(),
    "another PRF": Lock(prf=algorithm("1.2.840.113549.2.6", NULL)).key(),
    "PRF with parameters": Lock(prf=algorithm(locks.SHA256_PRF, EMPTY)).key(),
    "PRF that is none": Lock(prf=EMPTY).key(),
    "PRF that is an octet string": Lock(prf=octets(b"")).key(),
    "something after the PRF": Lock(prf=algorithm(locks.SHA256_PRF, NULL) + NULL).key(),
    "another cipher": Lock(cipher=algorithm("1.2.840.113549.3.2", octets(bytes(8)))).key(),
    "cipher without parameters": Lock(cipher=sequence(encode_oid(locks.AES_256))).key(),
    "short vector": Lock(cipher=algorithm(locks.AES_256, octets(bytes(15)))).key(),
    "long vector": Lock(cipher=algorithm(locks.AES_256, octets(bytes(17)))).key(),
    "vector of another type": Lock(cipher=algorithm(locks.AES_256, NULL)).key(),
    "GOST without parameters": gost_lock(b"").key(),
    "GOST with NULL": gost_lock(NULL).key(),
    "GOST with nothing": gost_lock(EMPTY).key(),
    "GOST with a vector alone": gost_lock(sequence(octets(bytes(8)))).key(),
    "GOST with a bare vector": gost_lock(octets(bytes(8))).key(),
    "GOST with a short vector": gost_lock(gost_parameters(bytes(7))).key(),
    "GOST with an unknown set": gost_lock(gost_parameters(name="1.2.643.2.2.31.9")).key(),
    "Magma with a bare vector": Lock(cipher=algorithm(MAGMA, octets(bytes(12)))).key(),
    "Magma with a long vector": Lock(cipher=algorithm(MAGMA, sequence(octets(bytes(16))))).key(),
    "Kuznyechik with nothing": Lock(cipher=algorithm(KUZNYECHIK, EMPTY)).key(),
    "PKCS#12's 3DES without a salt": sequence(
        algorithm(locks.DES3_PBE, sequence(octets(b""), integer(1))), octets(b"")
    ),
    "PKCS#12's 3DES with many iterations": sequence(
        algorithm(locks.DES3_PBE, sequence(octets(bytes(8)), integer(MAX_COST))), octets(b"")
    ),
    "PKCS#12's RC4": sequence(
        algorithm("1.2.840.113549.1.12.1.1", sequence(octets(bytes(8)), integer(1))), octets(b"")
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_known_locks(name: str) -> None:
    key, effort = GOOD[name]
    assert verify_encrypted_key(key) == effort or effort is None


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ProviderError) as caught:
        call()
    assert caught.value.detail
    return caught.value.code


@pytest.mark.parametrize("name", BAD)
def test_other_locks(name: str) -> None:
    assert refusal(lambda: verify_encrypted_key(BAD[name])) == "provider.key_unreadable"


@pytest.mark.parametrize("name", BAD)
def test_providers_do_not_try_other_locks(name: str) -> None:
    load = RsaEcdsaProvider().load_private_key
    assert refusal(lambda: load(BAD[name], password=b"word")) == "provider.key_unreadable"
