"""The published schemas and contracts as files of the packages `xsd` and `wsdl`, always offline."""

import re
from collections import deque
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from smev.errors import SmevError

XS_NS = "http://www.w3.org/2001/XMLSchema"
_SOAP_ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap/}address"
_IMPORTS = (f"{{{XS_NS}}}import", f"{{{XS_NS}}}include")
_ADDRESS = re.compile(r"https?://[!-~]+")


def read_contract(name: str) -> bytes:
    """Return a file of the package `wsdl`. Raises SmevError `contract.broken`."""
    return _read("wsdl", name)


def read_schemas(roots: Iterable[str]) -> dict[str, bytes]:
    """Return the schemas by file name, with all that they import. Raises SmevError."""
    found: dict[str, bytes] = {}
    waiting = deque(roots)
    while waiting:
        name = waiting.popleft()
        if name not in found:
            found[name] = _read("xsd", name)
            waiting.extend(_file_name(each) for each in _locations(parse_trusted(found[name])))
    return found


def _read(package: str, name: str) -> bytes:
    try:
        return files(package).joinpath(name).read_bytes()
    except (OSError, ModuleNotFoundError):
        raise SmevError("contract.broken", f"{package}/{name} can't be read") from None


def compile_schema(name: str, *, folder: Path | None = None) -> etree.XMLSchema:
    """Return the compiled schema of a file in the package `xsd`, or in `folder`.

    Safe to call while other threads parse and compile. Raises SmevError `contract.broken`.
    """
    # From the disk, by libxml2's own loader. A resolver of ours for the imports would be tidier,
    # but lxml hangs the loader of resolvers up in one place for the whole process for as long as
    # it parses: a parser that ends in another thread takes ours away in the midst of compiling.
    try:
        path = folder or Path(str(files("xsd")))
        return etree.XMLSchema(etree.parse(path / name, _own_parser()))
    except (etree.LxmlError, OSError, ModuleNotFoundError) as error:
        raise SmevError("contract.broken", f"{name}: {type(error).__name__}") from error


def parse_trusted(data: bytes) -> etree._Element:
    """Return one of our own documents parsed; never for a document from outside.

    Raises SmevError `contract.broken`.
    """
    try:
        return etree.fromstring(data, _own_parser())
    except etree.LxmlError as error:
        raise SmevError("contract.broken", type(error).__name__) from error


def _own_parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def declared_names(schemas: Iterable[bytes]) -> frozenset[str]:
    """Return every element that the schemas declare, as `{namespace}local`."""
    names: set[str] = set()
    for data in schemas:
        root = parse_trusted(data)
        prefix = f"{{{root.get('targetNamespace', '')}}}"
        names.update(
            prefix + str(name)
            for element in root.iter(f"{{{XS_NS}}}element")
            if (name := element.get("name")) is not None
        )
    return frozenset(names)


def check_address(address: str) -> None:
    """Raise SmevError `contract.address` unless it is a plain http(s) address without a query."""
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and "@" not in parts.netloc and "?" not in address
        usable = usable and "#" not in address and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not _ADDRESS.fullmatch(address):
        raise SmevError("contract.address", "not an http(s) address without a query")


def serve_from(data: bytes, address: str) -> bytes:
    """Return a contract or a schema whose imports and soap:address point to `address`.

    An imported file is found at `address?xsd=name`; `address` may be empty, the references are
    relative to wherever the document was read from then.
    """
    root = parse_trusted(data)
    for element in root.iter(*_IMPORTS):
        location = element.get("schemaLocation")
        if location is not None:
            element.set("schemaLocation", f"{address}?xsd={_file_name(location)}")
    for element in root.iter(_SOAP_ADDRESS):
        element.set("location", address)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _locations(root: etree._Element) -> list[str]:
    locations = (element.get("schemaLocation") for element in root.iter(*_IMPORTS))
    return [location for location in locations if location is not None]


def _file_name(location: str) -> str:
    return location.rpartition("/")[2]
