"""By when a state is to be left: terms of the acts, over holidays and weekends."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registry.calendar import MonthDay, WorkingCalendar
from registry.procedures.college import COLLEGE, CollegeFacts
from registry.procedures.engine import Moved, Procedure, move
from registry.procedures.graduation import GRADUATION, GraduationFacts
from registry.procedures.kindergarten import KINDERGARTEN, KindergartenFacts
from registry.procedures.promotion import PROMOTION, PromotionFacts
from registry.procedures.school import SCHOOL
from registry.procedures.school_facts import SchoolFacts
from registry.procedures.states import Actor
from registry.procedures.transfer import TRANSFER, TransferFacts

CALENDAR = WorkingCalendar()


def due(
    procedure: Procedure[Any],
    state: str,
    action: str,
    facts: Any,
    today: date,
    *,
    actor: Actor = Actor.ORGANISATION,
    reason: str | None = None,
    calendar: WorkingCalendar = CALENDAR,
) -> date | None:
    """The day by which the state that the step leads to is to be left."""
    moved = move(
        procedure,
        state,
        action,
        actor=actor,
        reason=reason,
        today=today,
        calendar=calendar,
        facts=facts,
    )
    assert isinstance(moved, Moved), moved
    return moved.due_on


CHILD = SchoolFacts(
    date(2026, 4, 1),
    places_free=1,
    documents_complete=True,
    window_open=True,
    age_permitted=True,
)


def test_class_1_of_the_territory_waits_for_the_window_to_close() -> None:
    facts = replace(CHILD, order_after=date(2026, 6, 30))
    assert due(SCHOOL, "draft", "register", facts, date(2026, 4, 1)) == date(2026, 7, 3)
    assert due(SCHOOL, "ranked", "offer", facts, date(2026, 6, 30)) == date(2026, 7, 3)


@pytest.mark.parametrize(
    ("received_on", "day"),
    [
        (date(2026, 7, 6), date(2026, 7, 13)),
        (date(2025, 12, 29), date(2026, 1, 15)),  # 30.12, then 12 to 15 January
        (date(2026, 4, 30), date(2026, 5, 8)),  # 1 May is a Friday
        (date(2026, 5, 8), date(2026, 5, 18)),  # 9 May moves its day off to the 11th
        (date(2025, 4, 29), date(2025, 5, 12)),  # 30.04, 5 to 7, 12 May
    ],
)
def test_other_orders_follow_the_application(received_on: date, day: date) -> None:
    facts = replace(CHILD, received_on=received_on)
    assert due(SCHOOL, "draft", "register", facts, received_on) == day
    later = due(SCHOOL, "ranked", "offer", facts, date(2026, 12, 1))
    assert later == date(2026, 12, 1), "a term that is over ends on the day of the step"


def test_a_foreigner_has_a_term_for_the_set_and_one_from_the_test() -> None:
    facts = replace(
        CHILD,
        received_on=date(2026, 9, 7),
        foreigner=True,
        legal_stay=True,
        order_after=None,
        test_passed=True,
        tested_on=date(2026, 10, 1),
    )
    checked = due(SCHOOL, "registered", "start_check", facts, date(2026, 9, 8))
    assert checked == date(2026, 9, 14)
    assert due(SCHOOL, "test", "pass_test", facts, date(2026, 10, 1)) == date(2026, 10, 8)
    early = replace(facts, order_after=date(2026, 6, 30), tested_on=date(2026, 5, 20))
    assert due(SCHOOL, "test", "pass_test", early, date(2026, 5, 20)) == date(2026, 7, 3)
    late = replace(facts, order_after=date(2026, 6, 30), tested_on=date(2026, 7, 1))
    assert due(SCHOOL, "test", "pass_test", late, date(2026, 7, 1)) == date(2026, 7, 8)


def test_places_of_class_1_are_waited_for_until_the_last_day_of_intake() -> None:
    facts = replace(CHILD, places_free=0, last_day=date(2026, 9, 5))
    assert due(SCHOOL, "ranked", "wait", facts, date(2026, 7, 10)) == date(2026, 9, 5)
    anywhere = replace(facts, last_day=None)
    assert due(SCHOOL, "ranked", "wait", anywhere, date(2026, 7, 10)) is None


def test_a_final_state_and_a_state_without_a_term_have_no_day() -> None:
    assert due(SCHOOL, "offered", "enrol", CHILD, date(2026, 4, 2)) is None
    facts = replace(CHILD, documents_complete=False)
    reason = "documents_incomplete"
    day = due(SCHOOL, "checking", "request_documents", facts, date(2026, 4, 2), reason=reason)
    assert day is None


def test_terms_of_a_transfer() -> None:
    facts = TransferFacts(
        receiver_named=True, places_free=1, documents_complete=True, order_known=True
    )
    # Asked for on a Tuesday before New Year: three days end on a day off.
    assigned = due(
        TRANSFER, "assigning", "assign", facts, date(2025, 12, 30), actor=Actor.AUTHORITY
    )
    assert assigned == date(2026, 1, 12)
    assert due(TRANSFER, "documents_issued", "receive", facts, date(2026, 9, 3)) == date(2026, 9, 8)
    assert due(TRANSFER, "received", "enrol", facts, date(2026, 4, 30)) == date(2026, 5, 5)
    moving = TransferFacts(moving_away=True)
    assert due(TRANSFER, "requested", "expel_moving", moving, date(2026, 9, 1)) == date(2026, 10, 1)


def test_a_regional_holiday_moves_a_term() -> None:
    facts = TransferFacts(places_free=1, order_known=True)
    regional = WorkingCalendar(regional_holidays=[MonthDay(9, 2)])
    enrolled = due(TRANSFER, "received", "enrol", facts, date(2026, 9, 1), calendar=regional)
    assert enrolled == date(2026, 9, 4)


def test_the_order_of_a_kindergarten_follows_the_contract() -> None:
    facts = KindergartenFacts(contract_on=date(2026, 6, 10))
    agreed = due(KINDERGARTEN, "consent_review", "confirm_consent", facts, date(2026, 6, 10))
    assert agreed == date(2026, 6, 16)  # 12 June is a holiday
    unsigned = due(
        KINDERGARTEN,
        "consent_review",
        "confirm_consent",
        KindergartenFacts(),
        date(2026, 6, 10),
    )
    assert unsigned is None


def test_originals_are_due_on_the_day_set() -> None:
    facts = CollegeFacts(places_free=1, originals_due_on=date(2026, 8, 25))
    assert due(COLLEGE, "ranked", "recommend", facts, date(2026, 8, 17)) == date(2026, 8, 25)


def test_a_debt_lasts_a_year() -> None:
    facts = PromotionFacts(assessed=True, debts=1, debt_since=date(2024, 2, 29))
    conditional = due(PROMOTION, "assessed", "promote_conditionally", facts, date(2024, 5, 31))
    assert conditional == date(2025, 2, 28)
    lost = replace(facts, debt_since=None)
    day = due(PROMOTION, "assessed", "promote_conditionally", lost, date(2024, 5, 31))
    assert day is None


def test_a_certificate_is_due_ten_days_after_the_order() -> None:
    facts = GraduationFacts(exams_passed=True, order_on=date(2026, 6, 25))
    day = due(GRADUATION, "admitted", "pass_exams", facts, date(2026, 6, 25))
    assert day == date(2026, 7, 6)
    early = replace(facts, order_on=None)
    assert due(GRADUATION, "admitted", "pass_exams", early, date(2026, 6, 25)) is None


@pytest.mark.parametrize(
    ("attempts", "today", "final"),
    [
        (1, date(2026, 5, 31), False),
        (2, date(2026, 5, 31), True),
        (0, date(2026, 6, 1), True),
        (0, date(2026, 5, 30), False),
    ],
)
def test_a_debt_is_final_after_a_year_or_two_attempts(
    attempts: int, today: date, final: bool
) -> None:
    facts = PromotionFacts(
        debts=1, debt_since=date(2025, 5, 31), attempts=attempts, parents_agree=True
    )
    moved = move(
        PROMOTION,
        "conditional",
        "retain",
        actor=Actor.ORGANISATION,
        reason="debts",
        today=today,
        calendar=CALENDAR,
        facts=facts,
    )
    assert isinstance(moved, Moved) is final


@pytest.mark.parametrize(
    ("given_on", "today", "action", "codes"),
    [
        (date(2026, 8, 25), date(2026, 8, 25), "give_originals", set()),
        (date(2026, 8, 26), date(2026, 8, 26), "give_originals", {"transition.originals_missing"}),
        (date(2026, 8, 25), date(2026, 8, 24), "give_originals", {"transition.originals_missing"}),
        (None, date(2026, 8, 25), "refuse_late", {"transition.originals_not_late"}),
        (None, date(2026, 8, 26), "refuse_late", set()),
        (date(2026, 8, 26), date(2026, 8, 26), "refuse_late", set()),
        (date(2026, 8, 20), date(2026, 8, 26), "refuse_late", {"transition.originals_not_late"}),
    ],
)
def test_originals_count_when_they_come_in_time(
    given_on: date | None, today: date, action: str, codes: set[str]
) -> None:
    outcome = move(
        COLLEGE,
        "recommended",
        action,
        actor=Actor.ORGANISATION,
        reason="originals_not_given" if action == "refuse_late" else None,
        today=today,
        calendar=CALENDAR,
        facts=CollegeFacts(originals_on=given_on, originals_due_on=date(2026, 8, 25)),
    )
    found = set() if isinstance(outcome, Moved) else {problem.code for problem in outcome}
    assert found == codes
