"""The zeep factory: only pinned contracts, and no error of anyone else's."""

import pytest

from adapters.errors import AdapterError
from adapters.http_client import HttpSettings
from adapters.schools.pages import NAMESPACE
from adapters.soap_client import SoapClient, _PinnedTransport
from adapters.soap_reply import Bounds

SETTINGS = HttpSettings(
    url="http://127.0.0.1:9/",
    user="u",
    password="p",
    connect_timeout_s=1.0,
    timeout_s=1.0,
    max_response_bytes=1000,
)
BINDING = "SchoolExportSoap11"


def test_an_unknown_contract_or_binding_is_our_mistake() -> None:
    for wsdl, binding in [("no-such.wsdl", BINDING), ("school-export-1.0.wsdl", "Other")]:
        with pytest.raises(AdapterError) as caught:
            SoapClient(wsdl, namespace=NAMESPACE, binding=binding, settings=SETTINGS)
        assert caught.value.code == "source.misconfigured"


def test_arguments_that_the_contract_has_not_are_our_mistake() -> None:
    client = SoapClient(
        "school-export-1.0.wsdl", namespace=NAMESPACE, binding=BINDING, settings=SETTINGS
    )
    for operation, arguments in [
        ("GetTeachers", {}),
        ("GetPupils", {"Size": 1}),
        ("GetPupils", {}),
        ("GetPupils", {"PageSize": 1, "PageToken": "\0"}),
    ]:
        with pytest.raises(AdapterError) as caught:
            client.call(operation, arguments, bounds=Bounds(10, 10))
        assert caught.value.code == "source.misconfigured"


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:9/a.xsd",
        "file:///etc/passwd",
        "/etc/passwd",
        "/kontingent-contracts/../etc/passwd",
        "/kontingent-contracts/adapters/errors.py",
        "/kontingent-contracts/xsd/../../etc/passwd",
    ],
)
def test_nothing_is_loaded_that_is_not_pinned(path: str) -> None:
    transport = _PinnedTransport(None)  # type: ignore[arg-type]
    with pytest.raises(AdapterError) as caught:
        transport.load(path)
    assert caught.value.code == "source.misconfigured"
