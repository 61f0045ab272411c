"""The providers of cryptography put together: one object that digests, verifies and signs."""

from signing.providers.protocol import KeyKind, PrivateKey, Provider
from signing.providers.service import GostChoice, Providers, Signer, load_providers

__all__ = [
    "GostChoice",
    "KeyKind",
    "PrivateKey",
    "Provider",
    "Providers",
    "Signer",
    "load_providers",
]
