"""Names of the XML vocabularies around a signature, with their sources."""

from __future__ import annotations

# SOAP 1.1 §4, the only version SMEV 2 and 3 speak.
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
# XML Signature Syntax and Processing; Exclusive C14N.
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
# OASIS Web Services Security 1.0: SOAP message security, X.509 token profile.
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = _OASIS + "wssecurity-secext-1.0.xsd"
WSU = _OASIS + "wssecurity-utility-1.0.xsd"
X509_V3 = _OASIS + "x509-token-profile-1.0#X509v3"
BASE64_BINARY = _OASIS + "soap-message-security-1.0#Base64Binary"
XML = "http://www.w3.org/XML/1998/namespace"
XOP = "http://www.w3.org/2004/08/xop/include"
# МР СМЭВ 2: the revisions of the envelope, and the two actors of wsse:Security.
SMEV_REVISIONS = tuple(
    f"http://smev.gosuslugi.ru/{revision}" for revision in ("rev120315", "rev111111", "rev110801")
)
SMEV_ACTOR = "http://smev.gosuslugi.ru/actors/smev"
RECIPIENT_ACTOR = "http://smev.gosuslugi.ru/actors/recipient"

SOAP_ENVELOPE = f"{{{SOAP}}}Envelope"
SOAP_HEADER = f"{{{SOAP}}}Header"
SOAP_BODY = f"{{{SOAP}}}Body"
SOAP_ACTOR = f"{{{SOAP}}}actor"
SOAP_ENCODING_STYLE = f"{{{SOAP}}}encodingStyle"
SECURITY = f"{{{WSSE}}}Security"
TOKEN = f"{{{WSSE}}}BinarySecurityToken"
TOKEN_REFERENCE = f"{{{WSSE}}}SecurityTokenReference"
WSSE_REFERENCE = f"{{{WSSE}}}Reference"
WSU_ID = f"{{{WSU}}}Id"
WSU_TIMESTAMP = f"{{{WSU}}}Timestamp"
XML_ID = f"{{{XML}}}id"
XOP_INCLUDE = f"{{{XOP}}}Include"
SMEV_HEADERS = frozenset(f"{{{revision}}}Header" for revision in SMEV_REVISIONS)

SIGNATURE = f"{{{DS}}}Signature"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
KEY_INFO = f"{{{DS}}}KeyInfo"
CANONICALIZATION_METHOD = f"{{{DS}}}CanonicalizationMethod"
SIGNATURE_METHOD = f"{{{DS}}}SignatureMethod"
REFERENCE = f"{{{DS}}}Reference"
TRANSFORMS = f"{{{DS}}}Transforms"
TRANSFORM = f"{{{DS}}}Transform"
DIGEST_METHOD = f"{{{DS}}}DigestMethod"
DIGEST_VALUE = f"{{{DS}}}DigestValue"
X509_DATA = f"{{{DS}}}X509Data"
X509_CERTIFICATE = f"{{{DS}}}X509Certificate"
INCLUSIVE_NAMESPACES = f"{{{EXC_C14N}}}InclusiveNamespaces"

# The attributes that a reference `#id` may mean.
ID_ATTRIBUTES = frozenset({WSU_ID, "Id", "ID", XML_ID})

# МР СМЭВ 3: the vocabularies of the operations, and of what they are made of beside it.
_SMEV3 = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/"
SMEV3_BASIC = {
    f"{_SMEV3}{version}": f"{_SMEV3}basic/{version}" for version in ("1.1", "1.2", "1.3")
}
