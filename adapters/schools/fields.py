"""The fields of one record: read by name, with every problem noted and none of them fatal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from adapters.errors import AdapterError
from adapters.schools.codes import CodeList
from adapters.schools.pages import NAMESPACE
from registry.problems import Problem

_MISSING = ("record.field_missing", "Нет обязательного поля")
_REPEATED = ("record.field_repeated", "Поле повторяется")
_TOO_LONG = ("record.field_too_long", "Значение длиннее, чем допускает договор")
_BAD_DATE = ("record.date_invalid", "Это не дата")
_BAD_NUMBER = ("record.number_invalid", "Это не число в допустимых пределах")
_BAD_CODE = ("record.code_unknown", "Значение справочника не сопоставлено с нашим")

# xs:date may bear a time zone; the day is the one written, wherever it is.
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"\+?[0-9]{1,9}")
_LOOSE_SPACE = re.compile(r"[ \t\r\n]{2,}|[\t\r\n]")
_SPACE = " \t\r\n"

# Stands for a value that could not be read: the record is thrown away whole, so no one sees it.
_NO_DATE = date.min


@dataclass(frozen=True, slots=True)
class Shape:
    """What a record may hold: texts with their greatest length, and parts with their number.

    Both are found by tag (``{namespace}name``), and tell the name that goes with it.
    """

    texts: Mapping[object, tuple[str, int]]
    parts: Mapping[object, tuple[str, int]]

    @classmethod
    def of(cls, texts: Mapping[str, int], parts: Mapping[str, int] | None = None) -> "Shape":
        """The shape whose fields, by their names in our namespace, have these limits."""
        return cls(_by_tag(texts), _by_tag(parts or {}))


def _by_tag(limits: Mapping[str, int]) -> dict[object, tuple[str, int]]:
    return {f"{{{NAMESPACE}}}{name}": (name, limit) for name, limit in limits.items()}


class Fields:
    """The fields of `element`, taken apart by `shape`; `problems` grows as they are read.

    Raises `AdapterError` (source.contract_changed) for an element that the contract has not.
    """

    __slots__ = ("_parts", "_prefix", "_texts", "problems")

    def __init__(
        self,
        element: etree._Element,
        shape: Shape,
        problems: list[Problem] | None = None,
        prefix: str = "",
    ) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self._prefix = prefix
        self._texts: dict[str, str] = {}
        self._parts: dict[str, list[etree._Element]] = {}
        self._read(element, shape)

    def _read(self, element: etree._Element, shape: Shape) -> None:
        texts, known = self._texts, shape.texts
        for child in element:
            field = known.get(child.tag)
            if field is None:
                self._take_part(child, shape)
                continue
            name, limit = field
            if len(child):
                raise AdapterError("source.contract_changed", f"{name} has elements in it")
            if name in texts:
                self._note(name, _REPEATED)
                continue
            text = _collapsed(child.text or "")
            if len(text) > limit:
                self._note(name, _TOO_LONG)
            texts[name] = text

    def _take_part(self, child: etree._Element, shape: Shape) -> None:
        part = shape.parts.get(child.tag)
        if part is None:
            name = etree.QName(child).localname
            shown = name if len(name) <= 64 else "one with a long name"
            raise AdapterError("source.contract_changed", f"an unknown element: {shown}")
        name, limit = part
        parts = self._parts.setdefault(name, [])
        if len(parts) >= limit:
            self._note(name, _REPEATED)
            return
        parts.append(child)

    def _note(self, name: str, problem: tuple[str, str]) -> None:
        code, message = problem
        found = Problem(code, self._prefix + name, message)
        if found not in self.problems:
            self.problems.append(found)

    def optional(self, name: str) -> str | None:
        """The text, None when it is absent or empty."""
        return self._texts.get(name) or None

    def required(self, name: str) -> str:
        """The text; a problem when there is none."""
        text = self._texts.get(name)
        if not text:
            self._note(name, _MISSING)
            return ""
        return text

    def day(self, name: str) -> date:
        """The day; a problem when there is none."""
        text = self.required(name)
        return self._parse_date(name, text) if text else _NO_DATE

    def optional_day(self, name: str) -> date | None:
        """The day, None when it is absent."""
        text = self._texts.get(name)
        return self._parse_date(name, text) if text else None

    def number(self, name: str) -> int:
        """The number; a problem when there is none."""
        text = self.required(name)
        return self._parse_number(name, text) if text else 0

    def optional_number(self, name: str) -> int | None:
        """The number, None when it is absent."""
        text = self._texts.get(name)
        return self._parse_number(name, text) if text else None

    def code(self, name: str, code_list: CodeList) -> str:
        """Our code for the source's value; a problem when it is absent or cannot be ours."""
        value = self.required(name)
        if not value:
            return ""
        code = code_list.translate(value)
        if code is None:
            self._note(name, _BAD_CODE)
            return ""
        return code

    def parts(self, name: str, shape: Shape) -> list["Fields"]:
        """The parts of that name, each with its own fields; their problems come to ours."""
        prefix = f"{self._prefix}{name}."
        return [Fields(each, shape, self.problems, prefix) for each in self._parts.get(name, ())]

    def _parse_date(self, name: str, text: str) -> date:
        match = _DATE.fullmatch(text)
        try:
            if match:
                return date.fromisoformat(match.group(1))
        except ValueError:  # 30 February
            pass
        self._note(name, _BAD_DATE)
        return _NO_DATE

    def _parse_number(self, name: str, text: str) -> int:
        if not _NUMBER.fullmatch(text):
            self._note(name, _BAD_NUMBER)
            return 0
        return int(text)


def _collapsed(text: str) -> str:
    """`text` without the white space that xs:token does not count: at the ends, and doubled."""
    # Hardly any text has such space, and isprintable() tells so faster than a pattern can.
    if not text.isprintable() or "  " in text:
        text = _LOOSE_SPACE.sub(" ", text)
    return text.strip(_SPACE)
