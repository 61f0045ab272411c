"""Messages as other stacks write them, and HTTP as other clients speak it."""

import http.client
import re
import socket

import pytest
import xmlsec
from lxml import etree

from tests.support.http import SOAP_HEADERS, STUDENTS
from tests.support.messages import Caller
from tests.support.replies import read_status
from tests.support.second_opinion import DS, SOAP, WSSE, WSU, sign_with_xmlsec
from tests.support.server import Server

SMEV = "http://smev.gosuslugi.ru/rev120315"


def envelope(caller: Caller, **names: str) -> etree._Element:
    """An unsigned envelope with another stack's prefixes."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"S": SOAP, "xsi": "urn:x:unused", **names})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(caller.payload())
    return root


def sign(server: Server, root: etree._Element, **how) -> etree._Element:
    pki = server.installation.pki
    signed = sign_with_xmlsec(root, pki("agency-rsa.key"), pki("agency-rsa.pem"), **how)
    # Read anew: lxml's searches overlook the elements that xmlsec has made.
    return etree.fromstring(etree.tostring(signed))


def check_answered(server: Server, message: bytes) -> None:
    assert read_status(server.address.post(message), server.installation) == "RESULT"


@pytest.mark.parametrize("prefixes", [(), ("S",), ("S", "op", "smev"), ("S", "xsi")])
def test_prefix_lists_as_wss4j_writes_them(
    server: Server, rsa: Caller, prefixes: tuple[str, ...]
) -> None:
    root = sign(server, envelope(rsa), prefixes=prefixes)
    check_answered(server, etree.tostring(root))


def test_ids_and_attributes_that_others_add(server: Server, rsa: Caller) -> None:
    """Ids on Signature, KeyInfo and the token's reference; mustUnderstand on Security."""
    root = sign(server, envelope(rsa))
    security = root.find(f".//{{{WSSE}}}Security")
    security.set(f"{{{SOAP}}}mustUnderstand", "1")
    security.find(f"{{{DS}}}Signature").set("Id", "SIG-1")
    root.find(f".//{{{DS}}}KeyInfo").set("Id", "KI-2")
    root.find(f".//{{{WSSE}}}SecurityTokenReference").set(f"{{{WSU}}}Id", "STR-3")
    check_answered(server, etree.tostring(root))


def test_timestamp_beside_the_signature(server: Server, rsa: Caller) -> None:
    root = sign(server, envelope(rsa))
    security = root.find(f".//{{{WSSE}}}Security")
    stamp = etree.Element(f"{{{WSU}}}Timestamp", {f"{{{WSU}}}Id": "TS-1"})
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = "2026-01-01T00:00:00Z"
    security.insert(0, stamp)
    check_answered(server, etree.tostring(root))


@pytest.mark.parametrize("line_end", [b"\r\n", b"&#13;\n", b" \t", b"\n" * 50])
def test_base64_in_lines(server: Server, rsa: Caller, line_end: bytes) -> None:
    def fold(match: re.Match[bytes]) -> bytes:
        text = match[2]
        lines = [text[at : at + 60] for at in range(0, len(text), 60)]
        return match[1] + line_end + line_end.join(lines) + line_end

    message = re.sub(
        rb"(<(?:ds:SignatureValue|wsse:BinarySecurityToken)[^>]*>)([^<]+)", fold, rsa.ask()
    )
    assert line_end in message
    check_answered(server, message)


def test_text_with_every_kind_of_character(server: Server, agency: Caller) -> None:
    """What C14N writes in its own way: the digest must still be that of others."""
    odd = "tab\tcr\rlf\n\"'<>&]]> \u00a0\u2028 \U0001f600 ё\u0308"
    check_answered(server, agency.ask(case_number=odd))


def test_odd_characters_signed_by_xmlsec(server: Server, rsa: Caller) -> None:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={None: SOAP})
    body = etree.SubElement(root, f"{{{SOAP}}}Body")
    body.append(rsa.payload(case_number='a\rb\t\n<&>"\u00a0\U0001f600'))
    body.text, body[0].tail = "\n  ", "\n"
    check_answered(server, etree.tostring(sign(server, root), encoding="utf-8"))


def test_pretty_printed_before_it_was_signed(server: Server, rsa: Caller) -> None:
    root = envelope(rsa)
    etree.indent(root)
    message = etree.tostring(sign(server, root), xml_declaration=True, encoding="UTF-8")
    check_answered(server, message.replace(b"\n", b"\r\n"))


def test_pretty_printed_after_it_was_signed(server: Server, rsa: Caller) -> None:
    root = etree.fromstring(rsa.ask())
    etree.indent(root)
    reply = server.address.post(etree.tostring(root))
    assert (reply.status, b'key="signature.invalid"' in reply.body) == (500, True)


def test_byte_order_mark(server: Server, rsa: Caller) -> None:
    check_answered(server, b"\xef\xbb\xbf" + rsa.ask())


def test_sha_512_digest(server: Server, rsa: Caller) -> None:
    root = sign(server, envelope(rsa), digest=xmlsec.constants.TransformSha512)
    check_answered(server, etree.tostring(root))


@pytest.mark.parametrize(
    ("digest", "signature"),
    [
        (xmlsec.constants.TransformSha1, xmlsec.constants.TransformRsaSha256),
        (xmlsec.constants.TransformSha256, xmlsec.constants.TransformRsaSha1),
    ],
    ids=["digest", "signature"],
)
def test_sha_1_is_refused(server: Server, rsa: Caller, digest, signature) -> None:
    root = sign(server, envelope(rsa), digest=digest, method=signature)
    reply = server.address.post(etree.tostring(root))
    assert (reply.status, b'key="signature.algorithm_not_allowed"' in reply.body) == (500, True)


def test_inclusive_c14n_is_refused(server: Server, rsa: Caller) -> None:
    root = sign(server, envelope(rsa), c14n=xmlsec.constants.TransformInclC14N)
    reply = server.address.post(etree.tostring(root))
    assert (reply.status, b'key="signature.algorithm_not_allowed"' in reply.body) == (500, True)


def test_several_messages_on_one_connection(server: Server, agency: Caller) -> None:
    connection = http.client.HTTPConnection(server.address.host, server.address.port, timeout=30)
    for number in range(6):
        message = agency.ask() if number % 2 else b"<a/>"
        connection.request("POST", STUDENTS, body=message, headers=dict(SOAP_HEADERS))
        reply = connection.getresponse()
        assert reply.status == (200 if number % 2 else 500)
        reply.read()
    connection.close()


def _exchange(server: Server, head: str, body: bytes, *, wait: bool = False) -> bytes:
    address = (server.address.host, server.address.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(head.encode())
        first = connection.recv(65536) if wait else b""
        connection.sendall(body)
        return first + b"".join(iter(lambda: connection.recv(65536), b""))


def test_client_that_asks_whether_to_go_on(server: Server, rsa: Caller) -> None:
    """Expect: 100-continue, as .NET and curl send it."""
    message = rsa.ask()
    head = (
        f"POST {STUDENTS} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f"Expect: 100-continue\r\nConnection: close\r\nContent-Length: {len(message)}\r\n\r\n"
    )
    reply = _exchange(server, head, message, wait=True)
    assert reply.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert b"HTTP/1.1 200 OK" in reply
    assert b"<smev:Status>RESULT<" in reply


def test_http_1_0(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    head = (
        f"POST {STUDENTS} HTTP/1.0\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(message)}\r\n\r\n"
    )
    reply = _exchange(server, head, message)
    assert reply.startswith(b"HTTP/1.0 200 OK")
    assert b"<smev:Status>RESULT<" in reply
