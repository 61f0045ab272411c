"""Admission to a college (СПО). Source: приказ № 457 of 02.09.2020.

Where more apply than there are places, the average of the certificate decides; a place
recommended is kept for who gives in the original in time. The order's sections are cited, and its
points where they are known; in force to 31.12.2026 (`acts.toml`).
"""

from dataclasses import dataclass
from datetime import date

from registry.calendar import WorkingCalendar
from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import (
    DOCUMENTS,
    DOCUMENTS_LACKING,
    NO_PLACES,
    PLACES,
    WINDOW,
)
from registry.procedures.states import Actor
from registry.procedures.states import CollegeState as S

_FAMILY = frozenset({Actor.APPLICANT, Actor.PORTAL})
_COLLEGE = frozenset({Actor.ORGANISATION})
_DECIDERS = _COLLEGE | {Actor.SYSTEM}


@dataclass(frozen=True, slots=True)
class CollegeFacts:
    """What the steps of an admission to a college depend on.

    `average`: of the certificate, 2 to 5. `originals_due_on`: the last day for originals.
    `tested`: whether the speciality asks for an entrance test.
    """

    places_free: int = 0
    documents_complete: bool = False
    window_open: bool = False
    average: float | None = None
    tested: bool = False
    test_passed: bool | None = None
    originals_on: date | None = None
    originals_due_on: date | None = None


def is_tested(facts: CollegeFacts, _: date) -> bool:
    """The speciality asks for a test."""
    return facts.tested


def is_not_tested(facts: CollegeFacts, _: date) -> bool:
    """The speciality asks for no test."""
    return not facts.tested


def has_average(facts: CollegeFacts, _: date) -> bool:
    """The average is known."""
    return facts.average is not None


def has_passed(facts: CollegeFacts, _: date) -> bool:
    """The test is passed."""
    return facts.test_passed is True


def has_failed(facts: CollegeFacts, _: date) -> bool:
    """The test is failed."""
    return facts.test_passed is False


def has_originals_in_time(facts: CollegeFacts, today: date) -> bool:
    """The originals are here, and came by their day."""
    given, due = facts.originals_on, facts.originals_due_on
    return given is not None and given <= today and (due is None or given <= due)


def is_late_with_originals(facts: CollegeFacts, today: date) -> bool:
    """The day for originals is over, and none came by it."""
    due = facts.originals_due_on
    return due is not None and today > due and not has_originals_in_time(facts, today)


def originals_due(facts: CollegeFacts, _: date, __: WorkingCalendar) -> date | None:
    """The last day for originals."""
    return facts.originals_due_on


TESTED = Guard(
    Rule("transition.no_test", "test", "Вступительное испытание не предусмотрено"), is_tested
)
NOT_TESTED = Guard(
    Rule(
        "transition.test_needed",
        "test",
        "По специальности нужно вступительное испытание",
        "приказ № 457, разд. V",
    ),
    is_not_tested,
)
AVERAGE = Guard(
    Rule(
        "transition.average_missing",
        "average",
        "Не указан средний балл документа об образовании",
        "приказ № 457, разд. VIII",
    ),
    has_average,
)
TEST_PASSED = Guard(
    Rule("transition.entrance_test_not_passed", "test", "Вступительное испытание не пройдено"),
    has_passed,
)
TEST_FAILED = Guard(
    Rule("transition.entrance_test_not_failed", "test", "Нет отрицательного результата испытания"),
    has_failed,
)
ORIGINALS = Guard(
    Rule(
        "transition.originals_missing",
        "originals_on",
        "Оригинал документа об образовании не представлен в срок",
        "приказ № 457, разд. VIII",
    ),
    has_originals_in_time,
)
ORIGINALS_LATE = Guard(
    Rule(
        "transition.originals_not_late",
        "originals_on",
        "Срок представления оригиналов не истёк или оригинал представлен",
        "приказ № 457, разд. VIII",
    ),
    is_late_with_originals,
)

RULES = tuple(
    guard.rule
    for guard in (
        TESTED,
        NOT_TESTED,
        AVERAGE,
        TEST_PASSED,
        TEST_FAILED,
        ORIGINALS,
        ORIGINALS_LATE,
    )
)

COLLEGE: Procedure[CollegeFacts] = Procedure(
    key=ProcedureKey.COLLEGE,
    title_ru="Приём в колледж",
    states=S,
    facts=CollegeFacts,
    initial=S.DRAFT,
    finals=frozenset({S.RETURNED, S.ENROLLED, S.REFUSED, S.WITHDRAWN}),
    transitions=(
        Transition(
            "register",
            (S.DRAFT,),
            S.REGISTERED,
            "приказ № 457, пп. 20, 21",
            _FAMILY | _COLLEGE,
            (WINDOW,),
        ),
        Transition("start_check", (S.REGISTERED,), S.CHECKING, "приказ № 457, разд. IV", _DECIDERS),
        Transition(
            "request_documents",
            (S.CHECKING,),
            S.DOCUMENTS_NEEDED,
            "приказ № 457, п. 21",
            _COLLEGE,
            (DOCUMENTS_LACKING,),
            (because.DOCUMENTS_INCOMPLETE, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "give_documents",
            (S.DOCUMENTS_NEEDED,),
            S.CHECKING,
            "приказ № 457, п. 21",
            _FAMILY | _COLLEGE,
        ),
        Transition(
            "return_incomplete",
            (S.CHECKING, S.DOCUMENTS_NEEDED),
            S.RETURNED,
            "приказ № 457, разд. IV",
            _COLLEGE,
            (DOCUMENTS_LACKING,),
            (because.DOCUMENTS_INCOMPLETE, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "send_to_test",
            (S.CHECKING,),
            S.ENTRANCE_TEST,
            "приказ № 457, разд. V",
            _COLLEGE,
            (DOCUMENTS, TESTED),
        ),
        Transition(
            "pass_test",
            (S.ENTRANCE_TEST,),
            S.RANKED,
            "приказ № 457, разд. V",
            _COLLEGE,
            (TEST_PASSED, AVERAGE),
        ),
        Transition(
            "fail_test",
            (S.ENTRANCE_TEST,),
            S.REFUSED,
            "приказ № 457, разд. V",
            _COLLEGE,
            (TEST_FAILED,),
            (because.TEST_FAILED,),
        ),
        Transition(
            "rank",
            (S.CHECKING,),
            S.RANKED,
            "приказ № 457, разд. VIII",
            _DECIDERS,
            (DOCUMENTS, NOT_TESTED, AVERAGE),
        ),
        Transition(
            "recommend",
            (S.RANKED,),
            S.RECOMMENDED,
            "приказ № 457, разд. VIII",
            _DECIDERS,
            (PLACES,),
        ),
        Transition(
            "refuse",
            (S.RANKED,),
            S.REFUSED,
            "приказ № 457, разд. VIII",
            _COLLEGE,
            (NO_PLACES,),
            (because.NO_PLACES,),
        ),
        Transition(
            "give_originals",
            (S.RECOMMENDED,),
            S.ORIGINALS_GIVEN,
            "приказ № 457, разд. VIII",
            _FAMILY | _COLLEGE,
            (ORIGINALS,),
        ),
        Transition(
            "refuse_late",
            (S.RECOMMENDED,),
            S.REFUSED,
            "приказ № 457, разд. VIII",
            _DECIDERS,
            (ORIGINALS_LATE,),
            (because.ORIGINALS_NOT_GIVEN,),
        ),
        Transition(
            "enrol",
            (S.ORIGINALS_GIVEN,),
            S.ENROLLED,
            "приказ № 457, разд. VIII",
            _COLLEGE,
            (ORIGINALS, PLACES),
        ),
        Transition(
            "withdraw",
            (
                S.DRAFT,
                S.REGISTERED,
                S.CHECKING,
                S.DOCUMENTS_NEEDED,
                S.ENTRANCE_TEST,
                S.RANKED,
                S.RECOMMENDED,
                S.ORIGINALS_GIVEN,
            ),
            S.WITHDRAWN,
            "регламент реестра, отзыв заявления",
            _FAMILY,
        ),
    ),
    deadlines={
        S.RECOMMENDED: Deadline(
            "приказ № 457, разд. VIII",
            Actor.APPLICANT,
            rule=originals_due,
            rule_ru="последний день представления оригиналов",
        ),
    },
)
