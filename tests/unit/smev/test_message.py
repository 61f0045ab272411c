from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from lxml import etree

from smev.errors import SmevError
from smev.message import (
    Message,
    Participant,
    Revision,
    Service,
    Status,
    SubMessage,
    TypeCode,
    build_message,
    parse_message,
    reply_to,
)
from tests.unit.smev.samples import AGENCY, FULL, GATEWAY, MINIMAL, MOMENT, SERVICE, messages

NS = FULL.revision.value
OLD = replace(MINIMAL, revision=Revision.REV111111)


def rebuilt(message: Message) -> etree._Element:
    return etree.fromstring(etree.tostring(build_message(message)))


@settings(deadline=None)
@given(messages)
def test_what_is_written_is_read(message: Message) -> None:
    assert parse_message(rebuilt(message)) == message


def test_order_of_a_full_message() -> None:
    before = ["Sender", "Recipient", "Originator", "Service", "TypeCode", "Status", "Date"]
    references = ["RequestIdRef", "OriginRequestIdRef", "ServiceCode", "CaseNumber"]
    after = ["SubMessages", "TestMsg", "OKTMO"]
    names = [etree.QName(child).localname for child in build_message(FULL)]
    assert names == [*before, "ExchangeType", *references, *after]


def test_naive_date_is_in_the_given_zone() -> None:
    element, moscow = build_message(MINIMAL), timezone(timedelta(hours=3))
    element.find(f"{{{NS}}}Date").text = "2026-09-01T10:30:00"
    assert parse_message(element, default_timezone=moscow).date == MOMENT
    assert parse_message(element).date == datetime(2026, 9, 1, 10, 30, tzinfo=UTC)


def test_white_space_around_a_code_is_not_the_code() -> None:
    element = build_message(MINIMAL)
    element.find(f"{{{NS}}}Sender/{{{NS}}}Code").text = "\n  DEMO00001\n  "
    assert parse_message(element).sender == AGENCY


def test_comments_are_read_over() -> None:
    element = build_message(FULL)
    for number, child in enumerate(list(element.iter("*"))):
        child.insert(0, etree.Comment(str(number)))
        if child.text:
            child[0].tail, child.text = child.text, None
    assert parse_message(element) == FULL


@pytest.mark.parametrize("name", ["Sender", "Recipient", "TypeCode", "Status", "Date"])
def test_missing_element(name: str) -> None:
    element = build_message(FULL)
    element.remove(element.find(f"{{{NS}}}{name}"))
    assert_refused(element)


def test_every_element_stands_once_and_in_its_place() -> None:
    for index in range(len(build_message(FULL))):
        element = build_message(FULL)
        element.append(element[index])
        if index < len(element) - 1:
            assert_refused(element)
        element = build_message(FULL)
        element.insert(index, etree.Element(str(element[index].tag)))
        assert_refused(element)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Status", "DONE"),
        ("Status", " REQUEST"),
        ("Status", "request"),
        ("TypeCode", "GOV"),
        ("TypeCode", ""),
        ("Date", "вчера"),
        ("SubMessages/SubMessage/Status", "DONE"),
        ("SubMessages/SubMessage/Date", ""),
        ("CaseNumber", "7" * 501),
        ("Sender/Code", "К" * 201),
        ("RequestIdRef", "7" * 201),
        ("OriginRequestIdRef", "7" * 201),
        ("ServiceCode", "7" * 2001),
    ],
)
def test_value_of_the_wrong_kind(path: str, text: str) -> None:
    element = build_message(FULL)
    element.find("/".join(f"{{{NS}}}{step}" for step in path.split("/"))).text = text
    assert_refused(element, hidden=text)


@pytest.mark.parametrize("tag", ["{urn:x}Message", "Message", f"{{{NS}}}MessageData"])
def test_not_a_message(tag: str) -> None:
    element = build_message(MINIMAL)
    element.tag = tag
    assert_refused(element)


def test_elements_of_two_revisions_do_not_mix() -> None:
    element = build_message(MINIMAL)
    element.replace(element[0], build_message(OLD)[0])
    assert_refused(element)


@pytest.mark.parametrize("name", ["Service", "ServiceName", "SubMessages", "OKTMO"])
def test_old_revision_lacks_an_element(name: str) -> None:
    element = build_message(OLD)
    element.append(etree.Element(f"{{{Revision.REV111111}}}{name}"))
    assert_refused(element)


def test_old_revision_lacks_codes() -> None:
    for name, code in (("TypeCode", "OTHR"), ("Status", "PACKET")):
        element = build_message(OLD)
        element.find(f"{{{Revision.REV111111}}}{name}").text = code
        assert_refused(element)


def test_both_forms_of_service() -> None:
    element = build_message(FULL)
    name = etree.Element(f"{{{NS}}}ServiceName")
    element.find(f"{{{NS}}}Service").addnext(name)
    assert_refused(element)


def test_empty_or_foreign_packet() -> None:
    packet = f"{{{NS}}}SubMessages"
    element = build_message(FULL)
    del element.find(packet)[:]
    assert_refused(element)
    etree.SubElement(element.find(packet), "{urn:x}SubMessage")
    assert_refused(element)


@pytest.mark.parametrize(
    "message",
    [
        replace(MINIMAL, service=SERVICE, service_name="x"),
        replace(MINIMAL, service=Service("x", "1")),
        replace(MINIMAL, date=MOMENT.replace(tzinfo=None)),
        replace(MINIMAL, case_number="\x00"),
        replace(MINIMAL, sender=Participant("A", "\ud800")),
        replace(MINIMAL, case_number="7" * 501),
        replace(OLD, service=SERVICE),
        replace(OLD, service_name="x"),
        replace(OLD, oktmo="1"),
        replace(OLD, type_code=TypeCode.OTHER),
        replace(OLD, status=Status.PACKET),
        replace(OLD, sub_messages=(SubMessage(number="1", status=Status.PING, date=MOMENT),)),
    ],
)
def test_unwritable_message(message: Message) -> None:
    with pytest.raises(SmevError) as caught:
        build_message(message)
    assert caught.value.code == "message.unwritable"


def reply(request: Message, status: Status = Status.RESULT) -> Message:
    return reply_to(
        request, sender=GATEWAY, service=SERVICE, status=status, date=MOMENT, request_id="id-1"
    )


def test_reply_to_the_first_message_of_a_chain() -> None:
    assert reply(MINIMAL) == replace(
        MINIMAL,
        sender=GATEWAY,
        recipient=AGENCY,
        service=SERVICE,
        status=Status.RESULT,
        request_id_ref="id-1",
        origin_request_id_ref="id-1",
    )


def test_reply_within_a_chain_keeps_its_origin_and_its_case() -> None:
    made = reply(replace(FULL, service=None, service_name="KONT"), Status.REJECT)
    assert (made.request_id_ref, made.origin_request_id_ref) == ("id-1", "a")
    assert (made.service, made.service_name, made.sub_messages) == (SERVICE, None, ())
    for name in ("originator", "service_code", "case_number", "test_message", "oktmo", "type_code"):
        assert getattr(made, name) == getattr(FULL, name)
    assert made.status is Status.REJECT


def test_reply_in_the_old_revision_has_no_service() -> None:
    made = reply(OLD)
    assert (made.revision, made.service) == (Revision.REV111111, None)
    assert parse_message(build_message(made)) == made


def assert_refused(element: etree._Element, hidden: str = "") -> None:
    with pytest.raises(SmevError) as caught:
        parse_message(element)
    assert caught.value.code == "schema.invalid"
    assert not hidden or hidden not in caught.value.detail
