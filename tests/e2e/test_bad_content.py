"""Well-signed messages that are not what the contract says, or not for us, or not of now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from smev.contracts import SMALL_MESSAGE_ELEMENTS
from tests.support.http import ACTION
from tests.support.messages import DEMO_SNILS, Caller, by_document, by_name, by_snils, caller
from tests.support.refusals import check_honest, check_refused
from tests.support.replies import fault_of, read_status, verify
from tests.support.server import Server

ST = "urn://x-artefacts-kontingent/students/1.0"
SMEV = "http://smev.gosuslugi.ru/rev120315"
SECRET = "СЕКРЕТ-Ъ"


@pytest.mark.parametrize(
    "payload",
    [
        "<FindStudent/>",
        f'<FindStudents xmlns="{ST}"/>',
        f'<findStudent xmlns="{ST}"/>',
        f'<FindStudentResponse xmlns="{ST}"/>',
        f'<FindStudentRequest xmlns="{ST}"/>',
        '<FindStudent xmlns="urn://x-artefacts-kontingent/students/2.0"/>',
        '<FindStudent xmlns="urn://x-artefacts-kontingent/transfers/1.0"/>',
        '<s:Fault xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
        f'<Message xmlns="{SMEV}"/>',
    ],
)
def test_unknown_operation(server: Server, rsa: Caller, payload: str) -> None:
    reply = server.address.post(rsa.sign(etree.fromstring(payload)))
    check_refused(server, reply, "operation.unknown")


def broken(caller: Caller, old: str, new: str) -> bytes:
    """A request whose text was changed before it was signed."""
    text = etree.tostring(caller.payload(by_snils(Purpose="Цель")), encoding="unicode")
    assert old in text
    return caller.sign(etree.fromstring(text.replace(old, new)))


SNILS = f"<op:Snils>{DEMO_SNILS}</op:Snils>"
BREAKS = {
    "value that is no СНИЛС": (DEMO_SNILS, SECRET),
    "number that is too long": (DEMO_SNILS, "1" * 100_000),
    "no key": (SNILS, ""),
    "two keys": (SNILS, SNILS * 2),
    "unknown element": (SNILS, f"{SNILS}<op:Имя>{SECRET}</op:Имя>"),
    "element of a stranger": (SNILS, f"{SNILS}<evil xmlns='urn:x'>{SECRET}</evil>"),
    "text between elements": (SNILS, f"{SECRET}{SNILS}"),
    "unknown attribute": (SNILS, SNILS.replace("Snils>", f"Snils a='{SECRET}'>", 1)),
    "another type": (
        SNILS,
        "<op:Snils xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/>",
    ),
    "no Status": ("<smev:Status>REQUEST</smev:Status>", ""),
    "unknown Status": ("<smev:Status>REQUEST", f"<smev:Status>{SECRET}"),
    "no Message": ("<smev:Message>", "<smev:Other>"),
    "Date that is none": ("<smev:Date>", "<smev:Date>31.12.2026 "),
    "wrong order": ("<smev:TypeCode>GFNC</smev:TypeCode>", ""),
    "no AppData": ("<smev:AppData>", "<smev:AppDate>"),
    "too long a purpose": ("Цель", SECRET * 100),
}


@pytest.mark.parametrize("name", BREAKS)
def test_break_of_the_schema(server: Server, rsa: Caller, name: str) -> None:
    old, new = BREAKS[name]
    if new in ("<smev:Other>", "<smev:AppDate>"):
        text = etree.tostring(rsa.payload(by_snils(Purpose="Цель")), encoding="unicode")
        end = (old.replace("<", "</"), new.replace("<", "</"))
        message = rsa.sign(etree.fromstring(text.replace(old, new).replace(*end)))
    else:
        message = broken(rsa, old, new)
    reply = server.address.post(message)
    # What has no readable Sender/Code can't be anybody's.
    key = "sender.code_mismatch" if name == "no Message" else "schema.invalid"
    fault = check_refused(server, reply, key)
    assert SECRET not in fault.description
    if key == "schema.invalid":
        assert "/FindStudent" in fault.description


def test_text_longer_than_the_journal_keeps(server: Server, rsa: Caller) -> None:
    message = broken(rsa, "<smev:CaseNumber>", f"<smev:CaseNumber>{SECRET * 100}")
    fault = check_refused(server, server.address.post(message), "schema.invalid")
    assert "CaseNumber" in fault.description
    assert SECRET not in fault.description


@pytest.mark.parametrize(
    "content",
    [
        None,
        by_name("А" * 151, "Б", None, "2014-01-01"),
        by_name("А", "Б", None, "2014-02-30"),
        by_name("А", "Б", None, "2014-01-01+03:00"),
        by_name("А", "Б", None, "0000-01-01"),
        by_document("ПС", "1", "2"),
        by_document("12", "1", ""),
        etree.fromstring(f'<FindStudentResult xmlns="{ST}"/>'),
        etree.fromstring(f'<Refusal xmlns="{ST}"/>'),
        etree.fromstring("<anything/>"),
    ],
    ids=range(10),
)
def test_content_that_is_not_a_query(server: Server, rsa: Caller, content) -> None:
    payload = rsa.payload(content)
    if content is None:
        payload[1].remove(payload[1][0])
    check_refused(server, server.address.post(rsa.sign(payload)), "schema.invalid")


def test_two_queries_in_one_message(server: Server, rsa: Caller) -> None:
    payload = rsa.payload()
    payload[1][0].append(by_snils())
    check_refused(server, server.address.post(rsa.sign(payload)), "schema.invalid")


def test_all_breaks_are_told_at_once(server: Server, rsa: Caller) -> None:
    payload = rsa.payload(by_name("А" * 151, "Б" * 151, None, "завтра"))
    fault = check_refused(server, server.address.post(rsa.sign(payload)), "schema.invalid")
    for name in ("FamilyName", "FirstName", "BirthDate"):
        assert name in fault.description
    assert "завтра" not in fault.description


def test_more_elements_than_any_query_has(server: Server, rsa: Caller) -> None:
    payload = rsa.payload()
    for _ in range(SMALL_MESSAGE_ELEMENTS):
        etree.SubElement(payload[1][0][0], f"{{{ST}}}Snils").text = "1"
    check_refused(server, server.address.post(rsa.sign(payload)), "schema.invalid")


@pytest.mark.parametrize("code", ["DEMO00001", "KONT00002", "kont00001", "KONT00001 1"])
def test_message_for_somebody_else(server: Server, rsa: Caller, code: str) -> None:
    reply = server.address.post(replace(rsa, recipient=code).ask())
    check_refused(server, reply, "recipient.unknown")


@pytest.mark.parametrize(
    "shift", [timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-3650)]
)
def test_date_outside_of_the_window(server: Server, agency: Caller, shift: timedelta) -> None:
    reply = server.address.post(agency.ask(date=datetime.now(UTC) + shift))
    check_refused(server, reply, "message.out_of_window")


@pytest.mark.parametrize("shift", [timedelta(minutes=-4), timedelta(minutes=4)])
def test_date_inside_of_the_window(server: Server, rsa: Caller, shift: timedelta) -> None:
    reply = server.address.post(rsa.ask(date=datetime.now(UTC) + shift))
    assert read_status(reply, server.installation) == "RESULT"


def _with_date(caller: Caller, text: str) -> bytes:
    payload = caller.payload()
    date = payload.find(f".//{{{SMEV}}}Date")
    assert date is not None
    date.text = text
    return caller.sign(payload)


@pytest.mark.parametrize(("hours", "status"), [(3, 200), (0, 500), (6, 500)])
def test_date_without_a_zone_is_moscow_time(
    server: Server, rsa: Caller, hours: int, status: int
) -> None:
    moment = datetime.now(UTC) + timedelta(hours=hours)
    reply = server.address.post(_with_date(rsa, moment.strftime("%Y-%m-%dT%H:%M:%S")))
    assert reply.status == status


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T24:00:00Z"],
)
def test_dates_at_the_ends_of_time(server: Server, rsa: Caller, text: str) -> None:
    reply = server.address.post(_with_date(rsa, text))
    assert reply.status == 500
    assert b"internal.error" not in reply.body
    assert server.alive()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "1899-12-31T23:59:59Z"}, "/FindStudent/Message/Date: значение вне допустимых"),
        ({"text": "12026-11-24T00:00:00Z"}, "/FindStudent/Message/Date: значение вне допустимых"),
    ],
)
def test_dates_out_of_bounds_are_told_in_russian(
    server: Server, rsa: Caller, changes: dict[str, str], told: str
) -> None:
    reply = server.address.post(_with_date(rsa, changes["text"]))
    check_refused(server, reply, "schema.invalid")
    fault = fault_of(verify(reply.body, server.installation).payload)
    assert told in fault.description


def test_long_values_are_told_with_their_place(server: Server, rsa: Caller) -> None:
    payload = rsa.payload()
    number = payload.find(f".//{{{SMEV}}}CaseNumber")
    assert number is not None
    number.text = "7" * 501
    reply = server.address.post(rsa.sign(payload))
    check_refused(server, reply, "schema.invalid")
    fault = fault_of(verify(reply.body, server.installation).payload)
    assert "/FindStudent/Message/CaseNumber: недопустимая длина" in fault.description


@pytest.mark.parametrize("name", ["agency-gost", "agency-rsa"])
def test_refusal_is_signed_as_its_message_says(server: Server, name: str) -> None:
    """A sender that knows RSA alone has to be able to read why it is refused."""
    asking = caller(server.installation, name)
    reply = server.address.post(asking.ask().replace(DEMO_SNILS.encode(), b"112-233-445 96"))
    verified = verify(reply.body, server.installation)
    assert fault_of(verified.payload).key == "signature.invalid"
    assert verified.algorithm is asking.signer.algorithm


def test_wrong_soap_action_is_told_before_the_schema(server: Server, rsa: Caller) -> None:
    message = broken(rsa, DEMO_SNILS, SECRET)
    reply = server.address.post(message, SOAPAction=f"{ACTION}/other")
    check_refused(server, reply, "soap.action_mismatch")


def test_refused_message_may_be_sent_again_when_it_is_right(server: Server, rsa: Caller) -> None:
    """A Fault takes no place: the same bytes with the right header are answered."""
    message = rsa.ask()
    refused = server.address.post(message, SOAPAction="urn:x")
    check_refused(server, refused, "soap.action_mismatch")
    reply = server.address.post(message)
    assert read_status(reply, server.installation) == "RESULT"


def test_honest_requests_are_answered_after_all_that(server: Server, agency: Caller) -> None:
    check_honest(server, agency)
