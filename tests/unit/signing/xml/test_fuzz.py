"""The fuzz targets work: short runs of each, longer ones under `make soak`."""

from __future__ import annotations

import random

import pytest

from signing.providers import Providers
from tests.fuzz.targets import TARGETS, run
from tests.unit.signing import samples

_PIECES = (
    *(b"<a>", b"</a>", b"<a/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>", b"&#65;", b"&"),
    *(b' b="c"', b" xmlns:p='urn:x'", b"\r\n", b"\r\n\r\n", b"--B", b"Content-Type: text/xml"),
    *(b"<", b">", b'"', b"\0", b"\xd0", b"=", b"--", b"0\x82\x01\x00", b"\x30\x80"),
)


def some(source: random.Random) -> bytes:
    """Random bytes, or bytes with what the targets look for."""
    if source.random() < 0.5:
        return source.randbytes(source.randrange(80))
    return b"".join(source.choices(_PIECES, k=source.randrange(1, 40)))


@pytest.mark.parametrize("name", TARGETS)
def test_short_run(name: str, providers: Providers) -> None:
    source = random.Random(name)
    for _ in range(150):
        run(TARGETS[name], some(source))


@pytest.mark.soak
@pytest.mark.parametrize("name", TARGETS)
def test_long_run(name: str, providers: Providers) -> None:
    source = random.Random(name)
    for _ in range(50_000):
        run(TARGETS[name], some(source))


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(
    "piece", [*_PIECES, b"<a><a/></a>", b"<a b='c'>", b'<a xmlns:p="urn:x">', b"<p:", b"--\r\n"]
)
def test_repeated_piece_costs_little(name: str, piece: bytes, providers: Providers) -> None:
    run(TARGETS[name], piece * (100_000 // len(piece)))
    run(TARGETS[name], b"<a>" + piece * (99_000 // len(piece)) + b"</a>")


@pytest.mark.parametrize("name", TARGETS)
def test_good_message_is_an_input_too(name: str, providers: Providers) -> None:
    run(TARGETS[name], samples.signed("agency-rsa"))
