import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from lxml import etree

from smev.errors import SmevError
from smev.schema_files import compile_schema, parse_trusted, read_contract, read_schemas

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'


def test_imports_come_with_a_schema() -> None:
    assert set(read_schemas(["students-1.0.xsd"])) == {
        "students-1.0.xsd",
        "education-1.0.xsd",
        "smev-rev120315.xsd",
        "xop-include.xsd",
    }


@pytest.mark.parametrize("name", ["absent.xsd", ""])
def test_absent_file(name: str) -> None:
    for read in (read_contract, compile_schema, lambda each: read_schemas([each])):
        with pytest.raises(SmevError) as caught:
            read(name)
        assert caught.value.code == "contract.broken"


@pytest.mark.parametrize(
    "schema",
    [
        f'<xs:schema {XS}><xs:element name="a" type="unknown"/></xs:schema>',
        f'<xs:schema {XS}><xs:import namespace="urn:x" schemaLocation="/etc/hostname"/>'
        '<xs:element xmlns:x="urn:x" ref="x:a"/></xs:schema>',
        "<xs:schema",
        "",
    ],
)
def test_broken_schema(schema: str, tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(schema)
    with pytest.raises(SmevError) as caught:
        compile_schema("a.xsd", folder=tmp_path)
    assert caught.value.code == "contract.broken"


def test_entities_of_own_files_are_not_expanded() -> None:
    root = parse_trusted(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>')
    assert (root.text, [type(each) for each in root]) == (None, [etree._Entity])


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_compiling_while_other_threads_parse() -> None:
    document, done = b"<a>" + b"<b>x</b>" * 2000 + b"</a>", Event()

    def parse() -> None:
        while not done.is_set():
            etree.fromstring(document)

    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(parse) for _ in range(2)]
        compiled = [pool.submit(compile_schema, "students-1.0.xsd") for _ in range(100)]
        assert all(isinstance(each.result(), etree.XMLSchema) for each in compiled)
        done.set()
        assert [each.result() for each in others] == [None, None]


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "Папка на 100% с пробелом"
    folder.mkdir()
    for name, data in read_schemas(["students-1.0.xsd"]).items():
        (folder / name).write_bytes(data)
    assert isinstance(compile_schema("students-1.0.xsd", folder=folder), etree.XMLSchema)
