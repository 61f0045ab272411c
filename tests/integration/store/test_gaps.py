"""The gap watch and overdue steps on real databases."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.cases import MoveTransfer, RequestTransfer, move_transfer, request_transfer
from registry.gaps import Gap, GapKind
from registry.identifiers import PersonId
from registry.model import TransferCase, TransferScope
from store.tables import addresses, certificates, enrolments
from store.unit_of_work import UnitOfWork
from tests.integration.store.cases import (
    CLOCK,
    FAMILY,
    HERE,
    LONG_AGO,
    OFFICE,
    THERE,
    child,
    declaring,
    done,
    insert,
    make_region,
    on,
    order,
    pupil,
    take,
)
from tests.integration.store.test_tables import ENROLMENT

TODAY = date(2026, 3, 16)
LEFT = date(2026, 2, 4)


@pytest.fixture
def region(engine: Engine) -> Engine:
    return make_region(engine)


def gaps(engine: Engine, today: date = TODAY, **which: Any) -> list[Gap]:
    with UnitOfWork(engine, read_only=True) as work:
        return work.gaps.find(today, CLOCK.zone, **which)


def kinds(engine: Engine, today: date = TODAY, **which: Any) -> list[tuple[str, PersonId, date]]:
    return [(gap.kind.value, gap.person_id, gap.since) for gap in gaps(engine, today, **which)]


def lives(engine: Engine, person_id: PersonId, **changes: Any) -> None:
    row = {
        "id": UUID(int=person_id.int),
        "person_id": person_id,
        "kind": "registration",
        "text": "Улица, 1",
        "oktmo": "46701000",
        "begins_on": date(2020, 1, 1),
        "ends_on": None,
        "recorded_at": LONG_AGO,
    }
    insert(engine, addresses, {**row, **changes})


def transfer(engine: Engine, number: int, *actions: str, **changes: Any) -> TransferCase:
    """A transfer expelled in February, and as many steps more."""
    base = RequestTransfer(
        pupil(engine, number)[0], TransferScope.INSIDE, None, THERE, None, 5, FAMILY
    )
    request = replace(base, **changes)
    case: TransferCase = done(take(engine, request_transfer, request, on(LEFT)))
    told = declaring(OFFICE, documents_complete=True, moving_away=True)
    for action in actions:
        expulsion = order(LEFT) if action.startswith("expel") else None
        command = MoveTransfer(case.id, action, told, expulsion=expulsion)
        case = done(take(engine, move_transfer, command, on(LEFT)))
    return case


def test_a_pupil_on_the_way_for_too_long(region: Engine) -> None:
    case = transfer(region, 1, "expel")
    assert gaps(region, date(2026, 2, 13)) == []
    assert gaps(region) == [
        Gap(GapKind.TRANSFER_NOT_ACKNOWLEDGED, LEFT, case.person_id, HERE, case.id)
    ]
    # Those who wait for an order of three working days are late sooner, and others to ask.
    later = transfer(region, 2, "expel", "issue_documents", "receive")
    (gap,) = gaps(region, date(2026, 2, 12))
    assert (gap.person_id, gap.organisation_id) == (later.person_id, THERE)
    assert gap.clause.startswith("приказ № 240")


def test_a_transfer_that_is_only_asked_for_is_no_gap(region: Engine) -> None:
    transfer(region, 1)
    assert gaps(region) == []


def test_moved_away_and_nobody_has_heard(region: Engine) -> None:
    away = {"scope": TransferScope.TO_OUTSIDE, "to_id": None}
    case = transfer(region, 1, "expel_moving", **away)
    assert gaps(region, date(2026, 3, 6)) == []
    assert gaps(region) == [Gap(GapKind.NO_ARRIVAL, LEFT, case.person_id, HERE, case.id)]


@pytest.mark.parametrize("reason", [None, "transfer.region", "wish", "как сообщил источник"])
def test_left_and_did_not_arrive(region: Engine, reason: str | None) -> None:
    person_id = pupil(region, 1, ends_on=LEFT, exit_reason=reason)[0]
    assert kinds(region) == [("no_arrival", person_id, LEFT)]
    assert gaps(region)[0].organisation_id == HERE
    assert gaps(region, date(2026, 2, 10)) == []
    assert gaps(region, kind=GapKind.NOT_ENROLLED) == []


@pytest.mark.parametrize("reason", ["finished.basic", "transfer.abroad", "death"])
def test_left_for_a_reason_that_settles_it(region: Engine, reason: str) -> None:
    pupil(region, 1, ends_on=LEFT, exit_reason=reason)
    assert gaps(region) == []


def test_who_arrived_or_finished_or_grew_up_is_no_gap(region: Engine) -> None:
    arrived = pupil(region, 1, ends_on=LEFT)[0]
    study = {**ENROLMENT, "id": UUID(int=50), "person_id": arrived, "organisation_id": THERE}
    insert(region, enrolments, {**study, "begins_on": date(2026, 2, 10)})
    finished = pupil(region, 2, ends_on=LEFT)[0]
    certificate = {
        "id": UUID(int=2),
        "person_id": finished,
        "organisation_id": HERE,
        "type_code": "12",
        "number_index": b"n" * 16,
        "number_sealed": b"sealed",
        "issued_on": date(2026, 1, 20),
        "with_honours": False,
        "recorded_at": LONG_AGO,
    }
    insert(region, certificates, certificate)
    grown = child(region, 3, birth_date=date(2008, 3, 16))
    insert(
        region, enrolments, {**ENROLMENT, "id": UUID(int=51), "person_id": grown, "ends_on": LEFT}
    )
    merged = child(region, 4, merged_into=arrived)
    insert(
        region, enrolments, {**ENROLMENT, "id": UUID(int=52), "person_id": merged, "ends_on": LEFT}
    )
    assert gaps(region) == []


def test_lives_here_and_studies_nowhere(region: Engine) -> None:
    seven = child(region, 1, birth_date=date(2018, 9, 1))
    lives(region, seven)
    six = child(region, 2, birth_date=date(2018, 9, 2))
    lives(region, six)
    grown = child(region, 3, birth_date=date(2007, 9, 1))
    lives(region, grown)
    seventeen = child(region, 4, birth_date=date(2007, 9, 2))
    lives(region, seventeen)
    gone = child(region, 5)
    lives(region, gone, ends_on=date(2026, 1, 1))
    child(region, 6)
    enrolled = pupil(region, 7)[0]
    lives(region, enrolled)
    visitor = child(region, 8)
    lives(region, visitor, kind="stay")
    merged = child(region, 9, merged_into=seven)
    lives(region, merged)
    circle = pupil(region, 10, programme_code="411")[0]
    lives(region, circle, begins_on=date(2025, 12, 1))
    assert kinds(region) == [
        ("not_enrolled", seventeen, date(2020, 1, 1)),
        ("not_enrolled", seven, date(2025, 9, 1)),
        ("not_enrolled", circle, date(2025, 12, 1)),
    ]
    assert kinds(region, oktmo="45") == []
    assert len(kinds(region, oktmo="4670")) == 3
    assert kinds(region, kind=GapKind.NO_ARRIVAL) == []


def test_overdue_steps(region: Engine) -> None:
    case = transfer(region, 1)
    transfer(region, 2, "expel")
    with UnitOfWork(region, read_only=True) as work:
        assert work.case_queries.overdue(case.due_on or TODAY) == []
        (late,) = work.case_queries.overdue(TODAY)
    assert (late.case_id, late.due_on, late.whose) == (case.id, case.due_on, OFFICE.actor)
