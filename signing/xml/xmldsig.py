"""ds:Signature read strictly into a value, and the check of its value over SignedInfo.

`read_signature` turns the element into a frozen value or refuses it; after that nobody looks at
the element's shape again. Only what SMEV signatures consist of is let through: no ds:Object, no
HMACOutputLength, no RetrievalMethod, no comments, no text between elements but white space.

Source: XML Signature Syntax and Processing (W3C); "Rules of verification", rules 2 and 3.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import (
    SignatureAlgorithm,
    Transform,
    find_canonicalization,
    find_signature_algorithm,
)
from signing.certificates import Certificate, parse_certificate
from signing.errors import SignatureError, UnsupportedError
from signing.providers import Providers
from signing.xml.canonical import canonicalize

MAX_REFERENCES = 8
# Eight References take five kilobytes; more is somebody's long names of namespaces.
MAX_SIGNED_INFO_BYTES = 64 * 1024
_MAX_TRANSFORMS = 3
_MAX_PREFIXES = 16
_MAX_PREFIX_LIST_CHARS = 512
_MAX_VALUE_CHARS = 64 * 1024
_CACHED_CERTIFICATES = 512
_FRAGMENT = re.compile(r"#[A-Za-z_][A-Za-z0-9_.\-]{0,255}", re.ASCII)
_WHITE_SPACE = " \t\r\n"
_NO_WHITE_SPACE = str.maketrans(dict.fromkeys(_WHITE_SPACE))
_HAS_SPACE = re.compile(f"[{_WHITE_SPACE}]")


@dataclass(frozen=True, slots=True)
class Reference:
    """One ds:Reference: the id it names and what is to be done with that element."""

    target_id: str
    transforms: tuple[str, ...]
    """URIs, in order."""
    prefixes: tuple[str, ...]
    """InclusiveNamespaces PrefixList of the exclusive C14N transform."""
    digest_method: str
    digest_value: bytes


@dataclass(frozen=True, slots=True)
class XmlSignature:
    """A ds:Signature of acceptable shape; nothing about it is verified yet."""

    signed_info: etree._Element
    canonicalization: str
    prefixes: tuple[str, ...]
    method: str
    references: tuple[Reference, ...]
    value: bytes
    key_info: etree._Element


def read_signature(element: etree._Element) -> XmlSignature:
    """Return the signature as a value.

    Algorithm URIs are kept as they stand; `verify_signature` and `verify_reference` judge them.
    Raises SignatureError: ``signature.malformed``, ``signature.misplaced`` (something foreign
    inside), ``signature.reference`` (count or URI), ``signature.algorithm_not_allowed`` (parameters
    of an algorithm that takes none).
    """
    signed_info, value, key_info = _children(
        element, ns.SIGNED_INFO, ns.SIGNATURE_VALUE, ns.KEY_INFO
    )
    parts = read_children(signed_info)
    if [part.tag for part in parts[:2]] != [ns.CANONICALIZATION_METHOD, ns.SIGNATURE_METHOD]:
        raise SignatureError("signature.malformed", "SignedInfo without its methods")
    references = parts[2:]
    if not 1 <= len(references) <= MAX_REFERENCES:
        raise SignatureError("signature.reference", f"not 1 to {MAX_REFERENCES} References")
    return XmlSignature(
        signed_info=signed_info,
        canonicalization=_algorithm(parts[0]),
        prefixes=_read_prefixes(parts[0]),
        method=_read_plain_algorithm(parts[1]),
        references=tuple(_read_reference(reference) for reference in references),
        value=decode_base64(value),
        key_info=key_info,
    )


def verify_signature(
    signature: XmlSignature,
    certificate: Certificate,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm],
) -> SignatureAlgorithm:
    """Verify the value over SignedInfo and return the algorithm; digests come after this.

    Raises SignatureError ``signature.invalid``, ``signature.algorithm_not_allowed``,
    ``signature.key_*``; UnsupportedError; ProviderError.
    """
    find_canonicalization(signature.canonicalization)
    algorithm = find_signature_algorithm(signature.method)
    if algorithm not in allowed:
        raise SignatureError("signature.algorithm_not_allowed", "not allowed by the configuration")
    canonical = canonicalize_signed_info(signature)
    providers.verify(algorithm, certificate, canonical, signature.value)
    return algorithm


def read_x509(key_info: etree._Element) -> Certificate:
    """Return the certificate of KeyInfo → X509Data → X509Certificate.

    Names of its issuer beside it are passed over: the certificate says them itself. A second
    certificate, or another kind of key, is refused. Raises SignatureError, SigningError
    ``certificate.malformed``.
    """
    children = read_children(key_info)
    if len(children) != 1 or children[0].tag != ns.X509_DATA:
        raise SignatureError("signature.algorithm_not_allowed", "KeyInfo without X509Data alone")
    found = [one for one in read_children(children[0]) if one.tag == ns.X509_CERTIFICATE]
    if len(found) != 1:
        raise SignatureError("certificate.missing", "X509Data has not exactly one certificate")
    return read_certificate(found[0])


def read_certificate(element: etree._Element) -> Certificate:
    """Return the certificate that an element holds as base64 of DER.

    Raises SignatureError ``signature.malformed``, SigningError ``certificate.malformed``.
    """
    return _decode_certificate(read_text(element))


@lru_cache(maxsize=_CACHED_CERTIFICATES)
def _decode_certificate(text: str) -> Certificate:
    """Read a text once: every message carries its sender's certificate again."""
    return parse_certificate(_decode(text), der_only=True)


def canonicalize_signed_info(signature: XmlSignature) -> bytes:
    """Return the bytes that the SignatureValue is made of. Raises SignatureError."""
    return canonicalize(signature.signed_info, signature.prefixes, max_bytes=MAX_SIGNED_INFO_BYTES)


def read_children(element: etree._Element) -> list[etree._Element]:
    """Return the child elements; nothing but white space may stand between them."""
    children = list(element)
    text = element.text
    if text is not None and text.strip(_WHITE_SPACE):
        raise SignatureError("signature.malformed", "text where only elements belong")
    for child in children:
        text = child.tail
        if text is not None and text.strip(_WHITE_SPACE):
            raise SignatureError("signature.malformed", "text where only elements belong")
    return children


def read_text(element: etree._Element, *, max_chars: int = _MAX_VALUE_CHARS) -> str:
    """Return the text of an element that has no children; '' when empty."""
    if len(element):
        raise SignatureError("signature.misplaced", "elements where only text belongs")
    text = element.text or ""
    if len(text) > max_chars:
        raise SignatureError("signature.malformed", "a value is too long")
    return text


def decode_base64(element: etree._Element) -> bytes:
    """Return the bytes of an element's base64 text; XML's white space in it does not matter.

    Source: XML Schema Part 2 §3.2.16, which knows one text for the same bytes: padded, the unused
    bits zero.
    """
    return _decode(read_text(element))


def _decode(text: str) -> bytes:
    compact = text.translate(_NO_WHITE_SPACE) if _HAS_SPACE.search(text) else text
    try:
        value = binascii.a2b_base64(compact, strict_mode=True)
    except (binascii.Error, ValueError):
        raise SignatureError("signature.malformed", "not base64") from None
    if not value:
        raise SignatureError("signature.malformed", "an empty value")
    # Only the last four letters may have bits that nothing is made of.
    last = value[(len(value) - 1) // 3 * 3 :]
    if compact[-4:] != binascii.b2a_base64(last, newline=False).decode("ascii"):
        raise SignatureError("signature.malformed", "not the one base64 text of its bytes")
    return value


def read_fragment(uri: str | None) -> str:
    """Return the id of a same-document reference ``#id``; every other URI is refused."""
    if uri is None or _FRAGMENT.fullmatch(uri) is None:
        raise SignatureError("signature.reference", "a reference that is not '#id'")
    return uri[1:]


def _children(element: etree._Element, *tags: str) -> list[etree._Element]:
    """Return exactly these children, in this order."""
    children = read_children(element)
    found = [child.tag for child in children]
    if not set(found) <= set(tags):
        raise SignatureError("signature.misplaced", "a foreign element inside the signature")
    if found != list(tags):
        raise SignatureError("signature.malformed", "not the expected elements in their order")
    return children


def _algorithm(element: etree._Element) -> str:
    uri = element.get("Algorithm")
    if not uri:
        raise SignatureError("signature.malformed", "a method without its Algorithm")
    return uri


def _read_plain_algorithm(element: etree._Element) -> str:
    """Return the URI of an algorithm that takes no parameters (so no HMACOutputLength)."""
    if read_children(element) or (element.text or "").strip(_WHITE_SPACE):
        raise SignatureError("signature.algorithm_not_allowed", "parameters of an algorithm")
    return _algorithm(element)


def _read_prefixes(element: etree._Element) -> tuple[str, ...]:
    """Return the PrefixList of an exclusive C14N, () without one."""
    children = read_children(element)
    if not children:
        return ()
    if len(children) > 1 or children[0].tag != ns.INCLUSIVE_NAMESPACES:
        raise SignatureError("signature.algorithm_not_allowed", "parameters of an algorithm")
    read_text(children[0], max_chars=_MAX_PREFIX_LIST_CHARS)
    listed = children[0].get("PrefixList") or ""
    if len(listed) > _MAX_PREFIX_LIST_CHARS:
        raise SignatureError("signature.malformed", "PrefixList too long")
    prefixes = tuple(listed.split())
    if len(prefixes) > _MAX_PREFIXES:
        raise SignatureError("signature.malformed", "PrefixList too long")
    if "#default" in prefixes:
        # lxml hands on only prefixes that the document has, so this one would be lost silently.
        raise UnsupportedError("signature.algorithm_unsupported", "PrefixList with #default")
    return prefixes


def _read_reference(element: etree._Element) -> Reference:
    if element.tag != ns.REFERENCE:
        raise SignatureError(
            "signature.malformed", "SignedInfo with something else than References"
        )
    target_id = read_fragment(element.get("URI"))
    transforms, method, value = _children(element, ns.TRANSFORMS, ns.DIGEST_METHOD, ns.DIGEST_VALUE)
    chain = read_children(transforms)
    if not 1 <= len(chain) <= _MAX_TRANSFORMS or any(one.tag != ns.TRANSFORM for one in chain):
        raise SignatureError("signature.malformed", "not a short list of Transforms")
    return Reference(
        target_id=target_id,
        transforms=tuple(_algorithm(one) for one in chain),
        prefixes=_read_chain_prefixes(chain),
        digest_method=_read_plain_algorithm(method),
        digest_value=decode_base64(value),
    )


def _read_chain_prefixes(chain: list[etree._Element]) -> tuple[str, ...]:
    """Return the PrefixList of the chain's exclusive C14N; no other transform takes parameters."""
    for transform in chain:
        if transform.get("Algorithm") != Transform.EXCLUSIVE_C14N and (
            len(transform) or (transform.text or "").strip(_WHITE_SPACE)
        ):
            raise SignatureError("signature.algorithm_not_allowed", "parameters of a transform")
    first = [t for t in chain if t.get("Algorithm") == Transform.EXCLUSIVE_C14N]
    return _read_prefixes(first[0]) if first else ()
