"""The configuration: one TOML file, and the secrets beside it.

`kontingent.toml` holds what may be seen, `secrets.toml` (mode 0600) what may not; the environment
wins over both for secrets. Paths are relative to the file's folder. An unknown key is an error.

Longer than other modules: what may be set and within which bounds is read in one place.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ops.addresses import is_http_url, parse_address
from ops.data_keys import DATA_KEYS_ENV, make_vault, split_keys
from ops.errors import ConfigError
from ops.tables import read_table
from registry.calendar import MonthDay, WorkingCalendar, parse_month_day
from registry.errors import RegistryError
from signing.providers import GostChoice
from store.vault import Vault

CONFIG_NAME = "kontingent.toml"
SECRETS_NAME = "secrets.toml"
CONFIG_ENV = "KONTINGENT_CONFIG"
DATABASE_ENV = "KONTINGENT_DATABASE_URL"
_LIMIT_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class GatewaySection:
    """Who the gateway is on the exchange and where it listens.

    `public_url`: how clients reach it, for the address in the contracts. `threads`: requests that
    one worker process has in hand at once.
    """

    code: str
    name: str
    bind: str = "127.0.0.1:8080"
    workers: int = 1
    threads: int = 8
    public_url: str | None = None
    timezone: str = "Europe/Moscow"


@dataclass(frozen=True, slots=True)
class StoreSection:
    """Where the register is kept: a SQLAlchemy URL; a SQLite path is relative to the file."""

    database: str = "sqlite:///kontingent.db"


@dataclass(frozen=True, slots=True)
class KeySection:
    """A private key and its certificate, PEM or DER files; a PKCS#12 file holds both.

    `key` may be the URI of a key in a token, `pkcs11:…`; the certificate is then read from the
    token unless it is named.
    """

    key: str
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class SigningSection:
    """The gateway's keys, the first being the default, and the algorithms accepted of others.

    Algorithms of GOST R 34.10-2001 are for old messages, and are to be named per sender. `gost`:
    who computes GOST. `allow_insecure_signing`: let the portable provider sign too, in tests and
    demonstrations. `pkcs11_module`: the library of the token's maker, for keys that are in one.
    """

    keys: tuple[KeySection, ...]
    algorithms: tuple[str, ...] = (
        "gost2012-256",
        "gost2012-512",
        "rsa-sha256",
        "rsa-sha512",
        "ecdsa-sha256",
        "ecdsa-sha384",
    )
    gost: GostChoice = GostChoice.AUTO
    allow_insecure_signing: bool = False
    pkcs11_module: str | None = None


@dataclass(frozen=True, slots=True)
class TrustSection:
    """Certificates (PEM files) of the authorities that are trusted, and of those between.

    `crls`: files of their revocation lists, PEM or DER. `crl_folder`: a folder of such files, read
    again when it changes. `require_revocation`: refuse where no current list is at hand.
    `allow_gost2001`: believe what is signed by GOST R 34.10-2001.
    """

    anchors: tuple[str, ...] = ()
    intermediates: tuple[str, ...] = ()
    crls: tuple[str, ...] = ()
    crl_folder: str | None = None
    require_revocation: bool = False
    allow_gost2001: bool = False


@dataclass(frozen=True, slots=True)
class ExchangeSection:
    """Limits of a message, and what of SMEV's own signature.

    `date_window_s`: how far its Date may be from our clock, either way. `smev_certificates`: the
    files with SMEV's certificates, by which alone the second signature may be made.
    """

    date_window_s: int = 300
    max_message_bytes: int = 5 * 2**20
    require_smev_seal: bool = False
    smev_certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgencySection:
    """A system that may call: its code, its certificates (files), its rights `service:Operation`.

    A right `service:*` covers every operation of the service. `algorithms`: what this system may
    sign with, in the place of `signing.algorithms`.
    """

    code: str
    name: str
    certificates: tuple[str, ...]
    rights: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSection:
    """A school system to pull from; its password is a secret."""

    name: str
    kind: str
    url: str
    user: str | None = None
    page_size: int = 500
    timeout_s: int = 30


@dataclass(frozen=True, slots=True)
class RegionSection:
    """What a region has of its own.

    `holidays`: days off beside the country's, ``YYYY-MM-DD`` or, for every year, ``MM-DD``.
    `policies`: files with the region's own ranking policies, which go before ours.
    """

    holidays: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Document:
    gateway: GatewaySection
    signing: SigningSection
    store: StoreSection = field(default_factory=StoreSection)
    trust: TrustSection = field(default_factory=TrustSection)
    exchange: ExchangeSection = field(default_factory=ExchangeSection)
    region: RegionSection = field(default_factory=RegionSection)
    agencies: tuple[AgencySection, ...] = ()
    sources: tuple[SourceSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What may not be seen; `repr` shows nothing of it."""

    database_url: str | None = field(default=None, repr=False)
    data_keys: tuple[str, ...] = field(default=(), repr=False)
    key_password: str | None = field(default=None, repr=False)
    token_pin: str | None = field(default=None, repr=False)
    source_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, read and checked."""

    folder: Path
    gateway: GatewaySection
    store: StoreSection
    signing: SigningSection
    trust: TrustSection
    exchange: ExchangeSection
    region: RegionSection
    agencies: tuple[AgencySection, ...]
    sources: tuple[SourceSection, ...]
    secrets: Secrets

    def path(self, name: str) -> Path:
        """Return a configured path, made whole."""
        return self.folder / name

    @property
    def database_url(self) -> str:
        """The database: the secret URL when there is one, else the file's, made whole."""
        return whole_url(self.secrets.database_url or self.store.database, self.folder)

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of the region."""
        return WorkingCalendar(regional_holidays=map(_parse_holiday, self.region.holidays))

    @property
    def vault(self) -> Vault | None:
        """The keys of what is encrypted at rest, None when there are none.

        Raises ConfigError `config.data_keys`.
        """
        return make_vault(self.secrets.data_keys) if self.secrets.data_keys else None

    def source(self, name: str) -> SourceSection:
        """Return a configured source. Raises ConfigError `config.source_unknown`."""
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources) or "none"
        raise ConfigError(f"no source {name!r} (known: {known})", code="config.source_unknown")


_SQLITE_URL = re.compile(r"(?P<driver>sqlite(?:\+pysqlite)?:///)(?P<path>.*)", re.DOTALL)


def whole_url(url: str, folder: Path) -> str:
    """Return a database URL whose SQLite path, if it is one, doesn't depend on where one stands."""
    match = _SQLITE_URL.fullmatch(url)
    # What names no file is refused by the store; a folder before it would make it one.
    if match is None or match["path"] in ("", ":memory:") or match["path"].startswith("?"):
        return url
    return f"{match['driver']}{folder.resolve() / match['path']}"


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the file to use: the option, else KONTINGENT_CONFIG, else ./kontingent.toml."""
    return option or Path(environ.get(CONFIG_ENV) or CONFIG_NAME)


def is_named(option: Path | None, environ: Mapping[str, str]) -> bool:
    """Tell whether somebody said which file to use."""
    return option is not None or bool(environ.get(CONFIG_ENV))


def load_config(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration and its secrets. Raises ConfigError."""
    table = _read(path)
    if table is None:
        raise missing_config(path)
    document = read_table(_Document, table, where=path.name)
    secret = read_table(
        _SecretsDocument, _read(path.parent / SECRETS_NAME) or {}, where=SECRETS_NAME
    )
    _check(document, where=path.name)
    return Config(
        folder=path.parent.resolve(),
        gateway=document.gateway,
        store=document.store,
        signing=document.signing,
        trust=document.trust,
        exchange=document.exchange,
        region=document.region,
        agencies=document.agencies,
        sources=document.sources,
        secrets=_secrets(secret, document.sources, environ),
    )


@dataclass(frozen=True, slots=True)
class _StoreSecrets:
    database: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _SigningSecrets:
    key_password: str | None = None
    token_pin: str | None = None


@dataclass(frozen=True, slots=True)
class _SourceSecrets:
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class _SecretsDocument:
    store: _StoreSecrets = field(default_factory=_StoreSecrets)
    signing: _SigningSecrets = field(default_factory=_SigningSecrets)
    sources: tuple[_SourceSecrets, ...] = ()


def _secrets(
    document: _SecretsDocument, sources: tuple[SourceSection, ...], environ: Mapping[str, str]
) -> Secrets:
    passwords = {source.name: source.password for source in document.sources}
    for source in sources:
        name = re.sub(r"\W", "_", source.name).upper()
        if value := environ.get(f"KONTINGENT_SOURCE_{name}_PASSWORD"):
            passwords[source.name] = value
    return Secrets(
        database_url=environ.get(DATABASE_ENV) or document.store.database,
        data_keys=split_keys(environ.get(DATA_KEYS_ENV, "")) or document.store.keys,
        key_password=environ.get("KONTINGENT_KEY_PASSWORD") or document.signing.key_password,
        token_pin=environ.get("KONTINGENT_TOKEN_PIN") or document.signing.token_pin,
        source_passwords=passwords,
    )


def missing_config(path: Path) -> ConfigError:
    """Return the error for a file that isn't there."""
    return ConfigError(
        f"{path} is not there; make it with 'kontingent init', or name yours with --config",
        code="config.missing",
    )


def _read(path: Path) -> dict[str, Any] | None:
    """Read a file of TOML; None when there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > _LIMIT_BYTES:
        raise ConfigError(f"{path}: over {_LIMIT_BYTES} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    except ValueError as error:  # also for a number of too many digits
        # The parser quotes what it found: in a file of secrets that must not be repeated.
        told = "not TOML" if path.name == SECRETS_NAME else str(error)
        raise ConfigError(f"{path}: {told}") from None


_RIGHT = re.compile(r"[a-z]+:(\*|[A-Za-z]+)")
_SERVICES = ("students", "enrollment", "transfers")

# The least and the greatest value of each number; those of an option of the same name are equal.
_RANGES: Mapping[str, tuple[int, int]] = {
    "gateway.workers": (1, 64),
    "gateway.threads": (1, 256),
    # A clock that is a day off is broken; a window of a day would let old messages in again.
    "exchange.date_window_s": (1, 24 * 60 * 60),
    # Each worker holds as many messages as it has threads.
    "exchange.max_message_bytes": (1, 64 * 2**20),
    "sources.page_size": (1, 1000),
    "sources.timeout_s": (1, 60 * 60),
}


def _check(document: _Document, *, where: str) -> None:
    parse_address(document.gateway.bind)
    try:
        ZoneInfo(document.gateway.timezone)
    except (KeyError, ValueError, OSError):
        zone = document.gateway.timezone
        raise ConfigError(f"{where}.gateway.timezone: unknown zone {zone!r}") from None
    for text in document.region.holidays:
        try:
            _parse_holiday(text)
        except (ValueError, RegistryError):
            told = f"{text!r} is no day (YYYY-MM-DD, or MM-DD for every year)"
            raise ConfigError(f"{where}.region.holidays: {told}") from None
    if not document.signing.keys:
        raise ConfigError(f"{where}.signing.keys: at least one key is needed")
    if not document.signing.algorithms:
        raise ConfigError(f"{where}.signing.algorithms: at least one algorithm is needed")
    _check_numbers(document, where=where)
    url = document.gateway.public_url
    if url is not None and (not is_http_url(url) or "?" in url or "#" in url):
        raise ConfigError(f"{where}.gateway.public_url: {url!r} is not an http(s) address")
    _check_names(document, where=where)
    for agency in document.agencies:
        for right in agency.rights:
            if not _RIGHT.fullmatch(right):
                raise ConfigError(f"{where}.agencies: {right!r} is not service:Operation")
            if right.partition(":")[0] not in _SERVICES:
                known = ", ".join(_SERVICES)
                raise ConfigError(f"{where}.agencies: {right!r}: no such service (known: {known})")
    for what, names in (
        ("agencies", [agency.code for agency in document.agencies]),
        ("sources", [source.name for source in document.sources]),
    ):
        if len(set(names)) != len(names):
            raise ConfigError(f"{where}.{what}: a name comes twice")


_HOLIDAY = re.compile(r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}")


def _parse_holiday(text: str) -> date | MonthDay:
    """Return a day off of one year or of every year. Raises ValueError, RegistryError."""
    match = _HOLIDAY.fullmatch(text)
    if match is None:
        raise ValueError
    return date.fromisoformat(text) if match[1] else parse_month_day(text)


def _check_numbers(document: _Document, *, where: str) -> None:
    for key, (least, greatest) in _RANGES.items():
        table, _, name = key.partition(".")
        section = getattr(document, table)
        for each in section if isinstance(section, tuple) else (section,):
            if not least <= getattr(each, name) <= greatest:
                raise ConfigError(f"{where}.{key}: a number from {least} to {greatest} is expected")


def _check_names(document: _Document, *, where: str) -> None:
    """Refuse the names without which nobody knows who is meant."""
    named = [
        ("gateway.code", document.gateway.code),
        ("gateway.name", document.gateway.name),
        *(("agencies.code", agency.code) for agency in document.agencies),
        *(("sources.name", source.name) for source in document.sources),
    ]
    for key, text in named:
        if not text.strip():
            raise ConfigError(f"{where}.{key}: it is empty")
