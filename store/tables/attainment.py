"""What persons have reached, and the health card."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Uuid,
)

from store.tables.base import blind_index, field, required, retracted, sealed, versioned

health_items = versioned(
    "health_items",
    "Dated statements of the health card; what they say is encrypted.",
    field("id", Uuid, "made of the person and the statement", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id")),
    blind_index("content_index", "the statement", nullable=False),
    sealed("content_sealed", "kind, code, category and detail"),
    required("begins_on", Date, "from when it holds"),
    field("ends_on", Date, "until when, empty while no end is known"),
    required("source", String(100), "the system that told it"),
    retracted(),
    CheckConstraint("content_sealed IS NOT NULL", name="content"),
    CheckConstraint("ends_on >= begins_on", name="period"),
    Index(None, "person_id", "begins_on"),
)

marks = versioned(
    "marks",
    "Term, year and final marks of the gradebook.",
    field("id", Uuid, "made of the natural key", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id")),
    required("organisation_id", Uuid, "where", ForeignKey("organisations.id")),
    required("school_year", SmallInteger, "the year in which the school year began"),
    required("parallel", SmallInteger, "class or course"),
    required("subject", String(200), "subject, a key or as received"),
    required("kind", String(5), "term, year or final"),
    field("period", SmallInteger, "number of the term"),
    required("value", String(20), "as it is written"),
    required("given_on", Date, "day of the mark"),
    retracted(),
    CheckConstraint("kind IN ('term', 'year', 'final')", name="kind"),
    CheckConstraint("(kind = 'term') = (period IS NOT NULL)", name="period"),
    Index(None, "person_id", "school_year"),
)

exams = versioned(
    "exams",
    "Results of the state's final examinations.",
    field("id", Uuid, "made of the natural key", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id"), index=True),
    field("organisation_id", Uuid, "where the person studied", ForeignKey("organisations.id")),
    required("kind", String(3), "oge, ege or gve"),
    required("subject", String(200), "subject, a key or as received"),
    required("held_on", Date, "day of the examination"),
    field("score", SmallInteger, "test points of 100, or primary points"),
    field("mark", SmallInteger, "mark, 2 to 5"),
    required("passed", Boolean, "whether it was passed"),
    retracted(),
    CheckConstraint("kind IN ('oge', 'ege', 'gve')", name="kind"),
    CheckConstraint("score BETWEEN 0 AND 100", name="score"),
    CheckConstraint("mark BETWEEN 2 AND 5", name="mark"),
)

certificates = versioned(
    "certificates",
    "Documents on education.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id"), index=True),
    required("organisation_id", Uuid, "who issued it", ForeignKey("organisations.id")),
    required("type_code", String(20), "type (УФТТ)"),
    blind_index("number_index", "type and number", nullable=False, index=True),
    sealed("number_sealed", "number"),
    required("issued_on", Date, "day of issue"),
    required("with_honours", Boolean, "whether with honours"),
    field("medal", String(6), "medal of the first or second degree"),
    field("average", Float, "average mark"),
    retracted(),
    CheckConstraint("number_sealed IS NOT NULL", name="number"),
    CheckConstraint("medal IN ('first', 'second')", name="medal"),
    CheckConstraint("average BETWEEN 2 AND 5", name="average"),
)

achievements = versioned(
    "achievements",
    "Olympiads, sport, arts, GTO and the like.",
    field("id", Uuid, "made of the natural key", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id"), index=True),
    required("kind", String(8), "field"),
    required("level", String(13), "how wide the contest was"),
    required("title", String(1000), "of what"),
    required("result", String(200), "as it is written"),
    required("achieved_on", Date, "day"),
    retracted(),
    CheckConstraint(
        "kind IN ('olympiad', 'sport', 'arts', 'gto', 'science', 'other')", name="kind"
    ),
    CheckConstraint(
        "level IN ('school', 'municipal', 'regional', 'national', 'international')", name="level"
    ),
)
