"""The service: spyne parses, validates, deserialises and serialises; xmlsec verifies and signs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from benchmarks.spyne_peer import models
from benchmarks.spyne_peer.signatures import BadSignatureError, ReplySigner, verify_request

# isort: split
from spyne.error import Fault
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

from registry.identifiers import parse_snils
from registry.model import StudentView
from smev.contracts import STUDENTS_NS
from store.engine import READ_ONLY
from store.repositories import StudentRepository

WsgiApp = Callable[..., Any]
Find = Callable[[str], StudentView]

_ZONE = ZoneInfo("Europe/Moscow")


class _SignedSoap11(Soap11):  # type: ignore[misc]
    """Soap11 that verifies what comes and signs what leaves."""

    def __init__(self, signer: ReplySigner, **options: Any) -> None:
        super().__init__(**options)
        self._signer = signer

    def decompose_incoming_envelope(self, ctx: Any, message: Any = Soap11.REQUEST) -> None:
        try:
            verify_request(ctx.in_document[0])
        except BadSignatureError:
            raise Fault("Client.Signature", "the signature does not hold") from None
        super().decompose_incoming_envelope(ctx, message)

    def serialize(self, ctx: Any, message: Any) -> None:
        super().serialize(ctx, message)
        if ctx.out_error is None:
            self._signer.sign(ctx.out_document)


def make_application(engine: Engine, signer: ReplySigner) -> WsgiApp:
    """Return the WSGI application over a register that is there already."""

    def find(snils: str) -> StudentView:
        today = datetime.now(UTC).astimezone(_ZONE).date()
        with engine.connect().execution_options(**READ_ONLY) as connection:
            found = StudentRepository(connection).by_snils(parse_snils(snils), as_of=today)
        if len(found) != 1:
            raise Fault("Client.NotFound", "nobody, or not only one")
        return found[0]

    application = models.Application(
        [_service(find)],
        tns=STUDENTS_NS,
        in_protocol=_SignedSoap11(signer, validator="lxml"),
        out_protocol=_SignedSoap11(signer),
    )
    wsgi: WsgiApp = WsgiApplication(application)
    return wsgi


def _service(find: Find) -> Any:
    class Students(models.ServiceBase):  # type: ignore[misc]
        """The one service."""

        @models.rpc(  # type: ignore[untyped-decorator]
            models.Request,
            _returns=models.Reply,
            _body_style="bare",
            _in_message_name=f"{{{STUDENTS_NS}}}FindStudent",
            _out_message_name=f"{{{STUDENTS_NS}}}FindStudentResponse",
        )
        def FindStudent(_ctx: Any, request: Any) -> Any:  # noqa: N802, N805  spyne's ways
            content = request.MessageData.AppData.FindStudentRequest
            view = find(content.Snils)
            data = models.ReplyData(
                AppData=models.ReplyContent(FindStudentResult=models.Result(Student=_student(view)))
            )
            return models.Reply(Message=_reply_message(request.Message), MessageData=data)

    return Students


def _reply_message(request: Any) -> Any:
    request_id = str(uuid4())
    return models.Message(
        Sender=request.Recipient,
        Recipient=request.Sender,
        Service=models.ServiceName(Mnemonic="KontingentStudents", Version="1.00"),
        TypeCode=request.TypeCode,
        Status="RESULT",
        Date=datetime.now(UTC),
        ExchangeType=request.ExchangeType,
        RequestIdRef=request_id,
        OriginRequestIdRef=request_id,
        CaseNumber=request.CaseNumber,
    )


def _student(view: StudentView) -> Any:
    person = view.person
    return models.Student(
        PersonId=str(person.id),
        Snils=person.snils.formatted if person.snils else None,
        FamilyName=person.family_name,
        FirstName=person.first_name,
        MiddleName=person.middle_name,
        BirthDate=person.birth_date,
        Sex=person.sex.value,
        Enrolment=_enrolment(view),
        AsOf=view.as_of,
    )


def _enrolment(view: StudentView) -> Any:
    enrolment, organisation, group = view.enrolment, view.organisation, view.class_group
    if enrolment is None or organisation is None:
        return None
    return models.Enrolment(
        Organisation=models.Organisation(
            FullName=organisation.full_name,
            ShortName=organisation.short_name,
            INN=str(organisation.inn) if organisation.inn else None,
            OGRN=str(organisation.ogrn) if organisation.ogrn else None,
            OKTMO=str(organisation.oktmo) if organisation.oktmo else None,
        ),
        ClassGroup=None
        if group is None
        else models.ClassGroup(
            Parallel=group.parallel, Letter=group.letter, SchoolYear=group.school_year
        ),
        EducationForm=enrolment.form_code,
        ProgrammeKind=enrolment.programme_code,
        EnrolledOn=enrolment.begins_on,
        Until=enrolment.ends_on,
    )
