"""When a part of the gateway fails, nothing leaves that should not: the whole pipeline, real."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import OperationalError

from gateway.errors import GatewayError, JournalUnavailable
from gateway.pipeline import Pipeline
from gateway.ports import StoredReply
from journal.records import JournalRecord, RecordKind
from ops.logs import set_up_logging
from ops.wiring import Gateway, _student_service
from store.engine import create_engine_for
from store.journal_reader import JournalReader, StoredRecord
from store.reading import Reading
from tests.support.gateways import changed, post, running_gateway, without_keys
from tests.support.installation import Installation
from tests.support.messages import Caller
from tests.support.replies import fault_of, read_fault, read_status, read_unsigned_fault, verify

LEAKS = (b"Traceback", b"token is gone", b"provider", b".py", b"secret of the driver")


@pytest.fixture(scope="module")
def gateway(installation: Installation) -> Iterator[Gateway]:
    with own_logging(), running_gateway(installation.config) as running:
        yield running


@contextmanager
def own_logging() -> Iterator[None]:
    """Logging as `serve` sets it up; as it was before at the end."""
    loggers = [logging.getLogger(name) for name in ("kontingent", "store")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    set_up_logging()
    try:
        yield
    finally:
        for each, handlers, level, propagate in before:
            for handler in set(each.handlers) - set(handlers):
                handler.close()
            each.handlers[:], each.propagate = handlers, propagate
            each.setLevel(level)


@pytest.fixture(autouse=True)
def _nothing_leaks(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert "Traceback" not in capfd.readouterr().err


def last_records(gateway: Gateway, count: int = 2) -> list[StoredRecord]:
    """The last records of the journal, in order."""
    return list(JournalReader(gateway.engine).iterate())[-count:]


def test_reply_that_cannot_be_signed_does_not_leave(
    gateway: Gateway, installation: Installation, agency: Caller
) -> None:
    message = agency.ask(case_number=f"unsigned-{agency.code}")
    reply = post(changed(gateway, without_keys), message)
    fault = read_unsigned_fault(reply)
    assert (reply.status, fault.key, fault.faultcode) == (500, "signing.failed", "Server")
    assert fault.message_id is None
    assert not any(leak in reply.body for leak in LEAKS)
    assert "Алёхина".encode() not in reply.body
    decided = last_records(gateway)[1]
    assert (decided.status, decided.fault_code) == ("FAULT", "signing.failed")
    assert decided.replay_key is None
    assert f"unsigned-{agency.code}" not in installation.audit
    # The key is back: the same message is answered as if it came first.
    assert read_status(post(gateway.wire, message), installation) == "RESULT"


def test_fault_that_cannot_be_signed_says_its_key_and_text(gateway: Gateway, rsa: Caller) -> None:
    broken = rsa.ask().replace(b"112-233", b"112-234")
    reply = post(changed(gateway, without_keys), broken)
    fault = read_unsigned_fault(reply)
    assert (fault.key, fault.message_id) == ("signature.invalid", None)
    assert fault.description == fault.faultstring


def test_garbage_is_refused_without_keys_too(gateway: Gateway) -> None:
    assert read_unsigned_fault(post(changed(gateway, without_keys), b"<")).key == "xml.malformed"


class _FullJournal:
    """A journal whose disk is full when a record of one kind is to be written."""

    def __init__(self, journal: object, kind: RecordKind) -> None:
        self._journal, self._kind = journal, kind

    def write(self, record: JournalRecord) -> None:
        if record.kind == self._kind:
            raise JournalUnavailable("journal.unavailable")
        self._journal.write(record)  # type: ignore[attr-defined]

    def find_reply(self, replay_key: str) -> StoredReply | None:
        return self._journal.find_reply(replay_key)  # type: ignore[attr-defined, no-any-return]

    def find_smev_message(self, smev_message_id: str) -> str | None:
        return self._journal.find_smev_message(smev_message_id)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("kind", RecordKind)
@pytest.mark.parametrize("good", [True, False])
def test_nothing_is_answered_that_is_not_in_the_journal(
    gateway: Gateway, installation: Installation, rsa: Caller, kind: RecordKind, good: bool
) -> None:
    def fill(pipeline: Pipeline) -> Pipeline:
        return replace(pipeline, journal=_FullJournal(pipeline.journal, kind))

    message = rsa.ask()
    before = len(list(JournalReader(gateway.engine).iterate()))
    reply = post(changed(gateway, fill), message if good else message[:-9])
    assert (reply.status, reply.headers["retry-after"].isdigit()) == (503, True)
    fault = read_fault(reply, installation)
    assert (fault.key, fault.faultcode) == ("journal.unavailable", "Server")
    assert fault.message_id is None
    after = list(JournalReader(gateway.engine).iterate())[before:]
    assert [record.kind for record in after] == (
        [] if kind is RecordKind.RECEIVED else [RecordKind.RECEIVED]
    )
    if good:
        assert read_status(post(gateway.wire, message), installation) == "RESULT"


class _FailingDispatcher:
    """A use case with a defect, or a database that went away in the middle."""

    def __init__(self, inner: object, error: Exception) -> None:
        self._inner, self._error = inner, error

    def has_operation(self, name: str) -> bool:
        return self._inner.has_operation(name)  # type: ignore[attr-defined, no-any-return]

    def dispatch(self, validated: object) -> object:
        raise self._error


def failing(gateway: Gateway, error: Exception):
    def fail(pipeline: Pipeline) -> Pipeline:
        return replace(pipeline, dispatcher=_FailingDispatcher(pipeline.dispatcher, error))

    return changed(gateway, fail)


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("secret of the driver"),
        OperationalError("SELECT secret of the driver", {}, Exception("secret of the driver")),
        MemoryError(),
        RecursionError("secret of the driver"),
        AssertionError("secret of the driver"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_defect_of_ours_is_a_fault_without_a_word_of_it(
    gateway: Gateway,
    installation: Installation,
    rsa: Caller,
    error: Exception,
    capfd: pytest.CaptureFixture[str],
) -> None:
    message = rsa.ask()
    reply = post(failing(gateway, error), message)
    fault = fault_of(verify(reply.body, installation).payload)
    assert (reply.status, fault.key, fault.faultcode) == (500, "internal.error", "Server")
    assert not any(leak in reply.body for leak in LEAKS)
    assert "secret of the driver" not in capfd.readouterr().err
    decided = last_records(gateway)[1]
    assert (decided.status, decided.fault_code) == ("FAULT", "internal.error")
    assert read_status(post(gateway.wire, message), installation) == "RESULT"


def test_register_that_is_gone_is_worth_trying_again(
    gateway: Gateway, installation: Installation, rsa: Caller
) -> None:
    """The journal still takes records, but the look-up finds no database."""
    gone = create_engine_for("postgresql://nobody@/none?host=/nonexistent")

    def lose(pipeline: Pipeline) -> Pipeline:
        service = _student_service(Reading(gone), pipeline.clock, ZoneInfo("Europe/Moscow"))
        return replace(pipeline, dispatcher=service)

    message = rsa.ask()
    reply = post(changed(gateway, lose), message)
    fault = read_fault(reply, installation)
    assert (reply.status, fault.key, fault.faultcode) == (503, "store.unavailable", "Server")
    assert reply.headers["retry-after"].isdigit()
    decided = last_records(gateway)[1]
    assert (decided.status, decided.fault_code) == ("FAULT", "store.unavailable")
    assert read_status(post(gateway.wire, message), installation) == "RESULT"
    gone.dispose()


def test_disclosure_that_cannot_be_recorded_does_not_happen(
    gateway: Gateway, installation: Installation, rsa: Caller
) -> None:
    class Full:
        def disclosed(self, **_: object) -> None:
            raise GatewayError("audit.unavailable")

    message = rsa.ask()
    reply = post(changed(gateway, lambda pipeline: replace(pipeline, access_log=Full())), message)
    assert (reply.status, read_fault(reply, installation).key) == (503, "audit.unavailable")
    assert last_records(gateway)[1].status == "RESULT", "kept for when it may leave"
    assert read_status(post(gateway.wire, message), installation) == "RESULT"
