"""What school systems sent: which records are whose, how far it was read, what was refused."""

from sqlalchemy import (
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
)

from store.tables.base import field, plain, required, sealed, versioned
from store.types import UtcDateTime

source_links = versioned(
    "source_links",
    "Which entity a record of a source stands for, and what it said when last seen.",
    field("source", String(100), "the system", primary_key=True),
    field("kind", String(20), "kind of record", primary_key=True),
    field("source_id", String(200), "the record's id there", primary_key=True),
    required("entity_id", Uuid, "our entity"),
    required("source_version", String(200), "the version that the system gave it"),
    required("content_hash", LargeBinary(32), "hash of what it said", info={"sealed": True}),
    sealed("content_sealed", "what it said of a person"),
    CheckConstraint(
        "kind IN ('organisation', 'programme', 'class', 'pupil', 'representative', 'enrolment',"
        " 'study')",
        name="kind",
    ),
    Index(None, "entity_id"),
)

sync_cursors = plain(
    "sync_cursors",
    "How far the synchronisation of a source got.",
    field("source", String(100), "the system", primary_key=True),
    field("entity", String(20), "kind of records", primary_key=True),
    field("token", String(2000), "the page to go on with"),
    required("state", String(10), "running, finished or failed"),
    required("created", Integer, "records that were new"),
    required("changed", Integer, "records that changed something"),
    required("unchanged", Integer, "records that said what was known"),
    required("refused", Integer, "records left out"),
    required("updated_at", UtcDateTime, "when the last page went in"),
    field("finished_at", UtcDateTime, "when it was last finished"),
    field("error_code", String(100), "why it stopped"),
    CheckConstraint("state IN ('running', 'finished', 'failed')", name="state"),
    CheckConstraint(
        "created >= 0 AND changed >= 0 AND unchanged >= 0 AND refused >= 0", name="counts"
    ),
)

sync_refusals = plain(
    "sync_refusals",
    "Records that are left out, until their source sends better ones.",
    field("source", String(100), "the system", primary_key=True),
    field("entity", String(20), "kind of records", primary_key=True),
    field("source_id", String(200), "the record's id there", primary_key=True),
    required("problems", Text, "JSON: key, field and message of every rule it breaks"),
    required("refused_at", UtcDateTime, "when it was last refused"),
)
