"""Broken siblings of a good message, each named for its defect, with the code of its refusal.

A defect takes the tree of a good message, signed by `agency-rsa` or `agency-gost`, and changes it;
or it makes the bytes outright. None of them changes anything a defect is not about.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from signing import namespaces as ns
from signing.certificates import format_pem
from tests.unit.signing import samples

Defect = Callable[[etree._Element], object]
EVIL = '<evil xmlns="urn:x-evil">TRANSFER</evil>'
HMAC = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
SHA1_RSA = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
MD5_RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
WITH_COMMENTS = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH2 = "http://www.w3.org/2002/06/xmldsig-filter2"
WSA = "http://www.w3.org/2005/08/addressing"

DEFECTS: dict[str, tuple[str, Defect]] = {}


def defect(code: str) -> Callable[[Defect], Defect]:
    def keep(function: Defect) -> Defect:
        DEFECTS[function.__name__] = (code, function)
        return function

    return keep


def break_message(name: str, good: bytes) -> tuple[str, bytes]:
    """Return the expected code and the bytes of this defect."""
    code, function = DEFECTS[name]
    root = etree.fromstring(good)
    made = function(root)
    return code, made if isinstance(made, bytes) else etree.tostring(root, encoding="utf-8")


def header(root: etree._Element) -> etree._Element:
    return root[0]


def body(root: etree._Element) -> etree._Element:
    return root[1]


def security(root: etree._Element) -> etree._Element:
    return root[0][0]


def token(root: etree._Element) -> etree._Element:
    return root[0][0][0]


def signature(root: etree._Element) -> etree._Element:
    return root[0][0][1]


def find(root: etree._Element, tag: str) -> etree._Element:
    return next(root.iter(tag))


def sender(root: etree._Element) -> str:
    """The name of the agency that has signed."""
    return (
        "agency-gost"
        if "gost" in find(root, ns.SIGNATURE_METHOD).get("Algorithm", "")
        else "agency-rsa"
    )


def token_of(name: str) -> str | None:
    return token(etree.fromstring(samples.signed(name))).text


def evil_body(root: etree._Element, **attributes: str) -> etree._Element:
    made = etree.Element(ns.SOAP_BODY, attributes)
    made.append(etree.fromstring(EVIL))
    return made


def replace_body(root: etree._Element, *, with_id: str | None = None) -> etree._Element:
    """Put an evil Body in the signed one's place and return the signed one."""
    signed = body(root)
    evil = evil_body(root)
    if with_id is not None:
        evil.set(ns.WSU_ID, with_id)
    root.replace(signed, evil)
    return signed


# --- the shape of the envelope ------------------------------------------------------------------


@defect("soap.version")
def soap_12(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(
        ns.SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"
    )


@defect("soap.structure")
def not_an_envelope(root: etree._Element) -> bytes:
    return b"<html/>"


@defect("soap.structure")
def second_body(root: etree._Element) -> None:
    root.append(evil_body(root))


@defect("soap.structure")
def second_body_first(root: etree._Element) -> None:
    root.insert(1, evil_body(root))


@defect("soap.structure")
def second_header(root: etree._Element) -> None:
    root.insert(1, etree.Element(ns.SOAP_HEADER))


@defect("soap.structure")
def body_before_header(root: etree._Element) -> None:
    root.insert(0, body(root))


@defect("soap.structure")
def stray_element_at_the_end(root: etree._Element) -> None:
    etree.SubElement(root, "{urn:x}stray")


@defect("soap.structure")
def stray_text_in_envelope(root: etree._Element) -> None:
    body(root).tail = "text"


@defect("soap.structure")
def stray_text_in_body(root: etree._Element) -> None:
    body(root).text = "text"


@defect("soap.structure")
def two_elements_in_body(root: etree._Element) -> None:
    body(root).append(etree.fromstring(EVIL))


@defect("soap.structure")
def empty_body(root: etree._Element) -> None:
    body(root).clear(keep_tail=True)


@defect("signature.missing")
def no_header(root: etree._Element) -> None:
    root.remove(header(root))


@defect("signature.missing")
def no_security(root: etree._Element) -> None:
    header(root).remove(security(root))


@defect("signature.missing")
def no_signature(root: etree._Element) -> None:
    security(root).remove(signature(root))


@defect("signature.missing")
def only_smev_signed(root: etree._Element) -> None:
    security(root).set(ns.SOAP_ACTOR, ns.RECIPIENT_ACTOR)


@defect("soap.header_not_allowed")
def security_without_actor(root: etree._Element) -> None:
    del security(root).attrib[ns.SOAP_ACTOR]


@defect("soap.header_not_allowed")
def security_of_unknown_actor(root: etree._Element) -> None:
    security(root).set(ns.SOAP_ACTOR, "http://smev.gosuslugi.ru/actors/other")


@defect("signature.duplicate")
def two_securities_of_one_actor(root: etree._Element) -> None:
    header(root).append(deepcopy(security(root)))


@defect("signature.duplicate")
def two_signatures(root: etree._Element) -> None:
    security(root).append(deepcopy(signature(root)))


@defect("signature.duplicate")
def two_tokens_of_one_id(root: etree._Element) -> None:
    security(root).insert(0, deepcopy(token(root)))


@defect("signature.duplicate")
def two_tokens_of_two_ids(root: etree._Element) -> None:
    other = deepcopy(token(root))
    other.set(ns.WSU_ID, "other")
    security(root).insert(0, other)


@defect("soap.header_not_allowed")
def ws_addressing(root: etree._Element) -> None:
    etree.SubElement(header(root), f"{{{WSA}}}ReplyTo").text = "http://evil.example/"


@defect("soap.header_not_allowed")
def unknown_must_understand(root: etree._Element) -> None:
    etree.SubElement(header(root), "{urn:x}Do", {f"{{{ns.SOAP}}}mustUnderstand": "1"})


@defect("soap.header_not_allowed")
def unsigned_smev_message_in_header(root: etree._Element) -> None:
    etree.SubElement(header(root), f"{{{samples.SMEV}}}Message")


@defect("soap.header_not_allowed")
def two_smev_headers(root: etree._Element) -> None:
    for _ in range(2):
        etree.SubElement(header(root), f"{{{samples.SMEV}}}Header")


@defect("soap.multiref")
def href_in_body(root: etree._Element) -> None:
    body(root)[0].set("href", "#other")


@defect("soap.multiref")
def soap_encoding(root: etree._Element) -> None:
    body(root)[0].set(ns.SOAP_ENCODING_STYLE, "http://schemas.xmlsoap.org/soap/encoding/")


@defect("soap.multiref")
def xop_include_of_an_element(root: etree._Element) -> None:
    etree.SubElement(body(root)[0], ns.XOP_INCLUDE, {"href": "#other"})


# --- signature wrapping -------------------------------------------------------------------------


@defect("soap.header_not_allowed")
def body_moved_to_header(root: etree._Element) -> None:
    wrapper = etree.SubElement(header(root), "{urn:x}Wrapper")
    wrapper.append(replace_body(root))


@defect("soap.header_not_allowed")
def body_moved_to_header_bare(root: etree._Element) -> None:
    header(root).append(replace_body(root))


@defect("signature.misplaced")
def body_moved_to_security(root: etree._Element) -> None:
    security(root).append(replace_body(root))


@defect("signature.misplaced")
def body_moved_to_security_first(root: etree._Element) -> None:
    security(root).insert(0, replace_body(root))


@defect("signature.misplaced")
def body_moved_to_object(root: etree._Element) -> None:
    signed = replace_body(root)
    etree.SubElement(signature(root), f"{{{ns.DS}}}Object").append(signed)


@defect("signature.malformed")
def body_moved_to_signed_info(root: etree._Element) -> None:
    signed = replace_body(root)
    etree.SubElement(find(root, ns.SIGNED_INFO), f"{{{ns.DS}}}Object").append(signed)


@defect("signature.algorithm_not_allowed")
def body_moved_into_key_info(root: etree._Element) -> None:
    find(root, ns.KEY_INFO).append(replace_body(root))


@defect("signature.misplaced")
def body_moved_to_token(root: etree._Element) -> None:
    token(root).append(replace_body(root))


@defect("signature.reference")
def body_moved_to_timestamp(root: etree._Element) -> None:
    signed = replace_body(root)
    etree.SubElement(security(root), ns.WSU_TIMESTAMP).append(signed)


@defect("signature.reference")
def body_moved_to_smev_header(root: etree._Element) -> None:
    signed = replace_body(root)
    etree.SubElement(header(root), f"{{{samples.SMEV}}}Header").append(signed)


@defect("soap.structure")
def body_moved_to_envelope_end(root: etree._Element) -> None:
    root.append(replace_body(root))


@defect("soap.structure")
def body_moved_before_header(root: etree._Element) -> None:
    root.insert(0, replace_body(root))


@defect("soap.structure")
def body_wrapped_at_envelope_end(root: etree._Element) -> None:
    wrapper = etree.SubElement(root, "{urn:x}Wrapper")
    wrapper.append(replace_body(root))


@defect("signature.reference")
def body_moved_into_the_evil_body(root: etree._Element) -> None:
    signed = replace_body(root)
    body(root)[0].append(signed)


@defect("id.duplicate")
def body_moved_into_the_evil_body_of_its_id(root: etree._Element) -> None:
    signed = replace_body(root, with_id=str(body(root).get(ns.WSU_ID)))
    body(root)[0].append(signed)


@defect("id.duplicate")
def body_kept_in_smev_header_by_duplicate_id(root: etree._Element) -> None:
    signed = replace_body(root, with_id=str(body(root).get(ns.WSU_ID)))
    etree.SubElement(header(root), f"{{{samples.SMEV}}}Header").append(signed)


@defect("id.duplicate")
def duplicate_plain_id(root: etree._Element) -> None:
    body(root)[0].set("Id", str(body(root).get(ns.WSU_ID)))


@defect("id.duplicate")
def duplicate_upper_case_id(root: etree._Element) -> None:
    body(root)[0].set("ID", str(body(root).get(ns.WSU_ID)))


@defect("id.duplicate")
def duplicate_xml_id(root: etree._Element) -> None:
    body(root)[0].set(ns.XML_ID, str(body(root).get(ns.WSU_ID)))


@defect("id.duplicate")
def tokens_id_in_body(root: etree._Element) -> None:
    body(root)[0].set("Id", str(token(root).get(ns.WSU_ID)))


@defect("signature.reference")
def id_without_namespace(root: etree._Element) -> None:
    target = body(root)
    target.set("Id", str(target.attrib.pop(ns.WSU_ID)))


@defect("signature.reference")
def id_of_a_lookalike_namespace(root: etree._Element) -> None:
    target = body(root)
    target.set("{urn:x-wsu}Id", str(target.attrib.pop(ns.WSU_ID)))


@defect("signature.missing")
def nested_envelope(root: etree._Element) -> bytes:
    outer = etree.fromstring(etree.tostring(samples.envelope(EVIL)))
    outer[0][0].append(deepcopy(root))
    return etree.tostring(outer)


@defect("signature.reference")
def nested_envelope_with_its_header_outside(root: etree._Element) -> bytes:
    outer = etree.fromstring(etree.tostring(samples.envelope(EVIL)))
    outer.insert(0, deepcopy(header(root)))
    inner = deepcopy(root)
    inner.remove(inner[0])
    outer[1][0].append(inner)
    return etree.tostring(outer)


@defect("signature.misplaced")
def floating_digest_value(root: etree._Element) -> None:
    etree.SubElement(security(root), ns.DIGEST_VALUE).text = "AAAA"


@defect("signature.misplaced")
def floating_signed_info_in_header(root: etree._Element) -> None:
    header(root).append(deepcopy(find(root, ns.SIGNED_INFO)))


@defect("signature.misplaced")
def floating_signature_in_smev_header(root: etree._Element) -> None:
    etree.SubElement(header(root), f"{{{samples.SMEV}}}Header").append(deepcopy(signature(root)))


@defect("signature.malformed")
def second_signed_info(root: etree._Element) -> None:
    signature(root).insert(0, deepcopy(find(root, ns.SIGNED_INFO)))


@defect("signature.malformed")
def second_signature_value(root: etree._Element) -> None:
    signature(root).append(deepcopy(find(root, ns.SIGNATURE_VALUE)))


@defect("signature.malformed")
def second_digest_value(root: etree._Element) -> None:
    find(root, ns.REFERENCE).append(deepcopy(find(root, ns.DIGEST_VALUE)))


# --- SignedInfo ---------------------------------------------------------------------------------


@defect("signature.malformed")
def empty_signature_value(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_VALUE).text = ""


@defect("signature.malformed")
def blank_signature_value(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_VALUE).text = " \n "


@defect("signature.malformed")
def signature_value_not_base64(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_VALUE).text = "не base64!"


@defect("signature.invalid")
def wrong_signature_value(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_VALUE).text = "AAAA"


@defect("signature.misplaced")
def element_in_signature_value(root: etree._Element) -> None:
    etree.SubElement(find(root, ns.SIGNATURE_VALUE), "{urn:x}a")


@defect("signature.malformed")
def text_in_signed_info(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_METHOD).tail = "text"


@defect("signature.invalid")
def white_space_in_signed_info(root: etree._Element) -> None:
    find(root, ns.SIGNATURE_METHOD).tail = "\n"


@defect("signature.malformed")
def no_signed_info(root: etree._Element) -> None:
    signature(root).remove(find(root, ns.SIGNED_INFO))


@defect("signature.malformed")
def no_key_info(root: etree._Element) -> None:
    signature(root).remove(find(root, ns.KEY_INFO))


@defect("signature.reference")
def no_reference(root: etree._Element) -> None:
    find(root, ns.SIGNED_INFO).remove(find(root, ns.REFERENCE))


@defect("signature.reference")
def two_references(root: etree._Element) -> None:
    find(root, ns.SIGNED_INFO).append(deepcopy(find(root, ns.REFERENCE)))


@defect("signature.reference")
def thousands_of_references(root: etree._Element) -> None:
    for _ in range(5000):
        find(root, ns.SIGNED_INFO).append(deepcopy(find(root, ns.REFERENCE)))


def _refer(root: etree._Element, uri: str) -> None:
    find(root, ns.REFERENCE).set("URI", uri)


@defect("signature.reference")
def reference_over_http(root: etree._Element) -> None:
    _refer(root, "http://127.0.0.1:1/body.xml")


@defect("signature.reference")
def reference_to_a_file(root: etree._Element) -> None:
    _refer(root, "file:///etc/passwd")


@defect("signature.reference")
def reference_empty(root: etree._Element) -> None:
    _refer(root, "")


@defect("signature.reference")
def reference_without_uri(root: etree._Element) -> None:
    del find(root, ns.REFERENCE).attrib["URI"]


@defect("signature.reference")
def reference_dangling(root: etree._Element) -> None:
    _refer(root, "#nothing")


@defect("signature.reference")
def reference_by_xpointer(root: etree._Element) -> None:
    _refer(root, f"#xpointer(id('{body(root).get(ns.WSU_ID)}'))")


@defect("signature.reference")
def reference_to_the_root_by_xpointer(root: etree._Element) -> None:
    _refer(root, "#xpointer(/)")


@defect("signature.reference")
def reference_to_the_token(root: etree._Element) -> None:
    _refer(root, f"#{token(root).get(ns.WSU_ID)}")


def _choose(root: etree._Element, tag: str, uri: str) -> None:
    find(root, tag).set("Algorithm", uri)


@defect("signature.algorithm_not_allowed")
def hmac_signature(root: etree._Element) -> None:
    _choose(root, ns.SIGNATURE_METHOD, HMAC)


@defect("signature.algorithm_not_allowed")
def hmac_output_length(root: etree._Element) -> None:
    _choose(root, ns.SIGNATURE_METHOD, HMAC)
    etree.SubElement(find(root, ns.SIGNATURE_METHOD), f"{{{ns.DS}}}HMACOutputLength").text = "1"


@defect("signature.algorithm_not_allowed")
def output_length_of_rsa(root: etree._Element) -> None:
    etree.SubElement(find(root, ns.SIGNATURE_METHOD), f"{{{ns.DS}}}HMACOutputLength").text = "0"


@defect("signature.algorithm_not_allowed")
def rsa_sha1(root: etree._Element) -> None:
    _choose(root, ns.SIGNATURE_METHOD, SHA1_RSA)


@defect("signature.algorithm_not_allowed")
def rsa_md5(root: etree._Element) -> None:
    _choose(root, ns.SIGNATURE_METHOD, MD5_RSA)


@defect("signature.key_mismatch")
def signature_method_of_another_kind_of_key(root: etree._Element) -> None:
    other = "agency-rsa" if sender(root) == "agency-gost" else "agency-gost"
    _choose(root, ns.SIGNATURE_METHOD, samples.signer(other).algorithm)


@defect("signature.algorithm_not_allowed")
def gost_2001_signature(root: etree._Element) -> None:
    _choose(
        root, ns.SIGNATURE_METHOD, "http://www.w3.org/2001/04/xmldsig-more#gostr34102001-gostr3411"
    )


@defect("signature.malformed")
def signature_method_without_algorithm(root: etree._Element) -> None:
    del find(root, ns.SIGNATURE_METHOD).attrib["Algorithm"]


@defect("signature.algorithm_not_allowed")
def inclusive_c14n(root: etree._Element) -> None:
    _choose(root, ns.CANONICALIZATION_METHOD, INCLUSIVE)


@defect("signature.algorithm_not_allowed")
def c14n_with_comments(root: etree._Element) -> None:
    _choose(root, ns.CANONICALIZATION_METHOD, WITH_COMMENTS)


@defect("signature.algorithm_unsupported")
def default_in_prefix_list(root: etree._Element) -> None:
    etree.SubElement(
        find(root, ns.CANONICALIZATION_METHOD), ns.INCLUSIVE_NAMESPACES, PrefixList="#default"
    )


@defect("signature.malformed")
def endless_prefix_list(root: etree._Element) -> None:
    etree.SubElement(
        find(root, ns.CANONICALIZATION_METHOD), ns.INCLUSIVE_NAMESPACES, PrefixList="a " * 9000
    )


@defect("signature.algorithm_not_allowed")
def two_prefix_lists(root: etree._Element) -> None:
    for _ in range(2):
        etree.SubElement(find(root, ns.CANONICALIZATION_METHOD), ns.INCLUSIVE_NAMESPACES)


@defect("signature.malformed")
def no_transforms(root: etree._Element) -> None:
    find(root, ns.REFERENCE).remove(find(root, ns.TRANSFORMS))


@defect("signature.malformed")
def empty_transforms(root: etree._Element) -> None:
    find(root, ns.TRANSFORMS).clear()


@defect("signature.algorithm_not_allowed")
def xslt_transform(root: etree._Element) -> None:
    _choose(root, ns.TRANSFORM, XSLT)
    etree.SubElement(
        find(root, ns.TRANSFORM), "{http://www.w3.org/1999/XSL/Transform}stylesheet", version="1.0"
    )


@defect("signature.algorithm_not_allowed")
def xpath_transform(root: etree._Element) -> None:
    _choose(root, ns.TRANSFORM, XPATH)
    etree.SubElement(find(root, ns.TRANSFORM), f"{{{ns.DS}}}XPath").text = "//evil"


# These change SignedInfo, and its signature is verified first.
@defect("signature.invalid")
def xpath_transform_without_parameter(root: etree._Element) -> None:
    _choose(root, ns.TRANSFORM, XPATH2)


@defect("signature.invalid")
def unknown_transform(root: etree._Element) -> None:
    _choose(root, ns.TRANSFORM, "urn:x-unknown")


@defect("signature.invalid")
def sha1_digest(root: etree._Element) -> None:
    _choose(root, ns.DIGEST_METHOD, SHA1)


@defect("signature.invalid")
def changed_digest_value(root: etree._Element) -> None:
    find(root, ns.DIGEST_VALUE).text = "AAAA"


@defect("signature.malformed")
def empty_digest_value(root: etree._Element) -> None:
    find(root, ns.DIGEST_VALUE).text = ""


# --- the key ------------------------------------------------------------------------------------


@defect("signature.algorithm_not_allowed")
def retrieval_method(root: etree._Element) -> None:
    info = find(root, ns.KEY_INFO)
    info.clear()
    etree.SubElement(info, f"{{{ns.DS}}}RetrievalMethod", URI="http://127.0.0.1:1/key")


@defect("signature.algorithm_not_allowed")
def bare_key_value(root: etree._Element) -> None:
    info = find(root, ns.KEY_INFO)
    info.clear()
    etree.SubElement(info, f"{{{ns.DS}}}KeyValue")


@defect("signature.algorithm_not_allowed")
def certificate_in_key_info(root: etree._Element) -> None:
    info = find(root, ns.KEY_INFO)
    info.clear()
    data = etree.SubElement(info, ns.X509_DATA)
    etree.SubElement(data, ns.X509_CERTIFICATE).text = token(root).text


@defect("signature.algorithm_not_allowed")
def empty_key_info(root: etree._Element) -> None:
    find(root, ns.KEY_INFO).clear()


@defect("signature.reference")
def key_of_another_token(root: etree._Element) -> None:
    find(root, ns.WSSE_REFERENCE).set("URI", "#other")


@defect("signature.reference")
def key_over_http(root: etree._Element) -> None:
    find(root, ns.WSSE_REFERENCE).set("URI", "http://127.0.0.1:1/key")


@defect("signature.malformed")
def key_reference_of_another_kind(root: etree._Element) -> None:
    find(root, ns.WSSE_REFERENCE).set("ValueType", "urn:x-password")


@defect("certificate.missing")
def no_token(root: etree._Element) -> None:
    security(root).remove(token(root))


@defect("signature.malformed")
def token_of_another_kind(root: etree._Element) -> None:
    token(root).set("ValueType", "urn:x-kerberos")


@defect("signature.malformed")
def token_of_another_encoding(root: etree._Element) -> None:
    token(root).set("EncodingType", "urn:x-hex")


@defect("signature.malformed")
def empty_token(root: etree._Element) -> None:
    token(root).text = ""


@defect("certificate.malformed")
def garbage_token(root: etree._Element) -> None:
    token(root).text = "AAAA"


@defect("certificate.malformed")
def pem_token(root: etree._Element) -> None:
    pem = format_pem(samples.signer(sender(root)).certificate)
    token(root).text = base64.b64encode(pem).decode()


@defect("certificate.malformed")
def token_with_a_byte_after_it(root: etree._Element) -> None:
    der = samples.signer(sender(root)).certificate.der
    token(root).text = base64.b64encode(der + b"\0").decode()


@defect("certificate.malformed")
def token_of_indefinite_length(root: etree._Element) -> None:
    der = samples.signer(sender(root)).certificate.der
    token(root).text = base64.b64encode(b"\x30\x80" + der[4:] + b"\0\0").decode()


@defect("signature.malformed")
def no_break_space_in_the_token(root: etree._Element) -> None:
    token(root).text = "\u00a0" + (token(root).text or "")


@defect("signature.malformed")
def em_space_in_the_digest(root: etree._Element) -> None:
    found = find(root, ns.DIGEST_VALUE)
    found.text = (found.text or "") + "\u2003"


@defect("signature.malformed")
def line_separator_in_the_value(root: etree._Element) -> None:
    found = find(root, ns.SIGNATURE_VALUE)
    found.text = (found.text or "")[:8] + "\u2028" + (found.text or "")[8:]


@defect("signature.malformed")
def bits_after_the_digest(root: etree._Element) -> None:
    # 32 bytes leave two bits of the last character unused.
    found = find(root, ns.DIGEST_VALUE)
    text = found.text or ""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert text[-1] == "="
    found.text = text[:-2] + alphabet[alphabet.index(text[-2]) + 1] + "="


@defect("signature.invalid")
def another_senders_token(root: etree._Element) -> None:
    token(root).text = token_of("gateway" if sender(root) == "agency-gost" else "gateway-rsa")


@defect("signature.key_mismatch")
def another_kind_of_token(root: etree._Element) -> None:
    token(root).text = token_of("agency-rsa" if sender(root) == "agency-gost" else "agency-gost")


# --- the content --------------------------------------------------------------------------------


@defect("signature.invalid")
def changed_text(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIGINAl")


@defect("signature.invalid")
def changed_attribute(root: etree._Element) -> None:
    find(root, "{urn:x-test:students}Note").set("kind", "other")


@defect("signature.invalid")
def added_element(root: etree._Element) -> None:
    etree.SubElement(body(root)[0], "{urn:x}added")


@defect("signature.invalid")
def added_white_space(root: etree._Element) -> None:
    body(root).text = "\n"


@defect("signature.invalid")
def added_attribute_of_body(root: etree._Element) -> None:
    body(root).set("{urn:x}a", "b")


@defect("signature.invalid")
def replaced_payload(root: etree._Element) -> None:
    body(root).replace(body(root)[0], etree.fromstring(EVIL))


@defect("signature.invalid")
def other_prefix(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(b"m:", b"n:").replace(b"xmlns:m", b"xmlns:n")


@defect("signature.reference")
def body_id_removed(root: etree._Element) -> None:
    del body(root).attrib[ns.WSU_ID]


@defect("xml.processing_instruction")
def instruction_in_text(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIG<?x y?>INAL")


@defect("xml.doctype")
def doctype(root: etree._Element) -> bytes:
    return b"<!DOCTYPE a>" + etree.tostring(root)


@defect("xml.doctype")
def entity_for_text(root: etree._Element) -> bytes:
    message = etree.tostring(root).replace(b"ORIGINAL", b"&a;")
    return b'<!DOCTYPE a [<!ENTITY a "ORIGINAL">]>' + message


@defect("xml.encoding")
def utf_16(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-16")


@defect("xml.malformed")
def truncated(root: etree._Element) -> bytes:
    return etree.tostring(root)[:-20]


@defect("xml.encoding")
def nul(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"ORIG\0INAL")


@defect("xml.too_complex")
def deep_payload(root: etree._Element) -> bytes:
    return etree.tostring(root).replace(b"ORIGINAL", b"<a>" * 70 + b"</a>" * 70)
