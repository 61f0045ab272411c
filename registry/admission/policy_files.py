"""Policies as TOML files: the federal ones of this package, and those that a region gives.

A file is read strictly: what is missing, of another type or not known is an error, never a default,
because a silently ignored line would put children in another order than the region believes.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from registry.admission.criteria import Criterion, CriterionName
from registry.admission.policy import (
    AllotmentRules,
    PolicyBook,
    QuotaGroup,
    RankingPolicy,
    Unfilled,
)
from registry.errors import RegistryError
from registry.model import ApplicationKind, PrivilegeRank
from registry.procedures.states import (
    AdditionalState,
    CollegeState,
    KindergartenState,
    SchoolState,
)

_T = TypeVar("_T")
_Enum = TypeVar("_Enum", bound=StrEnum)
_Table = Mapping[str, object]

_STATES: Mapping[ApplicationKind, type[StrEnum]] = {
    ApplicationKind.SCHOOL: SchoolState,
    ApplicationKind.KINDERGARTEN: KindergartenState,
    ApplicationKind.COLLEGE: CollegeState,
    ApplicationKind.ADDITIONAL: AdditionalState,
}
# Which settings belong to a criterion; those of the first two are needed, `digits` is not.
_SETTINGS: Mapping[CriterionName, str] = {
    CriterionName.PRIVILEGE: "ranks",
    CriterionName.RIGHT: "codes",
    CriterionName.AVERAGE: "digits",
}
_REPEATABLE = frozenset({CriterionName.RIGHT})
_MAX_DIGITS = 6


@cache
def federal_policies() -> tuple[RankingPolicy, ...]:
    """The policies of the ministry's orders, as they come with the register."""
    folder = files(__package__).joinpath("policies")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=str)
    return tuple(parse_policy(each.read_text(encoding="utf-8"), each.name) for each in found)


def load_policies(regional: Iterable[Path] = ()) -> PolicyBook:
    """The federal policies and those in the region's own files, each of which holds one policy.

    Raises `RegistryError`: ``policy.unreadable``, ``policy.field``, ``policy.criterion_unknown``,
    ``policy.ambiguous``.
    """
    own = []
    for path in regional:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RegistryError("policy.unreadable", path.name) from error
        own.append(parse_policy(text, path.name, regional=True))
    return PolicyBook((*federal_policies(), *own))


def parse_policy(text: str, file_name: str, *, regional: bool = False) -> RankingPolicy:
    """The policy in a TOML document; `file_name` is for errors only.

    Raises `RegistryError`: ``policy.unreadable`` (not TOML), ``policy.criterion_unknown``,
    ``policy.field`` (missing, unknown or wrong; `detail` names the file and the field).
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegistryError("policy.unreadable", f"{file_name}: {error}") from error
    fields = _Fields(table, file_name)
    kind = fields.member("kind", ApplicationKind)
    policy = RankingPolicy(
        key=fields.text("key"),
        version=fields.text("version"),
        kind=kind,
        valid_from=fields.day("valid_from"),
        valid_until=fields.day("valid_until") if "valid_until" in table else None,
        clause=fields.text("clause"),
        queue_states=frozenset(fields.members("queue_states", _STATES[kind])),
        criteria=_parse_criteria(fields.parts("criteria")),
        allotment=_parse_allotment(fields.part("allotment")),
        regional=regional,
    )
    fields.end()
    if policy.valid_until is not None and policy.valid_until < policy.valid_from:
        raise fields.wrong("valid_until")
    return policy


def _parse_criteria(parts: "list[_Fields]") -> tuple[Criterion, ...]:
    criteria = []
    seen = set()
    for fields in parts:
        written = fields.text("name")
        if written not in list(CriterionName):
            raise RegistryError("policy.criterion_unknown", fields.place)
        name = CriterionName(written)
        if name in seen and name not in _REPEATABLE:
            raise fields.wrong("name")
        seen.add(name)
        criteria.append(_parse_criterion(name, fields))
        fields.end()
    return tuple(criteria)


def _parse_criterion(name: CriterionName, fields: "_Fields") -> Criterion:
    setting = _SETTINGS.get(name)
    return Criterion(
        name=name,
        clause=fields.text("clause"),
        ranks=fields.members("ranks", PrivilegeRank) if setting == "ranks" else (),
        codes=frozenset(fields.texts("codes")) if setting == "codes" else frozenset(),
        digits=fields.digits() if setting == "digits" else None,
    )


def _parse_allotment(fields: "_Fields") -> AllotmentRules:
    groups = []
    for part in fields.parts("groups"):
        ranks = part.members("ranks", PrivilegeRank) if part.holds("ranks") else ()
        codes = frozenset(part.texts("codes")) if part.holds("codes") else frozenset[str]()
        reserved = bool(ranks or codes)
        unfilled = part.member("unfilled", Unfilled) if reserved else Unfilled.KEPT
        groups.append(QuotaGroup(part.text("name"), ranks, codes, unfilled))
        part.end()
    if len({group.name for group in groups}) != len(groups):
        raise fields.wrong("groups")
    rules = AllotmentRules(tuple(groups), fields.flag("only_when_desired"), fields.text("clause"))
    fields.end()
    return rules


class _Fields:
    """The fields of a table, taken one by one; what nobody has taken at the end is an error."""

    def __init__(self, table: _Table, place: str) -> None:
        self.place = place
        self._table = table
        self._left = set(table)

    def wrong(self, name: str) -> RegistryError:
        """The error about a field."""
        return RegistryError("policy.field", f"{self.place}: {name}")

    def end(self) -> None:
        """Raise `RegistryError` (``policy.field``) when a field has not been taken."""
        if self._left:
            raise self.wrong(", ".join(sorted(self._left)))

    def holds(self, name: str) -> bool:
        return name in self._table

    def text(self, name: str) -> str:
        value = self._take(name, str)
        if not value.strip():
            raise self.wrong(name)
        return value

    def flag(self, name: str) -> bool:
        return self._take(name, bool)

    def day(self, name: str) -> date:
        value = self._take(name, date)
        if isinstance(value, datetime):
            raise self.wrong(name)
        return value

    def digits(self) -> int | None:
        """How many decimals count; None when the file doesn't say."""
        if not self.holds("digits"):
            return None
        value = self._take("digits", int)
        if isinstance(value, bool) or not 0 <= value <= _MAX_DIGITS:
            raise self.wrong("digits")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, not empty, none of them twice."""
        values = tuple(each for each in self._take(name, list) if isinstance(each, str) and each)
        if not values or len(set(values)) != len(self._take(name, list)):
            raise self.wrong(name)
        return values

    def member(self, name: str, kind: type[_Enum]) -> _Enum:
        value = self.text(name)
        if value not in list(kind):
            raise self.wrong(name)
        return kind(value)

    def members(self, name: str, kind: type[_Enum]) -> tuple[_Enum, ...]:
        values = self.texts(name)
        if not set(values) <= set(kind):
            raise self.wrong(name)
        return tuple(kind(value) for value in values)

    def part(self, name: str) -> "_Fields":
        return _Fields(self._take(name, dict), f"{self.place}: {name}")

    def parts(self, name: str) -> "list[_Fields]":
        """A list of tables, not empty."""
        tables = self._take(name, list)
        if not tables or not all(isinstance(each, dict) for each in tables):
            raise self.wrong(name)
        return [
            _Fields(each, f"{self.place}: {name} {number}") for number, each in enumerate(tables, 1)
        ]

    def _take(self, name: str, kind: type[_T]) -> _T:
        self._left.discard(name)
        value = self._table.get(name)
        if not isinstance(value, kind):
            raise self.wrong(name)
        return value
