"""The message journal in the database: the door to its parts."""

from store.errors import MessageIdReused, ReplayConflict
from store.journal_append import append
from store.journal_reader import JournalReader, MessageSummary, StoredRecord
from store.journal_writer import JournalWriter, WriterSettings

__all__ = [
    "JournalReader",
    "JournalWriter",
    "MessageIdReused",
    "MessageSummary",
    "ReplayConflict",
    "StoredRecord",
    "WriterSettings",
    "append",
]
