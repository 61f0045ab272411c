"""The states of each procedure, and who acts in them. Source: registry.md §3."""

from enum import StrEnum


class Actor(StrEnum):
    """Who may take a step."""

    APPLICANT = "applicant"  # the parent, or the pupil, also through a portal
    ORGANISATION = "organisation"
    AUTHORITY = "authority"  # the municipality's or the region's body of education
    PORTAL = "portal"
    SYSTEM = "system"  # the register itself: a date came, a ranking was made


class SchoolState(StrEnum):
    """Admission to a school. Source: приказ 458 of 02.09.2020."""

    DRAFT = "draft"
    REGISTERED = "registered"
    CHECKING = "checking"
    DOCUMENTS_NEEDED = "documents_needed"
    TEST = "test"
    RETURNED = "returned"
    RANKED = "ranked"
    OFFERED = "offered"
    WAITING = "waiting"
    ENROLLED = "enrolled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class KindergartenState(StrEnum):
    """Admission to a kindergarten. Source: приказ 236; a portal shows codes of its own.

    `QUEUED` is shown as 140 before the desired day and as 160 from it on.
    """

    REGISTERED = "registered"
    REVIEW = "review"
    CONFIRM_DOCUMENTS = "confirm_documents"
    QUEUED = "queued"
    REFUSED = "refused"
    OFFERED = "offered"
    SUSPENDED_NO_SHOW = "suspended_no_show"
    SUSPENDED_DECLINED = "suspended_declined"
    CONSENT_REVIEW = "consent_review"
    CONTRACT = "contract"
    ENROLLED = "enrolled"
    CANCELLED = "cancelled"


class CollegeState(StrEnum):
    """Admission to a college (СПО). Source: приказ 457 of 02.09.2020."""

    DRAFT = "draft"
    REGISTERED = "registered"
    CHECKING = "checking"
    DOCUMENTS_NEEDED = "documents_needed"
    RETURNED = "returned"
    ENTRANCE_TEST = "entrance_test"
    RANKED = "ranked"
    RECOMMENDED = "recommended"
    ORIGINALS_GIVEN = "originals_given"
    ENROLLED = "enrolled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AdditionalState(StrEnum):
    """Enrolment in additional education."""

    REGISTERED = "registered"
    CHECKING = "checking"
    SELECTION = "selection"
    WAITING = "waiting"
    CONTRACT = "contract"
    ENROLLED = "enrolled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TransferState(StrEnum):
    """A transfer. Source: приказ 240 of 06.04.2023."""

    REQUESTED = "requested"
    ASSIGNING = "assigning"  # no places: the municipality finds a school
    EXPELLED = "expelled"
    DOCUMENTS_ISSUED = "documents_issued"
    RECEIVED = "received"
    ENROLLED = "enrolled"
    CLOSED = "closed"  # the source knows number and date of the order
    WATCHED = "watched"  # gone without a named school, nobody has reported an arrival
    CANCELLED = "cancelled"


class PromotionState(StrEnum):
    """The end of a school year that is not the last of a stage. Source: 273-ФЗ, art. 58."""

    STUDYING = "studying"
    ASSESSED = "assessed"
    CONDITIONAL = "conditional"  # promoted with a debt to be made good
    PROMOTED = "promoted"
    RETAINED = "retained"
    ADAPTED = "adapted"  # to an adapted programme, by the ПМПК's word
    INDIVIDUAL = "individual"  # to an individual plan
    LEFT = "left"  # the enrolment ended before the year did


class GraduationState(StrEnum):
    """The end of a stage. Source: 273-ФЗ, art. 59, 60."""

    STUDYING = "studying"
    ADMITTED = "admitted"  # to ГИА
    NOT_ADMITTED = "not_admitted"
    EXAMINED = "examined"
    FAILED = "failed"
    CERTIFIED = "certified"
    REFERENCE_ISSUED = "reference_issued"  # справка, of one who has not passed
    GRADUATED = "graduated"  # expelled by order, having finished
    LEFT = "left"
