"""A region of schools in which cases are taken through their steps, and a look at everything."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from registry.calendar import WorkingCalendar
from registry.cases import (
    Done,
    EnrolmentTerms,
    Missing,
    Refused,
    Step,
)
from registry.cases.clock import RegionClock
from registry.cases.commands import OrderTerms
from registry.cases.ports import CaseStore
from registry.identifiers import ClassGroupId, EnrolmentId, OrganisationId, PersonId
from registry.model import Declared
from registry.procedures.states import Actor
from store.engine import WRITING
from store.tables import (
    class_groups,
    class_placements,
    enrolments,
    metadata,
    organisations,
    persons,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.test_tables import CLASS, ENROLMENT, NAMELESS, PLACEMENT, SCHOOL

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
CLOCK = RegionClock(NOW, ZoneInfo("Europe/Moscow"), WorkingCalendar())
LONG_AGO = datetime(2025, 9, 1, tzinfo=UTC)
HERE, THERE, NEAR = (OrganisationId(UUID(int=number)) for number in (1, 2, 3))
NOWHERE = OrganisationId(UUID(int=99))
# Parallel 5 of the year that goes on, and of the next one parallel 6 and parallel 5.
HERE_5, THERE_5, HERE_6, HERE_5_NEXT = (ClassGroupId(UUID(int=number)) for number in (1, 2, 3, 4))
OFFICE = Step(actor=Actor.ORGANISATION, cause="operator test")
AUTHORITY = Step(actor=Actor.AUTHORITY, cause="operator test")
SYSTEM = Step(actor=Actor.SYSTEM, cause="operator test")
FAMILY = Step(actor=Actor.PORTAL, cause="message 1")


def on(day: date, hour: int = 9) -> RegionClock:
    """The region's clock on a day."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return replace(CLOCK, now=moment)


def insert(engine: Engine, table: Any, *rows: dict[str, Any]) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(table.insert(), list(rows))


def child(engine: Engine, number: int, **changes: Any) -> PersonId:
    """A person born in 2014 whom nobody else is."""
    row = {**NAMELESS, "id": UUID(int=number), "birth_date": date(2014, 5, 1)}
    insert(engine, persons, {**row, "recorded_at": LONG_AGO, **changes})
    return PersonId(UUID(int=number))


def pupil(engine: Engine, number: int, **changes: Any) -> tuple[PersonId, EnrolmentId]:
    """A child enrolled in the first school since September, and seated in its class 5."""
    person_id, enrolment_id = child(engine, number), EnrolmentId(UUID(int=number))
    study = {**ENROLMENT, "id": enrolment_id, "person_id": person_id, "recorded_at": LONG_AGO}
    insert(engine, enrolments, {**study, "begins_on": date(2025, 9, 1), **changes})
    seat = {**PLACEMENT, "id": UUID(int=number), "enrolment_id": enrolment_id}
    begun = {"begins_on": date(2025, 9, 1), "ends_on": changes.get("ends_on")}
    insert(engine, class_placements, {**seat, **begun, "recorded_at": LONG_AGO})
    return person_id, enrolment_id


def make_region(engine: Engine) -> Engine:
    """Three schools, the third in the municipality of the first; each class has one seat."""
    codes = {HERE: "46701000", THERE: "46702000", NEAR: "46701000"}
    insert(engine, organisations, *({**SCHOOL, "id": key, "oktmo": codes[key]} for key in codes))
    base = {**CLASS, "capacity": 1, "school_year": 2025, "recorded_at": LONG_AGO}
    insert(
        engine,
        class_groups,
        {**base, "id": HERE_5, "capacity": 10},
        {**base, "id": THERE_5, "organisation_id": THERE},
        {**base, "id": HERE_6, "parallel": 6, "school_year": 2026},
        {**base, "id": HERE_5_NEXT, "school_year": 2026},
    )
    return engine


Outcome = Done[Any] | Refused | Missing


def take(
    engine: Engine,
    use_case: Callable[[Any, CaseStore, RegionClock], Outcome],
    command: Any,
    clock: RegionClock = CLOCK,
) -> Outcome:
    """Take a step and keep it; of a refused one nothing is kept, as everything is compared."""
    before = contents(engine)
    with UnitOfWork(engine) as work:
        outcome = use_case(command, work.cases, clock)
        # Also a refused step is committed here: it must have written nothing.
        work.commit()
    if not isinstance(outcome, Done):
        assert contents(engine) == before
    return outcome


def done(outcome: Outcome) -> Any:
    """The case of a step that was taken."""
    assert isinstance(outcome, Done), outcome
    return outcome.case


def codes(outcome: object) -> list[str]:
    """What a refused step was told."""
    assert isinstance(outcome, Refused), outcome
    return [problem.code for problem in outcome.problems]


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def rows(engine: Engine, table: Any, *order: str) -> list[dict[str, Any]]:
    """The rows of a table, in order of these columns."""
    statement = select(table).order_by(*(table.c[name] for name in order))
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def at_once(*actions: Callable[[], Outcome]) -> list[Outcome]:
    """What comes of actions that begin together, each in a thread and connection of its own."""
    outcomes: list[Outcome] = []
    together = threading.Barrier(len(actions))

    def run(action: Callable[[], Outcome]) -> None:
        together.wait(10)
        outcomes.append(action())

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == len(actions)
    return outcomes


def order(day: date, number: str = "17-з") -> OrderTerms:
    return OrderTerms(number, day)


def terms(begins_on: date, group: ClassGroupId | None, **changes: Any) -> EnrolmentTerms:
    """How a pupil of class 5 is enrolled."""
    base = EnrolmentTerms(
        order=order(begins_on),
        begins_on=begins_on,
        class_group_id=group,
        form_code="11",
        programme_code="13",
    )
    return replace(base, **changes)


def declaring(step: Step, **circumstances: Any) -> Step:
    """A step with these circumstances declared."""
    return replace(step, declared=Declared(**circumstances))
