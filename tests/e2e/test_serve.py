"""The serving process: how it ends, and what it does when a worker falls."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.support.installation import Installation
from tests.support.messages import caller
from tests.support.replies import read_status
from tests.support.server import Server, running_server


def wait_until(true, *, patience_s: float = 20) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def children(server: Server) -> set[int]:
    return {child.pid for child in psutil.Process(server.process.pid).children()}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_stops_when_it_is_asked_to(
    installation: Installation, workers: int, sign: signal.Signals
) -> None:
    name = f"stop-{workers}-{sign}"
    with running_server(installation, workers=workers, name=name) as server:
        asking = caller(installation, "agency-rsa")
        assert read_status(server.address.post(asking.ask()), installation) == "RESULT"
        workers_of = children(server)
        os.kill(server.process.pid, sign)
        code = server.process.wait(20)
        assert code == (0 if sign == signal.SIGTERM else code)
        assert code in (0, 130)
        assert not any(psutil.pid_exists(pid) for pid in workers_of)
        assert "Traceback" not in server.log()


@pytest.mark.slow
def test_fallen_worker_is_started_again(installation: Installation) -> None:
    asking = caller(installation, "agency-gost")
    with running_server(installation, workers=2, name="fallen") as server:
        answered = asking.ask()
        first = server.address.post(answered)
        assert read_status(first, installation) == "RESULT"
        before = children(server)
        assert len(before) == 2
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: len(children(server)) == 2 and not children(server) & before)
        assert server.address.post(answered).body == first.body
        assert read_status(server.address.post(asking.ask()), installation) == "RESULT"


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_supervisor(installation: Installation) -> None:
    with running_server(installation, workers=2, name="orphans") as server:
        orphans = children(server)
        os.kill(server.process.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(psutil.pid_exists(pid) for pid in orphans))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_requests_in_hand_are_answered_before_the_end(
    installation: Installation, workers: int
) -> None:
    asking = caller(installation, "agency-rsa")
    messages = [asking.ask() for _ in range(60)]
    with (
        running_server(installation, workers=workers, name=f"drain-{workers}") as server,
        ThreadPoolExecutor(12) as pool,
    ):
        # The workers are there: each takes some of these.
        warm_up = [send_raw(server, asking.ask()) for _ in range(24)]
        assert all(pool.map(read_all, warm_up))
        # All of them are connected and sent before the signal, so that each is owed an answer.
        sockets = [send_raw(server, message) for message in messages]
        time.sleep(0.1)
        os.kill(server.process.pid, signal.SIGTERM)
        answers = list(pool.map(read_all, sockets))
        server.process.wait(20)
    accepted = [answer for answer in answers if answer]
    assert len(accepted) > len(messages) / 2
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in accepted)
    assert all(b"</soapenv:Envelope>" in answer for answer in accepted)


def send_raw(server: Server, message: bytes) -> socket.socket:
    connection = socket.create_connection((server.address.host, server.address.port))
    connection.settimeout(20)
    head = (
        "POST /smev2/students HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"
        f"Connection: close\r\nContent-Length: {len(message)}\r\n\r\n"
    )
    connection.sendall(head.encode() + message)
    return connection


def read_all(connection: socket.socket) -> bytes:
    """The whole answer; nothing when the server had not taken the connection yet."""
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    connection.close()
    return data
