"""Ranking an intake and offering its places on real databases, and its queue as it once was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.admission import Intake, explain_movement, load_policies, queue_position, replay
from registry.cases import MoveApplication, SubmitApplication, move_application, submit_application
from registry.cases.ranking import IntakeRanking, apply_ranking, rank_intake, to_lock
from registry.codes import PrivilegeRank
from registry.model import Application, ApplicationKind, Choice, Privilege
from store.tables import application_privileges, class_groups
from store.unit_of_work import UnitOfWork
from tests.integration.store.cases import (
    CLOCK,
    FAMILY,
    HERE,
    LONG_AGO,
    OFFICE,
    SYSTEM,
    THERE,
    at_once,
    child,
    contents,
    declaring,
    done,
    insert,
    make_region,
    on,
    rows,
    take,
)
from tests.integration.store.test_admissions import quota
from tests.integration.store.test_tables import CLASS

DAY = date(2026, 7, 1)
POLICIES = load_policies()
POLICY = POLICIES.in_force(ApplicationKind.SCHOOL, DAY)
INTAKE = Intake(HERE, 2026, 1)


@pytest.fixture
def region(engine: Engine) -> Engine:
    return make_region(engine)


def apply(
    engine: Engine,
    number: int,
    day: int = 1,
    *,
    to: Sequence[Any] = (HERE,),
    rank: PrivilegeRank | None = None,
    ready: bool = True,
) -> Application:
    """An application of a day in April, checked and ready to be offered a place."""
    right = Privilege("sibling", rank, True, date(2026, 1, 1), None) if rank else None
    command = SubmitApplication(
        kind=ApplicationKind.SCHOOL,
        person_id=child(engine, number, birth_date=date(2019, 3, 1)),
        applicant_id=None,
        school_year=2026,
        parallel=1,
        submitted_at=datetime(2026, 4, day, 6, tzinfo=UTC),
        desired_on=None,
        choices=tuple(Choice(place, each, None, True) for place, each in enumerate(to, 1)),
        privileges=() if right is None else (right,),
        step=FAMILY,
    )
    clock = on(date(2026, 4, day))
    case: Application = done(take(engine, submit_application, command, clock))
    if ready:
        complete = declaring(OFFICE, documents_complete=True)
        for action, step, hour in (("start_check", OFFICE, 10), ("rank", complete, 11)):
            later = on(date(2026, 4, day), hour)
            move = MoveApplication(case.id, action, step)
            case = done(take(engine, move_application, move, later))
    return case


def ranked(engine: Engine, *, keep: bool = False, intake: Intake = INTAKE) -> IntakeRanking:
    """The ranking of the day; with `keep` its steps are taken."""
    clock = on(DAY)
    with UnitOfWork(engine) as work:
        found = rank_intake(intake, POLICY, work.case_queries, clock)
        if keep:
            work.cases.lock_applications(to_lock(found))
            found = apply_ranking(found, SYSTEM, work.cases, clock)
            work.commit()
    return found


def told(found: IntakeRanking) -> list[tuple[int, str | None, bool]]:
    return [
        (each.ranked.application.person_id.int, each.action, each.elsewhere)
        for each in found.standings
    ]


def test_places_are_offered_in_order_and_the_rest_wait(region: Engine) -> None:
    quota(region, 1, 2)
    late, early = apply(region, 1, 3), apply(region, 2, 2)
    sibling = apply(region, 3, 5, rank=PrivilegeRank.PREFERENTIAL)
    unready = apply(region, 4, 1, ready=False)
    before = contents(region)
    found = ranked(region)
    assert told(found) == [
        (3, "offer", False),
        (4, None, False),
        (2, "offer", False),
        (1, "wait", False),
    ]
    assert contents(region) == before
    kept = ranked(region, keep=True)
    assert [each.taken for each in kept.standings] == [True, False, True, True]
    with UnitOfWork(region) as work:
        cases = [work.case_queries.application(each.id) for each in (late, early, sibling, unready)]
        states = {case.id: (case.state, case.offered_id) for case in cases if case is not None}
    assert states == {
        late.id: ("waiting", None),
        early.id: ("offered", HERE),
        sibling.id: ("offered", HERE),
        unready.id: ("registered", None),
    }
    # Once more there is nothing to do.
    assert {each.action for each in ranked(region).standings} == {None}
    event = _events(region, early)[-1]
    assert (event.actor, event.cause, event.action) == (SYSTEM.actor, SYSTEM.cause, "offer")


def _events(engine: Engine, case: Application) -> list[Any]:
    with UnitOfWork(engine, read_only=True) as work:
        return work.case_queries.events(case.id)


def test_a_freed_place_goes_to_who_waits(region: Engine) -> None:
    quota(region, 1, 1)
    first, second = apply(region, 1, 1), apply(region, 2, 2)
    ranked(region, keep=True)
    done(take(region, move_application, MoveApplication(first.id, "withdraw", FAMILY), on(DAY)))
    assert told(ranked(region, keep=True)) == [(2, "offer_freed", False)]
    assert done(
        take(region, move_application, MoveApplication(second.id, "withdraw", FAMILY), on(DAY))
    )


def test_who_is_offered_a_more_wanted_place_takes_none_here(region: Engine) -> None:
    quota(region, 1, 1)
    quota(region, 2, 1, organisation=THERE)
    apply(region, 1, 1, to=(THERE, HERE))
    apply(region, 2, 2)
    assert told(ranked(region)) == [(1, None, True), (2, "offer", False)]
    there = replace(INTAKE, organisation_id=THERE)
    assert told(ranked(region, intake=there)) == [(1, "offer", False)]


def test_reserved_places_and_those_held_from_them(region: Engine) -> None:
    quota(region, 1, 1)
    quota(region, 2, 1, group="special")
    apply(region, 1, 1, rank=PrivilegeRank.FIRST)
    assert told(ranked(region, keep=True)) == [(1, "offer", False)]
    apply(region, 2, 2, rank=PrivilegeRank.FIRST)
    apply(region, 3, 3)
    assert told(ranked(region)) == [(2, "offer", False), (3, "wait", False)]


def test_seats_of_classes_count_where_there_are_no_quotas(region: Engine) -> None:
    first = {**CLASS, "id": UUID(int=70), "parallel": 1, "school_year": 2026, "capacity": 1}
    insert(region, class_groups, {**first, "recorded_at": LONG_AGO})
    apply(region, 1, 1)
    assert told(ranked(region, keep=True)) == [(1, "offer", False)]
    apply(region, 2, 2)
    assert told(ranked(region)) == [(2, "wait", False)]


def test_a_ranking_that_is_out_of_date_takes_no_step(region: Engine) -> None:
    quota(region, 1, 1)
    case = apply(region, 1, 1)
    stale = ranked(region)
    done(take(region, move_application, MoveApplication(case.id, "offer", OFFICE), on(DAY)))
    before = contents(region)
    with UnitOfWork(region) as work:
        found = apply_ranking(stale, SYSTEM, work.cases, on(DAY))
        work.commit()
    (standing,) = found.standings
    assert not standing.taken
    assert "case.changed_since" in {each.code for each in standing.problems}
    assert contents(region) == before


def test_a_queue_as_it_was_and_why_it_moved(region: Engine) -> None:
    quota(region, 1, 1)
    apply(region, 1, 1)
    mine = apply(region, 2, 2)
    apply(region, 3, 5, rank=PrivilegeRank.PREFERENTIAL)
    ranked(region, keep=True)
    with UnitOfWork(region, read_only=True) as work:
        history = work.queues.history(
            ApplicationKind.SCHOOL,
            INTAKE,
            POLICIES,
            CLOCK.zone,
            queue_states=POLICY.queue_states,
        )

    def position(moment: datetime) -> tuple[int, int] | None:
        found = queue_position(replay(history, moment).ranking, mine.id)
        return None if found is None else (found.position, found.total)

    assert position(datetime(2026, 4, 2, 5, tzinfo=UTC)) is None
    assert position(datetime(2026, 4, 2, 12, tzinfo=UTC)) == (2, 2)
    assert position(datetime(2026, 4, 5, 12, tzinfo=UTC)) == (3, 3)
    assert position(datetime(2026, 7, 2, tzinfo=UTC)) == (2, 2)
    then, now = (replay(history, datetime(2026, *day, 12, tzinfo=UTC)) for day in ((4, 2), (7, 2)))
    movement = explain_movement(then, now, mine.id)
    assert [(cause.kind.value, cause.delta, cause.day) for cause in movement.causes] == [
        ("new_privileged", 1, date(2026, 4, 5)),
        ("offered", -1, DAY),
    ]


def test_a_right_that_is_confirmed_later_is_in_the_history(region: Engine) -> None:
    apply(region, 1, 1)
    mine = apply(region, 2, 2, rank=PrivilegeRank.FIRST)
    table = application_privileges
    with region.execution_options(store_writing=True).begin() as connection:
        changes = {
            "confirmed": False,
            "version": 2,
            "recorded_at": datetime(2026, 5, 1, tzinfo=UTC),
        }
        connection.execute(table.update().values(**changes))
    assert len(rows(region, table)) == 1
    with UnitOfWork(region, read_only=True) as work:
        history = work.queues.history(
            ApplicationKind.SCHOOL,
            INTAKE,
            POLICIES,
            CLOCK.zone,
            queue_states=POLICY.queue_states,
        )
    april, may = (
        queue_position(replay(history, datetime(2026, month, 10, tzinfo=UTC)).ranking, mine.id)
        for month in (4, 5)
    )
    assert april is not None
    assert may is not None
    assert (april.position, may.position) == (1, 2)


def test_two_rankings_at_once_offer_a_place_once(region: Engine) -> None:
    quota(region, 1, 1)
    apply(region, 1, 1)
    apply(region, 2, 2)

    def run() -> Any:
        return ranked(region, keep=True)

    outcomes: list[Any] = at_once(run, run)
    taken = [each for found in outcomes for each in found.standings if each.taken]
    assert sorted(each.action or "" for each in taken) == ["offer", "wait"]
