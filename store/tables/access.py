"""Who saw whose data, and what was destroyed. Source: registry.md §5."""

from sqlalchemy import Date, Index, String, Text, Uuid

from store.tables.base import append_only, field, required
from store.types import UtcDateTime

access_events = append_only(
    "access_events",
    "Every time that somebody was shown a person's data.",
    field("id", Uuid, "the register's own id", primary_key=True),
    field("at", UtcDateTime, "when", primary_key=True),
    required("person_id", Uuid, "whose data"),
    required("actor", String(200), "who saw it: an operator or a system"),
    field("agency", String(200), "code of the agency"),
    required("purpose", Text, "why, as it was stated"),
    field("case_number", String(500), "case number"),
    required("operation", String(100), "service and operation, or the command"),
    required("fields", Text, "JSON: names of the fields shown"),
    required("outcome", String(50), "what came of it"),
    field("address", String(100), "network address"),
    field("message_id", Uuid, "message of the journal"),
    # A person who was merged keeps the events under the former id: no foreign key is needed.
    Index(None, "person_id", "at"),
    partitioned_by="at",
)

destruction_acts = append_only(
    "destruction_acts",
    "Acts by which personal data were destroyed; kept three years (РКН № 179).",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("number", String(100), "number of the act", unique=True),
    required("acted_on", Date, "day of the act"),
    required("reason", Text, "legal ground"),
    required("subjects", Text, "JSON: ids of the persons"),
    required("recorded_at", UtcDateTime, "when the register came to know it"),
)
