"""Whether bytes are DER as far as the encoding itself tells, whatever they mean.

The same value has one encoding in DER and many in BER, so a certificate re-encoded in BER would be
another certificate to whoever compares bytes. What only a schema tells (values left to their
DEFAULT, the order within a SET) is not judged: authorities in operation depart from it.

Source: X.690 §8.1, §10, §11.1, §11.2.
"""

from __future__ import annotations

_MAX_DEPTH = 32
_MAX_LENGTH_BYTES = 4
_LONG_TAG = 0x1F
_BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _ENUMERATED = 1, 2, 3, 5, 10
# EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING are made of others, and only they.
_CONSTRUCTED = frozenset({8, 11, 16, 17, 29})


class _NotDerError(Exception):
    """Ends the reading; it does not leave this module."""


def is_der(data: bytes) -> bool:
    """Say whether the bytes are one value in DER with nothing after it."""
    try:
        return _read_value(data, 0, len(data), 0) == len(data)
    except (_NotDerError, IndexError):
        return False


def _read_value(data: bytes, start: int, end: int, depth: int) -> int:
    """Return the offset after the value that begins at `start`."""
    first = data[start]
    number, position = _read_tag(data, start)
    length, position = _read_length(data, position)
    after = position + length
    is_constructed = bool(first & 0x20)
    is_universal = first & 0xC0 == 0
    if after > end or (is_universal and is_constructed != (number in _CONSTRUCTED)):
        raise _NotDerError
    if is_constructed:
        if depth == _MAX_DEPTH:
            raise _NotDerError
        while position < after:
            position = _read_value(data, position, after, depth + 1)
    elif is_universal and not _is_content(number, data[position:after]):
        raise _NotDerError
    return after


def _read_tag(data: bytes, position: int) -> tuple[int, int]:
    """Return the tag's number, at its shortest, and the offset after it."""
    number = data[position] & _LONG_TAG
    position += 1
    if number < _LONG_TAG:
        return number, position
    if data[position] == 0x80:
        raise _NotDerError
    number = 0
    while True:
        octet = data[position]
        position += 1
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            break
    if number < _LONG_TAG:
        raise _NotDerError
    return number, position


def _read_length(data: bytes, position: int) -> tuple[int, int]:
    """Return the length, definite and at its shortest, and the offset after it."""
    first = data[position]
    position += 1
    if first < 0x80:
        return first, position
    after = position + (first & 0x7F)
    if not 1 <= after - position <= _MAX_LENGTH_BYTES or after > len(data):
        raise _NotDerError
    length = int.from_bytes(data[position:after], "big")
    if length < 0x80 or data[position] == 0:
        raise _NotDerError
    return length, after


def _is_content(number: int, content: bytes) -> bool:
    """Say whether these are the one encoding of a primitive value of this universal type."""
    if number in {0, _NULL}:
        # 0 ends an indefinite length, which is none of DER's.
        return number == _NULL and not content
    if number == _BOOLEAN:
        return content in {b"\x00", b"\xff"}
    if number in {_INTEGER, _ENUMERATED}:
        # The first nine bits are never all alike.
        return len(content) == 1 or (
            len(content) > 1 and (content[0], content[1] >> 7) not in {(0x00, 0), (0xFF, 1)}
        )
    if number == _BIT_STRING:
        unused = content[0] if content else 8
        if len(content) < 2:
            return unused == 0
        return unused < 8 and content[-1] & ((1 << unused) - 1) == 0
    return True
