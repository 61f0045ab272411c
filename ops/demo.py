"""What `kontingent init` makes: configuration, secrets, keys, database; with --demo a whole set."""

import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import tomli_w
from sqlalchemy.engine import make_url

from ops.config import CONFIG_NAME, SECRETS_NAME, whole_url
from ops.data_keys import make_key, make_vault
from ops.errors import ExitCode, OpsError
from registry.imports import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)
from signing.certificates import format_pem
from signing.pki.authority import LISTS_FOLDER, demo_hierarchy
from signing.pki.issuing import Subject, issue_certificate
from signing.providers import KeyKind, Providers
from store.engine import create_engine_for, sqlite_path
from store.migrations import upgrade
from store.unit_of_work import UnitOfWork

PKI = "pki"
DATABASE_NAME = "kontingent.db"
# SQLite keeps what is not yet in the database beside it.
_SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")
DEMO_SOURCE = "gorod"
DEMO_SOURCE_URL = "http://127.0.0.1:8090/export"
# The pupil whom every demonstration asks for; the number is the sample of the СНИЛС rules.
DEMO_SNILS = "11223344595"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, for the screen."""

    config: Path
    secrets: Path
    database: str


def initialise(
    folder: Path,
    *,
    demo: bool,
    database_url: str | None,
    providers: Providers,
    clock: Callable[[], datetime],
) -> Made:
    """Make a new installation in `folder`, whole or not at all; nothing that is there is touched.

    Raises OpsError `init.exists` (exit code 2), SigningError, StoreError, OSError.
    """
    keys = make_demo_pki(providers, now=clock()) if demo else _self_signed(providers, now=clock())
    new = _NewFiles()
    try:
        return _make(folder, new, keys, demo=demo, database_url=database_url, clock=clock)
    except BaseException:
        new.remove()
        raise


def _make(
    folder: Path,
    new: "_NewFiles",
    keys: dict[str, bytes],
    *,
    demo: bool,
    database_url: str | None,
    clock: Callable[[], datetime],
) -> Made:
    config_path, secrets_path = folder / CONFIG_NAME, folder / SECRETS_NAME
    url = whole_url(f"sqlite:///{DATABASE_NAME}" if database_url is None else database_url, folder)
    database_path = sqlite_path(url)
    names = [CONFIG_NAME, SECRETS_NAME, *(f"{PKI}/{name}" for name in keys)]
    if database_url is None:
        names += [DATABASE_NAME + suffix for suffix in _SQLITE_SUFFIXES]
    refuse_existing(folder / name for name in names)
    folder.mkdir(parents=True, exist_ok=True)
    write_pki(folder / PKI, keys, new=new)
    document = _demo_document() if demo else _plain_document()
    data_key = make_key("k1")
    secret: dict[str, Any] = {"store": {"keys": [data_key]}}
    if demo:
        secret["sources"] = [{"name": DEMO_SOURCE, "password": secrets.token_urlsafe(18)}]
    if database_url is not None:
        # A URL may carry a password, so that it is kept with the secrets.
        secret["store"]["database"] = database_url
    new.write(secrets_path, tomli_w.dumps(secret).encode(), private=True)
    engine = create_engine_for(url, vault=make_vault([data_key]))
    if database_path is not None and not database_path.exists():
        # It will hold personal data; the files that SQLite makes beside it take its mode.
        new.write(database_path, b"", private=True)
        beside = (f"{database_path.name}{suffix}" for suffix in _SQLITE_SUFFIXES[1:])
        new.note(*(database_path.with_name(name) for name in beside))
    try:
        upgrade(engine)
        if demo:
            with UnitOfWork(engine) as work:
                _write_demo_pupil(work, clock())
                work.commit()
    finally:
        engine.dispose()
    new.write(config_path, tomli_w.dumps(document).encode(), private=False)
    # The options of a URL may hold a password as well.
    shown = make_url(url).set(query={}).render_as_string(hide_password=True)
    return Made(config=config_path, secrets=secrets_path, database=shown)


def make_demo_pki(providers: Providers, *, now: datetime) -> dict[str, bytes]:
    """Return the demonstration's keys, certificates and revocation lists by file name.

    Raises OpsError `provider.gost_unavailable` (exit code 3), ProviderError.
    """
    if not providers.makes(KeyKind.GOST_2012_256):
        raise OpsError(
            "provider.gost_unavailable",
            "the demonstration needs GOST: apt-get install libengine-gost-openssl",
            exit_code=ExitCode.UNAVAILABLE,
        )
    return demo_hierarchy(providers, now=now, random_bytes=secrets.token_bytes)


def _self_signed(providers: Providers, *, now: datetime) -> dict[str, bytes]:
    """A key to begin with; agencies will trust it when an authority has certified it."""
    kind = KeyKind.GOST_2012_256 if providers.makes(KeyKind.GOST_2012_256) else KeyKind.RSA_2048
    key = providers.generate_key(kind)
    certificate = issue_certificate(
        Subject(common_name="ИС «Контингент»", organisation="не удостоверено"),
        key.public_key_info,
        issuer=key,
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=365),
        serial=secrets.randbits(127) | 1,
    )
    return {"gateway.key": key.export_pem(), "gateway.pem": format_pem(certificate)}


class _NewFiles:
    """Files that were not there before, so that they may be removed again."""

    def __init__(self) -> None:
        self._paths: list[Path] = []

    def write(self, path: Path, data: bytes, *, private: bool) -> None:
        """Write a new file (mode 0600 when private). Raises FileExistsError, OSError."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600 if private else 0o644), "wb") as file:
            self.note(path)
            file.write(data)

    def note(self, *paths: Path) -> None:
        """Count files in that somebody else makes."""
        self._paths.extend(paths)

    def remove(self) -> None:
        """Undo what was made; the folders stay."""
        for path in self._paths:
            with suppress(OSError):
                path.unlink()


def refuse_existing(paths: Iterable[Path]) -> None:
    """Raise OpsError `init.exists` (exit code 2) if there is one of the files."""
    for path in paths:
        if path.exists() or path.is_symlink():
            raise OpsError(
                "init.exists", f"{path} is there; nothing was changed", exit_code=ExitCode.USAGE
            )


def write_pki(folder: Path, files: dict[str, bytes], *, new: _NewFiles | None = None) -> None:
    """Write keys (mode 0600), certificates and revocation lists, none of which may be there.

    Raises OpsError `init.exists` (exit code 2), OSError.
    """
    refuse_existing(folder / name for name in files)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (new or _NewFiles()).write(folder / name, data, private=name.endswith(".key"))


def _key(name: str) -> dict[str, str]:
    return {"key": f"{PKI}/{name}.key", "certificate": f"{PKI}/{name}.pem"}


def _plain_document() -> dict[str, Any]:
    return {
        "gateway": {"code": "KONT00001", "name": "ИС «Контингент»", "bind": "127.0.0.1:8080"},
        "store": {"database": "sqlite:///kontingent.db"},
        "signing": {"keys": [_key("gateway")]},
        "trust": {"anchors": []},
    }


def _demo_document() -> dict[str, Any]:
    agencies = {
        "DEMO00001": ("agency-gost", "ИС «Соцзащита» Приозёрской области (демонстрация)"),
        "DEMO00002": ("agency-rsa", "ИС «Демография» Приозёрской области (демонстрация)"),
    }
    document = _plain_document()
    document["gateway"]["name"] = "ИС «Контингент» Приозёрской области (демонстрация)"
    document["signing"]["keys"] = [_key("gateway"), _key("gateway-rsa")]
    document["trust"] = {
        "anchors": [f"{PKI}/ca.pem", f"{PKI}/ca-gost.pem"],
        "intermediates": [f"{PKI}/intermediate.pem", f"{PKI}/intermediate-gost.pem"],
        "crl_folder": f"{PKI}/{LISTS_FOLDER}",
    }
    document["exchange"] = {"smev_certificates": [f"{PKI}/smev.pem"]}
    document["agencies"] = [
        {
            "code": code,
            "name": name,
            "certificates": [f"{PKI}/{stem}.pem"],
            "rights": ["students:*", "enrollment:*", "transfers:*"],
        }
        for code, (stem, name) in agencies.items()
    ]
    document["sources"] = [
        {
            "name": DEMO_SOURCE,
            "kind": "gorod",
            "url": DEMO_SOURCE_URL,
            "user": "kontingent",
            "page_size": 500,
        }
    ]
    return document


def _write_demo_pupil(work: UnitOfWork, now: datetime) -> None:
    """Write the pupil whom samples ask for, an invented one, with a class and a school."""
    school_year = now.year if now.month >= 9 else now.year - 1
    school = SourceOrganisation(
        source_id="demo-school",
        version="1",
        full_name="Муниципальное общеобразовательное учреждение «Школа № 1 города Приозёрска»",
        short_name="МОУ «Школа № 1»",
        inn=None,
        ogrn=None,
        oktmo=None,
        type_code=None,
        status_code="1",
    )
    group = SourceClass(
        source_id="demo-class",
        version="1",
        organisation_source_id=school.source_id,
        parallel=5,
        letter="А",
        school_year=school_year,
        shift=1,
        capacity=25,
    )
    pupil = SourcePupil(
        source_id="demo-pupil",
        version="1",
        family_name="Алёхина-Королёва",
        first_name="Ульяна",
        middle_name="Артёмовна",
        birth_date=date(school_year - 11, 3, 14),
        sex="female",
        snils=DEMO_SNILS,
        citizenship_code="1",
        documents=(SourceDocument(type="11", series="II-АБ", number="123456"),),
        enrolment=SourceEnrolment(
            organisation_source_id=school.source_id,
            class_source_id=group.source_id,
            begins_on=date(school_year, 9, 1),
            ends_on=None,
            form_code="11",
            programme_code="13",
            entry_reason=None,
        ),
    )
    work.bulk.write_organisations("demo", [school], recorded_at=now)
    work.bulk.write_classes("demo", [group], recorded_at=now)
    work.bulk.write_pupils("demo", [pupil], recorded_at=now)
