"""The HTTP client against peers that keep no rule."""

import socket
import time

import pytest

from adapters.errors import AdapterError
from adapters.http_client import HttpClient, HttpReply, HttpSettings
from tests.integration.adapters.peers import Peer, Script, answering, read_request

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"


def client_for(url: str, *, timeout_s: float = 5.0, max_bytes: int = 10_000) -> HttpClient:
    return HttpClient(
        HttpSettings(
            url=url,
            user="u",
            password="p",
            connect_timeout_s=5.0,
            timeout_s=timeout_s,
            max_response_bytes=max_bytes,
        )
    )


def post_to(*scripts: Script, timeout_s: float = 5.0) -> HttpReply:
    with Peer(*scripts) as peer:
        client = client_for(peer.url, timeout_s=timeout_s)
        try:
            return client.post(b"<q/>", {"Content-Type": "text/xml"})
        finally:
            client.close()


def error_from(*scripts: Script, timeout_s: float = 5.0) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        post_to(*scripts, timeout_s=timeout_s)
    return caught.value


def test_a_request_says_who_asks_and_takes_no_compression() -> None:
    seen = []

    def play(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(GOOD)

    reply = post_to(play)
    assert (reply.status, reply.body) == (200, b"<a/>")
    assert reply.headers["content-type"] == "text/xml"
    assert b"Authorization: Basic dTpw\r\n" in seen[0]
    assert b"Accept-Encoding: identity\r\n" in seen[0]
    assert seen[0].endswith(b"\r\n\r\n<q/>")


def test_a_kept_connection_is_used_again() -> None:
    with Peer(answering(GOOD, GOOD)) as peer:
        client = client_for(peer.url)
        client.post(b"1", {})
        client.post(b"2", {})
        client.close()
        assert peer.connections == 1


def test_a_kept_connection_that_the_peer_closed_is_opened_anew() -> None:
    with Peer(answering(GOOD), answering(GOOD)) as peer:
        client = client_for(peer.url)
        client.post(b"1", {})
        time.sleep(0.05)  # lets the peer's FIN arrive
        assert client.post(b"2", {}).status == 200
        client.close()
        assert peer.connections == 2


def test_a_peer_that_closes_without_an_answer_is_asked_once() -> None:
    with Peer(answering(b""), answering(GOOD)) as peer:
        client = client_for(peer.url)
        with pytest.raises(AdapterError) as caught:
            client.post(b"1", {})
        assert (caught.value.code, caught.value.retryable) == ("source.unavailable", True)
        assert peer.connections == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "source.http_error"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "source.http_error"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "source.http_error"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "source.http_error"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "source.http_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<a/>", "source.broken_page"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n",
            "source.broken_page",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a/>\r\n",
            "source.broken_page",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n", "source.broken_page"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_001, "source.broken_page"),
    ],
)
def test_an_answer_that_breaks_http(answer: bytes, code: str) -> None:
    assert error_from(answering(answer)).code == code


def test_a_redirect_is_handed_on_and_not_followed() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    assert post_to(answering(moved)).status == 307


def test_headers_that_trickle_in_do_not_hold_us() -> None:
    with Peer(lambda connection: trickle(connection, peer)) as peer:
        client = client_for(peer.url, timeout_s=0.3)
        began = time.monotonic()
        with pytest.raises(AdapterError) as caught:
            client.post(b"1", {})
        assert caught.value.code == "source.timeout"
        assert time.monotonic() - began < 2.0


def trickle(connection: socket.socket, peer: Peer) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not peer.stopping.wait(0.02):
        connection.sendall(b"y")


def test_interim_answers_without_end_do_not_hold_us() -> None:
    def play(connection: socket.socket) -> None:
        read_request(connection)
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    began = time.monotonic()
    assert error_from(play, timeout_s=0.3).code == "source.timeout"
    assert time.monotonic() - began < 2.0
