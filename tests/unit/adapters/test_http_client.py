"""Settings of the HTTP client that make no sense, and secrets that do not leak."""

import pytest

from adapters.errors import AdapterError
from adapters.http_client import HttpSettings

GOOD: dict[str, object] = {
    "url": "https://school.example/export",
    "user": "u",
    "password": "p",
    "connect_timeout_s": 1.0,
    "timeout_s": 1.0,
    "max_response_bytes": 1000,
}


def make(**changes: object) -> HttpSettings:
    return HttpSettings(**{**GOOD, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": ""},
        {"url": "school.example"},
        {"url": "ftp://school.example/"},
        {"url": "file:///etc/passwd"},
        {"url": "http://"},
        {"url": "http://user:secret@school.example/"},
        {"url": "http://school.example:99999/"},
        {"url": "http://school.example:port/"},
        {"url": "http://school.example/a b"},
        {"url": "http://school.example/\r\nX: y"},
        {"url": "http://[::1/"},
        {"user": "a:b"},
        {"password": "p\r\nX: y"},
        {"timeout_s": 0.0},
        {"connect_timeout_s": -1.0},
        {"max_response_bytes": 0},
    ],
)
def test_senseless_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(AdapterError) as caught:
        make(**changes)
    assert caught.value.code == "source.misconfigured"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8090/x?y=1", "https://[::1]/", "http://a"])
def test_addresses_in_use(url: str) -> None:
    assert make(url=url).url == url


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(make(password="hush"))
