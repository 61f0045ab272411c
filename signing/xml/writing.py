"""Writing a ds:Signature, and putting it into a document without changing a byte that was signed.

SignedInfo is written in its canonical form at once, and signed as written. No white space stands
inside the signature: some verifiers of the field stumble over it.

Source: XML Signature Syntax and Processing; МР СМЭВ 2 and 3 ("Электронная подпись").
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from signing import namespaces as ns
from signing.errors import SignatureError
from signing.providers import Signer
from signing.xml.references import Chain
from signing.xml.xmldsig import read_fragment

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# Where the signature goes; a comment, so that no element of the document can be taken for it.
_MARK = "ds:Signature"


@dataclass(frozen=True, slots=True)
class Target:
    """What one Reference of a new signature is to cover."""

    id: str
    chain: Chain
    digested: bytes
    """What the chain makes of the element."""


def write_signature(targets: Iterable[Target], signer: Signer, key_info: bytes) -> bytes:
    """Return a ds:Signature over the targets, with this content of KeyInfo.

    ``key_info`` declares the namespaces it uses, but ``ds``. Raises ProviderError.
    """
    references = b"".join(_write_reference(target, signer) for target in targets)
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
    return b"".join(
        (
            f'<ds:Signature xmlns:ds="{ns.DS}">'.encode(),
            signed_info,
            b"<ds:SignatureValue>",
            value,
            b"</ds:SignatureValue><ds:KeyInfo>",
            key_info,
            b"</ds:KeyInfo></ds:Signature>",
        )
    )


def write_x509(signer: Signer) -> bytes:
    """Return the signer's certificate as the content of a KeyInfo."""
    certificate = base64.b64encode(signer.certificate.der)
    return (
        b"<ds:X509Data><ds:X509Certificate>" + certificate + b"</ds:X509Certificate></ds:X509Data>"
    )


def splice(root: etree._Element, parent: etree._Element, inserted: bytes) -> bytes:
    """Return the serialised document with these bytes at the end of the parent, which is in it.

    As bytes, not as a tree: libxml2 would let the new elements share namespaces of the document
    under other prefixes, and SignedInfo would no longer be what was signed. The result is UTF-8
    with a declaration. Raises SignatureError ``soap.structure``.
    """
    parent.append(etree.Comment(_MARK))
    serialised = etree.tostring(root, encoding="utf-8", xml_declaration=False, with_tail=False)
    before, found, after = serialised.partition(f"<!--{_MARK}-->".encode())
    if not found or len(after.partition(found)[1]):
        raise SignatureError("soap.structure", "the document holds our own mark")
    return _DECLARATION + before + inserted + after


def give_id(element: etree._Element, attribute: str, wanted: str, taken: set[str]) -> str:
    """Return the element's id, given to it when it has none; ``taken`` are those of the document.

    Raises SignatureError ``signature.reference`` when its own id is none that can be referred to.
    """
    present = element.get(attribute)
    if present is not None:
        return read_fragment("#" + present)
    chosen = free_id(wanted, taken)
    element.set(attribute, chosen)
    return chosen


def free_id(wanted: str, taken: set[str]) -> str:
    """Return the wanted id, changed until nobody has it, and take it."""
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted


def _write_reference(target: Target, signer: Signer) -> bytes:
    digest = base64.b64encode(signer.digest(target.digested)).decode()
    transforms = "".join(
        f'<ds:Transform Algorithm="{transform.value}"></ds:Transform>' for transform in target.chain
    )
    return (
        f'<ds:Reference URI="#{target.id}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{signer.digest_algorithm}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    ).encode()
