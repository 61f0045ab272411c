"""The fixtures of the unit tests: the same keys and messages."""

from tests.unit.signing.conftest import agency, pki, providers

__all__ = ["agency", "pki", "providers"]
