"""Broken siblings of good SMEV 3 messages, each named for its defect, with the code of its refusal.

A defect takes the tree of a good sample, signed by `signer`, and changes it; or it makes the bytes
outright. It is about one holder, whose signature has to be refused. Where a defect says what is
signed in another way, it signs anew, as a hostile sender would.

Longer than a module should be: it is a list.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DigestAlgorithm, Transform
from signing.certificates import format_pem
from signing.providers import Signer
from signing.xml.smev3 import Holder
from tests.unit.signing import samples, samples_smev3
from tests.unit.signing.forging import (
    BASE64,
    HMAC,
    HMAC_SHA256,
    INCLUSIVE,
    MD5_RSA,
    SHA1,
    SHA1_RSA,
    WITH_COMMENTS,
    XPATH,
    XPATH2,
    XSLT,
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
VERSION = "1.2"
T = f"{{{samples_smev3.TYPES}{VERSION}}}"
B = f"{{{samples_smev3.TYPES}basic/{VERSION}}}"
C14N, SMEV3, ENVELOPED = Transform.EXCLUSIVE_C14N, Transform.SMEV3, Transform.ENVELOPED


@dataclass(frozen=True, slots=True)
class Defect:
    """A change of a good sample, and what the holder's signature is refused with."""

    code: str
    change: Change
    sample: str
    holder: Holder


DEFECTS: dict[str, Defect] = {}


def defect(
    code: str, *, sample: str = "send_request", holder: Holder = Holder.CALLER
) -> Callable[[Change], Change]:
    def keep(function: Change) -> Change:
        DEFECTS[function.__name__] = Defect(code, function, sample, holder)
        return function

    return keep


def break_message(name: str, key: str) -> tuple[Defect, bytes]:
    """Return a defect, and the bytes of the message that has it."""
    found = DEFECTS[name]
    root = etree.fromstring(samples_smev3.signed(found.sample, key, VERSION))
    made = found.change(root, samples.signer(key))
    return found, made if isinstance(made, bytes) else etree.tostring(root, encoding="utf-8")


def operation(root: etree._Element) -> etree._Element:
    return find(root, "Body")[0]


def data(root: etree._Element) -> etree._Element:
    """What the caller signs."""
    return find(root, "SenderProvidedRequestData")


def holder(root: etree._Element, kind: Holder = Holder.CALLER) -> etree._Element:
    return find(root, kind.value)


def signature(root: etree._Element, kind: Holder = Holder.CALLER) -> etree._Element:
    return holder(root, kind)[0]


def make_evil(element: etree._Element) -> etree._Element:
    """A copy with another content, that nothing refers to."""
    evil = copy_without_ids(element)
    for note in find_all(evil, "Note") + find_all(evil, "MessageID"):
        note.text = "TRANSFER"
    return evil


def swap_data(root: etree._Element, *, with_id: bool = False) -> etree._Element:
    """Put evil data in the place of the signed, and return the signed."""
    signed = data(root)
    evil = make_evil(signed)
    if with_id:
        evil.set("Id", str(signed.get("Id")))
    return replace(signed, evil)


# --- the shape of the envelope ------------------------------------------------------------------


@defect("soap.structure")
def soap_12(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(
        ns.SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"
    )


@defect("soap.structure")
def bare_operation(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(operation(root))


@defect("soap.structure")
def second_body(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(root, ns.SOAP_BODY).append(etree.Element(f"{T}SendRequestRequest"))


@defect("soap.structure")
def second_body_first(root: etree._Element, signer: Signer) -> None:
    evil = etree.Element(ns.SOAP_BODY)
    evil.append(deepcopy(operation(root)))
    evil[0].replace(evil[0][0], make_evil(evil[0][0]))
    root.insert(1, evil)


@defect("soap.structure")
def second_header(root: etree._Element, signer: Signer) -> None:
    root.insert(1, etree.Element(ns.SOAP_HEADER))


@defect("soap.structure")
def body_before_header(root: etree._Element, signer: Signer) -> None:
    root.insert(0, root[1])


@defect("soap.structure")
def stray_element_at_the_end(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(root, "{urn:x}stray")


@defect("soap.structure")
def empty_body(root: etree._Element, signer: Signer) -> None:
    root[1].clear()


@defect("soap.structure")
def second_operation_in_body(root: etree._Element, signer: Signer) -> None:
    evil = deepcopy(operation(root))
    evil.replace(evil[0], make_evil(evil[0]))
    evil.remove(evil[-1])
    root[1].append(evil)


@defect("soap.structure")
def second_operation_in_body_first(root: etree._Element, signer: Signer) -> None:
    evil = deepcopy(operation(root))
    evil.replace(evil[0], make_evil(evil[0]))
    evil.remove(evil[-1])
    root[1].insert(0, evil)


@defect("soap.structure")
def data_moved_after_the_operation(root: etree._Element, signer: Signer) -> None:
    root[1].append(swap_data(root))


@defect("soap.structure")
def holder_moved_after_the_operation(root: etree._Element, signer: Signer) -> None:
    root[1].append(holder(root))


@defect("signature.missing")
def nested_operation(root: etree._Element, signer: Signer) -> None:
    """The good operation stands inside of one that nobody has signed."""
    inner = operation(root)
    outer = etree.Element(inner.tag)
    root[1].replace(inner, outer)
    outer.append(make_evil(inner[0]))
    outer.append(inner)


@defect("signature.reference")
def nested_operation_with_its_holder_outside(root: etree._Element, signer: Signer) -> None:
    inner = operation(root)
    outer = etree.Element(inner.tag)
    root[1].replace(inner, outer)
    outer.append(make_evil(inner[0]))
    outer.append(inner)
    outer.append(holder(root))


@defect("signature.missing")
def nested_envelope(root: etree._Element, signer: Signer) -> bytes:
    outer = deepcopy(root)
    evil = make_evil(operation(outer)[0])
    operation(outer)[:] = [evil]
    content = find(evil, "MessagePrimaryContent")[0]
    content.append(deepcopy(root))
    return etree.tostring(outer)


@defect("soap.structure")
def operation_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    operation(root).tag = "{urn:x}SendRequestRequest"


@defect("signature.misplaced")
def operation_of_another_version(root: etree._Element, signer: Signer) -> None:
    operation(root).tag = f"{{{samples_smev3.TYPES}1.1}}SendRequestRequest"


@defect("soap.structure")
def operation_of_the_basic_vocabulary(root: etree._Element, signer: Signer) -> None:
    operation(root).tag = f"{B}SendRequestRequest"


@defect("signature.missing")
def operation_that_is_not_known(root: etree._Element, signer: Signer) -> None:
    operation(root).tag = f"{T}SendOtherRequest"


@defect("signature.misplaced")
def request_sent_as_a_response(root: etree._Element, signer: Signer) -> None:
    operation(root).tag = f"{T}SendResponseRequest"


@defect("signature.invalid")
def another_version_throughout(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"/1.2", b"/1.3")


# --- wrapping -----------------------------------------------------------------------------------


@defect("signature.reference")
def data_moved_to_the_attachments(root: etree._Element, signer: Signer) -> None:
    find(root, "AttachmentContentList").append(swap_data(root))


@defect("id.duplicate")
def data_moved_to_the_attachments_and_its_id_kept(root: etree._Element, signer: Signer) -> None:
    find(root, "AttachmentContentList").append(swap_data(root, with_id=True))


@defect("signature.reference")
def data_moved_to_the_header(root: etree._Element, signer: Signer) -> None:
    root[0].append(swap_data(root))


@defect("id.duplicate")
def data_moved_to_the_header_and_its_id_kept(root: etree._Element, signer: Signer) -> None:
    root[0].append(swap_data(root, with_id=True))


@defect("signature.reference")
def data_moved_to_a_wrapper_in_the_header(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(root[0], "{urn:x}Wrapper").append(swap_data(root))


@defect("signature.reference")
def data_moved_into_the_evil_content(root: etree._Element, signer: Signer) -> None:
    signed = swap_data(root)
    find(data(root), "MessagePrimaryContent")[0].append(signed)


@defect("id.duplicate")
def data_moved_into_the_evil_content_of_its_id(root: etree._Element, signer: Signer) -> None:
    signed = swap_data(root, with_id=True)
    find(data(root), "MessagePrimaryContent")[0].append(signed)


@defect("signature.reference")
def data_moved_to_metadata_of_the_evil_one(root: etree._Element, signer: Signer) -> None:
    signed = swap_data(root)
    etree.SubElement(data(root), f"{T}BusinessProcessMetadata").append(signed)


@defect("signature.duplicate")
def data_moved_to_its_holder(root: etree._Element, signer: Signer) -> None:
    holder(root).append(swap_data(root))


@defect("signature.duplicate")
def data_moved_to_its_holder_first(root: etree._Element, signer: Signer) -> None:
    holder(root).insert(0, swap_data(root))


@defect("signature.reference")
def data_moved_to_another_holder(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(operation(root), f"{T}SMEVSignature").append(swap_data(root))


@defect("signature.misplaced")
def data_moved_to_an_object(root: etree._Element, signer: Signer) -> None:
    ds(signature(root), "Object").append(swap_data(root))


@defect("signature.algorithm_not_allowed")
def data_moved_to_key_info(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").append(swap_data(root))


@defect("signature.reference")
def data_moved_to_x509_data(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Data").append(swap_data(root))


@defect("signature.malformed")
def data_moved_to_signed_info(root: etree._Element, signer: Signer) -> None:
    find(root, "SignedInfo").append(swap_data(root))


@defect("signature.misplaced")
def data_moved_to_the_value(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureValue").append(swap_data(root))


@defect("signature.misplaced")
def data_moved_to_the_digest(root: etree._Element, signer: Signer) -> None:
    find(root, "DigestValue").append(swap_data(root))


@defect("signature.algorithm_not_allowed")
def data_moved_to_a_transform(root: etree._Element, signer: Signer) -> None:
    find(root, "Transform").append(swap_data(root))


@defect("signature.misplaced")
def data_moved_to_the_certificate(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").append(swap_data(root))


@defect("signature.reference")
def data_moved_to_a_wrapper_in_the_operation(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(operation(root), f"{T}Wrapper").append(swap_data(root))


@defect("signature.duplicate")
def second_data_with_its_id(root: etree._Element, signer: Signer) -> None:
    operation(root).insert(0, deepcopy(data(root)))


@defect("signature.duplicate")
def second_data_first(root: etree._Element, signer: Signer) -> None:
    operation(root).insert(0, make_evil(data(root)))


@defect("signature.duplicate")
def second_data_after_it(root: etree._Element, signer: Signer) -> None:
    operation(root).insert(1, make_evil(data(root)))


@defect("signature.duplicate")
def second_data_at_the_end(root: etree._Element, signer: Signer) -> None:
    operation(root).append(make_evil(data(root)))


@defect("signature.duplicate")
def second_data_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    evil = make_evil(data(root))
    evil.tag = "{urn:x}SenderProvidedRequestData"
    operation(root).insert(0, evil)


@defect("signature.duplicate")
def second_data_without_a_vocabulary(root: etree._Element, signer: Signer) -> None:
    evil = make_evil(data(root))
    evil.tag = "SenderProvidedRequestData"
    operation(root).append(evil)


@defect("signature.misplaced")
def data_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    data(root).tag = "{urn:x}SenderProvidedRequestData"


@defect("signature.misplaced")
def data_of_another_version(root: etree._Element, signer: Signer) -> None:
    data(root).tag = f"{{{samples_smev3.TYPES}1.3}}SenderProvidedRequestData"


@defect("signature.misplaced")
def no_data(root: etree._Element, signer: Signer) -> None:
    operation(root).remove(data(root))


@defect("id.duplicate")
def duplicate_id(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").set("Id", str(data(root).get("Id")))


@defect("id.duplicate")
def duplicate_upper_case_id(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").set("ID", str(data(root).get("Id")))


@defect("id.duplicate")
def duplicate_xml_id(root: etree._Element, signer: Signer) -> None:
    find(root, "AttachmentContent").set(ns.XML_ID, str(data(root).get("Id")))


@defect("id.duplicate")
def duplicate_wsu_id(root: etree._Element, signer: Signer) -> None:
    root[1].set(ns.WSU_ID, str(data(root).get("Id")))


@defect("id.duplicate")
def two_other_elements_of_one_id(root: etree._Element, signer: Signer) -> None:
    root[0].set("Id", "other")
    find(root, "AttachmentContentList").set("Id", "other")


@defect("id.duplicate")
def id_of_the_signature_is_the_same(root: etree._Element, signer: Signer) -> None:
    signature(root).set("Id", str(data(root).get("Id")))


@defect("signature.reference")
def id_removed(root: etree._Element, signer: Signer) -> None:
    del data(root).attrib["Id"]


@defect("signature.reference")
def id_in_upper_case(root: etree._Element, signer: Signer) -> None:
    data(root).set("ID", data(root).attrib.pop("Id"))


@defect("signature.reference")
def id_in_lower_case(root: etree._Element, signer: Signer) -> None:
    data(root).set("id", data(root).attrib.pop("Id"))


@defect("signature.reference")
def xml_id_for_id(root: etree._Element, signer: Signer) -> None:
    data(root).set(ns.XML_ID, data(root).attrib.pop("Id"))


@defect("signature.reference")
def wsu_id_for_id(root: etree._Element, signer: Signer) -> None:
    data(root).set(ns.WSU_ID, data(root).attrib.pop("Id"))


@defect("signature.reference")
def id_with_a_space(root: etree._Element, signer: Signer) -> None:
    data(root).set("Id", f" {data(root).get('Id')}")


@defect("signature.reference")
def id_on_the_content_instead(root: etree._Element, signer: Signer) -> None:
    find(root, "Query").set("Id", data(root).attrib.pop("Id"))


# --- the holder ---------------------------------------------------------------------------------


@defect("signature.missing")
def no_holder(root: etree._Element, signer: Signer) -> None:
    operation(root).remove(holder(root))


@defect("signature.missing")
def empty_holder(root: etree._Element, signer: Signer) -> None:
    holder(root).clear()


@defect("signature.malformed")
def text_in_the_holder(root: etree._Element, signer: Signer) -> None:
    holder(root).text = "text"


@defect("signature.duplicate")
def two_signatures_in_the_holder(root: etree._Element, signer: Signer) -> None:
    holder(root).append(deepcopy(signature(root)))


@defect("signature.duplicate")
def two_holders(root: etree._Element, signer: Signer) -> None:
    operation(root).append(deepcopy(holder(root)))


@defect("signature.duplicate")
def empty_holder_before_it(root: etree._Element, signer: Signer) -> None:
    operation(root).insert(0, etree.Element(holder(root).tag))


@defect("signature.duplicate")
def second_holder_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    other = deepcopy(holder(root))
    other.tag = f"{{urn:x}}{Holder.CALLER.value}"
    operation(root).append(other)


@defect("signature.misplaced")
def holder_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = f"{{urn:x}}{Holder.CALLER.value}"


@defect("signature.misplaced")
def holder_without_a_vocabulary(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = Holder.CALLER.value


@defect("signature.misplaced")
def holder_of_another_version(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = f"{{{samples_smev3.TYPES}1.1}}{Holder.CALLER.value}"


@defect("signature.misplaced")
def holder_of_the_basic_vocabulary(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = f"{B}{Holder.CALLER.value}"


@defect("signature.duplicate")
def something_else_in_the_holder(root: etree._Element, signer: Signer) -> None:
    holder(root)[0].tag = "{urn:x}Signature"


@defect("signature.duplicate")
def signature_wrapped_in_the_holder(root: etree._Element, signer: Signer) -> None:
    wrapper = etree.Element("{urn:x}Wrapper")
    wrapper.append(replace(signature(root), wrapper))


@defect("signature.missing")
def signature_of_smev_in_place_of_the_callers(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = f"{T}{Holder.SMEV.value}"


@defect("signature.missing")
def signature_of_the_sender_in_place_of_the_callers(root: etree._Element, signer: Signer) -> None:
    holder(root).tag = f"{T}{Holder.SENDER.value}"


@defect("signature.missing")
def signature_without_its_holder(root: etree._Element, signer: Signer) -> None:
    replace(holder(root), detach(signature(root)))


@defect("signature.missing")
def holder_moved_to_the_header(root: etree._Element, signer: Signer) -> None:
    root[0].append(holder(root))


@defect("signature.missing")
def holder_moved_into_the_data(root: etree._Element, signer: Signer) -> None:
    data(root).append(holder(root))


@defect("signature.missing")
def holder_moved_to_the_attachments(root: etree._Element, signer: Signer) -> None:
    find(root, "AttachmentContentList").append(holder(root))


@defect("signature.missing")
def signature_and_data_moved_to_the_attachments(root: etree._Element, signer: Signer) -> None:
    """A whole that holds by itself, beside what will be read."""
    moved = detach(signature(root))
    operation(root).remove(holder(root))
    place = find(root, "AttachmentContentList")
    place.append(swap_data(root))
    place.append(moved)


@defect("signature.missing")
def signature_and_data_moved_into_the_evil_content(root: etree._Element, signer: Signer) -> None:
    moved = detach(signature(root))
    operation(root).remove(holder(root))
    signed = swap_data(root)
    find(data(root), "Query").extend([signed, moved])


# --- signatures in each other's places ----------------------------------------------------------

_BOTH = "send_request_personal"


@defect("signature.reference", sample=_BOTH)
def personal_signature_as_the_callers(root: etree._Element, signer: Signer) -> None:
    replace(signature(root), deepcopy(signature(root, Holder.PERSONAL)))


@defect("signature.reference", sample=_BOTH, holder=Holder.PERSONAL)
def callers_signature_as_the_personal(root: etree._Element, signer: Signer) -> None:
    replace(signature(root, Holder.PERSONAL), deepcopy(signature(root)))


@defect("signature.invalid", sample=_BOTH)
def personal_signature_as_the_callers_by_its_id(root: etree._Element, signer: Signer) -> None:
    replace(signature(root), deepcopy(signature(root, Holder.PERSONAL)))
    data(root).set("Id", find(root, "Query").attrib.pop("Id"))


@defect("signature.invalid", sample=_BOTH, holder=Holder.PERSONAL)
def callers_signature_as_the_personal_by_its_id(root: etree._Element, signer: Signer) -> None:
    replace(signature(root, Holder.PERSONAL), deepcopy(signature(root)))
    find(root, "Query").set("Id", data(root).attrib.pop("Id"))


@defect("signature.reference", sample=_BOTH)
def signatures_changed_places(root: etree._Element, signer: Signer) -> None:
    personal, callers = signature(root, Holder.PERSONAL), signature(root)
    other = deepcopy(personal)
    replace(personal, deepcopy(callers))
    replace(callers, other)


@defect("signature.missing", sample=_BOTH)
def only_the_personal_signature(root: etree._Element, signer: Signer) -> None:
    operation(root).remove(holder(root))


@defect("signature.invalid", sample=_BOTH)
def personal_signature_removed(root: etree._Element, signer: Signer) -> None:
    """The caller has signed that it is there."""
    detach(holder(root, Holder.PERSONAL))


@defect("signature.misplaced", sample=_BOTH, holder=Holder.PERSONAL)
def content_of_two_elements(root: etree._Element, signer: Signer) -> None:
    query = find(root, "Query")
    query.addprevious(make_evil(query))


@defect("signature.misplaced", sample=_BOTH, holder=Holder.PERSONAL)
def content_without_an_element(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "Query"))


@defect("signature.malformed", sample=_BOTH, holder=Holder.PERSONAL)
def text_beside_the_content(root: etree._Element, signer: Signer) -> None:
    find(root, "MessagePrimaryContent").text = "text"


@defect("signature.reference", sample=_BOTH, holder=Holder.PERSONAL)
def personal_signature_over_the_data(root: etree._Element, signer: Signer) -> None:
    found = signature(root, Holder.PERSONAL)
    find(found, "Reference").set("URI", f"#{data(root).get('Id')}")
    sign_anew(found, signer)


@defect("signature.reference", sample=_BOTH, holder=Holder.PERSONAL)
def content_moved_beside_the_evil_one(root: etree._Element, signer: Signer) -> None:
    query = find(root, "Query")
    replace(query, make_evil(query))
    etree.SubElement(data(root), f"{T}BusinessProcessMetadata").append(query)


@defect("signature.invalid", sample="request", holder=Holder.SMEV)
def signature_of_metadata_over_the_request(root: etree._Element, signer: Signer) -> None:
    key = next(
        name for name in samples_smev3.KEYS if samples.signer(name).algorithm == signer.algorithm
    )
    other = etree.fromstring(samples_smev3.signed("request_accepted", key, VERSION))
    replace(signature(root, Holder.SMEV), deepcopy(signature(other, Holder.SMEV)))


@defect("signature.reference", sample="request", holder=Holder.SMEV)
def signature_of_metadata_inside_the_request(root: etree._Element, signer: Signer) -> None:
    """SMEV's signature over MessageMetadata of the request alone, in the place of the other."""
    metadata, found = find(root, "MessageMetadata"), signature(root, Holder.SMEV)
    find(root, "Request").attrib.pop("Id")
    metadata.set("Id", "SIGNED_BY_SMEV")
    digest_anew(found, metadata, signer)
    sign_anew(found, signer)


@defect("signature.reference", sample="request", holder=Holder.SMEV)
def senders_signature_as_that_of_smev(root: etree._Element, signer: Signer) -> None:
    replace(signature(root, Holder.SMEV), deepcopy(signature(root, Holder.SENDER)))


@defect("signature.reference", sample="request", holder=Holder.SENDER)
def signature_of_smev_as_the_senders(root: etree._Element, signer: Signer) -> None:
    replace(signature(root, Holder.SENDER), deepcopy(signature(root, Holder.SMEV)))


@defect("signature.missing", sample="request", holder=Holder.SMEV)
def signature_of_smev_moved_into_the_request(root: etree._Element, signer: Signer) -> None:
    find(root, "Request").append(holder(root, Holder.SMEV))


@defect("signature.missing", sample="request", holder=Holder.SENDER)
def senders_signature_moved_out_of_the_request(root: etree._Element, signer: Signer) -> None:
    find(root, "RequestMessage").append(holder(root, Holder.SENDER))


@defect("signature.duplicate", sample="request", holder=Holder.SMEV)
def second_request(root: etree._Element, signer: Signer) -> None:
    request = find(root, "Request")
    request.addprevious(make_evil(request))


@defect("signature.duplicate", sample="request", holder=Holder.SMEV)
def second_request_message(root: etree._Element, signer: Signer) -> None:
    operation(root).insert(0, make_evil(find(root, "RequestMessage")))


@defect("signature.misplaced", sample="request", holder=Holder.SMEV)
def request_message_of_another_vocabulary(root: etree._Element, signer: Signer) -> None:
    find(root, "RequestMessage").tag = "{urn:x}RequestMessage"


@defect("signature.reference", sample="request", holder=Holder.SMEV)
def request_moved_to_the_attachments(root: etree._Element, signer: Signer) -> None:
    request = find(root, "Request")
    replace(request, make_evil(request))
    find(root, "AttachmentContentList").append(request)


@defect("signature.reference", sample="request", holder=Holder.SENDER)
def senders_data_swapped_inside_the_request(root: etree._Element, signer: Signer) -> None:
    swap_data(root)


@defect("signature.invalid", sample="request", holder=Holder.SMEV)
def reply_address_changed(root: etree._Element, signer: Signer) -> None:
    find(root, "ReplyTo").text = "elsewhere"


@defect("signature.misplaced", sample="request_accepted", holder=Holder.SMEV)
def metadata_removed(root: etree._Element, signer: Signer) -> None:
    operation(root).remove(find(root, "MessageMetadata"))


@defect("signature.invalid", sample="ack")
def ack_of_another_message(root: etree._Element, signer: Signer) -> None:
    find(root, "AckTargetMessage").text = "00000000-3c08-11e5-95e2-d4c9eff07b77"


@defect("signature.invalid", sample="ack")
def ack_turned_into_a_refusal(root: etree._Element, signer: Signer) -> None:
    find(root, "AckTargetMessage").set("accepted", "false")


@defect("signature.duplicate", sample="ack")
def second_ack(root: etree._Element, signer: Signer) -> None:
    target = find(root, "AckTargetMessage")
    target.addprevious(copy_without_ids(target))


@defect("signature.invalid", sample="get_request")
def selector_emptied(root: etree._Element, signer: Signer) -> None:
    selector = find(root, "MessageTypeSelector")
    selector[:] = selector[2:]


@defect("signature.invalid", sample="get_status")
def timestamp_changed(root: etree._Element, signer: Signer) -> None:
    find(root, "Timestamp").text = "2030-01-01T00:00:00Z"


@defect("signature.invalid", sample="status", holder=Holder.SMEV)
def status_changed(root: etree._Element, signer: Signer) -> None:
    find(root, "StatusCategory").text = "requestIsProcessed"


# --- the Reference ------------------------------------------------------------------------------


def _refer(root: etree._Element, signer: Signer, uri: str) -> None:
    find(signature(root), "Reference").set("URI", uri)
    sign_anew(signature(root), signer)


@defect("signature.reference")
def reference_to_another_id(root: etree._Element, signer: Signer) -> None:
    find(root, "Query").set("Id", "other")
    _refer(root, signer, "#other")


@defect("signature.reference")
def reference_to_the_attachments(root: etree._Element, signer: Signer) -> None:
    attachments = find(root, "AttachmentContentList")
    attachments.set("Id", "files")
    digest_anew(signature(root), attachments, signer)
    _refer(root, signer, "#files")


@defect("signature.reference")
def reference_dangling(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "#nothing")


@defect("signature.reference")
def reference_empty(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "")


@defect("signature.reference")
def reference_of_a_bare_sign(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "#")


@defect("signature.reference")
def reference_without_uri(root: etree._Element, signer: Signer) -> None:
    del find(root, "Reference").attrib["URI"]
    sign_anew(signature(root), signer)


@defect("signature.reference")
def reference_over_http(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "http://127.0.0.1:1/data.xml")


@defect("signature.reference")
def reference_over_http_with_the_id(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, f"http://127.0.0.1:1/data.xml#{data(root).get('Id')}")


@defect("signature.reference")
def reference_to_a_file(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "file:///etc/passwd")


@defect("signature.reference")
def reference_to_an_attachment(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "cid:file_1")


@defect("signature.reference")
def reference_by_xpointer(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, f"#xpointer(id('{data(root).get('Id')}'))")


@defect("signature.reference")
def reference_to_the_root_by_xpointer(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "#xpointer(/)")


@defect("signature.reference")
def reference_with_a_space(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, f"#{data(root).get('Id')} ")


@defect("signature.reference")
def reference_percent_encoded(root: etree._Element, signer: Signer) -> None:
    _refer(root, signer, "#SIGNED%5FBY%5FCALLER")


@defect("signature.reference")
def no_reference(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "Reference"))
    sign_anew(signature(root), signer)


@defect("signature.reference")
def same_reference_twice(root: etree._Element, signer: Signer) -> None:
    reference = find(root, "Reference")
    reference.addnext(deepcopy(reference))
    sign_anew(signature(root), signer)


@defect("signature.reference")
def second_reference_to_the_content(root: etree._Element, signer: Signer) -> None:
    query, reference = find(root, "Query"), find(root, "Reference")
    query.set("Id", "other")
    second = deepcopy(reference)
    second.set("URI", "#other")
    reference.addnext(second)
    digest_anew(signature(root), data(root), signer)
    digest_anew(signature(root), query, signer, number=1)
    sign_anew(signature(root), signer)


@defect("signature.reference")
def nine_references(root: etree._Element, signer: Signer) -> None:
    for _ in range(8):
        find(root, "SignedInfo").append(deepcopy(find(root, "Reference")))
    sign_anew(signature(root), signer)


@defect("signature.reference")
def thousands_of_references(root: etree._Element, signer: Signer) -> None:
    for _ in range(5000):
        find(root, "SignedInfo").append(deepcopy(find(root, "Reference")))


@defect("signature.malformed")
def manifest_instead_of_a_reference(root: etree._Element, signer: Signer) -> None:
    find(root, "Reference").tag = f"{{{ns.DS}}}Manifest"
    sign_anew(signature(root), signer)


# --- transforms ---------------------------------------------------------------------------------


def _transform(root: etree._Element, signer: Signer, *uris: str) -> None:
    set_transforms(signature(root), *uris)
    digest_anew(signature(root), data(root), signer)
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def c14n_alone(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N)


@defect("signature.algorithm_not_allowed")
def smev_transform_alone(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, SMEV3)


@defect("signature.algorithm_not_allowed")
def transforms_swapped(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, SMEV3, C14N)


@defect("signature.algorithm_not_allowed")
def c14n_doubled(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N, C14N, SMEV3)


@defect("signature.algorithm_not_allowed")
def smev_transform_doubled(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N, SMEV3, SMEV3)


@defect("signature.algorithm_not_allowed")
def enveloped_alone(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, ENVELOPED)


@defect("signature.algorithm_not_allowed")
def enveloped_with_c14n(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, ENVELOPED, C14N)


@defect("signature.algorithm_not_allowed")
def enveloped_before_the_others(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, ENVELOPED, C14N, SMEV3)


@defect("signature.malformed")
def four_transforms(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N, SMEV3, C14N, SMEV3)


@defect("signature.malformed")
def thousands_of_transforms(root: etree._Element, signer: Signer) -> None:
    set_transforms(signature(root), *[C14N, SMEV3] * 3000)


@defect("signature.malformed")
def no_transforms(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "Transforms"))
    sign_anew(signature(root), signer)


@defect("signature.malformed")
def empty_transforms(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer)


@defect("signature.malformed")
def transform_without_algorithm(root: etree._Element, signer: Signer) -> None:
    del find(root, "Transform").attrib["Algorithm"]
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def unknown_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N, SMEV3, "urn:x-unknown")


@defect("signature.algorithm_not_allowed")
def smev_transform_of_another_name(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, C14N, "urn://smev-gov-ru/xmldsig/transform/")


@defect("signature.algorithm_not_allowed")
def inclusive_c14n_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, INCLUSIVE, SMEV3)


@defect("signature.algorithm_not_allowed")
def c14n_transform_with_comments(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, WITH_COMMENTS, SMEV3)


@defect("signature.algorithm_not_allowed")
def base64_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, BASE64)


@defect("signature.algorithm_not_allowed")
def xslt_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, XSLT, C14N, SMEV3)
    etree.SubElement(
        find(root, "Transform"), "{http://www.w3.org/1999/XSL/Transform}stylesheet", version="1.0"
    )
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def xslt_transform_without_a_stylesheet(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, XSLT, C14N, SMEV3)


@defect("signature.algorithm_not_allowed")
def xpath_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, XPATH, C14N, SMEV3)
    ds(find(root, "Transform"), "XPath").text = "not(ancestor-or-self::Note)"
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def xpath_in_the_smev_transform(root: etree._Element, signer: Signer) -> None:
    ds(find_all(root, "Transform")[1], "XPath").text = "//Note"
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def xpath_filter_transform(root: etree._Element, signer: Signer) -> None:
    _transform(root, signer, XPATH2, C14N, SMEV3)


@defect("signature.algorithm_unsupported")
def default_in_prefix_list(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(find(root, "Transform"), ns.INCLUSIVE_NAMESPACES, PrefixList="#default")
    sign_anew(signature(root), signer)


# --- algorithms ---------------------------------------------------------------------------------


def _choose(root: etree._Element, signer: Signer, name: str, uri: str) -> None:
    find(root, name).set("Algorithm", uri)
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def inclusive_c14n(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "CanonicalizationMethod", INCLUSIVE)


@defect("signature.algorithm_not_allowed")
def c14n_with_comments(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "CanonicalizationMethod", WITH_COMMENTS)


@defect("signature.algorithm_not_allowed")
def smev_transform_for_signed_info(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "CanonicalizationMethod", SMEV3)


@defect("signature.algorithm_not_allowed")
def hmac_by_the_certificate(root: etree._Element, signer: Signer) -> None:
    """Whoever takes the public key for a secret one would find it right."""
    find(root, "SignatureMethod").set("Algorithm", HMAC_SHA256)
    info = etree.tostring(find(root, "SignedInfo"), method="c14n", exclusive=True)
    key = signer.certificate.public_key_info
    find(root, "SignatureValue").text = encode(hmac.digest(key, info, hashlib.sha256))


@defect("signature.algorithm_not_allowed")
def hmac_output_length(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureMethod").set("Algorithm", HMAC)
    ds(find(root, "SignatureMethod"), "HMACOutputLength").text = "0"
    find(root, "SignatureValue").text = "AA=="


@defect("signature.algorithm_not_allowed")
def output_length_of_the_right_method(root: etree._Element, signer: Signer) -> None:
    ds(find(root, "SignatureMethod"), "HMACOutputLength").text = "8"
    sign_anew(signature(root), signer)


@defect("signature.algorithm_not_allowed")
def rsa_sha1(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "SignatureMethod", SHA1_RSA)


@defect("signature.algorithm_not_allowed")
def rsa_md5(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "SignatureMethod", MD5_RSA)


@defect("signature.algorithm_not_allowed")
def unknown_signature_method(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "SignatureMethod", "urn:x-none")


@defect("signature.key_mismatch")
def method_of_another_kind_of_key(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "SignatureMethod", other_kind(signer).algorithm)


@defect("signature.malformed")
def signature_method_without_algorithm(root: etree._Element, signer: Signer) -> None:
    del find(root, "SignatureMethod").attrib["Algorithm"]


@defect("signature.algorithm_not_allowed")
def algorithms_of_2001(root: etree._Element, signer: Signer) -> None:
    sign_by_old(signature(root), data(root))


@defect("signature.algorithm_not_allowed")
def digest_of_1994(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "DigestMethod", DigestAlgorithm.GOST_94)


@defect("signature.algorithm_not_allowed")
def digest_of_1994_by_its_other_name(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "DigestMethod", DigestAlgorithm.GOST_94_URN)


@defect("signature.algorithm_not_allowed")
def sha1_digest(root: etree._Element, signer: Signer) -> None:
    _choose(root, signer, "DigestMethod", SHA1)


@defect("signature.algorithm_not_allowed")
def parameters_of_the_digest(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(find(root, "DigestMethod"), "{urn:x}Length").text = "1"
    sign_anew(signature(root), signer)


# --- the values ---------------------------------------------------------------------------------


def _value(root: etree._Element, value: bytes) -> None:
    find(root, "SignatureValue").text = encode(value)


@defect("signature.malformed")
def empty_value(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureValue").text = ""


@defect("signature.malformed")
def value_that_is_not_base64(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureValue").text = "не base64!"


@defect("signature.malformed")
def value_with_bits_after_it(root: etree._Element, signer: Signer) -> None:
    found = find(root, "SignatureValue")
    padding = (found.text or "").count("=")
    assert padding, "values of 64 and of 256 bytes are padded"
    text = (found.text or "").rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found.text = text[:-1] + alphabet[alphabet.index(text[-1]) + 1] + "=" * padding


@defect("signature.malformed")
def value_without_padding(root: etree._Element, signer: Signer) -> None:
    found = find(root, "SignatureValue")
    found.text = (found.text or "").rstrip("=")


@defect("signature.malformed")
def no_break_space_in_the_value(root: etree._Element, signer: Signer) -> None:
    found = find(root, "SignatureValue")
    found.text = "\u00a0" + (found.text or "")


@defect("signature.invalid")
def value_of_one_byte(root: etree._Element, signer: Signer) -> None:
    _value(root, b"\x01")


@defect("signature.invalid")
def value_cut(root: etree._Element, signer: Signer) -> None:
    _value(root, decode(find(root, "SignatureValue"))[:-1])


@defect("signature.invalid")
def value_with_a_byte_before_it(root: etree._Element, signer: Signer) -> None:
    _value(root, b"\0" + decode(find(root, "SignatureValue")))


@defect("signature.invalid")
def value_with_a_byte_after_it(root: etree._Element, signer: Signer) -> None:
    _value(root, decode(find(root, "SignatureValue")) + b"\0")


@defect("signature.invalid")
def value_doubled(root: etree._Element, signer: Signer) -> None:
    _value(root, decode(find(root, "SignatureValue")) * 2)


@defect("signature.invalid")
def value_of_60_kilobytes(root: etree._Element, signer: Signer) -> None:
    _value(root, b"\x5a" * 45_000)


@defect("signature.invalid")
def value_of_zeros(root: etree._Element, signer: Signer) -> None:
    _value(root, bytes(len(decode(find(root, "SignatureValue")))))


@defect("signature.invalid")
def value_of_ones(root: etree._Element, signer: Signer) -> None:
    _value(root, b"\xff" * len(decode(find(root, "SignatureValue"))))


@defect("signature.invalid")
def halves_of_the_value_swapped(root: etree._Element, signer: Signer) -> None:
    value = decode(find(root, "SignatureValue"))
    half = len(value) // 2
    _value(root, value[half:] + value[:half])


@defect("signature.invalid")
def value_reversed(root: etree._Element, signer: Signer) -> None:
    _value(root, decode(find(root, "SignatureValue"))[::-1])


@defect("signature.invalid")
def value_in_der(root: etree._Element, signer: Signer) -> None:
    """SEQUENCE of two INTEGER, as the signatures of certificates stand elsewhere."""
    value = decode(find(root, "SignatureValue"))[:64]
    numbers = b"".join(b"\x02\x21\0" + value[start : start + 32] for start in (0, 32))
    _value(root, b"\x30" + bytes([len(numbers)]) + numbers)


@defect("signature.invalid")
def value_over_something_else(root: etree._Element, signer: Signer) -> None:
    _value(root, signer.sign(b"something else"))


@defect("signature.invalid")
def digest_changed(root: etree._Element, signer: Signer) -> None:
    value = decode(find(root, "DigestValue"))
    find(root, "DigestValue").text = encode(bytes([value[0] ^ 1]) + value[1:])


def _digest(root: etree._Element, signer: Signer, value: bytes) -> None:
    find(root, "DigestValue").text = encode(value)
    sign_anew(signature(root), signer)


@defect("signature.invalid")
def digest_of_something_else(root: etree._Element, signer: Signer) -> None:
    _digest(root, signer, signer.digest(b"something else"))


@defect("signature.invalid")
def digest_cut(root: etree._Element, signer: Signer) -> None:
    _digest(root, signer, decode(find(root, "DigestValue"))[:8])


@defect("signature.invalid")
def digest_reversed(root: etree._Element, signer: Signer) -> None:
    _digest(root, signer, decode(find(root, "DigestValue"))[::-1])


@defect("signature.invalid")
def digest_in_hexadecimal(root: etree._Element, signer: Signer) -> None:
    _digest(root, signer, decode(find(root, "DigestValue")).hex().encode())


@defect("signature.invalid")
def digest_of_the_element_without_the_transform(root: etree._Element, signer: Signer) -> None:
    set_transforms(signature(root), C14N)
    digest_anew(signature(root), data(root), signer)
    set_transforms(signature(root), C14N, SMEV3)
    sign_anew(signature(root), signer)


@defect("signature.malformed")
def empty_digest(root: etree._Element, signer: Signer) -> None:
    find(root, "DigestValue").text = ""
    sign_anew(signature(root), signer)


@defect("signature.malformed")
def second_digest(root: etree._Element, signer: Signer) -> None:
    find(root, "Reference").append(deepcopy(find(root, "DigestValue")))
    sign_anew(signature(root), signer)


# --- SignedInfo as it stands --------------------------------------------------------------------


@defect("signature.invalid")
def white_space_in_signed_info(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureMethod").tail = "\n"


@defect("signature.malformed")
def text_in_signed_info(root: etree._Element, signer: Signer) -> None:
    find(root, "SignatureMethod").tail = "text"
    sign_anew(signature(root), signer)


@defect("signature.invalid")
def attribute_of_signed_info(root: etree._Element, signer: Signer) -> None:
    find(root, "SignedInfo").set("changed", "1")


@defect("signature.invalid")
def signed_info_under_another_prefix(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ds:", b"dsig:").replace(b"xmlns:ds=", b"xmlns:dsig=")


@defect("signature.invalid")
def signed_info_without_a_prefix(root: etree._Element, signer: Signer) -> bytes:
    text = etree.tostring(root).replace(b"<ds:", b"<").replace(b"</ds:", b"</")
    return text.replace(b"xmlns:ds=", b"xmlns=")


@defect("signature.duplicate")
def signature_in_another_vocabulary(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(ns.DS.encode(), b"http://www.w3.org/2009/xmldsig11#")


@defect("signature.malformed")
def second_signed_info(root: etree._Element, signer: Signer) -> None:
    signature(root).insert(0, deepcopy(find(root, "SignedInfo")))


@defect("signature.malformed")
def second_value(root: etree._Element, signer: Signer) -> None:
    signature(root).append(deepcopy(find(root, "SignatureValue")))


@defect("signature.malformed")
def no_signed_info(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "SignedInfo"))


@defect("signature.malformed")
def no_value(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "SignatureValue"))


@defect("signature.malformed")
def order_of_the_parts(root: etree._Element, signer: Signer) -> None:
    signature(root).append(find(root, "SignedInfo"))


@defect("signature.misplaced")
def empty_object(root: etree._Element, signer: Signer) -> None:
    ds(signature(root), "Object")


@defect("signature.misplaced")
def nested_signature(root: etree._Element, signer: Signer) -> None:
    signature(root).append(deepcopy(signature(root)))


# --- the key ------------------------------------------------------------------------------------


@defect("signature.malformed")
def no_key_info(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "KeyInfo"))


@defect("signature.algorithm_not_allowed")
def empty_key_info(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").clear()


@defect("signature.algorithm_not_allowed")
def retrieval_method(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").clear()
    ds(find(root, "KeyInfo"), "RetrievalMethod", URI="http://127.0.0.1:1/key")


@defect("signature.algorithm_not_allowed")
def retrieval_method_beside(root: etree._Element, signer: Signer) -> None:
    ds(find(root, "KeyInfo"), "RetrievalMethod", URI="#other")


@defect("signature.algorithm_not_allowed")
def key_value(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").clear()
    rsa = ds(ds(find(root, "KeyInfo"), "KeyValue"), "RSAKeyValue")
    ds(rsa, "Modulus").text = "AQAB"
    ds(rsa, "Exponent").text = "AQAB"


@defect("signature.algorithm_not_allowed")
def key_value_beside(root: etree._Element, signer: Signer) -> None:
    ds(find(root, "KeyInfo"), "KeyValue")


@defect("signature.algorithm_not_allowed")
def key_name(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").clear()
    ds(find(root, "KeyInfo"), "KeyName").text = "agency"


@defect("signature.algorithm_not_allowed")
def token_reference(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").clear()
    reference = etree.SubElement(find(root, "KeyInfo"), ns.TOKEN_REFERENCE)
    etree.SubElement(reference, ns.WSSE_REFERENCE, URI="#other")


@defect("certificate.missing")
def two_certificates(root: etree._Element, signer: Signer) -> None:
    found = ds(find(root, "X509Data"), "X509Certificate")
    found.text = encode(same_kind(signer).certificate.der)


@defect("certificate.missing")
def same_certificate_twice(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Data").append(deepcopy(find(root, "X509Certificate")))


@defect("signature.algorithm_not_allowed")
def two_x509_data(root: etree._Element, signer: Signer) -> None:
    find(root, "KeyInfo").append(deepcopy(find(root, "X509Data")))


@defect("certificate.missing")
def no_certificate(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Data").clear()


@defect("signature.malformed")
def empty_certificate(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = ""


@defect("certificate.malformed")
def garbage_for_a_certificate(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = "AAAA"


@defect("certificate.malformed")
def certificate_cut(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = encode(signer.certificate.der[:-3])


@defect("certificate.malformed")
def certificate_with_a_byte_after_it(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = encode(signer.certificate.der + b"\0")


@defect("certificate.malformed")
def two_certificates_in_one_text(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = encode(signer.certificate.der * 2)


@defect("certificate.malformed")
def certificate_in_pem(root: etree._Element, signer: Signer) -> None:
    find(root, "X509Certificate").text = encode(format_pem(signer.certificate))


@defect("signature.invalid")
def certificate_of_another_key(root: etree._Element, signer: Signer) -> None:
    certify(signature(root), same_kind(signer))


@defect("signature.key_mismatch")
def certificate_of_another_kind_of_key(root: etree._Element, signer: Signer) -> None:
    certify(signature(root), other_kind(signer))


@defect("signature.malformed")
def no_break_space_in_the_certificate(root: etree._Element, signer: Signer) -> None:
    found = find(root, "X509Certificate")
    found.text = "\u00a0" + (found.text or "")


# --- the content --------------------------------------------------------------------------------


@defect("signature.invalid")
def changed_text(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").text = "ORIGINAl"


@defect("signature.invalid")
def changed_attribute(root: etree._Element, signer: Signer) -> None:
    find(root, "Name").set("lang", "en")


@defect("signature.invalid")
def attribute_of_another_namespace(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b" c:kind=", b" kind=")


@defect("signature.invalid")
def namespace_redeclared(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"<c:Note>", b'<c:Note xmlns:c="urn:x-other">')


@defect("signature.invalid")
def default_namespace_redeclared(root: etree._Element, signer: Signer) -> bytes:
    text = etree.tostring(root)
    return text.replace(b"<c:Note>", b'<Note xmlns="urn:x-other">').replace(
        b"</c:Note>", b"</Note>"
    )


@defect("signature.invalid")
def namespace_of_the_content_changed(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"query/1.0", b"query/2.0")


@defect("transform.no_namespace")
def default_namespace_undone(root: etree._Element, signer: Signer) -> bytes:
    text = etree.tostring(root)
    return text.replace(b"<c:Note>", b'<Note xmlns="">').replace(b"</c:Note>", b"</Note>")


@defect("transform.no_namespace")
def element_without_a_namespace(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(find(root, "Query"), "added")


@defect("transform.xml_attribute")
def language_of_the_content(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").set(f"{{{ns.XML}}}lang", "ru")


@defect("signature.invalid")
def added_element(root: etree._Element, signer: Signer) -> None:
    etree.SubElement(find(root, "Query"), "{urn:x}added")


@defect("signature.invalid")
def removed_element(root: etree._Element, signer: Signer) -> None:
    detach(find(root, "Note"))


@defect("signature.invalid")
def text_beside_elements(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").tail = "text"


@defect("signature.invalid")
def no_break_space_beside_elements(root: etree._Element, signer: Signer) -> None:
    """It is no white space to the transform."""
    find(root, "Note").tail = "\u00a0"


@defect("signature.invalid")
def white_space_in_a_text(root: etree._Element, signer: Signer) -> None:
    find(root, "Note").text = "ORIGINAL\n"


@defect("signature.invalid")
def cdata_of_other_text(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIGINAL<![CDATA[<evil/>]]>")


@defect("signature.invalid")
def comment_that_hides_a_text(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIG<!--INAL-->")


@defect("signature.invalid")
def content_replaced(root: etree._Element, signer: Signer) -> None:
    query = find(root, "Query")
    replace(query, etree.fromstring('<evil xmlns="urn:x-evil">TRANSFER</evil>'))


@defect("signature.invalid")
def elements_swapped(root: etree._Element, signer: Signer) -> None:
    query = find(root, "Query")
    query.append(query[0])


@defect("xml.processing_instruction")
def instruction_in_text(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIG<?x y?>INAL")


@defect("xml.doctype")
def doctype(root: etree._Element, signer: Signer) -> bytes:
    return b"<!DOCTYPE a>" + etree.tostring(root)


@defect("xml.doctype")
def ids_by_a_doctype(root: etree._Element, signer: Signer) -> bytes:
    text = etree.tostring(root).replace(b"<c:Note>", b'<c:Note name="SIGNED_BY_CALLER">')
    return b"<!DOCTYPE a [<!ATTLIST c:Note name ID #IMPLIED>]>" + text


@defect("xml.doctype")
def entity_for_text(root: etree._Element, signer: Signer) -> bytes:
    text = etree.tostring(root).replace(b"ORIGINAL", b"&a;")
    return b'<!DOCTYPE a [<!ENTITY a "ORIGINAL">]>' + text


@defect("xml.encoding")
def utf_16(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root, encoding="utf-16")


@defect("xml.encoding")
def nul(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIG\0INAL")


@defect("xml.malformed")
def truncated(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root)[:-20]


@defect("xml.too_complex")
def deep_content(root: etree._Element, signer: Signer) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"<c:a>" * 70 + b"</c:a>" * 70)
