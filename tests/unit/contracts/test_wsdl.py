"""The service contract by the rules of WS-I Basic Profile 1.1 that tools stumble over."""

import re
from pathlib import Path

import pytest
import zeep
from lxml import etree

import wsdl as wsdl_package
import xsd as xsd_package
from smev.contracts import SERVICES
from smev.schema_files import parse_trusted, read_contract, read_schemas

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"

pytestmark = pytest.mark.parametrize("service", SERVICES)


def definitions(service: str) -> etree._Element:
    return parse_trusted(read_contract(SERVICES[service].wsdl))


def qname(element: etree._Element, value: str) -> str:
    prefix, _, local = value.rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"


def declared_elements(service: str) -> set[str]:
    names = set()
    for data in read_schemas(SERVICES[service].schemas).values():
        schema = parse_trusted(data)
        names |= {
            f"{{{schema.get('targetNamespace')}}}{each.get('name')}"
            for each in schema.iterchildren(f"{XS}element")
        }
    return names


def test_types_only_import_schemas_with_a_location(service: str) -> None:
    """R2001, R2105: schemas come by xs:import inside an xs:schema that holds nothing else."""
    (schema,) = definitions(service).find(f"{WSDL}types")
    assert schema.tag == f"{XS}schema"
    assert {child.tag for child in schema} == {f"{XS}import"}
    assert all(child.get("schemaLocation") and child.get("namespace") for child in schema)


def test_every_message_has_one_part_by_a_declared_element(service: str) -> None:
    """R2201, R2204: document/literal has at most one part, and it names a global element."""
    declared = declared_elements(service)
    for message in definitions(service).iterchildren(f"{WSDL}message"):
        (part,) = message
        assert part.get("type") is None
        assert qname(part, part.get("element")) in declared


def test_operations_are_bound_as_document_literal(service: str) -> None:
    """R2701-R2718: HTTP, one style, literal, the same operations in the port and the binding."""
    root = definitions(service)
    binding = root.find(f"{WSDL}binding")
    soap = binding.find(f"{SOAP}binding")
    assert soap.get("transport") == "http://schemas.xmlsoap.org/soap/http"
    assert soap.get("style") == "document"
    for use in [*binding.iter(f"{SOAP}body"), *binding.iter(f"{SOAP}fault")]:
        assert use.get("use") == "literal"
        assert use.get("namespace") is None
        assert use.get("encodingStyle") is None
    port_names = [
        each.get("name") for each in root.find(f"{WSDL}portType").iter(f"{WSDL}operation")
    ]
    bound = [each.get("name") for each in binding.iterchildren(f"{WSDL}operation")]
    assert sorted(port_names) == sorted(bound)
    assert len(set(bound)) == len(bound)


def test_soap_action_is_namespace_and_operation(service: str) -> None:
    """R2744: the action is stated, so that clients send it quoted."""
    namespace = SERVICES[service].namespace
    binding = definitions(service).find(f"{WSDL}binding")
    for operation in binding.iterchildren(f"{WSDL}operation"):
        action = operation.find(f"{SOAP}operation").get("soapAction")
        assert action == f"{namespace}/{operation.get('name')}"


def test_elements_of_operations_are_unique(service: str) -> None:
    """R2710: by the Body's child alone one knows the operation."""
    parts = [
        part.get("element")
        for part in definitions(service).iter(f"{WSDL}part")
        if not part.get("element").startswith("flt:")
    ]
    assert len(set(parts)) == len(parts)


def test_faults_are_named_alike(service: str) -> None:
    """R2721, R2754: a soap:fault has a name, the one of its wsdl:fault and of the port's fault."""
    root = definitions(service)
    for operation in root.find(f"{WSDL}binding").iterchildren(f"{WSDL}operation"):
        (fault,) = operation.iterchildren(f"{WSDL}fault")
        assert fault.find(f"{SOAP}fault").get("name") == fault.get("name")
        port = root.find(f"{WSDL}portType/{WSDL}operation[@name='{operation.get('name')}']")
        assert [each.get("name") for each in port.iterchildren(f"{WSDL}fault")] == [
            fault.get("name")
        ]


def test_contract_and_table_agree(service: str) -> None:
    operations = SERVICES[service].operations
    elements = {part.get("element") for part in definitions(service).iter(f"{WSDL}part")}
    stated = {
        etree.QName(name).localname for each in operations for name in (each.request, each.reply)
    }
    assert {name.rpartition(":")[2] for name in elements} - {"Error"} == stated
    contents = {
        name
        for each in operations
        for name in (*each.request_contents.values(), *each.reply_contents.values())
    }
    assert contents <= declared_elements(service)


def test_operations_are_documented_in_russian(service: str) -> None:
    port = definitions(service).find(f"{WSDL}portType")
    for operation in port.iterchildren(f"{WSDL}operation"):
        assert re.search("[а-яё]{4}", operation.findtext(f"{WSDL}documentation"))


def test_references_are_relative_and_resolve_on_disk(service: str) -> None:
    folder = Path(wsdl_package.__file__).parent
    for location in definitions(service).iter(f"{XS}import"):
        assert (folder / location.get("schemaLocation")).resolve().is_file()
    for name, data in read_schemas(SERVICES[service].schemas).items():
        assert (Path(xsd_package.__file__).parent / name).is_file()
        for location in parse_trusted(data).iter(f"{XS}import"):
            assert "/" not in location.get("schemaLocation")


def test_zeep_loads_the_file_strictly(service: str) -> None:
    path = Path(wsdl_package.__file__).parent / SERVICES[service].wsdl
    client = zeep.Client(str(path), settings=zeep.Settings(strict=True, forbid_external=False))
    (port,) = client.wsdl.services[f"{service.capitalize()}Service"].ports.values()
    assert {f"{{{SERVICES[service].namespace}}}{name}" for name in port.binding.all()} == {
        each.request for each in SERVICES[service].operations
    }
