"""A zeep client against the contract as it is served, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import zeep
from lxml import etree
from zeep.xsd import AnyObject

from smev.catalogue import Catalogue
from smev.contracts import FAULTS_NS, STUDENTS_NS
from smev.envelope import build_operation, parse_operation
from smev.errors import SmevError
from smev.message import Participant, Service, Status, reply_to

ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
ST = f"{{{STUDENTS_NS}}}"
SMEV = "{http://smev.gosuslugi.ru/rev120315}"
NOW = datetime(2026, 9, 1, 7, 30, tzinfo=UTC)
CATALOGUE = Catalogue()
RESULT = (
    f'<FindStudentResult xmlns="{STUDENTS_NS}" '
    'xmlns:ed="urn://x-artefacts-kontingent/education/1.0"><Student>'
    "<ed:PersonId>0d4f7f0e-7f43-4a1c-8a8e-2f3c5d6e7f80</ed:PersonId>"
    "<ed:FamilyName>Ёлкин</ed:FamilyName><ed:FirstName>Пётр</ed:FirstName>"
    "<ed:BirthDate>2015-02-28</ed:BirthDate><ed:Sex>male</ed:Sex>"
    "<ed:AsOf>2026-09-01</ed:AsOf></Student></FindStudentResult>"
)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


class Endpoint:
    """Serves the contract, and answers what keeps it; everything else gets a Fault."""

    def __init__(self) -> None:
        self.address = ""
        self.actions: list[str] = []

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "GET":
            return self.give(environ, start_response)
        self.actions.append(environ["HTTP_SOAPACTION"])
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        payload = etree.fromstring(body).find(f"{ENVELOPE}Body")[0]
        if problems := CATALOGUE.validate(payload):
            start_response("500 Error", [("Content-Type", "text/xml; charset=utf-8")])
            return [self.envelope(self.fault(problems[0].kind))]
        request = parse_operation(payload, default_timezone=UTC)
        message = reply_to(
            request.message,
            sender=Participant("KONT00001", "Контингент"),
            service=Service("KONT00001", "1.00"),
            status=Status.RESULT,
            date=NOW,
            request_id="7",
        )
        reply = build_operation(f"{request.name}Response", message, etree.fromstring(RESULT))
        assert CATALOGUE.validate(reply) == ()
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
        return [self.envelope(reply)]

    def give(self, environ, start_response):
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        try:
            if "wsdl" in query:
                document = CATALOGUE.contract("students", address=self.address)
            else:
                document = CATALOGUE.schema(query["xsd"][0], address=self.address)
        except SmevError:
            start_response("404 Not Found", [])
            return [b""]
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
        return [document]

    def envelope(self, content: etree._Element) -> bytes:
        root = etree.Element(f"{ENVELOPE}Envelope")
        etree.SubElement(root, f"{ENVELOPE}Body").append(content)
        return etree.tostring(root)

    def fault(self, key: str) -> etree._Element:
        return etree.fromstring(
            f'<s:Fault xmlns:s="{ENVELOPE[1:-1]}"><faultcode>s:Client</faultcode>'
            f"<faultstring>нет</faultstring><detail><Error xmlns='{FAULTS_NS}' key='{key}'>"
            f"<Code>{key}</Code><Description>нет</Description></Error></detail></s:Fault>"
        )


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    app = Endpoint()
    with make_server("127.0.0.1", 0, app, handler_class=QuietHandler) as server:
        app.address = f"http://127.0.0.1:{server.server_port}/smev2/students"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield app
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def client(endpoint: Endpoint) -> Iterator[zeep.Client]:
    with zeep.Client(f"{endpoint.address}?wsdl", settings=zeep.Settings(strict=True)) as client:
        yield client


def message(**changes):
    party = {"Code": "DEMO00001", "Name": "Агентство"}
    return {
        "Sender": party,
        "Recipient": {"Code": "KONT00001", "Name": "Контингент"},
        "Service": {"Mnemonic": "KONT00001", "Version": "1.00"},
        "TypeCode": "GFNC",
        "Status": "REQUEST",
        "Date": NOW,
        "ExchangeType": "2",
        "CaseNumber": "77-1",
        **changes,
    }


def data(client: zeep.Client, **key):
    element = client.get_element(f"{ST}FindStudentRequest")
    return {"AppData": {"_value_1": [AnyObject(element, element(**key))]}}


KEYS = {
    "snils": {"Snils": "112-233-445 95", "Purpose": "Льгота"},
    "name": {
        "PersonalData": {"FamilyName": "Ёлкин", "FirstName": "Пётр", "BirthDate": NOW.date()},
        "AsOf": NOW.date(),
    },
    "document": {"IdentityDocument": {"Type": "11", "Series": "I-ЕР", "Number": "123456"}},
}


@pytest.mark.parametrize("key", KEYS)
def test_request_is_answered(client: zeep.Client, endpoint: Endpoint, key: str) -> None:
    reply = client.service.FindStudent(Message=message(), MessageData=data(client, **KEYS[key]))
    assert (reply.Message.Status, reply.Message.CaseNumber) == ("RESULT", "77-1")
    assert reply.Message.RequestIdRef == reply.Message.OriginRequestIdRef == "7"
    assert reply.Message.Recipient.Code == "DEMO00001"
    (result,) = reply.MessageData.AppData._value_1
    assert (result.Student.FamilyName, result.Student.Enrolment) == ("Ёлкин", None)
    assert endpoint.actions[-1] == f'"{STUDENTS_NS}/FindStudent"'


@pytest.mark.parametrize(
    "changes",
    [
        {"Service": None, "ServiceName": "KONT"},
        {"Service": None},
        {"Sender": {"Code": "ROSREESTR_SYS_1", "Name": "Росреестр"}},
        {"Date": datetime(2026, 9, 1, 10, 30)},
    ],
)
def test_every_form_of_message_is_answered(client: zeep.Client, changes) -> None:
    reply = client.service.FindStudent(
        Message=message(**changes), MessageData=data(client, **KEYS["snils"])
    )
    assert reply.Message.Service.Mnemonic == "KONT00001"


def test_broken_request_gets_the_declared_fault(client: zeep.Client) -> None:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client.service.FindStudent(Message=message(), MessageData=data(client, Snils="1"))
    (error,) = caught.value.detail
    read = client.get_element(f"{{{FAULTS_NS}}}Error").parse(error, client.wsdl.types)
    assert (read.Code, read.key, read.MessageId) == ("value.pattern", "value.pattern", None)


def test_created_message_keeps_the_contract_of_the_files(client: zeep.Client) -> None:
    envelope = client.create_message(
        client.service, "FindStudent", Message=message(), MessageData=data(client, **KEYS["name"])
    )
    payload = envelope.find(f"{ENVELOPE}Body")[0]
    assert CATALOGUE.validate(payload) == ()
    payload.find(f"{SMEV}Message").remove(payload.find(f"{SMEV}Message/{SMEV}Status"))
    assert CATALOGUE.validate(payload) != ()
