"""The journal cannot be written: refused, to be sent again; and it recovers by itself."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.postgres import PostgresServer, find_binaries, running_postgres
from tests.support.fixtures import AGENCIES, require_gost
from tests.support.http import HttpReply
from tests.support.installation import NAMESAKES, Installation, make_installation
from tests.support.messages import Caller, by_name, by_snils, caller
from tests.support.refusals import check_honest
from tests.support.replies import read_fault, read_reply, read_status, student_of
from tests.support.server import Server, running_server

pytestmark = pytest.mark.slow
COPIES = 50


def check_retryable(reply: HttpReply, installation: Installation) -> None:
    """Check that a reply is the Fault for a message that is nowhere in the journal."""
    fault = read_fault(reply, installation)
    assert (reply.status, fault.key, fault.faultcode) == (503, "journal.unavailable", "Server")
    assert int(reply.headers["retry-after"]) > 0
    assert fault.message_id is None


def answer_in_the_end(server: Server, message: bytes, *, patience_s: float = 30) -> HttpReply:
    """Send a message as often as the gateway asks for it."""
    deadline = time.monotonic() + patience_s
    while True:
        reply = server.address.post(message)
        if reply.status != 503 or time.monotonic() > deadline:
            return reply
        time.sleep(0.2)


def ready_in_the_end(server: Server, *, patience_s: float = 30) -> bool:
    """Ask until the gateway says that it is ready.

    A worker that has had no message since its last failure says for some seconds more that it is
    not.
    """
    deadline = time.monotonic() + patience_s
    while server.address.get("/readyz").status != 200:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_locked_sqlite(server: Server, rsa: Caller, gost: Caller) -> None:
    installation = server.installation
    messages = [rsa.ask(), gost.ask(), rsa.ask()[:-9]]
    with closing(sqlite3.connect(installation.folder / "kontingent.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with ThreadPoolExecutor(len(messages)) as pool:
            replies = list(pool.map(server.address.post, messages))
        assert time.monotonic() - began < 30
        assert server.address.get("/healthz").status == 200
        other.execute("ROLLBACK")
    for reply in replies:
        check_retryable(reply, installation)
    for message in messages[:2]:
        assert read_status(answer_in_the_end(server, message), installation) == "RESULT"
    assert server.alive()


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of this module's own, for it is stopped and started."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running_postgres(binaries) as running:
        yield running


@pytest.fixture(scope="module")
def on_postgres(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A gateway of two processes on PostgreSQL."""
    require_gost()
    url = postgres.url(postgres.create_database())
    folder = tmp_path_factory.mktemp("on-postgres") / "demo"
    made = make_installation(folder, database=url)
    with running_server(made, workers=2) as running:
        yield running


@pytest.mark.parametrize("name", AGENCIES)
def test_exchange_on_postgresql(on_postgres: Server, name: str) -> None:
    made = on_postgres.installation
    asking = caller(made, name)
    found = read_reply(on_postgres.address.post(asking.ask()), made)
    student = student_of(found)
    assert student.findtext("{*}FamilyName") == "Алёхина-Королёва"
    birth_date = student.findtext("{*}BirthDate") or ""
    other = by_name("АЛЕХИНА КОРОЛЕВА", "ульяна", None, birth_date)
    assert read_status(on_postgres.address.post(asking.ask(other)), made) == "RESULT"
    for refused in (by_name(*NAMESAKES), by_snils("087-654-303 00")):
        assert read_status(on_postgres.address.post(asking.ask(refused)), made) == "REJECT"
    row = made.decision(str(found.message.request_id_ref))
    assert (row["status"], row["sender_code"]) == ("RESULT", asking.code)


def test_parallel_copies_on_postgresql(on_postgres: Server) -> None:
    message = caller(on_postgres.installation, "agency-gost").ask()
    with ThreadPoolExecutor(COPIES) as pool:
        replies = list(pool.map(on_postgres.address.post, [message] * COPIES))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1


def test_stopped_postgresql(on_postgres: Server, postgres: PostgresServer) -> None:
    made = on_postgres.installation
    asking = caller(made, "agency-rsa")
    answered = asking.ask()
    first = on_postgres.address.post(answered)
    postgres.stop()
    try:
        messages = [asking.ask(), answered]
        with ThreadPoolExecutor(len(messages)) as pool:
            replies = list(pool.map(on_postgres.address.post, messages))
        assert on_postgres.address.get("/healthz").status == 200
        assert on_postgres.address.get("/readyz").status == 503
    finally:
        postgres.start()
    for reply in replies:
        check_retryable(reply, made)
    assert read_status(answer_in_the_end(on_postgres, messages[0]), made) == "RESULT"
    assert answer_in_the_end(on_postgres, answered).body == first.body
    check_honest(on_postgres, asking)
    assert ready_in_the_end(on_postgres)


def test_restarted_postgresql_is_not_noticed(on_postgres: Server, postgres: PostgresServer) -> None:
    """A restart between two requests costs nobody a Fault: idle connections are tried first."""
    asking = caller(on_postgres.installation, "agency-rsa")
    for _ in range(2):
        check_honest(on_postgres, asking)
        postgres.stop("immediate")
        postgres.start()
    for _ in range(8):
        reply = on_postgres.address.post(asking.ask())
        assert read_status(reply, on_postgres.installation) == "RESULT"
