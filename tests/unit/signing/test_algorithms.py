"""URIs of messages become members of closed sets, or are refused."""

from __future__ import annotations

import pytest

from signing.algorithms import (
    SUPPORTED_DIGESTS,
    SUPPORTED_SIGNATURES,
    DigestAlgorithm,
    SignatureAlgorithm,
    find_canonicalization,
    find_digest_algorithm,
    find_signature_algorithm,
    find_transform,
)
from signing.errors import SignatureError, UnsupportedError
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


def test_what_is_supported_can_be_computed(providers: Providers) -> None:
    for signature in SignatureAlgorithm:
        if signature in SUPPORTED_SIGNATURES:
            assert find_signature_algorithm(signature.value) is signature
            assert providers.supports(signature)
        else:
            with pytest.raises(UnsupportedError):
                find_signature_algorithm(signature.value)
    for digest in DigestAlgorithm:
        if digest in SUPPORTED_DIGESTS:
            assert find_digest_algorithm(digest.value) is digest
            assert providers.digest(digest, b"")
        else:
            with pytest.raises(UnsupportedError):
                find_digest_algorithm(digest.value)


def test_the_smev_3_transform_is_known_but_not_built() -> None:
    with pytest.raises(UnsupportedError) as caught:
        find_transform("urn://smev-gov-ru/xmldsig/transform")
    assert caught.value.code == "signature.algorithm_unsupported"
