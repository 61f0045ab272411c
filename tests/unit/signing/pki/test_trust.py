"""Whom a trust store accepts, and why it refuses the others."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.certificates import Certificate, parse_certificate
from signing.errors import SigningError, TrustError
from signing.pki.authority import Issuer, Subject, issue_certificate
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import GostChoice, KeyKind, PrivateKey, Providers, load_providers
from tests.unit.signing.samples import NOW

DAY = timedelta(days=1)
AUTHORITY = Subject("Корень", "Учреждение")
LEAF = Subject("Лист", "Учреждение")


def named(pki: dict[str, bytes], name: str) -> Certificate:
    return parse_certificate(pki[f"{name}.pem"])


def refusal(store: TrustStore, certificate: Certificate, at: datetime = NOW) -> str:
    with pytest.raises(TrustError) as caught:
        store.verify(certificate, at=at)
    return caught.value.code


@pytest.fixture
def store(pki: dict[str, bytes], providers: Providers) -> TrustStore:
    return TrustStore(TrustPolicy(anchors=(named(pki, "ca"),)), providers)


@pytest.mark.parametrize("name", ["agency-gost", "agency-rsa", "gateway", "gateway-rsa", "smev"])
def test_accepts_its_own(store: TrustStore, pki: dict[str, bytes], name: str) -> None:
    certificate = named(pki, name)
    for moment in (NOW, certificate.not_before, certificate.not_after):
        store.verify(certificate, at=moment)


@pytest.mark.parametrize(
    ("name", "at", "code"),
    [
        ("stranger-gost", NOW, "certificate.untrusted"),
        ("stranger-rsa", NOW, "certificate.untrusted"),
        ("stranger-rsa", NOW + 10_000 * DAY, "certificate.untrusted"),
        ("expired-gost", NOW, "certificate.expired"),
        ("expired-rsa", NOW, "certificate.expired"),
        ("expired-rsa", NOW - 2000 * DAY, "certificate.not_yet_valid"),
        ("agency-gost", NOW - 2 * DAY, "certificate.not_yet_valid"),
        ("agency-gost", NOW + 3000 * DAY, "certificate.expired"),
        ("ca", NOW, "certificate.usage"),
    ],
)
def test_refuses(
    store: TrustStore, pki: dict[str, bytes], name: str, at: datetime, code: str
) -> None:
    assert refusal(store, named(pki, name), at) == code
    # The second answer comes from memory and is the same.
    assert refusal(store, named(pki, name), at) == code


def test_expired_certificate_held_in_its_time(store: TrustStore, pki: dict[str, bytes]) -> None:
    store.verify(named(pki, "expired-gost"), at=NOW - 30 * DAY)
    assert refusal(store, named(pki, "expired-gost")) == "certificate.expired"
    store.verify(named(pki, "expired-gost"), at=NOW - 30 * DAY)


def test_ends_are_sharp(store: TrustStore, pki: dict[str, bytes]) -> None:
    certificate = named(pki, "agency-rsa")
    second = timedelta(seconds=1)
    assert refusal(store, certificate, certificate.not_after + second) == "certificate.expired"
    assert (
        refusal(store, certificate, certificate.not_before - second) == "certificate.not_yet_valid"
    )


def make(
    providers: Providers,
    kind: KeyKind,
    issuer: Issuer | None = None,
    *,
    subject: Subject = AUTHORITY,
    years: int = 1,
    start: datetime = NOW - DAY,
    is_authority: bool = True,
    serial: int = 1,
) -> tuple[Issuer, PrivateKey]:
    key = providers.generate_key(kind)
    certificate = issue_certificate(
        subject,
        key.public_key_info,
        issuer=issuer if issuer is not None else key,
        not_before=start,
        not_after=start + 365 * years * DAY,
        serial=serial,
        is_authority=is_authority,
    )
    return Issuer(certificate, key), key


@pytest.mark.parametrize("root_kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
@pytest.mark.parametrize("middle_kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
def test_chains_over_an_intermediate(
    providers: Providers, root_kind: KeyKind, middle_kind: KeyKind
) -> None:
    root, _ = make(providers, root_kind)
    middle, _ = make(providers, middle_kind, root, subject=Subject("Средний", "Учреждение"))
    leaf, _ = make(providers, KeyKind.GOST_2012_256, middle, subject=LEAF, is_authority=False)
    complete = TrustPolicy(anchors=(root.certificate,), intermediates=(middle.certificate,))
    TrustStore(complete, providers).verify(leaf.certificate, at=NOW)
    without = TrustStore(TrustPolicy(anchors=(root.certificate,)), providers)
    assert refusal(without, leaf.certificate) == "certificate.untrusted"
    alone = TrustPolicy(anchors=(), intermediates=(middle.certificate, root.certificate))
    assert refusal(TrustStore(alone, providers), leaf.certificate) == "certificate.untrusted"


def test_authority_of_the_same_name_and_another_key(providers: Providers) -> None:
    for kind in (KeyKind.GOST_2012_256, KeyKind.RSA_2048):
        root, _ = make(providers, kind)
        impostor, _ = make(providers, kind)
        leaf, _ = make(providers, kind, impostor, subject=LEAF, is_authority=False)
        store = TrustStore(TrustPolicy(anchors=(root.certificate,)), providers)
        assert refusal(store, leaf.certificate) == "certificate.untrusted"


def test_sender_cannot_issue(providers: Providers) -> None:
    root, _ = make(providers, KeyKind.RSA_2048)
    sender, _ = make(providers, KeyKind.RSA_2048, root, subject=LEAF, is_authority=False)
    forged, _ = make(
        providers, KeyKind.RSA_2048, sender, subject=Subject("Другой", "а"), is_authority=False
    )
    policy = TrustPolicy(anchors=(root.certificate,), intermediates=(sender.certificate,))
    assert refusal(TrustStore(policy, providers), forged.certificate) == "certificate.untrusted"


def test_authority_out_of_date(providers: Providers) -> None:
    root, _ = make(providers, KeyKind.RSA_2048, start=NOW - 400 * DAY)
    leaf, _ = make(
        providers,
        KeyKind.RSA_2048,
        root,
        subject=LEAF,
        start=NOW - 300 * DAY,
        years=5,
        is_authority=False,
    )
    store = TrustStore(TrustPolicy(anchors=(root.certificate,)), providers)
    assert refusal(store, leaf.certificate) == "certificate.expired"
    store.verify(leaf.certificate, at=NOW - 100 * DAY)
    assert refusal(store, leaf.certificate) == "certificate.expired"


def test_pinned_sender(pki: dict[str, bytes], providers: Providers) -> None:
    policy = TrustPolicy(anchors=(named(pki, "stranger-rsa"),))
    TrustStore(policy, providers).verify(named(pki, "stranger-rsa"), at=NOW)


def test_chain_needs_its_provider(pki: dict[str, bytes], providers: Providers) -> None:
    root, _ = make(providers, KeyKind.GOST_2012_256)
    leaf, _ = make(providers, KeyKind.RSA_2048, root, subject=LEAF, is_authority=False)
    policy = TrustPolicy(anchors=(root.certificate,))
    store = TrustStore(policy, load_providers(gost=GostChoice.NONE))
    assert refusal(store, leaf.certificate) == "certificate.untrusted"


def test_works_inside_an_event_loop(store: TrustStore, pki: dict[str, bytes]) -> None:
    async def check() -> None:
        store.verify(named(pki, "agency-gost"), at=NOW)

    asyncio.run(check())


def test_first_look_ups_of_several_threads(
    pki: dict[str, bytes], providers: Providers, eager_switches: None
) -> None:
    """What the threads share is read by one of them at a time: it is parsed as it is read."""
    names = ("agency-gost", "agency-rsa", "gateway", "gateway-rsa", "smev", "agency-gost")
    certificates = [named(pki, name) for name in (*names, "expired-rsa", "stranger-rsa")]
    stranger = named(pki, "stranger-ca")
    crl = revocation_list(pki, certificates[4].serial, revoked_at=NOW + DAY)
    policy = TrustPolicy((named(pki, "ca"),), intermediates=(stranger,), crls=(crl,))
    start = Barrier(len(certificates))

    def verdict(store: TrustStore, certificate: Certificate) -> str:
        start.wait()
        try:
            store.verify(certificate, at=NOW)
        except TrustError as error:
            return error.code
        return "accepted"

    with ThreadPoolExecutor(len(certificates)) as threads:
        for _ in range(40):
            stores = [TrustStore(policy, providers)] * len(certificates)
            assert list(threads.map(verdict, stores, certificates)) == [
                *["accepted"] * len(names),
                "certificate.expired",
                "certificate.untrusted",
            ]


def test_known_certificate_costs_microseconds(store: TrustStore, pki: dict[str, bytes]) -> None:
    certificate = named(pki, "agency-gost")
    store.verify(certificate, at=NOW)
    started = time.process_time()
    for _ in range(1000):
        store.verify(certificate, at=NOW)
    assert time.process_time() - started < 0.1


def test_refused_certificate_costs_microseconds(store: TrustStore, pki: dict[str, bytes]) -> None:
    certificate = named(pki, "stranger-rsa")
    assert refusal(store, certificate) == "certificate.untrusted"
    started = time.process_time()
    for number in range(1000):
        at = NOW + timedelta(milliseconds=number)
        assert refusal(store, certificate, at) == "certificate.untrusted"
    assert time.process_time() - started < 0.3
    store.verify(named(pki, "agency-rsa"), at=NOW)


def test_refusal_is_remembered_for_a_minute(providers: Providers) -> None:
    """An authority that becomes valid is believed a minute later at most."""
    root, _ = make(providers, KeyKind.RSA_2048, start=NOW)
    leaf, _ = make(providers, KeyKind.RSA_2048, root, subject=LEAF, is_authority=False)
    store = TrustStore(TrustPolicy(anchors=(root.certificate,)), providers)
    second = timedelta(seconds=1)
    assert refusal(store, leaf.certificate, NOW - second) == "certificate.untrusted"
    assert refusal(store, leaf.certificate, NOW + 58 * second) == "certificate.untrusted"
    store.verify(leaf.certificate, at=NOW + 59 * second)
    # Once found, the path answers wherever it holds, and nowhere else.
    store.verify(leaf.certificate, at=NOW)
    assert refusal(store, leaf.certificate, NOW - second) == "certificate.untrusted"


def test_strangers_push_no_sender_out(
    store: TrustStore, pki: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signing.pki.trust._CACHED_PATHS", 1)
    store.verify(named(pki, "agency-rsa"), at=NOW)
    for name in ("stranger-rsa", "stranger-gost"):
        assert refusal(store, named(pki, name)) == "certificate.untrusted"
    searched: list[Certificate] = []
    monkeypatch.setattr(store, "_search", lambda certificate, _: searched.append(certificate))
    store.verify(named(pki, "agency-rsa"), at=NOW)
    assert searched == []


def issued(
    pki: dict[str, bytes], *extensions: tuple[x509.ExtensionType, bool], issuer: str = "ca"
) -> Certificate:
    """A certificate of the authority with these extensions, each critical or not."""
    key = serialization.load_pem_private_key(pki[f"{issuer}.key"], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    builder = x509.CertificateBuilder(
        issuer_name=x509.load_pem_x509_certificate(pki[f"{issuer}.pem"]).subject,
        subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Лист")]),
        public_key=key.public_key(),
        serial_number=5,
        not_valid_before=NOW - DAY,
        not_valid_after=NOW + DAY,
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return parse_certificate(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    )


def test_authority_signs_no_messages(pki: dict[str, bytes], providers: Providers) -> None:
    certificate = issued(pki, (x509.BasicConstraints(ca=True, path_length=None), True))
    assert certificate.key_usage is None
    for anchor in (named(pki, "ca"), certificate):
        store = TrustStore(TrustPolicy(anchors=(anchor,)), providers)
        assert refusal(store, certificate) == "certificate.usage"


SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
# A use by the rules of a Russian authority: CryptoPro's client of a registration centre.
RUSSIAN = x509.ObjectIdentifier("1.2.643.2.2.34.6")


@pytest.mark.parametrize(
    ("uses", "is_critical", "accepted"),
    [
        ([SERVER], True, False),
        ([SERVER], False, True),
        ([SERVER, CLIENT], True, True),
        ([CLIENT], True, True),
        ([ExtendedKeyUsageOID.EMAIL_PROTECTION], True, True),
        ([RUSSIAN], True, True),
        ([RUSSIAN, SERVER], True, True),
    ],
)
def test_extended_key_usage(
    store: TrustStore,
    pki: dict[str, bytes],
    uses: list[x509.ObjectIdentifier],
    is_critical: bool,
    accepted: bool,
) -> None:
    certificate = issued(pki, (x509.ExtendedKeyUsage(uses), is_critical))
    if accepted:
        store.verify(certificate, at=NOW)
    else:
        assert refusal(store, certificate) == "certificate.usage"


def resign(
    certificate: Certificate, pki: dict[str, bytes], name: str, digest: hashes.HashAlgorithm
) -> Certificate:
    """The same certificate, signed by its authority with another digest."""
    key = serialization.load_pem_private_key(pki["ca.key"], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    changed = asn1_x509.Certificate.load(certificate.der)
    changed["tbs_certificate"]["signature"] = {"algorithm": name}
    changed["signature_algorithm"] = {"algorithm": name}
    signed = changed["tbs_certificate"].dump(force=True)
    changed["signature_value"] = key.sign(signed, padding.PKCS1v15(), digest)
    return parse_certificate(changed.dump(force=True))


def test_weak_signature_of_the_authority(store: TrustStore, pki: dict[str, bytes]) -> None:
    good = named(pki, "agency-rsa")
    store.verify(resign(good, pki, "sha512_rsa", hashes.SHA512()), at=NOW)
    weak = resign(good, pki, "sha1_rsa", hashes.SHA1())
    assert refusal(store, weak) == "certificate.untrusted"


def revocation_list(
    pki: dict[str, bytes], serial: int, *, revoked_at: datetime, key_name: str = "ca"
) -> bytes:
    key = serialization.load_pem_private_key(pki[f"{key_name}.key"], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    issuer = x509.load_pem_x509_certificate(pki["ca.pem"])
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(serial)
        .revocation_date(revoked_at.astimezone(UTC))
        .build()
    )
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(NOW - 10 * DAY)
        .next_update(NOW + 10 * DAY)
        .add_revoked_certificate(entry)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def test_revoked(pki: dict[str, bytes], providers: Providers) -> None:
    certificate = named(pki, "agency-gost")
    crl = revocation_list(pki, certificate.serial, revoked_at=NOW - timedelta(hours=2))
    policy = TrustPolicy(anchors=(named(pki, "ca"),), crls=(crl,))
    store = TrustStore(policy, providers)
    store.verify(named(pki, "agency-rsa"), at=NOW)
    assert refusal(store, certificate) == "certificate.revoked"
    store.verify(certificate, at=NOW - timedelta(hours=3))


def test_revocation_list_of_another_hand_revokes_nothing(
    pki: dict[str, bytes], providers: Providers
) -> None:
    certificate = named(pki, "agency-gost")
    crl = revocation_list(pki, certificate.serial, revoked_at=NOW - DAY, key_name="stranger-ca")
    store = TrustStore(TrustPolicy(anchors=(named(pki, "ca"),), crls=(crl,)), providers)
    store.verify(certificate, at=NOW)


def test_outdated_revocation_list_still_revokes(
    pki: dict[str, bytes], providers: Providers
) -> None:
    certificate = named(pki, "agency-gost")
    crl = revocation_list(pki, certificate.serial, revoked_at=NOW - DAY)
    store = TrustStore(TrustPolicy(anchors=(named(pki, "ca"),), crls=(crl,)), providers)
    assert refusal(store, certificate, NOW + 100 * DAY) == "certificate.revoked"


def test_broken_revocation_list(pki: dict[str, bytes], providers: Providers) -> None:
    with pytest.raises(SigningError) as caught:
        TrustStore(TrustPolicy(anchors=(), crls=(b"x",)), providers)
    assert caught.value.code == "certificate.malformed"
