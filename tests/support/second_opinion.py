"""Implementations that are not ours: OpenSSL's command line with the gost engine, and xmlsec.

They look at the bytes that crossed the wire. What is asked of them is the same for both: the
value over SignedInfo, the digest of the Body, and that the certificate is of the authority.
"""

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = _OASIS + "wssecurity-secext-1.0.xsd"
WSU = _OASIS + "wssecurity-utility-1.0.xsd"
X509_V3 = _OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = _OASIS + "soap-message-security-1.0#Base64Binary"
ACTOR = "http://smev.gosuslugi.ru/actors/smev"


class Disagreement(Exception):
    """The other implementation does not find the signature valid."""


def _token(root: etree._Element) -> bytes:
    text = root.findtext(f".//{{{WSSE}}}BinarySecurityToken") or ""
    return base64.b64decode(text)


def _parts(root: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return ds:Signature and the Body, which is the one element it refers to."""
    signature = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{DS}}}Signature")
    body = root.find(f"{{{SOAP}}}Body")
    if signature is None or body is None:
        raise Disagreement("no signature")
    (reference,) = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if reference.get("URI") != f"#{body.get(f'{{{WSU}}}Id')}":
        raise Disagreement("the Body is not what is signed")
    return signature, body


def verify_with_openssl(message: bytes, authority: Path, folder: Path) -> None:
    """Check a GOST signature with OpenSSL. Raises Disagreement."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command")
    root = etree.fromstring(message)
    signature, body = _parts(root)
    signed_info = signature.find(f"{{{DS}}}SignedInfo")
    (folder / "certificate.der").write_bytes(_token(root))
    (folder / "signed-info").write_bytes(_canonical(signed_info))
    (folder / "body").write_bytes(_canonical(body))
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue") or "")
    (folder / "value").write_bytes(value)
    _openssl(folder, "x509", "-inform", "DER", "-in", "certificate.der", "-out", "certificate.pem")
    _openssl(folder, "x509", "-in", "certificate.pem", "-noout", "-pubkey", "-out", "public.pem")
    _openssl(folder, "verify", "-CAfile", str(authority), "certificate.pem")
    gost = ("dgst", "-engine", "gost", "-md_gost12_256")
    _openssl(folder, *gost, "-verify", "public.pem", "-signature", "value", "signed-info")
    digest = base64.b64encode(_openssl(folder, *gost, "-binary", "body")).decode()
    if signature.findtext(f".//{{{DS}}}DigestValue") != digest:
        raise Disagreement("the digest of the Body")


def _openssl(folder: Path, command: str, *arguments: str) -> bytes:
    engine = () if "-engine" in arguments else ("-engine", "gost")
    done = subprocess.run(
        ["openssl", command, *engine, *arguments], cwd=folder, capture_output=True, check=False
    )
    if done.returncode:
        raise Disagreement(f"openssl {command}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def _canonical(element: etree._Element | None) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def verify_with_xmlsec(message: bytes | etree._Element, authority: Path) -> None:
    """Check an RSA signature with xmlsec. Raises Disagreement."""
    root = etree.fromstring(message) if isinstance(message, bytes) else message
    signature, body = _parts(root)
    certificate = x509.load_der_x509_certificate(_token(root))
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.read_bytes()))
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", WSU)
    context.key = xmlsec.Key.from_memory(_token(root), xmlsec.KeyFormat.CERT_DER)
    try:
        context.verify(signature)
    except xmlsec.Error as error:
        raise Disagreement(str(error)) from None


def sign_with_xmlsec(
    root: etree._Element,
    key: Path,
    certificate: Path,
    *,
    prefixes: tuple[str, ...] = (),
    c14n: Any = xmlsec.constants.TransformExclC14N,
    method: Any = xmlsec.constants.TransformRsaSha256,
    digest: Any = xmlsec.constants.TransformSha256,
) -> etree._Element:
    """Sign an envelope's Body with RSA as SMEV 2 wants it, with nothing of ours.

    `prefixes` go into the InclusiveNamespaces of both canonicalizations.
    """
    body = root.find(f"{{{SOAP}}}Body")
    assert body is not None
    body.set(f"{{{WSU}}}Id", "body")
    security = _write_security(root, certificate)
    signature = xmlsec.template.create(root, c14n, method)
    security.append(signature)
    reference = xmlsec.template.add_reference(signature, digest, uri="#body")
    transform = xmlsec.template.add_transform(reference, c14n)
    if prefixes:
        listed = list(prefixes)
        xmlsec.template.transform_add_c14n_inclusive_namespaces(transform, listed)
        canonicalization = signature.find(f".//{{{DS}}}CanonicalizationMethod")
        xmlsec.template.transform_add_c14n_inclusive_namespaces(canonicalization, listed)
    key_info = xmlsec.template.ensure_key_info(signature)
    token = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference")
    etree.SubElement(token, f"{{{WSSE}}}Reference", {"URI": "#token", "ValueType": X509_V3})
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", WSU)
    context.key = xmlsec.Key.from_file(str(key), xmlsec.KeyFormat.PEM)
    context.sign(signature)
    return root


def _write_security(root: etree._Element, certificate: Path) -> etree._Element:
    """Return a new wsse:Security of the sender with its token; Header is made if need be."""
    header = root.find(f"{{{SOAP}}}Header")
    if header is None:
        header = etree.Element(f"{{{SOAP}}}Header")
        root.insert(0, header)
    security = etree.SubElement(
        header, f"{{{WSSE}}}Security", {f"{{{SOAP}}}actor": ACTOR}, nsmap={"wsse": WSSE}
    )
    kind = {"ValueType": X509_V3, "EncodingType": BASE64, f"{{{WSU}}}Id": "token"}
    token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", kind)
    der = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
    token.text = base64.b64encode(der).decode()
    return security
