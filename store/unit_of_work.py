"""One transaction, and all that can be done in it."""

from collections.abc import Callable, Sequence
from functools import cached_property
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from journal.records import JournalRecord
from store.access import AccessRepository
from store.bulk import BulkStore
from store.case_archive import CaseArchive
from store.case_gaps import GapQueries
from store.case_history import QueueRecords
from store.case_queries import CaseQueries
from store.case_store import CaseStore
from store.conflict_queue import ConflictQueue
from store.cursors import CursorStore
from store.engine import READ_ONLY, WRITING
from store.errors import StoreError, to_store_error, translated_errors
from store.health import HealthRepository
from store.identity_store import IdentityStore
from store.journal_append import append
from store.person_card import CardRepository
from store.portfolio import PortfolioRepository
from store.refusals import RefusalStore
from store.repositories import StudentRepository


class UnitOfWork:
    """A transaction as a context manager: kept by `commit`, undone at the end otherwise.

    With `read_only` it sees one state of the database and never waits for writers; nothing can be
    written. Every method, and entering and leaving, raises `StoreError`; an error of the database
    that comes up in the block leaves it as `StoreError` too.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        read_only: bool = False,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._engine = engine
        self._options = dict(READ_ONLY if read_only else WRITING)
        if read_only and engine.dialect.name == "postgresql":
            # SQLite sees one state anyhow.
            self._options["isolation_level"] = "REPEATABLE READ"
        self._new_id = new_id
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        with translated_errors():
            connection = self._engine.connect()
            try:
                connection.execution_options(**self._options).begin()
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._release()
        if isinstance(error, SQLAlchemyError):
            raise to_store_error(error) from None

    @property
    def connection(self) -> Connection:
        """The connection of the transaction. Raises `StoreError` ``store.closed`` outside it."""
        if self._connection is None:
            raise StoreError("store.closed", "the unit of work has ended")
        return self._connection

    @cached_property
    def students(self) -> StudentRepository:
        """Look-ups of pupils."""
        return StudentRepository(self.connection)

    @cached_property
    def portfolios(self) -> PortfolioRepository:
        """Facts of portfolios."""
        return PortfolioRepository(self.connection)

    @cached_property
    def cards(self) -> CardRepository:
        """What persons' cards hold beside the facts of their portfolios."""
        return CardRepository(self.connection)

    @cached_property
    def health(self) -> HealthRepository:
        """Items of health cards."""
        return HealthRepository(self.connection)

    @cached_property
    def access(self) -> AccessRepository:
        """Who saw whose data."""
        return AccessRepository(self.connection)

    @cached_property
    def bulk(self) -> BulkStore:
        """Bulk writing for synchronisations."""
        return BulkStore(self.connection, new_id=self._new_id)

    @cached_property
    def cases(self) -> CaseStore:
        """Applications, transfers and ends of years, and what their steps change."""
        return CaseStore(self.connection, new_id=self._new_id)

    @cached_property
    def case_queries(self) -> CaseQueries:
        """Lists of cases, queues, and what they were made of."""
        return CaseQueries(self.connection)

    @cached_property
    def queues(self) -> QueueRecords:
        """Queues of any moment."""
        return QueueRecords(self.connection)

    @cached_property
    def gaps(self) -> GapQueries:
        """Pupils of whom nobody knows where they study."""
        return GapQueries(self.connection)

    @cached_property
    def archive(self) -> CaseArchive:
        """Cases that other systems have carried through."""
        return CaseArchive(self.connection)

    @cached_property
    def cursors(self) -> CursorStore:
        """How far synchronisations got."""
        return CursorStore(self.connection)

    @cached_property
    def identity(self) -> IdentityStore:
        """Merges and splits of persons."""
        return IdentityStore(self.connection, new_id=self._new_id)

    @cached_property
    def conflicts(self) -> ConflictQueue:
        """The queue of uncertain matches."""
        return ConflictQueue(self.connection, self.identity)

    @cached_property
    def refusals(self) -> RefusalStore:
        """Records that were refused."""
        return RefusalStore(self.connection)

    def journal(self, records: Sequence[JournalRecord]) -> Sequence[int]:
        """Append records to the journal with this transaction, and return their sequences.

        Other writers of the journal wait until the transaction ends, so it comes last in it.
        Raises `ReplayConflict` or `MessageIdReused`; the transaction is then not to be committed.
        """
        with translated_errors():
            appended = append(self.connection, records)
        for entry in appended:
            if isinstance(entry, StoreError):
                raise entry
        return [entry for entry in appended if isinstance(entry, int)]

    def commit(self) -> None:
        """Keep everything, durably, and end the transaction."""
        with translated_errors():
            self.connection.commit()
        self._release()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        # What a repository keeps of the connection must not outlive the transaction.
        for name, kept in vars(type(self)).items():
            if isinstance(kept, cached_property):
                self.__dict__.pop(name, None)
        if connection is not None:
            with translated_errors():
                connection.close()
