"""The tables of the register. Source: registry.md §1.

The constraints keep the rules even against a writer that forgets them. Columns named `*_key` hold
search keys made by `registry.names`. Every row of the domain says when it was recorded.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from store.types import BigKey, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

persons = Table(
    "persons",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("snils", String(11), unique=True),
    Column("family_name", String(150), nullable=False),
    Column("first_name", String(150), nullable=False),
    Column("middle_name", String(150)),
    Column("family_key", String(150), nullable=False),
    Column("first_key", String(150), nullable=False),
    Column("middle_key", String(150), nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("sex", String(6), nullable=False),
    Column("citizenship_code", String(20), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("length(snils) = 11", name="snils_length"),
    CheckConstraint("sex IN ('male', 'female')", name="sex"),
    CheckConstraint("family_key <> '' AND first_key <> ''", name="names"),
    Index(None, "family_key", "first_key", "birth_date"),
)

identity_documents = Table(
    "identity_documents",
    metadata,
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    Column("type_code", String(3), primary_key=True),
    Column("series_key", String(50), primary_key=True),
    Column("number_key", String(50), primary_key=True),
    Column("series", String(50), nullable=False),
    Column("number", String(50), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("number_key <> ''", name="number"),
    Index(None, "number_key", "series_key", "type_code"),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("full_name", String(1000), nullable=False),
    Column("short_name", String(1000)),
    Column("inn", String(12), index=True),
    Column("ogrn", String(15), index=True),
    Column("oktmo", String(11)),
    Column("type_code", String(20)),
    Column("status_code", String(20)),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("full_name <> ''", name="full_name"),
    CheckConstraint("length(inn) IN (10, 12)", name="inn_length"),
    CheckConstraint("length(ogrn) IN (13, 15)", name="ogrn_length"),
    CheckConstraint("length(oktmo) IN (8, 11)", name="oktmo_length"),
)

class_groups = Table(
    "class_groups",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisations.id"), nullable=False),
    Column("parallel", SmallInteger, nullable=False),
    Column("letter", String(20), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("shift", SmallInteger),
    Column("capacity", Integer),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("parallel BETWEEN 0 AND 12", name="parallel"),
    CheckConstraint("shift BETWEEN 1 AND 3", name="shift"),
    CheckConstraint("capacity >= 0", name="capacity"),
    # Lets an enrolment's class be tied to the enrolment's organisation.
    UniqueConstraint("organisation_id", "id"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisations.id"), nullable=False),
    Column("class_group_id", Uuid),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("form_code", String(20), nullable=False),
    Column("programme_code", String(20), nullable=False),
    Column("entry_reason", String(500)),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("ends_on >= begins_on", name="period"),
    ForeignKeyConstraint(
        ["organisation_id", "class_group_id"], ["class_groups.organisation_id", "class_groups.id"]
    ),
    UniqueConstraint(
        "person_id",
        "organisation_id",
        "programme_code",
        "begins_on",
        name="uq_enrolments_natural_key",
    ),
    Index(None, "class_group_id"),
    Index(None, "organisation_id"),
)

source_links = Table(
    "source_links",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("source_id", String(200), primary_key=True),
    Column("entity_id", Uuid, nullable=False),
    Column("version", String(200), nullable=False),
    Column("content_hash", LargeBinary(32), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    CheckConstraint("kind IN ('organisation', 'class', 'pupil', 'enrolment')", name="kind"),
    Index(None, "entity_id"),
)

sync_cursors = Table(
    "sync_cursors",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("entity", String(20), primary_key=True),
    Column("token", String(2000)),
    Column("state", String(10), nullable=False),
    Column("created", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("error_code", String(100)),
    CheckConstraint("state IN ('running', 'finished', 'failed')", name="state"),
    CheckConstraint(
        "created >= 0 AND changed >= 0 AND unchanged >= 0 AND refused >= 0", name="counts"
    ),
)

journal = Table(
    "journal",
    metadata,
    Column("sequence", BigKey, primary_key=True, autoincrement=False),
    Column("message_id", Uuid, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("direction", String(3), nullable=False),
    Column("transport", String(20), nullable=False),
    Column("peer", String(100), nullable=False),
    Column("service", String(200), nullable=False),
    Column("operation", String(200)),
    Column("sender_code", String(200)),
    Column("certificate", String(200)),
    Column("smev_message_id", String(200), index=True),
    Column("request_id_ref", String(200)),
    Column("origin_request_id_ref", String(200)),
    Column("case_number", String(500)),
    Column("status", String(50)),
    Column("fault_code", String(100)),
    Column("subject_key", String(200)),
    Column("replay_key", String(200), unique=True),
    Column("size_bytes", BigKey, nullable=False),
    Column("meta", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("previous_hash", LargeBinary(32), nullable=False),
    Column("chain_hash", LargeBinary(32), nullable=False),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("kind IN ('received', 'decided')", name="kind"),
    CheckConstraint("direction IN ('in', 'out')", name="direction"),
    CheckConstraint("size_bytes >= 0", name="size"),
    UniqueConstraint("message_id", "kind"),
    Index(None, "subject_key"),
    Index(None, "origin_request_id_ref"),
)
