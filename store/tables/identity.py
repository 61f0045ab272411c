"""Which records are whose: doubts, decisions that can be taken back, and how common names are."""

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    text,
)

from store.tables.base import append_only, field, plain, required, sealed, versioned
from store.types import UtcDateTime

_OPEN = text("state = 'open'")

identity_conflicts = versioned(
    "identity_conflicts",
    "Records that may be about a known person; somebody has to say.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("source", String(100), "the system that sent the record"),
    required("source_id", String(200), "its id there"),
    sealed("record_sealed", "the record as it was sent"),
    required("candidates", Text, "JSON: reasons, and persons it may be with score and reasons"),
    required("score", Float, "the best candidate's score"),
    required("opened_at", UtcDateTime, "when it came into the queue"),
    required("state", String(10), "open, joined, separate or withdrawn"),
    field("person_id", Uuid, "the person decided on", ForeignKey("persons.id")),
    field("decided_by", String(200), "who decided"),
    field("reason", Text, "why, as the decider put it"),
    CheckConstraint("state IN ('open', 'joined', 'separate', 'withdrawn')", name="state"),
    CheckConstraint("record_sealed IS NOT NULL", name="record"),
    Index(
        "uq_identity_conflicts_open",
        "source",
        "source_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)

identity_decisions = append_only(
    "identity_decisions",
    "Merges of two persons, and splits of one.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("kind", String(5), "merge or split"),
    required("kept_id", Uuid, "the person that stays", ForeignKey("persons.id"), index=True),
    required(
        "absorbed_id",
        Uuid,
        "the person that proved to be the same",
        ForeignKey("persons.id"),
        index=True,
    ),
    required("moved", Text, "JSON: by table, the ids of every row that changed its person"),
    required("at", UtcDateTime, "when"),
    required("actor", String(200), "who decided"),
    required("reason", Text, "why, as the decider put it"),
    field(
        "reverses",
        Uuid,
        "the decision that this one takes back",
        ForeignKey("identity_decisions.id"),
        unique=True,
    ),
    CheckConstraint("kind IN ('merge', 'split')", name="kind"),
    CheckConstraint("kept_id <> absorbed_id", name="two_persons"),
    CheckConstraint("reverses <> id", name="reverses"),
)

name_counts = plain(
    "name_counts",
    "How many persons bore a name when the register came to know them.",
    field("part", String(6), "family, first or middle; total counts the persons", primary_key=True),
    field("name", String(150), "the name, folded", primary_key=True),
    required("count", Integer, "how many"),
    CheckConstraint("count > 0", name="count"),
)
