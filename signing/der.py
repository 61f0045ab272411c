"""Whether bytes are DER as far as the encoding itself tells, whatever they mean.

The same value has one encoding in DER and many in BER, so a certificate re-encoded in BER would be
another certificate to whoever compares bytes. What only a schema tells (values left to their
DEFAULT, the order within a SET) is not judged: authorities in operation depart from it.

`read_value` and its siblings take DER apart where a structure has few members and every byte
counts; `make_definite` brings the one habit of BER that writers of streams need, lengths left open,
to DER.

Source: X.690 §8.1, §8.7, §8.19, §10, §11.1, §11.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from signing.errors import DerError

_MAX_DEPTH = 32
# A signature with its certificates holds some hundreds of values, revocation lists some thousands.
_MAX_VALUES = 50_000
_MAX_LENGTH_BYTES = 4
_LONG_TAG = 0x1F
_MAX_TAG_BYTES = 4
_BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _ENUMERATED = 1, 2, 3, 5, 10
# EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING are made of others, and only they.
_CONSTRUCTED = frozenset({8, 11, 16, 17, 29})
_INDEFINITE = 0x80
_OCTETS, _PARTED_OCTETS = 0x04, 0x24
_OID = 0x06


class _NotDerError(Exception):
    """Ends the reading; it does not leave this module."""


def is_der(data: bytes) -> bool:
    """Say whether the bytes are one value in DER with nothing after it."""
    try:
        return _read_value(data, 0, len(data), 0) == len(data)
    except (_NotDerError, IndexError):
        return False


@dataclass(frozen=True, slots=True)
class DerValue:
    """One value of DER, its content not yet taken apart."""

    tag: int
    """The identifier octet."""
    content: bytes
    encoded: bytes
    """The whole value with its tag and length."""

    def children(self) -> tuple[DerValue, ...]:
        """Return the values that this one is made of. Raises DerError."""
        if not self.tag & 0x20:
            raise DerError("der.malformed", "a value that is not made of others")
        return read_values(self.content)


def read_value(data: bytes) -> DerValue:
    """Return the one value of these bytes. Raises DerError."""
    values = read_values(data)
    if len(values) != 1:
        raise DerError("der.malformed", "not one value")
    return values[0]


def read_values(data: bytes) -> tuple[DerValue, ...]:
    """Return the values that stand one after another in these bytes. Raises DerError."""
    values, position = [], 0
    try:
        while position < len(data):
            _, content = _read_tag(data, position)
            length, content = _read_length(data, content)
            after = content + length
            if after > len(data):
                raise _NotDerError
            values.append(DerValue(data[position], data[content:after], data[position:after]))
            position = after
    except (_NotDerError, IndexError):
        raise DerError("der.malformed", "not DER") from None
    return tuple(values)


def encode_value(tag: int, content: bytes) -> bytes:
    """Return the value of this identifier octet in DER."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def encode_oid(dotted: str) -> bytes:
    """Return the object identifier in DER, tag and length included."""
    first, second, *rest = (int(number) for number in dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *rest):
        octets = [number & 0x7F]
        while number := number >> 7:
            octets.append(number & 0x7F | 0x80)
        content += bytes(octets[::-1])
    return encode_value(_OID, bytes(content))


def make_definite(data: bytes) -> bytes:
    """Return one value with its open lengths closed and its parted octet strings joined.

    What is DER already comes back unchanged; everything else that BER allows is refused. Raises
    DerError.
    """
    if is_der(data):
        return data
    try:
        closed, after = _Closer(data).close(0, len(data), 0)
    except (_NotDerError, IndexError):
        raise DerError("der.malformed", "not BER") from None
    if after != len(data) or not is_der(closed):
        raise DerError("der.malformed", "neither DER nor DER with open lengths")
    return closed


class _Closer:
    """One pass over the bytes, with a count of the values seen."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0

    def close(self, start: int, end: int, depth: int) -> tuple[bytes, int]:
        """Return the value that begins at `start`, closed, and the offset after it."""
        data = self._data
        self._count += 1
        if depth > _MAX_DEPTH or self._count > _MAX_VALUES:
            raise _NotDerError
        tag = data[start]
        _, position = _read_tag(data, start)
        name = data[start:position]
        if data[position] == _INDEFINITE:
            if not tag & 0x20:
                raise _NotDerError
            parts, after = self._close_open(position + 1, end, depth)
        else:
            length, position = _read_length(data, position)
            after = position + length
            if after > end:
                raise _NotDerError
            if not tag & 0x20:
                return data[start:after], after
            parts = []
            while position < after:
                part, position = self.close(position, after, depth + 1)
                parts.append(part)
        if tag == _PARTED_OCTETS:
            return encode_value(_OCTETS, b"".join(map(_octets, parts))), after
        return name + encode_value(0, b"".join(parts))[1:], after

    def _close_open(self, position: int, end: int, depth: int) -> tuple[list[bytes], int]:
        """Return the values up to the two zero octets that end an open length."""
        parts = []
        while self._data[position : position + 2] != b"\0\0":
            part, position = self.close(position, end, depth + 1)
            parts.append(part)
        if position + 2 > end:
            raise _NotDerError
        return parts, position + 2


def _octets(part: bytes) -> bytes:
    """Return what one part of a parted octet string holds."""
    if part[0] != _OCTETS:
        raise _NotDerError
    return part[_read_length(part, 1)[1] :]


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
    for octet in data[position : position + _MAX_TAG_BYTES]:
        position += 1
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            break
    else:
        raise _NotDerError
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
