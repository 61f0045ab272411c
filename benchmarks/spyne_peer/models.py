"""The messages of FindStudent as spyne models.

spyne puts the children of a class into the namespace of the class, so that each class here bears
the namespace of what is inside it, not the one its published type has.
"""

from gateway.soap import compat  # makes spyne importable; before anything of spyne

# isort: split
from spyne.model.complex import ComplexModel
from spyne.model.primitive import Date, DateTime, Integer, Unicode

from smev.contracts import EDUCATION_NS, STUDENTS_NS
from smev.model import Revision

SMEV_NS = Revision.REV120315.value
_TEXT = Unicode(min_occurs=1)

rpc, Application, ServiceBase = compat.rpc, compat.Application, compat.ServiceBase


class Participant(ComplexModel):  # type: ignore[misc]
    """smev:Sender, smev:Recipient."""

    __namespace__ = SMEV_NS
    _type_info = (
        ("Code", _TEXT),
        ("Name", _TEXT),
    )


class ServiceName(ComplexModel):  # type: ignore[misc]
    """smev:Service."""

    __namespace__ = SMEV_NS
    _type_info = (
        ("Mnemonic", _TEXT),
        ("Version", _TEXT),
    )


class Message(ComplexModel):  # type: ignore[misc]
    """smev:Message."""

    __namespace__ = SMEV_NS
    _type_info = (
        ("Sender", Participant.customize(min_occurs=1)),
        ("Recipient", Participant.customize(min_occurs=1)),
        ("Originator", Participant),
        ("Service", ServiceName),
        ("TypeCode", _TEXT),
        ("Status", _TEXT),
        ("Date", DateTime(min_occurs=1)),
        ("ExchangeType", _TEXT),
        ("RequestIdRef", Unicode),
        ("OriginRequestIdRef", Unicode),
        ("ServiceCode", Unicode),
        ("CaseNumber", Unicode),
    )


class Query(ComplexModel):  # type: ignore[misc]
    """FindStudentRequest, as far as a look-up by СНИЛС needs it."""

    __namespace__ = STUDENTS_NS
    _type_info = (
        ("Purpose", Unicode(max_len=500)),
        ("AsOf", Date),
        ("Snils", Unicode(min_occurs=1, pattern=r"\d{3}-\d{3}-\d{3} \d{2}")),
    )


class Organisation(ComplexModel):  # type: ignore[misc]
    """ed:Organisation."""

    __namespace__ = EDUCATION_NS
    _type_info = (
        ("FullName", _TEXT),
        ("ShortName", Unicode),
        ("INN", Unicode),
        ("OGRN", Unicode),
        ("OKTMO", Unicode),
    )


class ClassGroup(ComplexModel):  # type: ignore[misc]
    """ed:ClassGroup."""

    __namespace__ = EDUCATION_NS
    _type_info = (
        ("Parallel", Integer),
        ("Letter", _TEXT),
        ("SchoolYear", Integer),
    )


class Enrolment(ComplexModel):  # type: ignore[misc]
    """ed:Enrolment."""

    __namespace__ = EDUCATION_NS
    _type_info = (
        ("Organisation", Organisation),
        ("ClassGroup", ClassGroup),
        ("EducationForm", Unicode),
        ("ProgrammeKind", Unicode),
        ("EnrolledOn", Date),
        ("Until", Date),
    )


class Student(ComplexModel):  # type: ignore[misc]
    """Student, whose parts are in the namespace of education."""

    __namespace__ = EDUCATION_NS
    _type_info = (
        ("PersonId", _TEXT),
        ("Snils", Unicode),
        ("FamilyName", _TEXT),
        ("FirstName", _TEXT),
        ("MiddleName", Unicode),
        ("BirthDate", Date),
        ("Sex", _TEXT),
        ("Enrolment", Enrolment),
        ("AsOf", Date),
    )


class Result(ComplexModel):  # type: ignore[misc]
    """FindStudentResult."""

    __namespace__ = STUDENTS_NS
    _type_info = (("Student", Student),)


class RequestContent(ComplexModel):  # type: ignore[misc]
    """smev:AppData of a request."""

    __namespace__ = STUDENTS_NS
    _type_info = (("FindStudentRequest", Query.customize(min_occurs=1)),)


class ReplyContent(ComplexModel):  # type: ignore[misc]
    """smev:AppData of a reply."""

    __namespace__ = STUDENTS_NS
    _type_info = (("FindStudentResult", Result),)


class RequestData(ComplexModel):  # type: ignore[misc]
    """smev:MessageData of a request."""

    __namespace__ = SMEV_NS
    _type_info = (("AppData", RequestContent.customize(min_occurs=1)),)


class ReplyData(ComplexModel):  # type: ignore[misc]
    """smev:MessageData of a reply."""

    __namespace__ = SMEV_NS
    _type_info = (("AppData", ReplyContent),)


class Request(ComplexModel):  # type: ignore[misc]
    """The element of the operation."""

    __namespace__ = SMEV_NS
    __type_name__ = "FindStudentMessage"
    _type_info = (
        ("Message", Message.customize(min_occurs=1)),
        ("MessageData", RequestData.customize(min_occurs=1)),
    )


class Reply(ComplexModel):  # type: ignore[misc]
    """The element of the operation's reply."""

    __namespace__ = SMEV_NS
    __type_name__ = "FindStudentResponseMessage"
    _type_info = (
        ("Message", Message),
        ("MessageData", ReplyData),
    )
