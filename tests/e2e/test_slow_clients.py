"""Clients that never finish what they began hold nobody up."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.http import SOAP_HEADERS, STUDENTS, Address
from tests.support.messages import Caller
from tests.support.refusals import check_honest
from tests.support.server import Server

CLIENTS = 50
# An honest request takes some hundredths of a second; this only tells it from one that waits.
PATIENCE_S = 10

_HEADERS = "".join(f"{name}: {text}\r\n" for name, text in SOAP_HEADERS.items())
_REQUEST = f"POST {STUDENTS} HTTP/1.1\r\nHost: x\r\n{_HEADERS}"
BEGINNINGS = {
    "nothing": b"",
    "half of the request line": b"POST /smev2/stu",
    "half of the headers": _REQUEST.encode(),
    "no body": f"{_REQUEST}Content-Length: 5000\r\n\r\n".encode(),
    "half of the body": f"{_REQUEST}Content-Length: 5000\r\n\r\n<?xml version".encode(),
    "half of a chunk": f"{_REQUEST}Transfer-Encoding: chunked\r\n\r\nffff\r\n<?xml".encode(),
}


@contextmanager
def half_open(address: Address, beginning: bytes) -> Iterator[None]:
    """Fifty connections that sent a beginning and then nothing more."""
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            connection = socket.create_connection((address.host, address.port), timeout=10)
            stack.enter_context(connection)
            connection.sendall(beginning)
        yield


@pytest.mark.parametrize("name", BEGINNINGS)
def test_honest_request_is_answered_beside_half_open_ones(
    server: Server, rsa: Caller, name: str
) -> None:
    with half_open(server.address, BEGINNINGS[name]):
        began = time.monotonic()
        check_honest(server, rsa)
        assert time.monotonic() - began < PATIENCE_S
    assert server.alive()


def test_client_that_does_not_read_its_reply(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    request = f"{_REQUEST}Content-Length: {len(message)}\r\n\r\n".encode() + message
    with half_open(server.address, request):
        check_honest(server, rsa)


def test_client_that_leaves_in_the_middle(server: Server, rsa: Caller) -> None:
    for beginning in BEGINNINGS.values():
        with half_open(server.address, beginning):
            pass
    check_honest(server, rsa)


def test_body_that_comes_in_many_small_pieces(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    request = f"{_REQUEST}Connection: close\r\nContent-Length: {len(message)}\r\n\r\n".encode()
    address = (server.address.host, server.address.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(request + message), 64):
            connection.sendall((request + message)[at : at + 64])
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"<smev:Status>RESULT<" in reply


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100,
        b"GET\r\n\r\n",
        b"POST /smev2/students HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /smev2/students HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
        b"POST /smev2/students HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /smev2/students HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST /smev2/students HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200_000 + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_is_no_http(server: Server, rsa: Caller, request_bytes: bytes) -> None:
    address = (server.address.host, server.address.port)
    with socket.create_connection(address, timeout=10) as connection:
        try:
            connection.sendall(request_bytes)
            connection.shutdown(socket.SHUT_WR)
            reply = connection.recv(65536)
        except OSError:  # the server hung up while we were still sending
            reply = b""
    assert b"Traceback" not in reply
    assert not reply.startswith(b"HTTP/1.1 200")
    check_honest(server, rsa)
