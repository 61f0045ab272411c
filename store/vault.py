"""Encryption at rest of СНИЛС, documents and health data, with blind indexes to find them by.

A sealed value is AES-256-GCM: one byte for the form, four that tell the key, a random nonce of 12,
ciphertext and tag. What it belongs to (table, column and the row's id) is authenticated with it, so
that a ciphertext copied to another row does not open. A blind index is the first 16 bytes of
HMAC-SHA256; equal values have equal indexes, and without the key nobody can try values out.
Source: NIST SP 800-38D; RFC 5869 for the keys of each purpose.
"""

import hmac
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.errors import StoreError
from store.tables.base import INDEX_BYTES

KEY_BYTES = 32
_FORM = b"\x01"
_TAG_AT = len(_FORM)
_NONCE_AT = _TAG_AT + 4
_TEXT_AT = _NONCE_AT + 12


class Purpose(StrEnum):
    """What a key is for: a value sealed for one purpose does not open for another."""

    SNILS = "snils"
    DOCUMENT = "document"
    HEALTH = "health"
    RECORD = "record"  # what a source said of a person, as a whole


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of 32 bytes and the name that it has in the configuration; `repr` hides it."""

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name or len(self.secret) != KEY_BYTES:
            raise StoreError("store.keys", "a data key has a name and 32 bytes")


@dataclass(frozen=True, slots=True)
class _Keys:
    name: str
    tag: bytes
    ciphers: Mapping[Purpose, AESGCM]
    index_keys: Mapping[Purpose, bytes]


class Vault:
    """Seals and opens values with a set of keys, of which the first seals.

    The others open what was sealed before, until it has been sealed anew (`store.rotation`).
    Raises `StoreError` ``store.keys`` for keys that are none, or two of one name.
    """

    def __init__(
        self, keys: Sequence[DataKey], *, random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        if not keys or len({key.name for key in keys}) != len(keys):
            raise StoreError("store.keys", "data keys are missing, or two have one name")
        self._random_bytes = random_bytes
        self._keys = [_derive(key) for key in keys]
        self._by_tag = {each.tag: each for each in self._keys}
        if len(self._by_tag) != len(keys):
            raise StoreError("store.keys", "two data keys are one")

    @property
    def current_prefix(self) -> bytes:
        """How every value begins that is sealed with the current key."""
        return _FORM + self._keys[0].tag

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys, the current one's first."""
        return tuple(each.name for each in self._keys)

    def key_of(self, sealed: bytes) -> str | None:
        """The name of the key that a value is sealed with, None when it is not at hand."""
        keys = self._by_tag.get(sealed[_TAG_AT:_NONCE_AT])
        return None if keys is None or sealed[:_TAG_AT] != _FORM else keys.name

    def seal(self, purpose: Purpose, plaintext: bytes, *, context: bytes, key_at: int = 0) -> bytes:
        """Encrypt a value that belongs to `context`; with a former key when its index stays."""
        nonce, keys = self._random_bytes(12), self._keys[key_at]
        sealed = keys.ciphers[purpose].encrypt(nonce, plaintext, context)
        return b"".join((_FORM, keys.tag, nonce, sealed))

    def open(self, purpose: Purpose, sealed: bytes, *, context: bytes) -> bytes:
        """Decrypt a value. Raises `StoreError` ``store.sealed`` when it can't be, whatever for."""
        keys = self._by_tag.get(sealed[_TAG_AT:_NONCE_AT])
        if keys is None or sealed[:_TAG_AT] != _FORM:
            raise StoreError("store.sealed", "a protected value is of a key that is not at hand")
        nonce, text = sealed[_NONCE_AT:_TEXT_AT], sealed[_TEXT_AT:]
        try:
            return keys.ciphers[purpose].decrypt(nonce, text, context)
        except (InvalidTag, ValueError):
            raise StoreError("store.sealed", "a protected value was changed") from None

    def index(self, purpose: Purpose, value: str) -> bytes:
        """The blind index of a value, by the current key."""
        return _index(self._keys[0], purpose, value)

    def indexes(self, purpose: Purpose, value: str) -> tuple[bytes, ...]:
        """The blind indexes under which a value may be kept, the current key's first."""
        return tuple(_index(keys, purpose, value) for keys in self._keys)


def _index(keys: _Keys, purpose: Purpose, value: str) -> bytes:
    return hmac.digest(keys.index_keys[purpose], value.encode(), "sha256")[:INDEX_BYTES]


def _derive(key: DataKey) -> _Keys:
    return _Keys(
        name=key.name,
        # Tells keys apart without the order in which they are configured.
        tag=sha256(b"kontingent data key\0" + key.secret).digest()[:4],
        ciphers={each: AESGCM(_derived(key, f"seal {each}")) for each in Purpose},
        index_keys={each: _derived(key, f"index {each}") for each in Purpose},
    )


def _derived(key: DataKey, label: str) -> bytes:
    info = f"kontingent/store/1/{label}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key.secret)
