"""What defects of signatures are made with: parts by their names, and signing anew by hand."""

from __future__ import annotations

import base64
from copy import deepcopy

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import SignatureAlgorithm, Transform
from signing.providers import Signer
from signing.xml.canonical import canonicalize
from signing.xml.transform import transform_canonical
from tests.unit.signing import samples

HMAC = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
SHA1_RSA = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
MD5_RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
WITH_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH2 = "http://www.w3.org/2002/06/xmldsig-filter2"
BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"

_OF_OTHER_KINDS = {True: "agency-rsa", False: "agency-gost"}


def find(root: etree._Element, name: str) -> etree._Element:
    """The first element of this local name, in document order."""
    return next(root.iter(f"{{*}}{name}"))


def find_all(root: etree._Element, name: str) -> list[etree._Element]:
    """All elements of this local name."""
    return list(root.iter(f"{{*}}{name}"))


def ds(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    """A new element of XML Signature at the end of the parent."""
    return etree.SubElement(parent, f"{{{ns.DS}}}{name}", attributes)


def detach(element: etree._Element) -> etree._Element:
    """Take an element out of its tree, and the text after it."""
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    element.tail = None
    return element


def replace(old: etree._Element, new: etree._Element) -> etree._Element:
    """Put an element in the place of another, and return the other."""
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, new)
    old.tail = None
    return old


def is_gost(signer: Signer) -> bool:
    """Say whether it signs by GOST."""
    return "gost" in signer.algorithm


def same_kind(signer: Signer) -> Signer:
    """Somebody else with a key of the same kind."""
    return samples.signer("gateway" if is_gost(signer) else "gateway-rsa")


def other_kind(signer: Signer) -> Signer:
    """Somebody else with a key of another kind."""
    return samples.signer(_OF_OTHER_KINDS[is_gost(signer)])


def encode(value: bytes) -> str:
    """The base64 text of a value."""
    return base64.b64encode(value).decode()


def decode(element: etree._Element) -> bytes:
    """The value of a base64 text."""
    return base64.b64decode(element.text or "")


def certify(signature: etree._Element, signer: Signer) -> None:
    """Put the certificate of somebody into KeyInfo."""
    find(signature, "X509Certificate").text = encode(signer.certificate.der)


def digest_anew(
    signature: etree._Element, element: etree._Element, signer: Signer, *, number: int = 0
) -> None:
    """Write the DigestValue of an element as the Reference's transforms make it.

    Transforms that are not known do nothing; the signature itself has to be outside.
    """
    reference = find_all(signature, "Reference")[number]
    canonical = canonicalize(element)
    for transform in reference.iter(ns.TRANSFORM):
        if transform.get("Algorithm") == Transform.SMEV3:
            canonical = transform_canonical(canonical)
    value = encode(signer.digest(canonical))
    found = find_all(reference, "DigestValue")
    if found:
        found[0].text = value


def sign_anew(signature: etree._Element, signer: Signer) -> None:
    """Write the SignatureValue of a SignedInfo that was changed, as its signer would."""
    info = find(signature, "SignedInfo")
    value = signer.sign(etree.tostring(info, method="c14n", exclusive=True, with_tail=False))
    find(signature, "SignatureValue").text = encode(value)


def set_transforms(signature: etree._Element, *uris: str) -> None:
    """Put these transforms into the first Reference."""
    transforms = find(signature, "Transforms")
    for one in list(transforms):
        transforms.remove(one)
    for uri in uris:
        ds(transforms, "Transform", Algorithm=uri)


def old_signer() -> Signer:
    """Whose key is of GOST R 34.10-2001."""
    return samples.signer("agency-gost-2001")


def sign_by_old(signature: etree._Element, element: etree._Element) -> None:
    """Sign with the algorithms of 2001, all as it should be."""
    signer = old_signer()
    find(signature, "SignatureMethod").set("Algorithm", SignatureAlgorithm.GOST_2001)
    find(signature, "DigestMethod").set("Algorithm", signer.digest_algorithm)
    certify(signature, signer)
    digest_anew(signature, element, signer)
    sign_anew(signature, signer)


def copy_without_ids(element: etree._Element) -> etree._Element:
    """A copy that nothing can refer to."""
    copied = deepcopy(element)
    copied.tail = None
    for one in copied.iter("*"):
        for name in ("Id", "ID", ns.WSU_ID, ns.XML_ID):
            one.attrib.pop(name, None)
    return copied
