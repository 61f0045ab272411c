"""Which enrolment counts on a day."""

from datetime import date

from registry.model import Attendance, view_as_of
from tests.unit.registry.samples import PERSON, attendance


def organisation_on(day: date, *attendances: Attendance) -> str | None:
    view = view_as_of(PERSON, attendances, day)
    assert view.as_of == day
    return None if view.organisation is None else view.organisation.full_name


def test_both_ends_of_a_period_belong_to_it() -> None:
    school = attendance(1, date(2023, 9, 1), date(2024, 5, 31))
    assert organisation_on(date(2023, 8, 31), school) is None
    assert organisation_on(date(2023, 9, 1), school) == "Школа № 1"
    assert organisation_on(date(2024, 5, 31), school) == "Школа № 1"
    assert organisation_on(date(2024, 6, 1), school) is None


def test_a_main_programme_goes_before_a_later_additional_one() -> None:
    school = attendance(1, date(2023, 9, 1))
    music = attendance(2, date(2024, 1, 15), programme_code="411")
    unknown = attendance(3, date(2024, 2, 1), programme_code="999")
    assert organisation_on(date(2024, 3, 1), music, unknown, school) == "Школа № 1"


def test_of_two_open_ones_the_later_counts_in_whatever_order() -> None:
    former, present = attendance(2, date(2023, 9, 1)), attendance(1, date(2024, 1, 9))
    assert organisation_on(date(2024, 3, 1), former, present) == "Школа № 1"
    assert organisation_on(date(2024, 3, 1), present, former) == "Школа № 1"


def test_nowhere_means_nothing_of_an_enrolment() -> None:
    view = view_as_of(PERSON, (), date(2024, 1, 1))
    assert (view.enrolment, view.organisation, view.class_group) == (None, None, None)
