"""The rules of cases that another system has carried through, and the checks by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from registry.cases.archived import ArchivedStep
from registry.problems import Problem, Rule
from registry.procedures.engine import Procedure, Transition

HISTORY_ACTION = Rule(
    "case.history_action",
    "steps",
    "Такого действия у процедуры нет, либо из состояния дела оно невозможно",
)
HISTORY_STATE = Rule(
    "case.history_state", "steps", "Действие начинается не из того состояния, в котором было дело"
)
HISTORY_TARGET = Rule(
    "case.history_target", "steps", "Действие ведёт не в то состояние, которое указано"
)
HISTORY_ACTOR = Rule("case.history_actor", "steps", "Это действие совершает другой участник")
HISTORY_REASON = Rule(
    "case.history_reason",
    "steps",
    "Основание действия не указано, либо такого основания у него нет",
)
HISTORY_TIME = Rule("case.history_time", "steps", "Действие совершено раньше предыдущего")
HISTORY_FUTURE = Rule("case.history_future", "steps", "Время действия ещё не наступило")
HISTORY_DIFFERS = Rule(
    "case.history_differs", "steps", "История дела расходится с той, что уже есть в реестре"
)
HISTORY_SHRUNK = Rule(
    "case.history_shrunk",
    "choices",
    "В деле нет выбора или льготы, которые уже есть в реестре",
)
HISTORY_OFFER = Rule("case.history_offer", "offered", "Не указано, чьё место предложено или занято")
QUOTA_PLACES = Rule("quota.places", "places", "Число мест меньше нуля")
QUOTA_GROUP = Rule("quota.group", "group", "Группа мест не указана или длиннее 20 знаков")

RULES = (
    HISTORY_ACTION,
    HISTORY_STATE,
    HISTORY_TARGET,
    HISTORY_ACTOR,
    HISTORY_REASON,
    HISTORY_TIME,
    HISTORY_FUTURE,
    HISTORY_DIFFERS,
    HISTORY_SHRUNK,
    HISTORY_OFFER,
    QUOTA_PLACES,
    QUOTA_GROUP,
)


def check_history(
    procedure: Procedure[Any],
    opened_at: datetime,
    steps: Sequence[ArchivedStep],
    *,
    now: datetime,
) -> list[Problem]:
    """Problems of a history: each step by the procedure's table, and in the order of time.

    Whether what a step needs was there is not asked: the other system has judged that by the rules
    of its day. Codes ``case.history_*``.
    """
    problems = [HISTORY_FUTURE.problem("opened_at")] if opened_at > now else []
    state, moment = str(procedure.initial), opened_at
    for index, step in enumerate(steps):
        at = f"steps[{index}]"
        if step.from_state != state:
            problems.append(HISTORY_STATE.problem(at))
        problems += _check_step(procedure, step, at)
        if step.at < moment:
            problems.append(HISTORY_TIME.problem(at))
        if step.at > now:
            problems.append(HISTORY_FUTURE.problem(at))
        state, moment = step.to_state, step.at
    return problems


def line_of(procedure: Procedure[Any], step: ArchivedStep) -> Transition[Any] | None:
    """The line of the table that a step follows, if there is one."""
    return procedure.line(step.from_state, step.action)


def _check_step(procedure: Procedure[Any], step: ArchivedStep, at: str) -> list[Problem]:
    line = line_of(procedure, step)
    if line is None:
        return [HISTORY_ACTION.problem(at)]
    problems = []
    if line.target != step.to_state:
        problems.append(HISTORY_TARGET.problem(at))
    if step.actor not in line.actors:
        problems.append(HISTORY_ACTOR.problem(at))
    if (step.reason is None) == bool(line.reasons) or (
        step.reason is not None and step.reason not in line.reasons
    ):
        problems.append(HISTORY_REASON.problem(at))
    return problems
