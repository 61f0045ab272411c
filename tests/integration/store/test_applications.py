"""Applications on real databases: from the portal to the class, and who gets the last place."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, select

from registry.calendar import WorkingCalendar
from registry.cases import (
    Done,
    EnrolmentTerms,
    MoveApplication,
    Refused,
    Step,
    SubmitApplication,
    move_application,
    submit_application,
)
from registry.cases.clock import RegionClock
from registry.cases.commands import OrderTerms
from registry.identifiers import ClassGroupId, OrganisationId, PersonId
from registry.model import Application, ApplicationKind, Choice, Declared
from registry.procedures.states import Actor
from store.tables import (
    applications,
    case_events,
    class_groups,
    class_placements,
    enrolments,
    organisations,
    persons,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.test_tables import CLASS, NAMELESS, SCHOOL, insert

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
CLOCK = RegionClock(NOW, ZoneInfo("Europe/Moscow"), WorkingCalendar())
SUMMER = RegionClock(datetime(2026, 7, 1, 9, 0, tzinfo=UTC), CLOCK.zone, CLOCK.calendar)
HERE = OrganisationId(UUID(int=1))
GROUP = ClassGroupId(UUID(int=1))
BIRTH = date(2019, 3, 1)
FAMILY = Step(actor=Actor.PORTAL, cause="message 1")
OFFICE = Step(actor=Actor.ORGANISATION, cause="operator")


def child(engine: Engine, number: int) -> PersonId:
    person = {**NAMELESS, "id": UUID(int=number), "birth_date": BIRTH, "recorded_at": NOW}
    insert(engine, persons, person)
    return PersonId(UUID(int=number))


@pytest.fixture
def school(engine: Engine) -> Engine:
    insert(engine, organisations, SCHOOL)
    group = {**CLASS, "parallel": 1, "school_year": 2026, "capacity": 1}
    insert(engine, class_groups, group)
    return engine


def asked(person_id: PersonId) -> SubmitApplication:
    return SubmitApplication(
        kind=ApplicationKind.SCHOOL,
        person_id=person_id,
        applicant_id=None,
        school_year=2026,
        parallel=1,
        submitted_at=NOW,
        desired_on=None,
        choices=(Choice(1, HERE, None, territory=True),),
        privileges=(),
        step=FAMILY,
    )


def submit(engine: Engine, command: SubmitApplication) -> Done[Application] | Refused:
    with UnitOfWork(engine) as work:
        outcome = submit_application(command, work.cases, CLOCK)
        if isinstance(outcome, Done):
            work.commit()
    return outcome


def move(engine: Engine, command: MoveApplication, clock: RegionClock = CLOCK) -> object:
    with UnitOfWork(engine) as work:
        outcome = move_application(command, work.cases, clock)
        if isinstance(outcome, Done):
            work.commit()
    return outcome


def offered(engine: Engine, number: int) -> Application:
    """An application with a place offered, were there any."""
    made = submit(engine, asked(child(engine, number)))
    assert isinstance(made, Done), made
    case = made.case
    complete = replace(OFFICE, declared=Declared(documents_complete=True))
    for action, step in (("start_check", OFFICE), ("rank", complete)):
        outcome = move(engine, MoveApplication(case.id, action, step))
        assert isinstance(outcome, Done), outcome
        case = outcome.case
    return case


TERMS = EnrolmentTerms(
    order=OrderTerms("17-з", date(2026, 7, 1)),
    begins_on=date(2026, 9, 1),
    class_group_id=GROUP,
    form_code="11",
    programme_code="12",
)


def codes(outcome: object) -> list[str]:
    assert isinstance(outcome, Refused), outcome
    return [problem.code for problem in outcome.problems]


def test_from_the_portal_to_the_class(school: Engine) -> None:
    case = offered(school, 1)
    move(school, MoveApplication(case.id, "offer", OFFICE))
    outcome = move(school, MoveApplication(case.id, "enrol", OFFICE, enrolment=TERMS), SUMMER)
    assert isinstance(outcome, Done), outcome
    with school.connect() as connection:
        events = connection.execute(
            select(case_events.c.action, case_events.c.to_state).order_by(case_events.c.sequence)
        ).all()
        assert [tuple(event) for event in events] == [
            ("submit", "draft"),
            ("register", "registered"),
            ("start_check", "checking"),
            ("rank", "ranked"),
            ("offer", "offered"),
            ("enrol", "enrolled"),
        ]
        (study,) = connection.execute(select(enrolments)).mappings()
        assert (study["begins_on"], study["entry_reason"]) == (
            date(2026, 9, 1),
            "admission.class_1",
        )
        (seat,) = connection.execute(select(class_placements)).mappings()
        assert seat["class_group_id"] == GROUP
        assert connection.execute(select(applications.c.live)).scalar_one() is False


def test_one_live_application_of_a_child_year_and_organisation(school: Engine) -> None:
    person_id = child(school, 1)
    assert isinstance(submit(school, asked(person_id)), Done)
    assert codes(submit(school, asked(person_id))) == ["application.already_live"]
    next_year = replace(asked(person_id), school_year=2027)
    assert "application.already_live" not in codes(submit(school, next_year))


def test_all_that_stands_in_the_way_is_told_and_nothing_is_kept(school: Engine) -> None:
    nowhere = Choice(1, OrganisationId(UUID(int=9)), None, territory=False)
    command = replace(
        asked(child(school, 1)),
        choices=(nowhere, nowhere),
        submitted_at=datetime(2026, 5, 1, tzinfo=UTC),
        parallel=15,
    )
    assert set(codes(submit(school, command))) >= {
        "application.submitted_later",
        "case.organisation_unknown",
        "application.choice_repeated",
        "application.choice_priority",
        "application.parallel",
    }
    with school.connect() as connection:
        for table in (applications, case_events):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_the_last_place_is_offered_to_one_of_two_at_once(school: Engine) -> None:
    cases = [offered(school, number) for number in (1, 2)]
    outcomes: list[object] = []
    together = threading.Barrier(2)

    def take(case: Application) -> None:
        together.wait(10)
        outcomes.append(move(school, MoveApplication(case.id, "offer", OFFICE)))

    threads = [threading.Thread(target=take, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Refused"]
    (refused,) = [each for each in outcomes if isinstance(each, Refused)]
    assert codes(refused) == ["transition.no_places"]


def test_two_at_once_apply_for_one_child(school: Engine) -> None:
    person_id = child(school, 1)
    outcomes: list[object] = []
    together = threading.Barrier(2)

    def apply() -> None:
        together.wait(10)
        outcomes.append(submit(school, asked(person_id)))

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Refused"]


def test_a_case_that_changed_since_it_was_read_is_left_alone(school: Engine) -> None:
    case = offered(school, 1)
    stale = MoveApplication(case.id, "offer", OFFICE, expected_version=case.version - 1)
    assert codes(move(school, stale)) == ["case.changed_since"]
