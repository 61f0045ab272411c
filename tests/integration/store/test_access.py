"""Who saw whose data is kept for good."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from registry.access import AccessEvent
from store.engine import WRITING
from store.errors import StoreError
from store.tables import access_events
from store.unit_of_work import UnitOfWork
from tests.integration.store.lives import FIRST, PUPIL, TWIN

EVENT = AccessEvent(
    id=UUID(int=1),
    at=FIRST,
    person_id=PUPIL,
    actor="operator",
    purpose="обращение № 12",
    operation="student show",
    fields=("names", "snils"),
    outcome="shown",
)
BY_AGENCY = AccessEvent(
    id=UUID(int=2),
    at=FIRST + timedelta(hours=1),
    person_id=PUPIL,
    actor="KONT00001",
    purpose="назначение пособия",
    operation="students GetPortfolio",
    fields=(),
    outcome="RESULT",
    agency="DEMO00001",
    case_number="7/2024",
    address="127.0.0.1",
    message_id=UUID(int=5),
)


def record(engine: Engine, *events: AccessEvent) -> None:
    with UnitOfWork(engine) as work:
        work.access.record(*events)
        work.commit()


def test_events_of_a_person_the_latest_first(engine: Engine) -> None:
    other = AccessEvent(UUID(int=3), FIRST, TWIN, "operator", "?", "student show", (), "shown")
    record(engine, EVENT, BY_AGENCY, other)
    with UnitOfWork(engine, read_only=True) as work:
        assert list(work.access.of_person(PUPIL)) == [BY_AGENCY, EVENT]
        assert list(work.access.of_person(TWIN)) == [other]


def test_what_is_not_committed_is_not_kept(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        work.access.record(EVENT)
    with UnitOfWork(engine, read_only=True) as work:
        assert list(work.access.of_person(PUPIL)) == []


def test_no_events_are_no_statement(engine: Engine) -> None:
    record(engine)


def test_a_text_longer_than_its_column_does_not_prevent_the_record(engine: Engine) -> None:
    long = AccessEvent(
        UUID(int=4), FIRST, PUPIL, "я" * 500, "п" * 5000, "о" * 500, ("names",), "и" * 99
    )
    record(engine, long)
    with UnitOfWork(engine, read_only=True) as work:
        (kept,) = work.access.of_person(PUPIL)
    assert (len(kept.actor), len(kept.purpose), len(kept.operation), len(kept.outcome)) == (
        200,
        5000,
        100,
        50,
    )


def test_an_event_can_be_neither_changed_nor_repeated(engine: Engine) -> None:
    record(engine, EVENT)
    with pytest.raises(StoreError, match="conflict"):
        record(engine, EVENT)
    for change in (access_events.update().values(purpose="?"), access_events.delete()):
        with (
            pytest.raises(DatabaseError),
            engine.execution_options(**WRITING).begin() as connection,
        ):
            connection.execute(change)
