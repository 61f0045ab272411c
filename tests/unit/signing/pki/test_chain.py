"""Which algorithms may sign a certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asn1crypto import algos

from signing.certificates import Certificate
from signing.errors import TrustError
from signing.pki.chain import is_allowed
from signing.pki.issuing import Issuer, Subject, issue_certificate
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import KeyKind, PrivateKey, Providers
from tests.unit.signing import samples


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("sha256_rsa", True),
        ("sha512_ecdsa", True),
        ("1.2.643.7.1.1.3.2", True),
        ("1.2.643.7.1.1.3.3", True),
        # Only where the policy says so.
        ("1.2.643.2.2.3", True),
        ("md5_rsa", False),
        ("sha1_rsa", False),
        ("sha1_ecdsa", False),
        ("sha1_dsa", False),
        ("rsassa_pkcs1v15", False),
        ("rsassa_pss", False),
    ],
)
def test_algorithms(name: str, allowed: bool) -> None:
    algorithm = algos.SignedDigestAlgorithm({"algorithm": name})
    assert is_allowed(algos.SignedDigestAlgorithm.load(algorithm.dump())) is allowed


@pytest.mark.parametrize(
    ("digest", "mask_digest", "allowed"),
    [
        ("sha256", "sha256", True),
        ("sha512", "sha512", True),
        ("sha256", "sha1", False),
        ("sha1", "sha256", False),
        ("md5", "md5", False),
    ],
)
def test_digests_of_pss(digest: str, mask_digest: str, allowed: bool) -> None:
    mask = {"algorithm": "mgf1", "parameters": {"algorithm": mask_digest}}
    parameters = {"hash_algorithm": {"algorithm": digest}, "mask_gen_algorithm": mask}
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
    assert is_allowed(algos.SignedDigestAlgorithm.load(algorithm.dump())) is allowed


def make_certificate(providers: Providers, key: PrivateKey) -> Certificate:
    """A certificate for a key of any kind, by an authority with RSA."""
    authority = providers.generate_key(KeyKind.RSA_2048)
    return issue_certificate(
        Subject("Проба", "Проба"),
        key.public_key_info,
        issuer=authority,
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=3650),
        serial=3,
    )


def make_chain(providers: Providers, kind: KeyKind) -> tuple[Certificate, Certificate]:
    """An authority of this kind of key, and a system's certificate by it."""
    key = providers.generate_key(kind)
    root = issue_certificate(
        Subject("Старый УЦ", "АНО «Старый»"),
        key.public_key_info,
        issuer=key,
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=1),
        serial=1,
        is_authority=True,
    )
    leaf = issue_certificate(
        Subject("ИС «Старая»", "Старая"),
        providers.generate_key(KeyKind.GOST_2012_512).public_key_info,
        issuer=Issuer(root, key),
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=1),
        serial=2,
    )
    return root, leaf


@pytest.mark.parametrize("kind", [KeyKind.GOST_2012_256, KeyKind.GOST_2012_512])
def test_chains_of_gost_2012(providers: Providers, kind: KeyKind) -> None:
    root, leaf = make_chain(providers, kind)
    TrustStore(TrustPolicy((root,)), providers).verify(leaf, at=samples.NOW)
    stranger, _ = make_chain(providers, kind)
    with pytest.raises(TrustError):
        TrustStore(TrustPolicy((stranger,)), providers).verify(leaf, at=samples.NOW)


def test_chains_of_gost_2001_are_for_old_messages(providers: Providers) -> None:
    root, leaf = make_chain(providers, KeyKind.GOST_2001)
    with pytest.raises(TrustError) as caught:
        TrustStore(TrustPolicy((root,)), providers).verify(leaf, at=samples.NOW)
    assert caught.value.code == "certificate.untrusted"
    policy = TrustPolicy((root,), allow_gost_2001=True)
    TrustStore(policy, providers).verify(leaf, at=samples.NOW)
