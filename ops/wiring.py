"""Joins the rooms: configuration in, a gateway out. Nothing else knows all of them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from gateway.contents import students
from gateway.errors import AlreadyAnswered, GatewayError, JournalUnavailable, StoredReply
from gateway.pipeline import Dispatcher, Pipeline, PipelineSettings
from gateway.replies import ReplyMaker
from gateway.rights import Rights
from gateway.soap.application import SoapService
from gateway.wire import Endpoint, Wire
from journal.codec import decode_record
from journal.errors import JournalError
from journal.records import JournalRecord
from ops.clock import utc_now
from ops.config import Config
from ops.data_keys import missing_keys
from ops.errors import ConfigError, ExitCode, OpsError
from ops.identities import (
    choose_providers,
    load_agencies,
    load_algorithms,
    load_fingerprints,
    load_signers,
    load_trust,
)
from ops.logs import AUDIT_NAME, AuditLog
from registry.commands import FindStudent
from registry.problems import Problem
from registry.rules import check_find_student
from registry.students import FindStudentOutcome, find_student
from signing.xml.parser import ParseLimits
from smev.catalogue import Catalogue
from smev.message import Participant, Service
from store.engine import create_engine_for, is_reachable
from store.errors import StoreError
from store.journal_store import (
    JournalReader,
    JournalWriter,
    MessageIdReused,
    ReplayConflict,
    WriterSettings,
)
from store.migrations import is_current
from store.reading import Reading
from store.repositories import StudentRepository

log = logging.getLogger("kontingent.ops")

# A sender waits for its answer: better a refusal soon than an answer late. A synchronisation's page
# holds SQLite's one write lock for some tenths of a second.
_JOURNAL_TIMEOUT_S = 3.0
_LOCK_TIMEOUT_S = 2.0
STUDENTS = Service(mnemonic="KontingentStudents", version="1.00")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway in this process: its WSGI application, and the way to end it."""

    wire: Wire
    journal: JournalWriter
    reading: Reading
    audit: AuditLog
    engine: Engine

    def close(self) -> None:
        """Stop the journal's writer after what it has in hand, and leave the database."""
        self.journal.close()
        self.reading.close()
        self.audit.close()
        self.engine.dispose()


def build_gateway(
    config: Config,
    *,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], UUID] = uuid4,
) -> Gateway:
    """Make a gateway of its configuration; call it after the fork.

    Raises ConfigError, SigningError, StoreError.
    """
    providers = choose_providers(config)
    # Each thread keeps a connection for reading; the writer and /readyz take their own.
    engine = open_store(
        config, pool_size=config.gateway.threads + 4, lock_timeout_s=_LOCK_TIMEOUT_S
    )
    if config.vault is None:
        engine.dispose()
        raise missing_keys()
    journal = JournalWriter(engine, settings=WriterSettings(timeout_s=_JOURNAL_TIMEOUT_S))
    reading, audit = Reading(engine), open_audit(config)
    catalogue = Catalogue()
    catalogue.prepare()
    zone = ZoneInfo(config.gateway.timezone)
    services: dict[str, Dispatcher] = {"students": _student_service(reading, clock, zone)}
    signers = load_signers(config, providers)
    replies = ReplyMaker(
        sender=Participant(code=config.gateway.code, name=config.gateway.name),
        service=STUDENTS,
        default=signers[0],
        signers={signer.algorithm: signer for signer in reversed(signers)},
        catalogue=catalogue,
    )
    endpoints = {
        f"/smev2/{name}": Endpoint(
            service=name,
            contract=name,
            pipeline=Pipeline(
                settings=_pipeline_settings(config, zone),
                providers=providers,
                trust=load_trust(config, providers),
                rights=Rights(load_agencies(config)),
                journal=_JournalPort(journal, JournalReader(engine, reading=reading)),
                access_log=audit,
                catalogue=catalogue,
                dispatcher=service,
                replies=replies,
                clock=clock,
                new_id=new_id,
            ),
        )
        for name, service in services.items()
    }
    wire = Wire(
        endpoints=endpoints,
        catalogue=catalogue,
        max_message_bytes=config.exchange.max_message_bytes,
        ready=lambda: not journal.failing and is_reachable(engine),
        public_url=config.gateway.public_url,
    )
    return Gateway(wire=wire, journal=journal, reading=reading, audit=audit, engine=engine)


def open_audit(config: Config) -> AuditLog:
    """Open the audit stream. Raises OpsError `audit.unwritable` (exit code 3)."""
    path = config.path(AUDIT_NAME)
    try:
        return AuditLog(path, clock=utc_now)
    except OSError as error:
        raise OpsError(
            "audit.unwritable", f"{path}: {error.strerror}", exit_code=ExitCode.UNAVAILABLE
        ) from None


def open_store(config: Config, *, pool_size: int = 8, lock_timeout_s: float = 10.0) -> Engine:
    """Open the register, whose tables must be those of this version.

    `lock_timeout_s`: how long to wait for another writer.

    Raises StoreError when it can't be reached, ConfigError `store.outdated` when it needs
    `kontingent db upgrade`.
    """
    engine = create_engine_for(
        config.database_url,
        pool_size=pool_size,
        lock_timeout_s=lock_timeout_s,
        create=False,
        vault=config.vault,
    )
    if not is_current(engine):
        engine.dispose()
        raise ConfigError(
            "the database is not of this version; run 'kontingent db upgrade'",
            code="store.outdated",
        )
    return engine


def _pipeline_settings(config: Config, zone: ZoneInfo) -> PipelineSettings:
    return PipelineSettings(
        code=config.gateway.code,
        allowed_algorithms=load_algorithms(config.signing.algorithms),
        timezone=zone,
        date_window_s=config.exchange.date_window_s,
        require_smev_seal=config.exchange.require_smev_seal,
        smev_certificates=load_fingerprints(config, config.exchange.smev_certificates),
        limits=ParseLimits(max_bytes=config.exchange.max_message_bytes),
    )


def _student_service(
    reading: Reading, clock: Callable[[], datetime], zone: ZoneInfo
) -> SoapService:
    def today() -> date:
        return clock().astimezone(zone).date()

    def find(command: FindStudent) -> FindStudentOutcome:
        try:
            return reading.run(
                lambda connection: find_student(
                    command, StudentRepository(connection), today=today()
                )
            )
        except StoreError as error:
            raise GatewayError("store.unavailable", error.code) from None

    def check(command: FindStudent) -> list[Problem]:
        return check_find_student(command, today())

    handlers = {"FindStudent": students.find_student_handler(find, check)}
    return SoapService("students", students.NAMESPACE, handlers)


class _JournalPort:
    """The store's journal as the gateway wants it. Satisfies `gateway.ports.Journal`."""

    def __init__(self, writer: JournalWriter, reader: JournalReader) -> None:
        self._writer, self._reader = writer, reader

    def write(self, record: JournalRecord) -> None:
        try:
            self._writer.write(record)
        except ReplayConflict:
            stored = self.find_reply(record.replay_key or "")
            if stored is None:
                raise JournalUnavailable("the reply of another copy can't be read") from None
            raise AlreadyAnswered(stored) from None
        except MessageIdReused:
            raise GatewayError("replay.message_id_reused") from None
        except StoreError as error:
            raise JournalUnavailable(error.code) from None

    def find_reply(self, replay_key: str) -> StoredReply | None:
        try:
            stored = self._reader.find_reply(replay_key)
            if stored is None:
                return None
            decoded = decode_record(stored.meta, stored.body)
        except (StoreError, JournalError) as error:
            raise JournalUnavailable(error.code) from None
        return StoredReply(
            body=decoded.body or b"",
            status=stored.status or "",
            subject_id=decoded.fields.get("subject_id"),
            case_number=decoded.fields.get("case_number"),
        )

    def find_smev_message(self, smev_message_id: str) -> str | None:
        try:
            return self._reader.find_smev_message(smev_message_id)
        except StoreError as error:
            raise JournalUnavailable(error.code) from None
