"""A zeep client that trusts no one: contracts from our own packages, answers read by us.

zeep builds the request from the pinned contract; what comes back goes through `http_client` and
`soap_reply`, because zeep would parse it unbounded, and seven times slower.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

import zeep
import zeep.exceptions
from lxml import etree

from adapters.errors import AdapterError
from adapters.http_client import HttpClient, HttpReply, HttpSettings
from adapters.soap_reply import Bounds, parse_reply

# zeep resolves imports as paths of files. Under this root, which no disk has, there are the
# contracts of our packages and nothing else: /…/wsdl/NAME and /…/xsd/NAME.
_PINNED_ROOT = PurePosixPath("/kontingent-contracts")
_PACKAGES = ("wsdl", "xsd")


class SoapClient:
    """Calls the operations of one pinned contract at one configured address.

    `wsdl_name` is a file of the `wsdl` package; the binding is named by its namespace and name.
    The address in the file is ignored. Raises `AdapterError` (source.misconfigured).
    """

    def __init__(
        self, wsdl_name: str, *, namespace: str, binding: str, settings: HttpSettings
    ) -> None:
        self._namespace = namespace
        self._http = HttpClient(settings)
        try:
            client = zeep.Client(
                str(_PINNED_ROOT / "wsdl" / wsdl_name),
                transport=_PinnedTransport(self._http),
                settings=_zeep_settings(),
            )
            self._service = client.create_service(f"{{{namespace}}}{binding}", settings.url)
        except (zeep.exceptions.Error, etree.LxmlError, OSError, ValueError) as error:
            detail = f"the contract {wsdl_name} does not load ({type(error).__name__})"
            raise AdapterError("source.misconfigured", detail) from error

    def call(
        self, operation: str, arguments: Mapping[str, object], *, bounds: Bounds
    ) -> etree._Element:
        """The ``…Response`` element that `operation` answers with; raises `AdapterError`."""
        try:
            reply: HttpReply = self._service[operation](**arguments)
        except (zeep.exceptions.Error, AttributeError, TypeError, ValueError) as error:
            # The last three: no such operation, no such argument, text that XML cannot hold.
            detail = f"{operation} cannot be asked for so ({type(error).__name__})"
            raise AdapterError("source.misconfigured", detail) from error
        return parse_reply(reply, f"{{{self._namespace}}}{operation}Response", bounds=bounds)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._http.close()


class _PinnedTransport:
    """What zeep needs of a transport: contracts from our packages, requests to one address."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def load(self, url: str) -> bytes:
        """The contract at the path `url`; anything but a file of ours is refused."""
        path = PurePosixPath(url)
        package = path.parent.name
        if path.parent.parent != _PINNED_ROOT or package not in _PACKAGES:
            raise AdapterError("source.misconfigured", "a contract imports what is not pinned")
        return files(package).joinpath(path.name).read_bytes()

    def post_xml(
        self, address: str, envelope: etree._Element, headers: Mapping[str, str]
    ) -> HttpReply:
        """Send `envelope`; `address` is the configured one, which the HTTP client has already."""
        del address
        body = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        return self._http.post(body, headers)


def _zeep_settings() -> zeep.Settings:
    options: dict[str, Any] = {
        "strict": True,
        "raw_response": True,
        "forbid_dtd": True,
        "forbid_entities": True,
        "xml_huge_tree": False,
        "force_https": False,  # the address is ours to choose, and not the contract's
    }
    if hasattr(zeep.Settings(), "forbid_external"):  # zeep 4.3 and later
        options["forbid_external"] = True
    return zeep.Settings(**options)
