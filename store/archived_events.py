"""Histories of archived cases as rows of `case_events`, beside those that are there."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.cases.archive_rules import line_of
from registry.cases.archived import ArchivedStep
from registry.model import CaseEvent
from registry.procedures.engine import Procedure
from registry.procedures.states import Actor
from store.case_rows import event_row
from store.links import select_in
from store.tables import case_events

Row = Mapping[str, Any]

_MAX_CAUSE = 200
# What a step is; where it came from and its remarks are not compared.
_COMPARED = ("at", "action", "from_state", "to_state", "actor", "reason")


def history_rows(
    procedure: Procedure[Any],
    case_id: UUID,
    steps: Sequence[ArchivedStep],
    *,
    opening: tuple[str, str, datetime, Actor],
    cause: str,
) -> list[Row]:
    """The events of a checked history; `opening`: action, clause, moment, actor of the first."""
    action, clause, at, actor = opening
    events = [
        CaseEvent(
            case_id, 1, at, action, None, procedure.initial, actor, cause[:_MAX_CAUSE], clause
        )
    ]
    for number, step in enumerate(steps, start=2):
        line = line_of(procedure, step)
        assert line is not None  # noqa: S101 - the history has been checked
        events.append(
            CaseEvent(
                case_id=case_id,
                sequence=number,
                at=step.at,
                action=step.action,
                from_state=step.from_state,
                to_state=step.to_state,
                actor=step.actor,
                cause=cause[:_MAX_CAUSE],
                clause=line.clause,
                reason=step.reason,
            )
        )
    return [event_row(procedure.key, event) for event in events]


def load_events(connection: Connection, case_ids: Collection[UUID]) -> Mapping[UUID, list[Row]]:
    """The events of cases, in their order, by case."""
    found: defaultdict[UUID, list[Row]] = defaultdict(list)
    columns = [case_events.c[name] for name in ("case_id", "sequence", *_COMPARED)]
    for row in select_in(connection, select(*columns), case_events.c.case_id, case_ids):
        found[row[0]].append(dict(zip(("sequence", *_COMPARED), row[1:], strict=True)))
    for rows in found.values():
        rows.sort(key=lambda each: int(each["sequence"]))
    return found


def agree(known: Sequence[Row], told: Sequence[Row]) -> bool:
    """Whether two histories say the same as far as both go."""
    return all(
        one[name] == other[name]
        for one, other in zip(known, told, strict=False)
        for name in _COMPARED
    )
