"""Foreign texts on a terminal: nothing in them is obeyed, and everything can be written."""

import codecs
import json
import re
from typing import TextIO

# Categories Cc (but for tab and line feed), Cf, Cs, Zl and Zp. A half of a surrogate pair is how
# Python reads a byte of a file name that is not UTF-8.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)


def printable(text: str) -> str:
    """Return a foreign text without what a terminal would obey: controls, bidi overrides."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """Return a foreign text as `printable`, and on one line."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def to_json(row: object, *, encoding: str | None) -> str:
    """Return a value as one line of JSON, for a stream of this encoding.

    What a terminal would obey is escaped; whatever isn't ASCII as well, unless the stream is UTF-8.
    """
    text = json.dumps(row, ensure_ascii=not _is_utf8(encoding), default=str)
    return _UNPRINTABLE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def tolerate_encoding(stream: TextIO) -> None:
    """Let a stream write what its encoding has not with backslashes, rather than fail."""
    reconfigure = getattr(stream, "reconfigure", None)  # not every stream in tests has one
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _is_utf8(encoding: str | None) -> bool:
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except LookupError:
        return False
