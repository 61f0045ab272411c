"""The contract as it is served, and a client that knows nothing but it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import zeep
from lxml import etree

from tests.support.http import STUDENTS
from tests.support.installation import Installation
from tests.support.messages import DEMO_SNILS
from tests.support.second_opinion import sign_with_xmlsec, verify_with_xmlsec
from tests.support.server import Server

ST = "{urn://x-artefacts-kontingent/students/1.0}"
FAULTS = "{urn://x-artefacts-kontingent/faults/1.0}"
XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


class XmlsecSignature:
    """Signs what zeep sends and verifies what it gets: RSA by xmlsec, with nothing of ours."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._pki, self._name = installation.pki, name
        self.verified = 0

    def apply(self, envelope: etree._Element, headers: Any) -> tuple[etree._Element, Any]:
        key, certificate = self._pki(f"{self._name}.key"), self._pki(f"{self._name}.pem")
        return sign_with_xmlsec(envelope, key, certificate), headers

    def verify(self, envelope: etree._Element) -> None:
        verify_with_xmlsec(envelope, self._pki("ca.pem"))
        self.verified += 1


@pytest.fixture(scope="module")
def signature(installation: Installation) -> XmlsecSignature:
    return XmlsecSignature(installation, "agency-rsa")


@pytest.fixture(scope="module")
def client(server: Server, signature: XmlsecSignature) -> Iterator[zeep.Client]:
    settings = zeep.Settings(strict=True)
    url = f"{server.address.url}{STUDENTS}?wsdl"
    with zeep.Client(url, wsse=signature, settings=settings) as made:
        yield made


def ask(client: zeep.Client, **query: Any) -> Any:
    element = client.get_element(f"{ST}FindStudentRequest")
    content = zeep.xsd.AnyObject(element, element(**query))
    return client.service.FindStudent(
        Message={
            "Sender": {"Code": "DEMO00002", "Name": "Ведомство"},
            "Recipient": {"Code": "KONT00001", "Name": "Контингент"},
            "Service": {"Mnemonic": "KONT00001", "Version": "1.00"},
            "TypeCode": "GFNC",
            "Status": "REQUEST",
            "Date": datetime.now(UTC),
            "ExchangeType": "2",
            "CaseNumber": "zeep-1",
        },
        MessageData={"AppData": {"_value_1": [content]}},
    )


def test_zeep_client_with_a_signature_of_its_own(
    client: zeep.Client, signature: XmlsecSignature
) -> None:
    before = signature.verified
    reply = ask(client, Snils=DEMO_SNILS, Purpose="Льгота")
    assert signature.verified == before + 1
    assert (reply.Message.Status, reply.Message.CaseNumber) == ("RESULT", "zeep-1")
    (result,) = reply.MessageData.AppData._value_1
    assert result.Student.FamilyName == "Алёхина-Королёва"
    assert result.Student.Enrolment.Organisation.ShortName == "МОУ «Школа № 1»"


def test_zeep_client_reads_a_refusal(client: zeep.Client) -> None:
    reply = ask(client, Snils="087-654-303 00")
    (refusal,) = reply.MessageData.AppData._value_1
    assert (reply.Message.Status, refusal.Code) == ("REJECT", "student.not_found")


def test_zeep_client_reads_all_problems(client: zeep.Client) -> None:
    person = {"FamilyName": "1", "FirstName": "2", "BirthDate": "2999-01-01"}
    reply = ask(client, PersonalData=person)
    (problems,) = reply.MessageData.AppData._value_1
    assert reply.Message.Status == "INVALID"
    assert [problem.Code for problem in problems.Problem] == [
        "name.characters",
        "name.characters",
        "birth_date.future",
    ]


def test_zeep_client_reads_the_declared_fault(client: zeep.Client) -> None:
    with pytest.raises(zeep.exceptions.Fault) as caught:
        ask(client, Snils="1")
    (error,) = caught.value.detail
    read = client.get_element(f"{FAULTS}Error").parse(error, client.wsdl.types)
    assert (read.Code, read.key) == ("schema.invalid", "schema.invalid")
    assert read.MessageId


def test_stranger_with_the_same_client_gets_a_fault(server: Server) -> None:
    signature = XmlsecSignature(server.installation, "stranger-rsa")
    with (
        zeep.Client(f"{server.address.url}{STUDENTS}?wsdl", wsse=signature) as stranger,
        pytest.raises(zeep.exceptions.Fault, match=r"[А-Я]") as caught,
    ):
        ask(stranger, Snils=DEMO_SNILS)
    assert caught.value.code == "soapenv:Client"


def contract(server: Server, query: str = "?wsdl", **headers: str) -> etree._Element:
    reply = server.address.ask("GET", f"{STUDENTS}{query}", headers=headers)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert reply.headers["content-length"] == str(len(reply.body))
    return etree.fromstring(reply.body)


def test_contract_tells_the_address_it_was_asked_at(server: Server) -> None:
    for query in ("?wsdl", "?WSDL", "?wsdl=1", "?wsdl&x=y"):
        (address,) = contract(server, query).iter(f"{WSDL_SOAP}address")
        assert address.get("location") == f"{server.address.url}{STUDENTS}"
    (address,) = contract(server, Host="gate.example:8443").iter(f"{WSDL_SOAP}address")
    assert address.get("location") == f"http://gate.example:8443{STUDENTS}"


@pytest.mark.parametrize(
    "host", ["a b", "a?b", "a#b", "a@b", "", "[::1", "a:b", 'a"><evil/>', "a/../b"]
)
def test_contract_is_never_made_of_a_broken_host(server: Server, host: str) -> None:
    reply = server.address.ask("GET", f"{STUDENTS}?wsdl", headers={"Host": host})
    assert reply.status in (200, 400, 404)
    if reply.status == 200:
        (address,) = etree.fromstring(reply.body).iter(f"{WSDL_SOAP}address")
        assert urlsplit(address.get("location")).path == STUDENTS
    assert b"<evil" not in reply.body
    assert server.alive()


def test_every_import_is_served(server: Server) -> None:
    base = f"{server.address.url}{STUDENTS}"
    seen: set[str] = set()
    waiting = ["?wsdl"]
    while waiting:
        root = contract(server, waiting.pop())
        for imported in root.iter(f"{XS}import", f"{XS}include"):
            location = imported.get("schemaLocation", "")
            assert location.startswith(f"{base}?xsd="), location
            query = location.removeprefix(base)
            if query not in seen:
                seen.add(query)
                waiting.append(query)
    assert {query.removeprefix("?xsd=") for query in seen} >= {
        "students-1.0.xsd",
        "education-1.0.xsd",
        "faults-1.0.xsd",
        "smev-rev120315.xsd",
    }


@pytest.mark.parametrize(
    "name", ["", "nothing.xsd", "../setup.cfg", "/etc/passwd", "..%2F..%2Fsetup.cfg", "%00"]
)
def test_other_files_are_not_served(server: Server, name: str) -> None:
    assert server.address.get(f"{STUDENTS}?xsd={name}").status == 404


def test_head_has_no_body(server: Server) -> None:
    reply = server.address.ask("HEAD", f"{STUDENTS}?wsdl")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 1000
