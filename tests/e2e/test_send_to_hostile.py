"""`message send` against peers that are not what they should be."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.commands import Finished
from tests.support.installation import Installation
from tests.support.messages import caller

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n"


@contextmanager
def peer(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server that reads one request and does with the connection what it likes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            data = b""
            while b"</soapenv:Envelope>" not in data:
                data += connection.recv(65536)
            with suppress(OSError):  # the client may have seen enough
                answer(connection, data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        listening.close()
        thread.join(20)


def send(installation: Installation, url: str, *options: str) -> Finished:
    message = caller(installation, "agency-rsa").ask()
    return installation.command("message", "send", "-", "--url", url, *options, stdin=message)


def test_drip_ends_at_the_time_limit(installation: Installation) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD)
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.1)

    with peer(drip) as url:
        started = time.monotonic()
        finished = send(installation, url, "--timeout", "1")
        assert time.monotonic() - started < 8
    assert finished.exit_code == 3
    assert "peer.unavailable" in finished.errors


def test_endless_reply_is_cut_off(installation: Installation) -> None:
    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD)
        for _ in range(100):
            connection.sendall(b" " * 2**20)

    with peer(endless) as url:
        finished = send(installation, url)
    assert finished.exit_code == 1
    assert "peer.too_large" in finished.errors


def test_own_message_sent_back_is_no_reply(installation: Installation) -> None:
    def echo(connection: socket.socket, data: bytes) -> None:
        connection.sendall(HEAD + data.partition(b"\r\n\r\n")[2])

    with peer(echo) as url:
        finished = send(installation, url)
    assert finished.exit_code == 1
    assert "reply.unexpected" in finished.text


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1/", "127.0.0.1:8080", "http:///x"])
def test_address_that_is_none(installation: Installation, url: str) -> None:
    assert send(installation, url).exit_code == 2


def test_nobody_is_asked_without_trust(installation: Installation) -> None:
    asked: list[bytes] = []
    with peer(lambda _, data: asked.append(data)) as url:
        message = caller(installation, "agency-rsa").ask()
        arguments = ("--config", "absent.toml", "message", "send", "-", "--url", url)
        finished = installation.command(*arguments, stdin=message)
        assert finished.exit_code == 2
        # Let the peer's thread end.
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2].strip("/")))) as end:
            end.sendall(b"</soapenv:Envelope>")
            end.shutdown(socket.SHUT_WR)
            end.recv(1)
    assert asked == [b"</soapenv:Envelope>"]
