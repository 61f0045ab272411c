"""The gate that every answer passes: what is no sound SOAP 1.1 reply does not get through."""

import time
import tracemalloc

import pytest

from adapters.errors import AdapterError
from adapters.http_client import HttpReply
from adapters.soap_reply import SOAP, Bounds, parse_reply
from tests.unit.adapters.replies import EXPECTED, XML, envelope, reply, response

BOUNDS = Bounds(tags=1000, attributes=100)
GOOD = envelope(response())


def error_of(answer: HttpReply) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        parse_reply(answer, EXPECTED, bounds=BOUNDS)
    return caught.value


@pytest.mark.parametrize(
    "answer",
    [
        reply(GOOD),
        reply(f'<?xml version="1.0" encoding="UTF-8"?>{GOOD}'),
        reply(f"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n{GOOD}\n"),
        reply(b"\xef\xbb\xbf" + GOOD.encode()),
        reply(GOOD, content_type="text/xml"),
        reply(GOOD, content_type='Text/XML; charset="UTF-8"'),
        reply(envelope(response(), header="<s:Header><x/></s:Header>")),
        reply(envelope(f"\n  <!-- a comment -->\n  {response()}\n")),
    ],
)
def test_a_sound_reply_gets_through(answer: HttpReply) -> None:
    assert parse_reply(answer, EXPECTED, bounds=BOUNDS).tag == EXPECTED


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (401, "source.unauthorized", False),
        (403, "source.unauthorized", False),
        (404, "source.http_error", False),
        (408, "source.http_error", True),
        (429, "source.http_error", True),
        (302, "source.http_error", False),
        (202, "source.http_error", False),
        (204, "source.http_error", False),
        (500, "source.http_error", True),
        (502, "source.http_error", True),
    ],
)
def test_another_status_is_an_error_even_with_a_sound_body(
    status: int, code: str, retryable: bool
) -> None:
    error = error_of(reply(GOOD, status=status))
    assert (error.code, error.retryable) == (code, retryable)


@pytest.mark.parametrize(
    "answer",
    [
        reply(""),
        reply("<a"),
        reply("нет"),
        reply(GOOD[:-5]),
        reply(GOOD + "<more/>"),
        reply("<a/>"),
        reply(GOOD.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope")),
        reply(envelope("")),
        reply(envelope(response() * 2)),
        reply(f'<s:Envelope xmlns:s="{SOAP}"/>'),
        reply(f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{response()}</s:Body><x/></s:Envelope>'),
        reply(
            f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{response()}</s:Body>'
            f"<s:Body>{response()}</s:Body></s:Envelope>"
        ),
        reply(GOOD, content_type="text/html"),
        reply(GOOD, content_type="application/soap+xml"),
        reply(GOOD, content_type="multipart/related; type=text/xml"),
        HttpReply(200, {}, GOOD.encode()),
        reply(GOOD, content_type="text/xml; charset=windows-1251"),
        reply(GOOD, content_type="text/xml; charset=utf-7"),
        reply(f'<?xml version="1.0" encoding="UTF-7"?>{GOOD}'),
        reply(f'<?xml version="1.0" encoding="koi8-r"?>{GOOD}'),
        reply(GOOD.encode("utf-16")),
        reply(GOOD.encode("utf-32")),
        reply(GOOD.encode("cp037")),
        reply(envelope(response("\ufffd")).encode().replace(b"\xef\xbf\xbd", b"\xff\xfe")),
        reply(envelope(response("<a>\0</a>"))),
        reply(envelope(response("<?php evil ?>"))),
        reply(envelope(response("&unknown;"))),
        HttpReply(200, {"content-type": XML, "content-encoding": "gzip"}, GOOD.encode()),
    ],
)
def test_what_is_no_sound_reply_is_a_broken_page(answer: HttpReply) -> None:
    assert error_of(answer).code == "source.broken_page"


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]>',
    ],
)
def test_every_document_type_is_refused(doctype: str) -> None:
    error = error_of(reply(doctype + GOOD))
    assert (error.code, error.detail) == ("source.broken_page", "has a document type")


@pytest.mark.parametrize(
    "content",
    [
        response("<a/>" * 1100),
        response("<a " + " ".join(f'b{n}="x"' for n in range(200)) + "/>"),
        response("<a " + " ".join(f"b{n} =\n'x'" for n in range(200)) + "/>"),
        response("<a " + " ".join(f'xmlns:b{n}="x"' for n in range(200)) + "/>"),
        response("<a>" * 300 + "</a>" * 300),
    ],
)
def test_markup_is_bounded(content: str) -> None:
    assert error_of(reply(envelope(content))).code == "source.broken_page"


@pytest.mark.parametrize(
    "content",
    [
        response("<a>" * 1_000_000),
        response("<a/>" * 2_000_000),
        response("<a " + " ".join(f'b{n}=""' for n in range(500_000)) + "/>"),
        response("x" * 8_000_000),
        response("<!--" + "-x" * 4_000_000 + "-->"),
    ],
)
def test_large_hostile_answers_cost_little(content: str) -> None:
    answer = reply(envelope(content))
    tracemalloc.start()
    began = time.process_time()
    try:
        parse_reply(answer, EXPECTED, bounds=BOUNDS)
    except AdapterError as error:
        assert error.code == "source.broken_page"
    used_s = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used_s < 1.0
    assert peak < 100_000_000


@pytest.mark.parametrize(
    ("name", "retryable"), [("Server", True), ("Client", False), ("Server.Secret", False)]
)
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_is_an_error_whatever_its_status(name: str, retryable: bool, status: int) -> None:
    fault = envelope(
        f"<s:Fault><faultcode>s:{name}</faultcode><faultstring>Иванов Иван</faultstring>"
        "<detail><Trace>SELECT secret</Trace></detail></s:Fault>"
    )
    error = error_of(reply(fault, status=status))
    assert (error.code, error.retryable) == ("source.fault", retryable)
    assert not {"Иванов", "secret", "Secret"} & set(str(error).replace(".", " ").split())


@pytest.mark.parametrize(
    ("key", "code", "detail"),
    [
        ("token.unknown", "source.token_unknown", "the page token has expired"),
        ("request.invalid", "source.fault", "Client request.invalid"),
        ("Иванов Иван", "source.fault", "Client"),
        ("a" * 65, "source.fault", "Client"),
    ],
)
def test_the_key_of_a_fault_is_told_when_it_is_one(key: str, code: str, detail: str) -> None:
    fault = envelope(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring/><detail>"
        f'<ExportFault xmlns="urn:x"><Code>{key}</Code></ExportFault></detail></s:Fault>'
    )
    error = error_of(reply(fault, status=500))
    assert (error.code, error.detail) == (code, detail)


@pytest.mark.parametrize(
    "answer",
    [
        reply(envelope('<GetClassesResponse xmlns="urn:x"/>')),
        reply(envelope("<GetPupilsResponse/>")),
        reply(
            envelope(response(), header='<s:Header><x s:mustUnderstand="1"/></s:Header>'),
        ),
    ],
)
def test_another_contract_is_told_apart(answer: HttpReply) -> None:
    assert error_of(answer).code == "source.contract_changed"
