"""Input made to cost: at most a second of CPU and 100 MB of memory, and always a Fault."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.support.messages import DEMO_SNILS, Caller
from tests.support.refusals import check_honest, check_refused
from tests.support.replies import fault_of, verify
from tests.support.server import Server

pytestmark = pytest.mark.slow
LIMIT = 5 * 2**20
MAX_CPU_S = 1.0
MAX_MEMORY_KB = 100 * 1024


def fill(caller: Caller, make: Callable[[int], str], *, size: int = LIMIT) -> bytes:
    """A message whose Body was filled up to a size after it was signed."""
    head, mark, tail = caller.ask().partition(DEMO_SNILS.encode())
    assert mark
    return head + make(size - len(head) - len(tail)).encode() + tail


def many(piece: str) -> Callable[[int], str]:
    return lambda size: piece * (size // len(piece.encode()))


def numbered(piece: str) -> Callable[[int], str]:
    """A piece with a number in it, as many as fit."""

    def make(size: int) -> str:
        count = size // len(piece.format(1_000_000).encode())
        return "".join(map(piece.format, range(count)))

    return make


def in_one_tag(piece: str) -> Callable[[int], str]:
    return lambda size: f"<a {numbered(piece)(size - 20)}/>"


def nested(size: int) -> str:
    depth = size // 7
    return "<a>" * depth + "</a>" * depth


def nested_namespaces(size: int) -> str:
    """Each of 60 levels declares 60 names: the form that stalls inclusive C14N."""
    declared = " ".join(f'xmlns:p{n}="urn:x:{n}"' for n in range(60))
    levels = 50
    inner = "<p1:a/>" * ((size - levels * (len(declared) + 20)) // 7)
    return f"<a {declared}>" * levels + inner + "</a>" * levels


def as_many_as_allowed(piece: str, count: int) -> Callable[[int], str]:
    """Just under a limit on a number, so that the whole is read."""
    return lambda size: piece * min(count, size // len(piece))


def prefixes_in_scope(size: int) -> str:
    """250 declarations above as many elements as there may be."""
    declared = [f'xmlns:{"p" * 24}{number:03}="urn:u"' for number in range(250)]
    levels = (declared[start : start + 50] for start in range(0, 250, 50))
    opening = "".join(f"<e {' '.join(level)}>" for level in levels)
    return opening + as_many_as_allowed("<a/>", 99_000)(size - 20_000) + "</e>" * 5


SHAPES: dict[str, Callable[[int], str]] = {
    "text": many("x"),
    "empty elements": many("<a/>"),
    "elements of many names": numbered("<a{}/>"),
    "elements of many namespaces": numbered('<a xmlns="urn:{}"/>'),
    "depth": nested,
    "attributes": in_one_tag('a{}="" '),
    "namespaces": in_one_tag('xmlns:a{}="u" '),
    "namespaces on every level": nested_namespaces,
    "one long attribute": lambda size: f'<a b="{"x" * (size - 9)}"/>',
    "one long name": lambda size: f"<{'x' * (size - 9)}/>",
    "character references": many("&#x10FFFF;"),
    "references to nothing": many("&a;"),
    "comments": many("<!---->"),
    "one long comment": lambda size: f"<!--{'x' * (size - 9)}-->",
    "CDATA sections": many("<![CDATA[]]>"),
    "ids": numbered('<a Id="i{}"/>'),
    "one id": many('<a Id="i"/>'),
    "open tags": many("<a>"),
    "angle brackets": many("<"),
    "ampersands": many("&"),
    "line feeds": many("\n"),
    "elements with namespaces": as_many_as_allowed(
        '<a xmlns:b="u" xmlns:c="u" xmlns:d="u"/>', 99_000
    ),
    "elements, attributes and texts": as_many_as_allowed('<a b="1">x</a>y', 49_000),
    "elements and texts": as_many_as_allowed("<a>x</a>y", 99_000),
    "letters of four bytes": many("\U0001f600"),
}


def peak_kb(server: Server) -> int:
    """The most memory that the server has had since it was last asked to forget."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1])


def forget_peak(server: Server) -> None:
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


def check_cost(server: Server, data: bytes) -> str:
    """Send input, check what it cost, and return the key of its Fault."""
    assert len(data) <= LIMIT
    forget_peak(server)
    memory_kb, cpu_s = peak_kb(server), server.cpu_s()
    reply = server.address.post(data)
    spent_s, grown_kb = server.cpu_s() - cpu_s, peak_kb(server) - memory_kb
    assert spent_s <= MAX_CPU_S, f"{spent_s:.2f} s of CPU"
    assert grown_kb <= MAX_MEMORY_KB, f"{grown_kb} KB of memory"
    key = fault_of(verify(reply.body, server.installation).payload).key
    assert key != "internal.error"
    check_refused(server, reply, key)
    return key


@pytest.mark.parametrize("name", SHAPES)
def test_input_of_five_megabytes(server: Server, rsa: Caller, name: str) -> None:
    check_cost(server, fill(rsa, SHAPES[name]))


@pytest.mark.parametrize("name", SHAPES)
def test_input_of_a_hundred_kilobytes(server: Server, rsa: Caller, name: str) -> None:
    check_cost(server, fill(rsa, SHAPES[name], size=100_000))


SIGNABLE = (
    "text",
    "empty elements",
    "elements of many names",
    "one long attribute",
    "ids",
    "elements, attributes and texts",
)


@pytest.mark.parametrize("name", SIGNABLE)
@pytest.mark.parametrize("size", [100_000, LIMIT // 2])
def test_load_that_an_agency_signed_itself(
    server: Server, agency: Caller, name: str, size: int
) -> None:
    text = etree.tostring(agency.payload(), encoding="unicode")
    parser = etree.XMLParser(huge_tree=True)
    payload = etree.fromstring(text.replace(DEMO_SNILS, SHAPES[name](size)), parser)
    check_cost(server, agency.sign(payload))


def test_prefix_list_over_all_that_is_in_scope(server: Server, agency: Caller) -> None:
    """Signed as it has to be, with a PrefixList that makes exclusive C14N dear."""
    text = etree.tostring(agency.payload(), encoding="unicode")
    parser = etree.XMLParser(huge_tree=True)
    payload = etree.fromstring(text.replace(DEMO_SNILS, prefixes_in_scope(400_000)), parser)
    message = agency.sign(payload)
    listed = " ".join(f"{'p' * 24}{number:03}" for number in range(16))
    transform = b'<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">'
    assert transform in message
    inclusive = (
        '<c:InclusiveNamespaces xmlns:c="http://www.w3.org/2001/10/xml-exc-c14n#" '
        f'PrefixList="{listed}"></c:InclusiveNamespaces>'
    )
    changed = message.replace(transform, transform + inclusive.encode())
    begin, end = changed.index(b"<ds:SignedInfo"), changed.index(b"</ds:SignedInfo>")
    signed_info = changed[begin:end] + b"</ds:SignedInfo>"
    value = b64encode(agency.signer.sign(canonical_form(signed_info)))
    head, _, tail = changed.partition(b"<ds:SignatureValue>")
    tail = tail[tail.index(b"</ds:SignatureValue>") :]
    assert check_cost(server, head + b"<ds:SignatureValue>" + value + tail) == "signature.too_large"


def canonical_form(element: bytes) -> bytes:
    return etree.tostring(etree.fromstring(element), method="c14n", exclusive=True)


def test_many_references(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    begin, end = message.index(b"<ds:Reference"), message.index(b"</ds:SignedInfo>")
    reference = message[begin:end]
    count = (LIMIT - len(message)) // len(reference)
    key = check_cost(server, message[:begin] + reference * count + message[end:])
    assert key in ("signature.reference", "xml.too_complex")


def test_huge_token(server: Server, rsa: Caller) -> None:
    message = rsa.ask()
    end = message.index(b"</wsse:BinarySecurityToken>")
    key = check_cost(server, message[:end] + b"A" * (LIMIT - len(message)) + message[end:])
    assert key in ("signature.malformed", "certificate.malformed")


def test_honest_requests_are_answered_after_all_that(server: Server, agency: Caller) -> None:
    check_honest(server, agency)


@pytest.mark.parametrize("signed", [False, True])
def test_many_attributes_in_all(server: Server, rsa: Caller, signed: bool) -> None:
    """792,000 attributes, few on each element: memory goes with their number."""
    load = '<a b="" c="" d="" e="" f="" g="" h="" i=""/>' * 99_000
    if signed:
        text = etree.tostring(rsa.payload(), encoding="unicode").replace(DEMO_SNILS, load)
        message = rsa.sign(etree.fromstring(text, etree.XMLParser(huge_tree=True)))
    else:
        message = rsa.ask().replace(DEMO_SNILS.encode(), load.encode())
    check_cost(server, message)
