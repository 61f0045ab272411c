"""Which source's value stands for a field of a person who is known from several.

The order is data (`precedence.toml`). Nothing is overwritten by it: the values of all sources are
kept, and what wins can be computed again after a merge, a split or a change of the order.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from registry.errors import RegistryError
from registry.identity.folding import fold_name
from registry.identity.frequencies import are_variants
from registry.identity.records import FullName, RecordRef
from registry.identity.rules import UNCHANGING
from registry.problems import Problem, Rule

Value = str | date | FullName


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What one record says of one field; `basis` is how its source knows it."""

    field: str
    value: Value
    record: RecordRef
    basis: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How the values of a field are ordered; `unchanging` is the rule that different ones break."""

    order: tuple[str, ...]
    sources: tuple[str, ...] = ()
    unchanging: Rule | None = None

    def rank(self, value: FieldValue) -> tuple[int, int, float, tuple[str, str]]:
        """Least for the value that wins."""
        record = value.record
        return (
            _place(self.order, value.basis),
            _place(self.sources, record.source),
            -value.recorded_at.timestamp(),
            (record.source, record.source_id),
        )


@dataclass(frozen=True, slots=True)
class Precedence:
    """The rules of all fields, and the bases that there are."""

    version: str
    bases: tuple[str, ...]
    fields: Mapping[str, FieldRule]


@dataclass(frozen=True, slots=True)
class ResolvedField:
    """The value that stands, with its origin; `others` differ from it, the better first."""

    winner: FieldValue
    others: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Every field that has a value, and the problems that a clerk must look at."""

    fields: Mapping[str, ResolvedField]
    problems: tuple[Problem, ...]


def parse_precedence(text: str) -> Precedence:
    """The rules in a TOML text as `precedence.toml` is.

    Raises `RegistryError` with ``precedence.syntax`` (also where an unchanging field has no rule in
    `registry.identity.rules`), or ``precedence.basis`` for an order that names an unknown basis.
    """
    try:
        tables = tomllib.loads(text)
        bases = tuple(tables["bases"])
        fields = {name: _rule(name, table) for name, table in tables["fields"].items()}
        version = str(tables["version"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError("precedence.syntax", type(error).__name__) from None
    for name, rule in fields.items():
        if not set(rule.order) <= set(bases):
            raise RegistryError("precedence.basis", f"unknown basis in {name}")
    return Precedence(version, bases, fields)


def _rule(name: str, table: Mapping[str, Any]) -> FieldRule:
    broken = UNCHANGING[name] if table.get("unchanging", False) else None
    return FieldRule(tuple(table["order"]), tuple(table.get("sources", ())), broken)


@lru_cache(maxsize=1)
def load_precedence() -> Precedence:
    """The register's own rules."""
    text = resources.files("registry.identity").joinpath("precedence.toml").read_text("utf-8")
    return parse_precedence(text)


def resolve_fields(values: Iterable[FieldValue], precedence: Precedence) -> Resolution:
    """For each field the value that wins, and a problem for each unchanging one that differs.

    Raises `RegistryError` with ``precedence.field`` or ``precedence.basis`` for a field or a basis
    without a rule: a value is never ranked by guess.
    """
    by_field: dict[str, list[FieldValue]] = {}
    for value in values:
        if value.field not in precedence.fields:
            raise RegistryError("precedence.field", value.field)
        if value.basis not in precedence.bases:
            raise RegistryError("precedence.basis", value.basis)
        by_field.setdefault(value.field, []).append(value)
    resolved, problems = {}, []
    for name, rule in precedence.fields.items():
        if name not in by_field:
            continue
        winner, *rest = sorted(by_field[name], key=rule.rank)
        others = tuple(each for each in rest if not is_same_value(each.value, winner.value))
        resolved[name] = ResolvedField(winner, others)
        if others and rule.unchanging is not None:
            problems.append(rule.unchanging.problem())
    return Resolution(resolved, tuple(problems))


def is_same_value(left: Value, right: Value) -> bool:
    """Whether two values mean the same.

    Texts are compared as names are. Of persons' names the surname may have changed, and a middle
    name may be missing; first names may be variants of one.
    """
    if isinstance(left, FullName) and isinstance(right, FullName):
        one, two = fold_name(left.first), fold_name(right.first)
        middles = {fold_name(each.middle) for each in (left, right) if each.middle}
        return (one == two or are_variants(one, two)) and len(middles) <= 1
    if isinstance(left, str) and isinstance(right, str):
        return fold_name(left) == fold_name(right)
    return left == right


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
