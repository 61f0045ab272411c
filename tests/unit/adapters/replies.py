"""Replies of a source, made by hand or by the stand-in's own renderer."""

from adapters.http_client import HttpReply
from adapters.schools.pages import NAMESPACE
from adapters.soap_reply import SOAP

XML = "text/xml; charset=utf-8"
EXPECTED = f"{{{NAMESPACE}}}GetPupilsResponse"


def reply(body: str | bytes, *, status: int = 200, content_type: str = XML) -> HttpReply:
    data = body.encode() if isinstance(body, str) else body
    return HttpReply(status, {"content-type": content_type}, data)


def envelope(content: str, *, header: str = "") -> str:
    return f'<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{content}</s:Body></s:Envelope>'


def response(inside: str = "") -> str:
    return f'<GetPupilsResponse xmlns="{NAMESPACE}">{inside}</GetPupilsResponse>'
