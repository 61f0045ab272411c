"""Records of the journal: what goes in comes out, and what was changed is found."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.codec import (
    COLUMN_CHARS,
    decode_record,
    encode_decided,
    encode_received,
    record_digest,
)
from journal.errors import JournalError
from journal.records import Decided, Direction, Received, RecordKind, Verdict

AT = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)
ID = UUID("6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11")


def received(body: bytes | None) -> Received:
    data = body if body is not None else b"x" * 9
    return Received(
        message_id=ID,
        at=AT,
        direction=Direction.IN,
        transport="smev2",
        peer="127.0.0.1",
        service="students",
        size_bytes=len(data),
        sha256=sha256(data).hexdigest(),
        body=body,
        headers={"content_type": "text/xml"},
    )


def decided(**changes: object) -> Decided:
    record = Decided(
        message_id=ID,
        at=AT,
        direction=Direction.IN,
        transport="smev2",
        peer="127.0.0.1",
        service="students",
        status="RESULT",
        body=b"<reply/>",
        verdicts=(Verdict("parse", True), Verdict("signature", False, "signature.invalid")),
        operation="FindStudent",
        replay_key="k",
    )
    return replace(record, **changes)  # type: ignore[arg-type]


@given(st.binary(max_size=4000))
def test_received_body_comes_back(body: bytes) -> None:
    record = encode_received(received(body))
    assert decode_record(record.meta, record.body).body == body


def test_large_body_is_stored_smaller() -> None:
    body = b"<a>" + b"0123456789" * 5000 + b"</a>"
    assert len(encode_received(received(body)).body) < len(body) / 5


def test_body_over_the_limit_leaves_size_and_hash() -> None:
    record = encode_received(received(None))
    decoded = decode_record(record.meta, record.body)
    assert record.body == b""
    assert decoded.body is None
    assert json.loads(record.meta)["body"] == {
        "encoding": "absent",
        "size_bytes": 9,
        "sha256": sha256(b"x" * 9).hexdigest(),
    }


def test_decided_repeats_every_column_in_meta() -> None:
    record = encode_decided(decided(case_number="дело № 1"))
    decoded = decode_record(record.meta, record.body)
    assert decoded.kind is RecordKind.DECIDED
    assert decoded.fields["case_number"] == "дело № 1" == record.case_number
    assert decoded.fields["replay_key"] == record.replay_key == "k"
    assert decoded.fields["verdicts"] == [
        ["parse", True, ""],
        ["signature", False, "signature.invalid"],
    ]


def test_overlong_text_is_cut_in_the_column_only() -> None:
    text = "д" * (COLUMN_CHARS + 50)
    record = encode_decided(decided(case_number=text))
    assert record.case_number == text[:COLUMN_CHARS]
    assert decode_record(record.meta, record.body).fields["case_number"] == text


def test_meta_is_canonical() -> None:
    record = encode_decided(decided())
    document = json.loads(record.meta)
    again = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert record.meta == again.encode()


def test_digest_covers_meta_and_body() -> None:
    record = encode_received(received(b"<a/>"))
    assert record.digest == record_digest(record.meta, record.body)
    assert record.digest != record_digest(record.meta, record.body + b" ")
    assert record.digest != record_digest(record.meta + b" ", record.body)
    assert record.digest != record_digest(record.meta + record.body, b"")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("changed_body", "journal.body_mismatch"),
        ("changed_packed_body", "journal.body_mismatch"),
        ("packed_bomb", "journal.body_mismatch"),
        ("later_version", "journal.version_unknown"),
        ("not_json", "journal.record_malformed"),
        ("no_body", "journal.record_malformed"),
        ("unknown_kind", "journal.record_malformed"),
    ],
)
def test_broken_record_is_named(name: str, code: str) -> None:
    small, large = encode_received(received(b"<a/>")), encode_received(received(b"a" * 50_000))
    meta = json.loads(small.meta)
    broken = {
        "changed_body": (small.meta, b"<b/>"),
        "changed_packed_body": (large.meta, b"\x00" + large.body),
        "packed_bomb": (
            json.dumps({**meta, "body": {**meta["body"], "encoding": "zlib"}}).encode(),
            encode_received(received(b"\0" * 10_000_000)).body,
        ),
        "later_version": (json.dumps({**meta, "version": 2}).encode(), small.body),
        "not_json": (b"{", small.body),
        "no_body": (json.dumps({"version": 1, "kind": "received"}).encode(), small.body),
        "unknown_kind": (json.dumps({**meta, "kind": "guessed"}).encode(), small.body),
    }
    with pytest.raises(JournalError) as error:
        decode_record(*broken[name])
    assert error.value.code == code


def test_naive_time_is_refused() -> None:
    with pytest.raises(JournalError) as error:
        encode_received(replace(received(b""), at=AT.replace(tzinfo=None)))
    assert error.value.code == "journal.naive_time"


def test_golden_record_of_version_1_can_be_read() -> None:
    """Dated 2026-11-23; it must load for ever."""
    meta = (
        b'{"body":{"encoding":"identity","sha256":"'
        + sha256(b"<a/>").hexdigest().encode()
        + b'","size_bytes":4},"fields":{"at":"2026-11-02T09:30:00.123456+00:00","direction":"in",'
        b'"headers":{"content_type":"text/xml"},"message_id":"6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11"'
        b',"peer":"127.0.0.1","service":"students","size_bytes":4,"transport":"smev2"},'
        b'"kind":"received","version":1}'
    )
    assert encode_received(received(b"<a/>")).meta == meta
    assert decode_record(meta, b"<a/>").body == b"<a/>"
