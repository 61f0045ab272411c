"""Detached signatures of files: what holds, and each way in which one does not."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.algorithms import SignatureAlgorithm
from signing.cms import codec
from signing.cms.detached import sign_detached, verify_all_signers, verify_detached
from signing.der import encode_oid, encode_value, read_value
from signing.errors import SignatureError, SigningError
from signing.providers import KeyKind, Providers
from tests.unit.signing import samples
from tests.unit.signing.cms_samples import (
    DATA,
    GOST_DIGEST,
    KINDS,
    Draft,
    certificate_hash,
    issuer,
    name_by_issuer,
    name_by_key,
    signer,
)

UNKNOWN = encode_oid("1.2.3.4.5")
SHA256 = codec.encode_algorithm(encode_oid("2.16.840.1.101.3.4.2.1"))


@cache
def signature(kind: KeyKind) -> bytes:
    return sign_detached(DATA, signer(kind), at=samples.NOW)


def refusal(made: bytes, providers: Providers, *, data: bytes = DATA) -> str:
    with pytest.raises(SigningError) as caught:
        verify_detached(made, data, providers)
    return caught.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_verifies_what_it_signs(providers: Providers, kind: KeyKind) -> None:
    found = verify_detached(signature(kind), DATA, providers)
    own = signer(kind)
    assert (found.certificate, found.algorithm) == (own.certificate, own.algorithm)
    assert found.signing_time == samples.NOW
    assert found.has_attributes
    assert found.names_certificate
    assert found.certificates == (own.certificate,)
    assert refusal(signature(kind), providers, data=DATA + b" ") == "signature.invalid"


def test_signs_with_rsa_and_sha512(providers: Providers) -> None:
    key = signer(KeyKind.RSA_2048)
    pem = key._key.export_pem()
    long = providers.load_signer(pem, key.certificate.der, algorithm=SignatureAlgorithm.RSA_SHA512)
    made = sign_detached(DATA, long, at=samples.NOW)
    found = verify_detached(made, DATA, providers)
    assert found.algorithm is SignatureAlgorithm.RSA_SHA512


@pytest.mark.parametrize(
    "at",
    [
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
        datetime(1950, 1, 1, tzinfo=UTC),
        datetime(1949, 12, 31, tzinfo=UTC),
    ],
)
def test_signing_time(providers: Providers, at: datetime) -> None:
    made = sign_detached(DATA, signer(KeyKind.EC_P256), at=at + timedelta(microseconds=5))
    assert verify_detached(made, DATA, providers).signing_time == at


def pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


@pytest.mark.parametrize(
    "write",
    [
        lambda der: pem("PKCS7", der),
        lambda der: pem("CMS", der),
        lambda der: b"\n" + pem("CMS", der).replace(b"\n", b"\r\n"),
        base64.b64encode,
        base64.encodebytes,
    ],
)
def test_reads_text(providers: Providers, write: Callable[[bytes], bytes]) -> None:
    verify_detached(write(signature(KeyKind.EC_P256)), DATA, providers)


@pytest.mark.parametrize(
    "write",
    [
        lambda der: b"",
        lambda der: b"\x30",
        lambda der: b"not a signature",
        lambda der: der + b"\0",
        lambda der: der[:-1],
        lambda der: pem("CERTIFICATE", der),
        lambda der: pem("CMS", der) * 2,
        lambda der: pem("CMS", der).replace(b"END CMS", b"END PKCS7"),
        lambda der: pem("CMS", der) + b"x",
        lambda der: base64.b64encode(der) + b"!",
        lambda der: base64.b64encode(der)[:-3],
        lambda der: b"\x30\x80" * 5000,
        lambda der: b"\x30\x80" + b"\x05\x00" * 60_000 + b"\0\0",
        lambda der: bytes(4 * 2**20),
        lambda der: b"\x30" + bytes(2**20 + 100),
    ],
)
def test_refuses_other_files(providers: Providers, write: Callable[[bytes], bytes]) -> None:
    assert refusal(write(signature(KeyKind.EC_P256)), providers) == "cms.malformed"


def open_lengths(der: bytes) -> bytes:
    """Leave the lengths of the three outer values open, as a writer of streams does."""
    outer = read_value(der)
    content_type, wrapped = outer.children()
    inner = read_value(wrapped.content)
    end = b"\0\0"
    return b"\x30\x80" + content_type.encoded + b"\xa0\x80" + b"\x30\x80" + inner.content + end * 3


def test_reads_open_lengths(providers: Providers) -> None:
    made = open_lengths(signature(KeyKind.GOST_2012_256))
    assert verify_detached(made, DATA, providers).names_certificate
    for broken in (made[:-1], made[:-2], made + b"\0\0"):
        assert refusal(broken, providers) == "cms.malformed"


def test_reads_carried_content_of_the_same_bytes(providers: Providers) -> None:
    draft = Draft(content=encode_value(0x04, DATA))
    verify_detached(draft.build(), DATA, providers)
    verify_detached(open_lengths(draft.build()), DATA, providers)
    parts = b"".join(encode_value(0x04, DATA[at : at + 5]) for at in range(0, len(DATA), 5))
    for parted in (encode_value(0x24, parts), b"\x24\x80" + parts + b"\0\0"):
        verify_detached(open_lengths(replace(draft, content=parted).build()), DATA, providers)
    for other in (DATA + b" ", b""):
        made = replace(draft, content=encode_value(0x04, other)).build()
        assert refusal(made, providers) == "cms.content"
    assert refusal(replace(draft, content=b"\x0c\x00").build(), providers) == "cms.malformed"


def test_by_key_identifier(providers: Providers) -> None:
    draft = Draft(version=3, info_version=3, identity=name_by_key(signer(KeyKind.GOST_2012_256)))
    verify_detached(draft.build(), DATA, providers)
    for broken in (replace(draft, version=1), replace(draft, info_version=1)):
        assert refusal(broken.build(), providers) == "cms.malformed"
    stranger = replace(draft, identity=encode_value(0x80, bytes(20)))
    assert refusal(stranger.build(), providers) == "certificate.missing"


def test_without_attributes(providers: Providers) -> None:
    draft = Draft(without_attributes=True)
    found = verify_detached(draft.build(), DATA, providers)
    assert not found.has_attributes
    assert not found.names_certificate
    assert found.signing_time is None
    assert refusal(draft.build(), providers, data=DATA + b" ") == "signature.invalid"


def test_attributes_are_not_data(providers: Providers) -> None:
    """The attributes of a signature, given out as the file that it signs."""
    draft = Draft()
    attributes = codec.encode_attributes(
        {oid: values[0] for oid, values in draft.usual_attributes().items()}
    )
    made = replace(draft, data=attributes, without_attributes=True).build()
    assert refusal(made, providers, data=attributes) == "cms.attributes"
    for harmless in (b"1", b"\x31\x00", b"\x31\x02\x05\x00", b"\x31\x04\x30\x02\x05\x00"):
        made = replace(draft, data=harmless, without_attributes=True).build()
        verify_detached(made, harmless, providers)


def test_attributes_in_another_order(providers: Providers) -> None:
    """They are signed in the order of DER, whatever their order in the file."""
    usual = list(Draft().usual_attributes().items())
    for order in (usual, usual[::-1]):
        verify_detached(Draft(attributes=order).build(), DATA, providers)


def test_more_attributes_and_certificates(providers: Providers) -> None:
    own = signer(KeyKind.GOST_2012_256).certificate.der
    draft = Draft(
        certificates=[issuer().certificate.der, own, own],
        after_certificates=encode_value(0xA1, b"\x30\x00"),
        unsigned=encode_value(0xA1, b"\x30\x00"),
    ).with_attributes({UNKNOWN: [b"\x05\x00"]})
    found = verify_detached(draft.build(), DATA, providers)
    assert found.certificates == (issuer().certificate, found.certificate)


def named(rest: bytes = b"", *, der: bytes | None = None) -> Draft:
    der = der or signer(KeyKind.GOST_2012_256).certificate.der
    return Draft().with_attributes(
        {codec.SIGNING_CERTIFICATE_V2: [certificate_hash(der, rest=rest)]}
    )


def issuer_serial(name: bytes, serial: bytes) -> bytes:
    return encode_value(0x30, encode_value(0x30, encode_value(0xA4, name)) + serial)


def test_signing_certificate(providers: Providers) -> None:
    own = signer(KeyKind.GOST_2012_256).certificate
    name, serial = codec.name_issuer_and_serial(own)
    assert verify_detached(named().build(), DATA, providers).names_certificate
    verify_detached(named(issuer_serial(name, serial)).build(), DATA, providers)
    sha1 = hashlib.sha1(own.der).digest()
    for value, code in ((sha1, None), (bytes(20), "cms.attributes")):
        one = encode_value(0x30, encode_value(0x30, encode_value(0x30, encode_value(0x04, value))))
        made = Draft().with_attributes({codec.SIGNING_CERTIFICATE: [one]}).build()
        if code is None:
            assert not verify_detached(made, DATA, providers).names_certificate
        else:
            assert refusal(made, providers) == code
    for broken in (
        named(der=issuer().certificate.der),
        named(issuer_serial(name, codec.encode_integer(99))),
        named(issuer_serial(b"\x30\x00", serial)),
        named(b"\x05\x00"),
        named(issuer_serial(name, serial) * 2),
    ):
        assert refusal(broken.build(), providers) == "cms.attributes"
    for value in (b"\x30\x00", b"\x30\x02\x30\x00", b"\x05\x00", b"\x30\x04\x30\x02\x30\x00"):
        made = Draft().with_attributes({codec.SIGNING_CERTIFICATE_V2: [value]}).build()
        assert refusal(made, providers) == "cms.attributes"


@pytest.mark.parametrize(
    ("oid", "code"),
    [
        ("2.16.840.1.101.3.4.2.2", None),
        ("1.2.643.2.2.9", "cms.attributes"),
        ("1.3.14.3.2.26", "cms.attributes"),
    ],
)
def test_digest_of_the_signing_certificate(
    providers: Providers, oid: str, code: str | None
) -> None:
    der = signer(KeyKind.GOST_2012_256).certificate.der
    value = encode_value(0x04, hashlib.sha384(der).digest())
    one = encode_value(0x30, codec.encode_algorithm(encode_oid(oid)) + value)
    draft = Draft().with_attributes(
        {codec.SIGNING_CERTIFICATE_V2: [encode_value(0x30, encode_value(0x30, one))]}
    )
    if code is None:
        verify_detached(draft.build(), DATA, providers)
    else:
        assert refusal(draft.build(), providers) == code


def without(oid: bytes) -> Draft:
    return Draft().with_attributes({oid: None})


def with_one(oid: bytes, *values: bytes) -> Draft:
    return Draft().with_attributes({oid: list(values)})


def twice(oid: bytes) -> Draft:
    usual = Draft().usual_attributes()
    return Draft(attributes=[*usual.items(), (oid, usual[oid])])


OTHER_DIGEST = encode_value(0x04, bytes(32))
BROKEN: dict[str, tuple[str, Callable[[], Draft]]] = {
    "no content-type": ("cms.attributes", lambda: without(codec.CONTENT_TYPE)),
    "other content-type": (
        "cms.attributes",
        lambda: with_one(codec.CONTENT_TYPE, codec.ID_SIGNED_DATA),
    ),
    "no message-digest": ("cms.attributes", lambda: without(codec.MESSAGE_DIGEST)),
    "message-digest of another type": (
        "cms.attributes",
        lambda: with_one(codec.MESSAGE_DIGEST, b"\x05\x00"),
    ),
    "other message-digest": (
        "signature.invalid",
        lambda: with_one(codec.MESSAGE_DIGEST, OTHER_DIGEST),
    ),
    "two values": (
        "cms.attributes",
        lambda: with_one(codec.SIGNING_TIME, *[codec.encode_time(samples.NOW)] * 2),
    ),
    "no value": ("cms.attributes", lambda: with_one(codec.SIGNING_TIME)),
    "content-type twice": ("cms.attributes", lambda: twice(codec.CONTENT_TYPE)),
    "message-digest twice": ("cms.attributes", lambda: twice(codec.MESSAGE_DIGEST)),
    "empty set": ("cms.attributes", lambda: Draft(attributes=[])),
    "time without zone": (
        "cms.attributes",
        lambda: with_one(codec.SIGNING_TIME, encode_value(0x17, b"261123120000")),
    ),
    "time with fractions": (
        "cms.attributes",
        lambda: with_one(codec.SIGNING_TIME, encode_value(0x18, b"20261123120000.5Z")),
    ),
    "no such time": (
        "cms.attributes",
        lambda: with_one(codec.SIGNING_TIME, encode_value(0x17, b"261323120000Z")),
    ),
    "signature over the data with attributes": ("signature.invalid", lambda: Draft(signed=DATA)),
    "signature over the tagged attributes": (
        "signature.invalid",
        lambda: Draft(
            signed=codec.encode_attributes(
                {oid: each[0] for oid, each in Draft().usual_attributes().items()}, tag=0xA0
            )
        ),
    ),
    "other content type": ("cms.content", lambda: Draft(content_type=codec.ID_SIGNED_DATA)),
    "no certificate": ("certificate.missing", lambda: Draft(certificates=[])),
    "another's certificate": (
        "certificate.missing",
        lambda: Draft(certificates=[issuer().certificate.der]),
    ),
    "broken certificate": ("certificate.malformed", lambda: Draft(certificates=[b"\x30\x00"])),
    "another signer's name": (
        "certificate.missing",
        lambda: Draft(identity=name_by_issuer(signer(KeyKind.EC_P256, 77))),
    ),
    "key of another kind": (
        "signature.key_mismatch",
        lambda: Draft(
            identity=name_by_issuer(signer(KeyKind.EC_P256, 5)),
            certificates=[signer(KeyKind.EC_P256, 5).certificate.der],
        ),
    ),
    "digest of another pair": (
        "signature.algorithm_not_allowed",
        lambda: Draft(digests=[SHA256], digest=SHA256),
    ),
    "unknown signature algorithm": (
        "signature.algorithm_not_allowed",
        lambda: Draft(algorithm=codec.encode_algorithm(UNKNOWN)),
    ),
    "algorithm with parameters": (
        "cms.malformed",
        lambda: Draft(algorithm=codec.encode_algorithm(UNKNOWN, b"\x02\x01\x00")),
    ),
    "digest list of others": ("cms.malformed", lambda: Draft(digests=[SHA256])),
    "digest list of more": (
        "cms.malformed",
        lambda: Draft(digests=[codec.encode_algorithm(GOST_DIGEST), SHA256]),
    ),
    "no digest list": ("cms.malformed", lambda: Draft(digests=[])),
    "version 3": ("cms.malformed", lambda: Draft(version=3)),
    "version 0": ("cms.malformed", lambda: Draft(version=0)),
    "signer version 3": ("cms.malformed", lambda: Draft(info_version=3)),
    "more members": ("cms.malformed", lambda: Draft(unsigned=b"\x05\x00")),
    "more members of SignedData": ("cms.malformed", lambda: Draft(after_certificates=b"\x05\x00")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_sibling(providers: Providers, name: str) -> None:
    verify_detached(Draft().build(), DATA, providers)
    code, draft = BROKEN[name]
    assert refusal(draft().build(), providers) == code


def test_two_certificates_of_one_name(providers: Providers) -> None:
    own, other = signer(KeyKind.GOST_2012_256), signer(KeyKind.EC_P384)
    assert name_by_issuer(own) == name_by_issuer(other)
    made = Draft(certificates=[own.certificate.der, other.certificate.der]).build()
    assert refusal(made, providers) == "cms.ambiguous_certificate"


def test_several_signers(providers: Providers) -> None:
    first, second = Draft(), Draft(signer=signer(KeyKind.GOST_2012_256, 9))
    both = replace(
        first, certificates=[first.signer.certificate.der, second.signer.certificate.der]
    )
    made = both.build(second.signer_info())
    assert refusal(made, providers) == "cms.several_signers"
    found = verify_all_signers(made, DATA, providers)
    assert {one.certificate for one in found} == {
        first.signer.certificate,
        second.signer.certificate,
    }
    broken = both.build(replace(second, signed=b"else").signer_info())
    with pytest.raises(SignatureError) as caught:
        verify_all_signers(broken, DATA, providers)
    assert caught.value.code == "signature.invalid"
    assert refusal(both.build(*[second.signer_info()] * 16), providers) == "cms.malformed"


def test_certificates_only(providers: Providers) -> None:
    made = codec.encode_signed_data(
        digest=b"", signer_infos=[], certificates=[issuer().certificate.der]
    )
    assert refusal(made, providers) == "signature.missing"


def test_old_gost_only_where_it_is_allowed(providers: Providers) -> None:
    old = signer(KeyKind.GOST_2001)
    digest = codec.encode_algorithm(encode_oid("1.2.643.2.2.9"))
    for oid in ("1.2.643.2.2.19", "1.2.643.2.2.3"):
        made = Draft(
            signer=old,
            digests=[digest],
            digest=digest,
            algorithm=codec.encode_algorithm(encode_oid(oid), codec.NULL),
        ).build()
        assert refusal(made, providers) == "signature.algorithm_not_allowed"
        for member in (SignatureAlgorithm.GOST_2001, SignatureAlgorithm.GOST_2001_URN):
            found = verify_detached(made, DATA, providers, allowed=frozenset({member}))
            assert found.algorithm is SignatureAlgorithm.GOST_2001
    with pytest.raises(SignatureError) as caught:
        sign_detached(DATA, old, at=samples.NOW)
    assert caught.value.code == "signature.algorithm_not_allowed"


def test_allowed_is_kept_to(providers: Providers) -> None:
    with pytest.raises(SignatureError) as caught:
        verify_detached(
            signature(KeyKind.EC_P256),
            DATA,
            providers,
            allowed=frozenset({SignatureAlgorithm.GOST_2012_256}),
        )
    assert caught.value.code == "signature.algorithm_not_allowed"


def _numbers(*numbers: int, tag: int = 0x30) -> bytes:
    return encode_value(tag, b"".join(map(codec.encode_integer, numbers)))


@pytest.mark.parametrize("kind", [KeyKind.EC_P256, KeyKind.EC_P384])
def test_ecdsa_has_one_form(providers: Providers, kind: KeyKind) -> None:
    made = signature(kind)
    signer_infos = read_value(made).children()[1].children()[0].children()[-1]
    octets = signer_infos.children()[0].children()[-1]
    value = read_value(octets.content)
    assert len(value.children()) == 2
    r, s = (int.from_bytes(one.content, "big") for one in value.children())
    negative = value.children()[0].encoded + b"\x02\x01\xff"
    for broken in (
        _numbers(r, s, tag=0x31),
        _numbers(r),
        _numbers(r, s, s),
        _numbers(r, 2**400),
        _numbers(s, r),
        encode_value(0x30, negative),
        encode_value(0x30, value.children()[0].encoded + b"\x0a\x01\x01"),
        b"",
        b"\x30",
        value.content,
        r.to_bytes(48, "big") + s.to_bytes(48, "big"),
    ):
        assert (
            refusal(_replace_signature(made, octets.encoded, broken), providers)
            == "signature.invalid"
        )


def _replace_signature(made: bytes, octets: bytes, value: bytes) -> bytes:
    """Return the file with another signature value; the lengths around it are made anew."""
    outer = read_value(made)
    content_type, wrapped = outer.children()
    *before, infos = wrapped.children()[0].children()
    info = infos.children()[0]
    assert info.content.endswith(octets)
    changed = info.content.removesuffix(octets) + encode_value(0x04, value)
    body = b"".join(one.encoded for one in before)
    body += encode_value(0x31, encode_value(0x30, changed))
    return encode_value(0x30, content_type.encoded + encode_value(0xA0, encode_value(0x30, body)))


# The last octet of 1.2.840.113549.1.1.1: with another one the same algorithm is named in full.
RSA_NAME = encode_oid("1.2.840.113549.1.1.1") + codec.NULL + b"\x04"


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300, deadline=None)
@given(draw=st.data())
def test_no_changed_byte_verifies(kind: KeyKind, draw: st.DataObject) -> None:
    made = bytearray(signature(kind))
    position = draw.draw(st.integers(0, len(made) - 1))
    made[position] ^= draw.draw(st.integers(1, 255))
    if position == signature(kind).rfind(RSA_NAME) + len(RSA_NAME) - 4:
        return
    with pytest.raises(SigningError):
        verify_detached(bytes(made), DATA, samples.providers())


@settings(max_examples=300, deadline=None)
@given(draw=st.data())
def test_no_cut_or_spliced_file_verifies(draw: st.DataObject) -> None:
    whole = signature(KeyKind.GOST_2012_256)
    start = draw.draw(st.integers(0, len(whole)))
    end = draw.draw(st.integers(start, len(whole)))
    made = whole[:start] + draw.draw(st.binary(max_size=40)) + whole[end:]
    if made == whole:
        return
    with pytest.raises(SigningError):
        verify_detached(made, DATA, samples.providers())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(made: bytes) -> None:
    for one in (made, b"\x30" + made, b"\x30\x80" + made, base64.b64encode(made)):
        with pytest.raises(SigningError):
            verify_detached(one, DATA, samples.providers())


@pytest.mark.parametrize("kind", [KeyKind.EC_P384, KeyKind.GOST_2012_256])
def test_every_byte_counts(providers: Providers, kind: KeyKind) -> None:
    whole = signature(kind)
    for position in range(len(whole)):
        made = bytearray(whole)
        made[position] ^= 1
        with pytest.raises(SigningError):
            verify_detached(bytes(made), DATA, providers)


def test_white_space_in_pem_costs_little(providers: Providers) -> None:
    data = b"-----BEGIN CMS-----" + b"\n" * 1_000_000 + b"A"
    started = time.process_time()
    with pytest.raises(SigningError):
        verify_detached(data, b"", providers)
    assert time.process_time() - started < 0.5
