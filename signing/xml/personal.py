"""Signatures inside the content: of a citizen or an official (ЭП-СП), in AppData or elsewhere.

Such a signature is verified on its own terms: the envelope's signature says nothing about it, and
it says nothing about the envelope. It covers an element that it stands in (enveloped), or one
beside it, named by ``#id``.

Source: МР СМЭВ 2 ("Электронная подпись": ЭП-СП); XML Signature Syntax and Processing §6.6.4.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import SignatureAlgorithm
from signing.certificates import Certificate
from signing.errors import SignatureError
from signing.providers import Providers, Signer
from signing.xml.references import (
    ENVELOPED_CHAIN,
    ENVELOPED_SMEV3_CHAIN,
    PERSONAL_CHAINS,
    Budget,
    SignedPart,
    apply_chain,
    verify_reference,
)
from signing.xml.soap import collect_ids
from signing.xml.writing import Target, give_id, splice, write_signature, write_x509
from signing.xml.xmldsig import read_certificate, read_signature, read_x509, verify_signature

# Each costs a verification and the canonical form of what it covers.
MAX_SIGNATURES = 32
_ID = "PersonalSignature"
_SMEV3 = frozenset(ns.SMEV3_BASIC) | frozenset(ns.SMEV3_BASIC.values())


def find_signatures(element: etree._Element) -> list[etree._Element]:
    """Return the signatures in an element, in document order, those in KeyInfo and so on too.

    Raises SignatureError ``signature.too_many``.
    """
    found = list(element.iter(ns.SIGNATURE))
    if len(found) > MAX_SIGNATURES:
        raise SignatureError("signature.too_many", f"more than {MAX_SIGNATURES} signatures")
    return found


def verify_personal(
    content: etree._Element, providers: Providers, *, allowed: frozenset[SignatureAlgorithm]
) -> tuple[SignedPart, ...]:
    """Verify every signature in a content and return what each covers, in document order.

    ``content``: an element of a verified message, as it was handed on; what is covered has to be
    in it. All have to hold, and each covers one element: the first that does not raises. () when
    there is none. Raises SignatureError (``signature.*``, ``id.duplicate``, ``transform.*``),
    UnsupportedError, ProviderError, SigningError ``certificate.malformed``.
    """
    signatures = find_signatures(content)
    targets = collect_ids(content) if signatures else {}
    budget = Budget()
    return tuple(
        verify_free(signature, targets, providers, allowed=allowed, budget=budget)
        for signature in signatures
    )


def verify_free(
    element: etree._Element,
    targets: dict[str, etree._Element],
    providers: Providers,
    *,
    allowed: frozenset[SignatureAlgorithm],
    budget: Budget | None = None,
) -> SignedPart:
    """Verify one signature whose Reference names an element by its id; return what it covers.

    ``targets``: the elements by their ids, unique over the document; ``budget``: shared by the
    signatures of a document. Raises as `verify_personal`.
    """
    signature = read_signature(element)
    if len(signature.references) != 1:
        raise SignatureError("signature.reference", "not one Reference")
    (reference,) = signature.references
    target = targets.get(reference.target_id)
    if target is None:
        raise SignatureError("signature.reference", "a reference to nothing")
    if target.tag in {ns.SOAP_BODY, ns.SOAP_ENVELOPE}:
        # An envelope's Body is signed in its Security header; any other is a decoy.
        raise SignatureError("signature.reference", "soap:Body is signed from elsewhere")
    if etree.QName(target).namespace in _SMEV3:
        # So are parts of an operation of SMEV 3, which have holders beside them.
        raise SignatureError("signature.reference", "SMEV 3 signs its parts from holders")
    certificate = read_own_certificate(element)
    algorithm = verify_signature(signature, certificate, providers, allowed=allowed)
    digested = verify_reference(
        reference,
        target,
        providers,
        allowed=allowed,
        chains=PERSONAL_CHAINS,
        signature=element,
        budget=budget,
    )
    return digested.part(algorithm, certificate)


def sign_personal(
    document: etree._Element, element: etree._Element, signer: Signer, *, smev3: bool = False
) -> bytes:
    """Return the document with an enveloped signature at the end of an element of it.

    ``smev3`` puts SMEV's transform after exclusive C14N. The element gets an ``Id`` when it has
    none; the given tree is not changed. UTF-8 with a declaration. Raises SignatureError
    ``soap.structure``, ``id.duplicate``, ``transform.*``; ProviderError.
    """
    tree = deepcopy(document.getroottree())
    target = _find_same(tree, document, element)
    name = give_id(target, "Id", _ID, set(collect_ids(tree.getroot())))
    chain = ENVELOPED_SMEV3_CHAIN if smev3 else ENVELOPED_CHAIN
    # There is no signature yet that the transform would have to leave out.
    digested = apply_chain(chain[1:], target)
    signature = write_signature([Target(name, chain, digested)], signer, write_x509(signer))
    return splice(tree.getroot(), target, signature)


def _find_same(
    tree: etree._ElementTree, document: etree._Element, element: etree._Element
) -> etree._Element:
    """Return the element of a copied tree that stands where this one stands in the document."""
    original = document.getroottree()
    if element is original.getroot():
        return tree.getroot()
    try:
        target = tree.find(original.getelementpath(element))
    except ValueError:
        target = None
    if target is None:
        raise SignatureError("soap.structure", "the element is not of this document")
    return target


def read_own_certificate(element: etree._Element) -> Certificate:
    """Return the certificate in a signature's KeyInfo, or in the token beside that it names.

    Raises SignatureError ``signature.malformed``, ``certificate.missing``; SigningError
    ``certificate.malformed``.
    """
    key_info = element.find(ns.KEY_INFO)
    if key_info is None:
        raise SignatureError("certificate.missing", "no KeyInfo")
    reference = key_info.find(f"{ns.TOKEN_REFERENCE}/{ns.WSSE_REFERENCE}")
    if reference is None:
        return read_x509(key_info)
    uri, parent = reference.get("URI", ""), element.getparent()
    tokens = [] if parent is None else parent.findall(ns.TOKEN)
    named = [token for token in tokens if f"#{token.get(ns.WSU_ID)}" == uri]
    if len(named) != 1:
        raise SignatureError("certificate.missing", "KeyInfo does not name the token beside it")
    return read_certificate(named[0])
