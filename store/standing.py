"""Which person an id stands for: a merged one leads to the person that it proved to be."""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Connection, Dialect, bindparam, select

from registry.identifiers import PersonId
from store.driver import DriverQuery
from store.errors import translated_errors
from store.history import known_at
from store.tables import persons
from store.types import UtcDateTime

_PERSON_ID = bindparam("person_id", type_=persons.c.id.type)
_KNOWN_ON = bindparam("known_on", type_=UtcDateTime())
_THEN = known_at(persons, _KNOWN_ON, lambda columns: columns.id == _PERSON_ID)

_STATEMENTS = {
    False: select(persons.c.merged_into).where(persons.c.id == _PERSON_ID),
    True: select(_THEN.c.merged_into),
}


def standing_person(
    connection: Connection, person_id: UUID, *, known_on: datetime | None = None
) -> PersonId | None:
    """The person that stands for `person_id`, as known at a moment (now when None).

    None when there is no such person, or there was none then. Raises `StoreError`.
    """
    query = _query(known_on is not None, connection.dialect)
    seen: set[UUID] = set()
    with translated_errors():
        # Merges of two persons into each other would be no merges; but nothing may hang on them.
        while person_id not in seen:
            seen.add(person_id)
            rows = query.rows(connection, values_of(person_id, known_on))
            if not rows:
                return None
            if rows[0][0] is None:
                return PersonId(person_id)
            person_id = rows[0][0]
    return None


def values_of(person_id: UUID, known_on: datetime | None) -> dict[str, object]:
    """The parameters of a statement on a person, as known at a moment or now."""
    if known_on is None:
        return {"person_id": person_id}
    return {"person_id": person_id, "known_on": known_on}


@lru_cache(maxsize=8)
def _query(known: bool, dialect: Dialect) -> DriverQuery:
    return DriverQuery(_STATEMENTS[known], dialect)
