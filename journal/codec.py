"""Records to stored bytes and back, by a numbered version that every later one can still read.

Version 1: `meta` is JSON in UTF-8 with sorted keys and no white space; it names the version, the
kind, every field, and of the body its encoding, size and SHA-256 before encoding. The body is
stored as it is (`identity`), compressed (`zlib`), or not at all (`absent`, input over the limit).
The digest of a record is SHA-256(SHA-256(meta) ‖ SHA-256(stored body)), so that destroying a body
and keeping its hash leaves the record provable.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from journal.errors import JournalError
from journal.records import Decided, JournalRecord, Received, RecordKind

VERSION = 1
# Below this zlib takes longer than the disk gains.
COMPRESS_FROM_BYTES = 16 * 1024
COLUMN_CHARS = 200
MAX_BODY_BYTES = 256 * 2**20


class BodyEncoding(StrEnum):
    """How the body of a record is stored."""

    IDENTITY = "identity"
    ZLIB = "zlib"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class DecodedRecord:
    """A record read back: its fields as JSON values and its body as it was on the wire.

    `body` is None when it was not kept; its size and SHA-256 (hex) are known all the same.
    """

    kind: RecordKind
    fields: dict[str, Any]
    body: bytes | None
    size_bytes: int
    sha256: str


def encode_received(record: Received) -> JournalRecord:
    """Return the storable form of a `received` record."""
    fields = _common(record) | {
        "headers": dict(record.headers),
        "size_bytes": record.size_bytes,
    }
    encoding, stored = _store_body(record.body)
    meta = _meta(RecordKind.RECEIVED, fields, encoding, record.size_bytes, record.sha256)
    return JournalRecord(
        message_id=record.message_id,
        kind=RecordKind.RECEIVED,
        at=record.at,
        direction=record.direction,
        transport=record.transport,
        peer=record.peer,
        service=record.service,
        size_bytes=record.size_bytes,
        meta=meta,
        body=stored,
        digest=record_digest(meta, stored),
    )


_DECIDED_COLUMNS = (
    "operation",
    "sender_code",
    "certificate",
    "smev_message_id",
    "request_id_ref",
    "origin_request_id_ref",
    "case_number",
    "status",
    "fault_code",
    "subject_key",
    "replay_key",
)


def encode_decided(record: Decided) -> JournalRecord:
    """Return the storable form of a `decided` record."""
    columns: dict[str, str | None] = {name: getattr(record, name) for name in _DECIDED_COLUMNS}
    verdicts = [[v.check, v.passed, v.reason] for v in record.verdicts]
    fields = _common(record) | dict[str, Any](columns)
    fields |= {"verdicts": verdicts, "subject_id": record.subject_id}
    encoding, stored = _store_body(record.body)
    body_hash = sha256(record.body).hexdigest()
    meta = _meta(RecordKind.DECIDED, fields, encoding, len(record.body), body_hash)
    return JournalRecord(
        message_id=record.message_id,
        kind=RecordKind.DECIDED,
        at=record.at,
        direction=record.direction,
        transport=record.transport,
        peer=record.peer,
        service=record.service,
        size_bytes=len(record.body),
        meta=meta,
        body=stored,
        digest=record_digest(meta, stored),
        **{name: _clip(value) for name, value in columns.items()},
    )


def decode_record(meta: bytes, body: bytes) -> DecodedRecord:
    """Read a stored record of any version; the body is checked against the hash in `meta`.

    Raises JournalError: `journal.record_malformed`, `journal.version_unknown`,
    `journal.body_mismatch`.
    """
    try:
        document = json.loads(meta)
        version, kind = document["version"], RecordKind(document["kind"])
        about, fields = document["body"], document["fields"]
        encoding = BodyEncoding(about["encoding"])
        size, digest = int(about["size_bytes"]), str(about["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError("journal.record_malformed", type(error).__name__) from None
    if version != VERSION:
        raise JournalError("journal.version_unknown", f"version {version}")
    original = _load_body(encoding, body, size)
    if original is not None and sha256(original).hexdigest() != digest:
        raise JournalError("journal.body_mismatch", "the body is not the one that was recorded")
    return DecodedRecord(kind=kind, fields=fields, body=original, size_bytes=size, sha256=digest)


def record_digest(meta: bytes, stored_body: bytes) -> bytes:
    """Return the 32 bytes that the hash chain links: over `meta` and the stored body."""
    return sha256(sha256(meta).digest() + sha256(stored_body).digest()).digest()


def _common(record: Received | Decided) -> dict[str, Any]:
    return {
        "message_id": str(record.message_id),
        "at": _moment(record.at),
        "direction": record.direction,
        "transport": record.transport,
        "peer": record.peer,
        "service": record.service,
    }


def _clip(value: str | None) -> str | None:
    """A sender chooses how long its texts are; the index needs no more, `meta` has the whole."""
    return value if value is None else value[:COLUMN_CHARS]


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise JournalError("journal.naive_time", "a record needs a time with its zone")
    return at.isoformat(timespec="microseconds")


def _meta(
    kind: RecordKind, fields: dict[str, Any], encoding: BodyEncoding, size: int, digest: str
) -> bytes:
    document = {
        "version": VERSION,
        "kind": kind,
        "fields": fields,
        "body": {"encoding": encoding, "size_bytes": size, "sha256": digest},
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _store_body(body: bytes | None) -> tuple[BodyEncoding, bytes]:
    if body is None:
        return BodyEncoding.ABSENT, b""
    if len(body) < COMPRESS_FROM_BYTES:
        return BodyEncoding.IDENTITY, body
    # Level 1: the reply waits for it, and XML gives most of what it has to give at once.
    return BodyEncoding.ZLIB, zlib.compress(body, 1)


def _load_body(encoding: BodyEncoding, stored: bytes, size: int) -> bytes | None:
    if encoding is BodyEncoding.ABSENT:
        return None
    if encoding is BodyEncoding.IDENTITY:
        return stored
    try:
        # Bounded by the recorded size: a changed row can't make a reader unpack a bomb.
        unpacked = zlib.decompressobj().decompress(stored, min(size, MAX_BODY_BYTES) + 1)
    except zlib.error:
        raise JournalError("journal.body_mismatch", "the stored body doesn't unpack") from None
    return unpacked
