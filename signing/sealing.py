"""Signing a SMEV 2 envelope: as the sender, or as SMEV itself.

SignedInfo is written in its canonical form at once, and signed as written; so are the elements it
refers to digested from the tree that is serialised. No white space stands inside the signature:
some verifiers of the field stumble over it.

Source: МР СМЭВ 2 ("Электронная подпись"); WS-Security 1.0, X.509 token profile.
"""

from __future__ import annotations

import base64
from copy import deepcopy

from lxml import etree

from signing import namespaces as ns
from signing.canonical import canonicalize
from signing.errors import SignatureError
from signing.providers import Signer
from signing.soap import build_envelope, collect_ids
from signing.xmldsig import read_fragment

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Where the signature goes.
_PLACE = "wsse:Security"
# The ids that we give, by actor: fixed, so that a signed message depends on nothing but its input.
_TOKEN_IDS = {ns.SMEV_ACTOR: "SenderCertificate", ns.RECIPIENT_ACTOR: "SmevCertificate"}


def sign_envelope(root: etree._Element, signer: Signer, *, actor: str = ns.SMEV_ACTOR) -> bytes:
    """Return the envelope with a signature in a new wsse:Security, as UTF-8 with a declaration.

    ``actor``: SMEV_ACTOR signs the Body as the sender; RECIPIENT_ACTOR signs smev:Header and Body
    as SMEV does. The given tree is not changed. Raises SignatureError ``soap.structure`` (not an
    envelope that can be signed so), ``signature.duplicate`` (signed for that actor already),
    ``id.duplicate``; ProviderError when signing fails.
    """
    return _sign(deepcopy(root), signer, actor)


def sign_payload(payload: etree._Element, signer: Signer) -> bytes:
    """Return a new envelope around a copy of the payload, signed as the sender.

    The same as `sign_envelope` of `build_envelope`, with one copy less. Raises as it does.
    """
    return _sign(build_envelope(payload), signer, ns.SMEV_ACTOR)


def _sign(root: etree._Element, signer: Signer, actor: str) -> bytes:
    header, body = _find_parts(root)
    blocks = {block.get(ns.SOAP_ACTOR) for block in header if block.tag == ns.SECURITY}
    if actor in blocks:
        raise SignatureError("signature.duplicate", "signed for this actor already")
    ids = set(collect_ids(root))
    signed = [(_give_id(body, "Body", ids), body)]
    if actor == ns.RECIPIENT_ACTOR:
        smev_header = next((block for block in header if block.tag in ns.SMEV_HEADERS), None)
        if smev_header is None:
            raise SignatureError("soap.structure", "SMEV signs smev:Header, and there is none")
        signed.insert(0, (_give_id(smev_header, "SmevHeader", ids), smev_header))
    elif actor != ns.SMEV_ACTOR:
        raise SignatureError("soap.structure", "an actor SMEV does not know")
    security = _write_security(signed, signer, actor, _free_id(_TOKEN_IDS[actor], ids))
    return _DECLARATION + _splice(root, header, security)


def _splice(root: etree._Element, header: etree._Element, security: bytes) -> bytes:
    """Return the serialised envelope with these bytes at the end of its Header.

    As bytes, not as a tree: libxml2 would let the new elements share namespaces of the envelope
    under other prefixes, and SignedInfo would no longer be what was signed.
    """
    header.append(etree.Comment(_PLACE))
    serialised = etree.tostring(root, encoding="utf-8", xml_declaration=False, with_tail=False)
    before, found, after = serialised.partition(f"<!--{_PLACE}-->".encode())
    if not found or len(after.partition(found)[1]):
        raise SignatureError("soap.structure", "the envelope holds our own mark")
    return before + security + after


def _find_parts(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return Header, made when there is none, and Body."""
    if root.tag != ns.SOAP_ENVELOPE:
        raise SignatureError("soap.structure", "not a SOAP 1.1 envelope")
    parts = list(root)
    if [part.tag for part in parts] == [ns.SOAP_BODY]:
        header = etree.Element(ns.SOAP_HEADER)
        root.insert(0, header)
        return header, parts[0]
    if [part.tag for part in parts] != [ns.SOAP_HEADER, ns.SOAP_BODY]:
        raise SignatureError("soap.structure", "not one Header, then one Body")
    return parts[0], parts[1]


def _give_id(element: etree._Element, wanted: str, taken: set[str]) -> str:
    """Return the element's wsu:Id, given to it when it has none."""
    present = element.get(ns.WSU_ID)
    if present is not None:
        return read_fragment("#" + present)
    chosen = _free_id(wanted, taken)
    element.set(ns.WSU_ID, chosen)
    return chosen


def _free_id(wanted: str, taken: set[str]) -> str:
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted


def _write_security(
    signed: list[tuple[str, etree._Element]], signer: Signer, actor: str, token_id: str
) -> bytes:
    """Return wsse:Security with its token and signature, SignedInfo in canonical form."""
    references = b"".join(_write_reference(target, part, signer) for target, part in signed)
    signed_info = (
        (
            f'<ds:SignedInfo xmlns:ds="{ns.DS}">'
            f'<ds:CanonicalizationMethod Algorithm="{ns.EXC_C14N}"></ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="{signer.algorithm}"></ds:SignatureMethod>'
        ).encode()
        + references
        + b"</ds:SignedInfo>"
    )
    value = base64.b64encode(signer.sign(signed_info))
    token = base64.b64encode(signer.certificate.der)
    head = (
        f'<wsse:Security xmlns:wsse="{ns.WSSE}" xmlns:wsu="{ns.WSU}" xmlns:soapenv="{ns.SOAP}" '
        f'soapenv:actor="{actor}"><wsse:BinarySecurityToken EncodingType="{ns.BASE64_BINARY}" '
        f'ValueType="{ns.X509_V3}" wsu:Id="{token_id}">'
    ).encode()
    key_info = (
        f"<ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#{token_id}" ValueType="{ns.X509_V3}"/>'
        f"</wsse:SecurityTokenReference></ds:KeyInfo>"
    ).encode()
    return b"".join(
        (
            head,
            token,
            f'</wsse:BinarySecurityToken><ds:Signature xmlns:ds="{ns.DS}">'.encode(),
            signed_info,
            b"<ds:SignatureValue>",
            value,
            b"</ds:SignatureValue>",
            key_info,
            b"</ds:Signature></wsse:Security>",
        )
    )


def _write_reference(target: str, element: etree._Element, signer: Signer) -> bytes:
    digest = base64.b64encode(signer.digest(canonicalize(element))).decode()
    return (
        f'<ds:Reference URI="#{target}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{ns.EXC_C14N}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{signer.digest_algorithm}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    ).encode()
