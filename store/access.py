"""Who saw whose data: events that are only ever added."""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from registry.access import AccessEvent
from registry.identifiers import PersonId
from store.errors import translated_errors
from store.tables import access_events

_LIMITED = ("actor", "agency", "case_number", "operation", "outcome", "address")


class AccessRepository:
    """The register's `AccessRecorder` on one connection. Raises `StoreError`.

    An event counts once the transaction is committed: commit it before anything is shown.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, *events: AccessEvent) -> None:
        """Add events. Texts longer than their columns are cut: better that than no event."""
        rows = [_to_row(event) for event in events]
        if rows:
            with translated_errors():
                self._connection.execute(access_events.insert(), rows)

    def of_person(self, person_id: PersonId) -> Iterator[AccessEvent]:
        """Every time that the person's data were shown, the latest first: what a subject may ask.

        Events of a person that was merged into this one stay under its former id.
        """
        statement = (
            select(access_events)
            .where(access_events.c.person_id == person_id)
            .order_by(access_events.c.at.desc(), access_events.c.id)
        )
        with translated_errors():
            rows = self._connection.execute(statement).mappings().all()
        for row in rows:
            yield AccessEvent(**{**row, "fields": tuple(json.loads(row["fields"]))})


def _to_row(event: AccessEvent) -> dict[str, object]:
    row: dict[str, object] = {
        "id": event.id,
        "at": event.at,
        "person_id": event.person_id,
        "purpose": event.purpose,
        "fields": json.dumps(event.fields, ensure_ascii=False),
        "message_id": event.message_id,
    }
    for name in _LIMITED:
        value: str | None = getattr(event, name)
        length = getattr(access_events.c[name].type, "length", None)
        row[name] = value if value is None else value[:length]
    return row
