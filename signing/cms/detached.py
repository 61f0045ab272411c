"""Detached CMS (PKCS#7) signatures of files: the `.sig` beside an attachment.

Sources: RFC 5652 (CMS), RFC 5035 (signing certificates, ESS), RFC 5754 and RFC 5753 (RSA, ECDSA),
RFC 4490 and Р 1323565.1.025 (GOST). The signature value of GOST is s‖r as everywhere else; that of
ECDSA is wrapped in DER. Nothing here says that a certificate is trusted: `signing.pki.trust`.

Decisions where real files and the standard leave room:

- Lengths left open (BER), as programs write that sign while they read, are closed before reading;
  every other departure from DER is refused.
- A file that carries its content as well is accepted when that is the same bytes.
- Signed attributes are verified in the order of DER, whatever their order in the file.
- Without signed attributes the signature is over the data; but never over data that could
  themselves be the signed attributes of another signature.

Longer than most modules: the table of algorithms is that of signing and of verifying.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from signing.algorithms import (
    DEFAULT_SIGNATURES,
    GOST_256_KEY,
    GOST_512_KEY,
    GOST_2001_KEY,
    RSA_KEY,
    WEAK_SIGNATURES,
    DigestAlgorithm,
    SignatureAlgorithm,
    is_digest_allowed,
)
from signing.certificates import Certificate
from signing.cms import codec
from signing.cms.codec import CertificateHash, SignedData, SignerInfo
from signing.der import DerValue, encode_oid, encode_value, is_der, read_value
from signing.errors import DerError, SignatureError
from signing.providers import Providers, Signer

# Object identifiers of digests: RFC 5754 §2, RFC 9215 §2, RFC 4490 §2.1.
_SHA256, _SHA384, _SHA512, _STREEBOG_256, _STREEBOG_512, _GOST_94 = map(
    encode_oid,
    (
        "2.16.840.1.101.3.4.2.1",
        "2.16.840.1.101.3.4.2.2",
        "2.16.840.1.101.3.4.2.3",
        "1.2.643.7.1.1.2.2",
        "1.2.643.7.1.1.2.3",
        "1.2.643.2.2.9",
    ),
)
_DIGESTS = {
    _SHA256: DigestAlgorithm.SHA256,
    _SHA512: DigestAlgorithm.SHA512,
    _STREEBOG_256: DigestAlgorithm.STREEBOG_256,
    _STREEBOG_512: DigestAlgorithm.STREEBOG_512,
    _GOST_94: DigestAlgorithm.GOST_94,
}


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How one signature algorithm is written in CMS."""

    digest: bytes
    signature: tuple[bytes, ...]
    """Identifiers of the algorithm; we write the first."""
    number_bytes: int | None = None
    """ECDSA: of r and of s. None: the signature stands as it is."""


def _scheme(digest: bytes, *signature: str, number_bytes: int | None = None) -> _Scheme:
    return _Scheme(digest, tuple(map(encode_oid, signature)), number_bytes)


# The key's identifier, or the one that names the digest as well: both are met.
_SCHEMES = {
    SignatureAlgorithm.GOST_2012_256: _scheme(_STREEBOG_256, GOST_256_KEY, "1.2.643.7.1.1.3.2"),
    SignatureAlgorithm.GOST_2012_512: _scheme(_STREEBOG_512, GOST_512_KEY, "1.2.643.7.1.1.3.3"),
    SignatureAlgorithm.GOST_2001: _scheme(_GOST_94, GOST_2001_KEY, "1.2.643.2.2.3"),
    SignatureAlgorithm.RSA_SHA256: _scheme(_SHA256, RSA_KEY, "1.2.840.113549.1.1.11"),
    SignatureAlgorithm.RSA_SHA512: _scheme(_SHA512, RSA_KEY, "1.2.840.113549.1.1.13"),
    SignatureAlgorithm.ECDSA_SHA256: _scheme(_SHA256, "1.2.840.10045.4.3.2", number_bytes=32),
    SignatureAlgorithm.ECDSA_SHA384: _scheme(_SHA384, "1.2.840.10045.4.3.3", number_bytes=48),
}
_ALGORITHMS = {
    (oid, scheme.digest): algorithm
    for algorithm, scheme in _SCHEMES.items()
    for oid in scheme.signature
}
# Signing-certificate, and whether it names its digest: version 1 has SHA-1 only (RFC 2634 §5.4).
_CERTIFICATE_ATTRIBUTES = {codec.SIGNING_CERTIFICATE: False, codec.SIGNING_CERTIFICATE_V2: True}


@dataclass(frozen=True, slots=True)
class VerifiedCms:
    """One signer of a file whose signature holds; nothing is said about trust."""

    certificate: Certificate
    algorithm: SignatureAlgorithm
    signing_time: datetime | None
    """What the signer claims, UTC; nobody else vouches for it."""
    has_attributes: bool
    """Whether attributes were signed, and not the bare data."""
    names_certificate: bool
    """Whether the signed attributes name the certificate by its hash (ESS)."""
    certificates: tuple[Certificate, ...]
    """Every certificate of the file, the signer's among them: they are not verified."""


def sign_detached(data: bytes, signer: Signer, *, at: datetime) -> bytes:
    """Return the detached signature of the data, DER, with the signer's certificate.

    Signed attributes: content-type, message-digest, signing-time (`at`, timezone-aware, to the
    second) and signing-certificate-v2. Raises ProviderError; SignatureError
    ``signature.algorithm_not_allowed`` for a key of GOST R 34.10-2001, which only verifies.
    """
    scheme = _SCHEMES.get(signer.algorithm)
    if scheme is None or signer.algorithm in WEAK_SIGNATURES:
        raise SignatureError("signature.algorithm_not_allowed", "nothing is signed with this now")
    providers, certificate = signer.providers, signer.certificate
    attributes = {
        codec.CONTENT_TYPE: codec.ID_DATA,
        codec.MESSAGE_DIGEST: encode_value(
            codec.OCTETS, _compute_digest(scheme.digest, data, providers)
        ),
        codec.SIGNING_TIME: codec.encode_time(at),
        codec.SIGNING_CERTIFICATE_V2: _name_certificate(certificate, scheme.digest, providers),
    }
    signature = signer.sign(codec.encode_attributes(attributes))
    if scheme.number_bytes is not None:
        signature = _wrap_ecdsa(signature)
    digest = codec.encode_algorithm(scheme.digest)
    info = codec.encode_signer_info(
        certificate,
        digest=digest,
        attributes=attributes,
        algorithm=_encode_signature_algorithm(scheme),
        signature=signature,
    )
    return codec.encode_signed_data(
        digest=digest, signer_infos=[info], certificates=[certificate.der]
    )


def verify_detached(
    signature: bytes,
    data: bytes,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm] = DEFAULT_SIGNATURES,
) -> VerifiedCms:
    """Return the one signer of the data; `signature` is DER, PEM or base64.

    Raises SignatureError: ``cms.malformed``; ``cms.content`` (another type of content, or other
    bytes carried along); ``cms.attributes``; ``cms.several_signers`` (`verify_all_signers` takes
    them); ``cms.ambiguous_certificate``; ``signature.missing`` (no signer);
    ``certificate.missing``; ``signature.algorithm_not_allowed``, ``signature.invalid`` (the value
    or the digest), ``signature.key_mismatch``, ``signature.key_unusable``. Raises SigningError
    ``certificate.malformed`` and ProviderError.
    """
    signed_data = _parse(signature, data)
    if len(signed_data.signers) > 1:
        raise SignatureError("cms.several_signers", "more than one signature in the file")
    return _verify_signer(signed_data.signers[0], signed_data, data, providers, allowed)


def verify_all_signers(
    signature: bytes,
    data: bytes,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm] = DEFAULT_SIGNATURES,
) -> tuple[VerifiedCms, ...]:
    """Return every signer of the data, at least one; one that fails fails them all.

    Raises as `verify_detached`.
    """
    signed_data = _parse(signature, data)
    return tuple(
        _verify_signer(signer, signed_data, data, providers, allowed)
        for signer in signed_data.signers
    )


def _parse(signature: bytes, data: bytes) -> SignedData:
    der = codec.decode_file(signature, max_bytes=codec.MAX_CMS_BYTES + 2 * len(data))
    signed_data = codec.parse_signed_data(der)
    if not signed_data.signers:
        raise SignatureError("signature.missing", "certificates only, no signature")
    if signed_data.content is not None and signed_data.content != data:
        raise SignatureError("cms.content", "the file carries other content than the data")
    return signed_data


def _verify_signer(
    signer: SignerInfo,
    signed_data: SignedData,
    data: bytes,
    providers: Providers,
    allowed: frozenset[SignatureAlgorithm],
) -> VerifiedCms:
    algorithm = _find_algorithm(signer, allowed)
    certificate = _find_certificate(signer, signed_data.certificates)
    attributes = None if signer.attributes is None else dict(signer.attributes)
    names_certificate = False
    if attributes is None:
        _refuse_attributes_as_data(data)
    else:
        _check_attributes(attributes, signer.digest_oid, data, providers)
        names_certificate = _check_certificate(attributes, certificate, providers, allowed)
    providers.verify(
        algorithm,
        certificate,
        data if signer.attributes_der is None else signer.attributes_der,
        _unwrap_signature(signer.signature, _SCHEMES[algorithm]),
    )
    time = None if attributes is None else attributes.get(codec.SIGNING_TIME)
    return VerifiedCms(
        certificate=certificate,
        algorithm=algorithm,
        signing_time=None if time is None else codec.read_time(time),
        has_attributes=attributes is not None,
        names_certificate=names_certificate,
        certificates=signed_data.certificates,
    )


def _find_algorithm(
    signer: SignerInfo, allowed: frozenset[SignatureAlgorithm]
) -> SignatureAlgorithm:
    algorithm = _ALGORITHMS.get((signer.signature_oid, signer.digest_oid))
    # GOST R 34.10-2001 has two URIs in XML and one identifier here.
    accepted = allowed | WEAK_SIGNATURES if allowed & WEAK_SIGNATURES else allowed
    if algorithm is None or algorithm not in accepted:
        raise SignatureError(
            "signature.algorithm_not_allowed", "digest and signature are not a pair on the list"
        )
    return algorithm


def _find_certificate(signer: SignerInfo, certificates: tuple[Certificate, ...]) -> Certificate:
    found = [one for one in certificates if _is_named(signer, one)]
    if not found:
        raise SignatureError("certificate.missing", "the signer's certificate is not in the file")
    if len(found) > 1:
        raise SignatureError(
            "cms.ambiguous_certificate", "several certificates of the signer's name"
        )
    return found[0]


def _is_named(signer: SignerInfo, certificate: Certificate) -> bool:
    if signer.issuer_and_serial is not None:
        return codec.name_issuer_and_serial(certificate) == signer.issuer_and_serial
    return codec.find_key_identifier(certificate) == signer.key_identifier


def _check_attributes(
    attributes: dict[bytes, DerValue], digest_oid: bytes, data: bytes, providers: Providers
) -> None:
    content_type = attributes.get(codec.CONTENT_TYPE)
    if content_type is None or content_type.encoded != codec.ID_DATA:
        raise SignatureError("cms.attributes", "content-type is not that of plain data")
    digest = attributes.get(codec.MESSAGE_DIGEST)
    if digest is None or digest.tag != codec.OCTETS:
        raise SignatureError("cms.attributes", "message-digest is missing")
    if digest.content != _compute_digest(digest_oid, data, providers):
        raise SignatureError("signature.invalid", "the data are not what was signed")


def _check_certificate(
    attributes: dict[bytes, DerValue],
    certificate: Certificate,
    providers: Providers,
    allowed: frozenset[SignatureAlgorithm],
) -> bool:
    """Say whether the signed attributes name the certificate; raise when they name another."""
    named = [
        (codec.read_certificate_hash(attributes[oid], has_algorithm=has_algorithm), has_algorithm)
        for oid, has_algorithm in _CERTIFICATE_ATTRIBUTES.items()
        if oid in attributes
    ]
    for one, has_algorithm in named:
        value = (
            _hash_certificate(one, certificate, providers, allowed)
            if has_algorithm
            else hashlib.sha1(certificate.der, usedforsecurity=False).digest()
        )
        own = codec.name_issuer_and_serial(certificate)
        if one.value != value or one.issuer_and_serial not in {None, own}:
            raise SignatureError("cms.attributes", "signing-certificate names another certificate")
    # SHA-1 binds nothing: version 1 can contradict, it cannot confirm.
    return any(has_algorithm for _, has_algorithm in named)


def _hash_certificate(
    named: CertificateHash,
    certificate: Certificate,
    providers: Providers,
    allowed: frozenset[SignatureAlgorithm],
) -> bytes:
    oid = named.hash_oid or _SHA256
    known = _DIGESTS.get(oid)
    if oid != _SHA384 and (known is None or not is_digest_allowed(known, allowed)):
        raise SignatureError("cms.attributes", "signing-certificate has an unknown digest")
    return _compute_digest(oid, certificate.der, providers)


def _refuse_attributes_as_data(data: bytes) -> None:
    """Raise for data that are signed attributes: the signature may be over another file.

    Whoever takes the attributes out of a signature and gives them out as the data has a signature
    without attributes that holds.
    """
    if data[:1] != bytes([codec.SET]) or not is_der(data):
        return
    try:
        members = [one.children() for one in read_value(data).children()]
    except DerError:
        return
    if any(one and one[0].encoded in {codec.CONTENT_TYPE, codec.MESSAGE_DIGEST} for one in members):
        raise SignatureError("cms.attributes", "the data are the attributes of another signature")


def _compute_digest(oid: bytes, data: bytes, providers: Providers) -> bytes:
    # The one digest here that no Reference of a message may have: the providers do not know it.
    if oid == _SHA384:
        return hashlib.sha384(data).digest()
    return providers.digest(_DIGESTS[oid], data)


def _name_certificate(certificate: Certificate, digest: bytes, providers: Providers) -> bytes:
    """Return the value of signing-certificate-v2 with one ESSCertIDv2."""
    # SHA-256 is the default, and DER leaves a default out.
    algorithm = b"" if digest == _SHA256 else codec.encode_algorithm(digest)
    value = encode_value(codec.OCTETS, _compute_digest(digest, certificate.der, providers))
    named = encode_value(codec.SEQUENCE, algorithm + value)
    return encode_value(codec.SEQUENCE, encode_value(codec.SEQUENCE, named))


def _encode_signature_algorithm(scheme: _Scheme) -> bytes:
    """Return the AlgorithmIdentifier: RSA has an explicit NULL (RFC 3370 §3.2), others nothing."""
    oid = scheme.signature[0]
    return codec.encode_algorithm(oid, codec.NULL if oid == encode_oid(RSA_KEY) else b"")


def _wrap_ecdsa(signature: bytes) -> bytes:
    """Return r‖s as ECDSA-Sig-Value (RFC 5753 §7.2)."""
    half = len(signature) // 2
    numbers = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    return encode_value(codec.SEQUENCE, b"".join(map(codec.encode_integer, numbers)))


def _unwrap_signature(signature: bytes, scheme: _Scheme) -> bytes:
    """Return the signature as the providers take it: ECDSA as r‖s."""
    width = scheme.number_bytes
    if width is None:
        return signature
    numbers: list[bytes] = []
    parts: tuple[DerValue, ...] = ()
    try:
        whole = read_value(signature)
        parts = whole.children() if is_der(signature) and whole.tag == codec.SEQUENCE else ()
        for part in parts:
            number = part.content.lstrip(b"\0")
            if part.tag == codec.INTEGER and part.content[0] < 0x80 and len(number) <= width:
                numbers.append(number.rjust(width, b"\0"))
    except DerError:
        numbers = []
    if len(numbers) != 2 or len(parts) != 2:
        raise SignatureError("signature.invalid", "not a signature of ECDSA")
    return b"".join(numbers)
