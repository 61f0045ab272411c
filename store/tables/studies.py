"""Where persons study: enrolments, and the classes they sat in."""

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    text,
)

from store.tables.base import field, required, retracted, versioned

# Of these a person has one at a time. Source: registry.md §3, "one active enrolment in a main
# programme"; the codes are the list's, less additional education.
MAIN_PROGRAMMES = ("11", "12", "13", "14", "15", "211", "212")

# Several circles of one organisation may begin on one day, and are of one kind.
_MAIN = text(f"programme_code IN {MAIN_PROGRAMMES} AND NOT retracted")

enrolments = versioned(
    "enrolments",
    "A person studies at an organisation in a period. Main programmes of one person never overlap.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "who", ForeignKey("persons.id")),
    required("organisation_id", Uuid, "where", ForeignKey("organisations.id")),
    required("begins_on", Date, "first day"),
    field("ends_on", Date, "last day, empty while no end is known"),
    required("form_code", String(20), "form of education (УФТТ)"),
    required("programme_code", String(20), "kind of programme (УФТТ)"),
    field("funding_code", String(20), "who pays"),
    field("realisation_code", String(20), "form of realisation (УФТТ)"),
    field("entry_reason", String(500), "how the person came"),
    field("exit_reason", String(500), "why the person left"),
    field("entry_order_id", Uuid, "order of enrolment", ForeignKey("orders.id")),
    field("exit_order_id", Uuid, "order of expulsion", ForeignKey("orders.id")),
    retracted(),
    CheckConstraint("ends_on >= begins_on", name="period"),
    # Lets a placement be tied to the enrolment's organisation.
    UniqueConstraint("organisation_id", "id"),
    Index(
        "uq_enrolments_natural_key",
        "person_id",
        "organisation_id",
        "programme_code",
        "begins_on",
        unique=True,
        sqlite_where=_MAIN,
        postgresql_where=_MAIN,
    ),
    # Also of those retracted: what was known at a moment may have been retracted since.
    Index(None, "person_id"),
    Index(None, "organisation_id", "ends_on"),
)

class_placements = versioned(
    "class_placements",
    "The class in which an enrolled person sits in a period. Those of one enrolment never overlap.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("enrolment_id", Uuid, "the enrolment", index=True),
    required("organisation_id", Uuid, "the enrolment's organisation"),
    required("class_group_id", Uuid, "the class", index=True),
    required("begins_on", Date, "first day"),
    field("ends_on", Date, "last day, empty while no end is known"),
    retracted(),
    CheckConstraint("ends_on >= begins_on", name="period"),
    ForeignKeyConstraint(
        ["organisation_id", "class_group_id"], ["class_groups.organisation_id", "class_groups.id"]
    ),
    ForeignKeyConstraint(
        ["organisation_id", "enrolment_id"],
        ["enrolments.organisation_id", "enrolments.id"],
        name="fk_class_placements_enrolment",
    ),
)
