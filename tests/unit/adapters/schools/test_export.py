"""Settings of a source, and what an adapter promises before it calls anyone."""

import pytest

from adapters.errors import AdapterError
from adapters.schools.gorod import GorodAdapter, GorodSettings


def make(**changes: object) -> GorodSettings:
    good: dict[str, object] = {
        "name": "gorod",
        "url": "http://127.0.0.1:9/export",
        "user": "u",
        "password": "hush",
    }
    return GorodSettings(**{**good, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"name": " "}, {"page_size": 0}, {"page_size": 1001}, {"url": "x"}, {"timeout_s": 0}],
)
def test_senseless_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(AdapterError) as caught:
        make(**changes)
    assert caught.value.code == "source.misconfigured"


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(make())


def test_nothing_is_asked_before_a_page_is_wanted() -> None:
    adapter = GorodAdapter(make())
    assert adapter.name == "gorod"
    adapter.pupils()
    adapter.close()
