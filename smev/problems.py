"""What libxml2 finds wrong with a message, told without a word of the message itself.

libxml2's own texts quote values, and the names of elements it doesn't know: personal data may be
in either. Told are only the kind of an error, and names that our schemas declare.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from smev.errors import SmevError

MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One place where a message breaks the contract.

    `path` names elements by local name, numbered among their likes (`/a/b[2]`), `*` for one the
    schemas don't know; `line` is the line in the parsed bytes if known. `message` is Russian, for
    the sender; `kind` is a stable key.
    """

    path: str
    line: int | None
    message: str
    kind: str


_TEXTS = {
    "operation.unknown": "сервис не имеет такой операции",
    "too_many_elements": "в сообщении слишком много элементов",
    "content.missing": "в AppData нет элемента, которого требует операция",
    "content.unexpected": "в AppData не тот элемент, которого требует операция, или он не один",
    "element.unexpected": "элемент не на своём месте, лишний или пропущен",
    "element.unknown": "элемент не объявлен в схеме",
    "element.text": "между элементами стоит текст",
    "element.children": "внутри значения стоят элементы",
    "element.type": "указан недопустимый тип или пустое значение (xsi:type, xsi:nil)",
    "attribute.unexpected": "недопустимый атрибут",
    "attribute.missing": "нет обязательного атрибута",
    "value.enumeration": "значения нет в списке допустимых",
    "value.pattern": "значение не соответствует образцу",
    "value.length": "недопустимая длина значения",
    "value.range": "значение вне допустимых границ",
    "value.type": "значение не того типа",
    "schema": "не соответствует схеме",
}
# Source: libxml2, xmlerror.h, names of the codes XML_SCHEMAV_*; the numbers in them are the rules
# of XML Schema Part 1, section 3 and Part 2, section 4.
_KINDS = {
    "SCHEMAV_ELEMENT_CONTENT": "element.unexpected",
    "SCHEMAV_CVC_ELT_1": "element.unknown",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "element.children",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "element.children",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "element.text",
    "SCHEMAV_CVC_TYPE_3_1_2": "element.children",
    "SCHEMAV_CVC_TYPE_2": "element.type",
    "SCHEMAV_CVC_ELT_3_1": "element.type",
    "SCHEMAV_CVC_ELT_3_2_1": "element.type",
    "SCHEMAV_CVC_ELT_4_1": "element.type",
    "SCHEMAV_CVC_ELT_4_2": "element.type",
    "SCHEMAV_CVC_ELT_4_3": "element.type",
    "SCHEMAV_CVC_TYPE_3_1_1": "attribute.unexpected",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "attribute.unexpected",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "attribute.unexpected",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "attribute.missing",
    "SCHEMAV_CVC_ENUMERATION_VALID": "value.enumeration",
    "SCHEMAV_CVC_PATTERN_VALID": "value.pattern",
    "SCHEMAV_CVC_LENGTH_VALID": "value.length",
    "SCHEMAV_CVC_MINLENGTH_VALID": "value.length",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "value.length",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "value.range",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": "value.range",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "value.type",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": "value.type",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_3": "value.type",
}
_EXPECTED = re.compile(r"Expected is (?:one of )?\( ([^()]*) \)\.\s*$")
_STEP = re.compile(r"(?:([^:\[\]@]+):)?([^:\[\]@]+)(?:\[([0-9]+)\])?")


def problem(
    kind: str, *, path: str = "/", line: int | None = None, expected: Iterable[str] = ()
) -> SchemaProblem:
    """Return the problem of a kind, with the names (`{namespace}local`) expected instead."""
    text = _TEXTS[kind]
    names = ", ".join(_local(name) for name in expected)
    return SchemaProblem(
        path=path, line=line, message=f"{text}; ожидается {names}" if names else text, kind=kind
    )


def describe_error(error: SmevError) -> str:
    """Return what a sender may be told of a message that can't be read, in Russian."""
    return f"{error.path}: {_TEXTS[error.kind]}" if error.path else _TEXTS[error.kind]


def describe_errors(
    errors: Iterable[etree._LogEntry], payload: etree._Element, known: frozenset[str]
) -> tuple[SchemaProblem, ...]:
    """Return libxml2's errors, one for each place, at most 20.

    `payload` is the element that was validated; `known` are the names that may be told.
    """
    problems: dict[str, SchemaProblem] = {}
    for error in errors:
        path = "".join(_tell_path(payload, error.path or "", known))
        if path not in problems:
            kind = _KINDS.get(error.type_name, "schema")
            problems[path] = problem(
                kind,
                path=path,
                line=error.line or None,
                expected=_expected(error.message or "", known),
            )
    return tuple(problems.values())[:MAX_PROBLEMS]


def _expected(message: str, known: frozenset[str]) -> list[str]:
    match = _EXPECTED.search(message)
    return [name for name in match[1].split(", ") if name in known] if match else []


def _tell_path(payload: etree._Element, path: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the steps of libxml2's path to a node, translated into names that may be told."""
    yield "/" + _tell(payload, known)
    element = payload
    for step in path.split("/")[2:]:
        match = _STEP.fullmatch(step)
        siblings = [] if match is None else _named(element, match[1], match[2])
        position = int(match[3] or 1) if match else 1
        if position > len(siblings):
            return  # an attribute, or a path of a kind we don't know: the element will do
        element = siblings[position - 1]
        same = [each for each in _children(element.getparent()) if each.tag == element.tag]
        index = f"[{same.index(element) + 1}]" if len(same) > 1 else ""
        yield "/" + _tell(element, known) + index


def _named(parent: etree._Element, prefix: str | None, name: str) -> list[etree._Element]:
    """Return the children that libxml2 counts for a step: `*` is any element."""
    children = _children(parent)
    if name == "*":
        return children
    return [each for each in children if each.prefix == prefix and _local(each.tag) == name]


def _children(parent: etree._Element | None) -> list[etree._Element]:
    return [] if parent is None else list(parent.iterchildren("*"))


def _tell(element: etree._Element, known: frozenset[str]) -> str:
    return _local(element.tag) if element.tag in known else "*"


def _local(name: str | bytes | bytearray | etree.QName) -> str:
    return str(name).rpartition("}")[2]
