"""URIs of keys in tokens: ``pkcs11:token=…;object=…;id=…``. Source: RFC 7512 §2.3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from signing.errors import ProviderError

TOKEN_SCHEME = "pkcs11:"  # noqa: S105  # a scheme of URIs
_TOKEN_NAMES = frozenset({"token", "serial", "manufacturer", "model"})
_KEY_NAMES = frozenset({"object", "id"})
# pchar and what RFC 7512 adds to it, percent-encoded octets in full.
_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})+")
_MAX_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which key of which token."""

    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    object: str | None = None
    """The key's label."""
    id: bytes | None = None


def parse_token_uri(text: str) -> TokenUri:
    """Return the URI taken apart. It names a token and a key, and holds no PIN.

    Raises ProviderError ``provider.token_uri``, which repeats nothing of the URI.
    """
    if not text.startswith(TOKEN_SCHEME) or len(text) > _MAX_CHARACTERS:
        raise _refuse("not a URI of PKCS#11")
    path, query, _ = text.removeprefix(TOKEN_SCHEME).partition("?")
    if query:
        raise _refuse("a PIN or a module in it: both are configured elsewhere")
    found: dict[str, bytes] = {}
    for attribute in path.split(";"):
        name, _, value = attribute.partition("=")
        if name == "type" and value == "private":
            continue
        if name in found or name not in _TOKEN_NAMES | _KEY_NAMES or not _VALUE.fullmatch(value):
            raise _refuse("an attribute that is unknown, broken or there twice")
        found[name] = unquote_to_bytes(value)
    if not found.keys() & _TOKEN_NAMES or not found.keys() & _KEY_NAMES:
        raise _refuse("it has to name a token and a key")
    identifier = found.pop("id", None)
    try:
        return TokenUri(id=identifier, **{name: one.decode() for name, one in found.items()})
    except UnicodeDecodeError:
        raise _refuse("an attribute that is not UTF-8") from None


def _refuse(detail: str) -> ProviderError:
    return ProviderError("provider.token_uri", detail)
