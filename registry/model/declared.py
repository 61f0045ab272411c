"""What the one who takes a step declares of a case, and what it comes to over the steps."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from registry.errors import RegistryError


@dataclass(frozen=True, slots=True)
class Declared:
    """Circumstances that only an organisation or an applicant can know; None: not told.

    What each means is said where the procedures need it (`registry.procedures`).
    """

    documents_complete: bool | None = None
    legal_stay: bool | None = None
    in_transfer: bool | None = None
    founder_permission: bool | None = None
    tested: bool | None = None
    test_passed: bool | None = None
    tested_on: date | None = None
    selective: bool | None = None
    selection_passed: bool | None = None
    contract_on: date | None = None
    moving_away: bool | None = None
    assessed: bool | None = None
    debts: int | None = None
    debt_since: date | None = None
    attempts: int | None = None
    parents_agree: bool | None = None
    pmpk: bool | None = None
    admission_test_passed: bool | None = None
    exams_passed: bool | None = None

    def with_more(self, more: "Declared") -> Self:
        """These circumstances, those in `more` that are told replacing the former."""
        return replace(self, **more.told())

    def told(self) -> dict[str, Any]:
        """The circumstances that are told, by name."""
        return {
            each.name: value
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None
        }


NOTHING_DECLARED = Declared()

_DATES = frozenset({"tested_on", "contract_on", "debt_since"})
_NUMBERS = frozenset({"debts", "attempts"})
NAMES: Mapping[str, type] = MappingProxyType(
    {
        each.name: date if each.name in _DATES else int if each.name in _NUMBERS else bool
        for each in fields(Declared)
    }
)


def parse_declared(values: Mapping[str, Any]) -> Declared:
    """Circumstances by name; days also as ISO texts.

    Raises `RegistryError` ``declared.unknown``, ``declared.value``.
    """
    told: dict[str, Any] = {}
    for name, value in values.items():
        kind = NAMES.get(name)
        if kind is None:
            raise RegistryError("declared.unknown", "no such circumstance")
        told[name] = _parse(kind, value)
    return Declared(**told)


def _parse(kind: type, value: Any) -> Any:
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise RegistryError("declared.value", "not a day") from None
    if type(value) is not kind or (isinstance(value, int) and value < 0):
        raise RegistryError("declared.value", f"not of the type {kind.__name__}")
    return value
