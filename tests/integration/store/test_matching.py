"""Records of several sources find the same child, on both databases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import resources
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, event, func, select

from registry.identity.folding import sound_code
from registry.identity.keys import MAX_PERSONS_PER_KEY
from registry.identity.precedence import parse_precedence
from registry.identity.records import make_profile, record_of_pupil
from registry.ports import WriteOutcome
from registry.sources import (
    SourceAddress,
    SourceBirthAct,
    SourceDocument,
    SourcePupil,
    SourceRepresentative,
)
from store.candidates import find_by_names
from store.conflict_queue import Asked
from store.identity_store import Mandate
from store.tables import identity_conflicts, name_counts, persons, source_links
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

LATER = NOW + timedelta(days=1)
OTHER_SNILS = "064-949-063 00"
MANDATE = Mandate("clerk", "сверено с документами", LATER)
# Distinct names, so that nothing agrees by itself.
OTHERS = [
    replace(
        PUPIL,
        source_id=f"other-{number}",
        family_name=f"Прочих{letter}",
        first_name=first,
        middle_name="Ивановна",
        birth_date=date(2012, 1 + number, 20),
        snils=None,
        documents=(),
        enrolment=None,
    )
    for number, (letter, first) in enumerate(
        zip("абвгдежзик", ["Анна", "Вера", "Ольга", "Юлия", "Нина"] * 2, strict=True)
    )
]
CIRCLE = replace(
    ENROLMENT, programme_code="31", begins_on=date(2024, 9, 2), class_source_id="class-1"
)
# The same child in another system: without a number, in a circle.
AGAIN = replace(
    PUPIL, source_id="again-1", snils=None, documents=(), enrolment=None, birth_act=None
)
MOTHER = SourceRepresentative(
    source_id="mother",
    type_code="1",
    family_name="Ёлкина",
    first_name="Ольга",
    middle_name="Ивановна",
    birth_date=date(1985, 3, 4),
    sex="female",
    snils=None,
    authority_type_code=None,
    authority_number=None,
    begins_on=None,
    ends_on=None,
)
HOME = SourceAddress("actual", "г. Энск, ул. Мира, д. 1", "fias-1", None, None, None)
ACT = SourceBirthAct("110130123000456789012", date(2013, 5, 30), "Отдел ЗАГС № 1")


class Register:
    """The store under test; every source has the same school."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = (UUID(int=number) for number in count(1))
        for source in "ab":
            with self.work() as work:
                work.bulk.write_organisations(source, [SCHOOL], recorded_at=NOW)
                work.bulk.write_classes(source, [CLASS], recorded_at=NOW)
                work.commit()
        self.write("a", OTHERS)

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.engine, new_id=lambda: next(self._ids))

    def write(
        self, source: str, records: Sequence[SourcePupil], at: datetime = NOW
    ) -> WriteOutcome:
        with self.work() as work:
            outcome = work.bulk.write_pupils(source, records, recorded_at=at)
            work.commit()
        return outcome

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

    def person_of(self, source: str, source_id: str) -> UUID:
        (found,) = (
            row["entity_id"]
            for row in self.rows(source_links)
            if (row["source"], row["kind"], row["source_id"]) == (source, "pupil", source_id)
        )
        assert isinstance(found, UUID)
        return found

    def queue(self) -> Sequence[Asked]:
        with self.work() as work:
            return work.conflicts.list()


@pytest.fixture
def register(engine: Engine) -> Iterator[Register]:
    yield Register(engine)


def told(record: SourcePupil, **changes: Any) -> SourcePupil:
    """`record` with a whole family, so that names and dates have company."""
    company: dict[str, Any] = {
        "representatives": (MOTHER,),
        "addresses": (HOME,),
        "enrolment": CIRCLE,
    }
    return replace(record, **{**company, **changes})


def joins(register: Register, first: SourcePupil, second: SourcePupil) -> bool:
    register.write("a", [first])
    register.write("b", [second], at=LATER)
    return register.person_of("a", first.source_id) == register.person_of("b", second.source_id)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"family_name": "Елкина-Соловьева", "first_name": "Алена"}, id="Е for Ё"),
        pytest.param({"family_name": "Ёлкина-Солавьёва"}, id="a typing mistake"),
        pytest.param({"middle_name": None}, id="no middle name"),
        pytest.param({"family_name": "Морозова"}, id="another surname"),
        pytest.param({"birth_date": date(2013, 5, 18)}, id="a wrong digit in the date"),
        pytest.param({"first_name": "Elena", "family_name": "Elkina"}, id="Latin letters"),
    ],
)
def test_the_same_snils_joins(register: Register, changes: dict[str, Any]) -> None:
    assert joins(register, PUPIL, replace(AGAIN, snils=PUPIL.snils, **changes))
    assert not register.queue()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"family_name": "Морозова"}, id="another surname"),
        pytest.param({"birth_date": date(2013, 7, 15)}, id="another date"),
    ],
)
def test_the_same_birth_act_joins(register: Register, changes: dict[str, Any]) -> None:
    assert joins(register, replace(PUPIL, birth_act=ACT), replace(AGAIN, birth_act=ACT, **changes))


def test_a_birth_act_told_without_its_day_joins(register: Register) -> None:
    dayless = replace(ACT, recorded_on=None)
    assert joins(register, replace(PUPIL, birth_act=dayless), replace(AGAIN, birth_act=ACT))


@pytest.mark.parametrize(
    "written", [("ii-ан", "№ 123456"), ("II-AH", "123456"), ("II АН", "123456")]
)
def test_the_same_document_joins_however_it_is_written(
    register: Register, written: tuple[str, str]
) -> None:
    document = SourceDocument("11", *written)
    assert joins(register, PUPIL, replace(AGAIN, documents=(document,)))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"family_name": "Елкина-Соловьева", "first_name": "Алена"}, id="Е for Ё"),
        pytest.param({"family_name": "Ёлкина-Соловъёва"}, id="a typing mistake"),
        pytest.param({"first_name": "Алёна", "family_name": "Соловьёва"}, id="half a surname"),
        pytest.param({"first_name": "Елена"}, id="a form of the name"),
        pytest.param({"middle_name": None}, id="no middle name"),
        pytest.param({"birth_date": date(2014, 5, 17)}, id="a wrong year"),
    ],
)
def test_names_and_date_join_with_company(register: Register, changes: dict[str, Any]) -> None:
    assert joins(register, told(PUPIL), told(AGAIN, **changes))


def test_a_swapped_date_joins_with_company(register: Register) -> None:
    first = told(PUPIL, birth_date=date(2013, 5, 7))
    assert joins(register, first, told(AGAIN, birth_date=date(2013, 7, 5)))


def test_a_changed_surname_is_found_by_the_former_one(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    register.write("a", [told(PUPIL, version="2", family_name="Морозова")], at=LATER)
    register.write("b", [told(AGAIN)], at=LATER)
    a, b = register.person_of("a", "pupil-1"), register.person_of("b", "again-1")
    asked = [candidate.person for each in register.queue() for candidate in each.candidates]
    assert a == b or a in asked


def test_twins_stay_apart(register: Register) -> None:
    twin = told(PUPIL, source_id="twin", first_name="Полина", snils=OTHER_SNILS, documents=())
    register.write("a", [told(PUPIL), twin])
    register.write("b", [told(AGAIN), told(twin, source_id="again-2", snils=None)], at=LATER)
    assert register.person_of("b", "again-1") == register.person_of("a", "pupil-1")
    assert register.person_of("b", "again-2") == register.person_of("a", "twin")
    assert register.person_of("a", "pupil-1") != register.person_of("a", "twin")


def test_a_twin_under_the_others_snils_is_asked_about(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    twin = told(AGAIN, first_name="Полина", snils=PUPIL.snils)
    assert register.write("b", [twin], at=LATER).refused == ()
    (asked,) = register.queue()
    assert asked.conflict.holder == register.person_of("b", "again-1")
    assert [each.person for each in asked.candidates] == [register.person_of("a", "pupil-1")]
    assert "identity.snils_of_another" in asked.conflict.reasons
    with_snils = [row for row in register.rows(persons) if row["snils_index"]]
    assert [row["id"] for row in with_snils] == [register.person_of("a", "pupil-1")]
    # What it says of the number is taken for told: another change goes in.
    moved = replace(twin, version="2", addresses=())
    assert register.write("b", [moved], at=LATER).refused == ()
    assert len(register.queue()) == 1


def test_namesakes_born_on_one_day_are_asked_about(register: Register) -> None:
    """The candidate has no number in common: it is known by names alone."""
    assert not joins(register, replace(PUPIL, addresses=(HOME,)), replace(AGAIN, addresses=(HOME,)))
    (asked,) = register.queue()
    assert [each.person for each in asked.candidates] == [register.person_of("a", "pupil-1")]
    assert asked.conflict.reasons[0] == "identity.not_rare_enough"


def test_namesakes_with_nothing_else_in_common_are_two(register: Register) -> None:
    first, again = (replace(each, addresses=(), middle_name=None) for each in (PUPIL, AGAIN))
    assert not joins(register, first, again)
    assert not register.queue()


def test_nobody_is_asked_about_whom_a_refused_record_would_have_made(register: Register) -> None:
    nowhere = replace(ENROLMENT, organisation_source_id="nowhere")
    first = replace(PUPIL, addresses=(HOME,), enrolment=nowhere)
    again = replace(AGAIN, source_id="pupil-2", addresses=(HOME,), representatives=(MOTHER,))
    outcome = register.write("a", [replace(first, representatives=(MOTHER,)), again])
    assert [each.source_id for each in outcome.refused] == ["pupil-1"]
    assert not register.queue()


def test_strangers_are_new(register: Register) -> None:
    stranger = replace(AGAIN, first_name="Зоя", birth_date=date(2010, 11, 30))
    assert not joins(register, PUPIL, stranger)
    assert not register.queue()


def test_one_child_twice_in_one_batch_meets_itself(register: Register) -> None:
    again = replace(PUPIL, source_id="pupil-2", family_name="Морозова")
    register.write("a", [PUPIL, again])
    assert register.person_of("a", "pupil-1") == register.person_of("a", "pupil-2")


def test_an_unchanged_reload_writes_nothing(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    register.write("b", [told(AGAIN)], at=LATER)
    register.write("b", [told(AGAIN, source_id="twin", first_name="Полина", snils=PUPIL.snils)])
    before = {table.name: register.rows(table) for table in (persons, source_links, name_counts)}
    statements: list[str] = []
    event.listen(
        register.engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    outcome = register.write("b", [told(AGAIN)], at=LATER + timedelta(days=1))
    assert (outcome.unchanged, outcome.created, outcome.changed) == (1, 0, 0)
    assert not [each for each in statements if each.lstrip().startswith(("INSERT", "UPDATE"))]
    assert before == {
        table.name: register.rows(table) for table in (persons, source_links, name_counts)
    }


def test_names_are_counted_once_a_person(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    register.write("b", [told(AGAIN)], at=LATER)
    counts = {(row["part"], row["name"]): row["count"] for row in register.rows(name_counts)}
    assert counts["total", ""] == len(OTHERS) + 1
    assert counts["first", "алена"] == 1
    assert counts["middle", "ивановна"] == len(OTHERS)


def test_a_decision_to_join_holds_for_later_records(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    twin = told(AGAIN, first_name="Полина", snils=PUPIL.snils)
    register.write("b", [twin], at=LATER)
    (asked,) = register.queue()
    known = register.person_of("a", "pupil-1")
    with register.work() as work:
        settled = work.conflicts.decide(asked.conflict.id, known, MANDATE)
        assert not settled.problems
        work.commit()
    assert register.person_of("b", "again-1") == known
    outcome = register.write("b", [replace(twin, version="2", addresses=())], at=LATER)
    assert (outcome.changed, outcome.refused) == (1, ())
    assert register.person_of("b", "again-1") == known
    assert not register.queue()


def test_a_decision_to_keep_apart_holds_for_later_records(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    twin = told(AGAIN, first_name="Полина", snils=PUPIL.snils)
    register.write("b", [twin], at=LATER)
    (asked,) = register.queue()
    own = register.person_of("b", "again-1")
    with register.work() as work:
        assert not work.conflicts.decide(asked.conflict.id, None, MANDATE).problems
        work.commit()
    register.write("b", [replace(twin, version="2", addresses=())], at=LATER)
    assert register.person_of("b", "again-1") == own
    assert [row["state"] for row in register.rows(identity_conflicts)] == ["separate"]


def test_a_conflict_is_decided_once_and_with_every_reason_told(register: Register) -> None:
    register.write("a", [told(PUPIL)])
    register.write("b", [told(AGAIN, first_name="Полина", snils=PUPIL.snils)], at=LATER)
    (asked,) = register.queue()
    with register.work() as work:
        nobody = work.conflicts.decide(asked.conflict.id, UUID(int=999), Mandate(" ", "", LATER))
        assert {each.code for each in nobody.problems} == {
            "conflict.not_a_candidate",
            "conflict.by_missing",
            "identity.reason_missing",
        }
        assert not work.conflicts.decide(asked.conflict.id, None, MANDATE).problems
        again = work.conflicts.decide(asked.conflict.id, None, MANDATE)
        assert [each.code for each in again.problems] == ["conflict.decided"]
        unknown = work.conflicts.decide(UUID(int=998), None, MANDATE)
        assert [each.code for each in unknown.problems] == ["conflict.unknown"]


def test_a_known_record_that_comes_to_mean_another_child_is_refused(register: Register) -> None:
    register.write("a", [PUPIL])
    other = replace(PUPIL, version="2", snils=None, first_name="Вера", birth_date=date(2011, 2, 3))
    (refusal,) = register.write("a", [other], at=LATER).refused
    assert [each.code for each in refusal.problems] == ["person.identity_changed"]


def test_a_joined_record_with_its_own_mistakes_may_change(register: Register) -> None:
    """It differs from the person's row in name and date, not from what it said before."""
    register.write("a", [PUPIL])
    wrong = replace(AGAIN, snils=PUPIL.snils, family_name="Ёлкина", birth_date=date(2013, 5, 18))
    register.write("b", [wrong], at=LATER)
    register.write("a", [replace(PUPIL, version="2", birth_place="Энск")], at=LATER)
    outcome = register.write("b", [replace(wrong, version="2", addresses=(HOME,))], at=LATER)
    assert (outcome.changed, outcome.refused) == (1, ())


def test_how_many_persons_there_are_is_not_asked_of_the_table(register: Register) -> None:
    with register.engine.connect() as connection:
        total = connection.execute(
            select(name_counts.c.count).where(name_counts.c.part == "total")
        ).scalar_one()
        known = connection.execute(select(func.count()).select_from(persons)).scalar_one()
    assert total == known == len(OTHERS)


def test_of_equal_sources_the_later_word_stands_and_what_it_leaves_out_stays(
    register: Register,
) -> None:
    register.write("a", [replace(PUPIL, birth_place="Энск", country_code="643")])
    later = replace(AGAIN, snils=PUPIL.snils, family_name="Морозова", middle_name=None)
    register.write("b", [later], at=LATER)
    (row,) = (each for each in register.rows(persons) if each["snils_index"])
    assert (row["family_name"], row["family_key"]) == ("Морозова", "морозова")
    assert (row["middle_name"], row["birth_place"]) == ("Петровна", "Энск")
    # The first source speaks again, of something else: now its word is the later one.
    register.write("a", [replace(PUPIL, version="2")], at=LATER + timedelta(days=1))
    (row,) = (each for each in register.rows(persons) if each["snils_index"])
    assert row["family_name"] == "Ёлкина-Соловьёва"


def test_a_source_that_the_order_prefers_stands_whoever_speaks_last(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferred = parse_precedence(
        resources.files("registry.identity")
        .joinpath("precedence.toml")
        .read_text("utf-8")
        .replace("[fields.family_name]", '[fields.family_name]\nsources = ["a"]')
    )
    monkeypatch.setattr("store.resolution.load_precedence", lambda: preferred)
    register.write("a", [PUPIL])
    later = replace(AGAIN, snils=PUPIL.snils, family_name="Морозова")
    register.write("b", [later], at=LATER)
    (row,) = (each for each in register.rows(persons) if each["snils_index"])
    assert (row["family_name"], row["first_name"]) == ("Ёлкина-Соловьёва", "Алёна")
    assert row["family_sound"] == sound_code("Ёлкина-Соловьёва")


def test_a_placeholder_that_hundreds_bear_finds_nobody(register: Register) -> None:
    """Cards that were never filled in: one name and one day for all of them."""
    blank = replace(AGAIN, first_name="Неизвестно", middle_name=None, birth_date=date(2010, 1, 1))
    many = MAX_PERSONS_PER_KEY + 1
    register.write("a", [replace(blank, source_id=f"x{number}") for number in range(many)])
    with register.engine.connect() as connection:
        profile = make_profile(record_of_pupil("b", blank))
        assert not find_by_names(connection, {0: profile})
        connection.rollback()


def test_probes_find_what_differs_in_one_thing(register: Register) -> None:
    register.write("a", [replace(PUPIL, birth_date=date(2013, 5, 7))])
    known = register.person_of("a", "pupil-1")
    base = replace(PUPIL, birth_date=date(2013, 5, 7))
    variants = [
        base,
        replace(base, birth_date=date(2013, 7, 5)),
        replace(base, birth_date=date(2013, 5, 9)),
        replace(base, birth_date=date(2003, 5, 7)),
        replace(base, birth_date=date(2018, 5, 7)),
        replace(base, first_name="Полина"),
        replace(base, family_name="Морозова"),
        replace(base, family_name="Алёна", first_name="Ёлкина-Соловьёва"),
        replace(base, first_name="Олена", middle_name=None),
        replace(base, family_name="Ёлкина"),
    ]
    profiles = {
        number: make_profile(record_of_pupil("b", each)) for number, each in enumerate(variants)
    }
    stranger = replace(base, family_name="Ильина", first_name="Вера")
    profiles[99] = make_profile(record_of_pupil("b", stranger))
    with register.work() as work:
        found = find_by_names(work.connection, profiles)
    assert {number for number, persons in found.items() if known in persons} == set(
        range(len(variants))
    )
