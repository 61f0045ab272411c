"""The outside of PKCS#12 files, read strictly before a library is handed one.

What a file holds in the open is judged at once; what it holds encrypted, mostly certificates, only
shows after decryption. Such a safe may hold keys that are encrypted once more, and the libraries
open those in passing. They are not forbidden, they are looked at: whoever opens the file decrypts
each safe, its own algorithm having been judged, and gives the contents to `read_bags`.

A child process in place of this would also stop what is hidden, at the price of starting one for
each file, and would say of a broken file only that the child died.

Source: RFC 7292 §4, §4.2; RFC 2985 §5.5 (attributes). Writers of streams leave lengths open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from signing.der import DerValue, encode_oid, make_definite, read_value
from signing.errors import DerError
from signing.providers.encryption import (
    Effort,
    members,
    octets,
    read_encrypted_key,
    read_encryption,
    read_mac,
    refuse,
    verify_effort,
)

_MAX_SAFES = 16
_MAX_BAGS = 64
_VERSION_0, _VERSION_3 = b"\x02\x01\x00", b"\x02\x01\x03"
_SEQUENCE, _SET, _EXPLICIT_0 = 0x30, 0x31, 0xA0
_OCTETS, _BMP_STRING = 0x04, 0x1E
_CONTENT, _PARTED_CONTENT = 0x80, 0xA0

_DATA = encode_oid("1.2.840.113549.1.7.1")
_ENCRYPTED_DATA = encode_oid("1.2.840.113549.1.7.6")
_KEY_BAG, _SHROUDED_BAG, _CERTIFICATE_BAG = (
    encode_oid(f"1.2.840.113549.1.12.10.1.{number}") for number in (1, 2, 3)
)
# Libraries take the value of these two for what it should be.
_ATTRIBUTE_TAGS = {
    encode_oid("1.2.840.113549.1.9.20"): _BMP_STRING,  # friendlyName
    encode_oid("1.2.840.113549.1.9.21"): _OCTETS,  # localKeyId
}


@dataclass(frozen=True, slots=True)
class EncryptedSafe:
    """A part of the file whose contents are encrypted; its algorithm has been judged."""

    identifier: bytes
    """AlgorithmIdentifier, DER."""
    is_gost: bool
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a PKCS#12 file shows without its password."""

    has_mac: bool
    effort: Effort
    """For its MAC, its encrypted safes and the keys that show."""
    encrypted_safes: tuple[EncryptedSafe, ...]


def close_lengths(data: bytes) -> bytes:
    """Return a PKCS#12 file as DER on its outside: what its MAC covers stays as it is.

    Raises ProviderError ``provider.key_unreadable``.
    """
    try:
        return make_definite(data)
    except DerError:
        raise refuse("not a PKCS#12 file") from None


def parse_outline(data: bytes) -> Outline:
    """Return the outline of a PKCS#12 file. Raises ProviderError ``provider.key_unreadable``."""
    try:
        file = _read(data)
        version, info, *rest = file.children()
        if file.tag != _SEQUENCE or version.encoded != _VERSION_3 or len(rest) > 1:
            raise refuse("not a PKCS#12 file")
        effort = read_mac(rest[0]) if rest else Effort()
        kind, content = _content_info(info)
        if kind != _DATA:
            raise refuse("a PKCS#12 file under a signature in place of a password")
        safes = _read(octets(content, "the PKCS#12 file")).children()
        if len(safes) > _MAX_SAFES:
            raise refuse("too many safes in the PKCS#12 file")
        locked = []
        for safe in safes:
            kind, content = _content_info(safe)
            if kind == _DATA:
                effort += _read_bags(octets(content, "a safe"))
            elif kind == _ENCRYPTED_DATA:
                found, one = _encrypted_safe(content)
                effort += found
                locked.append(one)
            else:
                raise refuse("a safe of the PKCS#12 file that no password opens")
    except (DerError, ValueError):
        raise refuse("not a PKCS#12 file") from None
    verify_effort(effort)
    return Outline(bool(rest), effort, tuple(locked))


def read_bags(contents: bytes) -> Effort:
    """Return what it takes to open the keys in a safe's contents, SafeContents.

    Raises ProviderError ``provider.key_unreadable``, also for kinds of bags that are not read.
    """
    try:
        return _read_bags(contents)
    except (DerError, ValueError):
        raise refuse("a safe of the PKCS#12 file is malformed, or it is a wrong password") from None


def _read(data: bytes) -> DerValue:
    return read_value(make_definite(data))


def _content_info(info: DerValue) -> tuple[bytes, DerValue]:
    """Return the type of a ContentInfo, DER, and the value under its tag."""
    kind, tagged = members(info, 2, "the PKCS#12 file")
    if tagged.tag != _EXPLICIT_0:
        raise refuse("the PKCS#12 file: malformed")
    return kind.encoded, read_value(tagged.content)


def _encrypted_safe(value: DerValue) -> tuple[Effort, EncryptedSafe]:
    version, info = members(value, 2, "an encrypted safe")
    kind, identifier, content = members(info, 3, "an encrypted safe")
    if version.encoded != _VERSION_0 or kind.encoded != _DATA:
        raise refuse("an encrypted safe: malformed")
    if content.tag == _PARTED_CONTENT:
        parts = b"".join(octets(part, "an encrypted safe") for part in content.children())
    elif content.tag == _CONTENT:
        parts = content.content
    else:
        raise refuse("an encrypted safe: malformed")
    effort = read_encryption(identifier)
    return effort, EncryptedSafe(identifier.encoded, effort.is_gost, parts)


def _read_bags(contents: bytes) -> Effort:
    effort = Effort()
    safe = _read(contents)
    bags = safe.children()
    if safe.tag != _SEQUENCE or len(bags) > _MAX_BAGS:
        raise refuse("a safe of the PKCS#12 file is malformed, or holds too much")
    for bag in bags:
        kind, tagged, *attributes = bag.children()
        if bag.tag != _SEQUENCE or tagged.tag != _EXPLICIT_0 or len(attributes) > 1:
            raise refuse("a bag of the PKCS#12 file: malformed")
        if kind.encoded == _SHROUDED_BAG:
            effort += read_encrypted_key(read_value(tagged.content))
        elif kind.encoded not in {_KEY_BAG, _CERTIFICATE_BAG}:
            raise refuse("the PKCS#12 file holds something else than keys and certificates")
        for one in attributes:
            _verify_attributes(one)
    return effort


def _verify_attributes(attributes: DerValue) -> None:
    for attribute in attributes.children():
        kind, values = members(attribute, 2, "an attribute of a bag")
        expected = _ATTRIBUTE_TAGS.get(kind.encoded)
        tags = [value.tag for value in values.children()]
        if (
            attributes.tag != _SET
            or values.tag != _SET
            or (expected is not None and tags != [expected])
        ):
            raise refuse("an attribute of a bag: malformed")
