"""Messages for the screen, with the personal data covered.

Nothing is shown because it looks harmless: elements by the names that contracts and standards
declare, values of those few that say how a message went its way. A malformed message, the very one
that an operator opens, may have anything anywhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from gateway.faults import FAULTS_NS, SOAP_NS
from signing import namespaces as ns
from signing.errors import SigningError
from signing.xml.parser import ParseLimits, parse_document
from smev.catalogue import Catalogue
from smev.contracts import STUDENTS_NS
from smev.model import Revision

_MASK = "•••"
_UNKNOWN = "?"
_LIMITS = ParseLimits(max_bytes=64 * 2**20)
_SHOWN_CHARS = 100

_OUTER = {SOAP_NS, ns.WSSE, ns.WSU, ns.DS}
_OUTER_NAMES = frozenset(
    [
        "Envelope",
        "Header",
        "Body",
        "Fault",
        "Security",
        "BinarySecurityToken",
        "Timestamp",
        "Created",
        "Expires",
        "Signature",
        "SignedInfo",
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
        "Transforms",
        "Transform",
        "DigestMethod",
        "DigestValue",
        "SignatureValue",
        "KeyInfo",
        "SecurityTokenReference",
    ]
)
_OF_FAULTS = frozenset({"faultcode", "faultstring", "detail"})
# What an envelope says of its way. Codes and references have the form of such.
_ROUTING = frozenset(
    [
        "Code",
        "Mnemonic",
        "Version",
        "TypeCode",
        "Status",
        "Date",
        "ExchangeType",
        "RequestIdRef",
        "OriginRequestIdRef",
        "ServiceCode",
        "OKTMO",
        "NodeId",
        "MessageId",
        "TimeStamp",
        "MessageClass",
        "SubRequestNumber",
    ]
)
_ROUTING_VALUE = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
# СНИЛС by any other name: eleven digits, with what may stand between them.
_LIKE_SNILS = re.compile(r"(?:\d[-.: _+]?){11}")
_ALGORITHM = re.compile(
    r"(https?://(www\.w3\.org|docs\.oasis-open\.org)/|urn:ietf:params:)[\w/.:#-]+"
)


def mask_message(data: bytes, *, ours: bool) -> str | None:
    """Return the outline of a message with every value covered that may be a person's.

    `ours`: a reply of the gateway, whose faults, refusals and problems are texts of its own.
    None for what isn't a message: nobody can say what in it is personal.
    """
    try:
        root = parse_document(data, limits=_LIMITS)
    except SigningError:
        return None
    return "\n".join(_Outline(ours=ours).lines(root))


def mask_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's fields with those covered that hold what a sender wrote."""
    shown = dict(fields)
    for name in ("case_number", "headers"):
        if shown.get(name):
            shown[name] = _MASK
    for name in ("request_id_ref", "origin_request_id_ref", "smev_message_id"):
        if shown.get(name) and not _is_routing(shown[name]):
            shown[name] = _MASK
    return shown


def _is_routing(text: str) -> bool:
    return bool(_ROUTING_VALUE.fullmatch(text)) and not _LIKE_SNILS.fullmatch(text)


class _Outline:
    def __init__(self, *, ours: bool) -> None:
        self._ours = ours
        self._declared = Catalogue().element_names()

    def lines(
        self, element: etree._Element, depth: int = 0, *, inside: bool = False
    ) -> Iterator[str]:
        """Yield a line for each element; `inside`: in AppData, where contents are."""
        name, text = self._name(element), (element.text or "").strip()
        shown = self._value(element, text, inside=inside) if text else ""
        algorithm = element.get("Algorithm", "")
        if _ALGORITHM.fullmatch(algorithm):
            shown = algorithm
        yield f"{'  ' * depth}{name}{': ' + shown if shown else ''}"
        inside = inside or etree.QName(element).localname in {"AppData", "AppDocument"}
        for child in element:
            yield from self.lines(child, depth + 1, inside=inside)
            if (child.tail or "").strip():
                yield f"{'  ' * (depth + 1)}{_MASK}"

    def _name(self, element: etree._Element) -> str:
        tag = etree.QName(element)
        known = (
            element.tag in self._declared
            or (tag.namespace in _OUTER and tag.localname in _OUTER_NAMES)
            or (tag.namespace is None and tag.localname in _OF_FAULTS)
        )
        return tag.localname if known else _UNKNOWN

    def _value(self, element: etree._Element, text: str, *, inside: bool) -> str:
        tag = etree.QName(element)
        if tag.namespace in {ns.DS, ns.WSSE, ns.WSU} and tag.localname in _OUTER_NAMES:
            return f"… ({len(text)})" if len(text) > _SHOWN_CHARS else text if self._ours else _MASK
        if self._ours and (
            tag.namespace == FAULTS_NS or tag.localname in _OF_FAULTS or _is_refusal(element)
        ):
            return text
        if (
            not inside
            and tag.namespace in set(Revision)
            and tag.localname in _ROUTING
            and _is_routing(text)
        ):
            return text
        return _MASK


def _is_refusal(element: etree._Element) -> bool:
    parent = element.getparent()
    names = {f"{{{STUDENTS_NS}}}{name}" for name in ("Refusal", "Problem")}
    return parent is not None and parent.tag in names
