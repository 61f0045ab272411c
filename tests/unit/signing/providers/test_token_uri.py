"""URIs of keys in tokens."""

from __future__ import annotations

import pytest

from signing.errors import ProviderError
from signing.providers.token_uri import TokenUri, parse_token_uri


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pkcs11:token=a;object=b", TokenUri(token="a", object="b")),
        ("pkcs11:id=%01%ff;token=a%20b", TokenUri(token="a b", id=b"\x01\xff")),
        (
            "pkcs11:serial=1;manufacturer=M;model=X;object=%D0%BA;type=private",
            TokenUri(serial="1", manufacturer="M", model="X", object="к"),
        ),
        ("pkcs11:token=a=b;object=pin-board", TokenUri(token="a=b", object="pin-board")),
    ],
)
def test_reads(text: str, expected: TokenUri) -> None:
    assert parse_token_uri(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkcs11:",
        "file:token=a;object=b",
        "pkcs11:token=a",
        "pkcs11:object=b",
        "pkcs11:token=a;object=b;",
        "pkcs11:token=a;token=a;object=b",
        "pkcs11:token=a;object=",
        "pkcs11:token=a;object=%4",
        "pkcs11:token=a;object=%ff",
        "pkcs11:token=a;object=к",
        "pkcs11:token=a;object=b;slot-id=1",
        "pkcs11:token=a;object=b;type=cert",
        "pkcs11:token=a;object=b;pin-value=8642",
        "pkcs11:token=a;object=b?pin-value=8642",
        "pkcs11:token=a;object=b?pin-source=file:/8642",
        "pkcs11:token=a;object=b?module-path=/8642.so",
        "pkcs11:token=a;object=" + "b" * 1024,
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(ProviderError) as caught:
        parse_token_uri(text)
    assert caught.value.code == "provider.token_uri"
    assert "8642" not in str(caught.value)
