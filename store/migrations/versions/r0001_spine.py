"""Persons, documents, organisations, classes, enrolments, synchronisation, journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# On SQLite only INTEGER makes the key the row's own number.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("sequence", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("transport", sa.String(length=20), nullable=False),
        sa.Column("peer", sa.String(length=100), nullable=False),
        sa.Column("service", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=200), nullable=True),
        sa.Column("sender_code", sa.String(length=200), nullable=True),
        sa.Column("certificate", sa.String(length=200), nullable=True),
        sa.Column("smev_message_id", sa.String(length=200), nullable=True),
        sa.Column("request_id_ref", sa.String(length=200), nullable=True),
        sa.Column("origin_request_id_ref", sa.String(length=200), nullable=True),
        sa.Column("case_number", sa.String(length=500), nullable=True),
        sa.Column("status", sa.String(length=50), nullable=True),
        sa.Column("fault_code", sa.String(length=100), nullable=True),
        sa.Column("subject_key", sa.String(length=200), nullable=True),
        sa.Column("replay_key", sa.String(length=200), nullable=True),
        sa.Column("size_bytes", BIG_KEY, nullable=False),
        sa.Column("meta", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_journal_direction")),
        sa.CheckConstraint("kind IN ('received', 'decided')", name=op.f("ck_journal_kind")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_journal_sequence")),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_journal_size")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_journal")),
        sa.UniqueConstraint("message_id", "kind", name=op.f("uq_journal_message_id_kind")),
        sa.UniqueConstraint("replay_key", name=op.f("uq_journal_replay_key")),
    )
    op.create_index(op.f("ix_journal_at"), "journal", ["at"], unique=False)
    op.create_index(
        op.f("ix_journal_origin_request_id_ref"), "journal", ["origin_request_id_ref"], unique=False
    )
    op.create_index(
        op.f("ix_journal_smev_message_id"), "journal", ["smev_message_id"], unique=False
    )
    op.create_index(op.f("ix_journal_subject_key"), "journal", ["subject_key"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=1000), nullable=False),
        sa.Column("short_name", sa.String(length=1000), nullable=True),
        sa.Column("inn", sa.String(length=12), nullable=True),
        sa.Column("ogrn", sa.String(length=15), nullable=True),
        sa.Column("oktmo", sa.String(length=11), nullable=True),
        sa.Column("type_code", sa.String(length=20), nullable=True),
        sa.Column("status_code", sa.String(length=20), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("full_name <> ''", name=op.f("ck_organisations_full_name")),
        sa.CheckConstraint("length(inn) IN (10, 12)", name=op.f("ck_organisations_inn_length")),
        sa.CheckConstraint("length(ogrn) IN (13, 15)", name=op.f("ck_organisations_ogrn_length")),
        sa.CheckConstraint("length(oktmo) IN (8, 11)", name=op.f("ck_organisations_oktmo_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(op.f("ix_organisations_inn"), "organisations", ["inn"], unique=False)
    op.create_index(op.f("ix_organisations_ogrn"), "organisations", ["ogrn"], unique=False)
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("snils", sa.String(length=11), nullable=True),
        sa.Column("family_name", sa.String(length=150), nullable=False),
        sa.Column("first_name", sa.String(length=150), nullable=False),
        sa.Column("middle_name", sa.String(length=150), nullable=True),
        sa.Column("family_key", sa.String(length=150), nullable=False),
        sa.Column("first_key", sa.String(length=150), nullable=False),
        sa.Column("middle_key", sa.String(length=150), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("citizenship_code", sa.String(length=20), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("family_key <> '' AND first_key <> ''", name=op.f("ck_persons_names")),
        sa.CheckConstraint("sex IN ('male', 'female')", name=op.f("ck_persons_sex")),
        sa.CheckConstraint("length(snils) = 11", name=op.f("ck_persons_snils_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("snils", name=op.f("uq_persons_snils")),
    )
    op.create_index(
        op.f("ix_persons_family_key_first_key_birth_date"),
        "persons",
        ["family_key", "first_key", "birth_date"],
        unique=False,
    )
    op.create_table(
        "source_links",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('organisation', 'class', 'pupil', 'enrolment')",
            name=op.f("ck_source_links_kind"),
        ),
        sa.PrimaryKeyConstraint("source", "kind", "source_id", name=op.f("pk_source_links")),
    )
    op.create_index(op.f("ix_source_links_entity_id"), "source_links", ["entity_id"], unique=False)
    op.create_table(
        "sync_cursors",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("token", sa.String(length=2000), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'failed')", name=op.f("ck_sync_cursors_state")
        ),
        sa.CheckConstraint(
            "created >= 0 AND changed >= 0 AND unchanged >= 0 AND refused >= 0",
            name=op.f("ck_sync_cursors_counts"),
        ),
        sa.PrimaryKeyConstraint("source", "entity", name=op.f("pk_sync_cursors")),
    )
    op.create_table(
        "class_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("parallel", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.String(length=20), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("shift", sa.SmallInteger(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_class_groups_capacity")),
        sa.CheckConstraint("parallel BETWEEN 0 AND 12", name=op.f("ck_class_groups_parallel")),
        sa.CheckConstraint("shift BETWEEN 1 AND 3", name=op.f("ck_class_groups_shift")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_class_groups_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_groups")),
        sa.UniqueConstraint(
            "organisation_id", "id", name=op.f("uq_class_groups_organisation_id_id")
        ),
    )
    op.create_table(
        "identity_documents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=3), nullable=False),
        sa.Column("series_key", sa.String(length=50), nullable=False),
        sa.Column("number_key", sa.String(length=50), nullable=False),
        sa.Column("series", sa.String(length=50), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number_key <> ''", name=op.f("ck_identity_documents_number")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_identity_documents_person_id_persons")
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "type_code", "series_key", "number_key", name=op.f("pk_identity_documents")
        ),
    )
    op.create_index(
        op.f("ix_identity_documents_number_key_series_key_type_code"),
        "identity_documents",
        ["number_key", "series_key", "type_code"],
        unique=False,
    )
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("form_code", sa.String(length=20), nullable=False),
        sa.Column("programme_code", sa.String(length=20), nullable=False),
        sa.Column("entry_reason", sa.String(length=500), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_enrolments_period")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "class_group_id"],
            ["class_groups.organisation_id", "class_groups.id"],
            name=op.f("fk_enrolments_organisation_id_class_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_enrolments_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_enrolments_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            "programme_code",
            "begins_on",
            name="uq_enrolments_natural_key",
        ),
    )
    op.create_index(
        op.f("ix_enrolments_class_group_id"), "enrolments", ["class_group_id"], unique=False
    )
    op.create_index(
        op.f("ix_enrolments_organisation_id"), "enrolments", ["organisation_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("enrolments")
    op.drop_table("identity_documents")
    op.drop_table("class_groups")
    op.drop_table("sync_cursors")
    op.drop_table("source_links")
    op.drop_table("persons")
    op.drop_table("organisations")
    op.drop_table("journal")
