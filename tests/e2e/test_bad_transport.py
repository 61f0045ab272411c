"""Input that never becomes a message: each kind gets its Fault, and the server goes on."""

import gzip
import hashlib
import http.client
import zlib

import pytest

from tests.support.http import ACTION, SOAP_HEADERS, STUDENTS
from tests.support.messages import Caller
from tests.support.refusals import check_honest, check_refused
from tests.support.replies import read_status
from tests.support.server import Server

LIMIT = 5 * 2**20
DOCTYPES = {
    "bare": "<!DOCTYPE a>",
    "entity": '<!DOCTYPE a [<!ENTITY e "x">]>',
    "external": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x.dtd"> %e;]>',
    "public": '<!DOCTYPE a PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd">',
    "laughs": "<!DOCTYPE a [<!ENTITY e0 'ha'>"
    + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>",
    "quadratic": f"<!DOCTYPE a [<!ENTITY e '{'x' * 50_000}'>]>",
    "attribute list": '<!DOCTYPE a [<!ATTLIST a Id ID #IMPLIED b CDATA "c">]>',
}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "xml.empty"),
        (b" \r\n\t ", "xml.empty"),
        (b"hello", "xml.malformed"),
        (b'{"a": 1}', "xml.malformed"),
        (b"<a>", "xml.malformed"),
        (b"<a/><b/>", "xml.malformed"),
        (b"<a>&e;</a>", "xml.malformed"),
        (b"<a b='1' b='2'/>", "xml.malformed"),
        (b"<p:a/>", "xml.malformed"),
        (b"<a>\x01</a>", "xml.malformed"),
        (b"<a>\x00</a>", "xml.encoding"),
        (b"\xff\xfe\x00", "xml.encoding"),
        (b"<a>\xd0</a>", "xml.encoding"),
        (b"<a>\xed\xa0\x80</a>", "xml.encoding"),
        (b"<a>\xc0\xaf</a>", "xml.encoding"),
        (b"<?php x ?><a/>", "xml.processing_instruction"),
        (b'<?xml-stylesheet href="a"?><a/>', "xml.processing_instruction"),
        (b"<a/>", "soap.structure"),
        (b"<!-- a --><html><!-- b --></html>", "soap.structure"),
        (b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>', "soap.version"),
    ],
    ids=range(20),
)
def test_what_is_no_envelope(server: Server, data: bytes, key: str) -> None:
    check_refused(server, server.address.post(data), key)


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_truncated(server: Server, rsa: Caller, part: float) -> None:
    message = rsa.ask()
    reply = server.address.post(message[: int(len(message) * part)])
    check_refused(server, reply, "xml.malformed")


@pytest.mark.parametrize("name", DOCTYPES)
def test_doctype(server: Server, rsa: Caller, name: str) -> None:
    head, _, rest = rsa.ask().decode().partition("\n")
    body = rest.replace("112-233-445 95", "&e;") if name == "quadratic" else rest
    reply = server.address.post(f"{head}{DOCTYPES[name]}{body}".encode())
    check_refused(server, reply, "xml.doctype")


CHARSETS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1251", "koi8-r")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        *((name, declared) for name in CHARSETS for declared in (True, False)),
        ("utf-7", True),  # without a declaration it is UTF-8
    ],
)
def test_wrong_charset(server: Server, rsa: Caller, encoding: str, declared: bool) -> None:
    text = rsa.ask().decode()
    if declared:
        text = text.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    check_refused(server, server.address.post(text.encode(encoding)), "xml.encoding")


def test_unknown_charset(server: Server, rsa: Caller) -> None:
    message = rsa.ask().replace(b'encoding="UTF-8"', b'encoding="x-unknown"')
    check_refused(server, server.address.post(message), "xml.encoding")


def test_hidden_tags_of_utf_7_stay_text(server: Server, rsa: Caller) -> None:
    message = rsa.ask().replace(
        b"</op:FindStudentRequest>", b"+ADw-evil/+AD4-</op:FindStudentRequest>"
    )
    check_refused(server, server.address.post(message), "signature.invalid")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/html; charset=utf-8",
        "application/xml",
        "application/soap+xml; charset=utf-8",
        "application/json",
        "application/x-www-form-urlencoded",
        'multipart/related; type="text/xml"',
        "text/xml; charset=windows-1251",
        "text/xml; charset=utf-16",
        "text/xml; charset=utf-7",
        "text/xml; charset=",
        "text/xml; charset=utf-8; charset=utf-16",
        "text/xml2",
    ],
)
def test_wrong_content_type(server: Server, rsa: Caller, content_type: str | None) -> None:
    reply = server.address.post(rsa.ask(), Content_Type=content_type)
    check_refused(server, reply, "http.content_type")


@pytest.mark.parametrize(
    "content_type", ["text/xml", "TEXT/XML ;Charset=UTF-8", 'text/xml; charset="utf-8"']
)
def test_each_way_to_write_the_right_content_type(
    server: Server, rsa: Caller, content_type: str
) -> None:
    reply = server.address.post(rsa.ask(), Content_Type=content_type)
    assert read_status(reply, server.installation) == "RESULT"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "identity, gzip", "x-gzip"])
def test_compressed(server: Server, rsa: Caller, encoding: str) -> None:
    packed = zlib.compress(rsa.ask()) if encoding == "deflate" else gzip.compress(rsa.ask())
    reply = server.address.post(packed, Content_Encoding=encoding)
    check_refused(server, reply, "http.content_encoding")


def test_gzip_bomb_is_never_opened(server: Server) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    before = server.cpu_s()
    reply = server.address.post(bomb, Content_Encoding="gzip")
    assert server.cpu_s() - before < 1
    check_refused(server, reply, "http.content_encoding")


def test_encoding_that_changes_nothing_is_fine(server: Server, rsa: Caller) -> None:
    reply = server.address.post(rsa.ask(), Content_Encoding="identity")
    assert read_status(reply, server.installation) == "RESULT"


@pytest.mark.parametrize(
    "action",
    [
        "urn:x",
        '"urn:x"',
        f'"{ACTION}2"',
        '"urn://x-artefacts-kontingent/students/1.0"',
        "FindStudent",
    ],
)
def test_wrong_soap_action(server: Server, rsa: Caller, action: str) -> None:
    reply = server.address.post(rsa.ask(), SOAPAction=action)
    check_refused(server, reply, "soap.action_mismatch")


@pytest.mark.parametrize("action", [None, "", '""', ACTION, f'"{ACTION}"'])
def test_each_way_to_write_the_right_soap_action(
    server: Server, rsa: Caller, action: str | None
) -> None:
    reply = server.address.post(rsa.ask(), SOAPAction=action)
    assert read_status(reply, server.installation) == "RESULT"


def test_message_over_the_limit_is_kept_as_size_and_hash(server: Server, rsa: Caller) -> None:
    data = rsa.ask() + b" " * LIMIT
    fault = check_refused(server, server.address.post(data), "xml.too_large")
    shown = server.installation.command("log", "show", str(fault.message_id), "--json")
    received, decided = shown.rows
    assert (received["kind"], decided["kind"]) == ("received", "decided")
    assert (received["size_bytes"], received["body"]) == (len(data), None)
    assert received["sha256"] == hashlib.sha256(data).hexdigest()
    stored, _ = server.installation.records(str(fault.message_id))
    assert (stored.size_bytes, stored.body) == (len(data), b"")


def test_message_of_just_the_limit_is_answered(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    reply = server.address.post(message + b"\n" * (LIMIT - len(message)))
    assert read_status(reply, server.installation) == "RESULT"


@pytest.mark.parametrize("size", [0, 1, 10**6])
def test_body_in_chunks(server: Server, rsa: Caller, size: int) -> None:
    message = rsa.ask() + b" " * size
    connection = http.client.HTTPConnection(server.address.host, server.address.port, timeout=60)
    pieces = (message[at : at + 1000] for at in range(0, len(message), 1000))
    connection.request(
        "POST", STUDENTS, body=pieces, headers=dict(SOAP_HEADERS), encode_chunked=True
    )
    reply = connection.getresponse()
    assert (reply.status, b"<smev:Status>RESULT<" in reply.read()) == (200, True)
    connection.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods(server: Server, rsa: Caller, method: str) -> None:
    reply = server.address.ask(method, STUDENTS, rsa.ask(), SOAP_HEADERS)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")
    assert server.alive()


def test_get_without_a_question(server: Server) -> None:
    assert server.address.get(STUDENTS).status == 405


@pytest.mark.parametrize(
    "path", ["/", "/smev2", "/smev2/students/", "/smev2/nothing", "/%00", "/../etc/passwd"]
)
def test_unknown_paths(server: Server, path: str) -> None:
    assert server.address.get(path).status == 404
    assert server.address.post(b"<a/>", path=path).status == 404


def test_health_is_told(server: Server) -> None:
    assert server.address.get("/healthz").status == 200
    assert server.address.get("/readyz").status == 200


@pytest.mark.parametrize("name", ["Content_Type", "SOAPAction", "User_Agent", "Content_Encoding"])
def test_odd_header_values_reach_the_journal_whole(server: Server, rsa: Caller, name: str) -> None:
    odd = "a\xe9\xff\t;;==\"'<&>" + "x" * 4000
    reply = server.address.post(rsa.ask(), **{name: odd})
    if name != "User_Agent":
        assert reply.status == 500
    assert server.alive()


def test_refusals_are_told_by_the_command(server: Server, rsa: Caller) -> None:
    for data, key in (
        (b"", "xml.empty"),
        (b"<a>", "xml.malformed"),
        (rsa.ask().replace(b"112-", b"113-"), "signature.invalid"),
    ):
        fault = check_refused(server, server.address.post(data), key)
        row = server.installation.decision(str(fault.message_id))
        assert (row["status"], row["fault_code"], row["size_bytes"]) == ("FAULT", key, len(data))
        only = server.installation.command("log", "list", "--json", "--status", "FAULT")
        assert fault.message_id in {row["message_id"] for row in only.rows}
        assert {row["status"] for row in only.rows} == {"FAULT"}


def test_honest_request_is_answered_after_all_that(server: Server, agency: Caller) -> None:
    check_honest(server, agency)
