"""Good messages, and how they are broken: shared by the tests of this package."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from lxml import etree

from signing.authority import demo_hierarchy
from signing.providers import Providers, Signer, load_providers
from signing.wss import build_envelope, sign_envelope

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
REFERENCE = Path(__file__).resolve().parents[3].parent / "shared" / "reference"
SMEV = "http://smev.gosuslugi.ru/rev120315"
PAYLOAD = (
    '<m:FindStudent xmlns:m="urn:x-test:students" xmlns:smev="' + SMEV + '">'
    "<smev:Message><smev:Sender><smev:Code>DEMO00001</smev:Code></smev:Sender></smev:Message>"
    "<smev:MessageData><smev:AppData><m:Name>Ёлкина &amp; сын</m:Name>"
    '<m:Note kind="a&quot;b">ORIGINAL</m:Note></smev:AppData></smev:MessageData></m:FindStudent>'
)


@dataclass
class CountingBytes:
    """Serial numbers that are the same in every run."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.count.to_bytes(4, "big")).digest()[:size]


@cache
def providers() -> Providers:
    return load_providers()


@cache
def hierarchy() -> dict[str, bytes]:
    return demo_hierarchy(providers(), now=NOW, random_bytes=CountingBytes())


@cache
def signer(name: str) -> Signer:
    files = hierarchy()
    return providers().load_signer(files[f"{name}.key"], files[f"{name}.pem"])


def envelope(payload: str = PAYLOAD) -> etree._Element:
    return build_envelope(etree.fromstring(payload))


@cache
def signed(name: str = "agency-rsa") -> bytes:
    return sign_envelope(envelope(), signer(name))
