"""The entities of the register, as values. Source: registry.md §1.

Codes of lists (`*_code`) are kept as their source sent them, known to us or not: see
`registry.codes`. History is not in these values: a repository gives the value as of a day, as
known at a moment. What is said here of a period has both days included; an end that is None is not
known yet.
"""

from registry.codes import PrivilegeRank
from registry.model.admission import (
    Application,
    ApplicationKind,
    CaseEvent,
    Choice,
    PlaceQuota,
    Privilege,
)
from registry.model.attainment import (
    Achievement,
    AchievementKind,
    AchievementLevel,
    Certificate,
    Exam,
    ExamKind,
    Mark,
    MarkKind,
    Medal,
)
from registry.model.declared import NOTHING_DECLARED, Declared
from registry.model.health import HealthItem, HealthKind
from registry.model.organisations import ClassGroup, Organisation, Programme
from registry.model.people import (
    Address,
    AddressKind,
    BirthAct,
    FormerName,
    IdentityDocument,
    Person,
    Representative,
    Sex,
)
from registry.model.studies import (
    Attendance,
    ClassPlacement,
    Enrolment,
    Order,
    OrderKind,
    StudentView,
    view_as_of,
)
from registry.model.transfers import TransferCase, TransferScope, YearEndCase

__all__ = [
    "NOTHING_DECLARED",
    "Achievement",
    "AchievementKind",
    "AchievementLevel",
    "Address",
    "AddressKind",
    "Application",
    "ApplicationKind",
    "Attendance",
    "BirthAct",
    "CaseEvent",
    "Certificate",
    "Choice",
    "ClassGroup",
    "ClassPlacement",
    "Declared",
    "Enrolment",
    "Exam",
    "ExamKind",
    "FormerName",
    "HealthItem",
    "HealthKind",
    "IdentityDocument",
    "Mark",
    "MarkKind",
    "Medal",
    "Order",
    "OrderKind",
    "Organisation",
    "Person",
    "PlaceQuota",
    "Privilege",
    "PrivilegeRank",
    "Programme",
    "Representative",
    "Sex",
    "StudentView",
    "TransferCase",
    "TransferScope",
    "YearEndCase",
    "view_as_of",
]
