"""Persons to reports: every entity of the register, with history, guards and encryption at rest.

Longer than other modules: it is every table as this step makes it.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import context, op

from store.migrations.guards import (
    POSTGRESQL,
    Guarded,
    append_only,
    no_overlap,
    partitions,
)
from store.migrations.moving import RENAMED, move_rows, put_aside

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MAIN = "{row}programme_code IN ('11', '12', '13', '14', '15', '211', '212') AND NOT {row}retracted"
# By these the former states of one person or enrolment are asked for.
_OWNERS = ("person_id", "child_id", "enrolment_id")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    put_aside(op.get_bind())
    if dialect == POSTGRESQL:
        # Ships with the server, and may be made by the owner of the database: it lets the
        # constraints below compare ids.
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for make in _TABLES:
        make()
    _run(no_overlap("no_overlapping_enrolments", "enrolments", "person_id", _MAIN, dialect))
    _run(
        no_overlap(
            "no_overlapping_placements",
            "class_placements",
            "enrolment_id",
            "NOT {row}retracted",
            dialect,
        )
    )
    move_rows(op.get_bind(), context.config.attributes.get("vault"))
    for name in RENAMED:
        op.drop_table(f"old_{name}")


def downgrade() -> None:
    # What is encrypted and has a history can't be put into tables that know neither.
    raise RuntimeError("there is no way back to tables without encryption and history")


def _keep(table: sa.Table, *, free: Iterable[str]) -> None:
    """Make the table's history beside it, and what fills it."""
    key = [column.name for column in table.primary_key.columns]
    names = [column.name for column in table.c]
    history = f"{table.name}_history"
    op.create_table(
        history,
        *(
            sa.Column(column.name, column.type, nullable=column.nullable, autoincrement=False)
            for column in table.c
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*key, "version", "superseded_at", name=op.f(f"pk_{history}")),
        postgresql_partition_by="RANGE (superseded_at)",
    )
    for name in names:
        if name in _OWNERS and name not in key:
            op.create_index(op.f(f"ix_{history}_{name}"), history, [name])
    dialect = op.get_bind().dialect.name
    free = tuple(free)
    _run(Guarded(table.name, names, key, free).statements(dialect))
    sealed = tuple(name for name in free if name.endswith(("_sealed", "_index", "_hash")))
    _run(append_only(history, [*names, "superseded_at"], sealed, dialect))
    if dialect == POSTGRESQL:
        _run(partitions(history))


def _append_only(table: sa.Table, *, partitioned: bool) -> None:
    dialect = op.get_bind().dialect.name
    _run(append_only(table.name, [column.name for column in table.c], (), dialect))
    if partitioned and dialect == POSTGRESQL:
        _run(partitions(table.name))


def _run(statements: Iterable[str]) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _access_events() -> None:
    table = op.create_table(
        "access_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("agency", sa.String(length=200), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case_number", sa.String(length=500), nullable=True),
        sa.Column("operation", sa.String(length=100), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=50), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", "at", name=op.f("pk_access_events")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        op.f("ix_access_events_person_id_at"), "access_events", ["person_id", "at"], unique=False
    )
    _append_only(table, partitioned=True)


def _case_events() -> None:
    table = op.create_table(
        "case_events",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("procedure", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=30), nullable=True),
        sa.Column("to_state", sa.String(length=30), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("declared", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_case_events_sequence")),
        sa.PrimaryKeyConstraint("case_id", "sequence", "at", name=op.f("pk_case_events")),
        postgresql_partition_by="RANGE (at)",
    )
    _append_only(table, partitioned=True)


def _destruction_acts() -> None:
    table = op.create_table(
        "destruction_acts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_acts")),
        sa.UniqueConstraint("number", name=op.f("uq_destruction_acts_number")),
    )
    _append_only(table, partitioned=False)


def _organisations() -> None:
    table = op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(length=1000), nullable=False),
        sa.Column("short_name", sa.String(length=1000), nullable=True),
        sa.Column("inn", sa.String(length=12), nullable=True),
        sa.Column("ogrn", sa.String(length=15), nullable=True),
        sa.Column("oktmo", sa.String(length=11), nullable=True),
        sa.Column("type_code", sa.String(length=20), nullable=True),
        sa.Column("status_code", sa.String(length=20), nullable=True),
        sa.Column("okfs", sa.String(length=2), nullable=True),
        sa.Column("okopf", sa.String(length=5), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("full_name <> ''", name=op.f("ck_organisations_full_name")),
        sa.CheckConstraint("length(inn) IN (10, 12)", name=op.f("ck_organisations_inn_length")),
        sa.CheckConstraint("length(ogrn) IN (13, 15)", name=op.f("ck_organisations_ogrn_length")),
        sa.CheckConstraint("length(oktmo) IN (8, 11)", name=op.f("ck_organisations_oktmo_length")),
        sa.CheckConstraint("version > 0", name=op.f("ck_organisations_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(op.f("ix_organisations_inn"), "organisations", ["inn"], unique=False)
    op.create_index(op.f("ix_organisations_ogrn"), "organisations", ["ogrn"], unique=False)
    _keep(table, free=())


def _persons() -> None:
    table = op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("snils_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("snils_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("family_name", sa.String(length=150), nullable=False),
        sa.Column("first_name", sa.String(length=150), nullable=False),
        sa.Column("middle_name", sa.String(length=150), nullable=True),
        sa.Column("family_key", sa.String(length=150), nullable=False),
        sa.Column("first_key", sa.String(length=150), nullable=False),
        sa.Column("middle_key", sa.String(length=150), nullable=False),
        sa.Column("family_sound", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_sound", sa.Integer(), server_default="0", nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("citizenship_code", sa.String(length=20), nullable=False),
        sa.Column("country_code", sa.String(length=20), nullable=True),
        sa.Column("birth_place", sa.String(length=500), nullable=True),
        sa.Column("birth_act_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("birth_act_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("family_key <> '' AND first_key <> ''", name=op.f("ck_persons_names")),
        sa.CheckConstraint("sex IN ('male', 'female')", name=op.f("ck_persons_sex")),
        sa.CheckConstraint(
            "(birth_act_index IS NULL) = (birth_act_sealed IS NULL)",
            name=op.f("ck_persons_birth_act"),
        ),
        sa.CheckConstraint(
            "(snils_index IS NULL) = (snils_sealed IS NULL)", name=op.f("ck_persons_snils")
        ),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_persons_merged_into")),
        sa.CheckConstraint(
            "merged_into IS NULL OR snils_index IS NULL", name=op.f("ck_persons_merged_snils")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_persons_version")),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["persons.id"], name=op.f("fk_persons_merged_into_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("snils_index", name=op.f("uq_persons_snils_index")),
    )
    op.create_index(
        op.f("ix_persons_birth_act_index"), "persons", ["birth_act_index"], unique=False
    )
    for columns in (
        ["birth_date", "family_sound"],
        ["birth_date", "first_sound"],
        ["family_sound", "first_sound", "birth_date"],
    ):
        name = "_".join(("ix_persons", *columns))
        op.create_index(op.f(name), "persons", columns, unique=False)
    op.create_index(
        op.f("ix_persons_family_key_first_key_birth_date"),
        "persons",
        ["family_key", "first_key", "birth_date"],
        unique=False,
    )
    op.create_index(
        op.f("ix_persons_merged_into"),
        "persons",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    _keep(table, free=("birth_act_index", "birth_act_sealed", "snils_index", "snils_sealed"))


def _source_links() -> None:
    table = op.create_table(
        "source_links",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("source_version", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('organisation', 'programme', 'class', 'pupil', 'representative', 'enrolment', 'study')",
            name=op.f("ck_source_links_kind"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_source_links_version")),
        sa.PrimaryKeyConstraint("source", "kind", "source_id", name=op.f("pk_source_links")),
    )
    op.create_index(op.f("ix_source_links_entity_id"), "source_links", ["entity_id"], unique=False)
    _keep(table, free=("content_hash", "content_sealed"))


def _sync_refusals() -> None:
    table = op.create_table(
        "sync_refusals",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "entity", "source_id", name=op.f("pk_sync_refusals")),
    )


def _achievements() -> None:
    table = op.create_table(
        "achievements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("level", sa.String(length=13), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("result", sa.String(length=200), nullable=False),
        sa.Column("achieved_on", sa.Date(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('olympiad', 'sport', 'arts', 'gto', 'science', 'other')",
            name=op.f("ck_achievements_kind"),
        ),
        sa.CheckConstraint(
            "level IN ('school', 'municipal', 'regional', 'national', 'international')",
            name=op.f("ck_achievements_level"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_achievements_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_achievements_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievements")),
    )
    op.create_index(op.f("ix_achievements_person_id"), "achievements", ["person_id"], unique=False)
    _keep(table, free=())


def _addresses() -> None:
    table = op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("fias_id", sa.String(length=36), nullable=True),
        sa.Column("oktmo", sa.String(length=11), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('registration', 'stay', 'actual')", name=op.f("ck_addresses_kind")
        ),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_addresses_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_addresses_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_addresses_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_person_id"), "addresses", ["person_id"], unique=False)
    _keep(table, free=())


def _applications() -> None:
    table = op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=True),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("parallel", sa.SmallInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("desired_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("offered_id", sa.Uuid(), nullable=True),
        sa.Column("offered_programme", sa.String(length=100), nullable=True),
        sa.Column("average", sa.Float(), nullable=True),
        sa.Column("originals_on", sa.Date(), nullable=True),
        sa.Column("declared", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('school', 'kindergarten', 'college', 'additional')",
            name=op.f("ck_applications_kind"),
        ),
        sa.CheckConstraint(
            "live = (state NOT IN ('enrolled', 'refused', 'returned', 'withdrawn', 'cancelled'))",
            name=op.f("ck_applications_live"),
        ),
        sa.CheckConstraint("average BETWEEN 2 AND 5", name=op.f("ck_applications_average")),
        sa.CheckConstraint("version > 0", name=op.f("ck_applications_version")),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["persons.id"], name=op.f("fk_applications_applicant_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["offered_id"],
            ["organisations.id"],
            name=op.f("fk_applications_offered_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_applications_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "id",
            "person_id",
            "school_year",
            "kind",
            "live",
            name=op.f("uq_applications_id_person_id_school_year_kind_live"),
        ),
        sa.UniqueConstraint("serial", name=op.f("uq_applications_serial")),
    )
    op.create_index(
        op.f("ix_applications_due_on"),
        "applications",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(op.f("ix_applications_person_id"), "applications", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_applications_school_year_kind_parallel_state"),
        "applications",
        ["school_year", "kind", "parallel", "state"],
        unique=False,
    )
    _keep(table, free=())


def _certificates() -> None:
    table = op.create_table(
        "certificates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=20), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("with_honours", sa.Boolean(), nullable=False),
        sa.Column("medal", sa.String(length=6), nullable=True),
        sa.Column("average", sa.Float(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("medal IN ('first', 'second')", name=op.f("ck_certificates_medal")),
        sa.CheckConstraint("average BETWEEN 2 AND 5", name=op.f("ck_certificates_average")),
        sa.CheckConstraint("number_sealed IS NOT NULL", name=op.f("ck_certificates_number")),
        sa.CheckConstraint("version > 0", name=op.f("ck_certificates_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_certificates_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_certificates_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
    )
    op.create_index(
        op.f("ix_certificates_number_index"), "certificates", ["number_index"], unique=False
    )
    op.create_index(op.f("ix_certificates_person_id"), "certificates", ["person_id"], unique=False)
    _keep(table, free=("number_index", "number_sealed"))


def _consents() -> None:
    table = op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revoked_on >= begins_on", name=op.f("ck_consents_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_consents_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_consents_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)
    _keep(table, free=())


def _exams() -> None:
    table = op.create_table(
        "exams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("mark", sa.SmallInteger(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('oge', 'ege', 'gve')", name=op.f("ck_exams_kind")),
        sa.CheckConstraint("mark BETWEEN 2 AND 5", name=op.f("ck_exams_mark")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_exams_score")),
        sa.CheckConstraint("version > 0", name=op.f("ck_exams_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_exams_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_exams_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exams")),
    )
    op.create_index(op.f("ix_exams_person_id"), "exams", ["person_id"], unique=False)
    _keep(table, free=())


def _former_names() -> None:
    table = op.create_table(
        "former_names",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("family_name", sa.String(length=150), nullable=False),
        sa.Column("first_name", sa.String(length=150), nullable=False),
        sa.Column("middle_name", sa.String(length=150), nullable=True),
        sa.Column("family_key", sa.String(length=150), nullable=False),
        sa.Column("first_key", sa.String(length=150), nullable=False),
        sa.Column("middle_key", sa.String(length=150), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_former_names_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_former_names_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_names")),
    )
    op.create_index(
        op.f("ix_former_names_family_key_first_key"),
        "former_names",
        ["family_key", "first_key"],
        unique=False,
    )
    op.create_index(op.f("ix_former_names_person_id"), "former_names", ["person_id"], unique=False)
    _keep(table, free=())


def _health_items() -> None:
    table = op.create_table(
        "health_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("content_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("content_sealed IS NOT NULL", name=op.f("ck_health_items_content")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_health_items_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_health_items_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_health_items_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_items")),
    )
    op.create_index(
        op.f("ix_health_items_person_id_begins_on"),
        "health_items",
        ["person_id", "begins_on"],
        unique=False,
    )
    _keep(table, free=("content_index", "content_sealed"))


def _identity_conflicts() -> None:
    table = op.create_table(
        "identity_conflicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("record_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'joined', 'separate', 'withdrawn')",
            name=op.f("ck_identity_conflicts_state"),
        ),
        sa.CheckConstraint("record_sealed IS NOT NULL", name=op.f("ck_identity_conflicts_record")),
        sa.CheckConstraint("version > 0", name=op.f("ck_identity_conflicts_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_identity_conflicts_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_conflicts")),
    )
    op.create_index(
        "uq_identity_conflicts_open",
        "identity_conflicts",
        ["source", "source_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    _keep(table, free=("record_sealed",))


def _identity_decisions() -> None:
    table = op.create_table(
        "identity_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reverses <> id", name=op.f("ck_identity_decisions_reverses")),
        sa.CheckConstraint("kind IN ('merge', 'split')", name=op.f("ck_identity_decisions_kind")),
        sa.CheckConstraint(
            "kept_id <> absorbed_id", name=op.f("ck_identity_decisions_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["absorbed_id"], ["persons.id"], name=op.f("fk_identity_decisions_absorbed_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["persons.id"], name=op.f("fk_identity_decisions_kept_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["reverses"],
            ["identity_decisions.id"],
            name=op.f("fk_identity_decisions_reverses_identity_decisions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_decisions")),
        sa.UniqueConstraint("reverses", name=op.f("uq_identity_decisions_reverses")),
    )
    op.create_index(
        op.f("ix_identity_decisions_absorbed_id"),
        "identity_decisions",
        ["absorbed_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_identity_decisions_kept_id"), "identity_decisions", ["kept_id"], unique=False
    )
    _append_only(table, partitioned=False)


def _marks() -> None:
    table = op.create_table(
        "marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("parallel", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=True),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'term') = (period IS NOT NULL)", name=op.f("ck_marks_period")),
        sa.CheckConstraint("kind IN ('term', 'year', 'final')", name=op.f("ck_marks_kind")),
        sa.CheckConstraint("version > 0", name=op.f("ck_marks_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_marks_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_marks_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    op.create_index(
        op.f("ix_marks_person_id_school_year"), "marks", ["person_id", "school_year"], unique=False
    )
    _keep(table, free=())


def _orders() -> None:
    table = op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enrolment', 'transfer', 'promotion', 'expulsion', 'graduation', 'other')",
            name=op.f("ck_orders_kind"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_orders_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_orders_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "organisation_id",
            "number",
            "issued_on",
            "kind",
            name=op.f("uq_orders_organisation_id_number_issued_on_kind"),
        ),
    )
    op.create_index(
        op.f("ix_orders_organisation_id_issued_on"),
        "orders",
        ["organisation_id", "issued_on"],
        unique=False,
    )
    _keep(table, free=())


def _person_documents() -> None:
    table = op.create_table(
        "person_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=3), nullable=False),
        sa.Column("document_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("content_sealed IS NOT NULL", name=op.f("ck_person_documents_content")),
        sa.CheckConstraint("version > 0", name=op.f("ck_person_documents_version")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_documents_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_documents")),
        sa.UniqueConstraint(
            "person_id", "document_index", name=op.f("uq_person_documents_person_id_document_index")
        ),
    )
    op.create_index(
        op.f("ix_person_documents_document_index"),
        "person_documents",
        ["document_index"],
        unique=False,
    )
    _keep(table, free=("content_sealed", "document_index"))


def _place_quotas() -> None:
    table = op.create_table(
        "place_quotas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("parallel", sa.SmallInteger(), nullable=False),
        sa.Column("programme_code", sa.String(length=100), nullable=False),
        sa.Column("quota_group", sa.String(length=20), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_place_quotas_places")),
        sa.CheckConstraint("version > 0", name=op.f("ck_place_quotas_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_place_quotas_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_quotas")),
        sa.UniqueConstraint(
            "organisation_id",
            "school_year",
            "parallel",
            "programme_code",
            "quota_group",
            name="uq_place_quotas_natural_key",
        ),
    )
    _keep(table, free=())


def _programmes() -> None:
    table = op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind_code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("normative_years", sa.SmallInteger(), nullable=True),
        sa.Column("adaptation_code", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "normative_years BETWEEN 1 AND 12", name=op.f("ck_programmes_normative_years")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_programmes_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_programmes_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind_code",
            "title",
            name=op.f("uq_programmes_organisation_id_kind_code_title"),
        ),
    )
    _keep(table, free=())


def _representatives() -> None:
    table = op.create_table(
        "representatives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("type_code", sa.String(length=20), nullable=False),
        sa.Column("authority_type_code", sa.String(length=20), nullable=True),
        sa.Column("authority_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("authority_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("child_id <> person_id", name=op.f("ck_representatives_two_persons")),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_representatives_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_representatives_version")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["persons.id"], name=op.f("fk_representatives_child_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_representatives_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representatives")),
        sa.UniqueConstraint(
            "child_id",
            "person_id",
            "type_code",
            name=op.f("uq_representatives_child_id_person_id_type_code"),
        ),
    )
    op.create_index(
        op.f("ix_representatives_child_id"), "representatives", ["child_id"], unique=False
    )
    op.create_index(
        op.f("ix_representatives_person_id"), "representatives", ["person_id"], unique=False
    )
    _keep(table, free=("authority_index", "authority_sealed"))


def _application_choices() -> None:
    table = op.create_table(
        "application_choices",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_code", sa.String(length=100), nullable=True),
        sa.Column("territory", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("priority > 0", name=op.f("ck_application_choices_priority")),
        sa.CheckConstraint("version > 0", name=op.f("ck_application_choices_version")),
        sa.ForeignKeyConstraint(
            ["application_id", "person_id", "school_year", "kind", "live"],
            [
                "applications.id",
                "applications.person_id",
                "applications.school_year",
                "applications.kind",
                "applications.live",
            ],
            name="fk_application_choices_application",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_application_choices_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("application_id", "priority", name=op.f("pk_application_choices")),
    )
    op.create_index(
        op.f("ix_application_choices_organisation_id_school_year"),
        "application_choices",
        ["organisation_id", "school_year"],
        unique=False,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(
        "uq_application_choices_live",
        "application_choices",
        ["person_id", "school_year", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("live AND kind IN ('school', 'kindergarten')"),
        postgresql_where=sa.text("live AND kind IN ('school', 'kindergarten')"),
    )
    op.create_index(
        "uq_application_choices_live_programme",
        "application_choices",
        ["person_id", "school_year", "organisation_id", "programme_code"],
        unique=True,
        sqlite_where=sa.text("live AND kind IN ('college', 'additional')"),
        postgresql_where=sa.text("live AND kind IN ('college', 'additional')"),
    )
    _keep(table, free=("kind", "live", "person_id", "school_year"))


def _application_privileges() -> None:
    table = op.create_table(
        "application_privileges",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.String(length=13), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rank IN ('extraordinary', 'first', 'preferential')",
            name=op.f("ck_application_privileges_rank"),
        ),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_application_privileges_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_application_privileges_version")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_application_privileges_application_id_applications"),
        ),
        sa.PrimaryKeyConstraint("application_id", "code", name=op.f("pk_application_privileges")),
    )
    _keep(table, free=())


def _class_groups() -> None:
    table = op.create_table(
        "class_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("parallel", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.String(length=20), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("shift", sa.SmallInteger(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("language_code", sa.String(length=20), nullable=True),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_class_groups_capacity")),
        sa.CheckConstraint("parallel BETWEEN 0 AND 12", name=op.f("ck_class_groups_parallel")),
        sa.CheckConstraint("shift BETWEEN 1 AND 3", name=op.f("ck_class_groups_shift")),
        sa.CheckConstraint("version > 0", name=op.f("ck_class_groups_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_class_groups_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_class_groups_programme_id_programmes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_groups")),
        sa.UniqueConstraint(
            "organisation_id", "id", name=op.f("uq_class_groups_organisation_id_id")
        ),
    )
    _keep(table, free=())


def _enrolments() -> None:
    table = op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("form_code", sa.String(length=20), nullable=False),
        sa.Column("programme_code", sa.String(length=20), nullable=False),
        sa.Column("funding_code", sa.String(length=20), nullable=True),
        sa.Column("realisation_code", sa.String(length=20), nullable=True),
        sa.Column("entry_reason", sa.String(length=500), nullable=True),
        sa.Column("exit_reason", sa.String(length=500), nullable=True),
        sa.Column("entry_order_id", sa.Uuid(), nullable=True),
        sa.Column("exit_order_id", sa.Uuid(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_enrolments_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_enrolments_version")),
        sa.ForeignKeyConstraint(
            ["entry_order_id"], ["orders.id"], name=op.f("fk_enrolments_entry_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["exit_order_id"], ["orders.id"], name=op.f("fk_enrolments_exit_order_id_orders")
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
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_enrolments_organisation_id_id")),
    )
    op.create_index(
        op.f("ix_enrolments_organisation_id_ends_on"),
        "enrolments",
        ["organisation_id", "ends_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_enrolments_person_id"), "enrolments", ["person_id"], unique=False
    )
    op.create_index(
        "uq_enrolments_natural_key",
        "enrolments",
        ["person_id", "organisation_id", "programme_code", "begins_on"],
        unique=True,
        sqlite_where=sa.text(_MAIN.format(row="")),
        postgresql_where=sa.text(_MAIN.format(row="")),
    )
    _keep(table, free=())


def _class_placements() -> None:
    table = op.create_table(
        "class_placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("class_group_id", sa.Uuid(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("retracted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_class_placements_period")),
        sa.CheckConstraint("version > 0", name=op.f("ck_class_placements_version")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "class_group_id"],
            ["class_groups.organisation_id", "class_groups.id"],
            name=op.f("fk_class_placements_organisation_id_class_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "enrolment_id"],
            ["enrolments.organisation_id", "enrolments.id"],
            name="fk_class_placements_enrolment",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_placements")),
    )
    op.create_index(
        op.f("ix_class_placements_class_group_id"),
        "class_placements",
        ["class_group_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_class_placements_enrolment_id"), "class_placements", ["enrolment_id"], unique=False
    )
    _keep(table, free=())


def _transfer_cases() -> None:
    table = op.create_table(
        "transfer_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("from_name", sa.String(length=1000), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("to_name", sa.String(length=1000), nullable=True),
        sa.Column("parallel", sa.SmallInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("expulsion_order_id", sa.Uuid(), nullable=True),
        sa.Column("enrolment_order_id", sa.Uuid(), nullable=True),
        sa.Column("declared", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scope = 'from_outside') = (from_id IS NULL) AND (scope <> 'to_outside' OR to_id IS NULL)",
            name=op.f("ck_transfer_cases_sides"),
        ),
        sa.CheckConstraint(
            "live = (state NOT IN ('closed', 'cancelled'))", name=op.f("ck_transfer_cases_live")
        ),
        sa.CheckConstraint(
            "scope IN ('inside', 'from_outside', 'to_outside')",
            name=op.f("ck_transfer_cases_scope"),
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_transfer_cases_two_organisations")),
        sa.CheckConstraint("version > 0", name=op.f("ck_transfer_cases_version")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_transfer_cases_enrolment_id_enrolments"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_order_id"],
            ["orders.id"],
            name=op.f("fk_transfer_cases_enrolment_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["expulsion_order_id"],
            ["orders.id"],
            name=op.f("fk_transfer_cases_expulsion_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["organisations.id"], name=op.f("fk_transfer_cases_from_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_transfer_cases_person_id_persons")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["organisations.id"], name=op.f("fk_transfer_cases_to_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_cases")),
    )
    op.create_index(
        op.f("ix_transfer_cases_due_on"),
        "transfer_cases",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(
        op.f("ix_transfer_cases_person_id"), "transfer_cases", ["person_id"], unique=False
    )
    op.create_index(
        "uq_transfer_cases_live",
        "transfer_cases",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    _keep(table, free=())


def _year_end_cases() -> None:
    table = op.create_table(
        "year_end_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.SmallInteger(), nullable=False),
        sa.Column("graduation", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("declared", sa.Text(), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_year_end_cases_version")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_year_end_cases_enrolment_id_enrolments"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_year_end_cases_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_end_cases")),
        sa.UniqueConstraint(
            "enrolment_id", "school_year", name=op.f("uq_year_end_cases_enrolment_id_school_year")
        ),
    )
    op.create_index(
        op.f("ix_year_end_cases_person_id"), "year_end_cases", ["person_id"], unique=False
    )
    _keep(table, free=())


def _name_counts() -> None:
    op.create_table(
        "name_counts",
        sa.Column("part", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_name_counts_count")),
        sa.PrimaryKeyConstraint("part", "name", name=op.f("pk_name_counts")),
    )


_TABLES = (
    _access_events,
    _case_events,
    _destruction_acts,
    _organisations,
    _persons,
    _source_links,
    _sync_refusals,
    _achievements,
    _addresses,
    _applications,
    _certificates,
    _consents,
    _exams,
    _former_names,
    _health_items,
    _identity_conflicts,
    _identity_decisions,
    _marks,
    _name_counts,
    _orders,
    _person_documents,
    _place_quotas,
    _programmes,
    _representatives,
    _application_choices,
    _application_privileges,
    _class_groups,
    _enrolments,
    _class_placements,
    _transfer_cases,
    _year_end_cases,
)
