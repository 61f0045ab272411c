"""Nothing of a person on the operator's screen, however malformed the message is."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from gateway.faults import build_fault, fault_for
from ops.masking import mask_fields, mask_message
from signing.xml.wss import build_envelope
from smev.message import Participant
from smev.samples import build_sample

SECRETS = ("Иванов", "112-233-445 95", "11223344595", "2015-03-14")


def sample() -> etree._Element:
    payload = build_sample(
        "FindStudent",
        sender=Participant("DEMO00001", "Иванов и сыновья"),
        recipient=Participant("KONT00001", "Контингент"),
        date=datetime(2026, 11, 2, tzinfo=UTC),
        case_number="дело Иванов",
    )
    return build_envelope(payload)


def outline(root: etree._Element, *, ours: bool = False) -> str:
    shown = mask_message(etree.tostring(root, encoding="UTF-8"), ours=ours)
    assert shown is not None
    return shown


def test_good_message_shows_its_way_and_no_person() -> None:
    shown = outline(sample())
    assert "Code: DEMO00001" in shown
    assert "Status: REQUEST" in shown
    assert "Snils: •••" in shown
    assert not any(secret in shown for secret in SECRETS)


def in_attribute(root: etree._Element) -> None:
    root[0].set("Иванов", "112-233-445 95")


def in_header(root: etree._Element) -> None:
    header = etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Header")
    etree.SubElement(header, "{urn:x}Note").text = "Иванов 2015-03-14"
    root.insert(0, header)


def in_element_name(root: etree._Element) -> None:
    etree.SubElement(root[0], "{urn:x}Иванов").tail = "11223344595"


def in_namespace(root: etree._Element) -> None:
    etree.SubElement(root[0], "{urn:11223344595}a", nsmap={"q": "urn:11223344595"})


def in_another_revision(root: etree._Element) -> None:
    text = etree.tostring(root).replace(b"rev120315", b"rev110801")
    root[:] = etree.fromstring(text)[:]


def in_routing(root: etree._Element) -> None:
    for element in root.iter("{*}Code", "{*}Mnemonic", "{*}ExchangeType"):
        element.text = "11223344595"


def in_tail(root: etree._Element) -> None:
    root[0][0].tail = "Иванов"


@pytest.mark.parametrize(
    "break_it",
    [
        in_attribute,
        in_header,
        in_element_name,
        in_namespace,
        in_another_revision,
        in_routing,
        in_tail,
    ],
)
def test_malformed_message_shows_no_person(break_it: object) -> None:
    root = sample()
    break_it(root)  # type: ignore[operator]
    for ours in (False, True):
        assert not any(secret in outline(root, ours=ours) for secret in SECRETS)


def test_fault_of_ours_is_readable() -> None:
    root = build_envelope(build_fault(fault_for("signature.invalid"), message_id=None))
    assert "Code: SMEV-100003" in outline(root, ours=True)
    assert "SMEV-100003" not in outline(root, ours=False)


@pytest.mark.parametrize("data", [b"", "Иванов".encode(), b"<a>", b"\xff\xfe<\x00a\x00"])
def test_what_is_not_a_message_is_not_shown(data: bytes) -> None:
    assert mask_message(data, ours=False) is None


def test_fields_that_a_sender_wrote_are_covered() -> None:
    shown = mask_fields(
        {
            "case_number": "дело Иванов",
            "headers": {"soap_action": "Иванов"},
            "request_id_ref": "112-233-445 95",
            "origin_request_id_ref": "6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11",
            "status": "RESULT",
        }
    )
    assert shown == {
        "case_number": "•••",
        "headers": "•••",
        "request_id_ref": "•••",
        "origin_request_id_ref": "6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11",
        "status": "RESULT",
    }
