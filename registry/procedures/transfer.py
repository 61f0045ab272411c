"""A pupil's transfer. Source: приказ № 240 of 06.04.2023, in force from 01.09.2023.

A step of an organisation outside the register is entered by the one inside that learns of it. Who
moves away without a named school is expelled as well, and watched until somebody reports an
arrival.
"""

from dataclasses import dataclass
from datetime import date

from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import DOCUMENTS, NO_PLACES, ORDER, PLACES, RECEIVER
from registry.procedures.states import Actor
from registry.procedures.states import TransferState as S

_FAMILY = frozenset({Actor.APPLICANT, Actor.PORTAL})
_SCHOOL = frozenset({Actor.ORGANISATION})
_AUTHORITY = frozenset({Actor.AUTHORITY})
_INITIATIVE = "приказ № 240, разд. II"


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """What the steps of a transfer depend on.

    `moving_away`: the family moves and names a place instead of a school. `places_free`: at the
    receiving organisation. `documents_complete`: personal file and current progress are handed
    over. `order_known`: the order of enrolment has a number and a day.
    """

    receiver_named: bool = False
    moving_away: bool = False
    places_free: int = 0
    documents_complete: bool = False
    order_known: bool = False


def is_moving_away(facts: TransferFacts, _: date) -> bool:
    """The family moves, and no school is named."""
    return facts.moving_away and not facts.receiver_named


MOVING_AWAY = Guard(
    Rule(
        "transition.not_moving_away",
        "to_name",
        "Без принимающей организации отчисляют только при переезде в другую местность",
        _INITIATIVE,
    ),
    is_moving_away,
)

RULES = (MOVING_AWAY.rule,)

TRANSFER: Procedure[TransferFacts] = Procedure(
    key=ProcedureKey.TRANSFER,
    title_ru="Перевод в другую организацию",
    states=S,
    facts=TransferFacts,
    initial=S.REQUESTED,
    finals=frozenset({S.CLOSED, S.CANCELLED}),
    transitions=(
        Transition(
            "note_no_places",
            (S.REQUESTED,),
            S.ASSIGNING,
            _INITIATIVE,
            _FAMILY | _SCHOOL | _AUTHORITY,
            (NO_PLACES,),
            (because.NO_PLACES,),
        ),
        Transition(
            "assign", (S.ASSIGNING,), S.REQUESTED, _INITIATIVE, _AUTHORITY, (RECEIVER, PLACES)
        ),
        Transition("expel", (S.REQUESTED,), S.EXPELLED, _INITIATIVE, _SCHOOL, (RECEIVER,)),
        Transition("expel_moving", (S.REQUESTED,), S.WATCHED, _INITIATIVE, _SCHOOL, (MOVING_AWAY,)),
        Transition(
            "issue_documents",
            (S.EXPELLED,),
            S.DOCUMENTS_ISSUED,
            _INITIATIVE,
            _SCHOOL,
            (DOCUMENTS,),
        ),
        Transition(
            "receive",
            (S.DOCUMENTS_ISSUED, S.WATCHED),
            S.RECEIVED,
            _INITIATIVE,
            _SCHOOL,
            (RECEIVER, DOCUMENTS),
        ),
        Transition("enrol", (S.RECEIVED,), S.ENROLLED, _INITIATIVE, _SCHOOL, (PLACES, ORDER)),
        Transition(
            "notify_source",
            (S.ENROLLED,),
            S.CLOSED,
            _INITIATIVE,
            _SCHOOL | {Actor.SYSTEM},
            (ORDER,),
        ),
        # A place may be gone when the pupil comes; who is expelled already can't ask anew.
        Transition(
            "reassign",
            (S.DOCUMENTS_ISSUED, S.RECEIVED),
            S.DOCUMENTS_ISSUED,
            _INITIATIVE,
            _AUTHORITY,
            (RECEIVER, PLACES),
            (because.NO_PLACES,),
        ),
        # A school outside the register, or another system, reports what its own steps led to.
        Transition(
            "report_arrival",
            (S.WATCHED, S.DOCUMENTS_ISSUED),
            S.CLOSED,
            _INITIATIVE,
            _SCHOOL | _AUTHORITY | {Actor.SYSTEM},
            (RECEIVER, ORDER),
        ),
        Transition(
            "cancel",
            (S.REQUESTED, S.ASSIGNING),
            S.CANCELLED,
            "регламент реестра, отзыв заявления",
            _FAMILY,
        ),
    ),
    deadlines={
        S.REQUESTED: Deadline(_INITIATIVE, Actor.ORGANISATION, calendar_days=3),
        S.RECEIVED: Deadline(_INITIATIVE, Actor.ORGANISATION, working_days=3),
        S.ENROLLED: Deadline(_INITIATIVE, Actor.ORGANISATION, working_days=2),
        # No act says how long to wait for news; the authority is to ask after a month.
        S.WATCHED: Deadline(
            "регламент реестра, наблюдение за выбывшими", Actor.AUTHORITY, calendar_days=30
        ),
    },
)
