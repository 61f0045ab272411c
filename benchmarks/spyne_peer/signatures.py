"""WS-Security by xmlsec: the request's signature verified, the reply signed.

Nothing is checked that xmlsec doesn't check by itself: no shape, no trust path, no replay. Keys
are read once, as a careful author would do.
"""

import base64
from functools import lru_cache
from pathlib import Path

import xmlsec
from lxml import etree
from xmlsec import constants

from signing import namespaces as ns

_BODY_ID = "Body"
_TOKEN_ID = "SenderCertificate"


class BadSignatureError(Exception):
    """The request bears no signature, or not this one."""


@lru_cache(maxsize=512)
def _key_of(token: str) -> "xmlsec.Key":
    return xmlsec.Key.from_memory(base64.b64decode(token), constants.KeyDataFormatCertDer)


def verify_request(envelope: etree._Element) -> None:
    """Verify the signature over the Body. Raises BadSignatureError."""
    security = envelope.find(f"{ns.SOAP_HEADER}/{ns.SECURITY}")
    body = envelope.find(ns.SOAP_BODY)
    if security is None or body is None:
        raise BadSignatureError
    signature, token = security.find(ns.SIGNATURE), security.findtext(ns.TOKEN)
    if signature is None or token is None:
        raise BadSignatureError
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", ns.WSU)
    context.key = _key_of(token)
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise BadSignatureError from None


class ReplySigner:
    """Signs replies with one RSA key. Safe to use from several threads."""

    def __init__(self, key: Path, certificate: Path) -> None:
        self._key = xmlsec.Key.from_file(str(key), constants.KeyDataFormatPem)
        pem = certificate.read_text("ascii")
        token = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
        self._header = etree.fromstring(_header(token))

    def sign(self, envelope: etree._Element) -> None:
        """Put a header with the signature over the Body into the envelope."""
        body = envelope.find(ns.SOAP_BODY)
        if body is None:
            raise BadSignatureError
        body.set(ns.WSU_ID, _BODY_ID)
        header = etree.fromstring(etree.tostring(self._header))
        envelope.insert(0, header)
        (signature,) = header.iter(ns.SIGNATURE)
        context = xmlsec.SignatureContext()
        context.register_id(body, "Id", ns.WSU)
        context.key = self._key
        context.sign(signature)


def _header(token: str) -> str:
    """The Header with an empty signature, as SMEV 2 wants it."""
    return (
        f'<soapenv:Header xmlns:soapenv="{ns.SOAP}"><wsse:Security xmlns:wsse="{ns.WSSE}"'
        f' xmlns:wsu="{ns.WSU}" soapenv:actor="{ns.SMEV_ACTOR}"><wsse:BinarySecurityToken'
        f' EncodingType="{ns.BASE64_BINARY}" ValueType="{ns.X509_V3}" wsu:Id="{_TOKEN_ID}">'
        f'{token}</wsse:BinarySecurityToken><ds:Signature xmlns:ds="{ns.DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{ns.EXC_C14N}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<ds:Reference URI="#{_BODY_ID}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{ns.EXC_C14N}"/></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>"
        f'<wsse:SecurityTokenReference><wsse:Reference URI="#{_TOKEN_ID}"'
        f' ValueType="{ns.X509_V3}"/></wsse:SecurityTokenReference></ds:KeyInfo>'
        "</ds:Signature></wsse:Security></soapenv:Header>"
    )
