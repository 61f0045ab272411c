"""The catalogue of faults: complete, and showing nothing that it shouldn't."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from gateway.faults import CATALOGUE, FAULTS_NS, INTERNAL, build_fault, fault_for

ROOT = Path(__file__).resolve().parents[3]
ID = UUID("6f7e1f3a-6df5-4c1e-9b0a-0d5a3f1f2b11")
# What these rooms may refuse a message with; keys of the gateway's own keys and of storage don't
# reach the map under their own names.
ROOMS = ("gateway", "signing", "smev")
FAMILIES = (
    "access|audit|certificate|http|id|internal|journal|message|operation|recipient|replay|schema|"
    "sender|signature|signing|soap|store|xml"
)
# Not refusals of a message: problems in a signed answer, verdicts of `message verify`, and what
# only signing or building a message of our own can raise.
NOT_FAULTS = {
    "message.attachment",
    "message.status",
    "message.unwritable",
    "replay.answered",
    "signature.too_many",
    "schema.unknown",
    "signature.valid",
}


def codes_in_source() -> set[str]:
    found: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if path.name in {"authority.py", "issuing.py", "faults.py"}:
                continue
            pattern = rf'"((?:{FAMILIES})\.[a-z_]+)"'
            found.update(re.findall(pattern, path.read_text("utf-8")))
    return found


def test_every_code_that_the_rooms_raise_is_in_the_catalogue() -> None:
    assert codes_in_source() - NOT_FAULTS - set(CATALOGUE) == set()


def test_unknown_code_shows_as_an_internal_error() -> None:
    assert fault_for("provider.key_unreadable") is INTERNAL
    assert fault_for("") is INTERNAL


def test_codes_of_smev_are_used_where_it_has_one() -> None:
    shown = {spec.key: spec.code for spec in CATALOGUE.values() if spec.code != spec.key}
    assert shown == {
        "signature.invalid": "SMEV-100003",
        "certificate.missing": "SMEV-100004",
        "certificate.expired": "SMEV-100005",
        "signature.missing": "SMEV-100008",
        "signature.seal_missing": "SMEV-100008",
    }


def test_retryable_faults_are_503_of_the_server() -> None:
    retryable = {spec.key for spec in CATALOGUE.values() if spec.retryable}
    assert retryable == {"audit.unavailable", "journal.unavailable", "store.unavailable"}
    for spec in CATALOGUE.values():
        assert spec.http_status == (503 if spec.retryable else 500)
        assert not (spec.retryable and spec.client)


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=lambda spec: spec.key)
def test_texts_are_russian(spec: object) -> None:
    assert re.search("[а-яё]{4}", spec.text)  # type: ignore[attr-defined]


def test_fault_has_the_published_shape() -> None:
    fault = build_fault(fault_for("signature.invalid"), message_id=ID)
    assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
    assert fault.findtext("faultcode") == "soapenv:Client"
    (error,) = fault.find("detail")  # type: ignore[misc]
    assert error.tag == f"{{{FAULTS_NS}}}Error"
    assert error.get("key") == "signature.invalid"
    assert [etree.QName(child).localname for child in error] == ["Code", "Description", "MessageId"]
    assert [child.text for child in error][0::2] == ["SMEV-100003", str(ID)]


def test_fault_without_id_has_key_and_text_only() -> None:
    fault = build_fault(fault_for("signing.failed"), message_id=None)
    (error,) = fault.find("detail")  # type: ignore[misc]
    assert [etree.QName(child).localname for child in error] == ["Code", "Description"]


def test_hints_follow_the_text() -> None:
    fault = build_fault(fault_for("schema.invalid"), message_id=ID, hints=("A/B: нет элемента",))
    description = fault.findtext(f"detail/{{{FAULTS_NS}}}Error/{{{FAULTS_NS}}}Description")
    assert description is not None
    assert description.endswith("; A/B: нет элемента")
