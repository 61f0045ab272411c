"""Every encrypted column of the register, and how its value is sealed anew with the current key.

Histories have the columns of their tables. A column that is missing here would stay under a key
that is taken for unneeded: tests compare this list with the tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping, Table

from registry.identifiers import HealthItemId, PersonId
from registry.model import HealthItem
from store.sealing import (
    AUTHORITY_NUMBER,
    CERTIFICATE_NUMBER,
    CONFLICT_RECORD,
    Sealed,
    Sealing,
)
from store.tables import (
    certificates,
    health_items,
    identity_conflicts,
    person_documents,
    persons,
    representatives,
    source_links,
)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A ciphertext and the blind index beside it, if there is one, by their names.

    `seal` opens the value of a row and seals it anew; it raises `StoreError` ``store.sealed``.
    """

    sealed: str
    index: str | None
    seal: Callable[[Sealing, RowMapping], Sealed | bytes]

    def reseal(self, sealing: Sealing, row: RowMapping) -> dict[str, bytes]:
        """The column, and the index beside it, as they are to become."""
        made = self.seal(sealing, row)
        if isinstance(made, bytes):
            return {self.sealed: made}
        values = {self.sealed: made.sealed}
        if self.index is not None:
            values[self.index] = made.index
        return values


def _snils(sealing: Sealing, row: RowMapping) -> Sealed:
    opened = sealing.open_snils(row["id"], bytes(row["snils_sealed"]))
    return sealing.seal_snils(row["id"], opened.digits)


def _birth_act(sealing: Sealing, row: RowMapping) -> Sealed:
    opened = sealing.open_birth_act(row["id"], bytes(row["birth_act_sealed"]))
    return sealing.seal_birth_act(row["id"], opened)


def _document(sealing: Sealing, row: RowMapping) -> Sealed:
    opened = sealing.open_document(
        row["id"],
        bytes(row["content_sealed"]),
        type_code=row["type_code"],
        issued_on=row["issued_on"],
        valid_until=row["valid_until"],
    )
    return sealing.seal_document(row["id"], opened)


def _authority(sealing: Sealing, row: RowMapping) -> Sealed:
    number = sealing.open_number(AUTHORITY_NUMBER, row["id"], bytes(row["authority_sealed"]))
    type_code = row["authority_type_code"] or ""
    return sealing.seal_number(AUTHORITY_NUMBER, row["id"], type_code, number)


def _certificate(sealing: Sealing, row: RowMapping) -> Sealed:
    number = sealing.open_number(CERTIFICATE_NUMBER, row["id"], bytes(row["number_sealed"]))
    return sealing.seal_number(CERTIFICATE_NUMBER, row["id"], row["type_code"], number)


def _health(sealing: Sealing, row: RowMapping) -> Sealed:
    kind, code, category, detail = sealing.open_health(row["id"], bytes(row["content_sealed"]))
    item = HealthItem(
        id=HealthItemId(row["id"]),
        person_id=PersonId(row["person_id"]),
        kind=kind,
        code=code,
        category=category,
        detail=detail,
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        source=row["source"],
    )
    return sealing.seal_health(item)


def _link(sealing: Sealing, row: RowMapping) -> Sealed:
    key = (row["source"], row["kind"], row["source_id"])
    return sealing.reseal_record(*key, bytes(row["content_sealed"]), bytes(row["content_hash"]))


def _conflict(sealing: Sealing, row: RowMapping) -> bytes:
    key = (row["source"], CONFLICT_RECORD, row["source_id"])
    return sealing.seal_record(*key, sealing.open_record(*key, bytes(row["record_sealed"])))


SEALED_COLUMNS: Mapping[Table, tuple[SealedColumn, ...]] = {
    persons: (
        SealedColumn("snils_sealed", "snils_index", _snils),
        SealedColumn("birth_act_sealed", "birth_act_index", _birth_act),
    ),
    person_documents: (SealedColumn("content_sealed", "document_index", _document),),
    representatives: (SealedColumn("authority_sealed", "authority_index", _authority),),
    health_items: (SealedColumn("content_sealed", "content_index", _health),),
    certificates: (SealedColumn("number_sealed", "number_index", _certificate),),
    source_links: (SealedColumn("content_sealed", "content_hash", _link),),
    identity_conflicts: (SealedColumn("record_sealed", None, _conflict),),
}
