"""What a provider of cryptography gives: the port behind which the engines stand."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from signing.algorithms import DigestAlgorithm, SignatureAlgorithm


class KeyKind(StrEnum):
    """Kinds of private keys that can be made here."""

    GOST_2012_256 = "gost2012-256"
    """GOST R 34.10-2012, 256 bits, parameter set 1.2.643.2.2.36.0 (the one met most)."""
    GOST_2012_512 = "gost2012-512"
    """GOST R 34.10-2012, 512 bits, parameter set 1.2.643.7.1.2.1.2.1."""
    GOST_2001 = "gost2001"
    """GOST R 34.10-2001, for making old messages in tests; parameter set 1.2.643.2.2.36.0."""
    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    EC_P256 = "ec-p256"
    EC_P384 = "ec-p384"


class PrivateKey(Protocol):
    """A private key in its provider's hands."""

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """The signature algorithm this key signs with."""
        ...

    @property
    def public_key_info(self) -> bytes:
        """SubjectPublicKeyInfo of its public half, DER."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the SignatureValue over the data. Raises ProviderError."""
        ...

    def export_pem(self) -> bytes:
        """Return the key as unencrypted PKCS#8 PEM. Raises ProviderError."""
        ...


class Provider(Protocol):
    """One implementation of some algorithms. Safe to use from several threads."""

    @property
    def signatures(self) -> frozenset[SignatureAlgorithm]:
        """The signature algorithms it verifies and signs with."""
        ...

    @property
    def digests(self) -> frozenset[DigestAlgorithm]:
        """The digests it computes."""
        ...

    @property
    def key_kinds(self) -> frozenset[KeyKind]:
        """The kinds of keys it makes."""
        ...

    def digest(self, algorithm: DigestAlgorithm, data: bytes) -> bytes:
        """Return the digest of the data. Raises ProviderError."""
        ...

    def verify(
        self, algorithm: SignatureAlgorithm, public_key_info: bytes, data: bytes, signature: bytes
    ) -> None:
        """Raise SignatureError unless the signature over the data is the key's."""
        ...

    def load_private_key(
        self,
        key: bytes,
        *,
        password: bytes | None,
        algorithm: SignatureAlgorithm | None = None,
    ) -> PrivateKey:
        """Return the private key of PKCS#8 bytes, PEM or DER.

        ``algorithm``: what it is to sign with, where a key can do several; the usual one by
        default. Raises ProviderError ``provider.key_unreadable``, ``provider.key_password``,
        ``provider.key_algorithm`` (the key cannot sign with this algorithm).
        """
        ...

    def generate_key(self, kind: KeyKind) -> PrivateKey:
        """Return a new private key. Raises ProviderError."""
        ...
