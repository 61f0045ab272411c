"""HTTPS: only a peer whose certificate is trusted and names the host is spoken to."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.errors import AdapterError
from adapters.http_client import HttpClient, HttpSettings
from tests.integration.adapters.peers import Peer, Script, read_request

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PEM file with the key and the self-signed certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "school.example")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "peer.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def over_tls(script: Script, certificate: Path) -> Script:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def play(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            script(secured)

    return play


def client_for(peer: Peer, host: str = "127.0.0.1") -> HttpClient:
    return HttpClient(
        HttpSettings(
            url=peer.url.replace("http://127.0.0.1", f"https://{host}"),
            user="u",
            password="p",
            connect_timeout_s=5.0,
            timeout_s=0.5,
            max_response_bytes=1000,
        )
    )


def answer(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(GOOD)


def trickle(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(GOOD[:20])
    with contextlib.suppress(OSError):
        while True:
            time.sleep(0.02)
            connection.sendall(b"y")


def test_a_trusted_peer_is_spoken_to(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Peer(over_tls(answer, certificate)) as peer:
        client = client_for(peer)
        assert client.post(b"<q/>", {}).body == b"<a/>"
        client.close()


def test_the_deadline_holds_over_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Peer(over_tls(trickle, certificate)) as peer:
        began = time.monotonic()
        with pytest.raises(AdapterError) as caught:
            client_for(peer).post(b"<q/>", {})
        assert caught.value.code == "source.timeout"
        assert time.monotonic() - began < 2.0


@pytest.mark.parametrize(("trusted", "host"), [(False, "127.0.0.1"), (True, "localhost")])
def test_a_peer_that_is_not_who_it_should_be_gets_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, host: str
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Peer(over_tls(answer, certificate)) as peer:
        with pytest.raises(AdapterError) as caught:
            client_for(peer, host).post(b"<q/>", {})
        assert (caught.value.code, caught.value.retryable) == ("source.unavailable", False)
        assert "certificate" in caught.value.detail


def test_a_peer_without_tls_gets_nothing() -> None:
    def plain(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Peer(plain) as peer, pytest.raises(AdapterError) as caught:
        client_for(peer).post(b"<q/>", {})
    assert caught.value.code == "source.unavailable"
