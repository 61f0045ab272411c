"""What HTTP says of a message beside the message itself."""

from gateway.errors import GatewayError
from gateway.stages import Arrival


def verify_transport(arrival: Arrival) -> bytes:
    """Return the bytes of a request that came whole, within the limit and as SOAP 1.1.

    Raises GatewayError: `http.incomplete`, `http.content_encoding`, `xml.too_large`,
    `http.content_type`.
    """
    if not arrival.complete:
        raise GatewayError("http.incomplete")
    if arrival.content_encoding not in ("", "identity"):
        raise GatewayError("http.content_encoding")
    if arrival.data is None:
        raise GatewayError("xml.too_large")
    if not is_soap11(arrival.content_type):
        raise GatewayError("http.content_type")
    return arrival.data


def is_soap11(content_type: str) -> bool:
    """Tell whether a Content-Type is that of SOAP 1.1 over HTTP in UTF-8 (or says no charset)."""
    media, _, parameters = content_type.partition(";")
    if media.strip().lower() != "text/xml":
        return False
    charsets = [
        value.strip()
        for name, _, value in (parameter.partition("=") for parameter in parameters.split(";"))
        if name.strip().lower() == "charset"
    ]
    return all(charset.lower() in _UTF8_NAMES for charset in charsets)


_UTF8_NAMES = frozenset({"utf-8", "utf8", '"utf-8"', '"utf8"'})


def verify_soap_action(header: str | None, operation: str) -> None:
    """SOAPAction is unsigned: absent or empty is fine, another operation than the signed isn't.

    Raises GatewayError `soap.action_mismatch`.
    """
    action = (header or "").strip().strip('"')
    namespace, _, local = operation.removeprefix("{").partition("}")
    if action not in ("", f"{namespace}/{local}"):
        raise GatewayError("soap.action_mismatch")
