"""DER changed at random: on its bytes, and value by value with the lengths put right again."""

from __future__ import annotations

import random

from signing.der import DerValue, encode_oid, encode_value, read_values
from signing.errors import DerError

_NULL = b"\x05\x00"
_TAGS = (0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x1E, 0x30, 0x31, 0x80, 0xA0, 0xA1)
_LENGTHS = (b"\x80", b"\x84\x7f\xff\xff\xff", b"\x84\xff\xff\xff\xff", b"\x83\x00\x00\x01")
_OIDS = tuple(
    encode_oid(one)
    for one in (
        *("1.2.643.2.2.21", "1.2.643.2.2.31.1", "1.2.643.7.1.2.5.1.1", "1.2.643.2.2.9"),
        *("1.2.643.7.1.1.4.1", "1.2.643.7.1.1.5.1.1", "1.2.643.7.1.1.5.2.1"),
        *("1.2.643.7.1.1.1.1", "1.2.643.7.1.1.1.2", "1.2.643.2.2.19", "1.2.643.2.2.35.1"),
        *("1.2.643.7.1.2.1.2.1", "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"),
        *("2.16.840.1.101.3.4.1.42", "1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.6"),
        *("1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6", "1.2.840.113549.1.5.13"),
        *(f"1.2.840.113549.1.12.10.1.{number}" for number in range(1, 7)),
        *("1.2.840.113549.1.9.20", "1.2.840.113549.1.9.21"),
    )
)


def mutate(source: random.Random, data: bytes) -> bytes:
    """Return these bytes changed in one place or two."""
    chance = source.random()
    if chance < 0.75:
        for _ in range(source.choice((1, 1, 1, 2))):
            data = _change_value(source, data)
        return data
    changed = bytearray(data)
    place = source.randrange(len(changed) or 1)
    if chance < 0.9:
        changed[place : place + 1] = source.randbytes(1)
    elif chance < 0.94:
        changed[place + 1 : place + 2] = source.choice(_LENGTHS)
    elif chance < 0.97:
        del changed[place:]
    else:
        changed[place:place] = source.randbytes(source.randrange(1, 40))
    return bytes(changed)


def _change_value(source: random.Random, data: bytes) -> bytes:
    try:
        count = _walk(data, -1, source, [0])[1]
        return _walk(data, source.randrange(count or 1), source, [0])[0]
    except DerError:
        # The first of two changes has left no DER.
        return data


def _walk(data: bytes, chosen: int, source: random.Random, counter: list[int]) -> tuple[bytes, int]:
    """Return the values with the chosen one changed, and how many there are."""
    made = b""
    for value in read_values(data) if data else ():
        number = counter[0]
        counter[0] += 1
        content = value.content
        if value.tag & 0x20:
            content = _walk(content, chosen, source, counter)[0]
        elif value.tag == 0x04 and content[:1] in {b"\x04", b"\x30"}:
            before = counter[0]
            try:
                content = _walk(content, chosen, source, counter)[0]
            except DerError:
                counter[0] = before
        if number == chosen:
            made += _replace(source, value, content)
        else:
            made += encode_value(value.tag, content)
    return made, counter[0]


def _replace(source: random.Random, value: DerValue, content: bytes) -> bytes:
    tag, other = value.tag, encode_value(value.tag, content)
    choice = source.randrange(12)
    return (
        b"",
        encode_value(tag, b""),
        other + other,
        _NULL,
        encode_value(source.choice(_TAGS), content),
        source.choice(_OIDS),
        encode_value(tag, bytes(len(content))),
        encode_value(tag, b"\xff" * source.choice((1, 8, 32, 1000))),
        encode_value(tag, content[: source.randrange(len(content) + 1)]),
        encode_value(tag, content + source.randbytes(source.randrange(1, 80))),
        encode_value(tag, source.randbytes(source.choice((1, 4, 8, 12, 16, 32, 64)))),
        encode_value(0x02, b"\x7f" + source.randbytes(source.randrange(20))),
    )[choice]
