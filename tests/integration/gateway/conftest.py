"""An installation made once, and the agencies that may ask it."""

from tests.support.fixtures import agency, gost, installation, rsa

__all__ = ["agency", "gost", "installation", "rsa"]
