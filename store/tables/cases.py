"""Applications, transfers, ends of years: the cases of the procedures and their events."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from store.tables.base import append_only, field, required, versioned
from store.types import UtcDateTime

# States in which a case is over, of all procedures whose cases a table holds.
APPLICATION_FINALS = ("enrolled", "refused", "returned", "withdrawn", "cancelled")
TRANSFER_FINALS = ("closed", "cancelled")

_LIVE = text("live")
# A college or a circle may be named once for each of its programmes.
_ONE_PLACE = text("live AND kind IN ('school', 'kindergarten')")
_ONE_PROGRAMME = text("live AND kind IN ('college', 'additional')")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


applications = versioned(
    "applications",
    "Applications for a place.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("serial", Integer, "number in the order of arrival", unique=True),
    required("kind", String(12), "school, kindergarten, college or additional"),
    required("person_id", Uuid, "the child", ForeignKey("persons.id")),
    field("applicant_id", Uuid, "who applied", ForeignKey("persons.id")),
    required("school_year", SmallInteger, "the school year of the place, by its first year"),
    required("parallel", SmallInteger, "class, course or age group wanted"),
    required("submitted_at", UtcDateTime, "when it was submitted"),
    field("desired_on", Date, "from when the place is wanted"),
    required("state", String(30), "state of the procedure"),
    required("state_since", UtcDateTime, "since when"),
    field("due_on", Date, "the last day for the next step"),
    required("live", Boolean, "whether the case is not over"),
    field("offered_id", Uuid, "who offers a place, or gave it", ForeignKey("organisations.id")),
    field("offered_programme", String(100), "for which programme, where the choice names one"),
    field("average", Float, "average mark of the certificate"),
    field("originals_on", Date, "when the originals were given in"),
    required("declared", Text, "JSON: circumstances as declared", server_default="{}"),
    CheckConstraint("kind IN ('school', 'kindergarten', 'college', 'additional')", name="kind"),
    CheckConstraint(f"live = (state NOT IN ({_listed(APPLICATION_FINALS)}))", name="live"),
    CheckConstraint("average BETWEEN 2 AND 5", name="average"),
    # Lets a choice repeat these, and follow them.
    UniqueConstraint("id", "person_id", "school_year", "kind", "live"),
    Index(None, "person_id"),
    Index(None, "school_year", "kind", "parallel", "state"),
    Index(None, "due_on", sqlite_where=_LIVE, postgresql_where=_LIVE),
)

application_choices = versioned(
    "application_choices",
    "Organisations that an application names. Of a child, a year and an organisation one is live.",
    field("application_id", Uuid, "the application", primary_key=True),
    Column(
        "priority", SmallInteger, primary_key=True, autoincrement=False, doc="1 is the most wanted"
    ),
    required("person_id", Uuid, "the application's child"),
    required("school_year", SmallInteger, "the application's school year"),
    required("kind", String(12), "the application's kind"),
    required("live", Boolean, "whether the application is live"),
    required("organisation_id", Uuid, "the organisation wanted", ForeignKey("organisations.id")),
    field("programme_code", String(100), "the programme wanted: of a college its speciality"),
    required("territory", Boolean, "whether the child lives on the attached territory"),
    CheckConstraint("priority > 0", name="priority"),
    ForeignKeyConstraint(
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
    Index(
        "uq_application_choices_live",
        "person_id",
        "school_year",
        "organisation_id",
        unique=True,
        sqlite_where=_ONE_PLACE,
        postgresql_where=_ONE_PLACE,
    ),
    Index(
        "uq_application_choices_live_programme",
        "person_id",
        "school_year",
        "organisation_id",
        "programme_code",
        unique=True,
        sqlite_where=_ONE_PROGRAMME,
        postgresql_where=_ONE_PROGRAMME,
    ),
    Index(None, "organisation_id", "school_year", sqlite_where=_LIVE, postgresql_where=_LIVE),
    derived=("person_id", "school_year", "kind", "live"),
)

application_privileges = versioned(
    "application_privileges",
    "Rights to be served before others, claimed with an application.",
    field(
        "application_id", Uuid, "the application", ForeignKey("applications.id"), primary_key=True
    ),
    field("code", String(40), "the privilege", primary_key=True),
    required("rank", String(13), "extraordinary, first or preferential"),
    required("confirmed", Boolean, "whether documents confirm it"),
    required("begins_on", Date, "first day"),
    field("ends_on", Date, "last day, empty while no end is known"),
    CheckConstraint("rank IN ('extraordinary', 'first', 'preferential')", name="rank"),
    CheckConstraint("ends_on >= begins_on", name="period"),
)

place_quotas = versioned(
    "place_quotas",
    "Places that organisations give.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("organisation_id", Uuid, "who gives them", ForeignKey("organisations.id")),
    required("school_year", SmallInteger, "for the school year that begins then"),
    required("parallel", SmallInteger, "class, course or age group"),
    required("programme_code", String(100), "programme, empty when there is but one"),
    required("quota_group", String(20), "general, special or target"),
    required("places", Integer, "how many"),
    CheckConstraint("places >= 0", name="places"),
    UniqueConstraint(
        "organisation_id",
        "school_year",
        "parallel",
        "programme_code",
        "quota_group",
        name="uq_place_quotas_natural_key",
    ),
)

transfer_cases = versioned(
    "transfer_cases",
    "Transfers between organisations, into the register and out of it. A person has one at a time.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "who", ForeignKey("persons.id"), index=True),
    required("scope", String(12), "inside, from_outside or to_outside"),
    field("from_id", Uuid, "from which organisation", ForeignKey("organisations.id")),
    field("from_name", String(1000), "its name when it is outside the register"),
    field("to_id", Uuid, "to which organisation", ForeignKey("organisations.id")),
    field("to_name", String(1000), "its name when it is outside the register"),
    field("parallel", SmallInteger, "class or course wanted"),
    required("requested_at", UtcDateTime, "when it was asked for"),
    required("state", String(30), "state of the procedure"),
    required("state_since", UtcDateTime, "since when"),
    field("due_on", Date, "the last day for the next step"),
    required("live", Boolean, "whether the case is not over"),
    field("enrolment_id", Uuid, "the enrolment that ends", ForeignKey("enrolments.id")),
    field("expulsion_order_id", Uuid, "order of expulsion", ForeignKey("orders.id")),
    field("enrolment_order_id", Uuid, "order of enrolment", ForeignKey("orders.id")),
    required("declared", Text, "JSON: circumstances as declared", server_default="{}"),
    CheckConstraint("scope IN ('inside', 'from_outside', 'to_outside')", name="scope"),
    CheckConstraint(f"live = (state NOT IN ({_listed(TRANSFER_FINALS)}))", name="live"),
    CheckConstraint("from_id <> to_id", name="two_organisations"),
    CheckConstraint(
        "(scope = 'from_outside') = (from_id IS NULL) AND (scope <> 'to_outside' OR to_id IS NULL)",
        name="sides",
    ),
    Index(
        "uq_transfer_cases_live",
        "person_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
    Index(None, "due_on", sqlite_where=_LIVE, postgresql_where=_LIVE),
)

year_end_cases = versioned(
    "year_end_cases",
    "Promotions and graduations.",
    field("id", Uuid, "the register's own id", primary_key=True),
    required("person_id", Uuid, "who", ForeignKey("persons.id"), index=True),
    required("enrolment_id", Uuid, "the enrolment", ForeignKey("enrolments.id")),
    required("school_year", SmallInteger, "the school year that ends, by its first year"),
    required("graduation", Boolean, "whether a stage ends with it"),
    required("state", String(30), "state of the procedure"),
    required("state_since", UtcDateTime, "since when"),
    field("due_on", Date, "the last day for the next step"),
    required("declared", Text, "JSON: circumstances as declared", server_default="{}"),
    UniqueConstraint("enrolment_id", "school_year"),
)

case_events = append_only(
    "case_events",
    "Every step of every case.",
    field("case_id", Uuid, "application, transfer or year's end", primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False, doc="counts from 1"),
    field("at", UtcDateTime, "when", primary_key=True),
    required("procedure", String(20), "which procedure"),
    required("action", String(40), "the step"),
    field("from_state", String(30), "state before, empty of the first"),
    required("to_state", String(30), "state after"),
    required("actor", String(20), "who took it"),
    required("cause", String(200), "the message or the command that made it"),
    required("clause", String(200), "the rule that it follows"),
    field("reason", String(40), "key of the reason, of a refusal"),
    field("note", Text, "remarks without personal data"),
    required("declared", Text, "JSON: circumstances declared with it", server_default="{}"),
    CheckConstraint("sequence > 0", name="sequence"),
    partitioned_by="at",
)
