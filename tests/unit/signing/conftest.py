"""What several tests of this package need."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from signing.errors import ProviderError
from signing.providers import GostChoice, Providers, load_providers
from tests.unit.signing import samples


@pytest.fixture(scope="session")
def providers() -> Providers:
    try:
        load_providers(gost=GostChoice.ENGINE)
    except ProviderError as error:
        pytest.skip(f"no GOST engine: {error.detail}")
    return samples.providers()


@pytest.fixture(scope="session")
def pki(providers: Providers) -> dict[str, bytes]:
    return samples.hierarchy()


@pytest.fixture(params=["agency-gost", "agency-rsa"])
def agency(request: pytest.FixtureRequest, providers: Providers) -> str:
    return str(request.param)


@pytest.fixture
def eager_switches() -> Iterator[None]:
    """Threads that give way to each other after nearly every step."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
