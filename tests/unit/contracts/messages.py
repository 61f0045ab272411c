"""Envelopes of every form, and the ways to break them."""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

SMEV = "http://smev.gosuslugi.ru/rev120315"
XOP = "http://www.w3.org/2004/08/xop/include"

_PARTIES = """
    <s:Sender><s:Code>{code}</s:Code><s:Name>Агентство</s:Name></s:Sender>
    <s:Recipient><s:Code>KONT00001</s:Code><s:Name>Контингент</s:Name></s:Recipient>
"""
_SERVICE = "<s:Service><s:Mnemonic>KONT</s:Mnemonic><s:Version>1.00</s:Version></s:Service>"
_NAME = "<s:ServiceName>KONT</s:ServiceName>"
_ORIGINATOR = "<s:Originator><s:Code>PGU100001</s:Code><s:Name>Портал</s:Name></s:Originator>"
_CORE = """
    <s:TypeCode>GSRV</s:TypeCode><s:Status>REQUEST</s:Status>
    <s:Date>2026-09-01T10:00:00+03:00</s:Date><s:ExchangeType>2</s:ExchangeType>
"""
_REFERENCES = """
    <s:RequestIdRef>a1</s:RequestIdRef><s:OriginRequestIdRef>a0</s:OriginRequestIdRef>
    <s:ServiceCode>10001</s:ServiceCode><s:CaseNumber>77</s:CaseNumber>
"""
_PACKET = f"""
    <s:SubMessages><s:SubMessage><s:SubRequestNumber>1</s:SubRequestNumber>
    <s:Status>PACKET</s:Status>{_ORIGINATOR}<s:Date>2026-09-01T10:00:00</s:Date>{_REFERENCES}
    </s:SubMessage></s:SubMessages>
"""
_TEST = "<s:TestMsg>t</s:TestMsg>"
_OKTMO = "<s:OKTMO>45000000</s:OKTMO>"
_BINARY = """
    <s:AppDocument><s:RequestCode>r</s:RequestCode><s:BinaryData>QUJD</s:BinaryData>
    </s:AppDocument>
"""
_REFERENCE = f"""
    <s:AppDocument><s:RequestCode>r</s:RequestCode>
    <s:Reference><x:Include xmlns:x="{XOP}" href="cid:1"/></s:Reference>
    <s:DigestValue>QUJD</s:DigestValue></s:AppDocument>
"""


def _base(message: str, data: str) -> etree._Element:
    text = (
        f'<s:BaseMessage xmlns:s="{SMEV}"><s:Message>{message}</s:Message>'
        f"<s:MessageData>{data}</s:MessageData></s:BaseMessage>"
    )
    return etree.fromstring(text, etree.XMLParser(remove_blank_text=True))


def good_messages() -> dict[str, etree._Element]:
    """The forms of an envelope that some official variant accepts, and the ones we add."""
    everything = _ORIGINATOR + "{form}" + _CORE + _REFERENCES + _PACKET + _TEST
    data = "<s:AppData><a xmlns=''>1</a></s:AppData>"
    pattern, free = _PARTIES.format(code="DEMO00001"), _PARTIES.format(code="ROSREESTR_SYS_1")
    return {
        "service_full": _base(pattern + everything.format(form=_SERVICE) + _OKTMO, data + _BINARY),
        "service_name_full": _base(free + everything.format(form=_NAME), data + _REFERENCE),
        "service_name_oktmo": _base(pattern + _NAME + _CORE + _OKTMO, data),
        "no_service": _base(free + _CORE, ""),
        "service_free_code": _base(free + _SERVICE + _CORE + _OKTMO, data),
    }


LEAF_VALUES = (
    "",
    " ",
    "x",
    " DEMO00001 ",
    "demo00001",
    "DEMO000012",
    "Х" * 300,
    "OTHR",
    "GFNC",
    " GSRV",
    "PING",
    "request",
    "PACKET",
    "2026-09-01",
    "2026-09-01T10:00:00",
    "2026-09-01T24:00:00Z",
    "2026-09-01T10:00:00.1234567-14:00",
    " 2026-09-01T10:00:00Z ",
    "2026-02-30T10:00:00Z",
    "-0001-01-01T00:00:00Z",
    "1.00",
    "100.00",
    "1.0",
    "12.345",
    "QUI=",
    "Q",
    "45000000001",
)


def mutations(message: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield every single change of a message, named for what it does."""
    for index, element in enumerate(message.iter("*")):
        name = f"{etree.QName(element).localname}@{index}"
        if element.getparent() is not None:
            yield from _moves(message, index, name)
        yield from _additions(message, index, name)
        if not len(element):
            for number, value in enumerate(LEAF_VALUES):
                copy = deepcopy(message)
                _at(copy, index).text = value
                yield f"{name} value {number}", copy


def _moves(message: etree._Element, index: int, name: str) -> Iterator[tuple[str, etree._Element]]:
    copy = deepcopy(message)
    element = _at(copy, index)
    element.getparent().remove(element)
    yield f"{name} dropped", copy
    copy = deepcopy(message)
    element = _at(copy, index)
    element.addnext(deepcopy(element))
    yield f"{name} doubled", copy
    copy = deepcopy(message)
    element = _at(copy, index)
    following = element.getnext()
    if following is not None:
        following.addnext(element)
        yield f"{name} after the next", copy
    copy = deepcopy(message)
    _at(copy, index).tag = f"{{{SMEV}}}Sidenote"
    yield f"{name} renamed", copy
    copy = deepcopy(message)
    _at(copy, index).tag = etree.QName(_at(copy, index)).localname
    yield f"{name} without namespace", copy


def _additions(
    message: etree._Element, index: int, name: str
) -> Iterator[tuple[str, etree._Element]]:
    for tag in (
        f"{{{SMEV}}}OKTMO",
        f"{{{SMEV}}}Service",
        f"{{{SMEV}}}ServiceName",
        f"{{{SMEV}}}AppData",
        f"{{{XOP}}}Include",
        "{urn:other}x",
    ):
        for place in (0, 1, 3):
            copy = deepcopy(message)
            _at(copy, index).insert(place, etree.Element(tag))
            yield f"{name} with {etree.QName(tag).localname} at {place}", copy
    for attribute in ("id", "href", "actor", "{urn:other}id"):
        copy = deepcopy(message)
        _at(copy, index).set(attribute, "1")
        yield f"{name} with attribute {attribute}", copy
    for key, value in (("nil", "true"), ("type", "x"), ("schemaLocation", "urn:other x.xsd")):
        copy = deepcopy(message)
        _at(copy, index).set(f"{{http://www.w3.org/2001/XMLSchema-instance}}{key}", value)
        yield f"{name} with xsi:{key}", copy
    copy = deepcopy(message)
    _at(copy, index).text = "текст"
    yield f"{name} with text", copy


def _at(root: etree._Element, index: int) -> etree._Element:
    return next(each for number, each in enumerate(root.iter("*")) if number == index)
