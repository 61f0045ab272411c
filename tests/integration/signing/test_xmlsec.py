"""Independent check of RSA: whole envelopes, ours verified by xmlsec and xmlsec's by us."""

from __future__ import annotations

import base64

import pytest
from lxml import etree

from signing import namespaces as ns
from signing.certificates import format_pem
from signing.providers import Providers
from signing.xml.parser import parse_document
from signing.xml.wss import parse_envelope, verify_sender
from tests.unit.signing import samples
from tests.unit.signing.xml.test_wss import through_smev

xmlsec = pytest.importorskip("xmlsec")


def check_with_xmlsec(message: bytes, security: int, name: str) -> None:
    root = etree.fromstring(message)
    context = xmlsec.SignatureContext()
    certificate = format_pem(samples.signer(name).certificate)
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem)
    for element in (root[1], *root[0]):
        if element.get(ns.WSU_ID) is not None:
            context.register_id(element, "Id", ns.WSU)
    blocks = [block for block in root[0] if block.tag == ns.SECURITY]
    context.verify(blocks[security].find(ns.SIGNATURE))


def test_xmlsec_verifies_ours(providers: Providers) -> None:
    message = samples.signed("agency-rsa")
    check_with_xmlsec(message, 0, "agency-rsa")
    with pytest.raises(xmlsec.Error):
        check_with_xmlsec(message.replace(b"ORIGINAL", b"other"), 0, "agency-rsa")


def test_xmlsec_verifies_smevs_seal(providers: Providers) -> None:
    message = through_smev("agency-rsa")
    check_with_xmlsec(message, 0, "agency-rsa")
    check_with_xmlsec(message, 1, "smev")


def sign_with_xmlsec(name: str) -> bytes:
    root = samples.envelope()
    body = root[0]
    body.set(ns.WSU_ID, "body-1")
    header = etree.Element(ns.SOAP_HEADER)
    root.insert(0, header)
    security = etree.SubElement(header, ns.SECURITY, {ns.SOAP_ACTOR: ns.SMEV_ACTOR})
    token = etree.SubElement(
        security,
        ns.TOKEN,
        {ns.WSU_ID: "token-1", "ValueType": ns.X509_V3, "EncodingType": ns.BASE64_BINARY},
    )
    token.text = base64.encodebytes(samples.signer(name).certificate.der).decode()
    signature = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    security.append(signature)
    reference = xmlsec.template.add_reference(
        signature, xmlsec.constants.TransformSha256, uri="#body-1"
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    key_info = xmlsec.template.ensure_key_info(signature)
    wanted = etree.SubElement(key_info, ns.TOKEN_REFERENCE)
    etree.SubElement(wanted, ns.WSSE_REFERENCE, {"URI": "#token-1", "ValueType": ns.X509_V3})
    context = xmlsec.SignatureContext()
    key = samples.hierarchy()[f"{name}.key"]
    context.key = xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem)
    context.register_id(body, "Id", ns.WSU)
    context.sign(signature)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def test_we_verify_xmlsecs(providers: Providers) -> None:
    envelope = parse_envelope(parse_document(sign_with_xmlsec("agency-rsa")))
    verified = verify_sender(envelope, providers, allowed=providers.signatures)
    assert verified.certificate == samples.signer("agency-rsa").certificate
    assert verified.payload.tag == "{urn:x-test:students}FindStudent"
