"""Records that were refused, kept until their source sends better ones."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from registry.problems import Problem
from registry.sources import Refusal
from store.errors import translated_errors
from store.links import select_in
from store.tables import sync_refusals
from store.upsert import upsert

# SQLite before 3.32 takes 999 values in a statement.
_CHUNK = 900


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A record that is left out for the time being, and every rule it breaks."""

    source: str
    entity: str
    refusal: Refusal
    refused_at: datetime


class RefusalStore:
    """The refusals, on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(
        self,
        source: str,
        entity: str,
        refused: Sequence[Refusal],
        *,
        accepted: Collection[str],
        at: datetime,
    ) -> None:
        """Keep what was refused of a page, and drop what was `accepted` of it (source ids).

        A record without an id of its own can't be told from others of its kind: of these the last
        one stands for all.
        """
        by_id = {each.source_id: each for each in refused}
        rows = [
            {
                "source": source,
                "entity": entity,
                "source_id": source_id,
                "problems": _encode(each.problems),
                "refused_at": at,
            }
            for source_id, each in by_id.items()
        ]
        with translated_errors():
            self._drop(source, entity, set(accepted) - set(by_id))
            upsert(self._connection, sync_refusals, rows)

    def list(self, source: str | None = None, entity: str | None = None) -> Sequence[KeptRefusal]:
        """The refusals that stand, by source, kind and id."""
        columns = sync_refusals.c
        statement = select(sync_refusals).order_by(
            columns.source, columns.entity, columns.source_id
        )
        if source is not None:
            statement = statement.where(columns.source == source)
        if entity is not None:
            statement = statement.where(columns.entity == entity)
        with translated_errors():
            rows = self._connection.execute(statement).all()
        return [
            KeptRefusal(
                row.source, row.entity, _decode(row.source_id, row.problems), row.refused_at
            )
            for row in rows
        ]

    def _drop(self, source: str, entity: str, source_ids: Collection[str]) -> None:
        columns = sync_refusals.c
        mine = (columns.source == source) & (columns.entity == entity)
        standing = select(columns.source_id).where(mine)
        if self._connection.execute(standing.limit(1)).first() is None:
            return
        found = [
            row[0] for row in select_in(self._connection, standing, columns.source_id, source_ids)
        ]
        for start in range(0, len(found), _CHUNK):
            chunk = found[start : start + _CHUNK]
            self._connection.execute(
                delete(sync_refusals).where(mine, columns.source_id.in_(chunk))
            )


def _encode(problems: Sequence[Problem]) -> str:
    return json.dumps(
        [
            {
                "code": each.code,
                "field": each.field,
                "message": each.message_ru,
                "clause": each.clause,
            }
            for each in problems
        ],
        ensure_ascii=False,
    )


def _decode(source_id: str, problems: str) -> Refusal:
    return Refusal(
        source_id,
        tuple(
            Problem(each["code"], each["field"], each["message"], each["clause"])
            for each in json.loads(problems)
        ),
    )
