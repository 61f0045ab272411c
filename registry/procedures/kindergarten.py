"""Admission to a kindergarten. Source: приказ № 236 of 15.05.2020 (registry.md §3).

The states follow the statuses of the portal, but for 140 and 160: both are `QUEUED`, before and
from the desired day on. Codes: `registry.procedures.portal_codes`.
"""

from dataclasses import dataclass
from datetime import date

from registry.calendar import WorkingCalendar
from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import CONTRACT, DOCUMENTS, PLACES
from registry.procedures.states import Actor
from registry.procedures.states import KindergartenState as S

_FAMILY = frozenset({Actor.APPLICANT, Actor.PORTAL})
_OFFICE = frozenset({Actor.AUTHORITY, Actor.ORGANISATION})
_AUTHORITY = frozenset({Actor.AUTHORITY})
_ORDER_WORKING_DAYS = 3


@dataclass(frozen=True, slots=True)
class KindergartenFacts:
    """What the steps of an admission to a kindergarten depend on.

    `desired_on`: from when the place is wanted. `contract_on`: when the contract was signed.
    """

    desired_on: date | None = None
    places_free: int = 0
    documents_complete: bool = False
    contract_on: date | None = None


def has_date_come(facts: KindergartenFacts, today: date) -> bool:
    """The desired day is here; an application without one waits from the first day."""
    return facts.desired_on is None or facts.desired_on <= today


def order_due(facts: KindergartenFacts, _: date, calendar: WorkingCalendar) -> date | None:
    """When the order of enrolment is due: the contract starts the term."""
    if facts.contract_on is None:
        return None
    return calendar.add_working_days(facts.contract_on, _ORDER_WORKING_DAYS)


DATE_COME = Guard(
    Rule("transition.before_desired_date", "desired_on", "Желаемая дата зачисления не наступила"),
    has_date_come,
)

RULES = (DATE_COME.rule,)

KINDERGARTEN: Procedure[KindergartenFacts] = Procedure(
    key=ProcedureKey.KINDERGARTEN,
    title_ru="Приём в детский сад",
    states=S,
    facts=KindergartenFacts,
    initial=S.REGISTERED,
    finals=frozenset({S.REFUSED, S.ENROLLED, S.CANCELLED}),
    transitions=(
        Transition(
            "start_review",
            (S.REGISTERED,),
            S.REVIEW,
            "приказ № 236, п. 9",
            _OFFICE | {Actor.SYSTEM},
        ),
        Transition(
            "ask_documents",
            (S.REVIEW,),
            S.CONFIRM_DOCUMENTS,
            "приказ № 236, п. 9",
            _OFFICE,
            (),
            (because.DOCUMENTS_INCOMPLETE, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "confirm_documents",
            (S.CONFIRM_DOCUMENTS,),
            S.REVIEW,
            "приказ № 236, п. 9",
            _OFFICE,
            (DOCUMENTS,),
        ),
        Transition(
            "refuse",
            (S.REVIEW, S.CONFIRM_DOCUMENTS),
            S.REFUSED,
            "приказ № 236, пп. 7, 9",
            _OFFICE,
            (),
            (
                because.DOCUMENTS_INCOMPLETE,
                because.DOCUMENTS_DIFFER,
                because.REPEATED_APPLICATION,
                because.AGE,
            ),
        ),
        Transition(
            "accept",
            (S.REVIEW,),
            S.QUEUED,
            "приказ № 236, п. 8",
            _OFFICE,
            (DOCUMENTS,),
        ),
        Transition(
            "accept_change",
            (S.QUEUED, S.SUSPENDED_NO_SHOW, S.SUSPENDED_DECLINED),
            S.QUEUED,
            "регламент реестра, изменение заявления",
            _OFFICE | {Actor.SYSTEM},
        ),
        Transition(
            "refuse_change",
            (S.QUEUED,),
            S.QUEUED,
            "регламент реестра, изменение заявления",
            _OFFICE | {Actor.SYSTEM},
            (),
            (because.CHANGE_NOT_ALLOWED, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "refuse_change",
            (S.SUSPENDED_NO_SHOW,),
            S.SUSPENDED_NO_SHOW,
            "регламент реестра, изменение заявления",
            _OFFICE | {Actor.SYSTEM},
            (),
            (because.CHANGE_NOT_ALLOWED, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "refuse_change",
            (S.SUSPENDED_DECLINED,),
            S.SUSPENDED_DECLINED,
            "регламент реестра, изменение заявления",
            _OFFICE | {Actor.SYSTEM},
            (),
            (because.CHANGE_NOT_ALLOWED, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "offer",
            (S.QUEUED,),
            S.OFFERED,
            "приказ № 236, п. 8",
            _AUTHORITY | {Actor.SYSTEM},
            (DATE_COME, PLACES),
        ),
        Transition("agree", (S.OFFERED,), S.CONSENT_REVIEW, "приказ № 236, п. 9", _FAMILY),
        Transition(
            "decline",
            (S.OFFERED,),
            S.SUSPENDED_DECLINED,
            "регламент реестра, отказ от места",
            _FAMILY,
        ),
        Transition(
            "note_no_show",
            (S.OFFERED, S.CONTRACT),
            S.SUSPENDED_NO_SHOW,
            "приказ № 236, п. 13",
            _OFFICE | {Actor.SYSTEM},
            (),
            (because.NO_SHOW,),
        ),
        Transition(
            "confirm_consent",
            (S.CONSENT_REVIEW,),
            S.CONTRACT,
            "приказ № 236, п. 14",
            frozenset({Actor.ORGANISATION}),
        ),
        Transition(
            "refuse_consent",
            (S.CONSENT_REVIEW,),
            S.REFUSED,
            "приказ № 236, пп. 7, 9",
            _OFFICE,
            (),
            (because.DOCUMENTS_DIFFER, because.AGE, because.CONSENT_WITHDRAWN),
        ),
        Transition(
            "enrol",
            (S.CONTRACT,),
            S.ENROLLED,
            "приказ № 236, п. 15",
            frozenset({Actor.ORGANISATION}),
            (CONTRACT, PLACES),
        ),
        # Not from CONTRACT: there the family signs, or doesn't come.
        Transition(
            "cancel",
            (
                S.REGISTERED,
                S.REVIEW,
                S.CONFIRM_DOCUMENTS,
                S.QUEUED,
                S.OFFERED,
                S.SUSPENDED_NO_SHOW,
                S.SUSPENDED_DECLINED,
                S.CONSENT_REVIEW,
            ),
            S.CANCELLED,
            "регламент реестра, отзыв заявления",
            _FAMILY,
        ),
    ),
    deadlines={
        S.CONTRACT: Deadline(
            "приказ № 236, п. 15",
            Actor.ORGANISATION,
            rule=order_due,
            rule_ru="3 рабочих дня после заключения договора",
        ),
    },
)
