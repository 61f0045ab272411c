"""What a source's records become in the register, batch after batch."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, func, select

from registry.identifiers import Snils
from registry.imports import ImportBatch, ImportReport, import_pupils
from registry.model import StudentView
from registry.ports import WriteOutcome
from registry.sources import SourceClass, SourceDocument, SourceOrganisation, SourcePupil
from store.sealing import Sealing
from store.tables import (
    class_groups,
    enrolments,
    organisations,
    person_documents,
    persons,
    source_links,
)
from store.unit_of_work import UnitOfWork
from tests.conftest import TEST_VAULT
from tests.integration.store.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

LATER = NOW + timedelta(days=1)
OTHER_SNILS = "064-949-063 00"
SECOND_SCHOOL = replace(SCHOOL, source_id="school-2", full_name="Школа № 2")
SECOND_CLASS = replace(CLASS, source_id="class-2", organisation_source_id="school-2")

# A stranger under the СНИЛС of `PUPIL`.
THIEF = replace(
    PUPIL, source_id="pupil-2", family_name="Другая", birth_date=date(2011, 2, 3), documents=()
)


class Register:
    """The store under test, a unit of work a call."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = (UUID(int=number) for number in count(1))

    def write(self, records: Sequence[Any], source: str = "s", at: Any = NOW) -> WriteOutcome:
        with UnitOfWork(self.engine, new_id=lambda: next(self._ids)) as work:
            if isinstance(records[0], SourceOrganisation):
                outcome = work.bulk.write_organisations(source, records, recorded_at=at)
            elif isinstance(records[0], SourceClass):
                outcome = work.bulk.write_classes(source, records, recorded_at=at)
            else:
                outcome = work.bulk.write_pupils(source, records, recorded_at=at)
            work.commit()
        return outcome

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        sealing = Sealing(TEST_VAULT)
        for row in rows:
            if row.get("snils_sealed"):
                row["snils"] = str(sealing.open_snils(row["id"], row["snils_sealed"]))
        return [row for row in rows if not row.get("retracted")]

    def count(self, table: Table) -> int:
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def view(self, snils: str, as_of: date) -> StudentView:
        with UnitOfWork(self.engine, read_only=True) as work:
            (view,) = work.students.by_snils(Snils(snils), as_of=as_of)
        return view

    def periods(self) -> list[tuple[str, date, date | None]]:
        names = {row["id"]: row["full_name"] for row in self.rows(organisations)}
        return sorted(
            (names[row["organisation_id"]], row["begins_on"], row["ends_on"])
            for row in self.rows(enrolments)
        )


@pytest.fixture
def register(engine: Engine) -> Iterator[Register]:
    made = Register(engine)
    made.write([SCHOOL, SECOND_SCHOOL])
    made.write([CLASS, SECOND_CLASS])
    yield made


def codes(outcome: WriteOutcome) -> list[tuple[str, list[str]]]:
    return [
        (refusal.source_id, [problem.code for problem in refusal.problems])
        for refusal in outcome.refused
    ]


def counts(outcome: WriteOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.refused)


def test_created_then_unchanged_then_changed(register: Register) -> None:
    assert counts(register.write([PUPIL])) == (1, 0, 0, 0)
    assert counts(register.write([PUPIL], at=LATER)) == (0, 0, 1, 0)
    assert [row["recorded_at"] for row in register.rows(persons)] == [NOW]
    married = replace(PUPIL, version="2", family_name="Петрова")
    assert counts(register.write([married], at=LATER)) == (0, 1, 0, 0)
    (person,) = register.rows(persons)
    assert (person["family_name"], person["family_key"]) == ("Петрова", "петрова")
    assert person["recorded_at"] == LATER


def test_only_rows_that_differ_are_written(register: Register) -> None:
    register.write([PUPIL])
    moved = replace(PUPIL, version="2", enrolment=replace(ENROLMENT, form_code="13"))
    register.write([moved], at=LATER)
    assert [row["recorded_at"] for row in register.rows(persons)] == [NOW]
    assert [row["recorded_at"] for row in register.rows(person_documents)] == [NOW]
    assert [row["recorded_at"] for row in register.rows(enrolments)] == [LATER]


def test_a_new_version_of_the_same_content_is_unchanged_and_remembered(register: Register) -> None:
    register.write([PUPIL])
    assert counts(register.write([replace(PUPIL, version="2")])) == (0, 0, 1, 0)
    versions = {
        row["source_version"] for row in register.rows(source_links) if row["kind"] == "pupil"
    }
    assert versions == {"2"}


def test_the_whole_pupil_is_read_back(register: Register) -> None:
    register.write([PUPIL])
    view = register.view("11223344595", date(2024, 10, 1))
    assert view.person.family_name == PUPIL.family_name
    assert view.person.birth_date == PUPIL.birth_date
    assert view.person.sex == PUPIL.sex
    assert view.organisation is not None
    assert (view.organisation.full_name, str(view.organisation.inn)) == ("Школа № 1", "7707083893")
    assert view.class_group is not None
    assert (view.class_group.parallel, view.class_group.letter) == (5, "А")
    assert view.enrolment is not None
    assert view.enrolment.begins_on == ENROLMENT.begins_on


def test_texts_that_copy_must_escape_come_back_as_they_were(register: Register) -> None:
    nasty = [
        replace(SCHOOL, source_id=f"n{number}", full_name=name)
        for number, name in enumerate(
            ["a\\b", "\\N", "a\tb\nc\rd", "\\.", 'quote"d', "'; DROP", "Ёж 😀", " x "] * 40
        )
    ]
    assert counts(register.write(nasty)) == (320, 0, 0, 0)
    stored = sorted(row["full_name"] for row in register.rows(organisations))
    assert stored == sorted([each.full_name for each in nasty] + ["Школа № 1", "Школа № 2"])
    assert counts(register.write(nasty)) == (0, 0, 320, 0)


# --- who a record is about -----------------------------------------------------------------------


def test_another_source_joins_by_snils_and_birth_date(register: Register) -> None:
    register.write([PUPIL])
    register.write([SCHOOL], source="t")
    same = replace(PUPIL, source_id="x", documents=(), enrolment=None)
    assert counts(register.write([same], source="t")) == (1, 0, 0, 0)
    assert register.count(persons) == 1


def test_a_snils_of_somebody_else_is_refused_and_the_rest_goes_in(register: Register) -> None:
    register.write([PUPIL])
    honest = replace(PUPIL, source_id="pupil-3", snils=OTHER_SNILS, first_name="Вера", documents=())
    outcome = register.write([THIEF, honest])
    assert codes(outcome) == [("pupil-2", ["person.snils_conflict"])]
    assert (outcome.created, register.count(persons)) == (1, 2)


def test_a_conflict_within_one_batch(register: Register) -> None:
    assert codes(register.write([PUPIL, THIEF])) == [("pupil-2", ["person.snils_conflict"])]


def test_one_child_twice_in_one_batch_is_one_person(register: Register) -> None:
    again = replace(PUPIL, source_id="pupil-2")
    assert counts(register.write([PUPIL, again])) == (2, 0, 0, 0)
    assert (register.count(persons), register.count(enrolments)) == (1, 1)


def test_namesakes_without_snils_are_different_persons(register: Register) -> None:
    nameless = replace(PUPIL, snils=None, documents=())
    register.write([nameless, replace(nameless, source_id="pupil-2")])
    assert register.count(persons) == 2


def test_a_known_pupil_may_not_take_anothers_snils(register: Register) -> None:
    second = replace(PUPIL, source_id="pupil-2", snils=OTHER_SNILS)
    register.write([PUPIL, second])
    swapped = [
        replace(PUPIL, version="2", snils=OTHER_SNILS),
        replace(second, version="2", snils=PUPIL.snils),
    ]
    assert codes(register.write(swapped)) == [
        ("pupil-1", ["person.snils_conflict", "person.identity_changed"]),
        ("pupil-2", ["person.snils_conflict", "person.identity_changed"]),
    ]
    assert {row["snils"] for row in register.rows(persons)} == {"11223344595", "06494906300"}


def test_a_pupil_may_not_take_anothers_snils_for_its_first(register: Register) -> None:
    second = replace(PUPIL, source_id="pupil-2", snils=None, first_name="Вера", documents=())
    register.write([PUPIL, second])
    taken = replace(second, version="2", snils=PUPIL.snils)
    assert codes(register.write([taken])) == [("pupil-2", ["person.snils_conflict"])]


SOMEBODY_ELSE: dict[str, dict[str, Any]] = {
    "another СНИЛС": {"snils": OTHER_SNILS},
    "another child": {
        "snils": OTHER_SNILS,
        "family_name": "Другой",
        "first_name": "Пётр",
        "middle_name": None,
        "birth_date": date(2011, 2, 3),
    },
    "another child of unknown СНИЛС": {
        "snils": None,
        "family_name": "Другой",
        "birth_date": date(2011, 2, 3),
    },
    "a sister": {"snils": None, "first_name": "Вера", "birth_date": date(2011, 2, 3)},
    "a namesake by another father": {
        "snils": None,
        "middle_name": "Фомична",
        "birth_date": date(2011, 2, 3),
    },
}


@pytest.mark.parametrize("name", SOMEBODY_ELSE)
def test_a_source_id_that_means_somebody_else_is_refused_whole(
    register: Register, name: str
) -> None:
    register.write([PUPIL])
    before = [
        register.rows(table) for table in (persons, person_documents, enrolments, source_links)
    ]
    passport = SourceDocument("12", "45 08", "123456")
    other = replace(moved(date(2025, 1, 9)), documents=(passport,), **SOMEBODY_ELSE[name])
    for _ in range(2):
        outcome = register.write([other])
        assert codes(outcome) == [("pupil-1", ["person.identity_changed"])]
        assert counts(outcome) == (0, 0, 0, 1)
    after = [
        register.rows(table) for table in (persons, person_documents, enrolments, source_links)
    ]
    assert after == before
    ((problem,),) = [refusal.problems for refusal in register.write([other]).refused]
    assert "другом лице" in problem.message_ru


def test_the_rest_of_the_batch_goes_in(register: Register) -> None:
    register.write([PUPIL])
    other = replace(PUPIL, version="2", snils=OTHER_SNILS)
    newcomer = replace(PUPIL, source_id="pupil-2", snils=OTHER_SNILS)
    assert counts(register.write([other, newcomer])) == (1, 0, 0, 1)
    assert register.count(persons) == 2


@pytest.mark.parametrize(
    "correction",
    [
        {"family_name": "Мельникова-Ёжикова"},
        {"first_name": "Анна", "middle_name": "Петровна"},
        {"birth_date": date(2013, 5, 18)},
        {"birth_date": date(2013, 5, 18), "middle_name": None},
        {"birth_date": date(2013, 5, 18), "family_name": PUPIL.family_name.upper()},
    ],
    ids=str,
)
def test_a_correction_of_one_field_is_applied(
    register: Register, correction: dict[str, Any]
) -> None:
    register.write([PUPIL])
    assert counts(register.write([replace(PUPIL, version="2", **correction)])) == (0, 1, 0, 0)
    (person,) = register.rows(persons)
    assert {name: person[name] for name in correction} == correction
    assert person["snils"] == "11223344595"


def test_a_snils_told_at_last_is_applied_and_holds_from_then_on(register: Register) -> None:
    register.write([replace(PUPIL, snils=None)])
    assert counts(register.write([replace(PUPIL, version="2")])) == (0, 1, 0, 0)
    (person,) = register.rows(persons)
    assert person["snils"] == "11223344595"
    other = replace(PUPIL, version="3", snils=OTHER_SNILS)
    assert codes(register.write([other])) == [("pupil-1", ["person.identity_changed"])]


def test_a_corrected_birth_date_keeps_the_person(register: Register) -> None:
    register.write([PUPIL])
    register.write([replace(PUPIL, version="2", birth_date=date(2013, 5, 18))])
    assert [row["birth_date"] for row in register.rows(persons)] == [date(2013, 5, 18)]


def test_a_source_that_leaves_out_the_snils_does_not_erase_it(register: Register) -> None:
    register.write([PUPIL])
    register.write([replace(PUPIL, version="2", snils=None, first_name="Елена")])
    (person,) = register.rows(persons)
    assert (person["snils"], person["first_name"]) == ("11223344595", "Елена")


def test_older_documents_stay(register: Register) -> None:
    register.write([PUPIL])
    passport = SourceDocument("12", "45 08", "123456")
    register.write([replace(PUPIL, version="2", documents=(passport,))])
    types = sorted(row["type_code"] for row in register.rows(person_documents))
    assert types == ["11", "12"]


def test_two_sources_at_once_make_one_person(register: Register) -> None:
    homeless = replace(PUPIL, enrolment=None)
    start = threading.Barrier(4)
    outcomes: list[tuple[int, int, int, int]] = []

    def load(source: str) -> None:
        start.wait()
        with UnitOfWork(register.engine) as work:
            outcomes.append(counts(work.bulk.write_pupils(source, [homeless], recorded_at=NOW)))
            work.commit()

    threads = [threading.Thread(target=load, args=(f"source-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [(1, 0, 0, 0)] * 4
    assert register.count(persons) == 1


# --- where a pupil studies -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"organisation_source_id": "school-9", "class_source_id": None},
            ["enrolment.organisation_unknown"],
        ),
        ({"class_source_id": "class-9"}, ["enrolment.class_unknown"]),
        ({"class_source_id": "class-2"}, ["enrolment.class_elsewhere"]),
        (
            {"organisation_source_id": "school-9", "class_source_id": "class-9"},
            ["enrolment.organisation_unknown", "enrolment.class_unknown"],
        ),
    ],
)
def test_places_that_are_refused(
    register: Register, changes: dict[str, Any], expected: list[str]
) -> None:
    lost = replace(PUPIL, enrolment=replace(ENROLMENT, **changes))
    outcome = register.write([lost, replace(PUPIL, source_id="pupil-2", snils=None)])
    assert codes(outcome) == [("pupil-1", expected)]
    assert (outcome.created, register.count(persons)) == (1, 1)


def test_another_sources_school_is_not_this_sources_school(register: Register) -> None:
    outcome = register.write([PUPIL], source="t")
    assert codes(outcome) == [
        ("pupil-1", ["enrolment.organisation_unknown", "enrolment.class_unknown"])
    ]


def test_all_that_speaks_against_a_record_is_named(register: Register) -> None:
    register.write([PUPIL])
    bad = replace(
        THIEF,
        enrolment=replace(ENROLMENT, class_source_id="class-9"),
    )
    assert codes(register.write([bad])) == [
        ("pupil-2", ["person.snils_conflict", "enrolment.class_unknown"])
    ]


def test_an_end_of_the_enrolment_is_kept(register: Register) -> None:
    register.write([PUPIL])
    left = replace(PUPIL, version="2", enrolment=replace(ENROLMENT, ends_on=date(2024, 12, 30)))
    register.write([left])
    assert register.periods() == [("Школа № 1", date(2024, 9, 1), date(2024, 12, 30))]
    assert register.view("11223344595", date(2024, 12, 30)).enrolment is not None
    assert register.view("11223344595", date(2024, 12, 31)).enrolment is None


def moved(begins_on: date, version: str = "2", school: str = "2") -> SourcePupil:
    return replace(
        PUPIL,
        version=version,
        enrolment=replace(
            ENROLMENT,
            organisation_source_id=f"school-{school}",
            class_source_id=f"class-{school}",
            begins_on=begins_on,
        ),
    )


def test_a_later_enrolment_ends_the_one_before(register: Register) -> None:
    register.write([PUPIL])
    register.write([moved(date(2025, 1, 9))])
    assert register.periods() == [
        ("Школа № 1", date(2024, 9, 1), date(2025, 1, 8)),
        ("Школа № 2", date(2025, 1, 9), None),
    ]


def test_an_earlier_end_of_the_one_before_is_left(register: Register) -> None:
    ended = replace(ENROLMENT, ends_on=date(2024, 12, 30))
    register.write([replace(PUPIL, enrolment=ended)])
    register.write([moved(date(2025, 1, 9))])
    assert register.periods()[0] == ("Школа № 1", date(2024, 9, 1), date(2024, 12, 30))


def test_a_corrected_beginning_replaces(register: Register) -> None:
    register.write([PUPIL])
    corrected = replace(ENROLMENT, begins_on=date(2024, 8, 31))
    register.write([replace(PUPIL, version="2", enrolment=corrected)])
    assert register.periods() == [("Школа № 1", date(2024, 8, 31), None)]


def test_a_move_taken_back_leaves_no_trace_of_the_other_school(register: Register) -> None:
    register.write([PUPIL])
    register.write([moved(date(2025, 1, 9))])
    register.write([replace(PUPIL, version="3")])
    assert register.periods() == [("Школа № 1", date(2024, 9, 1), None)]


def test_an_enrolment_that_another_record_names_too_is_ended_and_not_taken_back(
    register: Register,
) -> None:
    register.write([PUPIL, replace(PUPIL, source_id="pupil-2")])
    register.write([moved(date(2025, 1, 9))])
    both = [
        ("Школа № 1", date(2024, 9, 1), date(2025, 1, 8)),
        ("Школа № 2", date(2025, 1, 9), None),
    ]
    assert register.periods() == both
    again = replace(PUPIL, source_id="pupil-2", version="2", birth_place="Новозаречинск")
    outcome = register.write([again])
    assert codes(outcome) == [("pupil-2", ["enrolment.overlaps"])]
    assert register.periods() == both
    register.write([replace(moved(date(2025, 1, 9)), source_id="pupil-2")])
    assert register.periods() == both


def test_an_enrolment_inside_another_is_refused_whole(register: Register) -> None:
    register.write([PUPIL])
    inside = replace(ENROLMENT, organisation_source_id="school-2", class_source_id=None)
    register.write([SECOND_SCHOOL], source="t")
    for begins_on, ends_on in (
        (date(2024, 9, 1), None),
        (date(2024, 8, 1), date(2024, 9, 1)),
        (date(2024, 1, 1), None),
    ):
        study = replace(inside, begins_on=begins_on, ends_on=ends_on)
        other = replace(PUPIL, source_id="x", enrolment=study)
        assert codes(register.write([other], source="t")) == [("x", ["enrolment.overlaps"])]
    assert register.periods() == [("Школа № 1", date(2024, 9, 1), None)]
    assert [row["first_name"] for row in register.rows(persons)] == [PUPIL.first_name]


def test_additional_education_goes_beside(register: Register) -> None:
    register.write([PUPIL])
    circle = replace(ENROLMENT, class_source_id=None, programme_code="411")
    beside = replace(PUPIL, source_id="pupil-2", enrolment=circle)
    assert counts(register.write([beside])) == (1, 0, 0, 0)
    assert len(register.periods()) == 2


def test_the_class_of_each_year_is_kept(register: Register) -> None:
    register.write([PUPIL])
    sixth = replace(CLASS, source_id="class-6", parallel=6, school_year=2025)
    register.write([sixth])
    promoted = replace(ENROLMENT, class_source_id="class-6")
    register.write([replace(PUPIL, version="2", enrolment=promoted)])
    for day, parallel in ((date(2025, 8, 31), 5), (date(2025, 9, 1), 6)):
        group = register.view("11223344595", day).class_group
        assert group is not None
        assert group.parallel == parallel
    assert len(register.periods()) == 1


def test_two_records_of_one_child_may_change_places_in_one_batch(register: Register) -> None:
    here = replace(ENROLMENT, programme_code="411")
    there = replace(here, organisation_source_id="school-2", class_source_id="class-2")
    register.write(
        [replace(PUPIL, enrolment=here), replace(PUPIL, source_id="pupil-2", enrolment=there)]
    )
    register.write(
        [replace(PUPIL, enrolment=there), replace(PUPIL, source_id="pupil-2", enrolment=here)]
    )
    assert {name for name, _, _ in register.periods()} == {"Школа № 1", "Школа № 2"}


def test_no_enrolment_any_more_changes_nothing(register: Register) -> None:
    register.write([PUPIL])
    register.write([replace(PUPIL, version="2", enrolment=None)])
    assert register.periods() == [("Школа № 1", date(2024, 9, 1), None)]


# --- organisations and classes -------------------------------------------------------------------


def test_organisations_are_created_and_changed(register: Register) -> None:
    renamed = replace(SCHOOL, version="2", full_name="Гимназия № 1")
    assert counts(register.write([renamed, SECOND_SCHOOL])) == (0, 1, 1, 0)
    assert sorted(row["full_name"] for row in register.rows(organisations)) == [
        "Гимназия № 1",
        "Школа № 2",
    ]


def test_classes_are_refused_without_their_organisation(register: Register) -> None:
    stray = replace(CLASS, source_id="class-3", organisation_source_id="school-9")
    fine = replace(CLASS, source_id="class-4", letter="Б")
    outcome = register.write([stray, fine])
    assert codes(outcome) == [("class-3", ["class.organisation_unknown"])]
    assert register.count(class_groups) == 3


def test_a_class_stays_with_its_organisation(register: Register) -> None:
    outcome = register.write([replace(CLASS, organisation_source_id="school-2")])
    assert codes(outcome) == [("class-1", ["class.organisation_changed"])]


# --- larger batches (COPY) -----------------------------------------------------------------------


def snils(number: int) -> str:
    body = f"{number:09d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, range(9, 0, -1), strict=True))
    return f"{body}{total % 101 % 100:02d}"


def many(version: str, family_name: str = "Иванов") -> tuple[SourcePupil, ...]:
    return tuple(
        replace(
            PUPIL,
            source_id=f"p{number}",
            version=version,
            family_name=family_name,
            snils=snils(200_000_000 + number),
            documents=(SourceDocument("11", "II-АН", f"{number:06d}"),),
        )
        for number in range(1200)
    )


def test_a_large_batch_goes_the_same_way(register: Register) -> None:
    def load(records: tuple[SourcePupil, ...]) -> ImportReport:
        with UnitOfWork(register.engine) as work:
            report = import_pupils(ImportBatch("s", records), work.bulk, clock=lambda: NOW)
            work.commit()
        return report

    first = load(many("1"))
    assert (first.created, first.refused) == (1200, ())
    assert (register.count(persons), register.count(enrolments)) == (1200, 1200)
    assert register.count(person_documents) == 1200
    assert load(many("1")).unchanged == 1200
    changed = load(many("2", "Петров"))
    assert (changed.created, changed.changed) == (0, 1200)
    assert register.count(persons) == 1200
    assert register.view(snils(200_000_007), date(2024, 10, 1)).person.family_name == "Петров"


def test_a_large_batch_of_others_is_refused_record_by_record(register: Register) -> None:
    register.write(many("1"))
    others = tuple(
        replace(record, version="2", snils=None, birth_date=date(2012, 1, 1), first_name="Иной")
        if index % 2
        else replace(record, version="2", first_name="Иной")
        for index, record in enumerate(many("1"))
    )
    outcome = register.write(others)
    assert counts(outcome) == (0, 600, 0, 600)
    assert {code for _, told in codes(outcome) for code in told} == {"person.identity_changed"}
    assert {row["birth_date"] for row in register.rows(persons)} == {PUPIL.birth_date}
