"""The demonstration's keys and certificates: two authorities, a gateway, agencies, SMEV's node.

Names stay within 64 bytes of UTF-8 (X.520 allows 64 characters, some readers count bytes).
All organisations are invented; the ОГРН and ИНН have right check digits and belong to nobody we
know of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.certificates import format_pem
from signing.issuing import Issuer, Subject, issue_certificate
from signing.providers import KeyKind, Providers

__all__ = ["Issuer", "Subject", "demo_hierarchy", "issue_certificate"]

_SERIAL_BYTES = 16
_DAY = timedelta(days=1)
_FIVE_YEARS = timedelta(days=5 * 365 + 1)

_CA = Subject("Учебный УЦ «Контингент»", "АНО «Учебный центр»")
_STRANGER_CA = Subject("Посторонний УЦ", "ООО «Чужая печать»")
_GATEWAY = Subject(
    "Шлюз ИС «Контингент»",
    "Минобр Приозёрской области",
    ogrn="1027700999996",
    inn="007799999997",
)
_AGENCY_GOST = Subject(
    "ИС «Соцзащита»",
    "Соцзащита Приозёрской области",
    ogrn="1027700999985",
    inn="007799999980",
)
_AGENCY_RSA = Subject(
    "ИС «Демография»",
    "ЗАГС Приозёрской области",
    ogrn="1027700999974",
    inn="007799999972",
)
_SMEV = Subject("Учебный узел СМЭВ", "АНО «Учебный узел»")
_STRANGER = Subject("ИС «Посторонний»", "ООО «Посторонний»")


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    subject: Subject
    kind: KeyKind
    by_stranger: bool = False
    expired: bool = False


_RSA = KeyKind.RSA_2048
_GOST = KeyKind.GOST_2012_256
_ENTRIES = (
    _Entry("gateway", _GATEWAY, _GOST),
    _Entry("gateway-rsa", _GATEWAY, _RSA),
    _Entry("agency-gost", _AGENCY_GOST, _GOST),
    _Entry("agency-rsa", _AGENCY_RSA, _RSA),
    _Entry("smev", _SMEV, _RSA),
    _Entry("expired-gost", _AGENCY_GOST, _GOST, expired=True),
    _Entry("expired-rsa", _AGENCY_RSA, _RSA, expired=True),
    _Entry("stranger-gost", _STRANGER, _GOST, by_stranger=True),
    _Entry("stranger-rsa", _STRANGER, _RSA, by_stranger=True),
)


def demo_hierarchy(
    providers: Providers, *, now: datetime, random_bytes: Callable[[int], bytes]
) -> dict[str, bytes]:
    """Return file names and contents (PEM) of the whole hierarchy.

    ``ca`` and ``stranger-ca`` are RSA, so that every client can check the chain. Certificates hold
    from a day before ``now`` for five years; the expired ones ended a day ago, under the same
    authority. Entries with GOST keys are left out when the providers have no GOST.
    ``random_bytes(n)`` gives the serial numbers; keys take their randomness from their provider.
    Raises ProviderError.
    """
    files: dict[str, bytes] = {}
    issuers = {
        stranger: _make_authority(
            files, name, subject, providers, now=now, serial=_serial(random_bytes)
        )
        for stranger, name, subject in ((False, "ca", _CA), (True, "stranger-ca", _STRANGER_CA))
    }
    for entry in _ENTRIES:
        if not providers.makes(entry.kind):
            continue
        key = providers.generate_key(entry.kind)
        certificate = issue_certificate(
            entry.subject,
            key.public_key_info,
            issuer=issuers[entry.by_stranger],
            not_before=now - (400 * _DAY if entry.expired else _DAY),
            not_after=now - _DAY if entry.expired else now + _FIVE_YEARS,
            serial=_serial(random_bytes),
        )
        files[f"{entry.name}.key"] = key.export_pem()
        files[f"{entry.name}.pem"] = format_pem(certificate)
    return files


def _make_authority(
    files: dict[str, bytes],
    name: str,
    subject: Subject,
    providers: Providers,
    *,
    now: datetime,
    serial: int,
) -> Issuer:
    key = providers.generate_key(_RSA)
    certificate = issue_certificate(
        subject,
        key.public_key_info,
        issuer=key,
        # Older than the expired certificates, which it has issued when they were new.
        not_before=now - 500 * _DAY,
        not_after=now + 2 * _FIVE_YEARS,
        serial=serial,
        is_authority=True,
    )
    files[f"{name}.key"] = key.export_pem()
    files[f"{name}.pem"] = format_pem(certificate)
    return Issuer(certificate, key)


def _serial(random_bytes: Callable[[int], bytes]) -> int:
    """Return a positive serial number of at most 20 octets (RFC 5280 §4.1.2.2)."""
    return int.from_bytes(random_bytes(_SERIAL_BYTES), "big") | 1
