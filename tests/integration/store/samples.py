"""Invented records for the store's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from journal.codec import encode_decided, encode_received
from journal.records import Decided, Direction, JournalRecord, Received
from store.tables import source_links
from store.unit_of_work import UnitOfWork
from tests.unit.registry.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

__all__ = ["CLASS", "ENROLMENT", "NOW", "PUPIL", "SCHOOL", "decided", "received", "share_links"]

_BEGAN = datetime(2024, 10, 1, 9, 0, 0, 123456, tzinfo=UTC)


def received(number: int, body: bytes = b"<request/>", **changes: Any) -> JournalRecord:
    """The arrival of message `number`, at second `number`."""
    values: dict[str, Any] = {
        "message_id": UUID(int=number),
        "at": _BEGAN + timedelta(seconds=number),
        "direction": Direction.IN,
        "transport": "smev2",
        "peer": "127.0.0.1",
        "service": "students",
        "size_bytes": len(body),
        "sha256": "0" * 64,
        "body": body,
        "headers": {},
        **changes,
    }
    return encode_received(Received(**values))


def decided(number: int, body: bytes = b"<reply/>", **changes: Any) -> JournalRecord:
    """What became of message `number`."""
    values: dict[str, Any] = {
        "message_id": UUID(int=number),
        "at": _BEGAN + timedelta(seconds=number, milliseconds=5),
        "direction": Direction.IN,
        "transport": "smev2",
        "peer": "127.0.0.1",
        "service": "students",
        "status": "RESULT",
        "body": body,
        "verdicts": (),
        "operation": "FindStudent",
        "sender_code": "DEMO00001",
        **changes,
    }
    return encode_decided(Decided(**values))


def share_links(engine: Engine) -> None:
    """Let the source `t` stand for what `s` does, under the same ids."""
    with UnitOfWork(engine) as work:
        rows = work.connection.execute(select(source_links)).mappings().all()
        work.connection.execute(
            source_links.insert(), [{**row, "source": "t", "content_sealed": None} for row in rows]
        )
        work.commit()
