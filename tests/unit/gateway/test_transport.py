"""What HTTP says of a message: SOAP 1.1 in UTF-8, whole, not packed, of the signed operation."""

import pytest

from gateway.errors import GatewayError
from gateway.transport import is_soap11, verify_soap_action


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml",
        "TEXT/XML ; charset=UTF-8",
        'text/xml; charset="utf-8"',
        "text/xml;charset=utf8;action=urn:x",
        'text/xml; action="urn:x"; charset=utf-8',
    ],
)
def test_soap_11_in_utf_8(content_type: str) -> None:
    assert is_soap11(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/soap+xml",
        "text/xmlx",
        "text/plain",
        "multipart/related; type=text/xml",
        "text/xml; charset=windows-1251",
        'text/xml; charset="utf-8',
        "text/xml; charset=",
        "text/xml; charset=utf-8; charset=utf-16",
    ],
)
def test_anything_else(content_type: str) -> None:
    assert not is_soap11(content_type)


@pytest.mark.parametrize("header", [None, "", '""', '"urn:x/Find"', "urn:x/Find"])
def test_action_of_the_operation_or_none(header: str | None) -> None:
    verify_soap_action(header, "{urn:x}Find")


@pytest.mark.parametrize("header", ['"urn:x/Other"', "Find", '"urn:x"', '"urn:x/Find2"'])
def test_action_of_another_operation(header: str) -> None:
    with pytest.raises(GatewayError) as error:
        verify_soap_action(header, "{urn:x}Find")
    assert error.value.code == "soap.action_mismatch"
