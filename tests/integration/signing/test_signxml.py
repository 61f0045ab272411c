"""signxml as another implementation of XMLDSig: what we sign by RSA and ECDSA, it verifies."""

import pytest
import signxml
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod

from signing import namespaces as ns
from signing.certificates import Certificate, format_pem
from signing.providers import KeyKind, Providers, Signer
from signing.xml.personal import sign_personal, verify_personal
from signing.xml.wss import sign_envelope
from tests.unit.signing import samples
from tests.unit.signing.pki.test_chain import make_certificate

DOCUMENT = (
    '<a:App xmlns:a="urn:x-app"><a:Data Id="D1"><a:Name>Ёлкина &amp; сын</a:Name></a:Data></a:App>'
)
KINDS = {
    KeyKind.RSA_2048: SignatureMethod.RSA_SHA256,
    KeyKind.EC_P256: SignatureMethod.ECDSA_SHA256,
    KeyKind.EC_P384: SignatureMethod.ECDSA_SHA384,
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> KeyKind:
    found: KeyKind = request.param
    return found


@pytest.fixture
def signer(providers: Providers, kind: KeyKind) -> Signer:
    key = providers.generate_key(kind)
    return providers.join_signer(key, make_certificate(providers, key))


def verify(data: bytes, kind: KeyKind, certificate: Certificate, location: str) -> etree._Element:
    """Return what signxml says that was signed."""
    expected = SignatureConfiguration(
        location=location,
        signature_methods={KINDS[kind]},
        digest_algorithms={DigestAlgorithm.SHA256},
    )
    result = signxml.XMLVerifier().verify(
        etree.fromstring(data),
        x509_cert=format_pem(certificate).decode(),
        expect_config=expected,
    )
    found: etree._Element = result.signed_xml
    return found


def test_envelope(signer: Signer, kind: KeyKind) -> None:
    message = sign_envelope(samples.envelope(), signer)
    place = f"./{ns.SOAP_HEADER}/{ns.SECURITY}/"
    signed = verify(message, kind, signer.certificate, place)
    assert signed.tag == ns.SOAP_BODY
    with pytest.raises(signxml.InvalidSignature):
        verify(message.replace(b"ORIGINAL", b"CHANGED"), kind, signer.certificate, place)


def test_signature_inside_the_content(providers: Providers, signer: Signer, kind: KeyKind) -> None:
    root = etree.fromstring(DOCUMENT)
    document = sign_personal(root, root[0], signer)
    place = "./{urn:x-app}Data/"
    signed = verify(document, kind, signer.certificate, place)
    assert signed.get("Id") == "D1"
    with pytest.raises(signxml.InvalidSignature):
        verify(document.replace(b"&amp;", b"and"), kind, signer.certificate, place)
    (part,) = verify_personal(
        etree.fromstring(document), providers, allowed=frozenset({signer.algorithm})
    )
    assert etree.tostring(part.element) == etree.tostring(signed)
