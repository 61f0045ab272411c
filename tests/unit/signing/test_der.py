"""What is DER and what only looks like it."""

from __future__ import annotations

import time

import pytest

from signing.certificates import parse_certificate
from signing.der import encode_oid, encode_value, is_der, make_definite, read_value
from signing.errors import DerError


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


def test_values_are_taken_apart_and_put_together() -> None:
    inner = encode_value(0x04, b"x" * 200)
    outer = encode_value(0x30, inner + b"\x05\x00")
    value = read_value(outer)
    assert (value.tag, value.encoded) == (0x30, outer)
    assert [child.encoded for child in value.children()] == [inner, b"\x05\x00"]
    assert encode_value(0x04, bytes(70_000))[:4] == b"\x04\x83\x01\x11"
    assert encode_oid("1.2.840.113549.1.1.1") == bytes.fromhex("06092a864886f70d010101")
    assert encode_oid("2.5.29.14") == bytes.fromhex("0603551d0e")
    for broken in (b"", b"\x30", b"\x30\x01", b"\x05\x00\x05\x00", b"\x30\x80\x00\x00"):
        with pytest.raises(DerError):
            read_value(broken)
    with pytest.raises(DerError):
        read_value(inner).children()


@pytest.mark.parametrize(
    ("given_hex", "closed_hex"),
    [
        ("30 80 05 00 00 00", "30 02 05 00"),
        ("30 80 a0 80 05 00 00 00 00 00", "30 04 a0 02 05 00"),
        ("30 06 30 80 05 00 00 00", "30 04 30 02 05 00"),
        ("24 80 04 01 61 04 01 62 00 00", "04 02 61 62"),
        ("24 06 04 01 61 04 01 62", "04 02 61 62"),
        ("24 80 24 80 04 01 61 00 00 00 00", "04 01 61"),
        ("30 80 00 00", "30 00"),
        ("bf 8f 7f 80 05 00 00 00", "bf 8f 7f 02 05 00"),
    ],
)
def test_open_lengths_are_closed(given_hex: str, closed_hex: str) -> None:
    closed = bytes.fromhex(closed_hex)
    assert make_definite(bytes.fromhex(given_hex)) == closed
    assert make_definite(closed) == closed


@pytest.mark.parametrize(
    "given_hex",
    [
        "",
        "30 80",
        "30 80 00",
        "30 80 05 00",
        "04 80 61 00 00",
        "30 80 00 00 00",
        "30 81 02 05 00",
        "30 80 05 81 00 00 00",
        "30 03 30 80 00 00",
        "24 80 05 00 00 00",
        "23 80 03 01 00 00 00",
        "30 80 01 01 01 00 00",
        "30 80 00 01 00 00 00",
    ],
)
def test_other_habits_of_ber_are_refused(given_hex: str) -> None:
    with pytest.raises(DerError):
        make_definite(bytes.fromhex(given_hex))


def test_depth_and_number_of_values_are_bounded() -> None:
    for hostile in (b"\x30\x80" * 5000, b"\x30\x80" + b"\x05\x00" * 60_000 + b"\0\0"):
        with pytest.raises(DerError):
            make_definite(hostile)


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_long_tags_cost_little(size: int) -> None:
    data = b"\x3f" + b"\xff" * size
    started = time.process_time()
    assert not is_der(data)
    assert not is_der(encode_value(0x30, data))
    assert time.process_time() - started < 0.5
