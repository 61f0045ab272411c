"""Persons and what tells who they are."""

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from store.tables.base import blind_index, field, required, retracted, sealed, versioned

_MERGED = text("merged_into IS NOT NULL")

persons = versioned(
    "persons",
    "Persons: pupils and their representatives, as known now.",
    field("id", Uuid, "the register's own id", primary_key=True),
    blind_index("snils_index", "СНИЛС", unique=True),
    sealed("snils_sealed", "СНИЛС, 11 digits"),
    required("family_name", String(150), "surname"),
    required("first_name", String(150), "first name"),
    field("middle_name", String(150), "patronymic"),
    required("family_key", String(150), "surname as a search key"),
    required("first_key", String(150), "first name as a search key"),
    required("middle_key", String(150), "patronymic as a search key, empty when there is none"),
    required("family_sound", Integer, "how the surname sounds, as a code", server_default="0"),
    required("first_sound", Integer, "how the first name sounds, as a code", server_default="0"),
    required("birth_date", Date, "day of birth"),
    required("sex", String(6), "male or female"),
    required("citizenship_code", String(20), "kind of citizenship (УФТТ)"),
    field("country_code", String(20), "country of a foreign citizenship (ОКСМ)"),
    field("birth_place", String(500), "place of birth"),
    blind_index("birth_act_index", "number and day of the birth act", index=True),
    sealed("birth_act_sealed", "birth act: number, day, office"),
    field(
        "merged_into",
        Uuid,
        "the person that this one proved to be; facts are kept there",
        ForeignKey("persons.id"),
    ),
    CheckConstraint("sex IN ('male', 'female')", name="sex"),
    CheckConstraint("family_key <> '' AND first_key <> ''", name="names"),
    CheckConstraint("(snils_index IS NULL) = (snils_sealed IS NULL)", name="snils"),
    CheckConstraint("(birth_act_index IS NULL) = (birth_act_sealed IS NULL)", name="birth_act"),
    CheckConstraint("merged_into <> id", name="merged_into"),
    CheckConstraint("merged_into IS NULL OR snils_index IS NULL", name="merged_snils"),
    # Of the merged alone: nearly all are not, and SQLite would look for those by this index.
    Index(None, "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
    Index(None, "family_key", "first_key", "birth_date"),
    # By these, candidates are found for a record that brings no number: see `store.matching`.
    Index(None, "birth_date", "family_sound"),
    Index(None, "birth_date", "first_sound"),
    Index(None, "family_sound", "first_sound", "birth_date"),
)

former_names = versioned(
    "former_names",
    "Names that persons bore before.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id"), index=True),
    required("family_name", String(150), "surname"),
    required("first_name", String(150), "first name"),
    field("middle_name", String(150), "patronymic"),
    required("family_key", String(150), "surname as a search key"),
    required("first_key", String(150), "first name as a search key"),
    required("middle_key", String(150), "patronymic as a search key"),
    required("until", Date, "the last day of this name"),
    retracted(),
    Index(None, "family_key", "first_key"),
)

person_documents = versioned(
    "person_documents",
    "Identity documents.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id")),
    required("type_code", String(3), "type of the document (УФТТ)"),
    blind_index("document_index", "type, series and number", nullable=False, index=True),
    sealed("content_sealed", "series, number, who issued it"),
    field("issued_on", Date, "day of issue"),
    field("valid_until", Date, "the last day on which it is valid"),
    retracted(),
    CheckConstraint("content_sealed IS NOT NULL", name="content"),
    UniqueConstraint("person_id", "document_index"),
)

addresses = versioned(
    "addresses",
    "Addresses of persons in periods.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "whose", ForeignKey("persons.id"), index=True),
    required("kind", String(12), "registration, stay or actual"),
    required("text", String(1000), "as it is written"),
    field("fias_id", String(36), "GUID of ФИАС"),
    field("oktmo", String(11), "ОКТМО"),
    field("begins_on", Date, "first day, empty when not told"),
    field("ends_on", Date, "last day, empty while no end is known"),
    retracted(),
    CheckConstraint("kind IN ('registration', 'stay', 'actual')", name="kind"),
    CheckConstraint("ends_on >= begins_on", name="period"),
)

representatives = versioned(
    "representatives",
    "Who acts for a child.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("child_id", Uuid, "the child", ForeignKey("persons.id"), index=True),
    required("person_id", Uuid, "who acts", ForeignKey("persons.id"), index=True),
    required("type_code", String(20), "type of the representative (УФТТ)"),
    field("authority_type_code", String(20), "type of the document that gives the right (УФТТ)"),
    blind_index("authority_index", "type and number of that document"),
    sealed("authority_sealed", "number of that document"),
    field("begins_on", Date, "first day, empty when not told"),
    field("ends_on", Date, "last day, empty while no end is known"),
    retracted(),
    CheckConstraint("child_id <> person_id", name="two_persons"),
    CheckConstraint("ends_on >= begins_on", name="period"),
    UniqueConstraint("child_id", "person_id", "type_code"),
)

consents = versioned(
    "consents",
    "Consents to the processing of personal data, and other legal bases.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "of whose data", ForeignKey("persons.id"), index=True),
    required("purpose", String(200), "what for"),
    required("basis", String(200), "the consent or the law's clause"),
    required("begins_on", Date, "from when"),
    field("revoked_on", Date, "when it was taken back"),
    field("note", Text, "remarks"),
    CheckConstraint("revoked_on >= begins_on", name="period"),
)
