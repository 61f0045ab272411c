"""What is kept and what is not."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from registry.identifiers import Snils
from store.cursors import SyncCursor, SyncState
from store.errors import StoreError
from store.journal_store import JournalReader, ReplayConflict
from store.tables import journal, organisations
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import NOW, SCHOOL, decided

CURSOR = SyncCursor(
    source="s",
    entity="pupils",
    token="page-2",
    state=SyncState.RUNNING,
    created=500,
    changed=0,
    unchanged=0,
    refused=1,
    updated_at=NOW,
)


def count(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        return (
            connection.execute(select(func.count()).select_from(organisations)).scalar_one(),
            connection.execute(select(func.count()).select_from(journal)).scalar_one(),
        )


def test_everything_of_a_unit_is_committed_together(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        work.cursors.save(CURSOR)
        assert list(work.journal([decided(1)])) == [1]
        assert count(engine) == (0, 0)
        work.commit()
    assert count(engine) == (1, 1)
    with UnitOfWork(engine, read_only=True) as work:
        assert work.cursors.load("s", "pupils") == CURSOR
        assert work.cursors.load("s", "classes") is None


def test_without_commit_nothing_is_kept(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        work.journal([decided(1)])
    assert count(engine) == (0, 0)


def test_an_error_in_the_block_undoes_it_and_goes_on(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        raise ZeroDivisionError
    assert count(engine) == (0, 0)


def test_a_unit_that_ended_takes_nothing_more(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        students = work.students
        work.commit()
        with pytest.raises(StoreError) as caught:
            work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        assert caught.value.code == "store.closed"
        with pytest.raises(StoreError):
            students.by_snils(Snils("11223344595"), as_of=date(2024, 1, 1))
    assert count(engine) == (0, 0)


def test_a_unit_can_be_entered_again(engine: Engine) -> None:
    work = UnitOfWork(engine)
    for token in ("page-2", "page-3"):
        with work:
            work.cursors.save(replace(CURSOR, token=token))
            work.commit()
    with work:
        loaded = work.cursors.load("s", "pupils")
        assert loaded is not None
        assert loaded.token == "page-3"


def test_cursors_are_listed_by_source(engine: Engine) -> None:
    finished = replace(CURSOR, entity="classes", state=SyncState.FINISHED, finished_at=NOW)
    failed = replace(CURSOR, source="t", state=SyncState.FAILED, error_code="source.timeout")
    with UnitOfWork(engine) as work:
        for cursor in (CURSOR, finished, failed):
            work.cursors.save(cursor)
        assert list(work.cursors.list("s")) == [finished, CURSOR]
        assert list(work.cursors.list()) == [finished, CURSOR, failed]


def test_a_replay_in_a_unit_is_raised(engine: Engine) -> None:
    first, copy = decided(1, replay_key="k"), decided(2, replay_key="k")
    with UnitOfWork(engine) as work:
        work.journal([first])
        work.commit()
    with pytest.raises(ReplayConflict) as caught, UnitOfWork(engine) as work:
        work.bulk.write_organisations("s", [SCHOOL], recorded_at=NOW)
        work.journal([copy])
        work.commit()
    assert caught.value.message_id == first.message_id
    assert count(engine) == (0, 1)
    assert [record.message_id for record in JournalReader(engine).iterate()] == [first.message_id]
