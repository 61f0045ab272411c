"""What can go wrong in this package: one base class, stable codes, no personal data.

``code`` never changes its meaning and is fit for maps and tests; ``detail`` is English for people
and names neither values of the message nor secrets.
"""

from __future__ import annotations


class SigningError(Exception):
    """The base of everything this package raises."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class ParseError(SigningError):
    """The bytes are not a document this package reads (codes ``xml.*``)."""


class DerError(SigningError):
    """The bytes are not DER (code ``der.malformed``); who reads a structure says what of."""


class SignatureError(SigningError):
    """The message's shape or signature does not hold.

    Codes ``soap.*``, ``signature.*``, ``id.*``, ``transform.*``, and ``cms.*`` for detached
    signatures of files.
    """


class TrustError(SigningError):
    """The signature's certificate is not accepted (codes ``certificate.*``)."""


class UnsupportedError(SigningError):
    """Known, but not built here: nothing is said about validity (``signature.*_unsupported``)."""


class ProviderError(SigningError):
    """The cryptography itself is missing or failed (codes ``provider.*``)."""
