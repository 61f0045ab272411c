"""Messages that passed through SMEV: its own signature over smev:Header and Body."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from lxml import etree

from signing.xml.wss import RECIPIENT_ACTOR, build_envelope, sign_envelope
from tests.support.messages import Caller
from tests.support.refusals import check_refused
from tests.support.replies import read_reply
from tests.support.server import Server

SMEV = "http://smev.gosuslugi.ru/rev120315"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def with_header(caller: Caller, message_id: str) -> bytes:
    """A signed request with smev:Header beside the signature, as SMEV adds it."""
    root = build_envelope(caller.payload())
    header = etree.Element(f"{{{SOAP}}}Header")
    root.insert(0, header)
    block = etree.SubElement(header, f"{{{SMEV}}}Header", nsmap={"smev": SMEV})
    for name, text in (
        ("NodeId", "00"),
        ("MessageId", message_id),
        ("TimeStamp", datetime.now(UTC).isoformat()),
        ("MessageClass", "REQUEST"),
    ):
        etree.SubElement(block, f"{{{SMEV}}}{name}").text = text
    return sign_envelope(root, caller.signer)


def seal(server: Server, message: bytes, name: str = "smev") -> bytes:
    """The message with the signature of SMEV's node, or of another in its place."""
    signer = server.installation.signer(name)
    return sign_envelope(etree.fromstring(message), signer, actor=RECIPIENT_ACTOR)


def test_sealed_request_is_known_by_the_id_of_smev(server: Server, agency: Caller) -> None:
    message_id = str(uuid4())
    reply = server.address.post(seal(server, with_header(agency, message_id)))
    message = read_reply(reply, server.installation).message
    assert message.request_id_ref == message_id


def test_same_id_with_another_body_is_refused(server: Server, agency: Caller) -> None:
    message_id = str(uuid4())
    first = server.address.post(seal(server, with_header(agency, message_id)))
    read_reply(first, server.installation)
    second = server.address.post(seal(server, with_header(agency, message_id)))
    check_refused(server, second, "replay.message_id_reused")


def test_one_id_for_many_bodies_at_once_is_one_message_s(server: Server, rsa: Caller) -> None:
    for _ in range(3):
        message_id = str(uuid4())
        messages = [seal(server, with_header(rsa, message_id)) for _ in range(6)]
        with ThreadPoolExecutor(len(messages)) as pool:
            replies = list(pool.map(server.address.post, messages))
        refused = [reply for reply in replies if reply.status != 200]
        assert len(refused) == len(messages) - 1
        for reply in refused:
            check_refused(server, reply, "replay.message_id_reused")


def test_overlong_id_is_the_sender_s_fault(server: Server, rsa: Caller) -> None:
    reply = server.address.post(seal(server, with_header(rsa, "x" * 201)))
    check_refused(server, reply, "schema.invalid")


def test_same_body_under_a_new_id_gets_the_stored_reply(server: Server, rsa: Caller) -> None:
    message = with_header(rsa, "first-id")
    first = server.address.post(seal(server, message))
    again = seal(server, message.replace(b"first-id", b"other-id"))
    assert server.address.post(again).body == first.body


def test_id_that_nobody_signed_means_nothing(server: Server, rsa: Caller) -> None:
    message_id = str(uuid4())
    for _ in range(2):
        reply = server.address.post(with_header(rsa, message_id))
        assert read_reply(reply, server.installation).message.request_id_ref != message_id


def test_header_changed_after_the_seal(server: Server, rsa: Caller) -> None:
    sealed = seal(server, with_header(rsa, "id-of-smev"))
    reply = server.address.post(sealed.replace(b"id-of-smev", b"id-of-evil"))
    check_refused(server, reply, "signature.invalid")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("stranger-rsa", "certificate.untrusted"),
        ("expired-rsa", "certificate.expired"),
        ("agency-rsa", "certificate.not_smev"),
        ("agency-gost", "certificate.not_smev"),
        ("gateway", "certificate.not_smev"),
    ],
)
def test_seal_of_somebody_else(server: Server, rsa: Caller, name: str, key: str) -> None:
    message = seal(server, with_header(rsa, str(uuid4())), name)
    check_refused(server, server.address.post(message), key)


def test_seal_alone_is_no_sender(server: Server, rsa: Caller) -> None:
    root = etree.fromstring(seal(server, with_header(rsa, str(uuid4()))))
    header = root[0]
    (own,) = [b for b in header if b.get(f"{{{SOAP}}}actor", "").endswith("/smev")]
    header.remove(own)
    check_refused(server, server.address.post(etree.tostring(root)), "signature.missing")
