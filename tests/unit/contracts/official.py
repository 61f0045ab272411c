"""The official schemas of the envelope, compiled, to compare ours with; they aren't kept here."""

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

FOLDER = Path(__file__).parents[3].parent / "shared" / "reference" / "xsd" / "smev2"
VARIANTS = (
    "smev-r120315-service-variant.xsd",
    "smev-r120315-v2.5.5.xsd",
    "smev-r120315-v2.5.6.xsd",
)
# The official files import schemas they don't use and that don't lie beside them.
_STAND_INS = {
    "xmldsig-core-schema.xsd": "http://www.w3.org/2000/09/xmldsig#",
    "soap-envelope.xsd": "http://schemas.xmlsoap.org/soap/envelope/",
    "wss-utility.xsd": (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    ),
}
needs_official = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the official schemas (../shared) are not here"
)


class _Resolver(etree.Resolver):
    def resolve(self, system_url, public_id, context):
        name = system_url.rpartition("/")[2]
        if name in ("include.xsd", "xop-include.xsd"):
            return self.resolve_string((FOLDER / "xop-include.xsd").read_bytes(), context)
        namespace = _STAND_INS[name]
        stand_in = (
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
            f'targetNamespace="{namespace}"/>'
        )
        return self.resolve_string(stand_in, context)


@cache
def official_schemas() -> tuple[etree.XMLSchema, ...]:
    schemas = []
    for name in VARIANTS:
        parser = etree.XMLParser()
        parser.resolvers.add(_Resolver())
        root = etree.fromstring((FOLDER / name).read_bytes(), parser, base_url=f"official://{name}")
        schemas.append(etree.XMLSchema(root))
    return tuple(schemas)


def is_officially_valid(message: etree._Element) -> bool:
    return any(schema.validate(message) for schema in official_schemas())
