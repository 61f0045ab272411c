"""Messages that are not signed as they should be, or not by whom they should be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from signing.errors import ParseError
from signing.pki import authority as authority_names
from signing.pki.authority import Issuer, Subject, issue_certificate
from signing.providers import KeyKind, PrivateKey, Signer
from signing.xml.parser import parse_document
from signing.xml.wss import build_envelope
from tests.support.fixtures import AGENCIES
from tests.support.installation import RIGHTLESS, Installation
from tests.support.messages import CODES, Caller, caller
from tests.support.refusals import check_honest, check_refused
from tests.support.server import Server
from tests.unit.signing.defects import DEFECTS, break_message

# They are about the content of that package's own sample, which ours has not.
NOT_FOR_US = {"changed_attribute", "other_prefix"}


@pytest.mark.parametrize("name", [name for name in DEFECTS if name not in NOT_FOR_US])
def test_each_broken_sibling_is_refused(server: Server, rsa: Caller, name: str) -> None:
    key, broken = break_message(name, rsa.ask(case_number="ORIGINAL"))
    before = server.cpu_s()
    reply = server.address.post(broken)
    assert server.cpu_s() - before < 1
    check_refused(server, reply, key)


def test_unsigned(server: Server, rsa: Caller) -> None:
    message = etree.tostring(build_envelope(rsa.payload()))
    check_refused(server, server.address.post(message), "signature.missing")


@pytest.mark.parametrize(
    "change",
    [
        (b"112-233-445 95", b"112-233-445 96"),
        (b"<smev:Status>REQUEST", b"<smev:Status>PING"),
        (b"<smev:TypeCode>GFNC", b"<smev:TypeCode>GSRV"),
        (b"</op:FindStudent>", b" </op:FindStudent>"),
        (b"<smev:Message>", b"<smev:Message a='b'>"),
        (b"112-233-445 95", b"112-233-445\xc2\xa095"),
    ],
)
def test_tampered(server: Server, agency: Caller, change: tuple[bytes, bytes]) -> None:
    message = agency.ask()
    assert change[0] in message
    reply = server.address.post(message.replace(*change))
    check_refused(server, reply, "signature.invalid")


@pytest.mark.parametrize("name", AGENCIES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_change_of_the_body_is_a_fault(server: Server, name: str, data: st.DataObject) -> None:
    good = caller(server.installation, name).ask()
    begin, end = good.index(b"<smev:Message>"), good.index(b"</soapenv:Body>")
    # Two signed messages are not of one length, and what is drawn must not depend on it.
    at = begin + data.draw(st.integers(0, 1_000_000)) % (end - begin)
    other = good[at] ^ data.draw(st.integers(1, 255))
    broken = good[:at] + bytes([other]) + good[at + 1 :]
    if _signs_the_same(broken, good):
        return
    reply = server.address.post(broken)
    assert (reply.status, b"Fault>" in reply.body) == (500, True)


def _signs_the_same(one: bytes, other: bytes) -> bool:
    """Whether two messages differ only in what C14N leaves out (a space within a tag)."""
    try:
        first, second = (
            etree.tostring(parse_document(each)[-1], method="c14n", exclusive=True)
            for each in (one, other)
        )
    except (ParseError, etree.C14NError):
        return False
    return first == second


def test_comments_are_dropped_before_values_are_read(server: Server, rsa: Caller) -> None:
    """C14N signs what is left without comments, so that is also what is read."""
    message = rsa.ask().replace(b"112-233-445 95", b"112-233<!-- x -->-445 95")
    reply = server.address.post(message)
    assert (reply.status, b"<smev:Status>RESULT<" in reply.body) == (200, True)


def test_cdata_reads_as_its_text(server: Server, rsa: Caller) -> None:
    message = rsa.ask().replace(b"112-233-445 95", b"112-<![CDATA[233-445]]> 95")
    reply = server.address.post(message)
    assert (reply.status, b"<smev:Status>RESULT<" in reply.body) == (200, True)


# Who signed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("stranger-gost", "certificate.untrusted"),
        ("stranger-rsa", "certificate.untrusted"),
        ("expired-gost", "certificate.expired"),
        ("expired-rsa", "certificate.expired"),
        ("revoked-gost", "certificate.revoked"),
        ("revoked-rsa", "certificate.revoked"),
        ("branch-revoked-gost", "certificate.revoked"),
        ("wrong-usage-gost", "certificate.usage"),
        ("wrong-usage-rsa", "certificate.usage"),
        ("branch-gost", "sender.unknown"),
        ("branch-rsa", "sender.unknown"),
        ("gateway-rsa", "sender.unknown"),
        ("gateway", "sender.unknown"),
    ],
)
def test_certificate_that_may_not_ask(server: Server, name: str, key: str) -> None:
    for code in CODES.values():
        message = caller(server.installation, name, code).ask()
        check_refused(server, server.address.post(message), key)


@pytest.mark.parametrize(
    "code", ["DEMO00002", RIGHTLESS, "", "demo00001", "DEMO00001\u200b", "KONT00001"]
)
def test_sender_is_who_the_certificate_says(server: Server, gost: Caller, code: str) -> None:
    message = replace(gost, code=code or "-").ask()
    check_refused(server, server.address.post(message), "sender.code_mismatch")


def test_agency_without_the_right(server: Server) -> None:
    message = caller(server.installation, "smev", RIGHTLESS).ask()
    check_refused(server, server.address.post(message), "access.denied")


def test_trust_is_asked_before_what_is_asked_for(server: Server) -> None:
    stranger = caller(server.installation, "stranger-rsa", "DEMO00002")
    message = stranger.sign(etree.fromstring('<a xmlns="urn:x"/>'))
    check_refused(server, server.address.post(message), "certificate.untrusted")


def _issue(
    installation: Installation,
    key: PrivateKey,
    *,
    by: str = "ca",
    days: tuple[int, int] = (-1, 30),
    is_authority: bool = False,
) -> Signer:
    """A signer of a new certificate that an authority of the demonstration has issued."""
    issuer = installation.signer(by)
    now = datetime.now(UTC)
    certificate = issue_certificate(
        Subject("ИС «Новая»", "Ведомство"),
        key.public_key_info,
        issuer=Issuer(issuer.certificate, issuer._key),
        not_before=now + timedelta(days=days[0]),
        not_after=now + timedelta(days=days[1]),
        serial=77,
        is_authority=is_authority,
    )
    return replace(issuer, certificate=certificate, algorithm=key.algorithm, _key=key)


def _new_key(installation: Installation) -> PrivateKey:
    return installation.providers.generate_key(KeyKind.RSA_2048)


ODD_SIGNERS: dict[str, tuple[str, Callable[[Installation], Signer]]] = {
    "not yet valid": (
        "certificate.not_yet_valid",
        lambda made: _issue(made, _new_key(made), days=(1, 30)),
    ),
    "issued by an agency": (
        "certificate.untrusted",
        lambda made: _issue(made, _new_key(made), by="agency-rsa"),
    ),
    "not for signatures": (
        "certificate.usage",
        lambda made: _issue(made, _new_key(made), is_authority=True),
    ),
    "authority itself": ("certificate.usage", lambda made: made.signer("ca")),
    "of the authority, not registered": (
        "sender.unknown",
        lambda made: _issue(made, _new_key(made)),
    ),
}


@pytest.mark.parametrize("name", ODD_SIGNERS)
def test_odd_certificates(server: Server, name: str) -> None:
    key, make = ODD_SIGNERS[name]
    message = Caller("DEMO00002", make(server.installation)).ask()
    check_refused(server, server.address.post(message), key)


def test_certificate_of_an_impostor_with_the_authoritys_name(server: Server) -> None:
    """The same subject as the trusted authority, but another key."""
    made = server.installation
    key = _new_key(made)
    now = datetime.now(UTC)
    authority = issue_certificate(
        authority_names._CA,
        key.public_key_info,
        issuer=key,
        not_before=now - timedelta(days=9),
        not_after=now + timedelta(days=9),
        serial=1,
        is_authority=True,
    )
    assert authority.subject == made.signer("ca").certificate.subject
    own = _new_key(made)
    certificate = issue_certificate(
        Subject("ИС", "О"),
        own.public_key_info,
        issuer=Issuer(authority, key),
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=1),
        serial=2,
    )
    signer = replace(made.signer("ca"), certificate=certificate, _key=own)
    message = Caller("DEMO00002", signer).ask()
    check_refused(server, server.address.post(message), "certificate.untrusted")


class _WeakKey:
    """An RSA key of 1024 bits, which our own provider would not make."""

    def __init__(self, installation: Installation) -> None:
        self._key = rsa_keys.generate_private_key(65537, 1024)
        self.algorithm = installation.signer("agency-rsa").algorithm

    @property
    def public_key_info(self) -> bytes:
        public = self._key.public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, PKCS1v15(), SHA256())

    def export_pem(self) -> bytes:
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_key_that_is_too_weak(server: Server) -> None:
    made = server.installation
    signer = _issue(made, _WeakKey(made))
    message = Caller("DEMO00002", signer).ask()
    check_refused(server, server.address.post(message), "signature.key_unusable")


def test_relative_namespace_name(server: Server, rsa: Caller) -> None:
    """C14N refuses it, so that nobody can have signed it."""
    message = rsa.ask().replace(b'xmlns:op="', b'xmlns:rel="relative" rel:a="" xmlns:op="')
    check_refused(server, server.address.post(message), "signature.not_canonical")


def test_our_own_reply_sent_back_is_no_request(server: Server, agency: Caller) -> None:
    reply = server.address.post(agency.ask())
    check_refused(server, server.address.post(reply.body), "operation.unknown", faultcode="Client")


def test_signature_of_another_message_does_not_fit(server: Server, agency: Caller) -> None:
    first, second = (etree.fromstring(agency.ask()) for _ in range(2))
    second.replace(second[0], first[0])
    check_refused(server, server.address.post(etree.tostring(second)), "signature.invalid")


def test_honest_requests_are_answered_after_all_that(server: Server, agency: Caller) -> None:
    check_honest(server, agency)
