"""An installation as `kontingent init --demo` makes it, with some more pupils and agencies."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from ops.config import Config, load_config
from ops.identities import load_trust
from registry.sources import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)
from signing.pki.trust import TrustStore
from signing.providers import Providers, Signer, load_providers
from store.engine import create_engine_for
from store.journal_reader import JournalReader, StoredRecord
from store.unit_of_work import UnitOfWork
from tests.support import commands

RIGHTLESS = "DEMO00003"
NAMESAKES = ("Иванов", "Иван", "Иванович", date(2014, 5, 6))
PASSPORT = ("12", "4510", "654321")
LEFT_SNILS = "00100199812"  # of the numbers from before check digits
LEFT_ON = date(2026, 3, 31)

_SCHOOL = SourceOrganisation(
    source_id="school",
    version="1",
    full_name="Муниципальное общеобразовательное учреждение «Гимназия «Росток & К»",
    short_name=None,
    inn="7707083893",
    ogrn="1027700132195",
    oktmo="45382000",
    type_code=None,
    status_code="1",
)
_CLASS = SourceClass(
    source_id="class",
    version="1",
    organisation_source_id=_SCHOOL.source_id,
    parallel=6,
    letter="Б",
    school_year=2025,
    shift=1,
    capacity=25,
)
_NAMESAKE = SourcePupil(
    source_id="namesake-1",
    version="1",
    family_name=NAMESAKES[0],
    first_name=NAMESAKES[1],
    middle_name=NAMESAKES[2],
    birth_date=NAMESAKES[3],
    sex="male",
    snils=None,
    citizenship_code="1",
    documents=(SourceDocument(type=PASSPORT[0], series=PASSPORT[1], number=PASSPORT[2]),),
    enrolment=None,
)
PUPILS = (
    _NAMESAKE,
    replace(_NAMESAKE, source_id="namesake-2", documents=()),
    replace(
        _NAMESAKE,
        source_id="left",
        family_name="О’Нил-оглы",
        first_name="Фёдор",
        middle_name=None,
        snils=LEFT_SNILS,
        documents=(),
        enrolment=SourceEnrolment(
            organisation_source_id=_SCHOOL.source_id,
            class_source_id=_CLASS.source_id,
            begins_on=date(2025, 9, 1),
            ends_on=LEFT_ON,
            form_code="11",
            programme_code="13",
            entry_reason=None,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder with configuration, keys, and a database that holds some pupils."""

    folder: Path
    providers: Providers

    @property
    def config_path(self) -> Path:
        return self.folder / "kontingent.toml"

    @property
    def config(self) -> Config:
        return load_config(self.config_path, {})

    @property
    def audit(self) -> str:
        """What the audit stream holds so far."""
        path = self.folder / "audit.log"
        return path.read_text("utf-8") if path.exists() else ""

    def pki(self, name: str) -> Path:
        """A file of the demonstration's keys and certificates."""
        return self.folder / "pki" / name

    def signer(self, name: str) -> Signer:
        """The signer of `name.key` and `name.pem`; read once."""
        return _load_signer(self.providers, self.pki(f"{name}.key"), self.pki(f"{name}.pem"))

    def trust(self) -> TrustStore:
        """The authorities that the configuration trusts; read once."""
        return _load_trust(self.providers, self.config_path)

    def command(self, *arguments: str | Path, stdin: bytes = b"") -> commands.Finished:
        """Call the command in this process with this installation's configuration."""
        return commands.call("--config", self.config_path, *arguments, stdin=stdin)

    def decision(self, message_id: str) -> dict[str, object]:
        """What `log list` says of one of the last messages."""
        listed = self.command("log", "list", "--json", "--limit", "50")
        assert listed.exit_code == 0, listed.errors
        (row,) = [row for row in listed.rows if row["message_id"] == message_id]
        return row

    def records(self, message_id: str) -> tuple[StoredRecord, ...]:
        """The journal's records of a message."""
        engine = create_engine_for(self.config.database_url)
        try:
            return JournalReader(engine).get(UUID(message_id))
        finally:
            engine.dispose()


@cache
def _load_signer(providers: Providers, key: Path, certificate: Path) -> Signer:
    return providers.load_signer(key.read_bytes(), certificate.read_bytes())


@cache
def _load_trust(providers: Providers, config_path: Path) -> TrustStore:
    return load_trust(load_config(config_path, {}), providers)


def make_installation(folder: Path, *, database: str | None = None) -> Installation:
    """Run `kontingent init --demo` and add what the tests ask for."""
    more = ["--database", database] if database else []
    made = commands.run("init", "--demo", "--dir", folder, *more)
    assert made.exit_code == 0, made.errors
    installation = Installation(folder, load_providers())
    _add_agency(installation)
    _add_pupils(installation)
    return installation


def _add_agency(installation: Installation) -> None:
    """Register the node's certificate as that of an agency that may do nothing here."""
    with installation.config_path.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[agencies]]\ncode = "{RIGHTLESS}"\nname = "Без прав"\n'
            'certificates = ["pki/smev.pem"]\nrights = ["transfers:*"]\n'
        )


def _add_pupils(installation: Installation) -> None:
    config = installation.config
    engine = create_engine_for(config.database_url, vault=config.vault)
    try:
        with UnitOfWork(engine) as work:
            at = datetime.now(UTC) - timedelta(hours=1)
            work.bulk.write_organisations("tests", [_SCHOOL], recorded_at=at)
            work.bulk.write_classes("tests", [_CLASS], recorded_at=at)
            work.bulk.write_pupils("tests", PUPILS, recorded_at=at)
            work.commit()
    finally:
        engine.dispose()
