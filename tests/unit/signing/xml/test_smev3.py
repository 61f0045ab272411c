"""SMEV 3: every operation in every version is signed, and what each signature covers."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DEFAULT_SIGNATURES
from signing.errors import SignatureError, SigningError, UnsupportedError
from signing.providers import Providers
from signing.xml.canonical import canonicalize
from signing.xml.inspection import Verdict, inspect_signatures
from signing.xml.parser import parse_document
from signing.xml.references import SignedPart
from signing.xml.smev3 import Holder, find_places, is_smev3, sign_smev3, verify_smev3
from signing.xml.transform import transform_canonical
from tests.unit.signing import samples
from tests.unit.signing.samples_smev3 import KEYS, SAMPLES, find, signed, unsigned

EVERY_SAMPLE = [(name, version) for name, sample in SAMPLES.items() for version in sample.versions]
SCHEMAS = samples.REFERENCE / "xsd"


def verify(message: bytes, holder: Holder) -> SignedPart:
    return verify_smev3(
        parse_document(message), samples.providers(), allowed=DEFAULT_SIGNATURES, holder=holder
    )


def transformed(element: etree._Element) -> bytes:
    return transform_canonical(canonicalize(element))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("name", "version"), EVERY_SAMPLE)
def test_every_signature_verifies(providers: Providers, key: str, name: str, version: str) -> None:
    message = signed(name, key, version)
    sample = SAMPLES[name]
    assert is_smev3(parse_document(message))
    for holder, local_name in zip(sample.holders, sample.signed, strict=True):
        part = verify(message, holder)
        assert etree.QName(part.element).localname == local_name
        assert part.certificate == samples.signer(key).certificate
        assert part.algorithm is samples.signer(key).algorithm
        assert part.digest_algorithm is samples.signer(key).digest_algorithm
        assert part.digest == providers.digest(part.digest_algorithm, part.canonical)


@pytest.mark.parametrize(("name", "version"), EVERY_SAMPLE)
def test_what_is_handed_on_is_rebuilt(providers: Providers, name: str, version: str) -> None:
    root = parse_document(signed(name, "agency-rsa", version))
    for holder, local_name in zip(SAMPLES[name].holders, SAMPLES[name].signed, strict=True):
        part = verify_smev3(root, providers, allowed=DEFAULT_SIGNATURES, holder=holder)
        assert part.element.getparent() is None
        assert part.element.getroottree() is not root.getroottree()
        assert part.canonical == transformed(find(root, local_name))
        assert transformed(part.element) == part.canonical
        names = [one.tag for one in part.element.iter()]
        assert names == [one.tag for one in find(root, local_name).iter()]


@pytest.mark.parametrize("name", SAMPLES)
def test_inspection_finds_every_signature_valid(agency: str, name: str) -> None:
    reports = inspect_signatures(
        signed(name, agency, SAMPLES[name].versions[0]),
        samples.providers(),
        trust=None,
        at=samples.NOW,
    )
    assert sorted(report.signed for report in reports) == sorted(
        (one,) for one in SAMPLES[name].signed
    )
    assert {report.verdict for report in reports} == {Verdict.VALID}


def refused_holders(message: bytes, name: str) -> set[Holder]:
    refused = set()
    for holder in SAMPLES[name].holders:
        try:
            verify(message, holder)
        except SigningError as error:
            assert error.code == "signature.invalid", error
            refused.add(holder)
    return refused


def covering_holders(root: etree._Element, element: etree._Element) -> set[Holder]:
    around = {element, *element.iterancestors()}
    return {
        place.holder
        for place in find_places(root)
        if place.signature is not None and place.signed in around
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_any_change_makes_exactly_the_signatures_around_it_invalid(
    providers: Providers, name: str
) -> None:
    good = parse_document(signed(name, "agency-rsa", SAMPLES[name].versions[0]))
    seen: set[Holder] = set()
    for index, original in enumerate(good.iter("*")):
        if original.tag == ns.SIGNATURE or [*original.iterancestors(ns.SIGNATURE)]:
            continue
        root = deepcopy(good)
        changed = list(root.iter("*"))[index]
        covering = covering_holders(root, changed)
        changed.set("changed", "1")
        assert refused_holders(etree.tostring(root), name) == covering, changed.tag
        seen |= covering
    assert seen == set(SAMPLES[name].holders)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("tag", [ns.SIGNATURE_VALUE, ns.DIGEST_VALUE])
def test_changed_value_makes_that_signature_and_those_around_it_invalid(
    agency: str, name: str, tag: str
) -> None:
    good = parse_document(signed(name, agency, SAMPLES[name].versions[0]))
    for index, original in enumerate(good.iter(tag)):
        root = deepcopy(good)
        changed = list(root.iter(tag))[index]
        own = {
            place.holder
            for place in find_places(root)
            if place.signature is not None and place.signature in changed.iterancestors()
        }
        covering = own | covering_holders(root, changed)
        changed.text = ("AAAA" if original.text[:4] != "AAAA" else "BBBB") + original.text[4:]
        assert refused_holders(etree.tostring(root), name) == covering


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ORIGINAL", b"ORIG<!-- a -->INAL"),
        (b"ORIGINAL", b"<![CDATA[ORIGINAL]]>"),
        (b"ORIGINAL", b"&#79;RIGINAL"),
        (b"<m:Empty/>", b"<m:Empty></m:Empty>"),
        (b"<m:Empty/>", b"<m:Empty> \n</m:Empty>"),
        (b"</m:Name>\n    <c:Note>", b"</m:Name><c:Note>"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>\r\n \t"),
        (b"</ds:SignedInfo><ds:SignatureValue>", b"</ds:SignedInfo>\n<ds:SignatureValue>"),
        (b"</soap:Header>", b"<x:Y xmlns:x='urn:x'/></soap:Header>"),
        (b"dGV4dA==", b"b3RoZXI="),
    ],
)
def test_changes_that_signing_does_not_cover(agency: str, before: bytes, after: bytes) -> None:
    message = signed("send_request", agency).replace(
        b"<soap:Header/>", b"<soap:Header></soap:Header>"
    )
    assert before in message
    found = verify(message.replace(before, after, 1), Holder.CALLER)
    assert found.canonical == verify(message, Holder.CALLER).canonical
    assert find(found.element, "Note").text == "ORIGINAL"


@pytest.mark.parametrize("name", ["send_request_personal", "response"])
def test_other_prefixes_are_the_same_content(agency: str, name: str) -> None:
    """SMEV's transform names the prefixes itself; what is handed on has those names."""
    message = signed(name, agency)
    other = message.replace(b"m:", b"other:").replace(b"<t:", b"<tt:").replace(b"</t:", b"</tt:")
    other = other.replace(b"xmlns:t=", b"xmlns:tt=").replace(b"xmlns:m=", b"xmlns:other=")
    assert other != message
    for holder in SAMPLES[name].holders:
        assert verify(other, holder).canonical == verify(message, holder).canonical


def test_prefix_in_a_value_means_nothing_in_what_is_handed_on(agency: str) -> None:
    """The transform does not cover what a prefix inside a value means, so nobody may ask it."""
    content = (
        '<m:Query xmlns:m="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:q="urn:honest" xsi:type="q:Type">ORIGINAL</m:Query>'
    )
    message = signed("send_request", agency, content=content)
    part = verify(message.replace(b"urn:honest", b"urn:other!"), Holder.CALLER)
    query = find(part.element, "Query")
    assert query.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "q:Type"
    assert "q" not in query.nsmap
    assert not {"urn:honest", "urn:other!"} & set(query.nsmap.values())


def test_algorithm_has_to_be_allowed(agency: str) -> None:
    others = DEFAULT_SIGNATURES - {samples.signer(agency).algorithm}
    with pytest.raises(SignatureError) as caught:
        verify_smev3(
            parse_document(signed("ack", agency)),
            samples.providers(),
            allowed=others,
            holder=Holder.CALLER,
        )
    assert caught.value.code == "signature.algorithm_not_allowed"


def test_old_signature_only_where_it_is_allowed(providers: Providers) -> None:
    old = samples.signer("agency-gost-2001")
    message = signed("ack", "agency-gost-2001")
    with pytest.raises(SignatureError) as caught:
        verify(message, Holder.CALLER)
    assert caught.value.code == "signature.algorithm_not_allowed"
    part = verify_smev3(
        parse_document(message),
        providers,
        allowed=DEFAULT_SIGNATURES | {old.algorithm},
        holder=Holder.CALLER,
    )
    assert part.algorithm is old.algorithm


@pytest.mark.parametrize("name", SAMPLES)
def test_signing_changes_nothing_else(agency: str, name: str) -> None:
    """Without holders and the ids that were given, the signed message is the unsigned one."""
    before = parse_document(unsigned(name))
    tree = etree.tostring(before)
    holders = SAMPLES[name].holders
    sign_smev3(before, samples.signer(agency), holder=holders[0])
    assert etree.tostring(before) == tree
    root = parse_document(signed(name, agency))
    signatures = [one.signature for one in find_places(root) if one.signature is not None]
    for holder in [one.getparent() for one in signatures]:
        assert holder is not None
        parent, tail = holder.getparent(), holder.tail or ""
        previous = holder.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + tail
        parent.remove(holder)
    given = {"SIGNED_BY_CALLER", "SIGNED_BY_SENDER", "SIGNED_BY_SMEV", "PERSONAL_SIGNATURE"}
    for element in root.iter("*"):
        if element.get("Id") in given:
            del element.attrib["Id"]
    assert canonicalize(root) == canonicalize(before)


def test_own_id_is_kept(agency: str) -> None:
    message = unsigned("ack").replace(b'Id="ACK"', b'Id="mine-1"')
    again = sign_smev3(parse_document(message), samples.signer(agency), holder=Holder.CALLER)
    assert verify(again, Holder.CALLER).element.get("Id") == "mine-1"


def test_taken_id_is_not_given_again(agency: str) -> None:
    content = '<m:Query xmlns:m="urn:x" Id="SIGNED_BY_CALLER"/>'
    message = signed("send_request", agency, content=content)
    assert verify(message, Holder.CALLER).element.get("Id") == "SIGNED_BY_CALLER_"


def test_empty_holder_is_filled(agency: str) -> None:
    message = unsigned("send_request").replace(
        b"\n</t:SendRequestRequest>",
        b"<t:CallerInformationSystemSignature>\n</t:CallerInformationSystemSignature>"
        b"</t:SendRequestRequest>",
    )
    done = sign_smev3(parse_document(message), samples.signer(agency), holder=Holder.CALLER)
    assert done.count(b"<t:CallerInformationSystemSignature>") == 1
    assert verify(done, Holder.CALLER)


def test_signature_stands_before_routing(agency: str) -> None:
    message = unsigned("send_request", "1.3").replace(
        b"\n</t:SendRequestRequest>", b"\n<r:Routing xmlns:r='urn:r'/></t:SendRequestRequest>"
    )
    done = sign_smev3(parse_document(message), samples.signer(agency), holder=Holder.CALLER)
    names = [etree.QName(one).localname for one in find(parse_document(done), "SendRequestRequest")]
    assert names[-2:] == ["CallerInformationSystemSignature", "Routing"]
    assert verify(done, Holder.CALLER)


def test_signature_holds_no_white_space(agency: str) -> None:
    root = parse_document(signed("request", agency))
    for signature in root.iter(ns.SIGNATURE):
        texts = [text for one in signature.iter() for text in (one.text, one.tail) if text]
        assert not any(set(text) & set(" \t\r\n") for text in texts[:-1])


@pytest.mark.parametrize(
    ("name", "holder", "code"),
    [
        ("send_request", Holder.SMEV, "signature.missing"),
        ("ack", Holder.PERSONAL, "signature.missing"),
        ("request_accepted", Holder.CALLER, "signature.missing"),
    ],
)
def test_what_cannot_be_signed(agency: str, name: str, holder: Holder, code: str) -> None:
    with pytest.raises(SignatureError) as caught:
        sign_smev3(parse_document(unsigned(name)), samples.signer(agency), holder=holder)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b'Id="ACK"', b'Id="a b"', "signature.reference"),
        (b"<soap:Header/>", b'<soap:Header Id="ACK"/>', "id.duplicate"),
        (b"AckRequest", b"OtherRequest", "signature.missing"),
        (b"types/1.2", b"types/9.9", "soap.structure"),
        (b"</t:AckRequest>", b"<t:AckTargetMessage/></t:AckRequest>", "signature.duplicate"),
    ],
)
def test_messages_that_cannot_be_signed(
    agency: str, before: bytes, after: bytes, code: str
) -> None:
    message = unsigned("ack")
    assert before in message
    with pytest.raises(SignatureError) as caught:
        sign_smev3(
            parse_document(message.replace(before, after)),
            samples.signer(agency),
            holder=Holder.CALLER,
        )
    assert caught.value.code == code


def test_signing_twice_is_refused(agency: str) -> None:
    for name, sample in SAMPLES.items():
        for holder in sample.holders:
            with pytest.raises(SignatureError) as caught:
                sign_smev3(
                    parse_document(signed(name, agency)), samples.signer(agency), holder=holder
                )
            assert caught.value.code == "signature.duplicate"


# --- any content --------------------------------------------------------------------------------

_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r <>&]\"'\u00a0"),
    max_size=20,
)
_CR = {"\r": "&#13;"}
_NAMES = st.sampled_from(["a", "b", "Query", "Signature", "MessagePrimaryContent", "Ключ"])
_URIS = {"": "urn:a", "p": "urn:b", "q": ns.WSU, "r": ns.SOAP, "s": "urn:b"}
_QUALIFIED = st.tuples(st.sampled_from([*_URIS]), _NAMES).map(
    lambda one: ":".join(filter(None, one))
)
_ATTRIBUTES = st.dictionaries(_NAMES.map("q:{}".format) | _NAMES, _TEXTS, max_size=3)


@st.composite
def contents(draw: st.DrawFn, depth: int = 3) -> str:
    """An element of any shape whose names all have a namespace, as SMEV 3 wants them."""
    name, attributes = draw(_QUALIFIED), draw(_ATTRIBUTES)
    declared = draw(st.sets(st.sampled_from([*_URIS]))) if depth < 3 else {*_URIS}
    parts = [
        *(f' xmlns{":" * bool(prefix)}{prefix}="{_URIS[prefix]}"' for prefix in sorted(declared)),
        *(f" {key}={quoteattr(value, _CR)}" for key, value in attributes.items()),
    ]
    children = (
        draw(st.lists(contents(depth - 1) | _TEXTS.map(_escape), max_size=3)) if depth else []
    )
    return f"<{name}{''.join(parts)}>{''.join(children)}</{name}>"


def _escape(text: str) -> str:
    return escape(text, _CR)


@given(content=contents(), key=st.sampled_from(["agency-gost", "agency-rsa"]))
@settings(max_examples=60, deadline=None)
def test_whatever_is_signed_verifies(content: str, key: str) -> None:
    """The values of the content come out as they went in, but for text of white space alone."""
    message = unsigned("send_request_personal", content=content)
    for holder in (Holder.PERSONAL, Holder.CALLER):
        message = sign_smev3(parse_document(message), samples.signer(key), holder=holder)
    expected = parse_document(unsigned("send_request_personal", content=content))
    part = verify(message, Holder.PERSONAL)
    original = find(expected, "MessagePrimaryContent")[0]
    original.set("Id", "PERSONAL_SIGNATURE")
    original.tail = None
    assert part.canonical == transformed(original)
    assert values(part.element) == values(original)


def test_namespace_that_c14n_does_not_escape_is_refused(agency: str) -> None:
    """libxml2 writes such a name as it is, which is no XML any more."""
    message = unsigned("send_request", content='<a xmlns="urn:a&amp;b"/>')
    with pytest.raises(UnsupportedError) as caught:
        sign_smev3(parse_document(message), samples.signer(agency), holder=Holder.CALLER)
    assert caught.value.code == "signature.not_canonical"


def values(element: etree._Element) -> list[object]:
    return [
        (
            one.tag,
            sorted(one.items()),
            *(text or "" if (text or "").strip(" \t\r\n") else "" for text in (one.text, one.tail)),
        )
        for one in element.iter()
    ]


# --- the official schemas -----------------------------------------------------------------------


@cache
def schema(version: str) -> etree.XMLSchema:
    path = SCHEMAS / f"smev3-{version}" / f"smev-message-exchange-types-{version}.xsd"
    return etree.XMLSchema(etree.parse(path))


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="no reference material beside")
@pytest.mark.parametrize(
    ("name", "version"),
    [(name, version) for name, version in EVERY_SAMPLE if version in {"1.1", "1.3"}],
)
def test_official_schemas_take_what_we_sign(agency: str, name: str, version: str) -> None:
    root = parse_document(signed(name, agency, version))
    schema(version).assertValid(deepcopy(root[1][0]))
