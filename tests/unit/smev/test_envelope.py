from copy import deepcopy
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from smev.envelope import (
    build_operation,
    parse_operation,
    peek_operation,
    peek_sender_code,
)
from smev.errors import SmevError
from smev.message import Message, Revision
from tests.unit.contracts.messages import good_messages, mutations
from tests.unit.smev.samples import FULL, MINIMAL, messages

NAME = "{urn:x}Ask"
NS = Revision.REV120315.value
MESSAGE, DATA = f"{{{NS}}}Message", f"{{{NS}}}MessageData"
APP_DATA, DOCUMENT = f"{{{NS}}}AppData", f"{{{NS}}}AppDocument"


@settings(deadline=None, max_examples=50)
@given(messages, st.booleans())
def test_what_is_written_is_read(message: Message, filled: bool) -> None:
    content = etree.Element("{urn:x}Question") if filled else None
    written = etree.tostring(build_operation(NAME, message, content))
    operation = parse_operation(etree.fromstring(written), default_timezone=UTC)
    assert (operation.name, operation.message) == (NAME, message)
    assert operation.app_document is None
    assert (operation.app_data is not None) is filled
    if filled:
        assert operation.content.tag == "{urn:x}Question"


def test_content_is_the_only_child() -> None:
    payload = build_operation(NAME, MINIMAL, etree.Element("a"))
    app_data = parse_operation(payload, default_timezone=UTC).app_data
    app_data.insert(0, etree.Comment("x"))
    assert parse_operation(payload, default_timezone=UTC).content.tag == "a"
    etree.SubElement(app_data, "b")
    assert parse_operation(payload, default_timezone=UTC).content is None


def test_attachment_alone_and_beside_data() -> None:
    payload = build_operation(NAME, MINIMAL, None)
    document = etree.SubElement(payload[1], DOCUMENT)
    operation = parse_operation(payload, default_timezone=UTC)
    assert (operation.app_data, operation.app_document) == (None, document)
    document.addprevious(etree.Element(APP_DATA))
    assert parse_operation(payload, default_timezone=UTC).app_document is document


def test_operation_without_namespace() -> None:
    payload = build_operation("Ask", MINIMAL, None)
    assert parse_operation(payload, default_timezone=UTC).name == peek_operation(payload) == "Ask"


@pytest.mark.parametrize("name", ["", "{urn:x}", "{urn:x}a b", "{urn:x}1", "{urn:\x00}a"])
def test_not_a_name_of_an_operation(name: str) -> None:
    with pytest.raises(SmevError) as caught:
        build_operation(name, MINIMAL, None)
    assert caught.value.code == "message.unwritable"


def drop_message(root: etree._Element) -> None:
    root.remove(root[0])


def drop_data(root: etree._Element) -> None:
    root.remove(root[1])


def swap(root: etree._Element) -> None:
    root.append(root[0])


def double_message(root: etree._Element) -> None:
    root.insert(0, deepcopy(root[0]))


def double_app_data(root: etree._Element) -> None:
    root[1].append(deepcopy(root[1][0]))


def document_before_data(root: etree._Element) -> None:
    root[1].insert(0, etree.Element(DOCUMENT))


def foreign_in_data(root: etree._Element) -> None:
    etree.SubElement(root[1], "{urn:x}AppData")


def data_of_other_revision(root: etree._Element) -> None:
    root[1].tag = f"{{{Revision.REV111111}}}MessageData"


def app_data_of_other_revision(root: etree._Element) -> None:
    root[1][0].tag = f"{{{Revision.REV111111}}}AppData"


@pytest.mark.parametrize(
    "defect",
    [
        drop_message,
        drop_data,
        swap,
        double_message,
        double_app_data,
        document_before_data,
        foreign_in_data,
        data_of_other_revision,
        app_data_of_other_revision,
    ],
)
def test_broken_operation(defect) -> None:
    payload = build_operation(NAME, MINIMAL, etree.Element("a"))
    defect(payload)
    with pytest.raises(SmevError) as caught:
        parse_operation(payload, default_timezone=UTC)
    assert caught.value.code == "schema.invalid"


def test_comment_is_not_an_operation() -> None:
    comment = etree.Comment("x")
    with pytest.raises(SmevError):
        parse_operation(comment, default_timezone=UTC)
    assert peek_operation(comment) == ""
    assert peek_sender_code(comment) is None


@settings(deadline=None, max_examples=50)
@given(messages)
def test_peeked_code_is_the_read_one(message: Message) -> None:
    payload = build_operation(NAME, message, None)
    assert peek_sender_code(payload) == message.sender.code


@pytest.mark.parametrize("name", good_messages())
def test_peeking_agrees_with_reading_on_any_shape(name: str) -> None:
    for change, payload in mutations(good_messages()[name]):
        peeked = peek_sender_code(payload)
        try:
            operation = parse_operation(payload, default_timezone=UTC)
        except SmevError as error:
            assert error.code == "schema.invalid", change
        else:
            assert operation.message.sender.code == peeked, change


def test_no_single_sender_code() -> None:
    for path in (MESSAGE, f"{MESSAGE}/{{{NS}}}Sender", f"{MESSAGE}/{{{NS}}}Sender/{{{NS}}}Code"):
        payload = build_operation(NAME, FULL, None)
        element = payload.find(path)
        element.addnext(deepcopy(element))
        assert peek_sender_code(payload) is None
        payload = build_operation(NAME, FULL, None)
        element = payload.find(path)
        element.getparent().remove(element)
        assert peek_sender_code(payload) is None


def test_code_with_children_or_too_long_is_none() -> None:
    payload = build_operation(NAME, FULL, None)
    code = payload.find(f"{MESSAGE}/{{{NS}}}Sender/{{{NS}}}Code")
    code.text = "D" * 201
    assert peek_sender_code(payload) is None
    code.text = "DEMO"
    etree.SubElement(code, "x").tail = "00001"
    assert peek_sender_code(payload) is None
