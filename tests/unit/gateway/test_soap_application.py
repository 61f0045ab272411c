"""spyne finds the operation, and nothing else happens on the way."""

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.soap.application import PublishedOperation, SoapService

NS = "urn://x-artefacts-kontingent/test/1.0"


def validated(operation: str) -> Any:
    return SimpleNamespace(authorised=SimpleNamespace(operation=operation))


def test_handler_of_the_operation_gets_the_very_message() -> None:
    service = SoapService("test", NS, {"One": lambda m: ("one", m), "Two": lambda m: ("two", m)})
    message = validated(f"{{{NS}}}Two")
    assert service.dispatch(message) == ("two", message)


def test_error_of_a_handler_comes_out_as_it_is() -> None:
    def handler(_: object) -> Any:
        raise GatewayError("access.denied")

    service = SoapService("test", NS, {"One": handler})
    with pytest.raises(GatewayError) as error:
        service.dispatch(validated(f"{{{NS}}}One"))
    assert error.value.code == "access.denied"


def test_unknown_operation_is_not_there() -> None:
    service = SoapService("test", NS, {"One": lambda m: m})
    assert service.has_operation(f"{{{NS}}}One")
    assert not service.has_operation("{urn:other}One")
    assert not service.has_operation("One")


def test_picture_of_the_service() -> None:
    service = SoapService("test", NS, {"One": lambda m: m})
    assert service.operations() == (
        PublishedOperation(
            name="One",
            soap_action=f"{NS}/One",
            request=f"{{{NS}}}One",
            reply=f"{{{NS}}}OneResponse",
        ),
    )
