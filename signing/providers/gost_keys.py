"""GOST keys in DER: SubjectPublicKeyInfo and PrivateKeyInfo, read strictly.

A public key is accepted in its one encoding only, and its parameters have to fit its algorithm.
Both providers of GOST read public keys here, so that they accept the same ones.

Sources: RFC 9215 §4 and Appendix B, RFC 4491 §2.3 (public keys); RFC 5958 and gost-engine (private
keys).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from asn1crypto import core

from signing.algorithms import GOST_256_KEY, GOST_512_KEY, GOST_2001_KEY
from signing.asn1 import ASN1_LOCK
from signing.der import is_der
from signing.errors import ProviderError, SignatureError
from signing.providers.gost_curves import CURVES, Curve
from signing.providers.gost_points import (
    INFINITY,
    Point,
    add_multiple,
    affine,
    base_table,
    multiply,
)

_NUMBER_BYTES = {GOST_256_KEY: 32, GOST_512_KEY: 64, GOST_2001_KEY: 32}
# The digest that the parameters may name: the one the algorithm signs. For 34.11-94 the S-box of
# CryptoPro, and not that of the tests (RFC 4357 §11.2).
_DIGEST_SETS = {
    GOST_256_KEY: "1.2.643.7.1.1.2.2",
    GOST_512_KEY: "1.2.643.7.1.1.2.3",
    GOST_2001_KEY: "1.2.643.2.2.30.1",
}
# Parameters of GOST 28147-89 (RFC 4357 §11.1, RFC 7836 Appendix C): of no weight for signatures,
# yet met in keys that encrypt as well.
_CIPHER_SETS = frozenset({*(f"1.2.643.2.2.31.{last}" for last in range(8)), "1.2.643.7.1.2.5.1.1"})
# RFC 9215 §4.2 wants the digest named with these, and RFC 4491 §2.3.2 with every key of 2001.
_CRYPTOPRO_SETS = "1.2.643.2.2."

_OCTET_STRING_TAG, _INTEGER_TAG = 0x04, 0x02


class _Parameters(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("public_key_set", core.ObjectIdentifier),
        ("digest_set", core.ObjectIdentifier, {"optional": True}),
        ("cipher_set", core.ObjectIdentifier, {"optional": True}),
    ]


class _Algorithm(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("algorithm", core.ObjectIdentifier),
        ("parameters", _Parameters),
    ]


class _PublicKeyInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("algorithm", _Algorithm),
        ("public_key", core.OctetBitString),
    ]


class _PrivateKeyInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """RFC 5958 §2; what follows the key is not looked at."""

    _fields = [  # noqa: RUF012  # asn1crypto reads the class attribute
        ("version", core.Integer),
        ("algorithm", _Algorithm),
        ("private_key", core.OctetString),
        ("attributes", core.Any, {"implicit": 0, "optional": True}),
        ("public_key", core.Any, {"implicit": 1, "optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class KeyParameters:
    """The algorithm identifier of a key: what it is for, and on which curve."""

    key_oid: str
    public_key_set: str
    digest_set: str | None = None
    cipher_set: str | None = None

    @property
    def curve(self) -> Curve:
        """The curve of the parameter set."""
        return CURVES[self.public_key_set]

    def is_sound(self) -> bool:
        """Say whether the parameters are known and fit the algorithm."""
        curve = CURVES.get(self.public_key_set)
        return (
            curve is not None
            and curve.number_bytes == _NUMBER_BYTES.get(self.key_oid)
            and self.digest_set in {None, _DIGEST_SETS[self.key_oid]}
            and (self.cipher_set is None or self.cipher_set in _CIPHER_SETS)
        )


@dataclass(frozen=True, slots=True)
class GostPublicKey:
    """A point of the curve whose order is q, with the parameters of its key."""

    parameters: KeyParameters
    point: Point


@dataclass(frozen=True, slots=True)
class GostSecret:
    """The number d of a private key, 0 < d < q, with its parameters."""

    parameters: KeyParameters
    d: int = field(repr=False)


def usual_parameters(key_oid: str, public_key_set: str) -> KeyParameters:
    """Return parameters as new keys have them: the digest named where the RFCs want it.

    Raises ProviderError ``provider.failed`` for a set that is unknown or of another width.
    """
    names_digest = key_oid == GOST_2001_KEY or public_key_set.startswith(_CRYPTOPRO_SETS)
    digest_set = _DIGEST_SETS.get(key_oid) if names_digest else None
    made = KeyParameters(key_oid, public_key_set, digest_set)
    if not made.is_sound():
        raise ProviderError("provider.failed", "not a parameter set for this kind of key")
    return made


def parse_public_key(key_oid: str, public_key_info: bytes) -> GostPublicKey:
    """Return the key of a SubjectPublicKeyInfo, which has to be of this algorithm.

    Raises SignatureError ``signature.key_unusable``.
    """
    try:
        with ASN1_LOCK:
            parameters, key = _read_public(public_key_info)
            # What means the same has to be the same: only one encoding is taken.
            is_exact = _encode_public(parameters, key) == public_key_info
    except Exception:  # asn1crypto raises whatever broken bytes lead it to
        raise _unusable("not a public key of GOST R 34.10") from None
    if not is_exact or parameters.key_oid != key_oid or not parameters.is_sound():
        raise _unusable("not a public key of this algorithm")
    curve = parameters.curve
    width = curve.number_bytes
    if len(key) != 2 * width:
        raise _unusable("a point of another width")
    x, y = (int.from_bytes(part, "little") for part in (key[:width], key[width:]))
    if not curve.has_point(x, y):
        raise _unusable("not a point of the curve")
    if curve.cofactor != 1 and multiply(curve, (x, y), curve.q)[2]:
        raise _unusable("a point of another order")
    return GostPublicKey(parameters, (x, y))


def encode_public_key(key: GostPublicKey) -> bytes:
    """Return the key's SubjectPublicKeyInfo."""
    width = key.parameters.curve.number_bytes
    octets = b"".join(number.to_bytes(width, "little") for number in key.point)
    with ASN1_LOCK:
        return _encode_public(key.parameters, octets)


def derive_public_key(secret: GostSecret) -> GostPublicKey:
    """Return the public half of a private key."""
    curve = secret.parameters.curve
    point = affine(curve, add_multiple(INFINITY, base_table(curve), secret.d))
    if point is None:
        raise ProviderError("provider.failed", "a private key out of range")
    return GostPublicKey(secret.parameters, point)


def parse_private_key(der: bytes) -> GostSecret:
    """Return the private key of an unencrypted PrivateKeyInfo.

    Raises ProviderError ``provider.key_unreadable``.
    """
    try:
        with ASN1_LOCK:
            parameters, content = _read_private(der)
    except Exception:  # asn1crypto raises whatever broken bytes lead it to
        raise _unreadable() from None
    if not parameters.is_sound():
        raise _unreadable()
    d = _read_number(content, parameters.curve.number_bytes)
    if d is None or not 0 < d < parameters.curve.q:
        raise _unreadable()
    return GostSecret(parameters, d)


def encode_private_key(secret: GostSecret) -> bytes:
    """Return the key's PrivateKeyInfo, the number as gost-engine writes it: little-endian, bare."""
    content = secret.d.to_bytes(secret.parameters.curve.number_bytes, "little")
    with ASN1_LOCK:
        info = _PrivateKeyInfo(
            {
                "version": 0,
                "algorithm": _algorithm(secret.parameters),
                "private_key": content,
            }
        )
        return bytes(info.dump())


def _read_number(content: bytes, width: int) -> int | None:
    """Return the number of a private key in one of its three forms.

    Bare and in an OCTET STRING it is little-endian, in an INTEGER big-endian. The full width is
    always the bare form, as gost-engine has it. Masked keys, several numbers long, are not read.
    """
    if len(content) == width:
        return int.from_bytes(content, "little")
    if len(content) < 3 or content[1] != len(content) - 2 or not is_der(content):
        return None
    if content[0] == _OCTET_STRING_TAG and content[1] == width:
        return int.from_bytes(content[2:], "little")
    if content[0] == _INTEGER_TAG:
        return int.from_bytes(content[2:], "big", signed=True)
    return None


def _read_public(der: bytes) -> tuple[KeyParameters, bytes]:
    info = _PublicKeyInfo.load(der, strict=True)
    octets = core.OctetString.load(bytes(info["public_key"]), strict=True)
    return _read_algorithm(info["algorithm"]), bytes(octets)


def _read_private(der: bytes) -> tuple[KeyParameters, bytes]:
    info = _PrivateKeyInfo.load(der, strict=True)
    if int(info["version"]) not in {0, 1}:
        raise ValueError
    return _read_algorithm(info["algorithm"]), bytes(info["private_key"])


def _read_algorithm(algorithm: _Algorithm) -> KeyParameters:
    parameters = algorithm["parameters"]

    def dotted(name: str) -> str | None:
        value = parameters[name]
        return value.dotted if isinstance(value, core.ObjectIdentifier) else None

    return KeyParameters(
        key_oid=algorithm["algorithm"].dotted,
        public_key_set=parameters["public_key_set"].dotted,
        digest_set=dotted("digest_set"),
        cipher_set=dotted("cipher_set"),
    )


def _algorithm(parameters: KeyParameters) -> _Algorithm:
    names = {
        "public_key_set": parameters.public_key_set,
        "digest_set": parameters.digest_set,
        "cipher_set": parameters.cipher_set,
    }
    given = {name: value for name, value in names.items() if value is not None}
    return _Algorithm({"algorithm": parameters.key_oid, "parameters": _Parameters(given)})


def _encode_public(parameters: KeyParameters, octets: bytes) -> bytes:
    info = _PublicKeyInfo(
        {
            "algorithm": _algorithm(parameters),
            "public_key": core.OctetString(octets).dump(),
        }
    )
    return bytes(info.dump())


def _unusable(detail: str) -> SignatureError:
    return SignatureError("signature.key_unusable", detail)


def _unreadable() -> ProviderError:
    return ProviderError("provider.key_unreadable", "not a PKCS#8 key of GOST R 34.10")
