"""Enrolment in additional education. Source: 273-ФЗ, art. 75, 83; приказ № 629 of 27.07.2022.

General-developing programmes take everybody while there are places; pre-professional ones in the
arts select. The acts set no terms, the organisation's own rules do.
"""

from dataclasses import dataclass
from datetime import date

from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import CONTRACT, DOCUMENTS, NO_CONTRACT, NO_PLACES, PLACES
from registry.procedures.states import Actor
from registry.procedures.states import AdditionalState as S

_FAMILY = frozenset({Actor.APPLICANT, Actor.PORTAL})
_ORGANISATION = frozenset({Actor.ORGANISATION})


@dataclass(frozen=True, slots=True)
class AdditionalFacts:
    """What the steps of an enrolment in additional education depend on.

    `selective`: the programme takes by individual selection.
    """

    places_free: int = 0
    documents_complete: bool = False
    selective: bool = False
    selection_passed: bool | None = None
    contract_on: date | None = None


def is_selective(facts: AdditionalFacts, _: date) -> bool:
    """The programme selects."""
    return facts.selective


def is_open_to_all(facts: AdditionalFacts, _: date) -> bool:
    """The programme doesn't select, or has selected already."""
    return not facts.selective or facts.selection_passed is True


def has_passed(facts: AdditionalFacts, _: date) -> bool:
    """The selection is passed."""
    return facts.selection_passed is True


def has_failed(facts: AdditionalFacts, _: date) -> bool:
    """The selection is failed."""
    return facts.selection_passed is False


SELECTIVE = Guard(
    Rule("transition.no_selection", "selection", "Отбор программой не предусмотрен"), is_selective
)
OPEN_TO_ALL = Guard(
    Rule(
        "transition.selection_needed",
        "selection",
        "Программа требует индивидуального отбора",
        "273-ФЗ, ст. 83",
    ),
    is_open_to_all,
)
SELECTION_PASSED = Guard(
    Rule("transition.selection_not_passed", "selection", "Индивидуальный отбор не пройден"),
    has_passed,
)
SELECTION_FAILED = Guard(
    Rule("transition.selection_not_failed", "selection", "Нет отрицательного результата отбора"),
    has_failed,
)

RULES = tuple(guard.rule for guard in (SELECTIVE, OPEN_TO_ALL, SELECTION_PASSED, SELECTION_FAILED))

ADDITIONAL: Procedure[AdditionalFacts] = Procedure(
    key=ProcedureKey.ADDITIONAL,
    title_ru="Зачисление на дополнительную программу",
    states=S,
    facts=AdditionalFacts,
    initial=S.REGISTERED,
    finals=frozenset({S.ENROLLED, S.REFUSED, S.WITHDRAWN}),
    transitions=(
        Transition(
            "start_check",
            (S.REGISTERED,),
            S.CHECKING,
            "273-ФЗ, ст. 75",
            _ORGANISATION | {Actor.SYSTEM},
        ),
        Transition(
            "send_to_selection",
            (S.CHECKING,),
            S.SELECTION,
            "273-ФЗ, ст. 83",
            _ORGANISATION,
            (SELECTIVE, DOCUMENTS),
        ),
        Transition(
            "accept",
            (S.CHECKING,),
            S.CONTRACT,
            "273-ФЗ, ст. 75, ч. 5",
            _ORGANISATION,
            (OPEN_TO_ALL, DOCUMENTS, PLACES),
        ),
        Transition(
            "accept_selected",
            (S.SELECTION,),
            S.CONTRACT,
            "273-ФЗ, ст. 83",
            _ORGANISATION,
            (SELECTION_PASSED, PLACES),
        ),
        Transition(
            "wait",
            (S.CHECKING, S.SELECTION),
            S.WAITING,
            "273-ФЗ, ст. 75",
            _ORGANISATION | {Actor.SYSTEM},
            (OPEN_TO_ALL, NO_PLACES),
        ),
        Transition(
            "offer_freed",
            (S.WAITING,),
            S.CONTRACT,
            "273-ФЗ, ст. 75",
            _ORGANISATION | {Actor.SYSTEM},
            (PLACES,),
        ),
        Transition(
            "refuse",
            (S.CHECKING,),
            S.REFUSED,
            "273-ФЗ, ст. 75",
            _ORGANISATION,
            (),
            (
                because.DOCUMENTS_INCOMPLETE,
                because.DOCUMENTS_DIFFER,
                because.AGE,
                because.CONTRAINDICATED,
                because.REPEATED_APPLICATION,
            ),
        ),
        Transition(
            "refuse_places",
            (S.CHECKING, S.SELECTION, S.WAITING),
            S.REFUSED,
            "273-ФЗ, ст. 75",
            _ORGANISATION,
            (NO_PLACES,),
            (because.NO_PLACES,),
        ),
        Transition(
            "refuse_selection",
            (S.SELECTION,),
            S.REFUSED,
            "273-ФЗ, ст. 83",
            _ORGANISATION,
            (SELECTION_FAILED,),
            (because.SELECTION_FAILED,),
        ),
        Transition(
            "enrol",
            (S.CONTRACT,),
            S.ENROLLED,
            "273-ФЗ, ст. 53",
            _ORGANISATION,
            (CONTRACT, PLACES),
        ),
        Transition(
            "refuse_contract",
            (S.CONTRACT,),
            S.REFUSED,
            "273-ФЗ, ст. 54",
            _ORGANISATION,
            (NO_CONTRACT,),
            (because.CONTRACT_NOT_SIGNED,),
        ),
        Transition(
            "withdraw",
            (S.REGISTERED, S.CHECKING, S.SELECTION, S.WAITING, S.CONTRACT),
            S.WITHDRAWN,
            "регламент реестра, отзыв заявления",
            _FAMILY,
        ),
    ),
    deadlines={},
)
