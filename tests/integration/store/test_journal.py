"""The journal in the database: sequence, chain, replays, reading."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from journal.chain import check_chain
from journal.records import Direction, RecordKind
from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.journal_store import (
    JournalReader,
    JournalWriter,
    MessageIdReused,
    ReplayConflict,
    append,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import decided, received


@pytest.fixture
def writer(engine: Engine) -> Iterator[JournalWriter]:
    made = JournalWriter(engine)
    yield made
    made.close()


@pytest.fixture
def reader(engine: Engine) -> JournalReader:
    return JournalReader(engine)


def verify(reader: JournalReader) -> int:
    links = [record.link for record in reader.iterate()]
    assert check_chain(links) is None
    assert [each.sequence for each in links] == list(range(1, len(links) + 1))
    return len(links)


def test_a_record_is_read_back_as_it_was(writer: JournalWriter, reader: JournalReader) -> None:
    arrival = received(1, b"\x00\xff<body/>")
    decision = decided(
        1,
        replay_key="key",
        certificate="ab" * 32,
        smev_message_id="m-1",
        request_id_ref="r-1",
        origin_request_id_ref="o-1",
        case_number="дело № 1",
        subject_key="blind",
    )
    assert (writer.write(arrival), writer.write(decision)) == (1, 2)
    first, second = reader.get(UUID(int=1))
    for stored, written in ((first, arrival), (second, decision)):
        for name in written.__dataclass_fields__:
            assert getattr(stored, name) == getattr(written, name), name
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.previous_hash == first.chain_hash
    assert verify(reader) == 2


def test_a_replay_names_the_first_message(writer: JournalWriter, reader: JournalReader) -> None:
    writer.write(decided(1, b"<first/>", replay_key="key"))
    with pytest.raises(ReplayConflict) as caught:
        writer.write(decided(2, b"<second/>", replay_key="key"))
    assert caught.value.message_id == UUID(int=1)
    reply = reader.find_reply("key")
    assert reply is not None
    assert (reply.body, reply.status) == (b"<first/>", "RESULT")
    assert reader.find_reply("other") is None
    assert verify(reader) == 1


def test_a_replay_does_not_take_the_rest_of_its_batch_with_it(engine: Engine) -> None:
    records = [
        decided(1, replay_key="a"),
        decided(2, replay_key="a"),
        decided(3, replay_key="b"),
        received(4),
    ]
    with engine.execution_options(**WRITING).begin() as connection:
        results = append(connection, records)
    assert isinstance(results[1], ReplayConflict)
    assert [results[0], results[2], results[3]] == [1, 2, 3]
    assert verify(JournalReader(engine)) == 3


def test_fifty_copies_at_once_are_decided_once(
    writer: JournalWriter, reader: JournalReader
) -> None:
    outcomes: list[int | UUID] = []

    def decide(number: int) -> None:
        try:
            outcomes.append(writer.write(decided(number, replay_key="same")))
        except ReplayConflict as conflict:
            outcomes.append(conflict.message_id)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(1, 51)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each for each in outcomes if isinstance(each, int)] == [1]
    (stored,) = reader.iterate()
    assert {each for each in outcomes if isinstance(each, UUID)} == {stored.message_id}


def test_one_smev_id_is_not_kept_for_two_messages(
    writer: JournalWriter, reader: JournalReader
) -> None:
    writer.write(decided(1, smev_message_id="m", status="FAULT"))
    writer.write(decided(2, smev_message_id="m", replay_key="a"))
    with pytest.raises(MessageIdReused) as caught:
        writer.write(decided(3, smev_message_id="m", replay_key="b"))
    assert (caught.value.code, caught.value.retryable) == ("journal.message_id_reused", False)
    assert caught.value.message_id == UUID(int=2)
    with pytest.raises(MessageIdReused):
        writer.write(decided(4, smev_message_id="m", replay_key="c"))
    assert verify(reader) == 2


def test_a_copy_of_the_message_itself_is_a_replay_and_no_reuse(writer: JournalWriter) -> None:
    writer.write(decided(1, smev_message_id="m", replay_key="a"))
    with pytest.raises(ReplayConflict):
        writer.write(decided(2, smev_message_id="m", replay_key="a"))
    with pytest.raises(ReplayConflict):
        writer.write(decided(3, smev_message_id="n", replay_key="a"))
    # What was left out has not taken the id with it.
    assert writer.write(decided(4, smev_message_id="n", replay_key="b")) == 2


def test_the_record_of_a_refusal_or_of_a_repeated_reply_is_no_reuse(
    writer: JournalWriter, reader: JournalReader
) -> None:
    writer.write(decided(1, smev_message_id="m", replay_key="a"))
    writer.write(decided(2, smev_message_id="m"))
    writer.write(decided(3, smev_message_id=None, replay_key="b"))
    writer.write(decided(4, smev_message_id=None, replay_key="c"))
    assert verify(reader) == 4


def test_a_smev_id_is_known_again_when_no_column_takes_all_of_it(writer: JournalWriter) -> None:
    for number, smev_message_id in enumerate(("l" * 300, "a\x00b\ud800")):
        writer.write(decided(number, smev_message_id=smev_message_id, replay_key=f"a{number}"))
        with pytest.raises(MessageIdReused):
            writer.write(decided(9, smev_message_id=smev_message_id, replay_key=f"b{number}"))


def test_a_reused_smev_id_does_not_take_the_rest_of_its_batch_with_it(engine: Engine) -> None:
    records = [
        decided(1, smev_message_id="m", replay_key="a"),
        decided(2, smev_message_id="m", replay_key="b"),
        decided(3, smev_message_id="n", replay_key="b"),
        decided(4, smev_message_id="m", replay_key="a"),
        decided(5, smev_message_id="o", replay_key="c"),
        received(6),
    ]
    with engine.execution_options(**WRITING).begin() as connection:
        results = append(connection, records)
    assert isinstance(results[1], MessageIdReused)
    assert results[1].message_id == UUID(int=1)
    assert isinstance(results[3], ReplayConflict)
    assert [results[0], results[2], results[4], results[5]] == [1, 2, 3, 4]
    assert verify(JournalReader(engine)) == 4


def test_a_unit_of_work_refuses_a_reused_smev_id(engine: Engine) -> None:
    with UnitOfWork(engine) as work:
        work.journal([decided(1, smev_message_id="m", replay_key="a")])
        work.commit()
    with pytest.raises(MessageIdReused), UnitOfWork(engine) as work:
        work.journal([decided(2, smev_message_id="m", replay_key="b")])
    assert verify(JournalReader(engine)) == 1


def test_one_smev_id_on_many_messages_at_once_is_kept_for_one(database_url: str) -> None:
    engines = [create_engine_for(database_url) for _ in range(2)]
    writers = [JournalWriter(engine) for engine in engines]
    start = threading.Barrier(8)
    outcomes: list[int | UUID] = []

    def decide(number: int) -> None:
        start.wait()
        record = decided(number, smev_message_id="m", replay_key=f"key-{number}")
        try:
            outcomes.append(writers[number % 2].write(record))
        except MessageIdReused as reused:
            outcomes.append(reused.message_id)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each for each in outcomes if isinstance(each, int)] == [1]
    (stored,) = JournalReader(engines[0]).iterate()
    assert [each for each in outcomes if isinstance(each, UUID)] == [stored.message_id] * 7
    for writer, engine in zip(writers, engines, strict=True):
        writer.close()
        engine.dispose()


def test_several_writers_make_one_chain(database_url: str) -> None:
    engines = [create_engine_for(database_url) for _ in range(3)]
    writers = [JournalWriter(engine) for engine in engines]
    numbers: list[int] = []

    def work(index: int, writer: JournalWriter) -> None:
        first = index * 100 + 1
        numbers.extend(writer.write(received(number)) for number in range(first, first + 10))

    threads = [
        threading.Thread(target=work, args=(index, writers[index % 3])) for index in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 61))
    assert verify(JournalReader(engines[0])) == 60
    for writer, engine in zip(writers, engines, strict=True):
        writer.close()
        engine.dispose()


def test_a_record_that_cannot_be_stored_does_not_harm_its_neighbours(
    writer: JournalWriter, reader: JournalReader
) -> None:
    writer.write(received(1))
    failures: list[str] = []

    def write(number: int) -> None:
        try:
            writer.write(received(number))
        except StoreError as error:
            failures.append(error.code)

    # Number 1 is taken.
    threads = [threading.Thread(target=write, args=(number,)) for number in (2, 1, 3, 1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == ["journal.failed", "journal.failed"]
    assert verify(reader) == 4


def test_texts_that_no_column_takes_are_cut_and_not_lost(
    writer: JournalWriter, reader: JournalReader
) -> None:
    hostile = replace(
        decided(1), sender_code="x" * 5000, case_number="a\x00b\ud800", operation="й" * 300
    )
    writer.write(hostile)
    (stored,) = reader.get(UUID(int=1))
    assert stored.sender_code == "x" * 200
    assert stored.case_number == "a\ufffdb?"
    assert stored.meta == hostile.meta


def test_a_database_keeps_its_rules_against_a_bad_writer(engine: Engine) -> None:
    with engine.execution_options(**WRITING).begin() as connection:
        append(connection, [decided(1, replay_key="key")])
    for change in (
        "sequence = 0",
        "kind = 'guessed'",
        "direction = 'up'",
        "size_bytes = -1",
        "replay_key = (SELECT 'key'), sequence = 2, kind = 'received', digest = NULL",
    ):
        with (
            pytest.raises(Exception, match=r"(?i)constraint"),
            engine.execution_options(**WRITING).begin() as connection,
        ):
            connection.execute(text(f"UPDATE journal SET {change}"))


def test_messages_are_listed_newest_first(writer: JournalWriter, reader: JournalReader) -> None:
    for number in range(1, 6):
        writer.write(received(number))
    writer.write(decided(2, status="FAULT", fault_code="signature.invalid", operation=None))
    writer.write(decided(4))
    listed = reader.list_messages(limit=10)
    assert [each.message_id.int for each in listed] == [5, 4, 3, 2, 1]
    assert [each.status for each in listed] == [None, "RESULT", None, "FAULT", None]
    assert listed[1].operation == "FindStudent"
    assert listed[1].direction is Direction.IN
    assert listed[1].size_bytes == len(b"<request/>")

    def ids(**wanted: object) -> list[int]:
        found = reader.list_messages(limit=10, **wanted)  # type: ignore[arg-type]
        return [each.message_id.int for each in found]

    assert ids(status="FAULT") == [2]
    assert ids(fault_code="signature.invalid") == [2]
    assert ids(operation="FindStudent") == [4]
    assert ids(sender_code="DEMO00001") == [4, 2]
    assert ids(service="other") == []
    assert ids(since=listed[1].at) == [5, 4]
    assert ids(until=listed[1].at) == [3, 2, 1]
    assert ids(before_sequence=listed[3].sequence) == [1]
    assert [each.message_id.int for each in reader.list_messages(limit=2)] == [5, 4]


def test_ids_are_found_by_their_beginning(writer: JournalWriter, reader: JournalReader) -> None:
    first, second = (
        UUID("aaaa1111-0000-4000-8000-000000000001"),
        UUID("aaaa2222-0000-4000-8000-000000000002"),
    )
    for number, message_id in enumerate((first, second), start=1):
        writer.write(received(number, message_id=message_id))
    writer.write(decided(3, message_id=first))
    assert reader.find_ids("aaaa") == (first, second)
    assert reader.find_ids("AAAA1111-0") == (first,)
    assert reader.find_ids(str(first)) == (first,)
    for nothing in ("", "zz", "bbbb", "%", "a" * 33):
        assert reader.find_ids(nothing) == ()
    assert [record.kind for record in reader.get(first)] == [
        RecordKind.RECEIVED,
        RecordKind.DECIDED,
    ]
    assert reader.get(UUID(int=9)) == ()


def test_the_first_decision_of_a_smev_id_counts(
    writer: JournalWriter, reader: JournalReader
) -> None:
    writer.write(decided(1, smev_message_id="m", status="FAULT"))
    writer.write(decided(2, smev_message_id="m", replay_key="a"))
    writer.write(decided(3, smev_message_id="m", status="FAULT"))
    assert reader.find_smev_message("m") == "a"
    assert reader.find_smev_message("n") is None
    writer.write(decided(4, smev_message_id="l" * 300, replay_key="c"))
    assert reader.find_smev_message("l" * 300) == "c"


def test_reading_goes_in_chunks_from_anywhere(writer: JournalWriter, reader: JournalReader) -> None:
    for number in range(1, 8):
        writer.write(received(number))
    assert [each.sequence for each in reader.iterate(chunk_size=3)] == [1, 2, 3, 4, 5, 6, 7]
    assert [each.sequence for each in reader.iterate(after=5, chunk_size=2)] == [6, 7]
    assert list(reader.iterate(after=7)) == []


def test_moments_keep_their_microseconds(writer: JournalWriter, reader: JournalReader) -> None:
    record = received(1)
    writer.write(record)
    (stored,) = reader.get(record.message_id)
    assert stored.at == record.at
    assert stored.at.utcoffset() == timedelta(0)
