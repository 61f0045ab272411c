"""Group commit: many threads wait, one transaction makes all their records durable."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from journal.records import JournalRecord
from store.engine import WRITING
from store.errors import StoreError, to_store_error
from store.journal_append import Refused, append, find_appended, take_lock

_log = logging.getLogger("kontingent.store")


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """How long a writer waits and how much it takes at once.

    `timeout_s`: after this a record that could not be written is given up. While the database
    cannot be written to, it is tried again after `retry_pause_s`, doubled each time up to
    `max_retry_pause_s`, and new records wait only `failing_timeout_s`: threads that all wait for a
    database that is known to be away would keep others from being refused. That is known for
    `failing_lapse_s` after a failure. `max_batch`: records
    in one transaction.
    """

    timeout_s: float = 10.0
    failing_timeout_s: float = 0.5
    failing_lapse_s: float = 5.0
    retry_pause_s: float = 0.02
    max_retry_pause_s: float = 1.0
    max_batch: int = 256


@dataclass(slots=True, eq=False)
class _Waiting:
    """A record whose thread waits; `result` is there when it is decided."""

    record: JournalRecord
    deadline: float
    result: int | StoreError | None = None


class JournalWriter:
    """Writes records for many threads.

    The thread whose turn it is commits what all of them wait for, its own record among it; the
    next turn takes what has come meanwhile. So a single thread waits for nothing but the disk, and
    many share one transaction. Nothing is opened before the first record, so that a process may
    fork until then; the engine must be the child's own.
    """

    def __init__(self, engine: Engine, *, settings: WriterSettings | None = None) -> None:
        self._engine = engine.execution_options(**WRITING)
        self._settings = settings or WriterSettings()
        # Guards the queue and `_closed`; never held for long.
        self._door = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._closed = False
        # Held by the thread that writes; guards the connection.
        self._turn = threading.Lock()
        # Kept, because taking one from the pool for every batch costs as much as half the batch.
        self._connection: Connection | None = None
        self._failed_at: float | None = None

    @property
    def failing(self) -> bool:
        """Whether the database could not be written to, a moment ago.

        True from a failure to the next success, or until `failing_lapse_s` after the last failure:
        then somebody has to try again.
        """
        failed_at = self._failed_at
        return (
            failed_at is not None and time.monotonic() - failed_at < self._settings.failing_lapse_s
        )

    def write(self, record: JournalRecord) -> int:
        """Return the record's sequence when it is committed, and so on the disk.

        Raises `ReplayConflict` when its replay key is taken; `MessageIdReused` when it has one and
        another message has its SMEV id; `StoreError` ``journal.unavailable`` (retryable) when it
        could not be written within the timeout, or twice that if it ends in the middle of a
        transaction; ``journal.failed`` when the record cannot be stored. A record that was given
        up is not in the journal, unless the database stopped answering in COMMIT.
        """
        settings = self._settings
        timeout_s = settings.failing_timeout_s if self.failing else settings.timeout_s
        waiting = _Waiting(record, time.monotonic() + timeout_s)
        with self._door:
            if self._closed:
                raise _unavailable("the writer is closed")
            self._queue.append(waiting)
        result = self._wait(waiting)
        if isinstance(result, int):
            return result
        raise result

    def close(self, timeout_s: float = 10.0) -> None:
        """Let what waits be written, then give back the connection; refuse later records."""
        with self._door:
            self._closed = True
        if self._turn.acquire(timeout=timeout_s):
            try:
                self._write_waiting()
                self._disconnect()
            finally:
                self._turn.release()

    def _wait(self, waiting: _Waiting) -> int | StoreError:
        """Take turns until the record is decided or its time is over."""
        while waiting.result is None:
            if self._turn.acquire(timeout=max(waiting.deadline - time.monotonic(), 0)):
                try:
                    # The turn before may have decided it.
                    if waiting.result is None:
                        self._write_waiting()
                finally:
                    self._turn.release()
            elif self._withdraw(waiting):
                return _unavailable("not written in time")
            # What another thread has in hand is being decided: to refuse it now might belie it.
            elif self._turn.acquire(timeout=self._settings.timeout_s):
                self._turn.release()
            else:
                return waiting.result or _unavailable("not written in time")
        return waiting.result

    def _withdraw(self, waiting: _Waiting) -> bool:
        """Take a record back, if no thread has it in hand."""
        with self._door:
            try:
                self._queue.remove(waiting)
            except ValueError:
                return False
        return True

    def _write_waiting(self) -> None:
        """Decide what waits now, up to a batch. For the thread whose turn it is."""
        with self._door:
            count = min(len(self._queue), self._settings.max_batch)
            batch = [self._queue.popleft() for _ in range(count)]
        try:
            self._commit(batch)
        except Exception as error:
            # A defect of ours; the others' records are none the worse for it.
            _log.error("event=journal_writer_failed error=%s", type(error).__name__)
            _give_up(batch, StoreError("journal.failed", type(error).__name__))
        finally:
            # Whatever ends this thread, nobody is left waiting for it.
            _give_up(batch, _unavailable("the writing thread ended"))

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Commit the batch, trying again until its waiters have given up."""
        attempt = 0
        while batch:
            try:
                results = self._append([waiting.record for waiting in batch], again=attempt > 0)
            except SQLAlchemyError as error:
                failure = to_store_error(error)
                # What the database will not take of a record says nothing about the next one.
                failed = not isinstance(error, (IntegrityError, DataError))
                self._failed_at = time.monotonic() if failed else None
            else:
                self._failed_at = None
                for waiting, result in zip(batch, results, strict=True):
                    waiting.result = result
                return
            if not failure.retryable:
                self._commit_apart(batch, failure)
                return
            _log.warning("event=journal_unavailable attempt=%d reason=%s", attempt, failure.detail)
            self._pause(attempt)
            batch = _still_waiting(batch, failure)
            attempt += 1

    def _commit_apart(self, batch: Sequence[_Waiting], failure: StoreError) -> None:
        """One record that cannot be stored must not take the others with it."""
        if len(batch) == 1:
            _log.error("event=journal_record_refused reason=%s", failure.detail)
            batch[0].result = StoreError("journal.failed", failure.detail)
            return
        for waiting in batch:
            self._commit([waiting])

    def _append(self, records: Sequence[JournalRecord], *, again: bool) -> Sequence[int | Refused]:
        with self._transaction() as connection:
            if not again:
                return append(connection, records)
            # The connection may have been lost after the server had committed.
            take_lock(connection)
            known = find_appended(connection, records)
            missing = [record for record in records if _sequence_of(record, known) is None]
            appended = iter(append(connection, missing) if missing else ())
            return [
                sequence
                if (sequence := _sequence_of(record, known)) is not None
                else next(appended)
                for record in records
            ]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction on the writer's own connection, which is given up after any error."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                yield self._connection
        except BaseException:
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()

    def _pause(self, attempt: int) -> None:
        settings = self._settings
        pause_s = min(settings.retry_pause_s * 2 ** min(attempt, 16), settings.max_retry_pause_s)
        time.sleep(pause_s)


def _sequence_of(
    record: JournalRecord, known: dict[tuple[object, str], tuple[int, bytes]]
) -> int | None:
    sequence, digest = known.get((record.message_id, record.kind.value), (0, b""))
    return sequence if digest == record.digest else None


def _still_waiting(batch: Sequence[_Waiting], failure: StoreError) -> list[_Waiting]:
    now = time.monotonic()
    kept = []
    for waiting in batch:
        if waiting.deadline > now:
            kept.append(waiting)
        else:
            waiting.result = _unavailable(failure.detail)
    return kept


def _give_up(batch: Sequence[_Waiting], failure: StoreError) -> None:
    for waiting in batch:
        if waiting.result is None:
            waiting.result = failure


def _unavailable(detail: str) -> StoreError:
    return StoreError("journal.unavailable", detail, retryable=True)
