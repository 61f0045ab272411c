"""Transfers on real databases: between schools, from outside, to outside, and what stops them."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.cases import MoveTransfer, RequestTransfer, move_transfer, request_transfer
from registry.identifiers import PersonId, TransferId
from registry.model import TransferCase, TransferScope
from store.tables import case_events, class_placements, enrolments, orders, transfer_cases
from store.unit_of_work import UnitOfWork
from tests.integration.store.cases import (
    AUTHORITY,
    CLOCK,
    FAMILY,
    HERE,
    HERE_5,
    NEAR,
    NOWHERE,
    OFFICE,
    THERE,
    THERE_5,
    Outcome,
    at_once,
    child,
    codes,
    contents,
    declaring,
    done,
    make_region,
    on,
    order,
    pupil,
    rows,
    take,
    terms,
)

ASKED, LEFT, CAME = date(2026, 2, 2), date(2026, 2, 4), date(2026, 2, 5)


@pytest.fixture
def region(engine: Engine) -> Engine:
    return make_region(engine)


def request(engine: Engine, person_id: PersonId, **changes: Any) -> Outcome:
    base = RequestTransfer(
        person_id=person_id,
        scope=TransferScope.INSIDE,
        from_name=None,
        to_id=THERE,
        to_name=None,
        parallel=5,
        step=FAMILY,
    )
    return take(engine, request_transfer, replace(base, **changes), on(ASKED))


def move(engine: Engine, case: TransferCase, action: str, day: date = CAME, **more: Any) -> Outcome:
    command = MoveTransfer(case.id, action, more.pop("step", OFFICE), **more)
    return take(engine, move_transfer, command, on(day))


def received(engine: Engine, number: int) -> TransferCase:
    """A transfer to the second school, as far as the pupil's being received there."""
    case: TransferCase = done(request(engine, pupil(engine, number)[0]))
    done(move(engine, case, "expel", LEFT, expulsion=order(LEFT)))
    complete = declaring(OFFICE, documents_complete=True)
    done(move(engine, case, "issue_documents", step=complete))
    at_hand: TransferCase = done(move(engine, case, "receive"))
    return at_hand


def test_from_school_to_school(region: Engine) -> None:
    case = received(region, 1)
    assert case.due_on == date(2026, 2, 10)  # three working days, with a Sunday between
    case = done(move(region, case, "enrol", enrolment=terms(CAME, THERE_5)))
    case = done(move(region, case, "notify_source"))
    assert (case.state, case.due_on) == ("closed", None)
    events = rows(region, case_events, "sequence")
    assert [event["action"] for event in events] == [
        "request",
        "expel",
        "issue_documents",
        "receive",
        "enrol",
        "notify_source",
    ]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5, 6]
    former, new = rows(region, enrolments, "begins_on")
    assert (former["organisation_id"], former["ends_on"]) == (HERE, LEFT)
    assert former["exit_reason"] == "transfer.region"
    assert (new["organisation_id"], new["begins_on"], new["ends_on"]) == (THERE, CAME, None)
    assert new["entry_reason"] == "transfer"
    expulsion, enrolment = rows(region, orders, "kind")[::-1]
    assert (former["exit_order_id"], expulsion["kind"]) == (expulsion["id"], "expulsion")
    assert (new["entry_order_id"], enrolment["kind"]) == (enrolment["id"], "enrolment")
    seats = rows(region, class_placements, "begins_on")
    assert [(seat["class_group_id"], seat["ends_on"]) for seat in seats] == [
        (HERE_5, LEFT),
        (THERE_5, None),
    ]
    (row,) = rows(region, transfer_cases)
    assert row["live"] is False
    assert (row["expulsion_order_id"], row["enrolment_order_id"]) == (
        expulsion["id"],
        enrolment["id"],
    )


def test_inside_a_municipality(region: Engine) -> None:
    case = done(request(region, pupil(region, 1)[0], to_id=NEAR))
    done(move(region, case, "expel", LEFT, expulsion=order(LEFT)))
    assert rows(region, enrolments)[0]["exit_reason"] == "transfer.municipality"


def test_from_outside(region: Engine) -> None:
    person_id = child(region, 1)
    outside = {"scope": TransferScope.FROM_OUTSIDE, "from_name": "Школа № 5"}
    case = done(request(region, person_id, **outside))
    done(move(region, case, "expel", LEFT, expulsion=order(LEFT, "5")))
    complete = declaring(OFFICE, documents_complete=True)
    for action in ("issue_documents", "receive"):
        done(move(region, case, action, step=complete))
    done(move(region, case, "enrol", enrolment=terms(CAME, THERE_5)))
    (new,) = rows(region, enrolments)
    assert (new["organisation_id"], new["entry_reason"]) == (THERE, "transfer")
    # The order of the school outside has no row; the event keeps what is known of it.
    notes = [event["note"] for event in rows(region, case_events, "sequence")]
    assert notes == [None, "приказ № 5 от 04.02.2026", None, None, None]


def test_to_a_named_school_outside(region: Engine) -> None:
    outside = {"scope": TransferScope.TO_OUTSIDE, "to_id": None, "to_name": "Школа № 9"}
    case = done(request(region, pupil(region, 1)[0], **outside))
    done(move(region, case, "expel", LEFT, expulsion=order(LEFT)))
    complete = declaring(OFFICE, documents_complete=True)
    done(move(region, case, "issue_documents", step=complete))
    assert codes(move(region, case, "report_arrival")) == ["transition.order_missing"]
    done(move(region, case, "report_arrival", order=order(CAME, "9-п")))
    assert rows(region, enrolments)[0]["exit_reason"] == "transfer.country"
    assert rows(region, case_events, "sequence")[-1]["note"] == "приказ № 9-п от 05.02.2026"


def moving_away(engine: Engine, person_id: PersonId) -> TransferCase:
    """A family that has moved without naming a school."""
    outside = {"scope": TransferScope.TO_OUTSIDE, "to_id": None}
    case: TransferCase = done(request(engine, person_id, **outside))
    assert codes(move(engine, case, "expel_moving", LEFT, expulsion=order(LEFT))) == [
        "transition.not_moving_away"
    ]
    away = declaring(OFFICE, moving_away=True)
    gone: TransferCase = done(
        move(engine, case, "expel_moving", LEFT, expulsion=order(LEFT), step=away)
    )
    return gone


def test_moving_away_is_watched_until_an_arrival(region: Engine) -> None:
    case = moving_away(region, pupil(region, 1)[0])
    assert (case.state, case.due_on) == ("watched", date(2026, 3, 6))
    assert rows(region, enrolments)[0]["exit_reason"] == "wish"
    report = {"to_name": "Школа № 9", "order": order(CAME, "9-п"), "step": AUTHORITY}
    case = done(move(region, case, "report_arrival", **report))
    assert (case.state, case.to_name) == ("closed", "Школа № 9")


def test_who_moved_away_turns_up_in_a_school_of_the_register(region: Engine) -> None:
    case = moving_away(region, pupil(region, 1)[0])
    complete = declaring(OFFICE, documents_complete=True)
    case = done(move(region, case, "receive", to_id=THERE, step=complete))
    assert (case.scope, case.to_id) == (TransferScope.INSIDE, THERE)
    done(move(region, case, "enrol", enrolment=terms(CAME, THERE_5)))
    assert len(rows(region, enrolments)) == 2


def test_no_places_until_the_authority_assigns(region: Engine) -> None:
    pupil_there = done(move(region, received(region, 1), "enrol", enrolment=terms(CAME, THERE_5)))
    assert pupil_there.state == "enrolled"
    case = done(request(region, pupil(region, 2)[0]))
    no_places = replace(OFFICE, reason="no_places")
    case = done(move(region, case, "note_no_places", step=no_places))
    assert case.state == "assigning"
    assert codes(move(region, case, "assign", step=AUTHORITY)) == ["transition.no_places"]
    assert codes(move(region, case, "assign", to_id=HERE, step=AUTHORITY)) == [
        "transfer.same_organisation"
    ]
    outside = move(region, case, "assign", to_name="Школа № 9", step=AUTHORITY)
    case = done(outside)
    assert (case.state, case.scope, case.to_id) == ("requested", TransferScope.TO_OUTSIDE, None)


def test_places_are_not_denied_where_there_are_some(region: Engine) -> None:
    case = done(request(region, pupil(region, 1)[0]))
    no_places = replace(OFFICE, reason="no_places")
    assert codes(move(region, case, "note_no_places", step=no_places)) == ["transition.places_left"]


def test_who_is_not_enrolled_does_not_move(region: Engine) -> None:
    assert codes(request(region, child(region, 1))) == ["transfer.not_enrolled"]
    gone = pupil(region, 2, ends_on=date(2026, 1, 31))[0]
    assert codes(request(region, gone)) == ["transfer.not_enrolled"]
    circle = pupil(region, 3, programme_code="411")[0]
    assert codes(request(region, circle)) == ["transfer.not_enrolled"]
    assert codes(request(region, PersonId(UUID(int=77)))) == ["case.person_unknown"]
    merged = child(region, 4, merged_into=UUID(int=1))
    assert codes(request(region, merged)) == ["case.person_unknown"]


def test_all_that_is_wrong_with_a_request_is_told(region: Engine) -> None:
    person_id = pupil(region, 1)[0]
    done(request(region, person_id))
    wrong = request(region, person_id, to_id=NOWHERE, to_name="Школа", from_name="Школа")
    assert codes(wrong) == [
        "transfer.already_live",
        "case.organisation_unknown",
        "transfer.sides",
    ]
    outside = {"scope": TransferScope.FROM_OUTSIDE, "from_name": "Школа № 5"}
    assert "transfer.enrolled_already" in codes(request(region, person_id, **outside))


def test_all_that_is_wrong_with_a_step_is_told(region: Engine) -> None:
    case = received(region, 1)
    wrong = move(
        region,
        case,
        "enrol",
        LEFT,
        enrolment=terms(LEFT, HERE_5, form_code="99", programme_code="411"),
        expulsion=order(CAME),
        to_name="Школа",
        expected_version=1,
    )
    assert codes(wrong) == [
        "transfer.receiver_settled",
        "case.changed_since",
        "enrolment.terms_extra",
        "enrolment.form_unknown",
        "enrolment.programme_unfit",
        "class.unknown",
    ]
    assert codes(move(region, case, "dance")) == ["transition.unknown_action"]
    assert codes(move(region, case, "notify_source")) == ["transition.not_allowed"]


def test_the_terms_of_an_enrolment(region: Engine) -> None:
    case = received(region, 1)

    def enrol(**changes: Any) -> list[str]:
        wrong = replace(terms(CAME, THERE_5), **changes)
        return codes(move(region, case, "enrol", enrolment=wrong))

    assert enrol(begins_on=LEFT) == ["enrolment.overlaps"]
    assert enrol(class_group_id=HERE_5) == ["class.unknown"]
    assert enrol(class_group_id=UUID(int=50)) == ["class.unknown"]
    assert enrol(order=order(date(2026, 2, 6), " ")) == ["order.number", "order.later"]
    assert codes(move(region, case, "enrol")) == [
        "transition.order_missing",
        "enrolment.terms_missing",
    ]


def test_an_expulsion_that_does_not_fit_the_enrolment(region: Engine) -> None:
    case = done(request(region, pupil(region, 1)[0]))

    def expel(day: date) -> list[str]:
        return codes(move(region, case, "expel", LEFT, expulsion=order(day)))

    assert expel(date(2025, 8, 31)) == ["order.before_enrolment"]
    assert expel(date(2026, 2, 5)) == ["order.later"]
    assert codes(move(region, case, "expel", LEFT)) == ["order.missing"]


def test_a_dry_run_leaves_nothing(region: Engine) -> None:
    case = received(region, 1)
    before = contents(region)
    with UnitOfWork(region) as work:
        command = MoveTransfer(case.id, "enrol", OFFICE, enrolment=terms(CAME, THERE_5))
        done(move_transfer(command, work.cases, on(CAME)))
    assert contents(region) == before


def test_two_transfers_of_one_person_at_once(region: Engine) -> None:
    person_id = pupil(region, 1)[0]

    def ask() -> Outcome:
        with UnitOfWork(region) as work:
            base = RequestTransfer(person_id, TransferScope.INSIDE, None, THERE, None, 5, FAMILY)
            outcome = request_transfer(base, work.cases, CLOCK)
            work.commit()
        return outcome

    outcomes = at_once(ask, ask)
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Refused"]
    (refused,) = (each for each in outcomes if type(each).__name__ == "Refused")
    assert codes(refused) == ["transfer.already_live"]


def test_the_last_seat_goes_to_one_of_two_at_once(region: Engine) -> None:
    cases = [received(region, number) for number in (1, 2)]

    def enrol(case: TransferCase) -> Outcome:
        with UnitOfWork(region) as work:
            command = MoveTransfer(case.id, "enrol", OFFICE, enrolment=terms(CAME, THERE_5))
            outcome = move_transfer(command, work.cases, on(CAME))
            work.commit()
        return outcome

    outcomes = at_once(*(lambda case=case: enrol(case) for case in cases))  # type: ignore[misc]
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Refused"]
    (refused,) = (each for each in outcomes if type(each).__name__ == "Refused")
    assert codes(refused) == ["transition.no_places", "class.full"]
    seats = [seat for seat in rows(region, class_placements) if seat["class_group_id"] == THERE_5]
    assert len(seats) == 1


def test_no_such_transfer(region: Engine) -> None:
    command = MoveTransfer(TransferId(UUID(int=9)), "expel", OFFICE)
    assert type(take(region, move_transfer, command)).__name__ == "Missing"
