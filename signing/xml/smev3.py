"""The signatures of SMEV 3: which element stands where, who signs it, and how.

Every signature is in a holder named for who signs, beside the one element that it covers: the
table below says which. What is covered is found by its place and compared by its own Id; nothing
is searched for by an id, so that a signed element moved elsewhere is not taken for the real one.

The steps of a verification are those of `signing.xml.wss`; the chain of transforms is exclusive
C14N, then SMEV's own transform.

Source: МР СМЭВ 3 and the schemas ``message-exchange-types`` 1.1 to 1.3, in which each holder's
annotation names what it signs; smev3.md ("What is signed").
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import SignatureAlgorithm
from signing.errors import SignatureError
from signing.providers import Providers, Signer
from signing.xml.references import (
    SMEV3_CHAIN,
    SMEV3_CHAINS,
    Budget,
    SignedPart,
    apply_chain,
    verify_reference,
)
from signing.xml.soap import collect_ids
from signing.xml.writing import Target, give_id, splice, write_signature, write_x509
from signing.xml.xmldsig import read_children, read_signature, read_x509, verify_signature


class Holder(StrEnum):
    """Whose signature it is: the element that holds it."""

    CALLER = "CallerInformationSystemSignature"
    """ЭП-ОВ of the participant who calls SMEV."""
    SENDER = "SenderInformationSystemSignature"
    """ЭП-ОВ of the message's first sender, as SMEV hands it on."""
    SMEV = "SMEVSignature"
    """ЭП-СМЭВ."""
    PERSONAL = "PersonalSignature"
    """ЭП-СП of the person who answers for the content."""


_CONTENT = "MessagePrimaryContent"
_REQUEST_DATA, _RESPONSE_DATA = "SenderProvidedRequestData", "SenderProvidedResponseData"
# Where a holder may stand (from the Body down), and the sibling that its signature covers. In
# _CONTENT the one child is covered.
_PLACES: dict[tuple[str, ...], tuple[Holder, str]] = {
    ("SendRequestRequest",): (Holder.CALLER, _REQUEST_DATA),
    ("SendResponseRequest",): (Holder.CALLER, _RESPONSE_DATA),
    ("GetRequestRequest",): (Holder.CALLER, "MessageTypeSelector"),
    ("GetResponseRequest",): (Holder.CALLER, "MessageTypeSelector"),
    ("GetStatusRequest",): (Holder.CALLER, "Timestamp"),
    ("GetIncomingQueueStatisticsRequest",): (Holder.CALLER, "Timestamp"),
    ("AckRequest",): (Holder.CALLER, "AckTargetMessage"),
    ("SendRequestResponse",): (Holder.SMEV, "MessageMetadata"),
    ("SendResponseResponse",): (Holder.SMEV, "MessageMetadata"),
    ("GetStatusResponse", "SmevAsyncProcessingMessage"): (Holder.SMEV, "AsyncProcessingStatusData"),
    ("GetRequestResponse", "RequestMessage"): (Holder.SMEV, "Request"),
    ("GetResponseResponse", "ResponseMessage"): (Holder.SMEV, "Response"),
    ("GetRequestResponse", "RequestMessage", "Request"): (Holder.SENDER, _REQUEST_DATA),
    ("GetResponseResponse", "ResponseMessage", "Response"): (Holder.SENDER, _RESPONSE_DATA),
}
_PLACES |= {
    (*path, signed): (Holder.PERSONAL, _CONTENT)
    for path, (_, signed) in _PLACES.items()
    if signed in {_REQUEST_DATA, _RESPONSE_DATA}
}
_IDS = {
    Holder.CALLER: "SIGNED_BY_CALLER",
    Holder.SENDER: "SIGNED_BY_SENDER",
    Holder.SMEV: "SIGNED_BY_SMEV",
    Holder.PERSONAL: "PERSONAL_SIGNATURE",
}


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where in an operation one signature belongs; nothing is verified yet."""

    holder: Holder
    parent: etree._Element
    """The element that has both the holder and what is signed as children."""
    signed: etree._Element
    signature: etree._Element | None
    """None when the message is not signed there."""


def is_smev3(root: etree._Element, *, bare: bool = False) -> bool:
    """Say whether this envelope carries an operation of SMEV 3; ``bare``: or is one itself."""
    return _find_operation(root) is not None or (bare and _is_operation(root))


def find_places(root: etree._Element, *, bare: bool = False) -> tuple[SignaturePlace, ...]:
    """Return every place of a signature in an envelope with an operation of SMEV 3.

    Only places whose element to sign is there. ``bare``: the root may be the operation itself.
    Raises SignatureError ``soap.structure`` (not such an envelope), ``signature.misplaced`` (a
    holder beside nothing), ``signature.duplicate`` (two of what there may be one).
    """
    operation = root if bare and _is_operation(root) else _find_operation(root)
    if operation is None:
        raise SignatureError("soap.structure", "not an envelope with an operation of SMEV 3")
    places = []
    for path, (holder, signed) in _PLACES.items():
        parent = _descend(operation, path)
        found = None if parent is None else _read_place(parent, holder, signed)
        if found is not None:
            places.append(found)
    return tuple(places)


def verify_smev3(
    root: etree._Element,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm],
    holder: Holder,
) -> SignedPart:
    """Verify the one signature of this holder in a message and return what it covers.

    Raises SignatureError ``signature.missing``, and as `verify_place` and `find_places`.
    """
    found = [one for one in find_places(root) if one.holder is holder]
    if len(found) != 1 or found[0].signature is None:
        raise SignatureError("signature.missing", f"no {holder.value}")
    collect_ids(root)
    return verify_place(found[0], providers, allowed=allowed)


def verify_place(
    place: SignaturePlace,
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm],
    budget: Budget | None = None,
) -> SignedPart:
    """Verify the signature of one place and return the element that it covers, rebuilt.

    The caller has made sure that ids are unique over the document. Raises SignatureError
    (``signature.*``, ``transform.*``), UnsupportedError, ProviderError, SigningError
    ``certificate.malformed``.
    """
    if place.signature is None:
        raise SignatureError("signature.missing", f"no {place.holder.value}")
    signature = read_signature(place.signature)
    certificate = read_x509(signature.key_info)
    if len(signature.references) != 1:
        raise SignatureError("signature.reference", "not one Reference")
    (reference,) = signature.references
    # The id of the element we are going to read, never the element of an id.
    if place.signed.get("Id") != reference.target_id:
        raise SignatureError("signature.reference", "the signature does not refer to its element")
    algorithm = verify_signature(signature, certificate, providers, allowed=allowed)
    digested = verify_reference(
        reference,
        place.signed,
        providers,
        allowed=allowed,
        chains=SMEV3_CHAINS,
        budget=budget,
    )
    return digested.part(algorithm, certificate)


def sign_smev3(root: etree._Element, signer: Signer, *, holder: Holder) -> bytes:
    """Return the message with this holder's signature, as UTF-8 with a declaration.

    A PersonalSignature has to be made first: it is inside of what the caller signs. The given tree
    is not changed. Raises SignatureError ``soap.structure``, ``signature.missing`` (nothing to
    sign for this holder), ``signature.duplicate`` (signed already), ``id.duplicate``,
    ``transform.*``; ProviderError when signing fails.
    """
    copied = deepcopy(root)
    found = [one for one in find_places(copied) if one.holder is holder]
    if len(found) != 1:
        raise SignatureError("signature.missing", f"nothing to sign for {holder.value}")
    (place,) = found
    if place.signature is not None:
        raise SignatureError("signature.duplicate", f"{holder.value} is there already")
    ids = set(collect_ids(copied))
    name = give_id(place.signed, "Id", _IDS[holder], ids)
    target = Target(name, SMEV3_CHAIN, apply_chain(SMEV3_CHAIN, place.signed))
    return splice(
        copied, _make_holder(place), write_signature([target], signer, write_x509(signer))
    )


def _find_operation(root: etree._Element) -> etree._Element | None:
    """Return the one child of Body when it is of SMEV 3's types."""
    if root.tag != ns.SOAP_ENVELOPE:
        return None
    parts = list(root.iterchildren("*"))
    if [part.tag for part in parts] not in ([ns.SOAP_HEADER, ns.SOAP_BODY], [ns.SOAP_BODY]):
        return None
    contents = list(parts[-1].iterchildren("*"))
    return contents[0] if len(contents) == 1 and _is_operation(contents[0]) else None


def _is_operation(element: etree._Element) -> bool:
    return etree.QName(element).namespace in ns.SMEV3_BASIC


def _descend(operation: etree._Element, path: tuple[str, ...]) -> etree._Element | None:
    """Return the element at the end of the path, all of it in the operation's own vocabulary."""
    namespace = etree.QName(operation).namespace
    if etree.QName(operation).localname != path[0]:
        return None
    element: etree._Element | None = operation
    for name in path[1:]:
        element = None if element is None else _only_child(element, name)
        if element is not None and etree.QName(element).namespace != namespace:
            raise SignatureError("signature.misplaced", f"{name} of another vocabulary")
    return element


def _read_place(parent: etree._Element, holder: Holder, signed: str) -> SignaturePlace | None:
    """Return the place below the parent, None when what it would cover is not there."""
    covered = _only_child(parent, signed)
    holding = _only_child(parent, holder.value)
    types = etree.QName(parent).namespace or ""
    if holding is not None and etree.QName(holding).namespace != types:
        raise SignatureError("signature.misplaced", f"{holder.value} of another vocabulary")
    if covered is None:
        if holding is not None:
            raise SignatureError("signature.misplaced", f"{holder.value} beside nothing")
        return None
    if etree.QName(covered).namespace not in {types, ns.SMEV3_BASIC[types]}:
        raise SignatureError("signature.misplaced", f"{signed} of another vocabulary")
    if holder is Holder.PERSONAL:
        contents = read_children(covered)
        if len(contents) != 1:
            raise SignatureError("signature.misplaced", f"{_CONTENT} without its one element")
        (covered,) = contents
    return SignaturePlace(holder, parent, covered, _read_holder(holding))


def _only_child(parent: etree._Element, name: str) -> etree._Element | None:
    """Return the child of this local name, whatever its vocabulary; two are refused."""
    found = [one for one in parent.iterchildren("*") if etree.QName(one).localname == name]
    if len(found) > 1:
        raise SignatureError("signature.duplicate", f"two {name}")
    return found[0] if found else None


def _read_holder(holder: etree._Element | None) -> etree._Element | None:
    """Return the one ds:Signature in a holder, None when the holder is missing or empty."""
    if holder is None:
        return None
    children = read_children(holder)
    if not children:
        return None
    if len(children) > 1 or children[0].tag != ns.SIGNATURE:
        raise SignatureError("signature.duplicate", "not one ds:Signature in its holder")
    return children[0]


def _make_holder(place: SignaturePlace) -> etree._Element:
    """Return the empty holder, put where the schema wants it when it is not there."""
    present = _only_child(place.parent, place.holder.value)
    if present is not None:
        present.text = None
        return present
    namespace = etree.QName(place.parent).namespace
    made = etree.Element(f"{{{namespace}}}{place.holder.value}", nsmap=place.parent.nsmap)
    if place.holder is Holder.PERSONAL:
        content = place.signed.getparent()
        assert content is not None, "what is signed is inside the content"  # noqa: S101
        content.addnext(made)
        return made
    follower = _only_child(place.parent, "Routing")
    if follower is not None:
        follower.addprevious(made)
    else:
        place.parent.append(made)
    return made
