"""Verdicts: honest on good and real messages, never `valid` on a broken one."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from typing import Any

import pytest
from lxml import etree

from signing import namespaces as ns
from signing.certificates import format_pem, parse_certificate
from signing.errors import ParseError, SigningError
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import GostChoice, Providers, load_providers
from signing.xml.inspection import SignatureReport, Verdict, inspect_signatures
from signing.xml.wss import build_envelope, sign_envelope
from tests.unit.signing import samples
from tests.unit.signing.defects import DEFECTS, break_message
from tests.unit.signing.xml.test_wss import through_smev


def inspect(data: bytes, trust: TrustStore | None = None) -> list[SignatureReport]:
    return inspect_signatures(data, samples.providers(), trust=trust, at=samples.NOW)


@pytest.fixture
def trust(pki: dict[str, bytes], providers: Providers) -> TrustStore:
    return TrustStore(TrustPolicy((parse_certificate(pki["ca.pem"]),)), providers)


def test_good_message(agency: str, trust: TrustStore) -> None:
    (report,) = inspect(samples.signed(agency), trust)
    assert report.verdict is Verdict.VALID
    assert report.reason.startswith("signature.valid: ")
    assert report.signed == ("Body",)
    assert report.algorithm == samples.signer(agency).algorithm
    assert report.digest == samples.signer(agency).digest_algorithm
    assert report.subject == samples.signer(agency).certificate.subject
    (untold,) = inspect(samples.signed(agency))
    assert untold.verdict is Verdict.VALID
    assert untold.reason.endswith("not checked")


def test_both_signatures_of_smev_2(agency: str, trust: TrustStore) -> None:
    reports = inspect(through_smev(agency), trust)
    assert [report.signed for report in reports] == [("Body",), ("Header", "Body")]
    assert [report.verdict for report in reports] == [Verdict.VALID, Verdict.VALID]
    assert [report.index for report in reports] == [0, 1]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("stranger-gost", "certificate.untrusted"),
        ("stranger-rsa", "certificate.untrusted"),
        ("expired-gost", "certificate.expired"),
        ("expired-rsa", "certificate.expired"),
    ],
)
def test_untrusted(trust: TrustStore, name: str, code: str) -> None:
    (report,) = inspect(samples.signed(name), trust)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.reason.startswith(code)


def test_tampering_is_not_hidden_by_distrust(trust: TrustStore) -> None:
    (report,) = inspect(samples.signed("stranger-rsa").replace(b"ORIGINAL", b"other"), trust)
    assert report.verdict is Verdict.INVALID
    assert report.reason.startswith("signature.invalid")


@pytest.mark.parametrize("name", DEFECTS)
def test_broken_sibling_is_never_valid(name: str, agency: str, trust: TrustStore) -> None:
    _, message = break_message(name, samples.signed(agency))
    try:
        reports = inspect(message, trust)
    except SigningError:
        return
    assert all(report.verdict is not Verdict.VALID for report in reports)


def test_without_the_engine() -> None:
    (report,) = inspect_signatures(
        samples.signed("agency-gost"),
        load_providers(gost=GostChoice.NONE),
        trust=None,
        at=samples.NOW,
    )
    assert report.verdict is Verdict.UNSUPPORTED
    assert report.reason.startswith("provider.gost_unavailable")


def sign_freely(target: etree._Element, name: str) -> etree._Element:
    """A ds:Signature with its certificate inside, as in SMEV 3, with exclusive C14N alone."""
    signer = samples.signer(name)
    signature = deepcopy(etree.fromstring(samples.signed(name))[0][0][1])
    key_info = signature[2]
    key_info.clear()
    certificate = etree.SubElement(etree.SubElement(key_info, ns.X509_DATA), ns.X509_CERTIFICATE)
    certificate.text = base64.b64encode(signer.certificate.der).decode()
    canonical = etree.tostring(target, method="c14n", exclusive=True)
    digest = base64.b64encode(signer.digest(canonical)).decode()
    next(signature.iter(ns.DIGEST_VALUE)).text = digest
    next(signature.iter(ns.REFERENCE)).set("URI", f"#{target.get('Id') or target.get(ns.WSU_ID)}")
    info = etree.tostring(signature[0], method="c14n", exclusive=True)
    signature[1].text = base64.b64encode(signer.sign(info)).decode()
    return signature


def test_signature_inside_the_content(agency: str, trust: TrustStore) -> None:
    target = etree.fromstring('<data xmlns="urn:x" Id="SIGNED_BY_CALLER">a</data>')
    content = etree.Element("{urn:x}request")
    content.append(target)
    content.append(sign_freely(target, agency))
    plain = etree.tostring(content)
    (report,) = inspect(plain, trust)
    assert report.verdict is Verdict.VALID
    assert report.signed == ("data",)
    (report,) = inspect(plain.replace(b">a<", b">b<"), trust)
    assert report.verdict is Verdict.INVALID
    (report,) = inspect(plain.replace(b">a<", b'>a<c Id="SIGNED_BY_CALLER"/><'), trust)
    assert report.verdict is Verdict.INVALID
    # Inside a message both are seen, and each is judged on its own.
    whole = sign_envelope(build_envelope(content), samples.signer(agency))
    assert [one.verdict for one in inspect(whole, trust)] == [Verdict.VALID, Verdict.VALID]
    header = etree.fromstring(whole)
    header[0].append(header[1][0][1])
    assert all(one.verdict is Verdict.INVALID for one in inspect(etree.tostring(header), trust))


def test_signature_inside_the_content_covers_nothing_outside(agency: str) -> None:
    """What it covers in the Header is not what the receiver reads."""
    root = etree.fromstring(samples.signed(agency))
    decoy = etree.SubElement(root[0][0], ns.WSU_TIMESTAMP, {ns.WSU_ID: "decoy"})
    root[1][0].append(sign_freely(decoy, agency))
    inner = inspect(etree.tostring(root))[1]
    assert inner.verdict is Verdict.INVALID
    assert inner.reason.startswith("signature.reference")


def test_second_element_in_body(agency: str) -> None:
    target = etree.fromstring('<data xmlns="urn:x" Id="a">a</data>')
    content = etree.Element("{urn:x}request")
    content.append(target)
    content.append(sign_freely(target, agency))
    envelope = build_envelope(content)
    (report,) = inspect(etree.tostring(envelope))
    assert report.verdict is Verdict.VALID
    etree.SubElement(envelope[0], "{urn:x}evil")
    (report,) = inspect(etree.tostring(envelope))
    assert report.verdict is Verdict.INVALID
    assert report.reason.startswith("soap.structure")


def test_certificate_beside_a_signature_is_der(agency: str, trust: TrustStore) -> None:
    target = etree.fromstring('<data xmlns="urn:x" Id="SIGNED_BY_CALLER">a</data>')
    content = etree.Element("{urn:x}request")
    content.extend([target, sign_freely(target, agency)])
    pem = format_pem(samples.signer(agency).certificate)
    next(content.iter(ns.X509_CERTIFICATE)).text = base64.b64encode(pem).decode()
    (report,) = inspect(etree.tostring(content), trust)
    assert report.verdict is Verdict.INVALID
    assert report.reason.startswith("certificate.malformed")
    assert report.subject == ""


def test_body_outside_an_envelope_is_a_decoy(agency: str) -> None:
    body = etree.fromstring(samples.signed(agency))[1]
    document = etree.Element("{urn:x}document")
    document.append(body)
    document.append(sign_freely(body, agency))
    (report,) = inspect(etree.tostring(document))
    assert report.verdict is Verdict.INVALID


@pytest.mark.parametrize("data", [b"", b"<a>", b"<!DOCTYPE a><a/>", "<a/>".encode("utf-16")])
def test_what_is_no_document(data: bytes) -> None:
    with pytest.raises(ParseError):
        inspect(data)


def test_no_signature() -> None:
    assert inspect(b"<a/>") == []


def test_too_many_signatures() -> None:
    with pytest.raises(SigningError) as caught:
        inspect(b"<a>" + f'<Signature xmlns="{ns.DS}"/>'.encode() * 33 + b"</a>")
    assert caught.value.code == "signature.too_many"


@pytest.mark.parametrize("inside", ["", "<SignedInfo/>", "<SignedInfo><Reference/></SignedInfo>"])
def test_empty_signatures(inside: str) -> None:
    (report,) = inspect(f'<a><Signature xmlns="{ns.DS}">{inside}</Signature></a>'.encode())
    assert report.verdict is Verdict.INVALID
    assert report.subject == ""


def real_messages() -> list[dict[str, Any]]:
    manifest = samples.REFERENCE / "signed" / "manifest.json"
    if not manifest.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(manifest.read_text("utf-8"))
    return found


def read_real(name: str) -> bytes:
    return (samples.REFERENCE / "signed" / name).read_bytes()


no_reference = pytest.mark.skipif(
    not samples.REFERENCE.is_dir(), reason="no reference material beside"
)


@no_reference
def test_real_messages(providers: Providers) -> None:
    assert real_messages()
    for entry in real_messages():
        reports = inspect(read_real(entry["file"]))
        assert len(reports) == len(entry["signatures"])
        for report, expected in zip(reports, entry["signatures"], strict=True):
            assert list(report.signed) == expected["signed"]
            assert report.algorithm == expected["alg"]
            assert report.digest == expected["digest"]
            assert report.verdict is Verdict.VALID, report.reason
            assert report.subject


@no_reference
@pytest.mark.parametrize("entry", real_messages(), ids=lambda entry: str(entry["op"]))
def test_changed_real_message(providers: Providers, entry: dict[str, Any]) -> None:
    """Each letter of the signed element's own texts, names and attributes counts."""
    root = etree.fromstring(read_real(entry["file"]))
    name = entry["signatures"][0]["signed"][0]
    changes = 0
    for index, _ in enumerate(root.iter("*")):
        for change in (change_text, change_tail, change_attribute, change_name):
            copied = deepcopy(root)
            element = list(copied.iter("*"))[index]
            inside = any(etree.QName(one).localname == name for one in element.iterancestors())
            if inside and ns.SIGNATURE not in {one.tag for one in element.iterancestors()}:
                if not change(element):
                    continue
                changes += 1
                (report,) = inspect(etree.tostring(copied))
                assert report.verdict is Verdict.INVALID, (element.tag, change)
        if changes > 60:
            break
    own = next(one for one in root.iter("*") if etree.QName(one).localname == name)
    assert change_attribute(own)
    (report,) = inspect(etree.tostring(root))
    assert report.verdict is Verdict.INVALID


def change_text(element: etree._Element) -> bool:
    element.text = (element.text or "") + "x"
    return True


def change_tail(element: etree._Element) -> bool:
    element.tail = (element.tail or "") + "x"
    return True


def change_attribute(element: etree._Element) -> bool:
    element.set("changed", "1")
    return True


def change_name(element: etree._Element) -> bool:
    element.tag = f"{element.tag}x"
    return True
