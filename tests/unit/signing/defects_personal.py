"""Broken siblings of contents with signatures of persons, with the code of their refusal.

A defect takes the tree of a good content, signed inside by `signer`, and changes it. The envelope
is signed afterwards, so that it holds: who breaks the content is its sender.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DigestAlgorithm, Transform
from signing.providers import Signer
from signing.xml.parser import parse_document
from signing.xml.personal import MAX_SIGNATURES, sign_personal
from tests.unit.signing import samples, samples_smev3
from tests.unit.signing.forging import (
    HMAC,
    INCLUSIVE,
    XPATH,
    certify,
    copy_without_ids,
    decode,
    detach,
    digest_anew,
    ds,
    encode,
    find,
    find_all,
    other_kind,
    replace,
    same_kind,
    set_transforms,
    sign_anew,
    sign_by_old,
)

Change = Callable[[etree._Element, Signer], object]
C14N, SMEV3, ENVELOPED = Transform.EXCLUSIVE_C14N, Transform.SMEV3, Transform.ENVELOPED
CONTENT = (
    f'<m:Order xmlns:m="urn:x-test:order" xmlns:smev="{samples.SMEV}"><smev:MessageData>'
    "<smev:AppData><m:Application><m:Name>Ёлкина &amp; сын</m:Name>"
    "<m:Note>ORIGINAL</m:Note></m:Application><m:Other>beside</m:Other></smev:AppData>"
    "</smev:MessageData></m:Order>"
)

DEFECTS: dict[str, tuple[str, Change]] = {}


def defect(code: str) -> Callable[[Change], Change]:
    def keep(function: Change) -> Change:
        DEFECTS[function.__name__] = (code, function)
        return function

    return keep


@cache
def sign_content(key: str, *, smev3: bool = False) -> bytes:
    """A content whose Application is signed by a person, enveloped."""
    content = parse_document(CONTENT.encode())
    return sign_personal(content, find(content, "Application"), samples.signer(key), smev3=smev3)


def wrap(content: etree._Element, key: str) -> bytes:
    """The message that its sender has signed, by hand: he signs what we would refuse to."""
    root = etree.fromstring(samples.signed(key))
    root[1].replace(root[1][0], deepcopy(content))
    root = etree.fromstring(etree.tostring(root))
    digest_anew(find(root, "Signature"), root[1], samples.signer(key))
    sign_anew(find(root, "Signature"), samples.signer(key))
    return etree.tostring(root)


def signed(key: str, *, smev3: bool = False) -> bytes:
    """A good message of SMEV 2 with a person's signature inside."""
    return wrap(etree.fromstring(sign_content(key, smev3=smev3)), key)


def break_message(name: str, key: str) -> tuple[str, bytes]:
    """Return the expected code and the message of this defect."""
    code, change = DEFECTS[name]
    content = etree.fromstring(sign_content(key))
    change(content, samples.signer(key))
    return code, wrap(content, key)


def application(content: etree._Element) -> etree._Element:
    return find(content, "Application")


def signature(content: etree._Element) -> etree._Element:
    return find(content, "Signature")


def make_evil(content: etree._Element) -> etree._Element:
    evil = copy_without_ids(application(content))
    for one in find_all(evil, "Signature"):
        detach(one)
    find(evil, "Note").text = "TRANSFER"
    return evil


# --- where it stands, and what it covers --------------------------------------------------------


@defect("signature.reference")
def signature_moved_out_of_its_element(content: etree._Element, signer: Signer) -> None:
    find(content, "AppData").append(signature(content))


@defect("signature.reference")
def signature_moved_to_a_sibling(content: etree._Element, signer: Signer) -> None:
    find(content, "Other").append(signature(content))


@defect("signature.reference")
def signature_covers_a_sibling(content: etree._Element, signer: Signer) -> None:
    other, found = find(content, "Other"), signature(content)
    other.set("Id", "other")
    find(found, "Reference").set("URI", "#other")
    digest_anew(found, other, signer)
    sign_anew(found, signer)


@defect("signature.invalid")
def evil_element_beside_what_is_signed(content: etree._Element, signer: Signer) -> None:
    application(content).append(etree.fromstring('<evil xmlns="urn:x-evil">TRANSFER</evil>'))


@defect("signature.reference")
def element_swapped_for_an_evil_one(content: etree._Element, signer: Signer) -> None:
    moved = detach(signature(content))
    evil = make_evil(content)
    evil.append(moved)
    find(content, "Other").append(replace(application(content), evil))


@defect("id.duplicate")
def element_swapped_for_an_evil_one_of_its_id(content: etree._Element, signer: Signer) -> None:
    evil = make_evil(content)
    evil.set("Id", str(application(content).get("Id")))
    application(content).addprevious(evil)


@defect("id.duplicate")
def decoy_of_its_id_in_upper_case(content: etree._Element, signer: Signer) -> None:
    find(content, "Other").set("ID", str(application(content).get("Id")))


@defect("id.duplicate")
def decoy_of_its_xml_id(content: etree._Element, signer: Signer) -> None:
    find(content, "Other").set(ns.XML_ID, str(application(content).get("Id")))


@defect("id.duplicate")
def decoy_of_its_wsu_id(content: etree._Element, signer: Signer) -> None:
    content.set(ns.WSU_ID, str(application(content).get("Id")))


@defect("signature.reference")
def id_removed(content: etree._Element, signer: Signer) -> None:
    del application(content).attrib["Id"]


@defect("signature.reference")
def id_in_lower_case(content: etree._Element, signer: Signer) -> None:
    application(content).set("id", application(content).attrib.pop("Id"))


@defect("signature.reference")
def id_moved_to_a_sibling(content: etree._Element, signer: Signer) -> None:
    find(content, "Other").set("Id", application(content).attrib.pop("Id"))


@defect("signature.invalid")
def id_moved_to_the_element_around(content: etree._Element, signer: Signer) -> None:
    find(content, "AppData").set("Id", application(content).attrib.pop("Id"))


@defect("signature.invalid")
def id_moved_to_the_element_inside(content: etree._Element, signer: Signer) -> None:
    inner = find(content, "Note")
    inner.set("Id", application(content).attrib.pop("Id"))
    inner.append(signature(content))


@defect("signature.misplaced")
def signature_inside_of_a_signature(content: etree._Element, signer: Signer) -> None:
    ds(signature(content), "Object").append(deepcopy(signature(content)))


@defect("signature.misplaced")
def element_inside_of_its_signature(content: etree._Element, signer: Signer) -> None:
    evil, found = make_evil(content), detach(signature(content))
    ds(found, "Object").append(replace(application(content), evil))
    evil.append(found)


@defect("signature.invalid")
def signed_twice(content: etree._Element, signer: Signer) -> None:
    """The second one is inside of what the first covers."""
    application(content).append(deepcopy(signature(content)))


@defect("signature.reference")
def covers_a_body_in_the_content(content: etree._Element, signer: Signer) -> None:
    body = etree.SubElement(find(content, "AppData"), ns.SOAP_BODY, Id="body")
    etree.SubElement(body, "{urn:x-evil}evil")
    _cover(content, signer, body, C14N)


@defect("signature.reference")
def covers_an_envelope_in_the_content(content: etree._Element, signer: Signer) -> None:
    _cover(
        content,
        signer,
        etree.SubElement(find(content, "AppData"), ns.SOAP_ENVELOPE, Id="envelope"),
        C14N,
    )


@defect("signature.reference")
def covers_data_of_smev_3(content: etree._Element, signer: Signer) -> None:
    types = f"{{{samples_smev3.TYPES}1.2}}"
    data = etree.SubElement(
        find(content, "AppData"), f"{types}SenderProvidedRequestData", Id="data"
    )
    _cover(content, signer, data, C14N, SMEV3)


def _cover(
    content: etree._Element, signer: Signer, element: etree._Element, *transforms: str
) -> None:
    found = signature(content)
    find(found, "Reference").set("URI", f"#{element.get('Id')}")
    set_transforms(found, *transforms)
    digest_anew(found, element, signer)
    sign_anew(found, signer)


@defect("signature.too_many")
def more_signatures_than_are_read(content: etree._Element, signer: Signer) -> None:
    for _ in range(MAX_SIGNATURES):
        find(content, "Other").append(deepcopy(signature(content)))


@defect("signature.malformed")
def second_signature_that_is_empty(content: etree._Element, signer: Signer) -> None:
    ds(find(content, "Other"), "Signature")


@defect("signature.invalid")
def one_of_two_does_not_hold(content: etree._Element, signer: Signer) -> None:
    other = deepcopy(application(content))
    other.set("Id", "other")
    find(other, "Reference").set("URI", "#other")
    application(content).addnext(other)


# --- the Reference and its transforms -----------------------------------------------------------


def _refer(content: etree._Element, signer: Signer, uri: str) -> None:
    find(content, "Reference").set("URI", uri)
    sign_anew(signature(content), signer)


@defect("signature.reference")
def reference_to_the_body(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, "#Body")


@defect("signature.reference")
def reference_to_the_senders_certificate(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, "#SenderCertificate")


@defect("signature.reference")
def reference_empty(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, "")


@defect("signature.reference")
def reference_over_http(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, "http://127.0.0.1:1/content.xml")


@defect("signature.reference")
def reference_to_a_file(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, "file:///etc/passwd")


@defect("signature.reference")
def reference_by_xpointer(content: etree._Element, signer: Signer) -> None:
    _refer(content, signer, f"#xpointer(id('{application(content).get('Id')}'))")


@defect("signature.reference")
def reference_to_the_signature_itself(content: etree._Element, signer: Signer) -> None:
    signature(content).set("Id", "signature")
    _refer(content, signer, "#signature")


@defect("signature.reference")
def two_references(content: etree._Element, signer: Signer) -> None:
    reference = find(content, "Reference")
    reference.addnext(deepcopy(reference))
    sign_anew(signature(content), signer)


def _transform(content: etree._Element, signer: Signer, *uris: str) -> None:
    set_transforms(signature(content), *uris)
    sign_anew(signature(content), signer)


@defect("signature.invalid")
def c14n_without_enveloped(content: etree._Element, signer: Signer) -> None:
    """Then the element would have to hold its own digest."""
    _transform(content, signer, C14N)


@defect("signature.algorithm_not_allowed")
def enveloped_alone(content: etree._Element, signer: Signer) -> None:
    _transform(content, signer, ENVELOPED)


@defect("signature.algorithm_not_allowed")
def enveloped_after_c14n(content: etree._Element, signer: Signer) -> None:
    _transform(content, signer, C14N, ENVELOPED)


@defect("signature.algorithm_not_allowed")
def enveloped_twice(content: etree._Element, signer: Signer) -> None:
    _transform(content, signer, ENVELOPED, ENVELOPED, C14N)


@defect("signature.algorithm_not_allowed")
def smev_transform_without_c14n(content: etree._Element, signer: Signer) -> None:
    _transform(content, signer, ENVELOPED, SMEV3)


@defect("signature.algorithm_not_allowed")
def inclusive_c14n(content: etree._Element, signer: Signer) -> None:
    _transform(content, signer, ENVELOPED, INCLUSIVE)


@defect("signature.algorithm_not_allowed")
def xpath_that_leaves_the_note_out(content: etree._Element, signer: Signer) -> None:
    set_transforms(signature(content), ENVELOPED, XPATH, C14N)
    ds(find_all(content, "Transform")[1], "XPath").text = "not(ancestor-or-self::m:Note)"
    sign_anew(signature(content), signer)


# --- the key and the values ---------------------------------------------------------------------


@defect("signature.algorithm_not_allowed")
def hmac(content: etree._Element, signer: Signer) -> None:
    find(content, "SignatureMethod").set("Algorithm", HMAC)


@defect("signature.algorithm_not_allowed")
def algorithms_of_2001(content: etree._Element, signer: Signer) -> None:
    element, found = application(content), detach(signature(content))
    sign_by_old(found, element)
    element.append(found)


@defect("signature.algorithm_not_allowed")
def digest_of_1994(content: etree._Element, signer: Signer) -> None:
    find(content, "DigestMethod").set("Algorithm", DigestAlgorithm.GOST_94)
    sign_anew(signature(content), signer)


@defect("signature.invalid")
def certificate_of_another_key(content: etree._Element, signer: Signer) -> None:
    certify(signature(content), same_kind(signer))


@defect("signature.key_mismatch")
def certificate_of_another_kind_of_key(content: etree._Element, signer: Signer) -> None:
    certify(signature(content), other_kind(signer))


@defect("certificate.missing")
def two_certificates(content: etree._Element, signer: Signer) -> None:
    find(content, "X509Data").append(deepcopy(find(content, "X509Certificate")))


@defect("certificate.missing")
def token_that_is_not_there(content: etree._Element, signer: Signer) -> None:
    _name_token(content, "#token")


@defect("certificate.missing")
def token_over_http(content: etree._Element, signer: Signer) -> None:
    _name_token(content, "http://127.0.0.1:1/key")


@defect("certificate.missing")
def two_tokens_of_one_name(content: etree._Element, signer: Signer) -> None:
    """Ids are unique over the content, so the second has its name in another attribute."""
    found = _name_token(content, "#")
    for _ in range(2):
        found.addprevious(etree.Element(ns.TOKEN))


@defect("signature.algorithm_not_allowed")
def retrieval_method(content: etree._Element, signer: Signer) -> None:
    find(content, "KeyInfo").clear()
    ds(find(content, "KeyInfo"), "RetrievalMethod", URI="http://127.0.0.1:1/key")


def _name_token(content: etree._Element, uri: str) -> etree._Element:
    find(content, "KeyInfo").clear()
    reference = etree.SubElement(find(content, "KeyInfo"), ns.TOKEN_REFERENCE)
    etree.SubElement(reference, ns.WSSE_REFERENCE, URI=uri)
    return signature(content)


@defect("signature.invalid")
def value_changed(content: etree._Element, signer: Signer) -> None:
    value = decode(find(content, "SignatureValue"))
    find(content, "SignatureValue").text = encode(value[:-1] + bytes([value[-1] ^ 1]))


@defect("signature.invalid")
def halves_of_the_value_swapped(content: etree._Element, signer: Signer) -> None:
    value = decode(find(content, "SignatureValue"))
    half = len(value) // 2
    find(content, "SignatureValue").text = encode(value[half:] + value[:half])


@defect("signature.invalid")
def digest_changed(content: etree._Element, signer: Signer) -> None:
    find(content, "DigestValue").text = encode(signer.digest(b"something else"))
    sign_anew(signature(content), signer)


@defect("signature.invalid")
def changed_text(content: etree._Element, signer: Signer) -> None:
    find(content, "Note").text = "ORIGINAl"


@defect("signature.invalid")
def text_after_the_signature(content: etree._Element, signer: Signer) -> None:
    """What stands behind it in the element is not the signature's own."""
    signature(content).tail = "TRANSFER"


@defect("signature.invalid")
def added_attribute(content: etree._Element, signer: Signer) -> None:
    application(content).set("changed", "1")
