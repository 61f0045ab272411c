"""The providers of cryptography put together: one object that digests, verifies and signs."""

from signing.providers.pkcs12 import KeyStore, is_pkcs12, load_pkcs12
from signing.providers.protocol import KeyKind, PrivateKey, Provider
from signing.providers.service import GostChoice, Providers, Signer, load_providers

__all__ = [
    "GostChoice",
    "KeyKind",
    "KeyStore",
    "PrivateKey",
    "Provider",
    "Providers",
    "Signer",
    "is_pkcs12",
    "load_pkcs12",
    "load_providers",
]
