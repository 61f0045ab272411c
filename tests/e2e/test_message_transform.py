"""`kontingent message transform`: the known results byte for byte, and refusals in one line."""

from pathlib import Path

import pytest

from tests.support import commands
from tests.support.commands import Finished, call
from tests.support.transform_vectors import INPUTS, expected, needs_vectors

PLAIN = b'<a xmlns="u:a" b="2" a="1"> <c>x</c><!-- y -->\n</a>'
TRANSFORMED = b'<ns1:a xmlns:ns1="u:a" a="1" b="2"><ns1:c>x</ns1:c></ns1:a>'


def check_refused(finished: Finished, code: str, exit_code: int = 1) -> None:
    assert (finished.exit_code, finished.output) == (exit_code, b"")
    assert finished.errors.startswith(f"error: {code}: ")
    assert finished.errors.count("\n") == 1


@needs_vectors
@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_known_results(path: Path) -> None:
    wanted = expected(path)
    finished = call("message", "transform", path)
    if wanted is None:
        check_refused(finished, "transform.no_namespace")
    else:
        assert (finished.exit_code, finished.errors, finished.output) == (0, "", wanted)


def test_as_a_process_from_standard_input() -> None:
    finished = commands.run("message", "transform", "-", stdin=PLAIN)
    assert (finished.exit_code, finished.errors, finished.output) == (0, "", TRANSFORMED)


def test_canonical_form_comes_first_when_asked_for() -> None:
    data = b'<a xmlns="u:a">x<!-- -->&#13; <![CDATA[<]]></a>'
    alone = call("message", "transform", "-", stdin=data)
    assert alone.output == b'<ns1:a xmlns:ns1="u:a">x&#xd; &lt;</ns1:a>'
    blank = b'<a xmlns="u:a">x<!-- --> </a>'
    assert call("message", "transform", "-", stdin=blank).output.endswith(b">x</ns1:a>")
    finished = call("message", "transform", "-", "--c14n", stdin=blank)
    assert (finished.exit_code, finished.output) == (0, b'<ns1:a xmlns:ns1="u:a">x </ns1:a>')


@pytest.mark.parametrize(
    ("data", "code", "canonical_code"),
    [
        (b"<a/>", "transform.no_namespace", "transform.no_namespace"),
        (b'<a xmlns="u:a" xml:id="b"/>', "transform.xml_attribute", "transform.xml_attribute"),
        (b'<!DOCTYPE a><a xmlns="u:a"/>', "transform.doctype", "xml.doctype"),
        (b"<a", "transform.malformed", "xml.malformed"),
        (b"", "transform.malformed", "xml.empty"),
    ],
)
def test_refusals(data: bytes, code: str, canonical_code: str) -> None:
    check_refused(call("message", "transform", "-", stdin=data), code)
    check_refused(call("message", "transform", "--c14n", "-", stdin=data), canonical_code)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    finished = call("message", "transform", tmp_path / "absent.xml")
    check_refused(finished, "file.unreadable", exit_code=2)
