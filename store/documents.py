"""The identity documents of the persons of a batch, as they are to become."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.model import IdentityDocument
from registry.sources import SourceDocument
from store.links import select_in
from store.sealing import Sealing
from store.tables import person_documents
from store.upsert import upsert

# A document of a person is known again by its blind index, under whichever key.
_Key = tuple[UUID, bytes]


class Documents:
    """Plans the documents that records bring; those that they leave out stay."""

    def __init__(
        self,
        known: Mapping[_Key, UUID],
        sealing: Sealing,
        *,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._ids = dict(known)
        self._sealing = sealing
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._rows: dict[UUID, dict[str, Any]] = {}

    def take(self, person_id: UUID, document: SourceDocument) -> None:
        """Plan a document of a person."""
        value = IdentityDocument(
            type_code=document.type,
            series=document.series.strip(),
            number=document.number.strip(),
            issued_on=document.issued_on,
            issued_by=document.issued_by,
            valid_until=document.valid_until,
        )
        indexes = self._sealing.document_indexes(value.type_code, value.series, value.number)
        # The index stays as it was made: with a new key it would look like a change.
        index = next((each for each in indexes if (person_id, each) in self._ids), indexes[0])
        row_id = self._ids.setdefault((person_id, index), self._new_id())
        self._rows[row_id] = {
            "id": row_id,
            "person_id": person_id,
            "type_code": value.type_code,
            "document_index": index,
            "content_sealed": self._sealing.seal_document(row_id, value, index=index).sealed,
            "issued_on": value.issued_on,
            "valid_until": value.valid_until,
            "retracted": False,
            "recorded_at": self._recorded_at,
        }

    def write(self, connection: Connection) -> None:
        """Write what was planned. Raises the errors of SQLAlchemy."""
        upsert(connection, person_documents, list(self._rows.values()))


def load_documents(
    connection: Connection,
    sealing: Sealing,
    person_ids: Collection[UUID],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> Documents:
    """The documents of `person_ids`."""
    columns = person_documents.c
    statement = select(columns.id, columns.person_id, columns.document_index)
    rows = select_in(connection, statement, columns.person_id, person_ids)
    known = {(person_id, bytes(index)): row_id for row_id, person_id, index in rows}
    return Documents(known, sealing, new_id=new_id, recorded_at=recorded_at)
