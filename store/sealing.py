"""What is encrypted in the register, value by value: how it is written, sealed, opened and found.

Each value belongs to one column of one row, which is authenticated with it: a ciphertext moved
elsewhere does not open.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from registry.identifiers import Snils
from registry.model import BirthAct, HealthItem, HealthKind, IdentityDocument
from registry.names import normalize_document
from store.vault import Purpose, Vault

# What `seal_number` is told of the columns that it is for.
CERTIFICATE_NUMBER = "certificates.number"
AUTHORITY_NUMBER = "representatives.authority"
# The kind of the records that `identity_conflicts` keeps, as `seal_record` is told.
CONFLICT_RECORD = "pupil"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A blind index and the ciphertext beside it."""

    index: bytes
    sealed: bytes


class Sealing:
    """Seals and opens the protected values of the register. `open_*` raise `StoreError`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    # --- СНИЛС ---------------------------------------------------------------------------------

    def snils_indexes(self, snils: str) -> tuple[bytes, ...]:
        """Where the number (11 digits) may be found, the current key's index first."""
        return self._vault.indexes(Purpose.SNILS, snils)

    def seal_snils(self, person_id: UUID, snils: str) -> Sealed:
        """The СНИЛС (11 digits) of a person."""
        context = _context("persons.snils", person_id)
        return Sealed(
            self._vault.index(Purpose.SNILS, snils),
            self._vault.seal(Purpose.SNILS, snils.encode(), context=context),
        )

    def open_snils(self, person_id: UUID, sealed: bytes) -> Snils:
        """The СНИЛС of a person."""
        context = _context("persons.snils", person_id)
        return Snils(self._vault.open(Purpose.SNILS, sealed, context=context).decode())

    # --- documents -----------------------------------------------------------------------------

    def document_indexes(self, type_code: str, series: str, number: str) -> tuple[bytes, ...]:
        """Where a document may be found, however it is spelt."""
        return self._vault.indexes(Purpose.DOCUMENT, _document_key(type_code, series, number))

    def seal_document(
        self, row_id: UUID, document: IdentityDocument, *, index: bytes | None = None
    ) -> Sealed:
        """Series, number and issuer of a document.

        `index`: one of `document_indexes`, which is to stay, so that nothing looks changed; what
        stands beside it is sealed with the key that made it.
        """
        content = "\0".join((document.series, document.number, document.issued_by or ""))
        if index is None or len(self._vault.names) > 1:
            key = _document_key(document.type_code, document.series, document.number)
            indexes = self._vault.indexes(Purpose.DOCUMENT, key)
        else:
            indexes = (index,)
        key_at = 0 if index is None else indexes.index(index)
        sealed = self._vault.seal(
            Purpose.DOCUMENT,
            content.encode(),
            context=_context("person_documents.content", row_id),
            key_at=key_at,
        )
        return Sealed(indexes[key_at], sealed)

    def open_document(
        self,
        row_id: UUID,
        sealed: bytes,
        *,
        type_code: str,
        issued_on: date | None,
        valid_until: date | None,
    ) -> IdentityDocument:
        """The document of a row."""
        context = _context("person_documents.content", row_id)
        text = self._vault.open(Purpose.DOCUMENT, sealed, context=context).decode()
        series, number, issued_by = text.split("\0")
        return IdentityDocument(
            type_code=type_code,
            series=series,
            number=number,
            issued_on=issued_on,
            issued_by=issued_by or None,
            valid_until=valid_until,
        )

    # --- birth acts ----------------------------------------------------------------------------

    def birth_act_indexes(self, number: str, recorded_on: date | None) -> tuple[bytes, ...]:
        """Where a birth act may be found."""
        return self._vault.indexes(Purpose.DOCUMENT, _birth_act_key(number, recorded_on))

    def seal_birth_act(self, person_id: UUID, act: BirthAct) -> Sealed:
        """The birth act of a person."""
        day = "" if act.recorded_on is None else act.recorded_on.isoformat()
        content = "\0".join((act.number, day, act.office or ""))
        return Sealed(
            self._vault.index(Purpose.DOCUMENT, _birth_act_key(act.number, act.recorded_on)),
            self._vault.seal(
                Purpose.DOCUMENT,
                content.encode(),
                context=_context("persons.birth_act", person_id),
            ),
        )

    def open_birth_act(self, person_id: UUID, sealed: bytes) -> BirthAct:
        """The birth act of a person."""
        context = _context("persons.birth_act", person_id)
        text = self._vault.open(Purpose.DOCUMENT, sealed, context=context).decode()
        number, day, office = text.split("\0")
        return BirthAct(number, date.fromisoformat(day) if day else None, office or None)

    # --- numbers of other papers ---------------------------------------------------------------

    def seal_number(self, column: str, row_id: UUID, type_code: str, number: str) -> Sealed:
        """A number that stands in ``table.column`` of a row, to be found with its type."""
        key = _document_key(type_code, "", number)
        return Sealed(
            self._vault.index(Purpose.DOCUMENT, key),
            self._vault.seal(Purpose.DOCUMENT, number.encode(), context=_context(column, row_id)),
        )

    def open_number(self, column: str, row_id: UUID, sealed: bytes) -> str:
        """The number that stands in ``table.column`` of a row."""
        context = _context(column, row_id)
        return self._vault.open(Purpose.DOCUMENT, sealed, context=context).decode()

    # --- health --------------------------------------------------------------------------------

    def health_indexes(self, item: HealthItem) -> tuple[bytes, ...]:
        """Where a statement of a person may be found."""
        return self._vault.indexes(Purpose.HEALTH, _health_key(item))

    def seal_health(self, item: HealthItem) -> Sealed:
        """What an item of the health card says."""
        content = json.dumps(
            [item.kind.value, item.code, item.category, item.detail], ensure_ascii=False
        )
        context = _context("health_items.content", item.id)
        return Sealed(
            self._vault.index(Purpose.HEALTH, _health_key(item)),
            self._vault.seal(Purpose.HEALTH, content.encode(), context=context),
        )

    def open_health(
        self, row_id: UUID, sealed: bytes
    ) -> tuple[HealthKind, str, str | None, str | None]:
        """Kind, code, category and detail of an item."""
        context = _context("health_items.content", row_id)
        kind, code, category, detail = json.loads(
            self._vault.open(Purpose.HEALTH, sealed, context=context)
        )
        return HealthKind(kind), code, category, detail

    # --- what a source said --------------------------------------------------------------------

    def seal_record(self, source: str, kind: str, source_id: str, record: Any) -> bytes:
        """What a source said of a person: texts, numbers, None, and lists and objects of these."""
        content = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        return self._vault.seal(
            Purpose.RECORD, content, context=_record_context(source, kind, source_id)
        )

    def reseal_record(
        self, source: str, kind: str, source_id: str, sealed: bytes, digest: bytes
    ) -> Sealed:
        """What a source said, with the current key; and `digest`, if it is its blind index."""
        context = _record_context(source, kind, source_id)
        content = self._vault.open(Purpose.RECORD, sealed, context=context)
        indexes = self._vault.indexes(Purpose.RECORD, content.decode())
        return Sealed(
            indexes[0] if digest in indexes else digest,
            self._vault.seal(Purpose.RECORD, content, context=context),
        )

    def open_record(self, source: str, kind: str, source_id: str, sealed: bytes) -> Any:
        """What a source said of a person."""
        context = _record_context(source, kind, source_id)
        return json.loads(self._vault.open(Purpose.RECORD, sealed, context=context))


def _context(column: str, row_id: UUID) -> bytes:
    return column.encode() + row_id.bytes


def _record_context(source: str, kind: str, source_id: str) -> bytes:
    return "\0".join(("source_links.content", source, kind, source_id)).encode()


def _document_key(type_code: str, series: str, number: str) -> str:
    return "\0".join((type_code, normalize_document(series), normalize_document(number)))


def _birth_act_key(number: str, recorded_on: date | None) -> str:
    day = "" if recorded_on is None else recorded_on.isoformat()
    return "\0".join(("birth act", normalize_document(number), day))


def _health_key(item: HealthItem) -> str:
    # Of the person, so that equal groups of two children do not show.
    parts = (item.person_id.hex, item.kind.value, item.code, item.category or "")
    return "\0".join((*parts, item.detail or "", item.begins_on.isoformat()))
