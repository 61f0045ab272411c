"""Procedures as tables of transitions, and the one function that takes a step.

A procedure says from which state which action leads where, by which clause, who may take it, which
reason it must name and what must hold. `move` judges a step against the table and returns either
the step taken or everything that stands in its way. Nothing is kept here: who calls keeps the
state, and `facts` is what the caller knows of the case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from registry.calendar import WorkingCalendar
from registry.problems import Problem, Rule
from registry.procedures.states import Actor

Facts = TypeVar("Facts")
Facts_contra = TypeVar("Facts_contra", contravariant=True)

UNKNOWN_STATE = Rule("transition.unknown_state", "state", "Состояние не относится к процедуре")
UNKNOWN_ACTION = Rule("transition.unknown_action", "action", "Действие не относится к процедуре")
NOT_ALLOWED = Rule(
    "transition.not_allowed", "action", "Из текущего состояния это действие невозможно"
)
WRONG_ACTOR = Rule("transition.actor", "actor", "Это действие совершает другой участник")
REASON_MISSING = Rule("transition.reason_missing", "reason", "Не указано основание")
REASON_UNKNOWN = Rule("transition.reason_unknown", "reason", "Такого основания у действия нет")

RULES = (UNKNOWN_STATE, UNKNOWN_ACTION, NOT_ALLOWED, WRONG_ACTOR, REASON_MISSING, REASON_UNKNOWN)


class ProcedureKey(StrEnum):
    """The procedures; the first four bear the names of the kinds of applications."""

    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    COLLEGE = "college"
    ADDITIONAL = "additional"
    TRANSFER = "transfer"
    PROMOTION = "promotion"
    GRADUATION = "graduation"


@dataclass(frozen=True, slots=True)
class Guard(Generic[Facts_contra]):
    """What must hold for a step: the rule it is told by, and a pure test of facts and day."""

    rule: Rule
    holds: Callable[[Facts_contra, date], bool]


@dataclass(frozen=True, slots=True)
class Transition(Generic[Facts_contra]):
    """One line of a table.

    `clause` is Russian («приказ № 458, п. 17»). `reasons`: when there are any, one must be named.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    clause: str
    actors: frozenset[Actor]
    guards: tuple[Guard[Facts_contra], ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline(Generic[Facts_contra]):
    """By when a state is to be left, and who has to act.

    One of three: a term in working days, a term in calendar days, both counted from the day after
    the state was entered, or a rule with its text in Russian. A rule returns None when the case has
    no deadline; one that is past already falls on the day of the step.
    """

    clause: str
    whose: Actor
    working_days: int | None = None
    calendar_days: int | None = None
    rule: Callable[[Facts_contra, date, WorkingCalendar], date | None] | None = None
    rule_ru: str = ""

    def __post_init__(self) -> None:
        terms = (self.working_days, self.calendar_days, self.rule)
        if sum(term is not None for term in terms) != 1 or (self.rule is None) == bool(
            self.rule_ru
        ):
            raise ValueError("a deadline is one term, or a rule with its text")

    def due_on(self, facts: Facts_contra, *, today: date, calendar: WorkingCalendar) -> date | None:
        """The last day of the term of a state entered `today`."""
        if self.working_days is not None:
            return calendar.add_working_days(today, self.working_days)
        if self.calendar_days is not None:
            return calendar.add_calendar_days(today, self.calendar_days)
        assert self.rule is not None  # noqa: S101 - the constructor saw to it
        due = self.rule(facts, today, calendar)
        return None if due is None else max(due, today)

    @property
    def text_ru(self) -> str:
        """The term in Russian, as documents show it."""
        if self.working_days is not None:
            return f"рабочих дней: {self.working_days}"
        if self.calendar_days is not None:
            return f"календарных дней: {self.calendar_days}"
        return self.rule_ru


@dataclass(frozen=True, slots=True, eq=False)  # one object a procedure, and hashable as such
class Procedure(Generic[Facts]):
    """A procedure: its states, its table, its deadlines. `facts` is the type its guards need.

    Raises `ValueError` for a table that isn't one: two lines for one state and action, a step out
    of a final state, a state that nothing leads out of though it isn't final.
    """

    key: ProcedureKey
    title_ru: str
    states: type[StrEnum]
    facts: type[Facts]
    initial: str
    finals: frozenset[str]
    transitions: tuple[Transition[Facts], ...]
    deadlines: Mapping[str, Deadline[Facts]]

    def __post_init__(self) -> None:
        lines = [(source, each.action) for each in self.transitions for source in each.sources]
        if len(lines) != len(set(lines)):
            raise ValueError(f"{self.key}: two lines for one state and action")
        named = {source for source, _ in lines} | {each.target for each in self.transitions}
        if not named | self.finals | {self.initial, *self.deadlines} <= set(self.states):
            raise ValueError(f"{self.key}: a state that the procedure doesn't have")
        if {source for source, _ in lines} != self.live:
            raise ValueError(f"{self.key}: final states are those that nothing leads out of")
        if not set(self.deadlines) <= self.live:
            raise ValueError(f"{self.key}: a final state has no deadline")

    @property
    def live(self) -> frozenset[str]:
        """The states in which a case still goes on."""
        return frozenset(self.states) - self.finals

    def lines_of(self, action: str) -> tuple[Transition[Facts], ...]:
        """The lines of an action: none for one that the procedure doesn't know."""
        return tuple(each for each in self.transitions if each.action == action)

    def line(self, state: str, action: str) -> Transition[Facts] | None:
        """The line for `action` in `state`, if there is one."""
        return next((each for each in self.lines_of(action) if state in each.sources), None)

    def open_lines(self, state: str) -> tuple[Transition[Facts], ...]:
        """The lines that lead out of `state`."""
        return tuple(each for each in self.transitions if state in each.sources)


@dataclass(frozen=True, slots=True)
class Moved:
    """A step taken: what `CaseEvent` needs of it, and by when the new state is to be left."""

    action: str
    from_state: str
    to_state: str
    due_on: date | None
    clause: str
    actor: Actor
    reason: str | None


def move(
    procedure: Procedure[Facts],
    state: str,
    action: str,
    *,
    actor: Actor,
    today: date,
    calendar: WorkingCalendar,
    facts: Facts,
    reason: str | None = None,
) -> Moved | list[Problem]:
    """Take a step, or return every problem of it at once.

    Codes: ``transition.*`` here, and those of the guards of the line. A reason is refused where the
    line has none. `today` is the day in the region. Raises `TypeError` for facts of another
    procedure.
    """
    if not isinstance(facts, procedure.facts):
        raise TypeError(f"{procedure.key} needs {procedure.facts.__name__}")
    line = procedure.line(state, action)
    problems = _check_table(procedure, state, action)
    problems += _check_claims(
        procedure.lines_of(action) if line is None else (line,), actor, reason
    )
    if line is not None:
        problems += [each.rule.problem() for each in line.guards if not each.holds(facts, today)]
    if problems or line is None:
        return problems
    deadline = procedure.deadlines.get(line.target)
    due_on = None
    if deadline is not None:
        due_on = deadline.due_on(facts, today=today, calendar=calendar)
    return Moved(action, state, line.target, due_on, line.clause, actor, reason)


def _check_table(procedure: Procedure[Any], state: str, action: str) -> list[Problem]:
    problems = []
    if state not in set(procedure.states):
        problems.append(UNKNOWN_STATE.problem())
    if not procedure.lines_of(action):
        problems.append(UNKNOWN_ACTION.problem())
    if not problems and procedure.line(state, action) is None:
        problems.append(NOT_ALLOWED.problem())
    return problems


def _check_claims(
    lines: tuple[Transition[Any], ...], actor: Actor, reason: str | None
) -> list[Problem]:
    """Problems of who acts and why, by the line; where none fits, by all lines of the action."""
    if not lines:
        return []
    problems = []
    if not any(actor in line.actors for line in lines):
        problems.append(WRONG_ACTOR.problem())
    if reason is None:
        if all(line.reasons for line in lines):
            problems.append(REASON_MISSING.problem())
    elif not any(reason in line.reasons for line in lines):
        problems.append(REASON_UNKNOWN.problem())
    return problems
