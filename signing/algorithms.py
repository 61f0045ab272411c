"""The algorithms of SMEV signatures: every value is the URI that stands in the message.

An enum names what is known, ``DEFAULT_SIGNATURES`` what is accepted unless a policy says otherwise.
The ``find_*`` functions turn a URI of a message into a member and refuse everything else, so that
nothing is chosen by a string.

Sources: RFC 9231 (URIs of XML security algorithms), XMLDSig 1.1 and exclusive C14N (W3C); the
``cpxmlsec`` family and the 2001 URIs as CryptoPro registered them (МР СМЭВ 3).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from signing.errors import SignatureError

_CPXMLSEC = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
_XMLDSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_XMLENC = "http://www.w3.org/2001/04/xmlenc#"


class SignatureAlgorithm(StrEnum):
    """SignatureMethod."""

    GOST_2012_256 = _CPXMLSEC + "gostr34102012-gostr34112012-256"
    GOST_2012_512 = _CPXMLSEC + "gostr34102012-gostr34112012-512"
    GOST_2001 = _XMLDSIG_MORE + "gostr34102001-gostr3411"
    GOST_2001_URN = _CPXMLSEC + "gostr34102001-gostr3411"
    RSA_SHA256 = _XMLDSIG_MORE + "rsa-sha256"
    RSA_SHA512 = _XMLDSIG_MORE + "rsa-sha512"
    ECDSA_SHA256 = _XMLDSIG_MORE + "ecdsa-sha256"
    ECDSA_SHA384 = _XMLDSIG_MORE + "ecdsa-sha384"


class DigestAlgorithm(StrEnum):
    """DigestMethod."""

    STREEBOG_256 = _CPXMLSEC + "gostr34112012-256"
    STREEBOG_512 = _CPXMLSEC + "gostr34112012-512"
    GOST_94 = _XMLDSIG_MORE + "gostr3411"
    GOST_94_URN = _CPXMLSEC + "gostr3411"
    SHA256 = _XMLENC + "sha256"
    SHA512 = _XMLENC + "sha512"


class Canonicalization(StrEnum):
    """CanonicalizationMethod: exclusive C14N 1.0 without comments, and no other."""

    EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


class Transform(StrEnum):
    """Transform of a Reference."""

    EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
    SMEV3 = "urn://smev-gov-ru/xmldsig/transform"
    ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


# Of old messages alone: accepted only where a policy names the signature algorithm. GOST R
# 34.11-94 has collisions that can be found, and GOST R 34.10-2001 ended on 31 December 2019.
WEAK_SIGNATURES = frozenset({SignatureAlgorithm.GOST_2001, SignatureAlgorithm.GOST_2001_URN})
WEAK_DIGESTS = frozenset({DigestAlgorithm.GOST_94, DigestAlgorithm.GOST_94_URN})
ALL_SIGNATURES = frozenset(SignatureAlgorithm)
DEFAULT_SIGNATURES = ALL_SIGNATURES - WEAK_SIGNATURES

# The digest that goes with a signature algorithm: in its own SignedInfo, and of the References
# when we are the ones who sign.
DIGEST_OF_SIGNATURE = {
    SignatureAlgorithm.GOST_2012_256: DigestAlgorithm.STREEBOG_256,
    SignatureAlgorithm.GOST_2012_512: DigestAlgorithm.STREEBOG_512,
    SignatureAlgorithm.GOST_2001: DigestAlgorithm.GOST_94,
    SignatureAlgorithm.GOST_2001_URN: DigestAlgorithm.GOST_94_URN,
    SignatureAlgorithm.RSA_SHA256: DigestAlgorithm.SHA256,
    SignatureAlgorithm.RSA_SHA512: DigestAlgorithm.SHA512,
    SignatureAlgorithm.ECDSA_SHA256: DigestAlgorithm.SHA256,
    SignatureAlgorithm.ECDSA_SHA384: DigestAlgorithm.SHA256,
}

# Object identifiers of public keys: RFC 9215 §4 and RFC 4491 §2.3 (GOST), RFC 8017 Appendix C
# (RSA), RFC 5480 §2.1.1 (elliptic curves).
GOST_256_KEY = "1.2.643.7.1.1.1.1"
GOST_512_KEY = "1.2.643.7.1.1.1.2"
GOST_2001_KEY = "1.2.643.2.2.19"
RSA_KEY = "1.2.840.113549.1.1.1"
EC_KEY = "1.2.840.10045.2.1"

KEY_OF_SIGNATURE = {
    SignatureAlgorithm.GOST_2012_256: GOST_256_KEY,
    SignatureAlgorithm.GOST_2012_512: GOST_512_KEY,
    SignatureAlgorithm.GOST_2001: GOST_2001_KEY,
    SignatureAlgorithm.GOST_2001_URN: GOST_2001_KEY,
    SignatureAlgorithm.RSA_SHA256: RSA_KEY,
    SignatureAlgorithm.RSA_SHA512: RSA_KEY,
    SignatureAlgorithm.ECDSA_SHA256: EC_KEY,
    SignatureAlgorithm.ECDSA_SHA384: EC_KEY,
}

_Algorithm = TypeVar("_Algorithm", bound=StrEnum)


def find_signature_algorithm(uri: str) -> SignatureAlgorithm:
    """Return the algorithm of this URI.

    Raises SignatureError ``signature.algorithm_not_allowed`` (SHA-1, HMAC, anything unknown).
    """
    return _find(SignatureAlgorithm, uri)


def find_digest_algorithm(uri: str) -> DigestAlgorithm:
    """Return the digest of this URI; raises as find_signature_algorithm."""
    return _find(DigestAlgorithm, uri)


def is_digest_allowed(digest: DigestAlgorithm, signatures: frozenset[SignatureAlgorithm]) -> bool:
    """Say whether a Reference may use this digest where these signature algorithms are accepted.

    A weak digest goes only with a policy that accepts a signature algorithm made of it.
    """
    return digest not in WEAK_DIGESTS or bool(signatures & WEAK_SIGNATURES)


def find_canonicalization(uri: str) -> Canonicalization:
    """Return the canonicalization of this URI; raises as find_signature_algorithm."""
    return _find(Canonicalization, uri)


def find_transform(uri: str) -> Transform:
    """Return the transform of this URI; raises as find_signature_algorithm."""
    return _find(Transform, uri)


def _find(kind: type[_Algorithm], uri: str) -> _Algorithm:
    try:
        return kind(uri)
    except ValueError:
        # The URI is the sender's text and stays out of the error.
        raise SignatureError(
            "signature.algorithm_not_allowed", f"{kind.__name__} is not on the list"
        ) from None
