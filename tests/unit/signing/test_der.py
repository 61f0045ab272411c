"""What is DER and what only looks like it."""

from __future__ import annotations

import pytest

from signing.certificates import parse_certificate
from signing.der import is_der


@pytest.mark.parametrize(
    "data",
    [
        "0500",
        "3000",
        "0101ff",
        "010100",
        "020100",
        "02020080",
        "0201ff",
        "0202ff7f",
        "030100",
        "030206c0",
        "0400",
        "0c03616263",
        "3106020101020102",
        "a0030201 02",
        "80021234",
        "0481 80" + "00" * 128,
        "1f1f00",
        "9f810000",
    ],
)
def test_der(data: str) -> None:
    assert is_der(bytes.fromhex(data))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "05",
        "0501",
        "050000",
        "30800000",
        "30810100",
        "0481 7f" + "00" * 127,
        "04820080" + "00" * 128,
        "30ff",
        "3088" + "ff" * 8,
        "010101",
        "0100",
        "0200",
        "02020001",
        "0202ff80",
        "0300",
        "030207c1",
        "030108",
        "0301ff",
        "2403040100",
        "2c020c00",
        "1000",
        "1100",
        "1f0500",
        "1f801f00",
        "1f",
        "1fff",
        "3003020100ff",
        "30030201",
        "30020200",
    ],
)
def test_not_der(data: str) -> None:
    assert not is_der(bytes.fromhex(data))


def test_depth_is_bounded() -> None:
    data = b""
    for _ in range(200):
        length = len(data)
        head = bytes([length]) if length < 128 else bytes([0x82, length >> 8, length & 255])
        if 128 <= length < 256:
            head = bytes([0x81, length])
        data = b"\x30" + head + data
    assert not is_der(data)


def test_certificates(pki: dict[str, bytes]) -> None:
    for name, content in pki.items():
        if name.endswith(".pem"):
            der = parse_certificate(content).der
            assert is_der(der)
            assert not is_der(der + b"\0")
            assert not is_der(der[:-1])
