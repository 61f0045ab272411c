"""Locks that would end the process or never open, and thousands changed at random."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import pem

from signing.providers import KeyKind, Providers
from tests.integration.signing.opening_locks import File, run
from tests.integration.signing.test_openssl import ENGINE, openssl
from tests.unit.signing import locks
from tests.unit.signing.cms_samples import signer
from tests.unit.signing.der_mutations import mutate
from tests.unit.signing.locks import (
    EMPTY,
    KEY_BAG,
    NULL,
    SHROUDED_BAG,
    Lock,
    bag,
    certificate_bag,
    gost_lock,
    gost_parameters,
    integer,
    locked_safe,
    octets,
    open_safe,
    pfx,
    sequence,
)

KINDS = (KeyKind.GOST_2012_256, KeyKind.RSA_2048)
MUTATIONS = 2000
GOST_CIPHERS = ("gost89", "magma-ctr-acpkm", "kuznyechik-ctr-acpkm")
BROKEN_PARAMETERS = {
    "absent": b"",
    "empty": EMPTY,
    "NULL": NULL,
    "a bare vector": octets(bytes(8)),
    "no parameter set": sequence(octets(bytes(8))),
    "a short vector": gost_parameters(bytes(1)),
    "a long vector": gost_parameters(bytes(500)),
    "an unknown set": gost_parameters(name="1.2.643.2.2.31.77"),
}


@pytest.fixture(autouse=True)
def engine(providers: Providers) -> None:
    if openssl("engine", "gost").returncode:
        pytest.skip("the openssl command has no gost engine")


def certificates() -> bytes:
    return sequence(certificate_bag(signer(KINDS[0]).certificate.der))


def stores(lock: Lock) -> list[File]:
    """Return stores that have it around the certificates, around the key, and inside a safe."""
    shrouded = sequence(bag(SHROUDED_BAG, lock.key()))
    parts = [
        (locked_safe(certificates(), lock), open_safe(shrouded)),
        (open_safe(certificates()), open_safe(shrouded)),
        (open_safe(certificates()), locked_safe(shrouded)),
    ]
    return [("store", pfx(*one, with_mac=with_mac)) for one in parts for with_mac in (True, False)]


@pytest.mark.parametrize("name", BROKEN_PARAMETERS)
def test_gost_with_broken_parameters(name: str) -> None:
    lock = gost_lock(BROKEN_PARAMETERS[name])
    assert set(run([("key", lock.key()), *stores(lock)], timeout_s=20)) == {
        "provider.key_unreadable"
    }


@pytest.mark.parametrize(
    "iterations", [3_000_000, 2**31 - 1, 2**63 - 1, 2**400], ids=int.bit_length
)
def test_iterations_without_end(iterations: int) -> None:
    lock = Lock(iterations=integer(iterations))
    mac = pfx(open_safe(certificates()), iterations=integer(iterations))
    found = run([("key", lock.key()), *stores(lock), ("store", mac)], timeout_s=20)
    assert set(found) == {"provider.key_unreadable"}


@cache
def openssl_key(kind: KeyKind, *options: str) -> bytes:
    made = openssl(
        "pkcs8", *ENGINE, "-topk8", *options, "-outform", "DER", "-passout", "pass:word",
        given=signer(kind)._key.export_pem(),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


def openssl_store(folder: Path, kind: KeyKind, *options: str) -> bytes:
    own = signer(kind)
    both = own._key.export_pem() + pem.armor("CERTIFICATE", own.certificate.der)
    (folder / "both.pem").write_bytes(both)
    made = openssl(
        "pkcs12", "-export", *ENGINE, "-in", folder / "both.pem", "-passout", "pass:word",
        *options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_locks_of_openssl(tmp_path: Path, kind: KeyKind) -> None:
    keys = [openssl_key(kind, "-v2", cipher) for cipher in ("aes-192-cbc", "des3")]
    keys += [openssl_key(kind, "-v1", "PBE-SHA1-3DES"), openssl_key(kind, "-iter", "100000")]
    if kind is KINDS[0]:
        # Those of RSA are opened without the engine.
        keys += [openssl_key(kind, "-v2", cipher) for cipher in GOST_CIPHERS]
        for prf in ("hmacWithSHA1", "hmacWithSHA512", "1.2.643.7.1.1.4.1", "1.2.643.2.2.10"):
            keys.append(openssl_key(kind, "-v2", "gost89", "-v2prf", prf))
    opened = [
        openssl_store(tmp_path, kind, "-keypbe", cipher, "-certpbe", cipher, "-macalg", digest)
        for cipher in (*GOST_CIPHERS, "AES-128-CBC", "PBE-SHA1-3DES")
        for digest in ("sha256", "md_gost12_256", "md_gost94")
    ]
    if kind is KINDS[1]:
        opened += [openssl_store(tmp_path, kind, one) for one in ("-legacy", "-nomac")]
    files = [*(("key", one) for one in keys), *(("store", one) for one in opened)]
    assert Counter(run(files, timeout_s=30)) == {"opened": len(files)}


def seeds(folder: Path) -> list[File]:
    gost89 = ("-keypbe", "gost89", "-certpbe", "gost89")
    found: list[File] = []
    for kind in KINDS:
        found += [("key", openssl_key(kind, "-v2", one)) for one in (*GOST_CIPHERS, "aes-256-cbc")]
        found.append(("key", pem.unarmor(signer(kind)._key.export_pem())[2]))
        for options in ((), ("-macalg", "md_gost12_512", *gost89), ("-nomac", *gost89)):
            found.append(("store", openssl_store(folder, kind, *options)))
    return found


def change(source: random.Random, seed: File) -> File:
    """Change a file, or what the MAC of a PKCS#12 covers, under a MAC that holds."""
    kind, data = seed
    if kind == "store" and source.random() < 0.6:
        return kind, locks.seal(mutate(source, locks.contents_of(data)))
    return kind, mutate(source, data)


def hidden(source: random.Random, kind: KeyKind) -> File:
    """Change what an encrypted safe holds: a certificate, a key locked by GOST, one in the open."""
    own = signer(kind)
    plain = pem.unarmor(own._key.export_pem())[2]
    bags = (
        certificate_bag(own.certificate.der),
        bag(SHROUDED_BAG, openssl_key(kind, "-v2", source.choice(GOST_CIPHERS))),
        bag(KEY_BAG, plain),
    )
    return "store", pfx(locked_safe(mutate(source, sequence(*bags))))


def test_files_changed_at_random(tmp_path: Path) -> None:
    broken_by_chance(tmp_path, seed=1, count=MUTATIONS)


def broken_by_chance(folder: Path, *, seed: int, count: int) -> Counter[str]:
    source, known = random.Random(seed), seeds(folder)
    files = [
        hidden(source, source.choice(KINDS)) if number % 4 == 0
        else change(source, source.choice(known))
        for number in range(count)
    ]  # fmt: skip
    outcomes = Counter(run(files, timeout_s=60 + count / 50))
    # Neither all refused at the first glance nor none.
    assert 0 < outcomes["opened"] < count / 2
    return outcomes


def test_the_usual_lock_is_opened() -> None:
    plain = pem.unarmor(signer(KeyKind.RSA_2048)._key.export_pem())[2]
    key = Lock().key(locks.encrypt(plain))
    own = certificate_bag(signer(KeyKind.RSA_2048).certificate.der)
    store = pfx(locked_safe(sequence(own, bag(SHROUDED_BAG, key))))
    assert run([("key", key), ("store", store)], timeout_s=20) == ["opened", "opened"]
