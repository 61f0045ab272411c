"""What locks private keys, read strictly before a library is handed it.

Libraries take the parameters of a cipher as they come: the engine ``gost`` ends the process when
its own are missing, and nobody asks how often a password is to be hashed. So every
AlgorithmIdentifier is held against a list of the schemes that key files have, each with exactly the
parameters it needs, and the hashing is added up.

Sources: RFC 8018 Appendix A (PBES2, PBKDF2), RFC 7292 Appendix C (3DES and RC2 by SHA-1),
RFC 9337 (PRFs and ciphers of GOST), RFC 4357 §8.1 (parameter sets of GOST 28147-89).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from signing.der import DerValue, encode_oid, is_der, read_value
from signing.errors import DerError, ProviderError

# In iterations with SHA: a second at most. openssl writes 2,048 of them, OWASP asks for 600,000.
MAX_COST: Final = 2_000_000
_SALT_BYTES = range(1, 65)
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_NULL: Final = b"\x05\x00"

_PBES2 = encode_oid("1.2.840.113549.1.5.13")
_PBKDF2 = encode_oid("1.2.840.113549.1.5.12")
_HMAC_SHA1 = encode_oid("1.2.840.113549.2.7")


@dataclass(frozen=True, slots=True)
class _Hash:
    """A hash in the derivation of a key."""

    weight: int = 1
    """What an iteration costs, that of SHA being 1, as the engine takes its time."""
    is_gost: bool = False


_PRFS = {
    _HMAC_SHA1: _Hash(),
    encode_oid("1.2.840.113549.2.8"): _Hash(),  # HMAC with SHA-224
    encode_oid("1.2.840.113549.2.9"): _Hash(),  # SHA-256
    encode_oid("1.2.840.113549.2.10"): _Hash(),  # SHA-384
    encode_oid("1.2.840.113549.2.11"): _Hash(),  # SHA-512
    encode_oid("1.2.643.7.1.1.4.1"): _Hash(8, is_gost=True),  # Streebog-256
    encode_oid("1.2.643.7.1.1.4.2"): _Hash(8, is_gost=True),  # Streebog-512
    encode_oid("1.2.643.2.2.10"): _Hash(16, is_gost=True),  # GOST R 34.11-94
}
# The MAC of a PKCS#12: with GOST its key is a third of 96 octets that are all derived (RFC 9548).
_MAC_DIGESTS = {
    encode_oid("1.3.14.3.2.26"): _Hash(),  # SHA-1
    encode_oid("2.16.840.1.101.3.4.2.4"): _Hash(),  # SHA-224
    encode_oid("2.16.840.1.101.3.4.2.1"): _Hash(),  # SHA-256
    encode_oid("2.16.840.1.101.3.4.2.2"): _Hash(),  # SHA-384
    encode_oid("2.16.840.1.101.3.4.2.3"): _Hash(),  # SHA-512
    encode_oid("1.2.643.7.1.1.2.2"): _Hash(24, is_gost=True),  # Streebog-256
    encode_oid("1.2.643.7.1.1.2.3"): _Hash(16, is_gost=True),  # Streebog-512
    encode_oid("1.2.643.2.2.9"): _Hash(48, is_gost=True),  # GOST R 34.11-94
}
# 3DES with three keys, and RC2 of 40 bits, in which Windows and OpenSSL 1 lock certificates. Key
# and vector are derived apart, and a key of 3DES takes two digests.
_PKCS12_SCHEMES = frozenset(
    {encode_oid("1.2.840.113549.1.12.1.3"), encode_oid("1.2.840.113549.1.12.1.6")}
)
_PKCS12_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class _Cipher:
    """A cipher of PBES2 and its parameters: an octet string, or a SEQUENCE that begins with one."""

    key_bytes: int
    vector_bytes: int
    is_gost: bool = False
    """Of GOST; the parameters are a SEQUENCE then."""
    sets: frozenset[bytes] = field(default=frozenset())
    """The parameter sets, one of which follows; none: nothing follows."""


_GOST89_SETS = frozenset(
    encode_oid(name)
    for name in (
        "1.2.643.2.2.31.1",  # CryptoPro A to D
        "1.2.643.2.2.31.2",
        "1.2.643.2.2.31.3",
        "1.2.643.2.2.31.4",
        "1.2.643.7.1.2.5.1.1",  # TC26 Z
    )
)
_CIPHERS = {
    encode_oid("2.16.840.1.101.3.4.1.2"): _Cipher(16, 16),  # AES-128-CBC
    encode_oid("2.16.840.1.101.3.4.1.22"): _Cipher(24, 16),  # AES-192-CBC
    encode_oid("2.16.840.1.101.3.4.1.42"): _Cipher(32, 16),  # AES-256-CBC
    encode_oid("1.2.840.113549.3.7"): _Cipher(24, 8),  # DES-EDE3-CBC
    encode_oid("1.2.643.2.2.21"): _Cipher(32, 8, is_gost=True, sets=_GOST89_SETS),
    # Magma and Kuznyechik in CTR-ACPKM: openssl makes such keys, and reads none of their OMAC kind.
    encode_oid("1.2.643.7.1.1.5.1.1"): _Cipher(32, 12, is_gost=True),
    encode_oid("1.2.643.7.1.1.5.2.1"): _Cipher(32, 16, is_gost=True),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """What it takes to open something locked."""

    cost: int = 0
    """Iterations, those of GOST's hashes weighed."""
    is_gost: bool = False
    """Needs the engine."""

    def __add__(self, other: Effort) -> Effort:
        return Effort(self.cost + other.cost, self.is_gost or other.is_gost)


def refuse(detail: str) -> ProviderError:
    """Return the error of a file that is not opened."""
    return ProviderError("provider.key_unreadable", detail)


def verify_encrypted_key(der: bytes) -> Effort:
    """Return what it takes to open an EncryptedPrivateKeyInfo (RFC 5958 §3), when it may be tried.

    Raises ProviderError ``provider.key_unreadable``.
    """
    if not is_der(der):
        raise refuse("an encrypted key that is not DER")
    try:
        effort = read_encrypted_key(read_value(der))
    except DerError:
        raise refuse("not an encrypted key") from None
    verify_effort(effort)
    return effort


def verify_effort(effort: Effort) -> None:
    """Raise ProviderError ``provider.key_unreadable`` when opening takes too long."""
    if effort.cost > MAX_COST:
        raise refuse(f"the password is to be hashed more than {MAX_COST} times")


def read_encrypted_key(box: DerValue) -> Effort:
    """Return what an EncryptedPrivateKeyInfo takes to open. Raises ProviderError, DerError."""
    identifier, content = members(box, 2, "an encrypted key")
    octets(content, "an encrypted key")
    return read_encryption(identifier)


def read_encryption(identifier: DerValue) -> Effort:
    """Return what this AlgorithmIdentifier takes to undo. Raises ProviderError, DerError."""
    name, parameters = members(identifier, 2, "the encryption")
    if name.encoded in _PKCS12_SCHEMES:
        salt, iterations = members(parameters, 2, "the encryption's parameters")
        _verify_salt(salt)
        return Effort(_PKCS12_WEIGHT * _read_count(iterations))
    if name.encoded != _PBES2:
        raise refuse("an encryption of keys that is not read here")
    derivation, cipher = members(parameters, 2, "the parameters of PBES2")
    found, key_bytes = _read_cipher(cipher)
    return found + _read_derivation(derivation, key_bytes)


def read_mac(mac: DerValue) -> Effort:
    """Return what the MacData of a PKCS#12 takes (RFC 7292 §4). Raises ProviderError, DerError."""
    kind = "the MAC"
    parts = mac.children()
    if not 2 <= len(parts) <= 3:
        raise refuse(f"{kind} of the PKCS#12 file is malformed")
    identifier, digest = members(parts[0], 2, kind)
    octets(digest, kind)
    name, *rest = identifier.children()
    known = _MAC_DIGESTS.get(name.encoded)
    if known is None or [one.encoded for one in rest] not in ([], [_NULL]):
        raise refuse("the MAC of the PKCS#12 file is of a kind that is not read here")
    _verify_salt(parts[1])
    count = _read_count(parts[2]) if len(parts) == 3 else 1
    return Effort(known.weight * count, known.is_gost)


def _read_derivation(derivation: DerValue, key_bytes: int) -> Effort:
    """Read PBKDF2 with salt, iterations, the key's length if told, and the PRF unless SHA-1."""
    name, parameters = members(derivation, 2, "the derivation of the key")
    parts = list(parameters.children())
    if name.encoded != _PBKDF2 or not 2 <= len(parts) <= 4:
        raise refuse("a derivation of the key that is not PBKDF2")
    _verify_salt(parts.pop(0))
    count = _read_count(parts.pop(0))
    if parts and parts[0].tag == _INTEGER and _read_count(parts.pop(0)) != key_bytes:
        raise refuse("a key of another length than the cipher's")
    if len(parts) > 1:
        raise refuse("a derivation of the key that is not PBKDF2")
    prf = _read_prf(parts[0]) if parts else _PRFS[_HMAC_SHA1]
    return Effort(prf.weight * count, prf.is_gost)


def _read_prf(identifier: DerValue) -> _Hash:
    name, *rest = identifier.children() or (identifier,)
    known = _PRFS.get(name.encoded)
    if (
        identifier.tag != _SEQUENCE
        or known is None
        or [one.encoded for one in rest] not in ([], [_NULL])
    ):
        raise refuse("a PRF of PBKDF2 that is not read here")
    return known


def _read_cipher(identifier: DerValue) -> tuple[Effort, int]:
    """Return what the cipher needs, and the bytes of its key."""
    name, parameters = members(identifier, 2, "the cipher")
    cipher = _CIPHERS.get(name.encoded)
    if cipher is None:
        raise refuse("a cipher of keys that is not read here")
    parts = [parameters]
    if cipher.is_gost:
        parts = list(members(parameters, 2 if cipher.sets else 1, "the cipher's parameters"))
    if len(octets(parts[0], "the cipher's parameters")) != cipher.vector_bytes:
        raise refuse("an initialization vector of another length than the cipher's")
    if cipher.sets and parts[1].encoded not in cipher.sets:
        raise refuse("a parameter set of GOST 28147-89 that is not known")
    return Effort(0, cipher.is_gost), cipher.key_bytes


def members(value: DerValue, count: int, kind: str) -> tuple[DerValue, ...]:
    """Return what a SEQUENCE of so many members is made of. Raises ProviderError, DerError."""
    if value.tag != _SEQUENCE or len(found := value.children()) != count:
        raise refuse(f"{kind}: malformed")
    return found


def octets(value: DerValue, kind: str) -> bytes:
    """Return what an OCTET STRING holds. Raises ProviderError."""
    if value.tag != _OCTETS:
        raise refuse(f"{kind}: malformed")
    return value.content


def _verify_salt(value: DerValue) -> None:
    if len(octets(value, "the salt")) not in _SALT_BYTES:
        raise refuse("a salt that is empty or too long")


def _read_count(value: DerValue) -> int:
    """Return a number from 1; one beyond all bounds comes back as such a one."""
    if value.tag != _INTEGER:
        raise refuse("the number of iterations: malformed")
    # Numbers are judged, not converted, when there are a thousand octets of them.
    count = int.from_bytes(value.content[:9], "big", signed=True)
    if count < 1:
        raise refuse("the number of iterations is below one")
    return count
