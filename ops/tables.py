"""TOML tables into frozen dataclasses: every key is known and of the right type, or it is told."""

import re
import types
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ops.errors import ConfigError

T = TypeVar("T")

# None of them can be in a path, and none but the first in XML.
_CONTROLS = re.compile("[\x7f\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_table(kind: type[T], table: dict[str, Any], *, where: str) -> T:
    """Make a dataclass of a TOML table; its fields are the keys that the table may have.

    `where` names the file and the table in errors. Raises ConfigError on an unknown or missing
    key and on a value of another type.
    """
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r} (known: {', '.join(known)})")
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name in table:
            values[name] = _value(hints[name], table[name], where=f"{where}.{name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{where}: the key {name!r} is missing")
    return kind(**values)


def _value(hint: Any, value: Any, *, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: a table is expected")
        return read_table(hint, value, where=where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{where}: a list is expected")
        item = arguments[0]
        return tuple(
            _value(item, each, where=f"{where}[{index}]") for index, each in enumerate(value)
        )
    if origin in (Union, types.UnionType):
        hint = next(each for each in arguments if each is not type(None))
        return _value(hint, value, where=where)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value not in list(hint):
            raise ConfigError(f"{where}: {value!r} (known: {', '.join(hint)})")
        return hint(value)
    # bool is an int in Python, never in TOML
    if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        raise ConfigError(f"{where}: {hint.__name__} is expected")
    if isinstance(value, str) and _CONTROLS.search(value):
        raise ConfigError(f"{where}: it holds a control character")
    return value
