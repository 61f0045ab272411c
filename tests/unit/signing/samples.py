"""Good messages, and how they are broken: shared by the tests of this package."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

from lxml import etree

from signing.certificates import format_pem, parse_certificate
from signing.pki.authority import Issuer, Subject, demo_hierarchy, issue_certificate
from signing.providers import KeyKind, PrivateKey, Providers, Signer, load_providers
from signing.xml.wss import build_envelope, sign_envelope

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


# Agencies with the kinds of keys that the demonstration has none of.
_MORE_KINDS = {
    "agency-gost-512": KeyKind.GOST_2012_512,
    "agency-ecdsa": KeyKind.EC_P256,
    "agency-gost-2001": KeyKind.GOST_2001,
}


@cache
def signer(name: str) -> Signer:
    files = hierarchy()
    if name in _MORE_KINDS:
        return _issue(_MORE_KINDS[name])
    return providers().load_signer(files[f"{name}.key"], files[f"{name}.pem"])


def _issue(kind: KeyKind) -> Signer:
    """A new key of this kind, certified by the demonstration's authority."""
    files = hierarchy()
    key = providers().generate_key(kind)
    authority = providers().load_signer(files["ca.key"], files["ca.pem"])
    certificate = issue_certificate(
        Subject(f"Учебная ИС {kind}", "Соцзащита Приозёрской области"),
        key.public_key_info,
        # All that an issuer does with its key is to sign.
        issuer=Issuer(parse_certificate(files["ca.pem"]), cast(PrivateKey, authority)),
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=365),
        serial=int.from_bytes(hashlib.sha256(kind.encode()).digest()[:16], "big"),
    )
    return providers().load_signer(key.export_pem(), format_pem(certificate))


def envelope(payload: str = PAYLOAD) -> etree._Element:
    return build_envelope(etree.fromstring(payload))


@cache
def signed(name: str = "agency-rsa") -> bytes:
    return sign_envelope(envelope(), signer(name))
