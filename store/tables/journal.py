"""The message journal. Source: docs/journal-format.md."""

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, Uuid

from store.tables.base import field, plain, required
from store.types import BigKey, UtcDateTime

journal = plain(
    "journal",
    "The message journal: two chained records a message (docs/journal-format.md).",
    field(
        "sequence",
        BigKey,
        "place in the chain, counts from 1",
        primary_key=True,
        autoincrement=False,
    ),
    required("message_id", Uuid, "the gateway's id of the message"),
    required("kind", String(10), "received or decided"),
    required("at", UtcDateTime, "when", index=True),
    required("direction", String(3), "in or out"),
    required("transport", String(20), "how it came"),
    required("peer", String(100), "network address"),
    required("service", String(200), "service"),
    field("operation", String(200), "operation"),
    field("sender_code", String(200), "code of the sender"),
    field("certificate", String(200), "fingerprint of the signer's certificate"),
    field("smev_message_id", String(200), "id that SMEV gave it", index=True),
    field("request_id_ref", String(200), "the request it belongs to"),
    field("origin_request_id_ref", String(200), "the first request of the exchange"),
    field("case_number", String(500), "case number"),
    field("status", String(50), "status of the reply"),
    field("fault_code", String(100), "key of the fault"),
    field("subject_key", String(200), "keyed hash of whom it was about"),
    field("replay_key", String(200), "by which a repeated message is known", unique=True),
    required("size_bytes", BigKey, "size of the message"),
    required("meta", LargeBinary, "fields of the record, encoded"),
    required("body", LargeBinary, "the bytes, compressed"),
    required("digest", LargeBinary(32), "hash of the bytes"),
    required("previous_hash", LargeBinary(32), "chain hash of the record before"),
    required("chain_hash", LargeBinary(32), "hash over this record and the one before"),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("kind IN ('received', 'decided')", name="kind"),
    CheckConstraint("direction IN ('in', 'out')", name="direction"),
    CheckConstraint("size_bytes >= 0", name="size"),
    UniqueConstraint("message_id", "kind"),
    Index(None, "subject_key"),
    Index(None, "origin_request_id_ref"),
)
