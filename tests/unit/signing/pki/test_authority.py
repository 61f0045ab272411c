"""The demonstration's hierarchy: complete, loadable, and the same authorities everywhere."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from signing.certificates import INN, OGRN, parse_certificate
from signing.errors import TrustError
from signing.pki.authority import Subject, demo_hierarchy, issue_certificate
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import GostChoice, KeyKind, Providers, load_providers
from tests.unit.signing import samples

RSA_NAMES = [
    "ca",
    "stranger-ca",
    "gateway-rsa",
    "agency-rsa",
    "smev",
    "expired-rsa",
    "stranger-rsa",
    "intermediate",
    "revoked-rsa",
    "wrong-usage-rsa",
    "branch-rsa",
    "branch-revoked-rsa",
]
GOST_NAMES = [
    "gateway",
    "agency-gost",
    "expired-gost",
    "stranger-gost",
    "ca-gost",
    "intermediate-gost",
    "revoked-gost",
    "wrong-usage-gost",
    "branch-gost",
    "branch-revoked-gost",
]
RSA_LISTS = {"crl/ca.crl", "crl/intermediate.crl"}
GOST_LISTS = {"crl/ca-gost.crl", "crl/intermediate-gost.crl"}


def files_of(names: list[str]) -> set[str]:
    return {f"{name}.{kind}" for name in names for kind in ("key", "pem")}


def test_everything_is_there(pki: dict[str, bytes], providers: Providers) -> None:
    names = RSA_NAMES + GOST_NAMES
    assert set(pki) == files_of(names) | RSA_LISTS | GOST_LISTS
    for name in names:
        providers.load_signer(pki[f"{name}.key"], pki[f"{name}.pem"])


def test_without_gost_only_the_rsa_half(pki: dict[str, bytes]) -> None:
    made = demo_hierarchy(
        load_providers(gost=GostChoice.NONE), now=samples.NOW, random_bytes=os.urandom
    )
    assert set(made) == files_of(RSA_NAMES) | RSA_LISTS


def test_validity(pki: dict[str, bytes]) -> None:
    agency = parse_certificate(pki["agency-gost.pem"])
    assert agency.not_before == samples.NOW - timedelta(days=1)
    assert agency.not_after.year == samples.NOW.year + 5
    assert parse_certificate(pki["expired-gost.pem"]).not_after < samples.NOW
    authority = parse_certificate(pki["ca.pem"])
    assert authority.not_before < parse_certificate(pki["expired-rsa.pem"]).not_before
    assert authority.not_after > agency.not_after


def test_serial_numbers_differ(pki: dict[str, bytes]) -> None:
    serials = [parse_certificate(pki[name]).serial for name in pki if name.endswith(".pem")]
    assert len(set(serials)) == len(serials)
    assert all(0 < serial < 2**159 for serial in serials)


@pytest.mark.parametrize("name", ["ca", "agency-gost", "agency-rsa"])
def test_cryptography_reads_the_extensions(pki: dict[str, bytes], name: str) -> None:
    certificate = x509.load_pem_x509_certificate(pki[f"{name}.pem"])
    extensions = certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.ca is (name == "ca")
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature is (name != "ca")
    assert usage.key_cert_sign is (name == "ca")
    authority = x509.load_pem_x509_certificate(pki["ca.pem"]).extensions
    own = authority.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    issuer = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert issuer.key_identifier == own


def check_digits_hold(ogrn: str, inn: str) -> bool:
    body = inn[2:]
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    control = sum(w * int(d) for w, d in zip(weights, body, strict=False)) % 11 % 10
    return int(ogrn[:12]) % 11 % 10 == int(ogrn[12]) and control == int(body[9])


def test_numbers_of_organisations(pki: dict[str, bytes]) -> None:
    for name in ("gateway", "agency-gost", "agency-rsa", "branch-gost"):
        certificate = parse_certificate(pki[f"{name}.pem"])
        ogrn, inn = certificate.subject_field(OGRN), certificate.subject_field(INN)
        assert ogrn is not None
        assert inn is not None
        assert check_digits_hold(ogrn, inn), name


def test_dates_after_2049(providers: Providers) -> None:
    key = providers.generate_key(KeyKind.RSA_2048)
    start = datetime(2049, 12, 31, tzinfo=UTC)
    certificate = issue_certificate(
        Subject("а", "б"),
        key.public_key_info,
        issuer=key,
        not_before=start,
        not_after=start + timedelta(days=700),
        serial=1,
    )
    assert certificate.not_before == start
    assert certificate.not_after == start + timedelta(days=700)


@pytest.fixture
def store(pki: dict[str, bytes], providers: Providers) -> TrustStore:
    """As the demonstration's configuration makes it."""
    policy = TrustPolicy(
        anchors=tuple(parse_certificate(pki[name]) for name in ("ca.pem", "ca-gost.pem")),
        intermediates=tuple(
            parse_certificate(pki[f"{name}.pem"]) for name in ("intermediate", "intermediate-gost")
        ),
        crls=tuple(data for name, data in pki.items() if name.endswith(".crl")),
        require_revocation=True,
    )
    return TrustStore(policy, providers)


@pytest.mark.parametrize("kind", ["gost", "rsa"])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("agency", ""),
        ("branch", ""),
        ("revoked", "certificate.revoked"),
        ("branch-revoked", "certificate.revoked"),
        ("expired", "certificate.expired"),
        ("wrong-usage", "certificate.usage"),
        ("stranger", "certificate.untrusted"),
    ],
)
def test_each_is_what_its_name_says(
    store: TrustStore, pki: dict[str, bytes], name: str, kind: str, code: str
) -> None:
    certificate = parse_certificate(pki[f"{name}-{kind}.pem"])
    try:
        store.verify(certificate, at=samples.NOW)
        assert code == ""
    except TrustError as error:
        assert error.code == code


@pytest.mark.parametrize(
    ("leaf", "above", "root"),
    [
        ("branch-rsa", "intermediate", "ca"),
        ("branch-gost", "intermediate-gost", "ca-gost"),
    ],
)
def test_branches_hang_below_an_intermediate(
    pki: dict[str, bytes], leaf: str, above: str, root: str
) -> None:
    parsed = [parse_certificate(pki[f"{name}.pem"]) for name in (leaf, above, root)]
    assert [one.issuer for one in parsed[:2]] == [one.subject for one in parsed[1:]]
    assert len({one.public_key_algorithm for one in parsed}) == 1


def test_agencies_stay_directly_below_the_first_authority(pki: dict[str, bytes]) -> None:
    authority = parse_certificate(pki["ca.pem"])
    for name in ("gateway", "agency-gost", "agency-rsa", "revoked-gost", "expired-gost"):
        assert parse_certificate(pki[f"{name}.pem"]).issuer == authority.subject
