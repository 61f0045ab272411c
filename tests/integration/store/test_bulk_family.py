"""What a source tells with a pupil: birth, addresses, representatives, former names."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, select

from registry.ports import WriteOutcome
from registry.sources import SourcePupil
from store.links import LinkKind
from store.people import Names
from store.sealing import Sealing
from store.tables import (
    addresses,
    former_names,
    keeping_of,
    person_documents,
    persons,
    representatives,
    source_links,
)
from store.told import load_told, read_pupil
from store.unit_of_work import UnitOfWork
from store.vault import DataKey, Vault
from tests.conftest import TEST_VAULT
from tests.integration.store.samples import CLASS, NOW, PUPIL, SCHOOL
from tests.unit.registry.samples import ADDRESS, BIRTH_ACT, MOTHER

LATER = NOW + timedelta(days=100)
WHOLE = replace(
    PUPIL,
    country_code="398",
    birth_place="г. Новозаречинск",
    birth_act=BIRTH_ACT,
    addresses=(ADDRESS,),
    representatives=(MOTHER,),
)
TABLES = (persons, person_documents, addresses, representatives, former_names, source_links)


class Register:
    """The store under test, a unit of work a call."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = (UUID(int=number) for number in count(1))

    def write(self, *records: SourcePupil, source: str = "s", at: Any = NOW) -> WriteOutcome:
        with UnitOfWork(self.engine, new_id=lambda: next(self._ids)) as work:
            outcome = work.bulk.write_pupils(source, records, recorded_at=at)
            work.commit()
        return outcome

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        return [row for row in rows if not row.get("retracted")]

    def history(self, table: Table) -> list[dict[str, Any]]:
        history = keeping_of(table).history
        assert history is not None
        return self.rows(history)

    def person(self, first_key: str) -> dict[str, Any]:
        (row,) = [row for row in self.rows(persons) if row["first_key"] == first_key]
        return row


@pytest.fixture
def register(engine: Engine) -> Register:
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        work.bulk.write_classes("s", [CLASS], recorded_at=NOW)
        work.commit()
    return Register(engine)


def codes(outcome: WriteOutcome) -> list[tuple[str, str]]:
    return [(p.code, p.field) for refusal in outcome.refused for p in refusal.problems]


def counts(outcome: WriteOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, len(outcome.refused)


def test_everything_is_written(register: Register) -> None:
    assert counts(register.write(WHOLE)) == (1, 0, 0, 0)
    child, mother = register.person("алена"), register.person("ольга")
    assert (child["country_code"], child["birth_place"]) == ("398", "г. Новозаречинск")
    act = Sealing(TEST_VAULT).open_birth_act(child["id"], child["birth_act_sealed"])
    assert (act.number, act.recorded_on, act.office) == (
        BIRTH_ACT.number,
        BIRTH_ACT.recorded_on,
        BIRTH_ACT.office,
    )
    (address,) = register.rows(addresses)
    assert (address["person_id"], address["text"]) == (child["id"], ADDRESS.text)
    (acting,) = register.rows(representatives)
    assert (acting["child_id"], acting["person_id"]) == (child["id"], mother["id"])
    number = Sealing(TEST_VAULT).open_number(
        "representatives.authority", acting["id"], acting["authority_sealed"]
    )
    assert (acting["authority_type_code"], number) == ("402", "II-АН 123456")


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_same_again_writes_nothing_but_the_version(register: Register, version: str) -> None:
    register.write(WHOLE)
    before = [register.rows(table) for table in TABLES[:-1]]
    assert counts(register.write(replace(WHOLE, version=version), at=LATER)) == (0, 0, 1, 0)
    assert [register.rows(table) for table in TABLES[:-1]] == before
    assert all(not register.history(table) for table in TABLES[:-1])
    (link,) = [row for row in register.rows(source_links) if row["kind"] == "pupil"]
    assert (link["source_version"], link["version"]) == (version, int(version))
    assert link["content_sealed"] is not None


def test_a_change_elsewhere_leaves_each_row_at_its_version(register: Register) -> None:
    register.write(WHOLE)
    register.write(replace(WHOLE, version="2", birth_place="д. Липовка"), at=LATER)
    assert {row["version"] for row in register.rows(addresses)} == {1}
    assert {row["version"] for row in register.rows(representatives)} == {1}
    assert [row["birth_place"] for row in register.history(persons)] == ["г. Новозаречинск"]


def test_what_is_left_out_stays(register: Register) -> None:
    register.write(WHOLE)
    bare = replace(PUPIL, version="2", first_name="Елена")
    register.write(bare, at=LATER)
    child = register.person("елена")
    assert (child["country_code"], child["birth_place"]) == ("398", "г. Новозаречинск")
    assert child["birth_act_sealed"] is not None
    assert len(register.rows(addresses)) == len(register.rows(representatives)) == 1


def test_what_the_source_said_is_kept_sealed_and_whole(register: Register) -> None:
    register.write(WHOLE)
    with register.engine.connect() as connection:
        told = load_told(connection, Sealing(TEST_VAULT), "s", LinkKind.PUPIL, ["pupil-1"])
    assert read_pupil("pupil-1", "1", told["pupil-1"]) == WHOLE
    (link,) = [row for row in register.rows(source_links) if row["kind"] == "pupil"]
    assert "Соловьёва".encode() not in link["content_sealed"]
    assert "112-233" not in str(link)


def test_an_added_key_changes_nothing(register: Register, database_url: str) -> None:
    from store.engine import create_engine_for

    register.write(WHOLE)
    newer = Vault([DataKey("new", b"n" * 32), DataKey("test", bytes(range(32)))])
    engine = create_engine_for(database_url, vault=newer)
    rotated = Register(engine)
    assert counts(rotated.write(WHOLE, at=LATER)) == (0, 0, 1, 0)
    changed = replace(WHOLE, version="2", country_code="112")
    assert counts(rotated.write(changed, at=LATER)) == (0, 1, 0, 0)
    assert [row["version"] for row in rotated.rows(persons)].count(2) == 1
    for table in (person_documents, addresses, representatives):
        assert [row["version"] for row in rotated.rows(table)] == [1]
    engine.dispose()


# --- names ---------------------------------------------------------------------------------------


def test_another_surname_leaves_the_former_one(register: Register) -> None:
    register.write(PUPIL)
    register.write(replace(PUPIL, version="2", family_name="Журавлёва"), at=LATER)
    (former,) = register.rows(former_names)
    assert former["family_name"] == "Ёлкина-Соловьёва"
    assert Names(former["family_key"], former["first_key"], former["middle_key"]) == Names.of(PUPIL)
    assert former["until"] == LATER.date() - timedelta(days=1)
    assert register.rows(persons)[0]["family_name"] == "Журавлёва"


@pytest.mark.parametrize(
    "spelling", ["Елкина - Соловьева", "ЁЛКИНА-СОЛОВЬЁВА", "Ёлкина-Соловьева", "Ёлкина-Соловёва"]
)
def test_a_small_correction_is_no_change_of_name(register: Register, spelling: str) -> None:
    register.write(PUPIL)
    register.write(replace(PUPIL, version="2", family_name=spelling), at=LATER)
    assert register.rows(former_names) == []
    assert register.rows(persons)[0]["family_name"] == spelling


def test_a_change_told_by_two_sources_is_one(register: Register) -> None:
    with UnitOfWork(register.engine) as work:
        work.bulk.write_organisations("t", [SCHOOL], recorded_at=NOW)
        work.bulk.write_classes("t", [CLASS], recorded_at=NOW)
        work.commit()
    register.write(PUPIL)
    register.write(PUPIL, source="t")
    married = replace(PUPIL, version="2", family_name="Журавлёва")
    register.write(married, at=LATER)
    register.write(married, source="t", at=LATER + timedelta(days=9))
    assert len(register.rows(former_names)) == 1


def test_another_sources_name_is_no_former_name(register: Register) -> None:
    register.write(PUPIL)
    other = replace(PUPIL, family_name="Журавлёва", enrolment=None)
    register.write(other, source="t")
    assert register.rows(former_names) == []


# --- addresses -----------------------------------------------------------------------------------


def test_a_new_address_ends_the_one_before(register: Register) -> None:
    register.write(WHOLE)
    moved = replace(ADDRESS, text="г. Новозаречинск, ул. Новая, д. 3", begins_on=date(2024, 3, 1))
    register.write(replace(WHOLE, version="2", addresses=(moved,)), at=LATER)
    periods = sorted((r["begins_on"], r["ends_on"]) for r in register.rows(addresses))
    assert periods[0] == (date(2013, 6, 1), date(2024, 2, 29))
    assert periods[1][0] == date(2024, 3, 1)
    assert [row["ends_on"] for row in register.history(addresses)] == [None]


@pytest.mark.parametrize(
    "corrected",
    [
        replace(ADDRESS, begins_on=date(2014, 1, 1)),
        replace(ADDRESS, text="г. Новозаречинск, ул. Липовая, д. 12"),
    ],
)
def test_a_corrected_address_replaces_the_one_before(register: Register, corrected: Any) -> None:
    register.write(WHOLE)
    register.write(replace(WHOLE, version="2", addresses=(corrected,)), at=LATER)
    (row,) = register.rows(addresses)
    assert (row["text"], row["begins_on"]) == (corrected.text, corrected.begins_on)


def test_an_address_of_another_kind_goes_beside(register: Register) -> None:
    register.write(WHOLE)
    stay = replace(ADDRESS, kind="stay", text="г. Заречный, ул. Полевая, д. 5")
    register.write(replace(WHOLE, version="2", addresses=(stay,)), at=LATER)
    assert {row["kind"] for row in register.rows(addresses)} == {"registration", "stay"}
    assert all(row["ends_on"] is None for row in register.rows(addresses))


# --- representatives -----------------------------------------------------------------------------


def brother(**changes: Any) -> SourcePupil:
    return replace(
        WHOLE,
        source_id="pupil-2",
        snils=None,
        first_name="Фома",
        sex="male",
        documents=(),
        **changes,
    )


def test_two_children_of_one_mother_in_one_batch(register: Register) -> None:
    assert counts(register.write(WHOLE, brother())) == (2, 0, 0, 0)
    mother = register.person("ольга")
    assert {row["person_id"] for row in register.rows(representatives)} == {mother["id"]}
    assert len(register.rows(persons)) == 3
    assert counts(register.write(WHOLE, brother(), at=LATER)) == (0, 0, 2, 0)


def test_a_mother_known_by_her_snils(register: Register) -> None:
    mother = replace(MOTHER, snils="064-949-063 00")
    register.write(replace(WHOLE, representatives=(mother,)))
    elsewhere = replace(brother(representatives=(replace(mother, source_id="x"),)), enrolment=None)
    register.write(elsewhere, source="t")
    assert len(register.rows(persons)) == 3
    assert len({row["person_id"] for row in register.rows(representatives)}) == 1


def test_a_mothers_new_name_is_taken_from_either_child(register: Register) -> None:
    register.write(WHOLE, brother())
    married = replace(MOTHER, family_name="Журавлёва")
    register.write(replace(WHOLE, version="2", representatives=(married,)), at=LATER)
    assert register.person("ольга")["family_name"] == "Журавлёва"
    assert [row["family_name"] for row in register.rows(former_names)] == ["Ёлкина"]
    assert [row["version"] for row in register.rows(representatives)] == [1, 1]


def test_a_mothers_id_that_means_somebody_else_refuses_the_child(register: Register) -> None:
    register.write(WHOLE)
    other = replace(MOTHER, family_name="Другая", birth_date=date(1990, 1, 1))
    outcome = register.write(
        replace(WHOLE, version="2", snils="064-949-063 00", representatives=(other,))
    )
    assert codes(outcome) == [
        ("person.identity_changed", "source_id"),
        ("person.identity_changed", "representatives[0].source_id"),
    ]
    assert register.person("ольга")["family_name"] == "Ёлкина"


def test_a_mothers_snils_of_somebody_else(register: Register) -> None:
    register.write(replace(PUPIL, source_id="pupil-9"))
    thief = replace(MOTHER, snils=PUPIL.snils)
    outcome = register.write(brother(representatives=(thief,)))
    assert codes(outcome) == [("person.snils_conflict", "representatives[0].snils")]
    assert len(register.rows(persons)) == 1


def test_a_child_is_not_their_own_representative(register: Register) -> None:
    register.write(PUPIL)
    own = replace(MOTHER, snils=PUPIL.snils, birth_date=PUPIL.birth_date)
    outcome = register.write(replace(PUPIL, version="2", snils=None, representatives=(own,)))
    assert codes(outcome) == [("representative.is_child", "representatives[0].source_id")]


def test_a_change_of_authority_keeps_the_former(register: Register) -> None:
    register.write(WHOLE)
    guardian = replace(MOTHER, authority_type_code="403", authority_number="77")
    register.write(replace(WHOLE, version="2", representatives=(guardian,)), at=LATER)
    assert [row["authority_type_code"] for row in register.rows(representatives)] == ["403"]
    assert [row["authority_type_code"] for row in register.history(representatives)] == ["402"]
    assert register.person("ольга")["version"] == 1


def test_many_at_once_go_by_copy(register: Register) -> None:
    def children(version: str, place: str) -> Sequence[SourcePupil]:
        return [
            replace(
                brother(birth_place=place),
                source_id=f"p{number}",
                birth_date=date(2010, 1, 1) + timedelta(days=number),
                birth_act=None,
                version=version,
                representatives=(replace(MOTHER, source_id=f"m{number // 2}"),),
                enrolment=None,
            )
            for number in range(600)
        ]

    assert register.write(*children("1", "a")).created == 600
    assert len(register.rows(persons)) == 900
    assert len(register.rows(addresses)) == len(register.rows(representatives)) == 600
    assert register.write(*children("1", "a")).unchanged == 600
    assert register.write(*children("2", "b"), at=LATER).changed == 600
    assert len(register.history(persons)) == 600
    assert register.history(addresses) == []
