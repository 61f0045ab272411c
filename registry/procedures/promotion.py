"""The end of a school year that isn't the last of a stage. Source: 273-ФЗ, art. 58.

A pupil with a debt is promoted conditionally, and has a year from the debt's beginning and two
attempts to make it good; then the parents choose what follows.
"""

from dataclasses import dataclass
from datetime import date

from registry.calendar import MonthDay, WorkingCalendar
from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import DEBTS, NO_DEBTS
from registry.procedures.states import Actor
from registry.procedures.states import PromotionState as S

_SCHOOL = frozenset({Actor.ORGANISATION})
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class PromotionFacts:
    """What a year's end depends on.

    `debts`: subjects with a debt; `debt_since`: when the first of them began; `attempts`: to make
    it good. `parents_agree`: the parents chose what the step does. `pmpk`: a conclusion of the
    ПМПК recommends an adapted programme.
    """

    assessed: bool = False
    debts: int = 0
    debt_since: date | None = None
    attempts: int = 0
    parents_agree: bool = False
    pmpk: bool = False


def is_assessed(facts: PromotionFacts, _: date) -> bool:
    """The results of the year are known; class 1 has no marks, but an assessment."""
    return facts.assessed


def debt_due(facts: PromotionFacts, _: date, __: WorkingCalendar) -> date | None:
    """The last day to make a debt good: a year from its beginning."""
    since = facts.debt_since
    return None if since is None else MonthDay(since.month, since.day).in_year(since.year + 1)


def is_debt_final(facts: PromotionFacts, today: date) -> bool:
    """The attempts are used up, or the year is over."""
    since = facts.debt_since
    over = since is not None and today > MonthDay(since.month, since.day).in_year(since.year + 1)
    return facts.attempts >= _ATTEMPTS or over


def do_parents_agree(facts: PromotionFacts, _: date) -> bool:
    """The parents chose this."""
    return facts.parents_agree


def is_recommended(facts: PromotionFacts, _: date) -> bool:
    """The ПМПК recommends it."""
    return facts.pmpk


ASSESSED = Guard(
    Rule(
        "transition.not_assessed",
        "marks",
        "Нет результатов промежуточной аттестации",
        "273-ФЗ, ст. 58, ч. 1",
    ),
    is_assessed,
)
DEBT_FINAL = Guard(
    Rule(
        "transition.debt_in_term",
        "debts",
        "Срок и попытки ликвидации задолженности не исчерпаны",
        "273-ФЗ, ст. 58, ч. 5, 9",
    ),
    is_debt_final,
)
PARENTS = Guard(
    Rule(
        "transition.parents_choice",
        "applicant_id",
        "Нет решения родителей (законных представителей)",
        "273-ФЗ, ст. 58, ч. 9",
    ),
    do_parents_agree,
)
PMPK = Guard(
    Rule(
        "transition.pmpk",
        "health",
        "Нет заключения психолого-медико-педагогической комиссии",
        "273-ФЗ, ст. 58, ч. 9",
    ),
    is_recommended,
)

RULES = tuple(guard.rule for guard in (ASSESSED, DEBT_FINAL, PARENTS, PMPK))

_UNPAID = "273-ФЗ, ст. 58, ч. 9"

PROMOTION: Procedure[PromotionFacts] = Procedure(
    key=ProcedureKey.PROMOTION,
    title_ru="Перевод в следующий класс",
    states=S,
    facts=PromotionFacts,
    initial=S.STUDYING,
    finals=frozenset({S.PROMOTED, S.RETAINED, S.ADAPTED, S.INDIVIDUAL, S.LEFT}),
    transitions=(
        Transition(
            "assess", (S.STUDYING,), S.ASSESSED, "273-ФЗ, ст. 58, ч. 1", _SCHOOL, (ASSESSED,)
        ),
        Transition(
            "promote", (S.ASSESSED,), S.PROMOTED, "273-ФЗ, ст. 58, ч. 1", _SCHOOL, (NO_DEBTS,)
        ),
        Transition(
            "promote_conditionally",
            (S.ASSESSED,),
            S.CONDITIONAL,
            "273-ФЗ, ст. 58, ч. 8",
            _SCHOOL,
            (DEBTS,),
        ),
        Transition(
            "clear_debts",
            (S.CONDITIONAL,),
            S.PROMOTED,
            "273-ФЗ, ст. 58, ч. 5",
            _SCHOOL,
            (NO_DEBTS,),
        ),
        Transition(
            "retain",
            (S.CONDITIONAL,),
            S.RETAINED,
            _UNPAID,
            _SCHOOL,
            (DEBTS, DEBT_FINAL, PARENTS),
            (because.DEBTS,),
        ),
        Transition(
            "adapt",
            (S.CONDITIONAL,),
            S.ADAPTED,
            _UNPAID,
            _SCHOOL,
            (DEBTS, DEBT_FINAL, PARENTS, PMPK),
            (because.DEBTS,),
        ),
        Transition(
            "take_individual_plan",
            (S.CONDITIONAL,),
            S.INDIVIDUAL,
            _UNPAID,
            _SCHOOL,
            (DEBTS, DEBT_FINAL, PARENTS),
            (because.DEBTS,),
        ),
        Transition(
            "leave",
            (S.STUDYING, S.ASSESSED, S.CONDITIONAL),
            S.LEFT,
            "273-ФЗ, ст. 61",
            _SCHOOL | {Actor.SYSTEM},
            (),
            (because.TRANSFERRED, because.LEFT_BY_WISH, because.DIED),
        ),
    ),
    deadlines={
        S.CONDITIONAL: Deadline(
            "273-ФЗ, ст. 58, ч. 5",
            Actor.ORGANISATION,
            rule=debt_due,
            rule_ru="год с момента образования задолженности",
        ),
    },
)
