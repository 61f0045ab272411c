"""Signatures of persons inside the content: good ones, broken siblings, and any content."""

from __future__ import annotations

import time
from copy import deepcopy

import pytest
from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DEFAULT_SIGNATURES
from signing.errors import SignatureError, SigningError
from signing.providers import Providers
from signing.xml.inspection import Verdict, inspect_signatures
from signing.xml.parser import parse_document
from signing.xml.personal import sign_personal, verify_personal
from signing.xml.references import SignedPart
from signing.xml.wss import parse_envelope, verify_sender
from tests.unit.signing import samples
from tests.unit.signing.defects_personal import (
    C14N,
    CONTENT,
    DEFECTS,
    application,
    break_message,
    sign_content,
    signature,
    signed,
    wrap,
)
from tests.unit.signing.forging import (
    detach,
    digest_anew,
    encode,
    find,
    set_transforms,
    sign_anew,
)


def verify(message: bytes) -> tuple[SignedPart, ...]:
    """What persons have signed in the verified content of a message."""
    providers = samples.providers()
    envelope = parse_envelope(parse_document(message))
    verified = verify_sender(envelope, providers, allowed=DEFAULT_SIGNATURES)
    return verify_personal(verified.payload, providers, allowed=DEFAULT_SIGNATURES)


@pytest.mark.parametrize("smev3", [False, True])
def test_returns_what_was_signed(agency: str, *, smev3: bool) -> None:
    (part,) = verify(signed(agency, smev3=smev3))
    assert part.certificate == samples.signer(agency).certificate
    assert part.element.tag == "{urn:x-test:order}Application"
    assert find(part.element, "Note").text == "ORIGINAL"
    assert part.element.find(f".//{ns.SIGNATURE}") is None
    assert part.element.getparent() is None
    assert part.digest == samples.providers().digest(part.digest_algorithm, part.canonical)


def test_no_signature(agency: str) -> None:
    assert verify(wrap(etree.fromstring(CONTENT), agency)) == ()


@pytest.mark.parametrize("name", DEFECTS)
def test_broken_sibling(name: str, agency: str) -> None:
    code, message = break_message(name, agency)
    started = time.process_time()
    with pytest.raises(SigningError) as caught:
        verify(message)
    assert caught.value.code == code
    assert time.process_time() - started < 1


# It names the Body or the certificate of the message itself, or is of the algorithms of its time.
_SEEN_ONLY_BY_VERIFICATION = {"algorithms_of_2001", "two_references"}


@pytest.mark.parametrize("name", [one for one in DEFECTS if one not in _SEEN_ONLY_BY_VERIFICATION])
def test_inspection_never_finds_all_valid(name: str, agency: str, providers: Providers) -> None:
    _, message = break_message(name, agency)
    try:
        reports = inspect_signatures(message, providers, trust=None, at=samples.NOW)
    except SigningError:
        return
    assert len(reports) > 1
    assert any(report.verdict is not Verdict.VALID for report in reports[1:])


def test_place_inside_of_the_element_does_not_matter(agency: str) -> None:
    content = etree.fromstring(sign_content(agency))
    application(content).insert(0, signature(content))
    (part,) = verify(wrap(content, agency))
    assert part.canonical == verify(signed(agency))[0].canonical


def test_signature_beside_what_it_covers(agency: str) -> None:
    """Without the enveloped transform, as many persons' signatures stand."""
    content = etree.fromstring(sign_content(agency))
    element, found = application(content), detach(signature(content))
    set_transforms(found, C14N)
    digest_anew(found, element, samples.signer(agency))
    sign_anew(found, samples.signer(agency))
    element.addnext(found)
    (part,) = verify(wrap(content, agency))
    assert find(part.element, "Note").text == "ORIGINAL"


def test_certificate_in_a_token_beside(agency: str) -> None:
    content = etree.fromstring(sign_content(agency))
    found = signature(content)
    key_info = find(found, "KeyInfo")
    key_info.clear()
    reference = etree.SubElement(key_info, ns.TOKEN_REFERENCE)
    etree.SubElement(reference, ns.WSSE_REFERENCE, URI="#token")
    token = etree.Element(ns.TOKEN, {ns.WSU_ID: "token"})
    token.text = encode(samples.signer(agency).certificate.der)
    place = find(content, "AppData")
    element = detach(found)
    set_transforms(element, C14N)
    digest_anew(element, application(content), samples.signer(agency))
    sign_anew(element, samples.signer(agency))
    place.extend([token, element])
    assert verify(wrap(content, agency))[0].certificate == samples.signer(agency).certificate


def test_several_persons_sign_several_elements(agency: str) -> None:
    content = parse_document(CONTENT.encode())
    find(content, "AppData").append(deepcopy(find(content, "Application")))
    for number in range(2):
        element = content.findall(".//{urn:x-test:order}Application")[number]
        message = sign_personal(content, element, samples.signer(agency))
        content = parse_document(message)
    first, second = verify(wrap(content, agency))
    assert first.element.get("Id") != second.element.get("Id")


def test_one_person_signs_what_another_has_signed(agency: str) -> None:
    """The signature around covers the one inside."""
    content = parse_document(sign_content(agency))
    content = parse_document(sign_personal(content, content, samples.signer("smev")))
    inner, outer = verify(wrap(content, agency))
    assert (inner.element.tag, outer.element.tag) == (
        "{urn:x-test:order}Application",
        "{urn:x-test:order}Order",
    )
    find(content, "SignatureValue").text = "AAAA"
    with pytest.raises(SigningError):
        verify(wrap(content, agency))


def test_text_around_the_signature_is_covered(agency: str) -> None:
    content = parse_document(CONTENT.replace("</m:Application>", "tail</m:Application>").encode())
    message = sign_personal(content, application(content), samples.signer(agency))
    (part,) = verify(wrap(etree.fromstring(message), agency))
    assert (part.element[-1].tail or "").endswith("tail")
    with pytest.raises(SignatureError):
        verify(wrap(etree.fromstring(message.replace(b"tail<", b"tale<")), agency))


def test_what_cannot_be_signed(agency: str) -> None:
    content = parse_document(CONTENT.encode())
    with pytest.raises(SignatureError) as caught:
        sign_personal(content, etree.fromstring("<a/>"), samples.signer(agency))
    assert caught.value.code == "soap.structure"
    application(content).set("Id", "a b")
    with pytest.raises(SignatureError) as caught:
        sign_personal(content, application(content), samples.signer(agency))
    assert caught.value.code == "signature.reference"


def test_many_signatures_over_a_large_content_cost_little(agency: str) -> None:
    """Each enveloped one leaves itself out of a copy of the whole."""
    content = etree.fromstring(sign_content(agency))
    rows = etree.SubElement(find(content, "AppData"), "{urn:x}rows")
    for _ in range(5_000):
        etree.SubElement(rows, "{urn:x}r").text = "value"
    for number in range(31):
        other = deepcopy(application(content))
        other.set("Id", f"n{number}")
        find(other, "Reference").set("URI", f"#n{number}")
        digested = deepcopy(other)
        detach(signature(digested))
        digest_anew(signature(other), digested, samples.signer(agency))
        sign_anew(signature(other), samples.signer(agency))
        find(content, "AppData").append(other)
    message = wrap(content, agency)
    started = time.process_time()
    assert len(verify(message)) == 32
    assert time.process_time() - started < 1
