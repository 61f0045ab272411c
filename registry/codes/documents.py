"""Data files: TOML of a stated shape, where a key that isn't known is a mistake, not a comment."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from registry.errors import RegistryError


def read_data(folder: str, key: str, error: str) -> str:
    """The text of a data file of this package; raises `RegistryError` (`error`.missing)."""
    try:
        return files("registry.codes").joinpath(folder, f"{key}.toml").read_text("utf-8")
    except OSError as cause:
        raise RegistryError(f"{error}.missing", f"{folder}/{key}.toml") from cause


def parse_document(text: str, error: str) -> dict[str, Any]:
    """A TOML document; raises `RegistryError` (`error`.syntax)."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise RegistryError(f"{error}.syntax", str(cause)) from cause


def require_shape(
    table: object,
    required: Mapping[str, type],
    optional: Mapping[str, type],
    *,
    where: str,
    error: str,
) -> dict[str, Any]:
    """`table` if it has the required keys, no unknown ones, and values of just these types.

    A text may not be blank. Raises `RegistryError` (`error`.shape).
    """
    if not isinstance(table, dict):
        raise RegistryError(f"{error}.shape", f"{where}: not a table")
    odd = (required.keys() - table.keys()) | (table.keys() - required.keys() - optional.keys())
    if odd:
        raise RegistryError(f"{error}.shape", f"{where}: missing or unknown {sorted(odd)}")
    types = {**optional, **required}
    for name, value in table.items():
        # Not isinstance: a TOML date with a time is a date by inheritance, and wouldn't compare.
        if type(value) is not types[name] or (isinstance(value, str) and not value.strip()):
            raise RegistryError(f"{error}.shape", f"{where}: wrong {name}")
    return table
