"""Admissions other than to schools on real databases: kindergartens, colleges, circles."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from registry.cases import MoveApplication, SubmitApplication, move_application, submit_application
from registry.identifiers import OrganisationId, PersonId
from registry.model import Application, ApplicationKind, Choice
from registry.procedures.portal_codes import portal_code
from registry.procedures.states import KindergartenState
from store.tables import application_choices, class_placements, enrolments, place_quotas
from tests.integration.store.cases import (
    AUTHORITY,
    FAMILY,
    HERE,
    LONG_AGO,
    OFFICE,
    THERE,
    Outcome,
    child,
    codes,
    declaring,
    done,
    insert,
    make_region,
    on,
    rows,
    take,
    terms,
)

JOINER, COOK = "08.01.24", "43.01.09"


@pytest.fixture
def region(engine: Engine) -> Engine:
    return make_region(engine)


def quota(
    engine: Engine,
    number: int,
    places: int,
    *,
    year: int = 2026,
    parallel: int = 1,
    programme: str = "",
    organisation: OrganisationId = HERE,
    group: str = "general",
) -> None:
    row = {
        "id": UUID(int=number),
        "organisation_id": organisation,
        "school_year": year,
        "parallel": parallel,
        "programme_code": programme,
        "quota_group": group,
        "places": places,
        "recorded_at": LONG_AGO,
    }
    insert(engine, place_quotas, row)


def submit(
    engine: Engine, kind: ApplicationKind, person_id: PersonId, day: date, **changes: Any
) -> Outcome:
    command = SubmitApplication(
        kind=kind,
        person_id=person_id,
        applicant_id=None,
        school_year=2026,
        parallel=1,
        submitted_at=datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
        desired_on=None,
        choices=(Choice(1, HERE, None, territory=False),),
        privileges=(),
        step=FAMILY,
    )
    return take(engine, submit_application, replace(command, **changes), on(day))


def move(
    engine: Engine, case: Application, action: str, day: date, step: Any = OFFICE, **more: Any
) -> Outcome:
    return take(engine, move_application, MoveApplication(case.id, action, step, **more), on(day))


def code_of(case: Application, day: date) -> int | None:
    state = KindergartenState(case.state)
    return portal_code(state, desired_on=case.desired_on, today=day)


def test_kindergarten(region: Engine) -> None:
    """Portal codes follow the day: a queued application is 140 until its place is wanted."""
    quota(region, 1, 1)
    day, wanted = date(2026, 3, 2), date(2026, 9, 1)
    small = child(region, 1, birth_date=date(2024, 1, 1))
    kind = ApplicationKind.KINDERGARTEN
    case = done(submit(region, kind, small, day, desired_on=wanted))
    shown = [code_of(case, day)]
    for action, step in (
        ("start_review", OFFICE),
        ("ask_documents", replace(OFFICE, reason="documents_incomplete")),
        ("confirm_documents", declaring(OFFICE, documents_complete=True)),
        ("accept", OFFICE),
    ):
        case = done(move(region, case, action, day, step))
        shown.append(code_of(case, day))
    assert shown == [110, 120, 130, 120, 140]
    assert code_of(case, wanted) == 160
    assert codes(move(region, case, "offer", day, AUTHORITY)) == ["transition.before_desired_date"]
    case = done(move(region, case, "offer", wanted, AUTHORITY))
    assert (code_of(case, wanted), case.offered_id) == (190, HERE)
    case = done(move(region, case, "agree", wanted, FAMILY))
    case = done(move(region, case, "confirm_consent", wanted))
    begins = terms(wanted, None, programme_code="11")
    assert codes(move(region, case, "enrol", wanted, enrolment=begins)) == [
        "transition.contract_missing"
    ]
    signed = declaring(OFFICE, contract_on=wanted)
    school = replace(begins, programme_code="12")
    assert codes(move(region, case, "enrol", wanted, signed, enrolment=school)) == [
        "enrolment.programme_unfit"
    ]
    case = done(move(region, case, "enrol", wanted, signed, enrolment=begins))
    assert code_of(case, wanted) == 250
    (study,) = rows(region, enrolments)
    assert (study["begins_on"], study["entry_reason"]) == (wanted, "admission.kindergarten")


def test_a_declined_place_is_free_again(region: Engine) -> None:
    quota(region, 1, 1)
    day = date(2026, 9, 1)
    kind = ApplicationKind.KINDERGARTEN
    cases = []
    for number in (1, 2):
        small = child(region, number, birth_date=date(2024, 1, 1))
        case = done(submit(region, kind, small, day, desired_on=day))
        case = done(move(region, case, "start_review", day))
        complete = declaring(OFFICE, documents_complete=True)
        cases.append(done(move(region, case, "accept", day, complete)))
    one, other = cases
    done(move(region, one, "offer", day, AUTHORITY))
    assert codes(move(region, other, "offer", day, AUTHORITY)) == ["transition.no_places"]
    one = done(move(region, one, "decline", day, FAMILY))
    assert (one.state, one.offered_id) == ("suspended_declined", None)
    done(move(region, other, "offer", day, AUTHORITY))


def college(engine: Engine, number: int, day: date = date(2026, 7, 1), **changes: Any) -> Outcome:
    """An application for two specialities of one college, with its average."""
    both = (
        Choice(1, HERE, JOINER, territory=False),
        Choice(2, HERE, COOK, territory=False),
    )
    young = child(engine, number, birth_date=date(2010, 1, 1))
    values: dict[str, Any] = {"choices": both, "average": 4.25, **changes}
    return submit(engine, ApplicationKind.COLLEGE, young, day, **values)


def ranked(engine: Engine, number: int) -> Application:
    day = date(2026, 7, 1)
    case = done(college(engine, number))
    done(move(engine, case, "start_check", day))
    complete = declaring(OFFICE, documents_complete=True)
    ranked_case: Application = done(move(engine, case, "rank", day, complete))
    return ranked_case


def test_college_by_average_and_originals(region: Engine) -> None:
    quota(region, 1, 1, programme=JOINER)
    quota(region, 2, 1, programme=COOK)
    day = date(2026, 8, 16)
    assert codes(college(region, 1, average=None)) == ["application.average_missing"]
    case = done(move(region, ranked(region, 2), "recommend", day))
    assert (case.due_on, case.offered_programme) == (date(2026, 8, 25), JOINER)
    assert codes(move(region, case, "give_originals", day, FAMILY)) == [
        "transition.originals_missing"
    ]
    late = date(2026, 8, 26)
    given = {"step": FAMILY, "originals_on": late}
    assert codes(move(region, case, "give_originals", late, **given)) == [
        "transition.originals_missing"
    ]
    case = done(move(region, case, "give_originals", day, FAMILY, originals_on=day))
    begins = replace(terms(day, None, programme_code="212"), begins_on=date(2026, 9, 1))
    elsewhere = {"enrolment": begins, "programme_code": COOK}
    assert codes(move(region, case, "enrol", day, **elsewhere)) == ["application.offered_elsewhere"]
    case = done(move(region, case, "enrol", day, enrolment=begins))
    assert (case.state, case.offered_programme) == ("enrolled", JOINER)
    assert rows(region, enrolments)[0]["entry_reason"] == "admission.college"


def test_places_of_two_specialities_are_told_apart(region: Engine) -> None:
    quota(region, 1, 1, programme=JOINER)
    quota(region, 2, 1, programme=COOK)
    day = date(2026, 8, 16)
    one, other, third = (ranked(region, number) for number in (1, 2, 3))
    done(move(region, one, "recommend", day))
    assert codes(move(region, other, "recommend", day)) == ["transition.no_places"]
    other = done(move(region, other, "recommend", day, programme_code=COOK))
    assert other.offered_programme == COOK
    assert codes(move(region, third, "recommend", day, programme_code=COOK)) == [
        "transition.no_places"
    ]
    assert codes(move(region, third, "recommend", day, organisation_id=THERE)) == [
        "application.not_chosen",
        "transition.no_places",
    ]


def test_a_college_goes_on_while_places_are_left(region: Engine) -> None:
    autumn = date(2026, 10, 5)
    assert codes(college(region, 1, autumn)) == ["application.out_of_window"]
    quota(region, 1, 1, programme=COOK)
    case = done(college(region, 2, autumn))
    done(move(region, case, "start_check", autumn))
    complete = declaring(OFFICE, documents_complete=True)
    done(move(region, case, "rank", autumn, complete))
    case = done(move(region, case, "recommend", autumn, programme_code=COOK))
    assert case.due_on == date(2026, 11, 25)


def test_several_circles_of_one_organisation(region: Engine) -> None:
    """Each has an application, places and an enrolment of its own, beside the school."""
    quota(region, 1, 1, programme="chess")
    quota(region, 2, 1, programme="choir")
    day = date(2026, 9, 7)
    person_id = child(region, 1)
    kind = ApplicationKind.ADDITIONAL
    for programme, form in (("chess", "411"), ("choir", "411")):
        named = {"choices": (Choice(1, HERE, programme, territory=False),)}
        case = done(submit(region, kind, person_id, day, **named))
        again = submit(region, kind, person_id, day, **named)
        assert codes(again) == ["application.already_live"]
        done(move(region, case, "start_check", day))
        case = done(move(region, case, "accept", day, declaring(OFFICE, documents_complete=True)))
        assert case.offered_programme == programme
        signed = declaring(OFFICE, contract_on=day)
        begins = terms(day, None, programme_code=form)
        done(move(region, case, "enrol", day, signed, enrolment=begins))
    assert [each["programme_code"] for each in rows(region, enrolments, "programme_code")] == [
        "411",
        "411",
    ]
    assert rows(region, class_placements) == []
    assert {each["live"] for each in rows(region, application_choices)} == {False}


def test_a_school_is_named_once(region: Engine) -> None:
    twice = (
        Choice(1, HERE, "12", territory=True),
        Choice(2, HERE, "15", territory=True),
    )
    day = date(2026, 4, 2)
    six = child(region, 1, birth_date=date(2019, 3, 1))
    outcome = submit(region, ApplicationKind.SCHOOL, six, day, choices=twice)
    assert codes(outcome) == ["application.choice_repeated"]
