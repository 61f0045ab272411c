"""Fixtures for tests of whole exchanges; a conftest imports those it uses."""

import os
from collections.abc import Iterator

import pytest

from signing.providers import KeyKind, load_providers
from tests.support.installation import Installation, make_installation
from tests.support.messages import Caller, caller
from tests.support.server import Server, running_server

AGENCIES = ("agency-gost", "agency-rsa")


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `kontingent init --demo` makes, made once; on SQLite."""
    require_gost()
    return make_installation(tmp_path_factory.mktemp("installation") / "demo")


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[Server]:
    """A gateway of one process on that installation."""
    with running_server(installation) as running:
        yield running


@pytest.fixture(params=AGENCIES)
def agency(request: pytest.FixtureRequest, installation: Installation) -> Caller:
    """The GOST agency, then the RSA one."""
    return caller(installation, request.param)


@pytest.fixture
def gost(installation: Installation) -> Caller:
    return caller(installation, "agency-gost")


@pytest.fixture
def rsa(installation: Installation) -> Caller:
    return caller(installation, "agency-rsa")


def require_gost() -> None:
    """Skip without the GOST engine; where everything has to be tested, fail."""
    if load_providers().makes(KeyKind.GOST_2012_256):
        return
    reason = "no GOST engine (apt-get install libengine-gost-openssl)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
