"""From an HTTP answer to the one element in a SOAP 1.1 Body, or an error that says why not.

zeep leaves all of this undone when it is asked for the raw response: the status, the media type,
Faults, document types, sizes. Source: security.md, rules of verification 1 and 9.
"""

import re
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from adapters.errors import AdapterError
from adapters.http_client import HttpReply

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

_ENVELOPE = f"{{{SOAP}}}Envelope"
_HEADER = f"{{{SOAP}}}Header"
_BODY = f"{{{SOAP}}}Body"
_FAULT = f"{{{SOAP}}}Fault"
_MUST_UNDERSTAND = f"{{{SOAP}}}mustUnderstand"

_FAULT_CODES = frozenset({"Client", "Server", "MustUnderstand", "VersionMismatch"})
_KEY = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)""")
_ATTRIBUTE = re.compile(rb"""=[ \t\r\n]*["']""")
_UTF8 = frozenset({"", "utf-8", "utf8"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much markup an answer may hold; its bytes are bounded before it gets here."""

    tags: int
    attributes: int


def parse_reply(reply: HttpReply, expected: str, *, bounds: Bounds) -> etree._Element:
    """The element `expected` (``{namespace}name``) from the Body of `reply`.

    Raises `AdapterError`: source.unauthorized, source.http_error, source.fault,
    source.token_unknown, source.broken_page, source.contract_changed.
    """
    _check_status(reply)
    if reply.status == 500 and not _is_xml(reply):
        raise _http_error(reply.status)
    _check_form(reply)
    content = _only_content(_parse(reply.body, bounds))
    if content.tag == _FAULT:
        raise _fault(content)
    if reply.status != 200:
        raise _http_error(reply.status)
    if content.tag != expected:
        raise AdapterError("source.contract_changed", "another element than the one due")
    return content


def _check_status(reply: HttpReply) -> None:
    if reply.status in (401, 403):
        raise AdapterError("source.unauthorized", f"HTTP {reply.status}")
    # A SOAP 1.1 Fault comes with 500 and nothing else: SOAP 1.1, section 6.2.
    if reply.status not in (200, 500):
        raise _http_error(reply.status)


def _http_error(status: int) -> AdapterError:
    return AdapterError(
        "source.http_error", f"HTTP {status}", retryable=status >= 500 or status in (408, 429)
    )


def _is_xml(reply: HttpReply) -> bool:
    media_type = reply.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == "text/xml"


def _check_form(reply: HttpReply) -> None:
    if not _is_xml(reply):
        raise AdapterError("source.broken_page", "not text/xml", retryable=True)
    if reply.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise AdapterError("source.broken_page", "compressed, which was not asked for")
    charset = _CHARSET.search(reply.headers.get("content-type", ""))
    declared = _DECLARED.match(reply.body[:200])
    names = (
        charset.group(1).lower() if charset else "",
        declared.group(1).decode("ascii", "replace").lower() if declared else "",
    )
    if not _UTF8.issuperset(names) or b"\0" in reply.body:
        raise AdapterError("source.broken_page", "not UTF-8")


def _parse(body: bytes, bounds: Bounds) -> etree._Element:
    # Looked for in the bytes, so that no parser gets to see it. The one encoding is given and
    # not guessed, so that it cannot hide; between tags it would be written &lt;!DOCTYPE.
    if b"<!DOCTYPE" in body:
        raise AdapterError("source.broken_page", "has a document type")
    if body.count(b"<") > bounds.tags:
        raise AdapterError("source.broken_page", f"more than {bounds.tags} tags")
    if next(islice(_ATTRIBUTE.finditer(body), bounds.attributes, None), None) is not None:
        raise AdapterError("source.broken_page", f"more than {bounds.attributes} attributes")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        detail = f"not well-formed at line {error.lineno}"
        raise AdapterError("source.broken_page", detail, retryable=True) from None
    if next(root.iter(etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise AdapterError("source.broken_page", "has processing instructions or entities")
    return root


def _only_content(root: etree._Element) -> etree._Element:
    if root.tag != _ENVELOPE:
        raise AdapterError("source.broken_page", "not a SOAP 1.1 envelope")
    parts = [part.tag for part in root]
    if parts not in ([_BODY], [_HEADER, _BODY]):
        raise AdapterError("source.broken_page", "not a Header and a Body, or a Body alone")
    if len(parts) == 2 and any(each.get(_MUST_UNDERSTAND) == "1" for each in root[0]):
        raise AdapterError("source.contract_changed", "a header that we must understand")
    body = root[-1]
    if len(body) != 1:
        raise AdapterError("source.broken_page", "not one element in the Body")
    return body[0]


def _fault(fault: etree._Element) -> AdapterError:
    """The error for a Fault. Its texts stay out: a peer may write whole records into them."""
    name = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    name = name if name in _FAULT_CODES else "unknown"
    key = (fault.findtext("detail/{*}ExportFault/{*}Code") or "").strip()
    if key == "token.unknown":
        return AdapterError("source.token_unknown", "the page token has expired")
    detail = f"{name} {key}" if _KEY.fullmatch(key) else name
    return AdapterError("source.fault", detail, retryable=name == "Server")
