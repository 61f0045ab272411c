"""Choosing the provider for an algorithm, a certificate or a key."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from signing.algorithms import (
    DIGEST_OF_SIGNATURE,
    KEY_OF_SIGNATURE,
    DigestAlgorithm,
    SignatureAlgorithm,
)
from signing.certificates import Certificate, parse_certificate
from signing.errors import ProviderError, SignatureError
from signing.providers import gost_engine, portable, rsa_ecdsa
from signing.providers.protocol import KeyKind, PrivateKey, Provider

_ALGORITHMS_OF_KEY = {
    oid: tuple(one for one in SignatureAlgorithm if KEY_OF_SIGNATURE[one] == oid)
    for oid in KEY_OF_SIGNATURE.values()
}
_PROBE = b"Does this private key belong to that certificate?"


class GostChoice(StrEnum):
    """Which provider computes the algorithms of GOST."""

    AUTO = "auto"
    """The engine; where it is missing, the portable provider, as a rule to verify only."""
    ENGINE = "engine"
    PORTABLE = "portable"
    NONE = "none"


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
        if certificate.public_key_algorithm != KEY_OF_SIGNATURE[algorithm]:
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
        self,
        key: bytes,
        certificate: bytes,
        *,
        password: bytes | None = None,
        algorithm: SignatureAlgorithm | None = None,
    ) -> Signer:
        """Return a signer of a PKCS#8 key and its certificate, each PEM or DER.

        ``algorithm``: where the key can sign with several; the usual one of its kind by default.
        Raises ProviderError: ``provider.key_unreadable``, ``provider.key_password``,
        ``provider.key_mismatch`` (the key is not the certificate's), ``provider.key_algorithm``,
        and ``provider.*_unavailable``; SigningError ``certificate.malformed``.
        """
        parsed = parse_certificate(certificate)
        provider = self._find_provider(parsed)
        try:
            private = provider.load_private_key(key, password=password, algorithm=algorithm)
        except ProviderError:
            if self._is_of_another(provider, key, password):
                raise _mismatch() from None
            raise
        return self.join_signer(private, parsed)

    def join_signer(self, key: PrivateKey, certificate: Certificate) -> Signer:
        """Return a signer of a private key and its certificate.

        Raises ProviderError ``provider.key_mismatch`` when the key is not the certificate's.
        """
        try:
            # A signature is the one proof that also holds for keys which never leave a token.
            self.verify(key.algorithm, certificate, _PROBE, key.sign(_PROBE))
        except SignatureError:
            raise _mismatch() from None
        return Signer(certificate, key.algorithm, DIGEST_OF_SIGNATURE[key.algorithm], self, key)

    def _find_provider(self, certificate: Certificate) -> Provider:
        """Return the provider of the certificate's kind of key."""
        algorithms = _ALGORITHMS_OF_KEY.get(certificate.public_key_algorithm)
        if algorithms is None:
            raise ProviderError(
                "provider.key_unreadable", "the certificate's key is of no kind here"
            )
        provider = self._signatures.get(algorithms[0])
        if provider is None:
            raise _missing(algorithms[0])
        return provider

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
            raise ProviderError(
                "provider.gost_unavailable",
                f"nothing makes keys of {kind} (Debian package: {gost_engine.ENGINE_PACKAGE})",
            )
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


def load_providers(
    *, gost: GostChoice = GostChoice.AUTO, allow_insecure_signing: bool = False
) -> Providers:
    """Return the providers of this machine.

    ``allow_insecure_signing``: whether the portable provider of GOST, where it is the one, may sign
    as well. Raises ProviderError ``provider.gost_unavailable`` or ``provider.gcrypt_unavailable``,
    naming the package to install, when the provider asked for by name is missing.
    """
    found: list[Provider] = [rsa_ecdsa.RsaEcdsaProvider()]
    if gost is GostChoice.ENGINE:
        found.append(gost_engine.GostEngineProvider())
    elif gost is GostChoice.PORTABLE:
        found.append(portable.PortableGostProvider(allow_insecure_signing=allow_insecure_signing))
    elif gost is GostChoice.AUTO:
        found.extend(_find_gost(allow_insecure_signing=allow_insecure_signing))
    return Providers(tuple(found))


def _find_gost(*, allow_insecure_signing: bool) -> list[Provider]:
    """Return the engine, or else the portable provider, or else none."""
    try:
        return [gost_engine.GostEngineProvider()]
    except ProviderError as missing:
        try:
            # Who wants to sign here is told what is missing, and not that something is forbidden.
            return [
                portable.PortableGostProvider(
                    allow_insecure_signing=allow_insecure_signing, signing_refused=missing
                )
            ]
        except ProviderError:
            return []
