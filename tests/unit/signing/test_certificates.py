"""Reading certificates: fields by name, and every kind of broken bytes."""

from __future__ import annotations

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.certificates import (
    INN,
    INN_LEGAL,
    OGRN,
    OGRNIP,
    SNILS,
    Certificate,
    _format_name,
    _parse_der,
    format_pem,
    parse_certificate,
    parse_certificates,
)
from signing.errors import SigningError
from signing.pki.issuing import Subject, issue_certificate
from signing.providers import KeyKind, Providers
from tests.unit.signing import samples


def test_reads_a_gost_certificate(pki: dict[str, bytes]) -> None:
    certificate = parse_certificate(pki["agency-gost.pem"])
    assert certificate.subject_field(OGRN) == "1027700999985"
    assert certificate.subject_field(INN) == "007799999980"
    assert certificate.subject_field(SNILS) is None
    assert certificate.subject.endswith(",O=Соцзащита Приозёрской области,C=RU")
    assert certificate.issuer.startswith("CN=Учебный УЦ")
    assert certificate.public_key_algorithm == "1.2.643.7.1.1.1.1"
    assert certificate.key_usage == {"digital_signature"}
    assert certificate.not_before < samples.NOW < certificate.not_after
    assert len(certificate.fingerprint) == 64


def test_pem_and_der_are_the_same(pki: dict[str, bytes]) -> None:
    certificate = parse_certificate(pki["gateway.pem"])
    assert parse_certificate(certificate.der) == certificate
    assert parse_certificate(format_pem(certificate)) == certificate
    assert parse_certificate(b"Bag Attributes\r\n" + pki["gateway.pem"].replace(b"\n", b"\r\n"))


def test_bundle_keeps_its_order(pki: dict[str, bytes]) -> None:
    bundle = pki["gateway.pem"] + b"# a comment\n" + pki["ca.pem"]
    assert [one.subject[:12] for one in parse_certificates(bundle)] == [
        parse_certificate(pki[name]).subject[:12] for name in ("gateway.pem", "ca.pem")
    ]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"x",
        b"\x30\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30" * 40_000,
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
)
def test_broken_bytes(broken: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        parse_certificate(broken)
    assert caught.value.code == "certificate.malformed"


def test_bundle_of_one_in_der(pki: dict[str, bytes]) -> None:
    certificate = parse_certificate(pki["gateway.pem"])
    assert parse_certificates(certificate.der) == (certificate,)


@pytest.mark.parametrize("broken", [b"", b"garbage", b"\x30\x03\x02\x01\x00", b"\0" * 40_000])
def test_broken_bundle(broken: bytes, pki: dict[str, bytes]) -> None:
    marked = b"-----BEGIN CERTIFICATE-----\n" + broken + b"\n-----END CERTIFICATE-----\n"
    for bundle in (broken, marked, pki["ca.pem"] + marked):
        with pytest.raises(SigningError) as caught:
            parse_certificates(bundle)
        assert caught.value.code == "certificate.malformed"


def test_der_only(pki: dict[str, bytes]) -> None:
    certificate = parse_certificate(pki["gateway.pem"])
    assert parse_certificate(certificate.der, der_only=True) == certificate
    with pytest.raises(SigningError):
        parse_certificate(pki["gateway.pem"], der_only=True)


def test_trailing_bytes_are_refused(pki: dict[str, bytes]) -> None:
    with pytest.raises(SigningError):
        parse_certificate(parse_certificate(pki["gateway.pem"]).der + b"\0")


def test_first_certificates_of_several_threads(pki: dict[str, bytes], eager_switches: None) -> None:
    """asn1crypto makes its classes ready at their first use, as if there were one thread."""
    pems = [content for name, content in pki.items() if name.endswith(".pem")][:8]
    expected = [parse_certificate(pem).subject for pem in pems]
    start = Barrier(len(pems))

    def read(pem: bytes) -> str:
        start.wait()
        return parse_certificate(pem).subject

    with ThreadPoolExecutor(len(pems)) as threads:
        for _ in range(40):
            core._SETUP_CLASSES.clear()
            _parse_der.cache_clear()
            assert list(threads.map(read, pems)) == expected


@given(position=st.integers(0, 2000), value=st.integers(0, 255), cut=st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_changed_bytes_raise_only_errors_of_this_package(
    position: int, value: int, cut: int
) -> None:
    der = bytearray(parse_certificate(samples.hierarchy()["stranger-rsa.pem"]).der)
    der[position % len(der)] = value
    try:
        parse_certificate(bytes(der[: len(der) - cut]))
    except SigningError as error:
        assert error.code == "certificate.malformed"


def test_names_are_escaped() -> None:
    fields = [("2.5.4.10", 'ООО "Рога, копыта"'), ("1.2.3", "#a\n\x1b[0m"), ("2.5.4.3", " x")]
    assert _format_name(fields) == r"CN=\ x,1.2.3=\#a\0A\1B[0m,O=ООО \"Рога\, копыта\""


@pytest.mark.parametrize(
    ("character", "escaped"),
    [
        ("\x7f", r"\7F"),
        ("\x9b", r"\C2\9B"),
        ("\u00ad", r"\C2\AD"),
        ("\u200b", r"\E2\80\8B"),
        ("\u2028", r"\E2\80\A8"),
        ("\u2029", r"\E2\80\A9"),
        ("\u202e", r"\E2\80\AE"),
        ("\u2066", r"\E2\81\A6"),
        ("\U000e0041", r"\F3\A0\81\81"),
        ("ё", "ё"),
        ("\u00a0", "\u00a0"),
    ],
)
def test_invisible_characters_of_a_name_are_escaped(character: str, escaped: str) -> None:
    assert _format_name([("2.5.4.3", f"a{character}b")]) == f"CN=a{escaped}b"


@pytest.mark.skipif(not samples.REFERENCE.is_dir(), reason="no reference material beside")
def test_reads_certificates_met_in_the_wild() -> None:
    for path in sorted((samples.REFERENCE / "signed").glob("*.xml")):
        found = re.search(r"(?:X509Certificate|Token)[^>]*>([^<]+)<", path.read_text("utf-8"))
        assert found is not None
        certificate = parse_certificate(base64.b64decode(found[1]))
        assert certificate.public_key_algorithm in {"1.2.643.2.2.19", "1.2.643.7.1.1.1.1"}


FORMS = {
    "ogrn": (OGRN, "1027700999996"),
    "ogrnip": (OGRNIP, "304770000000004"),
    "inn": (INN, "007799999997"),
    "inn_legal": (INN_LEGAL, "7799999997"),
    "snils": (SNILS, "11223344595"),
}


def with_fields(*fields: tuple[str, str]) -> Certificate:
    return replace(parse_certificate(samples.hierarchy()["smev.pem"]), subject_fields=fields)


@pytest.mark.parametrize("name", FORMS)
def test_numbers_of_the_subject(pki: dict[str, bytes], name: str) -> None:
    oid, number = FORMS[name]
    assert getattr(with_fields(("2.5.4.3", "а"), (oid, number)), name) == number
    assert getattr(with_fields((oid, number), (oid, number)), name) == number
    assert getattr(with_fields(("2.5.4.3", number)), name) is None


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("defect", ["short", "long", "letter", "other_digits", "space", "two"])
def test_number_of_no_such_form(pki: dict[str, bytes], name: str, defect: str) -> None:
    oid, number = FORMS[name]
    broken = {
        "short": [number[:-1]],
        "long": [number + "0"],
        "letter": [number[:-1] + "O"],
        "other_digits": [number[:-1] + "٣"],
        "space": [number[:-1] + " "],
        "two": [number, number[::-1]],
    }[defect]
    assert getattr(with_fields(*((oid, value) for value in broken)), name) is None


def test_repr_shows_nobody(providers: Providers) -> None:
    key = providers.generate_key(KeyKind.GOST_2012_256)
    certificate = issue_certificate(
        Subject("Иванова Анна", "б", snils="11223344595", inn="500100732259"),
        key.public_key_info,
        issuer=key,
        not_before=samples.NOW,
        not_after=samples.NOW,
        serial=1,
    )
    assert certificate.snils == "11223344595"
    shown = repr(certificate) + repr([certificate]) + f"{certificate}"
    for secret in ("11223344595", "500100732259", "Иванова"):
        assert secret in certificate.subject
        assert secret not in shown
