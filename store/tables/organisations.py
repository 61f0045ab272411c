"""Organisations, programmes, classes and orders."""

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)

from store.tables.base import field, required, versioned

organisations = versioned(
    "organisations",
    "Educational organisations of all kinds.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("full_name", String(1000), "full name"),
    field("short_name", String(1000), "short name"),
    field("inn", String(12), "ИНН", index=True),
    field("ogrn", String(15), "ОГРН", index=True),
    field("oktmo", String(11), "ОКТМО"),
    field("type_code", String(20), "kind of organisation"),
    field("status_code", String(20), "status (УФТТ)"),
    field("okfs", String(2), "form of property (ОКФС)"),
    field("okopf", String(5), "legal form (ОКОПФ)"),
    CheckConstraint("full_name <> ''", name="full_name"),
    CheckConstraint("length(inn) IN (10, 12)", name="inn_length"),
    CheckConstraint("length(ogrn) IN (13, 15)", name="ogrn_length"),
    CheckConstraint("length(oktmo) IN (8, 11)", name="oktmo_length"),
)

programmes = versioned(
    "programmes",
    "Programmes that organisations teach.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("organisation_id", Uuid, "who teaches it", ForeignKey("organisations.id")),
    required("kind_code", String(20), "kind of programme (УФТТ)"),
    required("title", String(1000), "title, of a speciality with its code"),
    field("normative_years", SmallInteger, "normal length in years"),
    field("adaptation_code", String(20), "kind of adaptation (УФТТ 201-214)"),
    CheckConstraint("normative_years BETWEEN 1 AND 12", name="normative_years"),
    UniqueConstraint("organisation_id", "kind_code", "title"),
)

class_groups = versioned(
    "class_groups",
    "Classes and groups of a school year.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("organisation_id", Uuid, "whose", ForeignKey("organisations.id")),
    required("parallel", SmallInteger, "class, course, or age of a kindergarten's group"),
    required("letter", String(20), "letter or name, may be empty"),
    required("school_year", SmallInteger, "the year in which the school year began"),
    field("shift", SmallInteger, "shift, 1 to 3"),
    field("capacity", Integer, "places"),
    field("language_code", String(20), "language of instruction"),
    field("programme_id", Uuid, "programme", ForeignKey("programmes.id")),
    CheckConstraint("parallel BETWEEN 0 AND 12", name="parallel"),
    CheckConstraint("shift BETWEEN 1 AND 3", name="shift"),
    CheckConstraint("capacity >= 0", name="capacity"),
    # Lets a placement's class be tied to the enrolment's organisation.
    UniqueConstraint("organisation_id", "id"),
)

orders = versioned(
    "orders",
    "Orders of organisations.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("organisation_id", Uuid, "whose", ForeignKey("organisations.id")),
    required("number", String(100), "number"),
    required("issued_on", Date, "day of the order"),
    required("kind", String(10), "what it does"),
    required("effective_on", Date, "the day from which it works"),
    CheckConstraint(
        "kind IN ('enrolment', 'transfer', 'promotion', 'expulsion', 'graduation', 'other')",
        name="kind",
    ),
    UniqueConstraint("organisation_id", "number", "issued_on", "kind"),
    Index(None, "organisation_id", "issued_on"),
)
