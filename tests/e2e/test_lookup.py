"""The good ways: a signed request, and the signed answer that it has a right to."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from smev.message import Participant, Revision, Service, Status
from tests.support.installation import LEFT_ON, LEFT_SNILS, NAMESAKES, PASSPORT
from tests.support.messages import Caller, by_document, by_name, by_snils
from tests.support.replies import ED, problems_of, read_reply, read_status, student_of, verify
from tests.support.second_opinion import verify_with_openssl, verify_with_xmlsec
from tests.support.server import Server


@pytest.fixture(scope="module")
def birth_date(server: Server) -> date:
    """When the demonstration's pupil was born: it is made for the school year of today."""
    today = datetime.now(UTC)
    return date(today.year - (11 if today.month >= 9 else 12), 3, 14)


def ask(server: Server, message: bytes):
    return read_reply(server.address.post(message), server.installation)


def test_pupil_is_found_by_snils(server: Server, agency: Caller, birth_date: date) -> None:
    student = student_of(ask(server, agency.ask(by_snils(Purpose="Льгота & <помощь>"))))
    told = {child.tag.removeprefix(ED): child.text for child in student}
    UUID(told.pop("PersonId"))
    assert told == {
        "Snils": "112-233-445 95",
        "FamilyName": "Алёхина-Королёва",
        "FirstName": "Ульяна",
        "MiddleName": "Артёмовна",
        "BirthDate": birth_date.isoformat(),
        "Sex": "female",
        "Enrolment": None,
        "AsOf": told["AsOf"],
    }
    assert student.findtext(f"{ED}Enrolment/{ED}Organisation/{ED}ShortName") == "МОУ «Школа № 1»"
    assert student.findtext(f"{ED}Enrolment/{ED}ClassGroup/{ED}Letter") == "А"
    assert student.findtext(f"{ED}Enrolment/{ED}EducationForm") == "11"


@pytest.mark.parametrize("snils", ["11223344595", "112-233-445 95", "112-233-445-95"])
def test_snils_is_read_in_each_form(server: Server, rsa: Caller, snils: str) -> None:
    assert ask(server, rsa.ask(by_snils(snils))).message.status is Status.RESULT


@pytest.mark.parametrize(
    ("family", "first", "middle"),
    [
        ("Алёхина-Королёва", "Ульяна", "Артёмовна"),
        ("АЛЕХИНА-КОРОЛЕВА", "УЛЬЯНА", "АРТЕМОВНА"),
        ("алёхина королёва", "ульяна", None),
        ("Алёхина\u2013Королёва", "Ульяна", " "),
        ("Алёхина\u2011Королёва", "Ульяна", None),
        ("Але\u0308хина-Короле\u0308ва", "Ульяна", "Арте\u0308мовна"),
        ("  Алёхина-Королёва ", "Ульяна\u00a0", None),
    ],
)
def test_pupil_is_found_however_the_name_is_written(
    server: Server, gost: Caller, birth_date: date, family: str, first: str, middle: str | None
) -> None:
    reply = ask(server, gost.ask(by_name(family, first, middle, birth_date)))
    assert student_of(reply).findtext(f"{ED}Snils") == "112-233-445 95"


@pytest.mark.parametrize(
    ("series", "number"),
    [("II-АБ", "123456"), ("ii аб", "№ 123456"), ("II-AБ", "123456"), ("ІІ-АБ", "12 34 56")],
)
def test_pupil_is_found_by_document(server: Server, rsa: Caller, series: str, number: str) -> None:
    reply = ask(server, rsa.ask(by_document("11", series, number)))
    assert student_of(reply).findtext(f"{ED}FirstName") == "Ульяна"


def test_namesake_is_told_apart_by_document(server: Server, rsa: Caller) -> None:
    student = student_of(ask(server, rsa.ask(by_document(*PASSPORT))))
    assert student.findtext(f"{ED}FamilyName") == NAMESAKES[0]
    assert student.find(f"{ED}Enrolment") is None
    assert student.find(f"{ED}Snils") is None


@pytest.mark.parametrize(("days", "enrolled"), [(0, True), (1, False)])
def test_enrolment_is_that_of_the_day_asked_for(
    server: Server, rsa: Caller, days: int, enrolled: bool
) -> None:
    day = (LEFT_ON + timedelta(days=days)).isoformat()
    student = student_of(ask(server, rsa.ask(by_snils(LEFT_SNILS, AsOf=day))))
    assert student.findtext(f"{ED}AsOf") == day
    name = student.findtext(f"{ED}Enrolment/{ED}Organisation/{ED}FullName")
    assert (name or "").endswith("«Гимназия «Росток & К»") is enrolled


def test_nobody_is_a_refusal(server: Server, agency: Caller) -> None:
    reply = ask(server, agency.ask(by_snils("087-654-303 00")))
    assert reply.message.status is Status.REJECT
    assert reply.content[0].text == "student.not_found"


def test_namesakes_are_a_refusal_that_names_nobody(server: Server, agency: Caller) -> None:
    reply = server.address.post(agency.ask(by_name(*NAMESAKES)))
    operation = read_reply(reply, server.installation)
    assert operation.message.status is Status.REJECT
    assert operation.content[0].text == "student.ambiguous"
    assert NAMESAKES[0].encode() not in reply.body


TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date()


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (
            by_snils("112-233-445 96", AsOf="1801-01-01"),
            {("snils.checksum", "Snils"), ("as_of.out_of_range", "AsOf")},
        ),
        (
            by_name("  ", "4", "<&>", TOMORROW),
            {
                ("name.empty", "PersonalData.FamilyName"),
                ("name.characters", "PersonalData.FirstName"),
                ("name.characters", "PersonalData.MiddleName"),
                ("birth_date.future", "PersonalData.BirthDate"),
            },
        ),
        (by_name("Я", "Ю", None, "1850-01-01"), {("birth_date.too_old", "PersonalData.BirthDate")}),
        (
            by_document("12", "45", "1"),
            {
                ("document.series", "IdentityDocument.Series"),
                ("document.number", "IdentityDocument.Number"),
            },
        ),
        (by_document("11", None, "123456"), {("document.series", "IdentityDocument.Series")}),
    ],
    ids=["snils", "name", "old", "passport", "certificate"],
)
def test_all_problems_of_a_query_are_told_at_once(
    server: Server, rsa: Caller, content, problems: set[tuple[str, str]]
) -> None:
    reply = ask(server, rsa.ask(content))
    assert reply.message.status is Status.INVALID
    assert problems_of(reply) == problems


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.REQUEST])
def test_other_status_than_request_is_invalid(server: Server, rsa: Caller, status: Status) -> None:
    reply = ask(server, rsa.ask(status=status))
    assert reply.message.status is Status.INVALID
    assert problems_of(reply) == {("message.status", "Message/Status")}


def test_status_without_content_is_invalid_too(server: Server, rsa: Caller) -> None:
    """A PING carries none; what is wrong is the status and not the missing query."""
    payload = rsa.payload(status=Status.PING)
    data = payload[1]
    data.remove(data[0])
    reply = ask(server, rsa.sign(payload))
    assert reply.message.status is Status.INVALID
    assert problems_of(reply) == {("message.status", "Message/Status")}


def test_problems_of_message_and_query_are_told_together(server: Server, rsa: Caller) -> None:
    query = by_name("123", "Ульяна", None, "2999-01-01")
    reply = ask(server, rsa.ask(query, status=Status.CANCEL))
    assert reply.message.status is Status.INVALID
    assert problems_of(reply) == {
        ("message.status", "Message/Status"),
        ("name.characters", "PersonalData.FamilyName"),
        ("birth_date.future", "PersonalData.BirthDate"),
    }


def test_reply_refers_to_its_request(server: Server, agency: Caller) -> None:
    originator = Participant("ORIG_SYS", "Портал")
    before = datetime.now(UTC)
    reply = ask(
        server,
        agency.ask(
            originator=originator,
            case_number="№ 7/«а»",
            service_code="100",
            oktmo="45382000",
            test_message="t",
        ),
    )
    message = reply.message
    assert message.sender.code == "KONT00001"
    assert message.recipient == Participant(agency.code, "Ведомство")
    assert message.originator == originator
    assert message.service is not None
    assert (message.case_number, message.service_code) == ("№ 7/«а»", "100")
    assert (message.oktmo, message.test_message) == ("45382000", "t")
    assert message.request_id_ref == message.origin_request_id_ref
    assert before - timedelta(seconds=1) <= message.date <= datetime.now(UTC)
    row = server.installation.decision(str(message.request_id_ref))
    assert (row["status"], row["fault_code"]) == ("RESULT", None)
    assert (row["operation"], row["sender_code"]) == ("FindStudent", agency.code)
    assert (row["transport"], row["peer"]) == ("smev2", "127.0.0.1")


def test_chain_of_messages_is_kept(server: Server, rsa: Caller) -> None:
    message = ask(server, rsa.ask(request_id_ref="r-1", origin_request_id_ref="o-1")).message
    assert message.origin_request_id_ref == "o-1"
    assert message.request_id_ref != "r-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"service": None, "service_name": "KONT"},
        {"service": None},
        {"service": Service("ANY", "9.99")},
        {"date": None},
        {"case_number": None},
    ],
    ids=["service name", "no service", "other service", "local date", "no case number"],
)
def test_each_form_of_request_is_answered(server: Server, rsa: Caller, changes) -> None:
    if "date" in changes:
        # Of the moment of asking: the tests before may have taken longer than a date is good for.
        changes = {"date": datetime.now(UTC).astimezone()}
    assert ask(server, rsa.ask(**changes)).message.status is Status.RESULT


def test_each_disclosure_is_in_the_audit_stream(server: Server, gost: Caller) -> None:
    message = ask(server, gost.ask(case_number='C-1" event=forged')).message
    (line,) = [
        one for one in server.installation.audit.splitlines() if message.request_id_ref in one
    ]
    assert f"agency={gost.code} operation=FindStudent subject=" in line
    assert line.endswith('case="C-1? event=forged"')
    assert "Алёхина" not in server.installation.audit
    assert "11223344595" not in server.installation.audit


def test_openssl_verifies_the_reply_to_gost(server: Server, gost: Caller, tmp_path: Path) -> None:
    reply = server.address.post(gost.ask())
    assert read_status(reply, server.installation) == "RESULT"
    verify_with_openssl(reply.body, server.installation.pki("ca.pem"), tmp_path)


def test_xmlsec_verifies_the_reply_to_rsa(server: Server, rsa: Caller) -> None:
    reply = server.address.post(rsa.ask())
    assert read_status(reply, server.installation) == "RESULT"
    verify_with_xmlsec(reply.body, server.installation.pki("ca.pem"))


def test_reply_is_signed_by_the_algorithm_of_its_request(server: Server, agency: Caller) -> None:
    reply = server.address.post(agency.ask())
    assert verify(reply.body, server.installation).algorithm is agency.signer.algorithm


def test_older_revision_is_not_of_this_contract(server: Server, rsa: Caller) -> None:
    reply = server.address.post(rsa.ask(revision=Revision.REV111111, service=None))
    assert reply.status == 500
