"""Which algorithms may sign a certificate."""

from __future__ import annotations

import pytest
from asn1crypto import algos

from signing.chain import is_allowed


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("sha256_rsa", True),
        ("sha512_ecdsa", True),
        ("1.2.643.7.1.1.3.2", True),
        ("1.2.643.2.2.3", False),
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
