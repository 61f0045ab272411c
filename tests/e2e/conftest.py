"""One installation and one server for all tests of whole exchanges."""

from tests.support.fixtures import agency, gost, installation, rsa, server

__all__ = ["agency", "gost", "installation", "rsa", "server"]
