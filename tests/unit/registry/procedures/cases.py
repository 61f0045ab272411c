"""Facts of every kind for the tests of procedures, tried out rather than written down.

For each type of facts every combination of a few values of each field is made; a test picks those
for which the guards of a line hold, or fail.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from itertools import product
from typing import Any

from registry.calendar import WorkingCalendar
from registry.procedures.catalogue import PROCEDURES
from registry.procedures.engine import Procedure, Transition

TODAY = date(2026, 6, 10)
CALENDAR = WorkingCalendar()
ALL = tuple(PROCEDURES.values())

_VALUES: dict[str, tuple[object, ...]] = {
    "bool": (False, True),
    "bool | None": (None, False, True),
    "int": (0, 2),
    "float | None": (None, 4.2),
    "date": (date(2026, 6, 8),),
    "date | None": (None, date(2025, 6, 1), date(2026, 6, 9), date(2026, 6, 30)),
}
# What changes no guard, only when a step is due.
_FIXED = {"tested_on", "order_after", "last_day", "order_on"}


@cache
def all_facts(procedure: Procedure[Any]) -> tuple[Any, ...]:
    """Every combination of the values of the procedure's facts."""
    names = [field for field in fields(procedure.facts) if field.name not in _FIXED]
    values = [_VALUES[spelled(field.type)] for field in names]
    return tuple(
        procedure.facts(**dict(zip([field.name for field in names], chosen, strict=True)))
        for chosen in product(*values)
    )


def spelled(kind: object) -> str:
    """The type of a field as it is written."""
    return kind.__name__ if isinstance(kind, type) else str(kind).replace("datetime.", "")


@cache
def good_facts(procedure: Procedure[Any], line: Transition[Any]) -> Any:
    """Facts for which every guard of a line holds."""
    return next(
        facts
        for facts in all_facts(procedure)
        if all(guard.holds(facts, TODAY) for guard in line.guards)
    )


def each_line() -> Iterator[tuple[Procedure[Any], Transition[Any], str]]:
    """Every line of every table, once for each state that it leads out of."""
    for procedure in ALL:
        for line in procedure.transitions:
            for source in line.sources:
                yield procedure, line, source
