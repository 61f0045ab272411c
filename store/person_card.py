"""The facts of a person's card, a statement for each kind of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, FromClause, Row, Table, select

from registry.identifiers import Oktmo, PersonId, RepresentativeId
from registry.model import (
    Address,
    AddressKind,
    BirthAct,
    IdentityDocument,
    Representative,
)
from registry.person_card import CardFacts, Representation
from store.engine import vault_of
from store.errors import translated_errors
from store.history import Condition, ever, known_at
from store.portfolio import to_person
from store.sealing import AUTHORITY_NUMBER, Sealing
from store.tables import addresses, person_documents, persons, representatives


class CardRepository:
    """The register's `CardReader` on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))

    def card_facts(self, person_id: PersonId, *, known_on: datetime | None) -> CardFacts:
        """The facts of a person that was not merged, as known at a moment or now."""
        with translated_errors():
            return CardFacts(
                birth_act=self._birth_act(person_id, known_on),
                documents=[
                    self._document(row)
                    for row in self._rows(person_documents, "person_id", person_id, known_on)
                ],
                addresses=[
                    _address(row) for row in self._rows(addresses, "person_id", person_id, known_on)
                ],
                representations=self._representations(person_id, known_on),
            )

    def _rows(
        self, table: Table, column: str, value: UUID, known_on: datetime | None
    ) -> list[Row[Any]]:
        rows = _as_known(table, lambda columns: columns[column] == value, known_on)
        statement = select(rows).where(rows.c[column] == value, ~rows.c.retracted)
        return list(self._connection.execute(statement))

    def _birth_act(self, person_id: PersonId, known_on: datetime | None) -> BirthAct | None:
        rows = _as_known(persons, lambda columns: columns.id == person_id, known_on)
        statement = select(rows.c.birth_act_sealed).where(rows.c.id == person_id)
        sealed = self._connection.scalar(statement)
        return None if sealed is None else self._sealing.open_birth_act(person_id, sealed)

    def _document(self, row: Row[Any]) -> IdentityDocument:
        return self._sealing.open_document(
            row.id,
            row.content_sealed,
            type_code=row.type_code,
            issued_on=row.issued_on,
            valid_until=row.valid_until,
        )

    def _representations(
        self, person_id: PersonId, known_on: datetime | None
    ) -> list[Representation]:
        wanted = ever(representatives, "person_id", lambda columns: columns.child_id == person_id)
        ids = wanted[0].union(*wanted[1:])
        people = _as_known(persons, lambda columns: columns.id.in_(ids), known_on)
        statement = select(
            people.c.id,
            people.c.family_name,
            people.c.first_name,
            people.c.middle_name,
            people.c.birth_date,
            people.c.sex,
            people.c.snils_sealed,
            people.c.citizenship_code,
            people.c.country_code,
            people.c.birth_place,
        ).where(people.c.id.in_(ids))
        found = {
            row.id: to_person(row, self._sealing) for row in self._connection.execute(statement)
        }
        return [
            Representation(self._representative(row), found[row.person_id])
            for row in self._rows(representatives, "child_id", person_id, known_on)
            if row.person_id in found
        ]

    def _representative(self, row: Row[Any]) -> Representative:
        sealed = row.authority_sealed
        return Representative(
            id=RepresentativeId(row.id),
            child_id=PersonId(row.child_id),
            person_id=PersonId(row.person_id),
            type_code=row.type_code,
            authority_type_code=row.authority_type_code,
            authority_number=None
            if sealed is None
            else self._sealing.open_number(AUTHORITY_NUMBER, row.id, sealed),
            begins_on=row.begins_on,
            ends_on=row.ends_on,
        )


def _as_known(table: Table, condition: Condition, known_on: datetime | None) -> FromClause:
    return table if known_on is None else known_at(table, known_on, condition)


def _address(row: Row[Any]) -> Address:
    return Address(
        kind=AddressKind(row.kind),
        text=row.text,
        fias_id=row.fias_id,
        oktmo=None if row.oktmo is None else Oktmo(row.oktmo),
        begins_on=row.begins_on,
        ends_on=row.ends_on,
    )
