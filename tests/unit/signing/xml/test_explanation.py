"""Why a signature does not hold: each cause is found on a message that was broken so."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from signing import namespaces as ns
from signing.algorithms import Transform
from signing.certificates import parse_certificate
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import GostChoice, Providers, Signer, load_providers
from signing.xml.canonical import canonicalize, canonicalize_inclusive
from signing.xml.explanation import Cause, Explanation, explain_signature
from signing.xml.inspection import Document, Verdict, inspect_document
from tests.unit.signing import defects_personal, samples
from tests.unit.signing.forging import (
    certify,
    decode,
    detach,
    digest_anew,
    encode,
    find,
    other_kind,
    same_kind,
    set_transforms,
    sign_anew,
)
from tests.unit.signing.samples_smev3 import signed as signed_smev3

Change = Callable[[etree._Element, Signer], object]


def explain(
    message: bytes, *, trust: TrustStore | None = None, providers: Providers | None = None
) -> list[Explanation]:
    document, used = Document(message), providers or samples.providers()
    reports = inspect_document(document, used, trust=trust, at=samples.NOW)
    return [explain_signature(document, report, used) for report in reports]


GOOD: dict[str, Callable[[str], bytes]] = {
    "smev2": samples.signed,
    "smev3": lambda key: signed_smev3("send_request", key),
    "smev3-ack": lambda key: signed_smev3("ack", key),
}


@pytest.fixture(params=GOOD)
def good(request: pytest.FixtureRequest, agency: str) -> bytes:
    return GOOD[request.param](agency)


def explain_changed(good: bytes, agency: str, change: Change) -> Explanation:
    root = etree.fromstring(good)
    change(root, samples.signer(agency))
    (explanation,) = explain(etree.tostring(root))
    return explanation


def signed_element(root: etree._Element) -> etree._Element:
    wanted = find(root, "Reference").get("URI", "")[1:]
    return next(one for one in root.iter("*") if wanted in {one.get("Id"), one.get(ns.WSU_ID)})


def test_good_message(good: bytes, agency: str) -> None:
    (explanation,) = explain(good)
    assert explanation.cause is Cause.NONE
    assert explanation.value_holds
    root = etree.fromstring(good)
    info = find(root, "SignedInfo")
    assert explanation.signed_info == canonicalize(info)
    digest = samples.signer(agency).digest(explanation.signed_info)
    assert explanation.signed_info_digest == base64.b64encode(digest).decode()
    (reference,) = explanation.references
    assert reference.matches
    assert reference.found == reference.expected == find(root, "DigestValue").text
    assert reference.uri == find(root, "Reference").get("URI")
    assert reference.target == etree.QName(signed_element(root)).localname
    assert encode(samples.signer(agency).digest(reference.canonical)) == reference.found


def test_content_changed(good: bytes, agency: str) -> None:
    found = explain_changed(good, agency, lambda root, _: signed_element(root).set("changed", "1"))
    assert found.cause is Cause.CONTENT_CHANGED
    assert found.value_holds
    assert not found.references[0].matches


def test_body_reformatted(agency: str) -> None:
    root = etree.fromstring(samples.signed(agency))
    etree.indent(root[1], "  ")
    (found,) = explain(etree.tostring(root))
    assert found.cause is Cause.REFORMATTED


@pytest.mark.parametrize("space", ["  ", "\t", ""])
def test_signed_info_reformatted(good: bytes, agency: str, space: str) -> None:
    found = explain_changed(
        good, agency, lambda root, _: etree.indent(find(root, "SignedInfo"), space)
    )
    assert found.cause is Cause.REFORMATTED
    assert not found.value_holds
    assert found.references[0].matches


def test_values_wrapped(good: bytes, agency: str) -> None:
    def wrap(root: etree._Element, _: Signer) -> None:
        etree.indent(find(root, "SignedInfo"))
        digest = find(root, "DigestValue")
        digest.text = f"\n{(digest.text or '')[:20]}\n{(digest.text or '')[20:]}\n"

    assert explain_changed(good, agency, wrap).cause is Cause.REFORMATTED


def swap(value: bytes) -> bytes:
    half = len(value) // 2
    return value[half:] + value[:half]


def reverse_halves(value: bytes) -> bytes:
    half = len(value) // 2
    return value[:half][::-1] + value[half:][::-1]


@pytest.mark.parametrize("reorder", [swap, reverse_halves, lambda value: value[::-1]])
def test_byte_order_of_the_value(
    good: bytes, agency: str, reorder: Callable[[bytes], bytes]
) -> None:
    def change(root: etree._Element, _: Signer) -> None:
        value = find(root, "SignatureValue")
        value.text = encode(reorder(decode(value)))

    assert explain_changed(good, agency, change).cause is Cause.BYTE_ORDER


def test_byte_order_of_the_digest(good: bytes, agency: str) -> None:
    def change(root: etree._Element, signer: Signer) -> None:
        value = find(root, "DigestValue")
        value.text = encode(decode(value)[::-1])
        sign_anew(find(root, "Signature"), signer)

    found = explain_changed(good, agency, change)
    assert found.cause is Cause.BYTE_ORDER
    assert found.value_holds


@pytest.mark.parametrize("name", ["smev3", "smev3-ack"])
@pytest.mark.parametrize(
    "really",
    [
        (Transform.EXCLUSIVE_C14N,),
        # The order does not matter to C14N of what is not text; this one is as C14N alone.
        (Transform.EXCLUSIVE_C14N, "urn:x-nothing"),
    ],
)
def test_another_chain_of_transforms(agency: str, name: str, really: tuple[str, ...]) -> None:
    def change(root: etree._Element, signer: Signer) -> None:
        found = find(root, "Signature")
        set_transforms(found, *really)
        digest_anew(found, signed_element(root), signer)
        set_transforms(found, Transform.EXCLUSIVE_C14N, Transform.SMEV3)
        sign_anew(found, signer)

    found = explain_changed(GOOD[name](agency), agency, change)
    assert found.cause is Cause.WRONG_TRANSFORM
    assert found.value_holds


def test_digest_of_inclusive_c14n(agency: str) -> None:
    def change(root: etree._Element, signer: Signer) -> None:
        root.set("{urn:x-more}a", "b")
        digest = signer.digest(canonicalize_inclusive(signed_element(root)))
        find(root, "DigestValue").text = encode(digest)
        sign_anew(find(root, "Signature"), signer)

    found = explain_changed(samples.signed(agency), agency, change)
    assert found.cause is Cause.WRONG_TRANSFORM


def test_value_over_inclusive_c14n(good: bytes, agency: str) -> None:
    def change(root: etree._Element, signer: Signer) -> None:
        value = signer.sign(canonicalize_inclusive(find(root, "SignedInfo")))
        find(root, "SignatureValue").text = encode(value)

    assert explain_changed(good, agency, change).cause is Cause.WRONG_TRANSFORM


def test_key_of_another_kind(agency: str) -> None:
    found = explain_changed(
        signed_smev3("ack", agency),
        agency,
        lambda root, signer: certify(root, other_kind(signer)),
    )
    assert found.cause is Cause.WRONG_KEY


def test_key_of_another_certificate_in_the_message(agency: str) -> None:
    root = etree.fromstring(signed_smev3("send_request_personal", agency))
    signer = samples.signer(agency)
    callers = find(find(root, "CallerInformationSystemSignature"), "Signature")
    certify(callers, same_kind(signer))
    causes = [one.cause for one in explain(etree.tostring(root))]
    assert causes == [Cause.NONE, Cause.WRONG_KEY]


def test_signed_info_changed(good: bytes, agency: str) -> None:
    found = explain_changed(
        good, agency, lambda root, _: find(root, "SignedInfo").set("changed", "1")
    )
    assert found.cause is Cause.WRONG_KEY
    assert not found.value_holds


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("stranger-gost", Cause.NOT_TRUSTED),
        ("stranger-rsa", Cause.NOT_TRUSTED),
        ("expired-gost", Cause.EXPIRED),
        ("expired-rsa", Cause.EXPIRED),
        ("agency-rsa", Cause.NONE),
    ],
)
@pytest.mark.parametrize("kind", GOOD)
def test_certificates(
    pki: dict[str, bytes], providers: Providers, name: str, cause: Cause, kind: str
) -> None:
    trust = TrustStore(TrustPolicy((parse_certificate(pki["ca.pem"]),)), providers)
    (found,) = explain(GOOD[kind](name), trust=trust)
    assert found.cause is cause
    assert found.value_holds


def test_shape(good: bytes, agency: str) -> None:
    """All numbers are right; where they stand is not."""

    def change(root: etree._Element, _: Signer) -> None:
        etree.SubElement(root, "{urn:x}stray")

    found = explain_changed(good, agency, change)
    assert found.cause is Cause.SHAPE
    assert found.value_holds


def test_signature_of_no_shape(agency: str) -> None:
    found = explain_changed(
        samples.signed(agency), agency, lambda root, _: find(root, "SignedInfo").clear()
    )
    assert (found.cause, found.signed_info, found.references) == (Cause.SHAPE, b"", ())


def test_reference_to_nothing(good: bytes, agency: str) -> None:
    def change(root: etree._Element, signer: Signer) -> None:
        find(root, "Reference").set("URI", "#nothing")
        sign_anew(find(root, "Signature"), signer)

    found = explain_changed(good, agency, change)
    assert found.cause is Cause.SHAPE
    assert (found.references[0].target, found.references[0].found) == ("", "")
    assert not found.references[0].matches


def test_without_the_engine() -> None:
    (found,) = explain(
        samples.signed("agency-gost"), providers=load_providers(gost=GostChoice.NONE)
    )
    assert found.cause is Cause.UNKNOWN
    assert found.signed_info
    assert found.signed_info_digest == ""


@pytest.mark.parametrize("smev3", [False, True])
def test_person_inside(agency: str, *, smev3: bool) -> None:
    message = defects_personal.signed(agency, smev3=smev3)
    assert [one.cause for one in explain(message)] == [Cause.NONE, Cause.NONE]
    root = etree.fromstring(message)
    find(root, "Note").text = "changed"
    causes = [one.cause for one in explain(etree.tostring(root))]
    assert causes == [Cause.CONTENT_CHANGED, Cause.CONTENT_CHANGED]


def test_content_of_a_person_reformatted(agency: str) -> None:
    root = etree.fromstring(defects_personal.sign_content(agency))
    application = defects_personal.application(root)
    application.text = application[0].tail = "\n  "
    message = defects_personal.wrap(root, agency)
    assert [one.cause for one in explain(message)] == [Cause.NONE, Cause.REFORMATTED]


@pytest.mark.parametrize("smev3", [False, True])
def test_signatures_over_much_cost_little(agency: str, *, smev3: bool) -> None:
    """A long namespace name, repeated on each of many siblings, for each of many signatures."""
    content = etree.fromstring(defects_personal.sign_content(agency, smev3=smev3))
    found = detach(find(content, "Signature"))
    chain = (Transform.EXCLUSIVE_C14N, Transform.SMEV3)
    set_transforms(found, *chain[: 1 + smev3])
    sign_anew(found, samples.signer(agency))
    for _ in range(12):
        find(content, "AppData").append(deepcopy(found))
    rows = f'<m:rows xmlns:p="urn:{"x" * 1300}">{"<p:r/>" * 7000}</m:rows>'
    message = etree.tostring(content).replace(b"ORIGINAL", rows.encode())
    assert len(message) < 100_000
    document = Document(message)
    started = time.process_time()
    reports = inspect_document(document, samples.providers(), trust=None, at=samples.NOW)
    assert time.process_time() - started < 1
    assert {report.verdict for report in reports} == {Verdict.INVALID}
    assert reports[-1].reason.startswith("signature.too_large")
    started = time.process_time()
    causes = [explain_signature(document, one, samples.providers()).cause for one in reports]
    assert time.process_time() - started < 1
    assert causes[-1] is Cause.UNKNOWN


def test_prefix_lists_of_many_signatures_cost_little() -> None:
    """No signature has to hold: each would look sixteen prefixes up for each of many elements."""
    names = [
        [f'xmlns:a{level}x{number}="u:{number}"' for number in range(60)] for level in range(4)
    ]
    declared = "".join(f"<q {' '.join(level)}>" for level in names)
    listed = " ".join(f"a0x{number}" for number in range(16))
    signature = (
        f'<d:Signature xmlns:d="{ns.DS}"><d:SignedInfo>'
        f'<d:CanonicalizationMethod Algorithm="{ns.EXC_C14N}"/>'
        '<d:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        '<d:Reference URI="#i"><d:Transforms>'
        f'<d:Transform Algorithm="{ns.EXC_C14N}"><e:InclusiveNamespaces xmlns:e="{ns.EXC_C14N}" '
        f'PrefixList="{listed}"/></d:Transform></d:Transforms>'
        '<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        "<d:DigestValue>AAAA</d:DigestValue></d:Reference></d:SignedInfo>"
        "<d:SignatureValue>AAAA</d:SignatureValue><d:KeyInfo/></d:Signature>"
    )
    rows = "<x/>" * 6000
    message = f'<r>{declared}<b Id="i">{rows}</b>{signature * 20}</q></q></q></q></r>'.encode()
    assert len(message) < 100_000
    document = Document(message)
    started = time.process_time()
    reports = inspect_document(document, samples.providers(), trust=None, at=samples.NOW)
    for report in reports:
        explain_signature(document, report, samples.providers())
    assert time.process_time() - started < 1


def test_place_with_another_chain_is_told(agency: str) -> None:
    """Of SMEV 3, signed as SMEV 2 is: all holds but the transforms are not those of the place."""
    root = etree.fromstring(signed_smev3("ack", agency))
    found = find(root, "Signature")
    set_transforms(found, Transform.EXCLUSIVE_C14N)
    sign_anew(found, samples.signer(agency))
    (explanation,) = explain(etree.tostring(root))
    assert explanation.cause is Cause.WRONG_TRANSFORM
