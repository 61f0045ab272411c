import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from smev.catalogue import MAX_PROBLEMS, Catalogue
from smev.contracts import EDUCATION_NS, SERVICES, STUDENTS_NS
from smev.envelope import build_operation
from smev.errors import SmevError
from smev.message import Revision, Status
from smev.samples import build_sample
from tests.unit.smev.samples import AGENCY, GATEWAY, MINIMAL, MOMENT

ROOT = Path(__file__).resolve().parents[3]
ST = f"{{{STUDENTS_NS}}}"
SMEV = f"{{{Revision.REV120315}}}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
CATALOGUE = Catalogue()
ADDRESS = "https://kontingent.example:8443/smev2/students"


def request() -> etree._Element:
    return build_sample("FindStudent", sender=AGENCY, recipient=GATEWAY, date=MOMENT)


def reply(status: Status, content: str | None) -> etree._Element:
    element = None
    if content is not None:
        element = etree.fromstring(content.replace("<", f'<x xmlns="{STUDENTS_NS}"><', 1) + "</x>")
        element = element[0]
    return build_operation(f"{ST}FindStudentResponse", replace(MINIMAL, status=status), element)


REFUSAL = "<Refusal><Code>student.not_found</Code><Description>Нет</Description></Refusal>"
PROBLEMS = "<Problems><Problem><Code>a</Code><Description>б</Description></Problem></Problems>"


def kinds(payload: etree._Element) -> list[str]:
    return [each.kind for each in CATALOGUE.validate(payload)]


def element(payload: etree._Element, name: str) -> etree._Element:
    return next(payload.iter(name))


# Requests -------------------------------------------------------------------------------------


def test_sample_is_valid() -> None:
    assert CATALOGUE.validate(request()) == ()


def rename_operation(root: etree._Element) -> None:
    root.tag = f"{ST}FindStudents"


def use_content_as_operation(root: etree._Element) -> None:
    root.tag = f"{ST}FindStudentRequest"


def double_content(root: etree._Element) -> None:
    app_data = element(root, f"{SMEV}AppData")
    app_data.append(deepcopy(app_data[0]))


def add_foreign_content(root: etree._Element) -> None:
    etree.SubElement(element(root, f"{SMEV}AppData"), "{urn:other}extra")


def replace_content(root: etree._Element) -> None:
    app_data = element(root, f"{SMEV}AppData")
    app_data.replace(app_data[0], etree.Element("{urn:other}FindStudentRequest"))


def answer_in_a_request(root: etree._Element) -> None:
    app_data = element(root, f"{SMEV}AppData")
    app_data.replace(app_data[0], element(reply(Status.REJECT, REFUSAL), f"{ST}Refusal"))


def drop_content(root: etree._Element) -> None:
    del element(root, f"{SMEV}AppData")[:]


def drop_app_data(root: etree._Element) -> None:
    del element(root, f"{SMEV}MessageData")[:]


def break_snils(root: etree._Element) -> None:
    element(root, f"{ST}Snils").text = "Секретов"


def break_status(root: etree._Element) -> None:
    element(root, f"{SMEV}Status").text = "Секретов"


def break_date(root: etree._Element) -> None:
    element(root, f"{SMEV}Date").text = "Секретов"


def lengthen_purpose(root: etree._Element) -> None:
    element(root, f"{ST}Purpose").text = "Секретов" * 63


def put_element_into_value(root: etree._Element) -> None:
    etree.SubElement(element(root, f"{ST}Snils"), "Секретов")


def put_text_between_elements(root: etree._Element) -> None:
    element(root, f"{SMEV}Message").text = "Секретов"


def put_unknown_element(root: etree._Element) -> None:
    etree.SubElement(element(root, f"{ST}FindStudentRequest"), "Секретов")


def put_attribute(root: etree._Element) -> None:
    element(root, f"{ST}FindStudentRequest").set("Секретов", "Секретов")


def nil_a_value(root: etree._Element) -> None:
    element(root, f"{ST}Snils").set(f"{XSI}nil", "true")


def substitute_a_type(root: etree._Element) -> None:
    element(root, f"{ST}FindStudentRequest").set(f"{XSI}type", "Секретов")


def mix_revisions(root: etree._Element) -> None:
    element(root, f"{SMEV}Message").tag = f"{{{Revision.REV111111}}}Message"


def flood(root: etree._Element) -> None:
    for _ in range(1000):
        etree.SubElement(element(root, f"{SMEV}AppData"), "{urn:other}x")


@pytest.mark.parametrize(
    ("defect", "kind", "path"),
    [
        (rename_operation, "operation.unknown", "/"),
        (use_content_as_operation, "operation.unknown", "/"),
        (flood, "too_many_elements", "/"),
        (double_content, "content.unexpected", "AppData"),
        (add_foreign_content, "content.unexpected", "AppData"),
        (replace_content, "content.unexpected", "AppData"),
        (answer_in_a_request, "content.unexpected", "AppData"),
        (drop_content, "content.missing", "AppData"),
        (drop_app_data, "content.missing", "MessageData"),
        (break_snils, "value.pattern", "Snils"),
        (break_status, "value.enumeration", "Status"),
        (break_date, "value.type", "Date"),
        (lengthen_purpose, "value.length", "Purpose"),
        (put_element_into_value, "element.children", "Snils"),
        (put_text_between_elements, "element.text", "Message"),
        (put_unknown_element, "element.unexpected", "*"),
        (put_attribute, "attribute.unexpected", "FindStudentRequest"),
        (nil_a_value, "element.type", "Snils"),
        (substitute_a_type, "element.type", "FindStudentRequest"),
        (mix_revisions, "element.unexpected", "*"),
    ],
)
def test_broken_sibling(defect: Callable[[etree._Element], None], kind: str, path: str) -> None:
    payload = request()
    defect(payload)
    problems = CATALOGUE.validate(payload)
    assert (problems[0].kind, problems[0].path.rpartition("/")[2] or "/") == (kind, path)
    assert not any("Секретов" in f"{each.path}{each.message}" for each in problems)


def test_comment_is_no_operation() -> None:
    assert kinds(etree.Comment("x")) == ["operation.unknown"]


def test_other_status_needs_no_content_but_takes_only_the_right_one() -> None:
    payload = request()
    element(payload, f"{SMEV}Status").text = "PING"
    assert kinds(payload) == []
    drop_app_data(payload)
    assert kinds(payload) == []
    payload = request()
    element(payload, f"{SMEV}Status").text = "PING"
    replace_content(payload)
    assert kinds(payload) == ["content.unexpected"]


def test_comments_do_not_change_the_status() -> None:
    payload = request()
    status = element(payload, f"{SMEV}Status")
    status.text = "REQ"
    status.append(etree.Comment("x"))
    status[0].tail = "UEST"
    drop_content(payload)
    assert kinds(payload) == ["content.missing"]


# Replies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (Status.REJECT, REFUSAL, []),
        (Status.INVALID, PROBLEMS, []),
        (Status.PROCESS, None, []),
        (Status.RESULT, None, ["content.missing"]),
        (Status.RESULT, REFUSAL, ["content.unexpected"]),
        (Status.REJECT, PROBLEMS, ["content.unexpected"]),
        (Status.INVALID, REFUSAL, ["content.unexpected"]),
        (Status.REJECT, "<Refusal/>", ["element.unexpected"]),
    ],
)
def test_reply(status: Status, content: str | None, expected: list[str]) -> None:
    assert kinds(reply(status, content)) == expected


# What is told ---------------------------------------------------------------------------------


def test_paths_are_told_whatever_the_prefixes() -> None:
    text = etree.tostring(request(), encoding="unicode")
    for prefix in ("smev", "op"):
        plain = text.replace(f"xmlns:{prefix}=", "xmlns=")
        plain = plain.replace(f"<{prefix}:", "<").replace(f"</{prefix}:", "</")
        payload = etree.fromstring(plain)
        break_snils(payload)
        (told,) = CATALOGUE.validate(payload)
        assert told.path == "/FindStudent/MessageData/AppData/FindStudentRequest/Snils"
        assert told.line == 1


def test_repeated_elements_are_numbered() -> None:
    problem = "<Problem><Code>a</Code><Description>б</Description></Problem>"
    payload = reply(Status.INVALID, f"<Problems>{problem * 3}</Problems>")
    list(payload.iter(f"{ST}Code"))[1].text = ""
    (told,) = CATALOGUE.validate(payload)
    assert told.path.endswith("/Problems/Problem[2]/Code")


def test_expected_elements_are_told() -> None:
    payload = request()
    element(payload, f"{SMEV}Message").remove(element(payload, f"{SMEV}TypeCode"))
    (told,) = CATALOGUE.validate(payload)
    assert told.message.endswith("ожидается TypeCode")
    drop_content(payload := request())
    assert CATALOGUE.validate(payload)[0].message.endswith("ожидается FindStudentRequest")


def test_at_most_twenty_problems() -> None:
    problem = "<Problem><Code></Code><Description>б</Description></Problem>"
    payload = reply(Status.INVALID, f"<Problems>{problem * 100}</Problems>")
    assert len(CATALOGUE.validate(payload)) == MAX_PROBLEMS == 20


def test_the_message_cannot_bring_a_schema_of_its_own(tmp_path: Path) -> None:
    schema = tmp_path / "own.xsd"
    schema.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own">'
        '<xs:element name="x" type="xs:int"/></xs:schema>'
    )
    payload = request()
    payload.set(
        f"{XSI}schemaLocation", f"urn:own {schema.as_uri()} {STUDENTS_NS} {schema.as_uri()}"
    )
    assert CATALOGUE.validate(payload) == ()
    etree.SubElement(element(payload, f"{SMEV}AppData"), "{urn:own}x").text = "not a number"
    # Had its schema been read, the value would be told, not the place.
    assert kinds(payload) == ["content.unexpected"]


def test_validation_leaves_the_message_as_it_was() -> None:
    payload = request()
    before = etree.tostring(payload)
    CATALOGUE.validate(payload)
    assert etree.tostring(payload) == before


def test_part_of_a_document_is_validated_in_place() -> None:
    body = etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Body")
    body.append(request())
    assert CATALOGUE.validate(body[0]) == ()
    break_snils(body[0])
    assert CATALOGUE.validate(body[0])[0].path.startswith("/FindStudent/MessageData")


def test_threads_do_not_read_each_other_s_errors() -> None:
    catalogue, broken = Catalogue(), request()
    break_snils(broken)
    texts = [etree.tostring(request()), etree.tostring(broken)]

    def check(number: int) -> bool:
        told = [each.kind for each in catalogue.validate(etree.fromstring(texts[number % 2]))]
        return told == ([] if number % 2 == 0 else ["value.pattern"])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(check, range(800)))


# Files ----------------------------------------------------------------------------------------


def test_every_reference_of_the_served_contract_is_served() -> None:
    waiting = [CATALOGUE.contract("students", address=ADDRESS)]
    namespaces = set()
    while waiting:
        for each in etree.fromstring(waiting.pop()).iter("{*}import"):
            address, _, name = each.get("schemaLocation").partition("?xsd=")
            assert address == ADDRESS
            schema = CATALOGUE.schema(name, address=ADDRESS)
            assert etree.fromstring(schema).get("targetNamespace") == each.get("namespace")
            if each.get("namespace") not in namespaces:
                namespaces.add(each.get("namespace"))
                waiting.append(schema)
    assert {STUDENTS_NS, EDUCATION_NS, Revision.REV120315} < namespaces


def test_served_contract_has_the_right_address() -> None:
    root = etree.fromstring(CATALOGUE.contract("students", address=ADDRESS))
    (address,) = root.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == ADDRESS


def test_schema_without_address_refers_relatively() -> None:
    locations = [
        each.get("schemaLocation")
        for each in etree.fromstring(CATALOGUE.schema("students-1.0.xsd")).iter("{*}import")
    ]
    assert locations == ["?xsd=smev-rev120315.xsd", "?xsd=education-1.0.xsd"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "../setup.cfg",
        "..%2fsetup.cfg",
        "__init__.py",
        "/etc/passwd",
        "./students-1.0.xsd",
        "students-1.0.xsd\x00",
        "STUDENTS-1.0.XSD",
        "../wsdl/students-1.0.wsdl",
    ],
)
def test_only_published_schemas_are_served(name: str) -> None:
    with pytest.raises(SmevError) as caught:
        CATALOGUE.schema(name, address=ADDRESS)
    assert caught.value.code == "schema.unknown"


def test_unknown_service() -> None:
    for call in (
        lambda: CATALOGUE.contract("../students", address=ADDRESS),
        lambda: CATALOGUE.operations("teachers"),
    ):
        with pytest.raises(SmevError) as caught:
            call()
        assert caught.value.code == "contract.unknown"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/smev2/students",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://user@host/",
        "http://host/?wsdl",
        "http://host/#x",
        "http://host:0/",
        "http://host:port/",
        "http://host/a b",
        'http://host/"><x/>\n',
        "http://[::1/",
        "http://хост/",
    ],
)
def test_address_that_a_contract_cannot_name(address: str) -> None:
    with pytest.raises(SmevError) as caught:
        CATALOGUE.contract("students", address=address)
    assert caught.value.code == "contract.address"


def test_address_is_written_as_text() -> None:
    address = "http://host/a&b'c"
    assert b"a&amp;b'c" in CATALOGUE.contract("students", address=address)
    CATALOGUE.schema("students-1.0.xsd", address=address)


def test_operations_of_a_service() -> None:
    assert CATALOGUE.operations("students") == SERVICES["students"].operations


_FIRST_COMPILATIONS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from smev.catalogue import Catalogue
from tests.unit.smev.test_catalogue import request

payload, barrier = request(), Barrier(8)
def check(_: int) -> bool:
    barrier.wait()
    return Catalogue().validate(payload) == ()
with ThreadPoolExecutor(8) as pool:
    sys.exit(0 if all(pool.map(check, range(8))) else 1)
"""


@pytest.mark.slow
def test_first_compilations_of_a_process_may_come_together() -> None:
    """libxml2's table of built-in types is filled by the first one, once."""
    for _ in range(12):
        done = subprocess.run([sys.executable, "-c", _FIRST_COMPILATIONS], check=False, cwd=ROOT)
        assert done.returncode == 0
