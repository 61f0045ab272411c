"""Merges and splits move everything, can be turned back, and never stop half-way."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from registry.identifiers import Snils
from registry.identity.records import RecordRef
from registry.ports import NameKey
from registry.sources import SourceAddress, SourceDocument
from store.identity_store import Change, Mandate
from store.person_moves import HOLDINGS, STAYING
from store.sealing import Sealing
from store.tables import (
    addresses,
    enrolments,
    health_items,
    identity_decisions,
    metadata,
    person_documents,
    persons,
    representatives,
    transfer_cases,
)
from store.unit_of_work import UnitOfWork
from tests.conftest import TEST_VAULT
from tests.integration.store.identity_samples import (
    ABSORBED,
    BACK,
    KEPT,
    LATER,
    MANDATE,
    NOW,
    Register,
)

RECORD = RecordRef("b", "pupil-1")


@pytest.fixture
def register(engine: Engine) -> Iterator[Register]:
    yield Register(engine)


def merge(register: Register, mandate: Mandate = MANDATE) -> Change:
    with register.work() as work:
        change = work.identity.merge(register.kept, register.absorbed, mandate)
        work.commit()
    return change


def codes(change: Change) -> list[str]:
    return [each.code for each in change.problems]


def test_every_column_that_points_at_a_person_is_spoken_for() -> None:
    """A new table must say whether its rows go with a merge."""
    pointing = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        for key in column.foreign_keys
        if key.column.table is persons
    }
    assert pointing == ({each.name for each in HOLDINGS} - {"source_links.entity_id"}) | STAYING


def test_a_merge_moves_everything(register: Register) -> None:
    change = merge(register)
    assert not change.problems
    assert change.counts == {
        "source_links.entity_id": 1,
        "person_documents.person_id": 2,
        "addresses.person_id": 1,
        "representatives.child_id": 1,
        "consents.person_id": 1,
        "enrolments.person_id": 1,
        "health_items.person_id": 1,
        "marks.person_id": 1,
        "exams.person_id": 1,
        "certificates.person_id": 1,
        "achievements.person_id": 1,
        "applications.person_id": 1,
        "applications.applicant_id": 1,
        "transfer_cases.person_id": 1,
        "numbers": 1,
    }
    for holding in HOLDINGS:
        owners = {row[holding.column] for row in register.rows(holding.table)}
        assert register.absorbed not in owners, holding.name
    (row,) = (each for each in register.rows(persons) if each["id"] == register.absorbed)
    assert row["merged_into"] == register.kept


def test_what_was_sealed_opens_and_is_found_with_the_new_owner(register: Register) -> None:
    merge(register)
    sealing = Sealing(TEST_VAULT)
    (kept,) = (each for each in register.rows(persons) if each["id"] == register.kept)
    act = sealing.open_birth_act(register.kept, kept["birth_act_sealed"])
    assert ABSORBED.birth_act is not None
    assert act.number == ABSORBED.birth_act.number
    (item,) = register.rows(health_items)
    assert sealing.open_health(item["id"], item["content_sealed"])[1] == "2"
    before = item["id"]
    from tests.integration.store.identity_samples import _FACTS

    with register.work() as work:
        method, fact = _FACTS[0]
        outcome = getattr(work.bulk, method)("b", [fact], recorded_at=LATER)
        work.commit()
    assert (outcome.unchanged, outcome.created) == (1, 0)
    assert [each["id"] for each in register.rows(health_items)] == [before]


def test_a_split_gives_back_exactly_what_was_merged(register: Register) -> None:
    before = register.owners()
    change = merge(register)
    assert register.owners() != before
    assert change.id is not None
    with register.work() as work:
        back = work.identity.split(change.id, BACK)
        assert not back.problems
        work.commit()
    after = register.owners()
    assert after.keys() == before.keys()
    for name in before:
        assert after[name] == before[name], name
    kinds = [(row["kind"], row["reverses"]) for row in register.rows(identity_decisions)]
    assert sorted(kinds, key=str) == [("merge", None), ("split", change.id)]


def test_a_snils_goes_with_a_merge_and_comes_back(register: Register) -> None:
    with register.work() as work:
        change = work.identity.merge(register.absorbed, register.kept, MANDATE)
        assert change.moved["numbers"] == ["snils"]
        work.commit()
    day = date(2024, 10, 1)
    with UnitOfWork(register.engine, read_only=True) as work:
        (view,) = work.students.by_snils(Snils("11223344595"), as_of=day)
        assert view.person.id == register.absorbed
        assert str(view.person.snils) == "11223344595"
    assert change.id is not None
    with register.work() as work:
        assert not work.identity.split(change.id, BACK).problems
        work.commit()
    with UnitOfWork(register.engine, read_only=True) as work:
        (view,) = work.students.by_snils(Snils("11223344595"), as_of=day)
        assert view.person.id == register.kept


def test_look_ups_show_only_who_stands(register: Register) -> None:
    merge(register)
    with UnitOfWork(register.engine, read_only=True) as work:
        absorbed = NameKey("морозова", "эльвира", None)
        assert not work.students.by_name(absorbed, ABSORBED.birth_date, as_of=NOW.date())
        assert work.identity.standing(register.absorbed) == register.kept
        assert work.identity.standing(register.kept) == register.kept
        assert work.identity.standing(UUID(int=999)) is None


def test_what_both_have_stays_where_it_is(register: Register) -> None:
    shared = replace(
        ABSORBED, version="2", documents=(*ABSORBED.documents, SourceDocument("11", "II-АН", "1"))
    )
    register.write("b", shared, at=NOW)
    register.write(
        "a", replace(KEPT, version="2", documents=(SourceDocument("11", "II-АН", "1"),)), at=NOW
    )
    before = register.owners()
    change = merge(register)
    assert not change.problems
    owners = sorted(row["person_id"] for row in register.rows(person_documents))
    assert owners.count(register.absorbed) == 1
    assert change.id is not None
    with register.work() as work:
        work.identity.split(change.id, BACK)
        work.commit()
    assert register.owners() == before


def test_a_reload_after_a_merge_changes_nothing(register: Register) -> None:
    merge(register)
    before = register.owners()
    changed = replace(ABSORBED, version="2", birth_place="Энск")
    register.write("b", changed, at=LATER)
    after = register.owners()
    for name in ("addresses", "representatives", "person_documents", "enrolments", "marks"):
        assert after[name] == before[name], name
    assert register.person("b") == register.kept


def test_what_came_since_goes_back_too(register: Register) -> None:
    change = merge(register)
    later = replace(
        ABSORBED,
        version="2",
        documents=(*ABSORBED.documents, SourceDocument("12", "4501", "654321")),
        addresses=(
            *ABSORBED.addresses,
            SourceAddress("stay", "г. Энск, ул. Новая, д. 2", None, None, None, None),
        ),
    )
    register.write("b", later, at=LATER)
    assert change.id is not None
    with register.work() as work:
        assert not work.identity.split(change.id, BACK).problems
        work.commit()
    for table, number in ((person_documents, 3), (addresses, 2)):
        owners = [row["person_id"] for row in register.rows(table)]
        assert owners.count(register.absorbed) == number, table.name


def test_records_are_split_off_without_a_merge(register: Register) -> None:
    """A record that should never have joined gets a person of its own."""
    register.write("b", replace(ABSORBED, source_id="x", snils=KEPT.snils, first_name="Алёна",
                                family_name="Ёлкина-Соловьёва", birth_date=KEPT.birth_date,
                                documents=(SourceDocument("12", "4600", "111111"),),
                                birth_act=None, addresses=(), representatives=()))  # fmt: skip
    joined = register.person("b", "x")
    assert joined == register.kept
    with register.work() as work:
        change = work.identity.split_records(joined, [RecordRef("b", "x")], BACK)
        assert not change.problems
        work.commit()
    other = register.person("b", "x")
    assert other not in (register.kept, register.absorbed)
    rows = {row["id"]: row for row in register.rows(persons)}
    assert rows[other]["family_name"] == "Ёлкина-Соловьёва"
    assert rows[other]["snils_index"] is None  # the record that stays tells it too
    assert rows[register.kept]["snils_index"] is not None
    owners = [row["person_id"] for row in register.rows(person_documents)]
    assert owners.count(other) == 1
    assert [row["person_id"] for row in register.rows(enrolments)].count(other) == 1
    with register.work() as work:
        assert not work.identity.merge(register.kept, other, BACK).problems


def test_a_split_of_records_tells_every_reason_against_it(register: Register) -> None:
    with register.work() as work:
        nothing = work.identity.split_records(register.kept, [], Mandate("", "", LATER))
        assert set(codes(nothing)) == {
            "conflict.by_missing",
            "identity.reason_missing",
            "split.nothing",
        }
        foreign = work.identity.split_records(register.kept, [RECORD], BACK)
        assert codes(foreign) == ["split.record_unknown"]
        everything = work.identity.split_records(register.absorbed, [RECORD], BACK)
        assert codes(everything) == ["split.everything"]


def test_a_merge_tells_every_reason_against_it(register: Register) -> None:
    before = register.owners()
    school = register.rows(metadata.tables["organisations"])[0]["id"]
    with register.engine.begin() as connection:
        connection.execute(
            transfer_cases.insert(),
            {
                "id": UUID(int=903),
                "person_id": register.kept,
                "scope": "to_outside",
                "from_id": school,
                "to_name": "Школа",
                "requested_at": NOW,
                "state": "requested",
                "state_since": NOW,
                "live": True,
                "recorded_at": NOW,
            },
        )
    other_snils = replace(
        ABSORBED,
        version="2",
        snils="064-949-063 00",
        enrolment=replace(KEPT.enrolment, class_source_id=None),  # type: ignore[type-var]
    )
    register.write("b", other_snils, at=NOW)
    change = merge(register, Mandate("clerk", " ", LATER))
    assert set(codes(change)) == {
        "identity.reason_missing",
        "merge.snils_differs",
        "merge.enrolments_overlap",
        "merge.transfers_live",
    }
    assert change.id is None
    assert not register.rows(identity_decisions)
    assert before.keys() == register.owners().keys()
    assert {row["merged_into"] for row in register.rows(persons)} == {None}


def test_a_parent_is_not_merged_with_the_child(register: Register) -> None:
    (mother,) = (
        row["person_id"]
        for row in register.rows(representatives)
        if row["child_id"] == register.kept
    )
    with register.work() as work:
        assert codes(work.identity.merge(register.kept, mother, MANDATE)) == [
            "merge.representative"
        ]
        assert codes(work.identity.merge(register.kept, register.kept, MANDATE)) == [
            "merge.same_person"
        ]
        unknown = work.identity.merge(UUID(int=998), UUID(int=999), MANDATE)
        assert [(each.code, each.field) for each in unknown.problems] == [
            ("merge.unknown", "kept"),
            ("merge.unknown", "absorbed"),
        ]


def test_nothing_is_merged_or_split_twice(register: Register) -> None:
    first = merge(register)
    assert codes(merge(register)) == ["merge.absorbed_merged"]
    assert first.id is not None
    with register.work() as work:
        assert codes(work.identity.split(UUID(int=999), BACK)) == ["split.no_merge"]
        assert not work.identity.split(first.id, BACK).problems
        assert codes(work.identity.split(first.id, BACK)) == ["split.reversed"]
        work.commit()


def test_a_dry_run_leaves_nothing(register: Register) -> None:
    before = register.owners()
    with register.work() as work:
        assert work.identity.merge(register.kept, register.absorbed, MANDATE).counts
    assert register.owners() == before
    assert not register.rows(identity_decisions)


def test_of_two_merges_at_once_one_wins(register: Register) -> None:
    """Two clerks merge the same two persons, each the other way round."""
    barrier = threading.Barrier(2)
    changes: list[Change] = []

    def run(kept: UUID, absorbed: UUID) -> None:
        barrier.wait()
        with UnitOfWork(register.engine) as work:
            change = work.identity.merge(kept, absorbed, MANDATE)
            work.commit()
        changes.append(change)

    threads = [
        threading.Thread(target=run, args=pair)
        for pair in (
            (register.kept, register.absorbed),
            (register.absorbed, register.kept),
        )
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    assert sorted(len(each.problems) for each in changes) == [0, 1]
    with register.engine.connect() as connection:
        merged = connection.execute(
            select(persons.c.merged_into).where(persons.c.merged_into.is_not(None))
        ).all()
    assert len(merged) == 1
    assert len(register.rows(identity_decisions)) == 1


def test_the_time_of_a_decision_is_kept(register: Register) -> None:
    merge(register)
    (decision,) = register.rows(identity_decisions)
    assert decision["at"] == LATER
    assert (decision["actor"], decision["reason"]) == ("clerk", "сверено с документами")
    with register.work() as work:
        (told,) = work.identity.decisions_of(register.absorbed)
        assert told["id"] == decision["id"]
    assert timedelta(days=1) == LATER - NOW
