"""Encrypted keys and PKCS#12 files, made in Python so that everything in them can be wrong."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from signing.der import encode_oid, encode_value, read_value

PASSWORD = b"word"
NULL = b"\x05\x00"
EMPTY = b"\x30\x00"
SALT = b"saltsalt"
PBES2 = "1.2.840.113549.1.5.13"
PBKDF2 = "1.2.840.113549.1.5.12"
SHA256_PRF = "1.2.840.113549.2.9"
STREEBOG_PRF = "1.2.643.7.1.1.4.2"
AES_256 = "2.16.840.1.101.3.4.1.42"
GOST89 = "1.2.643.2.2.21"
GOST89_Z = "1.2.643.7.1.2.5.1.1"
DES3_PBE = "1.2.840.113549.1.12.1.3"
DATA = "1.2.840.113549.1.7.1"
KEY_BAG, SHROUDED_BAG, CERTIFICATE_BAG = (f"1.2.840.113549.1.12.10.1.{n}" for n in (1, 2, 3))


def sequence(*members: bytes) -> bytes:
    return encode_value(0x30, b"".join(members))


def integer(number: int) -> bytes:
    return encode_value(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(content: bytes) -> bytes:
    return encode_value(0x04, content)


def algorithm(oid: str, parameters: bytes) -> bytes:
    return sequence(encode_oid(oid), parameters)


@dataclass(frozen=True)
class Lock:
    """PBES2 with PBKDF2: each part can be another one than usual."""

    iterations: bytes = field(default_factory=lambda: integer(1000))
    salt: bytes = field(default_factory=lambda: octets(SALT))
    key_length: bytes = b""
    prf: bytes = field(default_factory=lambda: algorithm(SHA256_PRF, NULL))
    derivation: str = PBKDF2
    cipher: bytes = field(default_factory=lambda: algorithm(AES_256, octets(bytes(16))))
    scheme: str = PBES2

    def identifier(self) -> bytes:
        parameters = sequence(self.salt, self.iterations, self.key_length, self.prf)
        return algorithm(self.scheme, sequence(algorithm(self.derivation, parameters), self.cipher))

    def key(self, content: bytes = bytes(32)) -> bytes:
        """EncryptedPrivateKeyInfo of ciphertext."""
        return sequence(self.identifier(), octets(content))


def gost_lock(parameters: bytes) -> Lock:
    return Lock(cipher=algorithm(GOST89, parameters))


def gost_parameters(vector: bytes = bytes(8), name: str = GOST89_Z) -> bytes:
    return sequence(octets(vector), encode_oid(name))


def encrypt(plain: bytes) -> bytes:
    """Encrypt as the usual `Lock` says."""
    pad = PKCS7(128).padder()
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD, SALT, 1000, 32)
    seal = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return seal.update(pad.update(plain) + pad.finalize()) + seal.finalize()


def bag(kind: str, value: bytes, *attributes: bytes) -> bytes:
    tail = encode_value(0x31, b"".join(attributes)) if attributes else b""
    return sequence(encode_oid(kind), encode_value(0xA0, value), tail)


def certificate_bag(der: bytes, *attributes: bytes) -> bytes:
    inner = sequence(encode_oid("1.2.840.113549.1.9.22.1"), encode_value(0xA0, octets(der)))
    return bag(CERTIFICATE_BAG, inner, *attributes)


def open_safe(contents: bytes) -> bytes:
    return sequence(encode_oid(DATA), encode_value(0xA0, octets(contents)))


def locked_safe(contents: bytes, lock: Lock | None = None) -> bytes:
    identifier = (lock or Lock()).identifier()
    info = sequence(encode_oid(DATA), identifier, encode_value(0x80, encrypt(contents)))
    data = sequence(integer(0), info)
    return sequence(encode_oid("1.2.840.113549.1.7.6"), encode_value(0xA0, data))


def pfx(*safes: bytes, iterations: bytes | None = None, with_mac: bool = True) -> bytes:
    """Return a PKCS#12; the MAC holds, unless its iterations are said to be others than one."""
    return seal(sequence(*safes), iterations=iterations, with_mac=with_mac)


def seal(contents: bytes, *, iterations: bytes | None = None, with_mac: bool = True) -> bytes:
    """Return a PKCS#12 of this AuthenticatedSafe."""
    digest = algorithm("2.16.840.1.101.3.4.2.1", NULL)
    value = octets(hmac.digest(_mac_key(), contents, "sha256"))
    # One is the default, which DER leaves out.
    mac = sequence(sequence(digest, value), octets(SALT), iterations or b"")
    info = sequence(encode_oid(DATA), encode_value(0xA0, octets(contents)))
    return sequence(integer(3), info, mac if with_mac else b"")


def contents_of(file: bytes) -> bytes:
    """Return the AuthenticatedSafe of a PKCS#12."""
    _, info, *_ = read_value(file).children()
    return read_value(info.children()[1].content).content


def _mac_key() -> bytes:
    """Derive it from the password: RFC 7292 Appendix B.2, one iteration of SHA-256."""
    unicode = PASSWORD.decode().encode("utf-16-be") + b"\0\0"
    filled = b"".join((one * (64 // len(one) + 1))[:64] for one in (SALT, unicode))
    return hashlib.sha256(bytes([3]) * 64 + filled).digest()
