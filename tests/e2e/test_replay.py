"""The same message again gets the same reply, byte for byte, however it comes."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from lxml import etree

from journal.chain import check_chain
from store.engine import create_engine_for
from store.journal_reader import JournalReader, StoredRecord
from tests.support.installation import Installation
from tests.support.messages import Caller
from tests.support.replies import read_reply, read_status
from tests.support.server import Server, running_server

COPIES = 50


@pytest.fixture(scope="module")
def two_workers(installation: Installation) -> Iterator[Server]:
    """A second gateway, of two processes, on the same register and journal."""
    with running_server(installation, workers=2, name="two-workers") as running:
        yield running


@pytest.fixture(params=["one process", "two processes"])
def gateway(request: pytest.FixtureRequest) -> Server:
    name = "server" if request.param == "one process" else "two_workers"
    running: Server = request.getfixturevalue(name)
    return running


def records(installation: Installation) -> list[StoredRecord]:
    engine = create_engine_for(installation.config.database_url)
    try:
        return list(JournalReader(engine).iterate())
    finally:
        engine.dispose()


def test_same_bytes(server: Server, agency: Caller) -> None:
    message = agency.ask()
    before = len(records(server.installation))
    replies = {server.address.post(message).body for _ in range(3)}
    assert len(replies) == 1
    new = records(server.installation)[before:]
    assert len(new) == 6
    assert Counter(record.status for record in new) == {None: 3, "RESULT": 3}
    assert len([record for record in new if record.replay_key is not None]) == 1


def test_each_repeated_disclosure_is_in_the_audit_stream(server: Server, rsa: Caller) -> None:
    message = rsa.ask(case_number="twice-told")
    for _ in range(2):
        assert server.address.post(message).status == 200
    assert server.installation.audit.count('case="twice-told"') == 2


REWRITINGS = {
    "space outside of what is signed": lambda message: message.replace(
        b"<soapenv:Body", b"\n  <soapenv:Body"
    ).replace(b"<soapenv:Header>", b"<soapenv:Header>\n\t"),
    "space after the end": lambda message: message + b"\n\n",
    "no declaration": lambda message: message.partition(b"?>\n")[2],
    "other quotes": lambda message: re.sub(
        rb'(wsu:Id|Algorithm)="([^"\']*)"', rb"\1='\2'", message
    ),
    "another serialiser": lambda message: etree.tostring(
        etree.fromstring(message), xml_declaration=True, encoding="UTF-8"
    ),
    "character references": lambda message: message.replace(b"REQUEST", b"&#82;EQU&#x45;ST"),
    "a comment": lambda message: message.replace(b"<soapenv:Body", b"<!-- x --><soapenv:Body"),
    "a comment in the Body": lambda message: message.replace(b"REQUEST", b"REQ<!-- x -->UEST"),
    "space within tags": lambda message: message.replace(b"</smev:Code>", b"</smev:Code\n>"),
    "broken base64 lines": lambda message: re.sub(
        rb"(<ds:SignatureValue>.{20})", rb"\1\n", message
    ),
}


@pytest.mark.parametrize("name", REWRITINGS)
def test_same_message_written_otherwise(server: Server, rsa: Caller, name: str) -> None:
    message = rsa.ask()
    other = REWRITINGS[name](message)
    assert other != message
    first, second = server.address.post(message), server.address.post(other)
    assert read_status(first, server.installation) == "RESULT"
    assert second.body == first.body


def test_same_body_signed_anew(server: Server, gost: Caller) -> None:
    """GOST signatures differ each time: the key is of the Body, not of the signature."""
    payload = gost.payload()
    one, other = gost.sign(payload), gost.sign(payload)
    assert one != other
    assert server.address.post(one).body == server.address.post(other).body


def test_same_question_asked_anew_is_answered_anew(server: Server, rsa: Caller) -> None:
    first, second = (
        read_reply(server.address.post(rsa.ask(case_number="same")), server.installation)
        for _ in range(2)
    )
    assert first.message.request_id_ref != second.message.request_id_ref


def test_same_body_of_another_sender_is_another_message(
    server: Server, rsa: Caller, gost: Caller
) -> None:
    """The code is the sender's own, so the other's copy is refused, not answered from the store."""
    payload = rsa.payload()
    assert server.address.post(rsa.sign(payload)).status == 200
    reply = server.address.post(gost.sign(payload))
    assert (reply.status, b"sender.code_mismatch" in reply.body) == (500, True)


def test_parallel_copies_get_one_reply(gateway: Server, agency: Caller) -> None:
    message = agency.ask()
    before = len(records(gateway.installation))
    with ThreadPoolExecutor(COPIES) as pool:
        replies = list(pool.map(gateway.address.post, [message] * COPIES))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    new = records(gateway.installation)[before:]
    assert len(new) == 2 * COPIES
    assert len([record for record in new if record.replay_key is not None]) == 1


def test_other_gateway_on_the_same_journal_knows_the_message(
    server: Server, two_workers: Server, agency: Caller
) -> None:
    message = agency.ask()
    assert server.address.post(message).body == two_workers.address.post(message).body


def test_many_different_messages_at_once(two_workers: Server, agency: Caller) -> None:
    messages = [agency.ask() for _ in range(COPIES)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(two_workers.address.post, messages))
    read = [read_reply(reply, two_workers.installation).message for reply in replies]
    assert {message.status.value for message in read} == {"RESULT"}
    assert len({message.request_id_ref for message in read}) == COPIES


def test_journal_of_all_processes_is_one_chain(
    server: Server, two_workers: Server, rsa: Caller
) -> None:
    for each in (server, two_workers):
        each.address.post(rsa.ask())
    found = records(server.installation)
    assert [record.sequence for record in found] == list(range(1, len(found) + 1))
    assert check_chain(record.link for record in found) is None
    assert max(record.at for record in found) <= datetime.now(UTC)
