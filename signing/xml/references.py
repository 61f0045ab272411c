"""What a ds:Reference digests: one element, through one of the few chains of transforms we know.

Sources: XML Signature Syntax and Processing §4.4.3, §6.6.4 (enveloped); Exclusive C14N; МР СМЭВ 2
and 3 ("Электронная подпись"); transform.md.
"""

from __future__ import annotations

import hmac
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from signing.algorithms import (
    DigestAlgorithm,
    SignatureAlgorithm,
    Transform,
    find_digest_algorithm,
    find_transform,
    is_digest_allowed,
)
from signing.certificates import Certificate
from signing.errors import SignatureError
from signing.providers import Providers
from signing.xml.canonical import (
    MAX_CANONICAL_BYTES,
    MAX_PREFIX_LOOKUPS,
    canonicalize,
    count_lookups,
)
from signing.xml.parser import parse_canonical
from signing.xml.transform import transform_canonical
from signing.xml.xmldsig import Reference

Chain = tuple[Transform, ...]

SMEV2_CHAIN: Chain = (Transform.EXCLUSIVE_C14N,)
SMEV3_CHAIN: Chain = (Transform.EXCLUSIVE_C14N, Transform.SMEV3)
ENVELOPED_CHAIN: Chain = (Transform.ENVELOPED, Transform.EXCLUSIVE_C14N)
ENVELOPED_SMEV3_CHAIN: Chain = (Transform.ENVELOPED, *SMEV3_CHAIN)

# Which chains may stand where.
SMEV2_CHAINS = frozenset({SMEV2_CHAIN})
SMEV3_CHAINS = frozenset({SMEV3_CHAIN})
PERSONAL_CHAINS = frozenset({SMEV2_CHAIN, SMEV3_CHAIN, ENVELOPED_CHAIN, ENVELOPED_SMEV3_CHAIN})


@dataclass(frozen=True)
class SignedPart:
    """One element that a valid signature covers, and who signed it.

    Nothing here is of the message's own tree: `element` is rebuilt from the bytes that were
    digested, so that whoever reads it reads what was signed.
    """

    canonical: bytes
    """The bytes that were digested."""
    digest: bytes
    """Their digest by `digest_algorithm`, as it stands in DigestValue."""
    algorithm: SignatureAlgorithm
    digest_algorithm: DigestAlgorithm
    certificate: Certificate

    @cached_property
    def element(self) -> etree._Element:
        """A document of its own, parsed from `canonical` when it is first read.

        Raises ParseError.
        """
        return parse_canonical(self.canonical)


@dataclass(slots=True)
class Budget:
    """How much may be canonicalised for all signatures of one document.

    One element is bounded by `canonicalize`; thirty signatures over it would cost thirty times
    as much, and none of them has to hold. Honest ones are three, around each other.
    """

    left_bytes: int = 2 * MAX_CANONICAL_BYTES
    left_lookups: int = MAX_PREFIX_LOOKUPS

    @property
    def is_spent(self) -> bool:
        """Whether more was asked for than there is."""
        return self.left_bytes < 0 or self.left_lookups < 0

    def spend(self, size_bytes: int, *, lookups: int = 0) -> None:
        """Take so much. Raises SignatureError ``signature.too_large`` when there is none left."""
        self.left_bytes -= size_bytes
        self.left_lookups -= lookups
        if self.is_spent:
            raise SignatureError("signature.too_large", "the signatures together cover too much")


@dataclass(frozen=True, slots=True)
class Digested:
    """What a Reference was verified to cover."""

    canonical: bytes
    digest: bytes
    algorithm: DigestAlgorithm

    def part(self, algorithm: SignatureAlgorithm, certificate: Certificate) -> SignedPart:
        """Return what was digested with who signed it."""
        return SignedPart(
            canonical=self.canonical,
            digest=self.digest,
            algorithm=algorithm,
            digest_algorithm=self.algorithm,
            certificate=certificate,
        )


def verify_reference(
    reference: Reference,
    element: etree._Element,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm],
    chains: frozenset[Chain] = SMEV2_CHAINS,
    signature: etree._Element | None = None,
    budget: Budget | None = None,
) -> Digested:
    """Verify the digest of the element and return the bytes that were digested.

    The caller has made sure that the element is the one the reference names. ``allowed``: the
    signature algorithms that are accepted, which decide about weak digests; ``chains``: what may
    be done with the element in this place; ``signature``: the ds:Signature itself, which an
    enveloped one leaves out; ``budget``: shared by the signatures of a document. Raises
    SignatureError ``signature.invalid``, ``signature.algorithm_not_allowed``,
    ``signature.reference``, ``signature.too_large``, ``transform.*``.
    """
    algorithm = find_digest_algorithm(reference.digest_method)
    if not is_digest_allowed(algorithm, allowed):
        raise SignatureError("signature.algorithm_not_allowed", "a weak digest")
    chain = read_chain(reference)
    if chain not in chains:
        raise SignatureError(
            "signature.algorithm_not_allowed", "not a chain of transforms for this place"
        )
    canonical = apply_chain(chain, element, reference.prefixes, signature=signature, budget=budget)
    found = providers.digest(algorithm, canonical)
    if not hmac.compare_digest(found, reference.digest_value):
        raise SignatureError("signature.invalid", "a digest does not match what it refers to")
    return Digested(canonical, found, algorithm)


def read_chain(reference: Reference) -> Chain:
    """Return the transforms of a reference, in order.

    Raises SignatureError ``signature.algorithm_not_allowed`` for one that is not on the list.
    """
    return tuple(find_transform(uri) for uri in reference.transforms)


def apply_chain(
    chain: Chain,
    element: etree._Element,
    prefixes: tuple[str, ...] = (),
    *,
    signature: etree._Element | None = None,
    budget: Budget | None = None,
) -> bytes:
    """Return the bytes to digest. Raises SignatureError as `verify_reference`."""
    if budget is not None:
        budget.spend(0, lookups=count_lookups(element, prefixes))
    if Transform.ENVELOPED in chain:
        element = leave_out(element, signature)
    try:
        canonical = canonicalize(element, prefixes)
    except SignatureError:
        if budget is not None:
            # What was written till then is not told.
            budget.left_bytes -= MAX_CANONICAL_BYTES
        raise
    if budget is not None:
        budget.spend(len(canonical))
    return transform_canonical(canonical) if Transform.SMEV3 in chain else canonical


def leave_out(element: etree._Element, signature: etree._Element | None) -> etree._Element:
    """Return the element in a copy of its document that lacks the signature.

    The whole document is copied: what is in scope above the element may matter to C14N. Raises
    SignatureError ``signature.reference`` when the signature is not inside of the element.
    """
    if signature is None or element not in signature.iterancestors():
        raise SignatureError("signature.reference", "an enveloped signature outside of its element")
    tree = element.getroottree()
    copied = deepcopy(tree)
    target, removed = (
        copied.find(tree.getelementpath(one)) if one is not tree.getroot() else copied.getroot()
        for one in (element, signature)
    )
    if target is None or removed is None:
        raise SignatureError("signature.reference", "an enveloped signature that is not found")
    _remove(removed)
    return target


def _remove(element: etree._Element) -> None:
    """Take an element out of its tree; the text after it stays, which lxml would take along."""
    parent = element.getparent()
    if parent is None:
        raise SignatureError("signature.reference", "a signature that is the whole document")
    before, tail = element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
