"""What a source tells of pupils apart: health, marks, examinations, certificates, achievements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Table, select

from registry.ports import WriteOutcome
from store.sealing import Sealing
from store.tables import (
    achievements,
    certificates,
    exams,
    health_items,
    keeping_of,
    marks,
    persons,
    source_links,
)
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Vault
from tests.conftest import TEST_VAULT
from tests.integration.store.samples import CLASS, NOW, PUPIL, SCHOOL, share_links
from tests.unit.registry.samples import ACHIEVEMENT, CERTIFICATE, EXAM, HEALTH_ITEM, MARK

LATER = NOW + timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """A kind: its record, one that corrects it, one that tells another fact."""

    word: str
    method: str
    table: Table
    record: Any
    corrected: Any
    another: Any
    day: str

    def __str__(self) -> str:
        return self.word


CASES = [
    Case(
        "health",
        "write_health_items",
        health_items,
        HEALTH_ITEM,
        replace(HEALTH_ITEM, ends_on=date(2025, 8, 31)),
        replace(HEALTH_ITEM, code="13"),
        "begins_on",
    ),
    Case(
        "mark",
        "write_marks",
        marks,
        MARK,
        replace(MARK, value="5"),
        replace(MARK, kind="year", period=None),
        "given_on",
    ),
    Case(
        "exam",
        "write_exams",
        exams,
        EXAM,
        replace(EXAM, score=93),
        replace(EXAM, subject="Физика"),
        "held_on",
    ),
    Case(
        "certificate",
        "write_certificates",
        certificates,
        CERTIFICATE,
        replace(CERTIFICATE, medal="second"),
        replace(CERTIFICATE, number="07724001234568"),
        "issued_on",
    ),
    Case(
        "achievement",
        "write_achievements",
        achievements,
        ACHIEVEMENT,
        replace(ACHIEVEMENT, result="победитель"),
        replace(ACHIEVEMENT, title="ВсОШ по физике"),
        "achieved_on",
    ),
]
WITH_ORGANISATION = [case for case in CASES if hasattr(case.record, "organisation_source_id")]


class Register:
    """The store under test, a unit of work a call."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def write(
        self, method: str, *records: Any, source: str = "s", at: datetime = NOW
    ) -> WriteOutcome:
        with UnitOfWork(self.engine) as work:
            outcome: WriteOutcome = getattr(work.bulk, method)(source, records, recorded_at=at)
            work.commit()
        return outcome

    def rows(self, table: Table | None) -> list[dict[str, Any]]:
        assert table is not None
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.fixture
def register(engine: Engine) -> Register:
    made = Register(engine)
    made.write("write_organisations", SCHOOL)
    made.write("write_classes", CLASS)
    made.write("write_pupils", PUPIL)
    share_links(engine)
    return made


def codes(outcome: WriteOutcome) -> list[str]:
    return [problem.code for refusal in outcome.refused for problem in refusal.problems]


def counts(outcome: WriteOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.refused)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_written_reloaded_corrected(register: Register, case: Case) -> None:
    assert counts(register.write(case.method, case.record)) == (1, 0, 0, 0)
    first = register.rows(case.table)
    assert counts(register.write(case.method, case.record, at=LATER)) == (0, 0, 1, 0)
    assert register.rows(case.table) == first
    assert counts(register.write(case.method, case.corrected, at=LATER)) == (0, 1, 0, 0)
    (now,) = register.rows(case.table)
    assert (now["id"], now["version"], now["recorded_at"]) == (first[0]["id"], 2, LATER)
    (before,) = register.rows(keeping_of(case.table).history)
    assert (before["version"], before["superseded_at"]) == (1, LATER)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_another_fact_goes_beside(register: Register, case: Case) -> None:
    register.write(case.method, case.record)
    other = replace(case.another, source_id="another")
    assert counts(register.write(case.method, other)) == (1, 0, 0, 0)
    assert len(register.rows(case.table)) == 2


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_fact_of_another_source_is_that_fact(register: Register, case: Case) -> None:
    register.write(case.method, case.record)
    same = replace(case.record, source_id="x")
    assert counts(register.write(case.method, same, source="t")) == (0, 0, 1, 0)
    assert len(register.rows(case.table)) == 1
    assert len(register.rows(source_links)) == 8, "facts have no links"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_pupil_that_is_not_known(register: Register, case: Case) -> None:
    stray = replace(case.record, pupil_source_id="pupil-9")
    outcome = register.write(case.method, stray, replace(case.another, source_id="fine"))
    assert codes(outcome) == [f"{case.word}.pupil_unknown"]
    assert counts(outcome) == (1, 0, 0, 1)


@pytest.mark.parametrize("case", WITH_ORGANISATION, ids=str)
def test_all_that_speaks_against_a_record_is_named(register: Register, case: Case) -> None:
    early = {case.day: PUPIL.birth_date - timedelta(days=1)}
    stray = replace(case.record, organisation_source_id="school-9", **early)
    assert codes(register.write(case.method, stray)) == [
        f"{case.word}.before_birth",
        f"{case.word}.organisation_unknown",
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_day_before_the_birth(register: Register, case: Case) -> None:
    early = replace(case.record, **{case.day: PUPIL.birth_date - timedelta(days=1)})
    assert codes(register.write(case.method, early)) == [f"{case.word}.before_birth"]
    assert register.rows(case.table) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fact_told_twice_in_a_batch(register: Register, case: Case) -> None:
    same = replace(case.record, source_id="same")
    other = replace(case.corrected, source_id="other")
    outcome = register.write(case.method, case.record, same, other)
    assert counts(outcome) == (1, 0, 1, 1)
    assert codes(outcome) == [f"{case.word}.repeated"]
    assert [row["version"] for row in register.rows(case.table)] == [1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_added_key_changes_nothing(register: Register, case: Case, database_url: str) -> None:
    from store.engine import create_engine_for

    register.write(case.method, case.record)
    newer = Vault([DataKey("new", b"n" * 32), DataKey("test", bytes(range(32)))])
    engine = create_engine_for(database_url, vault=newer)
    outcome = Register(engine).write(case.method, case.record, at=LATER)
    engine.dispose()
    assert counts(outcome) == (0, 0, 1, 0)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_retracted_fact_told_again_stands_again(register: Register, case: Case) -> None:
    register.write(case.method, case.record)
    table = case.table
    with UnitOfWork(register.engine) as work:
        taken_back = {"retracted": True, "version": 2}
        work.connection.execute(table.update().values(**taken_back))
        work.commit()
    assert counts(register.write(case.method, case.record, at=LATER)) == (0, 1, 0, 0)
    assert [(row["retracted"], row["version"]) for row in register.rows(table)] == [(False, 3)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_facts_of_a_merged_person_are_those_of_the_other(register: Register, case: Case) -> None:
    twice = replace(PUPIL, source_id="pupil-2", snils=None, enrolment=None, documents=())
    register.write("write_pupils", twice)
    with UnitOfWork(register.engine) as work:
        # As the merge of two persons leaves it.
        one, other = (
            work.connection.execute(
                select(source_links.c.entity_id).where(
                    source_links.c.source_id == source_id, source_links.c.kind == "pupil"
                )
            )
            .scalars()
            .first()
            for source_id in ("pupil-1", "pupil-2")
        )
        work.connection.execute(
            persons.update().where(persons.c.id == other).values(merged_into=one, version=2)
        )
        work.commit()
    register.write(case.method, case.record)
    same = replace(case.record, pupil_source_id="pupil-2", source_id="x")
    assert counts(register.write(case.method, same)) == (0, 0, 1, 0)
    assert [row["person_id"] for row in register.rows(case.table)] == [one]


def test_what_health_says_is_sealed(register: Register) -> None:
    detailed = replace(HEALTH_ITEM, kind="vaccination", code="1", detail="против кори")
    register.write("write_health_items", detailed)
    (row,) = register.rows(health_items)
    kind, code, category, detail = Sealing(TEST_VAULT).open_health(row["id"], row["content_sealed"])
    assert (kind.value, code, category, detail) == ("vaccination", "1", None, "против кори")
    assert row["source"] == "s"
    assert "кори" not in str(row)


def test_the_number_of_a_certificate_is_sealed(register: Register) -> None:
    register.write("write_certificates", CERTIFICATE)
    (row,) = register.rows(certificates)
    number = Sealing(TEST_VAULT).open_number("certificates.number", row["id"], row["number_sealed"])
    assert number == CERTIFICATE.number
    assert (row["medal"], row["average"]) == ("first", 4.9)


def test_many_marks_at_once(register: Register) -> None:
    def many(value: str) -> Sequence[Any]:
        return [
            replace(MARK, source_id=f"m{number}", subject=f"Предмет {number}", value=value)
            for number in range(700)
        ]

    assert register.write("write_marks", *many("4")).created == 700
    assert register.write("write_marks", *many("4")).unchanged == 700
    assert register.write("write_marks", *many("5"), at=LATER).changed == 700
    assert len(register.rows(keeping_of(marks).history)) == 700
