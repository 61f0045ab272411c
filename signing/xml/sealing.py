"""Signing a SMEV 2 envelope: as the sender, or as SMEV itself.

The elements that are referred to are digested from the tree that is serialised.

Source: МР СМЭВ 2 ("Электронная подпись"); WS-Security 1.0, X.509 token profile.
"""

from __future__ import annotations

import base64
from copy import deepcopy

from lxml import etree

from signing import namespaces as ns
from signing.errors import SignatureError
from signing.providers import Signer
from signing.xml.canonical import canonicalize
from signing.xml.references import SMEV2_CHAIN
from signing.xml.soap import build_envelope, collect_ids
from signing.xml.writing import Target, free_id, give_id, splice, write_signature

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
    signed = [(give_id(body, ns.WSU_ID, "Body", ids), body)]
    if actor == ns.RECIPIENT_ACTOR:
        smev_header = next((block for block in header if block.tag in ns.SMEV_HEADERS), None)
        if smev_header is None:
            raise SignatureError("soap.structure", "SMEV signs smev:Header, and there is none")
        signed.insert(0, (give_id(smev_header, ns.WSU_ID, "SmevHeader", ids), smev_header))
    elif actor != ns.SMEV_ACTOR:
        raise SignatureError("soap.structure", "an actor SMEV does not know")
    targets = [Target(name, SMEV2_CHAIN, canonicalize(element)) for name, element in signed]
    token_id = free_id(_TOKEN_IDS[actor], ids)
    return splice(root, header, _write_security(targets, signer, actor, token_id))


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


def _write_security(targets: list[Target], signer: Signer, actor: str, token_id: str) -> bytes:
    """Return wsse:Security with its token and signature."""
    head = (
        f'<wsse:Security xmlns:wsse="{ns.WSSE}" xmlns:wsu="{ns.WSU}" xmlns:soapenv="{ns.SOAP}" '
        f'soapenv:actor="{actor}"><wsse:BinarySecurityToken EncodingType="{ns.BASE64_BINARY}" '
        f'ValueType="{ns.X509_V3}" wsu:Id="{token_id}">'
    ).encode()
    key_info = (
        f"<wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#{token_id}" ValueType="{ns.X509_V3}"/>'
        f"</wsse:SecurityTokenReference>"
    ).encode()
    return b"".join(
        (
            head,
            base64.b64encode(signer.certificate.der),
            b"</wsse:BinarySecurityToken>",
            write_signature(targets, signer, key_info),
            b"</wsse:Security>",
        )
    )
