"""What the authority can put into certificates and lists, as another reader sees it."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.certificates import Certificate
from signing.pki.issuing import Revocation, RevocationReason, Subject, issue_certificate
from signing.providers import KeyKind, Providers
from tests.unit.signing import authorities
from tests.unit.signing.authorities import DAY, HOUR, Tree, good_list
from tests.unit.signing.samples import NOW

URIS = ("http://crl.kontingent.example/a.crl", "http://crl.kontingent.example/b.crl")


@pytest.fixture(params=[KeyKind.GOST_2012_256, KeyKind.RSA_2048])
def tree(request: pytest.FixtureRequest, providers: Providers) -> Tree:
    return authorities.tree(request.param)


def extensions(certificate: Certificate) -> x509.Extensions:
    return x509.load_der_x509_certificate(certificate.der).extensions


def test_extensions_of_a_sender(tree: Tree) -> None:
    uses = (ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string, "1.2.643.2.2.34.6")
    made = extensions(
        tree.leaf(
            key_usage=frozenset({"digital_signature", "non_repudiation"}),
            extended_key_usage=uses,
            crl_distribution_points=URIS,
        )
    )
    usage = made.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    listed = made.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert tuple(use.dotted_string for use in listed) == uses
    (point,) = made.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    assert tuple(name.value for name in point.full_name) == URIS


def test_nothing_is_put_in_unasked(tree: Tree) -> None:
    made = {one.oid for one in extensions(tree.leaf(key_usage=frozenset()))}
    assert made == {
        x509.BasicConstraints.oid,
        x509.SubjectKeyIdentifier.oid,
        x509.AuthorityKeyIdentifier.oid,
    }


def test_path_length(tree: Tree) -> None:
    for length in (0, 3, None):
        made = extensions(tree.authority("length", path_length=length).certificate)
        assert made.get_extension_for_class(x509.BasicConstraints).value.path_length == length


def test_subject_numbers(tree: Tree) -> None:
    numbers = {
        "ogrn": "1027700999996",
        "ogrnip": "304770000000004",
        "inn": "007799999997",
        "inn_legal": "7799999997",
        "snils": "11223344595",
    }
    key = authorities.key(tree.kind, "leaf")
    made = issue_certificate(
        Subject("а", "б", **numbers),
        key.public_key_info,
        issuer=tree.root,
        not_before=NOW,
        not_after=NOW + DAY,
        serial=9,
    )
    assert {name: getattr(made, name) for name in numbers} == numbers
    assert "OGRNIP=304770000000004" in made.subject


def test_list(tree: Tree) -> None:
    held = Revocation(7, NOW - HOUR, RevocationReason.CERTIFICATE_HOLD)
    made = x509.load_der_x509_crl(
        good_list(tree.middle, Revocation(5, NOW - 2 * HOUR), held, this_update=NOW)
    )
    assert [one.serial_number for one in made] == [5, 7]
    five, seven = made
    assert five.revocation_date_utc == NOW - 2 * HOUR
    assert len(five.extensions) == 0
    reason = seven.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.certificate_hold
    assert (made.last_update_utc, made.next_update_utc) == (NOW, NOW + DAY)
    assert made.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 1
    own = extensions(tree.middle.certificate).get_extension_for_class(x509.SubjectKeyIdentifier)
    issuer = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert issuer.value.key_identifier == own.value.digest


def test_empty_list(tree: Tree) -> None:
    made = x509.load_der_x509_crl(good_list(tree.root, next_update=None))
    assert list(made) == []
    assert made.next_update_utc is None


def test_reasons_are_the_standards() -> None:
    names = {flag.name for flag in x509.ReasonFlags}
    assert {reason.value for reason in RevocationReason} <= names
