"""A stand-in of «Сетевой город» over real HTTP, and an adapter for it."""

from collections.abc import Iterator

import pytest

from adapters.schools.gorod import GorodAdapter, GorodSettings
from fixtures.region import Region
from fixtures.standins.gorod import DEFAULT_PASSWORD, DEFAULT_USER, GorodStandIn

PUPILS = 230
PAGE_SIZE = 50


def settings_for(url: str, **changes: object) -> GorodSettings:
    options: dict[str, object] = {
        "name": "gorod",
        "url": url,
        "user": DEFAULT_USER,
        "password": DEFAULT_PASSWORD,
        "page_size": PAGE_SIZE,
        "timeout_s": 5.0,
        **changes,
    }
    return GorodSettings(**options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def running() -> Iterator[GorodStandIn]:
    with GorodStandIn(Region(seed=7, schools=3, pupils=PUPILS)) as standin:
        yield standin


@pytest.fixture
def standin(running: GorodStandIn) -> Iterator[GorodStandIn]:
    yield running
    running.heal()


@pytest.fixture
def adapter(standin: GorodStandIn) -> Iterator[GorodAdapter]:
    made = GorodAdapter(settings_for(standin.url))
    yield made
    made.close()
