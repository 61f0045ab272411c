"""The fixed shape of a SMEV 2 envelope, checked before any cryptography.

Nothing here verifies a signature: it makes sure that there is exactly one place for everything,
so that what is verified later cannot be something else than what is read.

Source: SOAP 1.1 §4; WS-Security 1.0; МР СМЭВ 2 ("Электронная подпись"); "Rules of verification",
rule 2.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from signing import namespaces as ns
from signing.errors import SignatureError
from signing.xml.parser import XmlDocument

_WHITE_SPACE = " \t\r\n"
_PREFIXES = {"wsu": ns.WSU, "soap": ns.SOAP, "xop": ns.XOP}
_IDS = tuple(
    etree.XPath(f"//@{name}", namespaces=_PREFIXES, smart_strings=False)
    for name in ("wsu:Id", "Id", "ID", "xml:id")
)
# SOAP 1.1 §5 encoding moves content about by href; xop:Include names an attachment by ``cid:`` and
# no element, so it may stay.
_HAS_MULTIREF = etree.XPath(
    "boolean(descendant-or-self::*[@soap:encodingStyle or "
    "(@href and not(self::xop:Include and starts-with(@href, 'cid:')))])",
    namespaces=_PREFIXES,
)
_HAS_OTHER_NODES = etree.XPath("boolean(//comment() or //processing-instruction())")
_SECURITY_TAGS = (ns.TOKEN, ns.WSU_TIMESTAMP, ns.SIGNATURE)


@dataclass(frozen=True, slots=True)
class Security:
    """One wsse:Security of acceptable shape: one token, one signature."""

    actor: str
    element: etree._Element
    token: etree._Element
    signature: etree._Element


@dataclass(frozen=True, slots=True)
class SoapEnvelope:
    """An envelope of acceptable shape; nothing in it is verified yet.

    Business code never reads this: `verify_sender` returns the part that was signed.
    """

    root: etree._Element
    header: etree._Element
    body: etree._Element
    payload: etree._Element
    sender_security: Security
    smev_security: Security | None
    smev_header: etree._Element | None


def parse_envelope(source: XmlDocument | etree._Element) -> SoapEnvelope:
    """Return the envelope's parts when it has exactly the shape of a signed SMEV 2 message.

    ``source``: a document of `parse_xml`, or the root of a tree from anywhere, which takes longer.

    Raises SignatureError: ``soap.version``, ``soap.structure``, ``soap.header_not_allowed``,
    ``soap.multiref``, ``signature.missing``, ``signature.duplicate``, ``signature.misplaced``,
    ``id.duplicate``.
    """
    root = source.root if isinstance(source, XmlDocument) else source
    header, body, payload = _read_frame(root)
    securities, smev_header = _read_blocks(header)
    _check_attributes(source, root, body)
    sender = securities.get(ns.SMEV_ACTOR)
    if sender is None:
        raise SignatureError("signature.missing", "no wsse:Security of the sender")
    return SoapEnvelope(
        root=root,
        header=header,
        body=body,
        payload=payload,
        sender_security=sender,
        smev_security=securities.get(ns.RECIPIENT_ACTOR),
        smev_header=smev_header,
    )


def build_envelope(payload: etree._Element) -> etree._Element:
    """Return a new soap:Envelope whose Body holds a copy of the payload."""
    root = etree.Element(ns.SOAP_ENVELOPE, nsmap={"soapenv": ns.SOAP, "wsu": ns.WSU})
    body = etree.SubElement(root, ns.SOAP_BODY)
    body.append(deepcopy(payload))
    body[0].tail = None
    return root


def collect_ids(root: etree._Element) -> dict[str, etree._Element]:
    """Return the elements by what a reference ``#id`` may mean.

    Raises SignatureError ``id.duplicate``: two elements of one id let a verifier and a reader look
    at different ones.
    """
    found: dict[str, etree._Element] = {}
    for element in root.iter("*"):
        for name, value in element.items():
            if name in ns.ID_ATTRIBUTES and found.setdefault(value, element) is not element:
                raise SignatureError("id.duplicate", "two elements of one id")
    return found


def _read_frame(root: etree._Element) -> tuple[etree._Element, etree._Element, etree._Element]:
    """Return Header, Body and the one child of Body."""
    name = etree.QName(root)
    if name.localname == "Envelope" and name.namespace != ns.SOAP:
        raise SignatureError("soap.version", "not a SOAP 1.1 envelope")
    if root.tag != ns.SOAP_ENVELOPE:
        raise SignatureError("soap.structure", "not a SOAP envelope")
    parts = _blank_children(root)
    tags = [part.tag for part in parts]
    if tags not in ([ns.SOAP_HEADER, ns.SOAP_BODY], [ns.SOAP_BODY]):
        raise SignatureError("soap.structure", "not one Header, then one Body")
    body = parts[-1]
    contents = _blank_children(body)
    if len(contents) != 1 or not isinstance(contents[0].tag, str):
        raise SignatureError("soap.structure", "not exactly one element in Body")
    if len(parts) == 1:
        raise SignatureError("signature.missing", "no Header, so no signature")
    return parts[0], body, contents[0]


def _read_blocks(
    header: etree._Element,
) -> tuple[dict[str, Security], etree._Element | None]:
    """Return the Security headers by actor, and smev:Header; no other block is accepted."""
    securities: dict[str, Security] = {}
    smev_header: etree._Element | None = None
    for block in _blank_children(header):
        if block.tag == ns.SECURITY:
            security = _read_security(block)
            if security.actor in securities:
                raise SignatureError("signature.duplicate", "two wsse:Security of one actor")
            securities[security.actor] = security
        elif block.tag in ns.SMEV_HEADERS and smev_header is None:
            _refuse_signature_parts(block)
            smev_header = block
        else:
            _refuse_signature_parts(block)
            raise SignatureError("soap.header_not_allowed", "a header block not known here")
    return securities, smev_header


def _read_security(block: etree._Element) -> Security:
    """Return one wsse:Security: a token, a signature, perhaps a wsu:Timestamp, nothing else."""
    actor = block.get(ns.SOAP_ACTOR)
    if actor not in {ns.SMEV_ACTOR, ns.RECIPIENT_ACTOR}:
        raise SignatureError("soap.header_not_allowed", "wsse:Security of an unknown actor")
    children = _blank_children(block)
    by_tag = {tag: [c for c in children if c.tag == tag] for tag in _SECURITY_TAGS}
    tokens, signatures = by_tag[ns.TOKEN], by_tag[ns.SIGNATURE]
    if len(tokens) + len(signatures) + len(by_tag[ns.WSU_TIMESTAMP]) != len(children):
        raise SignatureError("signature.misplaced", "a foreign element in wsse:Security")
    if not signatures:
        raise SignatureError("signature.missing", "wsse:Security without a signature")
    if any(len(found) > 1 for found in by_tag.values()):
        raise SignatureError("signature.duplicate", "two of one kind in wsse:Security")
    if not tokens:
        raise SignatureError("certificate.missing", "wsse:Security without BinarySecurityToken")
    for other in (*tokens, *by_tag[ns.WSU_TIMESTAMP]):
        _refuse_signature_parts(other)
    return Security(actor=actor, element=block, token=tokens[0], signature=signatures[0])


def _refuse_signature_parts(block: etree._Element) -> None:
    """Refuse a ds element where none belongs: a verifier that searches would find it."""
    if next(block.iter(f"{{{ns.DS}}}*"), None) is not None:
        raise SignatureError("signature.misplaced", "a part of a signature outside its place")


def _check_attributes(
    source: XmlDocument | etree._Element, root: etree._Element, body: etree._Element
) -> None:
    """Check ids over the whole document, and multi-references in Body.

    Most documents show by their bytes that there is nothing to look for. Else each expression
    lists the values of one attribute and is linear; a walk in Python over every element of a large
    message costs more than its canonical form.
    """
    document = source if isinstance(source, XmlDocument) else None
    # The parser of this package leaves no other nodes; another one's tree is not for here.
    if document is None and _HAS_OTHER_NODES(root):
        raise SignatureError("soap.structure", "a comment or an instruction")
    if document is None or not document.has_plain_ids:
        ids = [value for expression in _IDS for value in expression(root)]
        if len(set(ids)) != len(ids):
            # One element may carry the same id twice under two names: only the elements tell.
            collect_ids(root)
    if (document is None or not document.has_no_links) and _HAS_MULTIREF(body):
        raise SignatureError("soap.multiref", "SOAP encoding is not accepted")


def _blank_children(element: etree._Element) -> list[etree._Element]:
    """Return the children; text between them is refused."""
    children = list(element)
    text = element.text
    if text is not None and text.strip(_WHITE_SPACE):
        raise SignatureError("soap.structure", "text between the parts of the envelope")
    for child in children:
        text = child.tail
        if text is not None and text.strip(_WHITE_SPACE):
            raise SignatureError("soap.structure", "text between the parts of the envelope")
    return children
