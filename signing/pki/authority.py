"""The demonstration's keys and certificates: authorities, a gateway, agencies, SMEV's node.

Two trees hang together: an RSA root with an RSA authority below it, so that every client can check
the chain, and a GOST root with a GOST authority below it. A stranger's root stands apart.

Names stay within 64 bytes of UTF-8 (X.520 allows 64 characters, some readers count bytes).
All organisations are invented; the ОГРН and ИНН have right check digits and belong to nobody we
know of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.certificates import format_pem, parse_certificate
from signing.pki.issuing import (
    Issuer,
    Revocation,
    RevocationReason,
    Subject,
    format_list_pem,
    issue_certificate,
    issue_revocation_list,
)
from signing.providers import KeyKind, Providers

__all__ = ["Issuer", "Subject", "demo_hierarchy", "issue_certificate"]

LISTS_FOLDER = "crl"
"""Where the revocation lists lie beside the certificates."""
# A name that never resolves (RFC 2606 §3): nothing is to be fetched.
_LISTS_URL = "http://crl.kontingent.example/"
_SERIAL_BYTES = 16
_DAY = timedelta(days=1)
_FIVE_YEARS = timedelta(days=5 * 365 + 1)

_CA = Subject("Учебный УЦ «Контингент»", "АНО «Учебный центр»")
_CA_GOST = Subject("Учебный УЦ «Контингент» (ГОСТ)", "АНО «Учебный центр»")
_INTERMEDIATE = Subject("Подчинённый УЦ", "АНО «Учебный центр»")
_INTERMEDIATE_GOST = Subject("Подчинённый УЦ (ГОСТ)", "АНО «Учебный центр»")
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
_BRANCH = Subject(
    "ИС «Опека»",
    "Опека Приозёрской области",
    ogrn="1027700999963",
    inn="007799999965",
)
_SMEV = Subject("Учебный узел СМЭВ", "АНО «Учебный узел»")
_STRANGER = Subject("ИС «Посторонний»", "ООО «Посторонний»")


_RSA = KeyKind.RSA_2048
_GOST = KeyKind.GOST_2012_256


@dataclass(frozen=True, slots=True)
class _Authority:
    name: str
    subject: Subject
    kind: KeyKind
    above: str | None = None
    """Who has issued its certificate; None: itself."""
    has_list: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    subject: Subject
    kind: KeyKind
    authority: str = "ca"
    expired: bool = False
    revoked: bool = False
    for_keys_only: bool = False
    """KeyUsage of keyEncipherment alone: not for signatures."""
    has_point: bool = False
    """With the distribution point of its authority's list."""


_AUTHORITIES = (
    _Authority("ca", _CA, _RSA),
    _Authority("stranger-ca", _STRANGER_CA, _RSA, has_list=False),
    _Authority("intermediate", _INTERMEDIATE, _RSA, above="ca"),
    _Authority("ca-gost", _CA_GOST, _GOST),
    _Authority("intermediate-gost", _INTERMEDIATE_GOST, _GOST, above="ca-gost"),
)
_ENTRIES = (
    _Entry("gateway", _GATEWAY, _GOST),
    _Entry("gateway-rsa", _GATEWAY, _RSA),
    _Entry("agency-gost", _AGENCY_GOST, _GOST),
    _Entry("agency-rsa", _AGENCY_RSA, _RSA),
    _Entry("smev", _SMEV, _RSA),
    _Entry("expired-gost", _AGENCY_GOST, _GOST, expired=True),
    _Entry("expired-rsa", _AGENCY_RSA, _RSA, expired=True),
    _Entry("stranger-gost", _STRANGER, _GOST, "stranger-ca"),
    _Entry("stranger-rsa", _STRANGER, _RSA, "stranger-ca"),
    _Entry("revoked-gost", _AGENCY_GOST, _GOST, revoked=True, has_point=True),
    _Entry("revoked-rsa", _AGENCY_RSA, _RSA, revoked=True, has_point=True),
    _Entry("wrong-usage-gost", _AGENCY_GOST, _GOST, for_keys_only=True),
    _Entry("wrong-usage-rsa", _AGENCY_RSA, _RSA, for_keys_only=True),
    _Entry("branch-gost", _BRANCH, _GOST, "intermediate-gost", has_point=True),
    _Entry("branch-rsa", _BRANCH, _RSA, "intermediate", has_point=True),
    _Entry(
        "branch-revoked-gost", _BRANCH, _GOST, "intermediate-gost", revoked=True, has_point=True
    ),
    _Entry("branch-revoked-rsa", _BRANCH, _RSA, "intermediate", revoked=True, has_point=True),
)


def demo_hierarchy(
    providers: Providers, *, now: datetime, random_bytes: Callable[[int], bytes]
) -> dict[str, bytes]:
    """Return file names and contents (PEM) of the whole hierarchy.

    Keys (`.key`) and certificates (`.pem`); and `crl/NAME.crl`, the list of each authority of our
    own. Certificates hold from a day before ``now`` for five years, and so long do the lists; the
    expired ones ended a day ago, under the same authority; the revoked ones were so an hour ago.
    What needs GOST keys is left out when the providers have no GOST. ``random_bytes(n)`` gives the
    serial numbers; keys take their randomness from their provider. Raises ProviderError.
    """
    files: dict[str, bytes] = {}
    issuers: dict[str, Issuer] = {}
    for authority in _AUTHORITIES:
        if providers.makes(authority.kind):
            issuers[authority.name] = _make_authority(
                files, authority, issuers, providers, now=now, serial=_serial(random_bytes)
            )
    for entry in _ENTRIES:
        if providers.makes(entry.kind):
            _make_entry(
                files, entry, issuers[entry.authority], providers, now=now,
                serial=_serial(random_bytes),
            )  # fmt: skip
    for authority in _AUTHORITIES:
        if authority.has_list and authority.name in issuers:
            files[f"{LISTS_FOLDER}/{authority.name}.crl"] = _make_list(
                files, authority.name, issuers[authority.name], now=now
            )
    return files


def _make_authority(
    files: dict[str, bytes],
    authority: _Authority,
    issuers: dict[str, Issuer],
    providers: Providers,
    *,
    now: datetime,
    serial: int,
) -> Issuer:
    key = providers.generate_key(authority.kind)
    above = authority.above
    certificate = issue_certificate(
        authority.subject,
        key.public_key_info,
        issuer=key if above is None else issuers[above],
        # Older than the expired certificates, which it has issued when they were new.
        not_before=now - 500 * _DAY,
        not_after=now + 2 * _FIVE_YEARS,
        serial=serial,
        is_authority=True,
        path_length=1 if above is None else 0,
        crl_distribution_points=() if above is None else _name_points(above),
    )
    files[f"{authority.name}.key"] = key.export_pem()
    files[f"{authority.name}.pem"] = format_pem(certificate)
    return Issuer(certificate, key)


def _make_entry(
    files: dict[str, bytes],
    entry: _Entry,
    issuer: Issuer,
    providers: Providers,
    *,
    now: datetime,
    serial: int,
) -> None:
    key = providers.generate_key(entry.kind)
    certificate = issue_certificate(
        entry.subject,
        key.public_key_info,
        issuer=issuer,
        not_before=now - (400 * _DAY if entry.expired else _DAY),
        not_after=now - _DAY if entry.expired else now + _FIVE_YEARS,
        serial=serial,
        key_usage=frozenset({"key_encipherment"}) if entry.for_keys_only else None,
        crl_distribution_points=_name_points(entry.authority) if entry.has_point else (),
    )
    files[f"{entry.name}.key"] = key.export_pem()
    files[f"{entry.name}.pem"] = format_pem(certificate)


def _make_list(files: dict[str, bytes], authority: str, issuer: Issuer, *, now: datetime) -> bytes:
    revocations = [
        Revocation(
            parse_certificate(files[f"{entry.name}.pem"]).serial,
            now - timedelta(hours=1),
            RevocationReason.KEY_COMPROMISE,
        )
        for entry in _ENTRIES
        if entry.revoked and entry.authority == authority and f"{entry.name}.pem" in files
    ]
    made = issue_revocation_list(
        revocations, issuer=issuer, this_update=now, next_update=now + _FIVE_YEARS, number=1
    )
    return format_list_pem(made)


def _name_points(authority: str) -> tuple[str, ...]:
    return (f"{_LISTS_URL}{authority}.crl",)


def _serial(random_bytes: Callable[[int], bytes]) -> int:
    """Return a positive serial number of at most 20 octets (RFC 5280 §4.1.2.2)."""
    return int.from_bytes(random_bytes(_SERIAL_BYTES), "big") | 1
