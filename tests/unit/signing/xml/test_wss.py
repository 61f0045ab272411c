"""Verifying and signing WS-Security: good messages, their broken siblings, and mutations."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DigestAlgorithm, SignatureAlgorithm
from signing.errors import SignatureError, SigningError
from signing.providers import Providers
from signing.xml.canonical import canonicalize
from signing.xml.parser import parse_document
from signing.xml.wss import (
    RECIPIENT_ACTOR,
    VerifiedBody,
    build_envelope,
    parse_envelope,
    sign_envelope,
    verify_sender,
    verify_smev,
)
from tests.unit.signing import samples
from tests.unit.signing.defects import DEFECTS, break_message

ALL = frozenset({SignatureAlgorithm.GOST_2012_256, SignatureAlgorithm.RSA_SHA256})


def verify(message: bytes) -> VerifiedBody:
    return verify_sender(parse_envelope(parse_document(message)), samples.providers(), allowed=ALL)


def test_returns_what_was_signed(agency: str) -> None:
    verified = verify(samples.signed(agency))
    assert verified.certificate == samples.signer(agency).certificate
    assert verified.algorithm is samples.signer(agency).algorithm
    assert verified.payload.tag == "{urn:x-test:students}FindStudent"
    assert verified.payload.getparent() is verified.body
    assert verified.body.getparent() is None
    assert verified.body_sha256 == hashlib.sha256(verified.canonical).hexdigest()
    digest = samples.providers().digest(verified.digest_algorithm, verified.canonical)
    assert verified.digest == digest
    assert etree.tostring(verified.body, method="c14n", exclusive=True) == verified.canonical


def test_what_is_handed_on_is_apart_from_the_message(agency: str) -> None:
    envelope = parse_envelope(parse_document(samples.signed(agency)))
    verified = verify_sender(envelope, samples.providers(), allowed=ALL)
    envelope.payload.text = "changed afterwards"
    assert verified.payload.text is None
    assert verified.payload.getroottree().getroot().tag == ns.SOAP_BODY


@pytest.mark.parametrize("name", DEFECTS)
def test_broken_sibling(name: str, agency: str) -> None:
    code, message = break_message(name, samples.signed(agency))
    started = time.process_time()
    with pytest.raises(SigningError) as caught:
        verify(message)
    assert caught.value.code == code
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ORIGINAL", b"ORIG<!-- a -->INAL"),
        (b"ORIGINAL", b"<![CDATA[ORIGINAL]]>"),
        (b"ORIGINAL", b"&#79;RIGINAL"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>\r\n \t"),
        (b"</ds:SignedInfo><ds:SignatureValue>", b"</ds:SignedInfo>\n<ds:SignatureValue>"),
        (b"<soapenv:Header>", b"\n<soapenv:Header>\n"),
        (b"?>", b" ?>"),
    ],
)
def test_changes_that_signing_does_not_cover(agency: str, before: bytes, after: bytes) -> None:
    message = samples.signed(agency)
    assert before in message
    verified = verify(message.replace(before, after, 1))
    assert verified.canonical == verify(message).canonical
    assert "".join(verified.payload.itertext()).endswith("ORIGINAL")


def test_smev_header_of_the_sender_is_let_through(agency: str) -> None:
    root = etree.fromstring(samples.signed(agency))
    etree.SubElement(root[0], f"{{{samples.SMEV}}}Header")
    assert verify(etree.tostring(root)).payload is not None


def test_algorithm_has_to_be_allowed(agency: str) -> None:
    envelope = parse_envelope(parse_document(samples.signed(agency)))
    others = ALL - {samples.signer(agency).algorithm}
    with pytest.raises(SignatureError) as caught:
        verify_sender(envelope, samples.providers(), allowed=others)
    assert caught.value.code == "signature.algorithm_not_allowed"


def test_signing_leaves_the_tree_alone(agency: str) -> None:
    envelope = samples.envelope()
    before = etree.tostring(envelope)
    sign_envelope(envelope, samples.signer(agency))
    assert etree.tostring(envelope) == before


@pytest.mark.parametrize(
    "payload",
    [
        "<a/>",
        '<a xmlns="urn:x:a"><b xmlns=""/></a>',
        "<a>\u00a0\u2028 😀 ]]&gt; &#13;&#10;</a>",
        '<a b="&#10;&#9;&#13;&lt;&quot;&apos;"/>',
        '<a xmlns:ds="urn:x:other"><ds:b Id="Body"/><c Id="SenderCertificate"/></a>',
        '<sig:a xmlns:sig="http://www.w3.org/2000/09/xmldsig#"/>',
        '<a xmlns:soapenv="urn:x:other" soapenv:b="c"/>',
        '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:q="urn:q" xsi:type="q:T"/>',
        "<a><!-- comment --><![CDATA[<&]]></a>",
        '<a xml:lang="ru" xml:space="preserve"> </a>',
    ],
)
def test_whatever_is_signed_verifies(agency: str, payload: str) -> None:
    message = sign_envelope(build_envelope(etree.fromstring(payload)), samples.signer(agency))
    assert message.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    found, original = (
        etree.tostring(one, method="c14n", exclusive=True, with_comments=False)
        for one in (verify(message).payload, etree.fromstring(payload))
    )
    assert found == original


def test_envelope_with_the_signature_namespace_under_another_prefix(agency: str) -> None:
    root = etree.fromstring(
        f'<S:Envelope xmlns:S="{ns.SOAP}" xmlns="{ns.DS}" xmlns:sec="{ns.WSSE}" xmlns:u="{ns.WSU}">'
        '<S:Header/><S:Body u:Id="mine"><a xmlns=""/></S:Body></S:Envelope>'
    )
    message = sign_envelope(root, samples.signer(agency))
    assert verify(message).body.get(ns.WSU_ID) == "mine"


def test_signature_holds_no_white_space(agency: str) -> None:
    root = etree.fromstring(samples.signed(agency))
    texts = [
        text
        for element in root[0].iter()
        for text in (element.text, element.tail)
        if text is not None
    ]
    assert texts
    assert not any(set(text) & set(" \t\r\n") for text in texts)


def test_signing_again_for_the_same_actor_is_refused(agency: str) -> None:
    with pytest.raises(SignatureError) as caught:
        sign_envelope(etree.fromstring(samples.signed(agency)), samples.signer(agency))
    assert caught.value.code == "signature.duplicate"


@pytest.mark.parametrize(
    ("envelope", "actor", "code"),
    [
        ("<a/>", ns.SMEV_ACTOR, "soap.structure"),
        (f'<Envelope xmlns="{ns.SOAP}"/>', ns.SMEV_ACTOR, "soap.structure"),
        (f'<Envelope xmlns="{ns.SOAP}"><Body/><Header/></Envelope>', "", "soap.structure"),
        (f'<Envelope xmlns="{ns.SOAP}"><Body/></Envelope>', "urn:x", "soap.structure"),
        (f'<Envelope xmlns="{ns.SOAP}"><Body/></Envelope>', RECIPIENT_ACTOR, "soap.structure"),
        (
            f'<Envelope xmlns="{ns.SOAP}"><Body w:Id="a&quot;b" xmlns:w="{ns.WSU}"/></Envelope>',
            ns.SMEV_ACTOR,
            "signature.reference",
        ),
        (
            f'<Envelope xmlns="{ns.SOAP}"><Body Id="a"><a Id="a"/></Body></Envelope>',
            ns.SMEV_ACTOR,
            "id.duplicate",
        ),
    ],
)
def test_what_cannot_be_signed(providers: Providers, envelope: str, actor: str, code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        sign_envelope(etree.fromstring(envelope), samples.signer("agency-rsa"), actor=actor)
    assert caught.value.code == code


def through_smev(name: str, message_id: str | None = "id-1") -> bytes:
    """The message as SMEV hands it on: with smev:Header and SMEV's own signature."""
    root = etree.fromstring(samples.signed(name))
    header = etree.SubElement(root[0], f"{{{samples.SMEV}}}Header")
    etree.SubElement(header, f"{{{samples.SMEV}}}NodeId").text = "node"
    if message_id is not None:
        etree.SubElement(header, f"{{{samples.SMEV}}}MessageId").text = f" {message_id} "
    return sign_envelope(root, samples.signer("smev"), actor=RECIPIENT_ACTOR)


def test_smev_seal(agency: str) -> None:
    message = through_smev(agency)
    envelope = parse_envelope(parse_document(message))
    seal = verify_smev(envelope, samples.providers(), allowed=ALL)
    assert seal.message_id == "id-1"
    assert seal.certificate == samples.signer("smev").certificate
    assert verify(message).certificate == samples.signer(agency).certificate


def test_smev_seal_without_message_id(agency: str) -> None:
    envelope = parse_envelope(parse_document(through_smev(agency, None)))
    assert verify_smev(envelope, samples.providers(), allowed=ALL).message_id is None


def test_no_smev_seal(agency: str) -> None:
    envelope = parse_envelope(parse_document(samples.signed(agency)))
    with pytest.raises(SignatureError) as caught:
        verify_smev(envelope, samples.providers(), allowed=ALL)
    assert caught.value.code == "signature.seal_missing"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b" id-1 ", b" id-2 ", "signature.invalid"),
        (b"ORIGINAL", b"ORIGINAl", "signature.invalid"),
        (b'"#SmevHeader"', b'"#Body"', "signature.reference"),
        (b'"#SmevHeader"', b'"#Other"', "signature.reference"),
        (b':Id="SmevHeader"', b':Id="Other"', "signature.reference"),
    ],
)
def test_broken_smev_seal(providers: Providers, before: bytes, after: bytes, code: str) -> None:
    message = through_smev("agency-rsa")
    assert before in message
    envelope = parse_envelope(parse_document(message.replace(before, after, 1)))
    with pytest.raises(SignatureError) as caught:
        verify_smev(envelope, providers, allowed=ALL)
    assert caught.value.code == code


@pytest.mark.parametrize("position", ["canonicalization", "reference"])
def test_prefix_list_is_honoured(providers: Providers, position: str) -> None:
    """A message with InclusiveNamespaces, signed by hand: the listed namespace is covered too."""
    signer = samples.signer("agency-rsa")
    root = etree.fromstring(samples.signed("agency-rsa"))
    listed = etree.Element(ns.INCLUSIVE_NAMESPACES, PrefixList="soapenv wsu q")
    body = root[1]
    info = next(root.iter(ns.SIGNED_INFO))
    prefixes = ["soapenv", "wsu", "q"]
    if position == "reference":
        next(root.iter(ns.TRANSFORM)).append(listed)
        canonical = etree.tostring(
            body, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes
        )
        digest = signer.digest(canonical)
        next(root.iter(ns.DIGEST_VALUE)).text = base64.b64encode(digest).decode()
        signed_info = etree.tostring(info, method="c14n", exclusive=True)
    else:
        next(root.iter(ns.CANONICALIZATION_METHOD)).append(listed)
        signed_info = etree.tostring(
            info, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes
        )
    value = base64.b64encode(signer.sign(signed_info)).decode()
    next(root.iter(ns.SIGNATURE_VALUE)).text = value
    assert verify(etree.tostring(root)).digest_algorithm is DigestAlgorithm.SHA256


def test_signed_but_refused_transforms_and_digests(providers: Providers) -> None:
    """What SignedInfo says is refused also when its signature is right."""
    signer = samples.signer("agency-rsa")
    for tag, uri, code in (
        (ns.TRANSFORM, "urn:x-unknown", "signature.algorithm_not_allowed"),
        (ns.TRANSFORM, "urn://smev-gov-ru/xmldsig/transform", "signature.algorithm_not_allowed"),
        (ns.TRANSFORM, ns.DS + "enveloped-signature", "signature.algorithm_not_allowed"),
        (ns.DIGEST_METHOD, DigestAlgorithm.GOST_94, "signature.algorithm_not_allowed"),
        (ns.DIGEST_METHOD, DigestAlgorithm.GOST_94_URN, "signature.algorithm_not_allowed"),
        (ns.DIGEST_METHOD, ns.DS + "sha1", "signature.algorithm_not_allowed"),
    ):
        root = etree.fromstring(samples.signed("agency-rsa"))
        next(root.iter(tag)).set("Algorithm", uri)
        info = etree.tostring(next(root.iter(ns.SIGNED_INFO)), method="c14n", exclusive=True)
        value = base64.b64encode(signer.sign(info)).decode()
        next(root.iter(ns.SIGNATURE_VALUE)).text = value
        with pytest.raises(SigningError) as caught:
            verify(etree.tostring(root))
        assert caught.value.code == code


def test_canonical_form_is_bounded(providers: Providers) -> None:
    name = "urn:x:" + "n" * 290
    rows = "<n:r/>" * 60_000
    message = samples.signed("agency-rsa").replace(
        b"ORIGINAL", f'<x xmlns:n="{name}">{rows}</x>'.encode()
    )
    started = time.process_time()
    with pytest.raises(SigningError) as caught:
        verify(message)
    assert caught.value.code == "signature.too_large"
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize("count", [1, 16])
def test_prefix_list_over_many_elements_is_bounded(providers: Providers, count: int) -> None:
    """libxml2 looks each prefix up for each element in all that is in scope."""
    names = [f"{'p' * 24}{number:03}" for number in range(250)]
    declared = [f'xmlns:{name}="urn:u"' for name in names]
    levels = (declared[start : start + 50] for start in range(0, 250, 50))
    opening = "".join(f"<e {' '.join(level)}>" for level in levels)
    inside = opening + "<a/>" * 99_000 + "</e>" * 5
    element = etree.fromstring(f"<r>{inside}</r>", etree.XMLParser(huge_tree=True))
    started = time.process_time()
    listed = tuple(names[:count])
    if count == 1:
        canonicalize(element, listed * 16)
    else:
        with pytest.raises(SignatureError) as caught:
            canonicalize(element, listed)
        assert caught.value.code == "signature.too_large"
    assert time.process_time() - started < 0.8


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ('<x Id="%d"/>', "signature.invalid"),
        ('<x ID="%d"/>', "signature.invalid"),
        ('<x Id="same" n="%d"/>', "id.duplicate"),
        ('<x href="#%d"/>', "soap.multiref"),
        ('<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:%d"/>', ""),
    ],
)
def test_shape_of_a_large_message_costs_little(providers: Providers, piece: str, code: str) -> None:
    pieces = "".join(piece % number for number in range(30_000))
    message = samples.signed("agency-rsa").replace(b"ORIGINAL", pieces.encode())
    started = time.process_time()
    with pytest.raises(SigningError) as caught:
        verify(message)
    assert caught.value.code == (code or "signature.invalid")
    assert time.process_time() - started < 1.5


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_changed_byte_of_the_canonical_body_is_invalid(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["agency-rsa", "agency-gost"]))
    verified = verify(samples.signed(name))
    position = data.draw(st.integers(0, len(verified.canonical) - 1))
    changed = bytearray(verified.canonical)
    changed[position] ^= data.draw(st.integers(1, 255))
    message = samples.signed(name)
    start, end = message.index(b"<soapenv:Body"), message.index(b"</soapenv:Envelope>")
    with contextlib.suppress(SigningError):
        # A change that C14N takes back (a declaration nobody uses) is no change of these bytes.
        found = verify(message[:start] + bytes(changed) + message[end:])
        assert found.canonical == verified.canonical
    # The same bytes unchanged in the same place verify: the test is about the change.
    assert verify(message[:start] + verified.canonical + message[end:])


@given(
    name=st.sampled_from(["agency-rsa", "agency-gost"]),
    edits=st.lists(
        st.tuples(
            st.integers(0, 6000),
            st.sampled_from(["insert", "delete", "replace", "copy"]),
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from(
                    [b"<", b">", b'"', b"#", b"/>", b'Id="Body"', b"ds:", b"\xd0", b"&", b"<!--"]
                ),
            ),
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=300, deadline=None)
def test_mutations_raise_only_errors_of_this_package(
    name: str, edits: list[tuple[int, str, bytes]]
) -> None:
    good = samples.signed(name)
    message = bytearray(good)
    for position, kind, piece in edits:
        at = position % len(message)
        if kind == "insert":
            message[at:at] = piece
        elif kind == "delete":
            del message[at : at + 1 + len(piece)]
        elif kind == "copy":
            message[at:at] = message[at // 2 : at // 2 + 40]
        else:
            message[at : at + len(piece)] = piece
    with contextlib.suppress(SigningError):
        # What still verifies says exactly what was signed.
        assert verify(bytes(message)).canonical == verify(good).canonical
