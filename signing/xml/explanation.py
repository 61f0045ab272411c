"""Why a signature does not hold: what was digested, what was expected, and the likely cause.

A verdict says no; whoever has to find out why needs the very bytes. Each likely cause is tried
out: a cause is named only when the signature, or the digest, holds once it is undone.

Source: smev2.md §6 (what senders of the field get wrong).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from signing.algorithms import (
    DIGEST_OF_SIGNATURE,
    DigestAlgorithm,
    Transform,
    find_digest_algorithm,
    find_signature_algorithm,
)
from signing.errors import SigningError
from signing.providers import Providers
from signing.xml.canonical import (
    canonicalize,
    canonicalize_inclusive,
    count_inclusive_lookups,
)
from signing.xml.inspection import Document, SignatureReport, Verdict
from signing.xml.personal import read_own_certificate
from signing.xml.references import (
    ENVELOPED_CHAIN,
    ENVELOPED_SMEV3_CHAIN,
    SMEV2_CHAIN,
    SMEV3_CHAIN,
    Budget,
    Chain,
    apply_chain,
    leave_out,
    read_chain,
)
from signing.xml.xmldsig import (
    MAX_SIGNED_INFO_BYTES,
    Reference,
    XmlSignature,
    canonicalize_signed_info,
    read_signature,
)

_Found = TypeVar("_Found")


class Cause(StrEnum):
    """The likely cause of a refusal."""

    NONE = "none"
    CONTENT_CHANGED = "content_changed"
    REFORMATTED = "reformatted"
    BYTE_ORDER = "byte_order"
    WRONG_KEY = "wrong_key"
    WRONG_TRANSFORM = "wrong_transform"
    EXPIRED = "expired"
    NOT_TRUSTED = "not_trusted"
    SHAPE = "shape"
    """The message or its signature isn't built as it has to be: the reason says where."""
    UNKNOWN = "unknown"


_SENTENCES = {
    Cause.NONE: "the signature holds",
    Cause.CONTENT_CHANGED: "a signed element was changed after signing",
    Cause.REFORMATTED: (
        "the message was reformatted after signing: it holds once white space between elements is "
        "taken out"
    ),
    Cause.BYTE_ORDER: "the bytes of the value stand in another order than they should",
    Cause.WRONG_KEY: (
        "the value was made by another key than the certificate's, or SignedInfo was changed"
    ),
    Cause.WRONG_TRANSFORM: "what was digested is not what the transforms of this place make",
    Cause.EXPIRED: "the certificate, or an authority's above it, is not in date",
    Cause.NOT_TRUSTED: "the signature holds, but its certificate is not accepted",
    Cause.SHAPE: "the message or its signature is not built as it has to be",
    Cause.UNKNOWN: (
        "nothing can be said: it uses what is not known here, or covers too much to try out"
    ),
}


@dataclass(frozen=True, slots=True)
class ReferenceFinding:
    """One Reference: what it names, what that comes to, and what was expected."""

    uri: str
    target: str
    """Local name of the element; '' when it is not there."""
    transforms: tuple[str, ...]
    digest_method: str
    canonical: bytes
    """The bytes that were digested; empty when they could not be made."""
    expected: str
    """DigestValue as it stands, base64."""
    found: str
    """The digest that the bytes have, base64; '' when it could not be made."""

    @property
    def matches(self) -> bool:
        """Whether the digest is the expected one."""
        return bool(self.found) and self.found == self.expected


@dataclass(frozen=True, slots=True)
class Explanation:
    """One signature, taken apart."""

    signed_info: bytes
    """SignedInfo as it was signed, canonical; empty when it could not be made."""
    signed_info_digest: str
    """Its digest by the signature's algorithm, base64; '' when it could not be made."""
    value_holds: bool
    """Whether the SignatureValue is the certificate's over SignedInfo."""
    references: tuple[ReferenceFinding, ...]
    cause: Cause
    sentence: str


def explain_signature(
    document: Document, report: SignatureReport, providers: Providers
) -> Explanation:
    """Return the explanation of one reported signature of a document. Never raises SigningError."""
    element = document.signatures[report.index]
    try:
        signature = read_signature(element)
    except SigningError:
        return _bare(report)
    budget = document.explaining
    findings = tuple(
        _find(one, element, document, providers, budget) for one in signature.references
    )
    value = _Value(element, signature, providers)
    cause = _find_cause_outside(report)
    if cause is None:
        pairs = zip(signature.references, findings, strict=True)
        broken = next((reference for reference, found in pairs if not found.matches), None)
        if broken is not None:
            cause = _explain_digest(broken, element, document, providers, budget)
        else:
            cause = _find_cause_of_place(report) if value.holds() else value.find_cause()
    return Explanation(
        signed_info=value.signed_info,
        signed_info_digest=value.digest(),
        value_holds=value.holds(),
        references=findings,
        cause=cause,
        sentence=_SENTENCES[cause],
    )


def _find_cause_of_place(report: SignatureReport) -> Cause:
    """Return the cause when all holds that can be computed: the place or the shape is refused.

    Of the algorithms only a chain of transforms depends on the place.
    """
    code = report.reason.partition(":")[0]
    return Cause.WRONG_TRANSFORM if code == "signature.algorithm_not_allowed" else Cause.SHAPE


def _bare(report: SignatureReport) -> Explanation:
    cause = Cause.UNKNOWN if report.verdict is Verdict.UNSUPPORTED else Cause.SHAPE
    return Explanation(b"", "", False, (), cause, _SENTENCES[cause])


class _Value:
    """A SignatureValue, tried out as it is and with something undone."""

    def __init__(
        self, element: etree._Element, signature: XmlSignature, providers: Providers
    ) -> None:
        self._signature, self._providers = signature, providers
        self._algorithm = _quietly(lambda: find_signature_algorithm(signature.method))
        self._certificate = _quietly(lambda: read_own_certificate(element))
        self.signed_info = _quietly(lambda: canonicalize_signed_info(signature)) or b""

    def digest(self) -> str:
        """The digest of SignedInfo that the value is made of, base64."""
        if self._algorithm is None:
            return ""
        return _digest(DIGEST_OF_SIGNATURE[self._algorithm], self.signed_info, self._providers)

    def holds(self, *, value: bytes | None = None, signed_info: bytes | None = None) -> bool:
        """Say whether the value holds, with these in the place of what stands there."""
        if self._algorithm is None or self._certificate is None:
            return False
        try:
            self._providers.verify(
                self._algorithm,
                self._certificate,
                self.signed_info if signed_info is None else signed_info,
                self._signature.value if value is None else value,
            )
        except SigningError:
            return False
        return True

    def find_cause(self) -> Cause:
        """Return why the value does not hold, when every digest does."""
        if any(self.holds(signed_info=stripped) for stripped in self._stripped()):
            return Cause.REFORMATTED
        if any(self.holds(value=value) for value in _reorder(self._signature.value)):
            return Cause.BYTE_ORDER
        inclusive = _quietly(lambda: canonicalize_inclusive(self._signature.signed_info))
        if inclusive is not None and self.holds(signed_info=inclusive):
            return Cause.WRONG_TRANSFORM
        return Cause.WRONG_KEY

    def _stripped(self) -> Iterator[bytes]:
        """SignedInfo without the white space that somebody may have put into it."""
        for leaves in (False, True):
            stripped = _strip(self._signature.signed_info, leaves=leaves)
            canonical = _quietly(
                lambda one=stripped: canonicalize(  # type: ignore[misc]
                    one, self._signature.prefixes, max_bytes=MAX_SIGNED_INFO_BYTES
                )
            )
            if canonical is not None:
                yield canonical


def _find_cause_outside(report: SignatureReport) -> Cause | None:
    """Return the cause when it is not in the signature's own numbers."""
    if report.verdict is Verdict.VALID:
        return Cause.NONE
    if report.verdict is Verdict.UNSUPPORTED:
        return Cause.UNKNOWN
    if report.verdict is Verdict.UNTRUSTED:
        code = report.reason.partition(":")[0]
        dates = {"certificate.expired", "certificate.not_yet_valid"}
        return Cause.EXPIRED if code in dates else Cause.NOT_TRUSTED
    return None


def _find(
    reference: Reference,
    element: etree._Element,
    document: Document,
    providers: Providers,
    budget: Budget,
) -> ReferenceFinding:
    """Return what a Reference comes to, as far as it can be computed."""
    target = document.targets.get(reference.target_id)
    algorithm = _quietly(lambda: find_digest_algorithm(reference.digest_method))
    canonical = b""
    if target is not None:
        canonical = (
            _quietly(
                lambda: apply_chain(
                    read_chain(reference),
                    target,
                    reference.prefixes,
                    signature=element,
                    budget=budget,
                )
            )
            or b""
        )
    return ReferenceFinding(
        uri=f"#{reference.target_id}",
        target="" if target is None else etree.QName(target).localname,
        transforms=reference.transforms,
        digest_method=reference.digest_method,
        canonical=canonical,
        expected=base64.b64encode(reference.digest_value).decode(),
        found=_digest(algorithm, canonical, providers) if algorithm and canonical else "",
    )


def _explain_digest(
    reference: Reference,
    element: etree._Element,
    document: Document,
    providers: Providers,
    budget: Budget,
) -> Cause:
    """Return why a digest does not match, by what makes it match."""
    target = document.targets.get(reference.target_id)
    algorithm = _quietly(lambda: find_digest_algorithm(reference.digest_method))
    if target is None or algorithm is None:
        return Cause.SHAPE

    def matches(canonical: bytes | None, expected: bytes = reference.digest_value) -> bool:
        if canonical is None:
            return False
        return _quietly(lambda: providers.digest(algorithm, canonical)) == expected

    chain = _quietly(lambda: read_chain(reference)) or SMEV2_CHAIN

    def through(other: Chain) -> bytes | None:
        return _quietly(
            lambda: apply_chain(other, target, reference.prefixes, signature=element, budget=budget)
        )

    if matches(through(chain), reference.digest_value[::-1]):
        return Cause.BYTE_ORDER
    others = (through(other) for other in _OTHER_CHAINS if other != chain)
    if any(matches(one) for one in others) or matches(
        _quietly(lambda: _apply_inclusive(target, budget))
    ):
        return Cause.WRONG_TRANSFORM
    if matches(_quietly(lambda: _apply_stripped(chain, target, element, budget))):
        return Cause.REFORMATTED
    # Without a budget left, not all was tried out.
    return Cause.UNKNOWN if budget.is_spent else Cause.CONTENT_CHANGED


def _apply_inclusive(element: etree._Element, budget: Budget) -> bytes:
    budget.spend(0, lookups=count_inclusive_lookups(element))
    canonical = canonicalize_inclusive(element)
    budget.spend(len(canonical))
    return canonical


_OTHER_CHAINS: tuple[Chain, ...] = (
    SMEV2_CHAIN,
    SMEV3_CHAIN,
    ENVELOPED_CHAIN,
    ENVELOPED_SMEV3_CHAIN,
)


def _apply_stripped(
    chain: Chain, target: etree._Element, signature: etree._Element, budget: Budget
) -> bytes:
    """Return what the chain makes of the element without the white space between elements."""
    if Transform.ENVELOPED in chain:
        target = leave_out(target, signature)
        chain = tuple(one for one in chain if one is not Transform.ENVELOPED)
    return apply_chain(chain, _strip(target), budget=budget)


def _strip(element: etree._Element, *, leaves: bool = False) -> etree._Element:
    """Return a copy without the white space that stands alone between elements.

    ``leaves``: also without that around and inside the texts, which base64 does not mind.
    """
    copied = deepcopy(element)
    copied.tail = None
    for one in copied.iter("*"):
        # Line ends of another system come as CR LF.
        one.text, one.tail = _unix(one.text), _unix(one.tail)
        if len(one) and one.text is not None and not one.text.strip():
            one.text = None
        if leaves and not len(one) and one.text is not None:
            one.text = "".join(one.text.split())
        if one is not copied and one.tail is not None and not one.tail.strip():
            one.tail = None
    return copied


def _unix(text: str | None) -> str | None:
    return None if text is None else text.replace("\r", "")


def _reorder(value: bytes) -> Iterator[bytes]:
    """Return the value with its two numbers swapped, and with each order of their bytes."""
    half = len(value) // 2
    first, second = value[:half], value[half:]
    yield second + first
    yield first[::-1] + second[::-1]
    yield value[::-1]


def _digest(algorithm: DigestAlgorithm, data: bytes, providers: Providers) -> str:
    found = _quietly(lambda: providers.digest(algorithm, data))
    return "" if found is None else base64.b64encode(found).decode()


def _quietly(compute: Callable[[], _Found]) -> _Found | None:
    """Return what is computed, None when this package refuses it."""
    try:
        return compute()
    except SigningError:
        return None
