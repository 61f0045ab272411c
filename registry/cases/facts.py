"""What the steps of an application depend on: what was declared, and what the register knows."""

from datetime import date
from typing import Any

from registry.cases.clock import RegionClock
from registry.cases.places import is_year
from registry.cases.ports import CasePerson
from registry.model import Application, ApplicationKind
from registry.procedures.additional import AdditionalFacts
from registry.procedures.ages import is_of_age
from registry.procedures.college import CollegeFacts
from registry.procedures.intake import college_intake, school_intake
from registry.procedures.kindergarten import KindergartenFacts
from registry.procedures.school_facts import SchoolFacts
from registry.procedures.windows import ApplicationFacts, is_foreigner, school_terms, school_window

_FIRST_CLASS = 1


def facts_for_check(
    application: Application, person: CasePerson, clock: RegionClock, *, places_free: int
) -> ApplicationFacts:
    """What `check_application` needs to know beside the application."""
    declared = application.declared
    submitted_on = clock.day_of(application.submitted_at)
    intake = college_intake(submitted_on)
    window = intake.tested if declared.tested else intake.general
    year = application.school_year
    in_time = is_year(year) and window.contains(submitted_on, year)
    return ApplicationFacts(
        birth_date=person.birth_date,
        citizenship_code=person.citizenship_code,
        submitted_on=submitted_on,
        founder_permission=bool(declared.founder_permission),
        legal_stay=bool(declared.legal_stay),
        in_transfer=bool(declared.in_transfer),
        tested=bool(declared.tested),
        places_left=places_free > 0 and not in_time,
    )


def facts_for_step(
    application: Application, person: CasePerson, clock: RegionClock, *, places_free: int
) -> Any:
    """The facts of the application's procedure."""
    submitted_on = clock.day_of(application.submitted_at)
    declared = application.declared
    match application.kind:
        case ApplicationKind.SCHOOL:
            return _school(application, person, submitted_on, places_free)
        case ApplicationKind.KINDERGARTEN:
            return KindergartenFacts(
                desired_on=application.desired_on,
                places_free=places_free,
                documents_complete=bool(declared.documents_complete),
                contract_on=declared.contract_on,
            )
        case ApplicationKind.COLLEGE:
            return _college(application, submitted_on, places_free)
        case ApplicationKind.ADDITIONAL:
            return AdditionalFacts(
                places_free=places_free,
                documents_complete=bool(declared.documents_complete),
                selective=bool(declared.selective),
                selection_passed=declared.selection_passed,
                contract_on=declared.contract_on,
            )


def _school(
    application: Application, person: CasePerson, submitted_on: date, places_free: int
) -> SchoolFacts:
    declared = application.declared
    in_transfer = bool(declared.in_transfer)
    order_after, last_day = school_terms(application, submitted_on=submitted_on)
    first_class = application.parallel == _FIRST_CLASS and not in_transfer
    intake = school_intake(submitted_on)
    limits = (intake.youngest_months, intake.oldest_months)
    of_age = is_of_age(person.birth_date, date(application.school_year, 9, 1), limits)
    in_window = school_window(application, submitted_on=submitted_on) is not None
    return SchoolFacts(
        received_on=submitted_on,
        places_free=places_free,
        documents_complete=bool(declared.documents_complete),
        window_open=in_window or not first_class,
        age_permitted=of_age or not first_class or bool(declared.founder_permission),
        foreigner=is_foreigner(person.citizenship_code),
        in_transfer=in_transfer,
        legal_stay=bool(declared.legal_stay),
        test_passed=declared.test_passed,
        tested_on=declared.tested_on,
        order_after=order_after,
        last_day=last_day,
    )


def _college(application: Application, submitted_on: date, places_free: int) -> CollegeFacts:
    declared = application.declared
    intake = college_intake(submitted_on)
    tested = bool(declared.tested)
    window = intake.tested if tested else intake.general
    year = application.school_year
    in_time = window.contains(submitted_on, year)
    # Where places are left, the intake goes on after its window, and with it the originals.
    goes_on = not in_time and intake.places_left.contains(submitted_on, year)
    last_day = intake.places_left.closes if goes_on else intake.originals_by
    return CollegeFacts(
        places_free=places_free,
        documents_complete=bool(declared.documents_complete),
        window_open=in_time or (places_free > 0 and goes_on),
        average=application.average,
        tested=tested,
        test_passed=declared.test_passed,
        originals_on=application.originals_on,
        originals_due_on=last_day.in_year(year),
    )
