"""Which signatures may stand in a chain of certificates, and their verification.

GOST is verified by our providers, so that chains with GOST keys work; the rest by the library.
"""

from __future__ import annotations

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

from signing.algorithms import WEAK_SIGNATURES, SignatureAlgorithm
from signing.errors import SigningError
from signing.providers import Providers

# RFC 9215 §2 and RFC 4491 §2.2.
_GOST = {
    "1.2.643.7.1.1.3.2": SignatureAlgorithm.GOST_2012_256,
    "1.2.643.7.1.1.3.3": SignatureAlgorithm.GOST_2012_512,
    "1.2.643.2.2.3": SignatureAlgorithm.GOST_2001,
}
# Everything else that may stand in a chain; SHA-1 and older are refused.
_OTHERS = frozenset(
    {
        "sha256_rsa",
        "sha384_rsa",
        "sha512_rsa",
        "rsassa_pss",
        "sha256_ecdsa",
        "sha384_ecdsa",
        "sha512_ecdsa",
    }
)
# RSASSA-PSS names its two digests beside itself, and SHA-1 when it does not (RFC 4055 §3.1).
_PSS_DIGESTS = frozenset({"sha256", "sha384", "sha512"})


class ChainSignatures(SignatureValidator):  # type: ignore[misc]  # the library is untyped here
    """Verification of the signatures in a chain, and of revocation lists."""

    def __init__(self, providers: Providers, *, allow_gost_2001: bool = False) -> None:
        self._providers = providers
        self._refused = frozenset() if allow_gost_2001 else WEAK_SIGNATURES
        self._other = DefaultSignatureValidator()

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        """Raise InvalidSignature unless the signature holds (the library's own contract)."""
        gost = _GOST.get(signature_algorithm["algorithm"].native)
        if gost in self._refused:
            raise InvalidSignature("GOST R 34.10-2001 is not allowed")
        if gost is not None:
            try:
                self._providers.verify_key(gost, public_key_info.dump(), signed_data, signature)
            except SigningError as error:
                raise InvalidSignature(error.code) from None
        elif is_allowed(signature_algorithm):
            self._other.validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
        else:
            raise InvalidSignature("not an algorithm for certificates")


def is_allowed(algorithm: algos.SignedDigestAlgorithm) -> bool:
    """Say whether this algorithm may sign a certificate; MD5 and SHA-1 may not.

    GOST R 34.10-2001 may where the policy says so.
    """
    name = algorithm["algorithm"].native
    if name == "rsassa_pss":
        parameters = algorithm["parameters"]
        if not isinstance(parameters, algos.RSASSAPSSParams):
            return False
        mask = parameters["mask_gen_algorithm"]["parameters"]
        digests = {parameters["hash_algorithm"]["algorithm"].native, mask["algorithm"].native}
        return digests <= _PSS_DIGESTS
    return name in _OTHERS or name in _GOST
