"""Choosing the provider for an algorithm, a certificate or a key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from signing.algorithms import DIGEST_OF_SIGNATURE, DigestAlgorithm, SignatureAlgorithm
from signing.certificates import Certificate, parse_certificate
from signing.errors import ProviderError, SignatureError
from signing.providers import gost_engine, rsa
from signing.providers.protocol import KeyKind, PrivateKey, Provider

# The one signature algorithm that a public key is used with here.
_ALGORITHM_OF_KEY = {
    gost_engine.KEY_ALGORITHM_256: SignatureAlgorithm.GOST_2012_256,
    rsa.KEY_ALGORITHM: SignatureAlgorithm.RSA_SHA256,
}
_KEY_OF_ALGORITHM = {algorithm: oid for oid, algorithm in _ALGORITHM_OF_KEY.items()}
_PROBE = b"Does this private key belong to that certificate?"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its certificate. Safe to use from several threads."""

    certificate: Certificate
    algorithm: SignatureAlgorithm
    digest_algorithm: DigestAlgorithm
    providers: Providers = field(repr=False)
    _key: PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the SignatureValue over the data. Raises ProviderError."""
        return self._key.sign(data)

    def digest(self, data: bytes) -> bytes:
        """Return the data's digest by `digest_algorithm`. Raises ProviderError."""
        return self.providers.digest(self.digest_algorithm, data)


class Providers:
    """What can be computed here, by algorithm. Safe to use from several threads."""

    def __init__(self, providers: tuple[Provider, ...]) -> None:
        """Take the providers in order of preference: the first that knows an algorithm serves."""
        self._signatures: dict[SignatureAlgorithm, Provider] = {}
        self._digests: dict[DigestAlgorithm, Provider] = {}
        self._kinds: dict[KeyKind, Provider] = {}
        for provider in reversed(providers):
            self._signatures.update(dict.fromkeys(provider.signatures, provider))
            self._digests.update(dict.fromkeys(provider.digests, provider))
            self._kinds.update(dict.fromkeys(provider.key_kinds, provider))

    @property
    def signatures(self) -> frozenset[SignatureAlgorithm]:
        """Every signature algorithm that can be verified here."""
        return frozenset(self._signatures)

    def supports(self, algorithm: SignatureAlgorithm | DigestAlgorithm) -> bool:
        """Say whether this signature or digest algorithm can be computed here."""
        return algorithm in self._signatures or algorithm in self._digests

    def makes(self, kind: KeyKind) -> bool:
        """Say whether keys of this kind can be made here."""
        return kind in self._kinds

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data. Raises ProviderError."""
        provider = self._digests.get(algorithm)
        if provider is None:
            raise _missing(algorithm)
        return provider.digest(algorithm, data)

    def verify(
        self,
        algorithm: SignatureAlgorithm,
        certificate: Certificate,
        data: bytes,
        signature: bytes,
    ) -> None:
        """Raise SignatureError unless this is the certificate's signature over the data.

        Codes: ``signature.invalid``; ``signature.key_mismatch`` (the certificate's key is not of
        this algorithm); ``signature.key_unusable`` (broken or too weak). Raises ProviderError when
        the algorithm cannot be computed here.
        """
        if certificate.public_key_algorithm != _KEY_OF_ALGORITHM.get(algorithm):
            raise SignatureError(
                "signature.key_mismatch", "the certificate's key is of another kind"
            )
        self.verify_key(algorithm, certificate.public_key_info, data, signature)

    def verify_key(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Verify with a bare SubjectPublicKeyInfo; raises as `verify`."""
        provider = self._signatures.get(algorithm)
        if provider is None:
            raise _missing(algorithm)
        provider.verify(algorithm, public_key_info, data, signature)

    def load_signer(
        self, key: bytes, certificate: bytes, *, password: bytes | None = None
    ) -> Signer:
        """Return a signer of a PKCS#8 key and its certificate, each PEM or DER.

        Raises ProviderError: ``provider.key_unreadable``, ``provider.key_password``,
        ``provider.key_mismatch`` (the key is not the certificate's), and
        ``provider.*_unavailable``; SigningError ``certificate.malformed``.
        """
        parsed = parse_certificate(certificate)
        algorithm = _ALGORITHM_OF_KEY.get(parsed.public_key_algorithm)
        if algorithm is None:
            raise ProviderError(
                "provider.key_unreadable", "the certificate's key is of no kind here"
            )
        provider = self._signatures.get(algorithm)
        if provider is None:
            raise _missing(algorithm)
        try:
            private = provider.load_private_key(key, password=password)
        except ProviderError:
            if self._is_of_another(provider, key, password):
                raise _mismatch() from None
            raise
        try:
            # A signature is the one proof that also holds for keys which never leave a token.
            self.verify(algorithm, parsed, _PROBE, private.sign(_PROBE))
        except SignatureError:
            raise _mismatch() from None
        return Signer(parsed, algorithm, DIGEST_OF_SIGNATURE[algorithm], self, private)

    def _is_of_another(self, provider: Provider, key: bytes, password: bytes | None) -> bool:
        """Say whether another provider than this reads the key: it is of another kind."""
        for other in set(self._signatures.values()) - {provider}:
            with suppress(ProviderError):
                other.load_private_key(key, password=password)
                return True
        return False

    def generate_key(self, kind: KeyKind) -> PrivateKey:
        """Return a new private key. Raises ProviderError."""
        provider = self._kinds.get(kind)
        if provider is None:
            raise ProviderError("provider.gost_unavailable", f"no provider makes keys of {kind}")
        return provider.generate_key(kind)


def _mismatch() -> ProviderError:
    return ProviderError("provider.key_mismatch", "the private key is not the certificate's")


def _missing(algorithm: SignatureAlgorithm | DigestAlgorithm) -> ProviderError:
    if algorithm in GOST_ALGORITHMS:
        return ProviderError(
            "provider.gost_unavailable",
            f"OpenSSL's engine 'gost' is missing (Debian package: {gost_engine.ENGINE_PACKAGE})",
        )
    return ProviderError("provider.algorithm_unavailable", algorithm.value)


GOST_ALGORITHMS: frozenset[SignatureAlgorithm | DigestAlgorithm] = frozenset(
    {*gost_engine.GostEngineProvider.signatures, *gost_engine.GostEngineProvider.digests}
)


def load_providers(*, gost: bool | None = None) -> Providers:
    """Return the providers of this machine.

    ``gost``: True requires the GOST engine (ProviderError ``provider.gost_unavailable`` names the
    package to install), False leaves it out, None takes it when it is there.
    """
    providers: list[Provider] = [rsa.RsaProvider()]
    if gost is not False:
        try:
            providers.append(gost_engine.GostEngineProvider())
        except ProviderError:
            if gost:
                raise
    return Providers(tuple(providers))
