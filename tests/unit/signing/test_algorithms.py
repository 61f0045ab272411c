"""URIs of messages become members of closed sets, or are refused."""

from __future__ import annotations

import pytest

from signing.algorithms import (
    DEFAULT_SIGNATURES,
    DIGEST_OF_SIGNATURE,
    KEY_OF_SIGNATURE,
    WEAK_DIGESTS,
    WEAK_SIGNATURES,
    DigestAlgorithm,
    SignatureAlgorithm,
    Transform,
    find_canonicalization,
    find_digest_algorithm,
    find_signature_algorithm,
    find_transform,
    is_digest_allowed,
)
from signing.errors import SignatureError
from signing.providers import Providers

REFUSED = [
    "",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#md5",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "http://www.w3.org/2000/09/xmldsig#base64",
    "HTTP://WWW.W3.ORG/2001/04/XMLDSIG-MORE#RSA-SHA256",
    " http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
]


@pytest.mark.parametrize("uri", REFUSED)
def test_everything_else_is_refused(uri: str) -> None:
    for find in (
        find_signature_algorithm,
        find_digest_algorithm,
        find_canonicalization,
        find_transform,
    ):
        with pytest.raises(SignatureError) as caught:
            find(uri)
        assert caught.value.code == "signature.algorithm_not_allowed"
        assert not uri or uri not in caught.value.detail


def test_all_that_is_known_can_be_computed(providers: Providers) -> None:
    for signature in SignatureAlgorithm:
        assert find_signature_algorithm(signature.value) is signature
        assert providers.supports(signature)
        assert signature in DIGEST_OF_SIGNATURE
        assert signature in KEY_OF_SIGNATURE
    for digest in DigestAlgorithm:
        assert find_digest_algorithm(digest.value) is digest
        assert providers.digest(digest, b"")
    for transform in Transform:
        assert find_transform(transform.value) is transform


def test_weak_ones_are_accepted_by_name_only() -> None:
    assert not DEFAULT_SIGNATURES & WEAK_SIGNATURES
    for digest in DigestAlgorithm:
        assert is_digest_allowed(digest, DEFAULT_SIGNATURES) == (digest not in WEAK_DIGESTS)
        for weak in WEAK_SIGNATURES:
            assert is_digest_allowed(digest, frozenset({weak}))
