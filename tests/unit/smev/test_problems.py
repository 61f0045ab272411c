import pytest
from lxml import etree

from smev.problems import SchemaProblem, describe_errors, problem

SCHEMA = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"
           elementFormDefault="qualified" xmlns="urn:a">
  <xs:element name="root"><xs:complexType>
    <xs:sequence>
      <xs:element name="item" maxOccurs="9"><xs:complexType><xs:simpleContent>
        <xs:extension base="amount"><xs:attribute name="unit" type="xs:int" use="required"/>
        </xs:extension></xs:simpleContent></xs:complexType></xs:element>
    </xs:sequence>
  </xs:complexType></xs:element>
  <xs:simpleType name="amount"><xs:restriction base="xs:int">
    <xs:minInclusive value="1"/><xs:maxInclusive value="5"/></xs:restriction></xs:simpleType>
</xs:schema>
"""
KNOWN = frozenset({"{urn:a}root", "{urn:a}item"})


def told(text: str) -> tuple[SchemaProblem, ...]:
    schema = etree.XMLSchema(etree.fromstring(SCHEMA))
    root = etree.fromstring(text)
    assert not schema.validate(root)
    return describe_errors(schema.error_log, root, KNOWN)


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ('<item unit="1">0</item>', "value.range"),
        ('<item unit="1">6</item>', "value.range"),
        ('<item unit="1">Иванов</item>', "value.type"),
        ('<item unit="Иванов">1</item>', "value.type"),
        ("<item>1</item>", "attribute.missing"),
        ('<item unit="1" Иванов="1">1</item>', "attribute.unexpected"),
        ('<item unit="1">1<Иванов/></item>', "element.children"),
    ],
)
def test_kind_and_place(item: str, kind: str) -> None:
    (first,) = told(f'<root xmlns="urn:a">\n{item}</root>')
    assert (first.kind, first.path, first.line) == (kind, "/root/item", 2)
    assert "Иванов" not in first.message


def test_one_problem_for_each_place() -> None:
    items = '<item unit="x">x</item><item unit="1">1</item><item unit="1">x</item>'
    assert [each.path for each in told(f'<root xmlns="urn:a">{items}</root>')] == [
        "/root/item[1]",
        "/root/item[3]",
    ]


def test_names_that_the_schema_does_not_know_are_not_told() -> None:
    (first,) = told('<p:root xmlns:p="urn:a"><Иванов><Петров/></Иванов></p:root>')
    assert (first.path, first.message.rpartition(" ")[2]) == ("/root/*", "item")


def test_unknown_root() -> None:
    (first,) = told("<Иванов/>")
    assert (first.kind, first.path) == ("element.unknown", "/*")


def test_expected_names_are_told_by_local_name() -> None:
    assert problem("content.missing", expected=["{urn:a}b", "c"]).message.endswith("ожидается b, c")
