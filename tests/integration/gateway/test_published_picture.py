"""spyne's own picture of a service agrees with the contract that is published."""

import pytest
from lxml import etree

from gateway.contents import students
from gateway.soap.application import SoapService
from smev.catalogue import Catalogue

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
CATALOGUE = Catalogue()


def never(_: object) -> object:
    raise AssertionError("only the picture is looked at")


@pytest.fixture(scope="module")
def service() -> SoapService:
    handlers = {"FindStudent": students.find_student_handler(never, never)}  # type: ignore[arg-type]
    return SoapService("students", students.NAMESPACE, handlers)


@pytest.fixture(scope="module")
def wsdl() -> etree._Element:
    return etree.fromstring(CATALOGUE.contract("students", address="http://127.0.0.1/s"))


def test_operations_and_actions(service: SoapService, wsdl: etree._Element) -> None:
    published = {
        (operation.get("name"), operation.find(f"{SOAP}operation").get("soapAction"))
        for operation in wsdl.iterfind(f"{WSDL}binding/{WSDL}operation")
    }
    assert {(each.name, each.soap_action) for each in service.operations()} == published


def test_messages_are_the_same_elements(service: SoapService, wsdl: etree._Element) -> None:
    elements = {
        f"{{{wsdl.get('targetNamespace')}}}{message.get('name')}": _element_of(message)
        for message in wsdl.iterfind(f"{WSDL}message")
    }
    published = set()
    for operation in wsdl.iterfind(f"{WSDL}portType/{WSDL}operation"):
        request, reply = (
            elements[_resolve(operation.find(f"{WSDL}{way}"), "message")]
            for way in ("input", "output")
        )
        published.add((operation.get("name"), request, reply))
    assert {(each.name, each.request, each.reply) for each in service.operations()} == published


def test_catalogue_knows_the_same_operations(service: SoapService) -> None:
    known = {(each.request, each.reply) for each in CATALOGUE.operations("students")}
    assert {(each.request, each.reply) for each in service.operations()} == known


def test_messages_hold_the_same_parts(service: SoapService) -> None:
    """Message, then MessageData, both of SMEV's namespace, in the schema as in spyne's types."""
    schema = etree.fromstring(CATALOGUE.schema("students-1.0.xsd"))
    types = {each.get("name"): each for each in schema.iterfind(f"{XS}complexType")}
    methods = service._application.interface.method_id_map.values()
    for method in methods:
        for message in (method.in_message, method.out_message):
            name = message.Attributes.sub_name or message.get_type_name()
            (element,) = [e for e in schema.iterfind(f"{XS}element") if e.get("name") == name]
            declared = types[_resolve(element, "type").rpartition("}")[2]]
            parts = [_resolve(part, "ref") for part in declared.iter(f"{XS}element")]
            shown = [
                f"{{{part.Attributes.sub_ns}}}{part_name}"
                for part_name, part in message.get_flat_type_info(message).items()
            ]
            assert parts == shown


def test_only_published_operations_are_there(service: SoapService) -> None:
    assert service.has_operation(f"{{{students.NAMESPACE}}}FindStudent")
    for name in ("FindStudent", "{urn:x}FindStudent", f"{{{students.NAMESPACE}}}find", ""):
        assert not service.has_operation(name)


def _element_of(message: etree._Element) -> str:
    part = message.find(f"{WSDL}part")
    assert part is not None
    return _resolve(part, "element")


def _resolve(element: etree._Element | None, attribute: str) -> str:
    assert element is not None
    prefix, _, local = (element.get(attribute) or "").rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"
