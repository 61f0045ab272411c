"""Addresses as they are written in options and in the configuration."""

import re
from urllib.parse import urlsplit

from ops.errors import ConfigError

_ADDRESS = re.compile(r"(?P<host>[^:\[\]]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")


def parse_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT. Raises ConfigError."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ConfigError(f"{text!r}: HOST:PORT is expected")
    return match["host"].strip("[]"), int(match["port"])


def is_http_url(text: str) -> bool:
    """Tell whether a text is the address of something that speaks HTTP."""
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address between them, a port that is none
        return False
