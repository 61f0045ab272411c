"""Past enrolments with their classes and orders."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select

from registry.ports import WriteOutcome
from store.tables import class_placements, enrolments, keeping_of, orders, organisations
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL, share_links
from tests.unit.registry.samples import STUDY

LATER = NOW + timedelta(days=1)
SECOND_SCHOOL = replace(SCHOOL, source_id="school-2", full_name="Школа № 2")
CLASSES = [
    replace(CLASS, source_id=f"class-{year}", parallel=year - 2019, school_year=year)
    for year in range(2020, 2024)
]
FIRST, SECOND = (date(2020, 9, 1), date(2021, 8, 31)), (date(2021, 9, 1), date(2024, 5, 31))
WITH_CLASSES = replace(STUDY, placements=(("class-2020", *FIRST), ("class-2021", *SECOND)))


class Register:
    """The store under test, a unit of work a call."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def write(
        self, *records: Any, method: str = "write_studies", source: str = "s", at: datetime = NOW
    ) -> WriteOutcome:
        with UnitOfWork(self.engine) as work:
            outcome: WriteOutcome = getattr(work.bulk, method)(source, records, recorded_at=at)
            work.commit()
        return outcome

    def rows(self, table: Table | None) -> list[dict[str, Any]]:
        assert table is not None
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        return [row for row in rows if not row.get("retracted")]

    def periods(self) -> list[tuple[str, date, date | None]]:
        names = {row["id"]: row["full_name"] for row in self.rows(organisations)}
        return sorted(
            (names[row["organisation_id"]], row["begins_on"], row["ends_on"])
            for row in self.rows(enrolments)
        )

    def sittings(self) -> list[tuple[date, date | None]]:
        rows = self.rows(class_placements)
        return sorted((row["begins_on"], row["ends_on"]) for row in rows)


@pytest.fixture
def register(engine: Engine) -> Register:
    made = Register(engine)
    made.write(SCHOOL, SECOND_SCHOOL, method="write_organisations")
    made.write(CLASS, *CLASSES, method="write_classes")
    made.write(replace(PUPIL, enrolment=None), method="write_pupils")
    return made


def codes(outcome: WriteOutcome) -> list[str]:
    return [problem.code for refusal in outcome.refused for problem in refusal.problems]


def counts(outcome: WriteOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.refused)


def test_everything_is_written(register: Register) -> None:
    assert counts(register.write(WITH_CLASSES)) == (1, 0, 0, 0)
    (row,) = register.rows(enrolments)
    assert (row["begins_on"], row["ends_on"]) == (STUDY.begins_on, STUDY.ends_on)
    assert (row["entry_reason"], row["exit_reason"]) == (STUDY.entry_reason, STUDY.exit_reason)
    told = {each["id"]: (each["kind"], each["number"]) for each in register.rows(orders)}
    assert told[row["entry_order_id"]] == ("enrolment", "12-з")
    assert told[row["exit_order_id"]] == ("expulsion", "40-о")
    assert register.sittings() == [FIRST, SECOND]


def test_the_same_again_writes_nothing(register: Register) -> None:
    register.write(WITH_CLASSES)
    before = [register.rows(table) for table in (enrolments, class_placements, orders)]
    assert counts(register.write(replace(WITH_CLASSES, version="2"), at=LATER)) == (0, 0, 1, 0)
    assert [register.rows(t) for t in (enrolments, class_placements, orders)] == before


def test_a_corrected_end_keeps_the_former(register: Register) -> None:
    register.write(WITH_CLASSES)
    shorter = (("class-2020", *FIRST), ("class-2021", SECOND[0], date(2023, 1, 10)))
    corrected = replace(WITH_CLASSES, ends_on=date(2023, 1, 10), placements=shorter)
    assert counts(register.write(corrected, at=LATER)) == (0, 1, 0, 0)
    assert register.periods() == [("Школа № 1", STUDY.begins_on, date(2023, 1, 10))]
    assert register.sittings() == [FIRST, (SECOND[0], date(2023, 1, 10))]
    assert [row["ends_on"] for row in register.rows(keeping_of(enrolments).history)] == [
        STUDY.ends_on
    ]
    assert {row["version"] for row in register.rows(class_placements)} == {1, 2}


@pytest.mark.parametrize(
    "boundary", [date(2021, 1, 11), date(2022, 1, 11)], ids=["earlier", "later"]
)
def test_a_corrected_change_of_class(register: Register, boundary: date) -> None:
    register.write(WITH_CLASSES)
    told = (
        ("class-2020", FIRST[0], boundary - timedelta(days=1)),
        ("class-2022", boundary, SECOND[1]),
    )
    register.write(replace(WITH_CLASSES, placements=told), at=LATER)
    assert register.sittings() == [(first, last) for _, first, last in told]


def test_a_corrected_beginning_replaces(register: Register) -> None:
    register.write(WITH_CLASSES)
    corrected = replace(STUDY, begins_on=date(2020, 10, 1))
    assert counts(register.write(corrected, at=LATER)) == (0, 1, 0, 0)
    assert register.periods() == [("Школа № 1", date(2020, 10, 1), STUDY.ends_on)]
    assert register.sittings() == []


def test_the_place_of_a_study_is_corrected(register: Register) -> None:
    register.write(STUDY)
    elsewhere = replace(STUDY, organisation_source_id="school-2")
    register.write(elsewhere, at=LATER)
    assert register.periods() == [("Школа № 2", STUDY.begins_on, STUDY.ends_on)]


def test_a_study_that_another_source_names_too_stays(register: Register) -> None:
    share_links(register.engine)
    register.write(STUDY)
    assert counts(register.write(STUDY, source="t")) == (1, 0, 0, 0)
    assert len(register.rows(enrolments)) == 1
    elsewhere = replace(STUDY, organisation_source_id="school-2", begins_on=date(2024, 6, 1))
    register.write(replace(elsewhere, ends_on=None), at=LATER)
    assert len(register.periods()) == 2


def test_the_former_school_tells_the_end_of_a_present_enrolment(register: Register) -> None:
    register.write(PUPIL, method="write_pupils")
    told = replace(
        STUDY,
        begins_on=ENROLMENT.begins_on,
        ends_on=date(2024, 9, 20),
        programme_code=ENROLMENT.programme_code,
        exit_order=("1", date(2024, 9, 20)),
    )
    assert counts(register.write(told)) == (1, 0, 0, 0)
    (row,) = register.rows(enrolments)
    assert (row["ends_on"], row["exit_reason"]) == (date(2024, 9, 20), STUDY.exit_reason)
    assert register.sittings() == [(ENROLMENT.begins_on, date(2024, 9, 20))]


def test_an_order_is_shared(register: Register) -> None:
    boy = replace(PUPIL, source_id="pupil-2", snils=None, documents=(), enrolment=None)
    register.write(boy, method="write_pupils")
    register.write(STUDY, replace(STUDY, source_id="study-2", pupil_source_id="pupil-2"))
    assert len(register.rows(orders)) == 2
    third = replace(STUDY, source_id="study-3", begins_on=date(2019, 9, 1), programme_code="411")
    register.write(third)
    assert len(register.rows(orders)) == 2


def test_a_study_may_not_overlap_another(register: Register) -> None:
    register.write(PUPIL, method="write_pupils")
    open_end = replace(STUDY, ends_on=None)
    inside = replace(STUDY, begins_on=date(2024, 9, 2), ends_on=date(2024, 9, 3))
    for record in (open_end, inside):
        assert codes(register.write(record)) == ["study.overlaps"]
    assert register.periods() == [("Школа № 1", ENROLMENT.begins_on, None)]


def test_two_studies_of_one_batch_may_not_overlap(register: Register) -> None:
    other = replace(STUDY, source_id="study-2", begins_on=date(2023, 9, 1))
    outcome = register.write(STUDY, other, replace(STUDY, source_id="study-3"))
    assert codes(outcome) == ["study.overlaps", "study.repeated"]
    assert counts(outcome) == (1, 0, 0, 2)


def test_additional_education_goes_beside(register: Register) -> None:
    circle = replace(STUDY, source_id="study-2", programme_code="411", ends_on=None)
    assert counts(register.write(STUDY, circle)) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pupil_source_id": "pupil-9"}, ["study.pupil_unknown"]),
        ({"organisation_source_id": "school-9"}, ["study.organisation_unknown"]),
        ({"begins_on": date(2013, 5, 16)}, ["study.before_birth"]),
        ({"placements": (("class-9", *FIRST),)}, ["study.class_unknown"]),
        (
            {"organisation_source_id": "school-2", "placements": (("class-2020", *FIRST),)},
            ["study.class_elsewhere"],
        ),
        (
            {
                "pupil_source_id": "pupil-9",
                "organisation_source_id": "school-9",
                "placements": (("class-9", *FIRST), ("class-8", *SECOND)),
            },
            [
                "study.pupil_unknown",
                "study.organisation_unknown",
                "study.class_unknown",
                "study.class_unknown",
            ],
        ),
    ],
)
def test_refused_alone(register: Register, changes: dict[str, Any], expected: list[str]) -> None:
    fine = replace(STUDY, source_id="fine", programme_code="411")
    outcome = register.write(replace(STUDY, **changes), fine)
    assert codes(outcome) == expected
    assert counts(outcome) == (1, 0, 0, 1)
    assert len(register.rows(enrolments)) == 1


def test_an_order_that_the_register_has_already_is_that_one(register: Register) -> None:
    (school,) = [row for row in register.rows(organisations) if row["full_name"] == "Школа № 1"]
    known = {
        "id": UUID(int=7),
        "organisation_id": school["id"],
        "number": "40-о",
        "issued_on": date(2024, 5, 31),
        "kind": "graduation",
        "effective_on": date(2024, 6, 25),
        "recorded_at": NOW,
    }
    others = [
        {**known, "id": UUID(int=8), "number": "41-о"},
        {**known, "id": UUID(int=9), "issued_on": date(2023, 5, 31)},
    ]
    with UnitOfWork(register.engine) as work:
        work.connection.execute(orders.insert(), [known, *others])
        work.commit()
    register.write(STUDY)
    assert [row["exit_order_id"] for row in register.rows(enrolments)] == [known["id"]]
    assert len(register.rows(orders)) == 4
