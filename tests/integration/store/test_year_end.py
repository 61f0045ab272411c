"""The end of a school year on real databases: promotion, debts, graduation."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.cases import MoveYearEnd, OpenYearEnd, move_year_end, open_year_end
from registry.identifiers import EnrolmentId
from registry.model import YearEndCase
from store.tables import certificates, class_placements, enrolments, orders
from tests.integration.store.cases import (
    HERE,
    HERE_5,
    HERE_5_NEXT,
    HERE_6,
    LONG_AGO,
    OFFICE,
    THERE_5,
    Outcome,
    codes,
    declaring,
    done,
    insert,
    make_region,
    on,
    order,
    pupil,
    rows,
    take,
)

JUNE = date(2026, 6, 10)


@pytest.fixture
def region(engine: Engine) -> Engine:
    return make_region(engine)


def opened(engine: Engine, enrolment_id: EnrolmentId, *, graduation: bool = False) -> YearEndCase:
    command = OpenYearEnd(enrolment_id, 2025, graduation, OFFICE)
    case: YearEndCase = done(take(engine, open_year_end, command, on(JUNE)))
    return case


def move(engine: Engine, case: YearEndCase, action: str, day: date = JUNE, **more: Any) -> Outcome:
    step = more.pop("step", declaring(OFFICE, **more.pop("declared", {})))
    return take(engine, move_year_end, MoveYearEnd(case.id, action, step, **more), on(day))


def assessed(engine: Engine, number: int, **declared: Any) -> YearEndCase:
    case = opened(engine, pupil(engine, number)[1])
    done(move(engine, case, "assess", declared={"assessed": True, **declared}))
    return case


def seats(engine: Engine) -> list[tuple[UUID, date, date | None]]:
    return [
        (seat["class_group_id"], seat["begins_on"], seat["ends_on"])
        for seat in rows(engine, class_placements, "begins_on", "recorded_at")
        if not seat["retracted"]
    ]


def test_promotion_into_the_next_class(region: Engine) -> None:
    case = assessed(region, 1)
    case = done(move(region, case, "promote", next_class_id=HERE_6, order=order(JUNE)))
    assert case.state == "promoted"
    assert seats(region) == [
        (HERE_5, date(2025, 9, 1), date(2026, 8, 31)),
        (HERE_6, date(2026, 9, 1), None),
    ]
    assert rows(region, enrolments)[0]["ends_on"] is None
    assert [each["kind"] for each in rows(region, orders)] == ["promotion"]


def test_the_class_of_the_next_year(region: Engine) -> None:
    case = assessed(region, 1)

    def promote(class_id: object) -> list[str]:
        return codes(move(region, case, "promote", next_class_id=class_id))

    assert promote(THERE_5) == ["class.unknown"]
    assert promote(UUID(int=50)) == ["class.unknown"]
    assert promote(HERE_5) == ["class.other_parallel"]
    assert promote(HERE_5_NEXT) == ["class.other_parallel"]
    done(move(region, assessed(region, 2), "promote", next_class_id=HERE_6))
    assert promote(HERE_6) == ["class.full"]


def test_conditionally_and_then_without_debts(region: Engine) -> None:
    debt = {"debts": 1, "debt_since": date(2026, 5, 25)}
    case = assessed(region, 1, **debt)
    assert codes(move(region, case, "promote")) == ["transition.debts"]
    case = done(move(region, case, "promote_conditionally", next_class_id=HERE_6))
    assert (case.state, case.due_on) == ("conditional", date(2027, 5, 25))
    later = date(2026, 10, 1)
    assert codes(move(region, case, "clear_debts", later)) == ["transition.debts"]
    # The class is named once more: nothing changes but the step.
    cleared = {"declared": {"debts": 0}, "next_class_id": HERE_6}
    assert done(move(region, case, "clear_debts", later, **cleared)).state == "promoted"
    assert seats(region)[-1] == (HERE_6, date(2026, 9, 1), None)
    assert len(seats(region)) == 2


def test_retained_when_the_debt_stays(region: Engine) -> None:
    debt = {"debts": 1, "debt_since": date(2026, 5, 25)}
    case = assessed(region, 1, **debt)
    done(move(region, case, "promote_conditionally", next_class_id=HERE_6))
    day = date(2027, 2, 1)
    step = replace(declaring(OFFICE, attempts=2, parents_agree=True), reason="debts")
    early = replace(step, declared=replace(step.declared, attempts=1, parents_agree=None))
    assert codes(move(region, case, "retain", day, step=early)) == [
        "transition.debt_in_term",
        "transition.parents_choice",
    ]
    wrong = move(region, case, "retain", day, step=step, next_class_id=HERE_6)
    assert codes(wrong) == ["class.other_parallel"]
    case = done(move(region, case, "retain", day, step=step, next_class_id=HERE_5_NEXT))
    assert case.state == "retained"
    assert seats(region) == [
        (HERE_5, date(2025, 9, 1), date(2026, 8, 31)),
        (HERE_6, date(2026, 9, 1), date(2027, 1, 31)),
        (HERE_5_NEXT, day, None),
    ]


def certify(engine: Engine, number: int) -> None:
    row = {
        "id": UUID(int=number),
        "person_id": UUID(int=number),
        "organisation_id": HERE,
        "type_code": "12",
        "number_index": b"n" * 16,
        "number_sealed": b"sealed",
        "issued_on": date(2026, 6, 20),
        "with_honours": False,
        "recorded_at": LONG_AGO,
    }
    insert(engine, certificates, row)


def test_graduation_with_certificate_and_order(region: Engine) -> None:
    case = opened(region, pupil(region, 1)[1], graduation=True)
    done(move(region, case, "admit", declared={"admission_test_passed": True}))
    done(move(region, case, "pass_exams", declared={"exams_passed": True}))
    assert codes(move(region, case, "certify")) == ["transition.certificate_missing"]
    certify(region, 1)
    case = done(move(region, case, "certify"))
    end = date(2026, 6, 30)
    assert codes(move(region, case, "graduate", end)) == ["order.missing"]
    early = order(date(2025, 8, 1))
    assert codes(move(region, case, "graduate", end, order=early)) == ["order.before_enrolment"]
    assert done(move(region, case, "graduate", end, order=order(end))).state == "graduated"
    (study,) = rows(region, enrolments)
    assert (study["ends_on"], study["exit_reason"]) == (end, "finished.basic")
    assert [each["kind"] for each in rows(region, orders)] == ["graduation"]
    assert seats(region) == [(HERE_5, date(2025, 9, 1), end)]


def test_what_does_not_belong_to_a_step(region: Engine) -> None:
    case = opened(region, pupil(region, 1)[1])
    wrong = move(region, case, "assess", next_class_id=HERE_6, order=order(JUNE))
    assert codes(wrong) == [
        "transition.not_assessed",
        "enrolment.terms_extra",
        "enrolment.terms_extra",
    ]


def test_who_has_left_is_not_promoted(region: Engine) -> None:
    left = pupil(region, 1, ends_on=date(2026, 3, 1))[1]
    command = OpenYearEnd(left, 2025, False, OFFICE)
    assert codes(take(region, open_year_end, command, on(JUNE))) == ["year_end.enrolment_ended"]
    leaves = pupil(region, 2, ends_on=date(2026, 7, 1))[1]
    case = opened(region, leaves)
    done(move(region, case, "assess", declared={"assessed": True}))
    assert codes(move(region, case, "promote", next_class_id=HERE_6)) == [
        "year_end.enrolment_ended"
    ]
    again = OpenYearEnd(leaves, 2025, False, OFFICE)
    assert codes(take(region, open_year_end, again, on(JUNE))) == ["year_end.already_open"]
    unknown = OpenYearEnd(EnrolmentId(UUID(int=9)), 2025, False, OFFICE)
    assert codes(take(region, open_year_end, unknown)) == ["year_end.enrolment_unknown"]
