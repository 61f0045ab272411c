"""The versions of the applications of an intake: from these a queue of the past is built anew."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from registry.admission import Intake, PolicyBook, QueueHistory, Version, entries_of
from registry.model import ApplicationKind
from store.case_queries import as_ranked
from store.case_reading import assemble
from store.errors import translated_errors
from store.history import history_of
from store.links import select_in
from store.tables import application_choices, application_privileges, applications

_Row = dict[str, Any]


class QueueRecords:
    """What the register holds, and held, of the queue for an intake. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(
        self,
        kind: ApplicationKind,
        intake: Intake,
        policies: PolicyBook,
        zone: tzinfo,
        *,
        queue_states: frozenset[str],
    ) -> QueueHistory:
        """Who stood in the queue, when, and as what, of all time."""
        with translated_errors():
            ids = self._named(intake)
            own = self._all_versions(applications, "id", ids)
            choices = self._all_versions(application_choices, "application_id", ids)
            privileges = self._all_versions(application_privileges, "application_id", ids)
        versions = [
            version
            for each in ids
            if any(row["kind"] == kind.value for row in own[each])
            for version in _versions(own[each], choices[each], privileges[each])
        ]
        return QueueHistory(
            kind, intake, policies, zone, entries_of(versions, intake, queue_states)
        )

    def _named(self, intake: Intake) -> list[UUID]:
        """The applications that name the organisation for the year, or once did."""
        found = set()
        for table in (application_choices, history_of(application_choices)):
            statement = select(table.c.application_id).where(
                table.c.organisation_id == intake.organisation_id,
                table.c.school_year == intake.school_year,
            )
            found |= set(self._connection.execute(statement).scalars())
        return sorted(found)

    def _all_versions(
        self, table: Table, key: str, ids: Sequence[UUID]
    ) -> defaultdict[UUID, list[_Row]]:
        """The rows of a table as they are and as they were, by application.

        A version that was superseded at the moment at which it was recorded was never known.
        """
        found: defaultdict[UUID, list[_Row]] = defaultdict(list)
        for source in (table, history_of(table)):
            names = [column.name for column in source.c]
            for values in select_in(self._connection, select(source), source.c[key], ids):
                row = dict(zip(names, values, strict=True))
                if row.get("superseded_at") != row["recorded_at"]:
                    found[row[key]].append(row)
        return found


def _versions(
    own: Sequence[_Row], choices: Sequence[_Row], privileges: Sequence[_Row]
) -> Iterable[Version]:
    """The application at each moment at which anything about it changed."""
    moments = {row["recorded_at"] for row in (*own, *choices, *privileges)}
    first = min(row["recorded_at"] for row in own)
    for moment in sorted(moments):
        if moment < first:
            continue
        (row,) = _known(own, moment)
        application = assemble(
            row,
            sorted(_known(choices, moment), key=lambda each: each["priority"]),
            sorted(_known(privileges, moment), key=lambda each: each["code"]),
        )
        yield Version(moment, as_ranked(application))


def _known(rows: Iterable[_Row], moment: datetime) -> list[_Row]:
    return [
        row
        for row in rows
        if row["recorded_at"] <= moment
        and (row.get("superseded_at") is None or moment < row["superseded_at"])
    ]
