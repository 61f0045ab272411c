"""What the guards ask, where it is more than one value."""

from datetime import date
from typing import Any

import pytest

from registry.procedures import additional, college, graduation, kindergarten, promotion, transfer
from registry.procedures import guards as shared
from registry.procedures import school_facts as school
from registry.procedures.engine import Guard

TODAY = date(2026, 6, 10)
TOMORROW = date(2026, 6, 11)


def pupil(**values: Any) -> school.SchoolFacts:
    return school.SchoolFacts(TODAY, **values)


HOLD: list[tuple[Guard[Any], Any, bool]] = [
    (school.FOREIGNER, pupil(foreigner=True), True),
    (school.FOREIGNER, pupil(foreigner=True, in_transfer=True), False),
    (school.FOREIGNER, pupil(), False),
    (school.NOT_FOREIGNER, pupil(foreigner=True), False),
    (school.NOT_FOREIGNER, pupil(foreigner=True, in_transfer=True), True),
    (school.INCOMPLETE_SET, pupil(documents_complete=True), True),
    (school.INCOMPLETE_SET, pupil(legal_stay=True), True),
    (school.INCOMPLETE_SET, pupil(documents_complete=True, legal_stay=True), False),
    (school.TEST_PASSED, pupil(test_passed=None), False),
    (school.TEST_FAILED, pupil(test_passed=None), False),
    (shared.PLACES, pupil(places_free=0), False),
    (shared.PLACES, pupil(places_free=1), True),
    (shared.PLACES, pupil(places_free=-1), False),
    (shared.NO_PLACES, pupil(places_free=-1), True),
    (shared.CONTRACT, kindergarten.KindergartenFacts(contract_on=TODAY), True),
    (shared.CONTRACT, kindergarten.KindergartenFacts(contract_on=TOMORROW), False),
    (shared.CONTRACT, kindergarten.KindergartenFacts(), False),
    (shared.NO_CONTRACT, additional.AdditionalFacts(contract_on=TOMORROW), False),
    (kindergarten.DATE_COME, kindergarten.KindergartenFacts(desired_on=TODAY), True),
    (kindergarten.DATE_COME, kindergarten.KindergartenFacts(desired_on=TOMORROW), False),
    (kindergarten.DATE_COME, kindergarten.KindergartenFacts(), True),
    (college.AVERAGE, college.CollegeFacts(average=2.0), True),
    (college.AVERAGE, college.CollegeFacts(), False),
    (additional.OPEN_TO_ALL, additional.AdditionalFacts(), True),
    (additional.OPEN_TO_ALL, additional.AdditionalFacts(selective=True), False),
    (
        additional.OPEN_TO_ALL,
        additional.AdditionalFacts(selective=True, selection_passed=True),
        True,
    ),
    (transfer.MOVING_AWAY, transfer.TransferFacts(moving_away=True), True),
    (transfer.MOVING_AWAY, transfer.TransferFacts(moving_away=True, receiver_named=True), False),
    (shared.DEBTS, promotion.PromotionFacts(debts=1), True),
    (shared.NO_DEBTS, promotion.PromotionFacts(debts=1), False),
    (promotion.DEBT_FINAL, promotion.PromotionFacts(attempts=1), False),
    (promotion.DEBT_FINAL, promotion.PromotionFacts(attempts=2), True),
    (promotion.DEBT_FINAL, promotion.PromotionFacts(debt_since=date(2025, 6, 10)), False),
    (promotion.DEBT_FINAL, promotion.PromotionFacts(debt_since=date(2025, 6, 9)), True),
    (graduation.NOT_ADMISSIBLE, graduation.GraduationFacts(admission_test_passed=True), False),
    (
        graduation.NOT_ADMISSIBLE,
        graduation.GraduationFacts(debts=1, admission_test_passed=True),
        True,
    ),
    (graduation.NOT_ADMISSIBLE, graduation.GraduationFacts(), True),
    (graduation.EXAMS_PASSED, graduation.GraduationFacts(), False),
    (graduation.EXAMS_FAILED, graduation.GraduationFacts(), False),
]


@pytest.mark.parametrize(("guard", "facts", "holds"), HOLD)
def test_guards(guard: Guard[Any], facts: Any, holds: bool) -> None:
    assert guard.holds(facts, TODAY) is holds
