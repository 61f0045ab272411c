"""The queue of uncertain matches as clerks work on it: see `registry.identity.queue`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, select

from registry.identifiers import PersonId
from registry.identity import rules
from registry.identity.decision import ScoredCandidate
from registry.identity.queue import Action, Conflict, ConflictId, Decided, check_decision
from registry.identity.records import RecordRef
from registry.problems import Problem
from store.conflicts import read_candidates
from store.errors import translated_errors
from store.identity_store import Change, IdentityStore, Mandate
from store.import_lock import take_import_lock
from store.person_moves import not_before
from store.tables import identity_conflicts

OPEN = "open"
_STATE_OF = {Action.JOIN: "joined", Action.NEW: "separate"}
_ACTION_OF = {"joined": Action.JOIN, "separate": Action.NEW}


@dataclass(frozen=True, slots=True)
class Asked:
    """A conflict as it is kept, with its state there and the reason of its decision."""

    conflict: Conflict
    state: str
    reason: str | None

    @property
    def candidates(self) -> tuple[ScoredCandidate, ...]:
        """Whom the record may be of, the best first."""
        return self.conflict.candidates


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a decision: with `problems` nothing was done; `change`: the merge it made."""

    problems: tuple[Problem, ...] = ()
    change: Change | None = None


class ConflictQueue:
    """Conflicts on one connection. Raises `StoreError`."""

    def __init__(self, connection: Connection, identity: IdentityStore) -> None:
        self._connection = connection
        self._identity = identity

    def list(self, *, state: str | None = OPEN, limit: int = 100) -> Sequence[Asked]:
        """Conflicts, the best score first; `state` None means all."""
        columns = identity_conflicts.c
        statement = select(identity_conflicts)
        if state is not None:
            statement = statement.where(columns.state == state)
        statement = statement.order_by(columns.score.desc(), columns.opened_at, columns.id)
        with translated_errors():
            rows = self._connection.execute(statement.limit(limit)).mappings().all()
        return [self._asked(row) for row in rows]

    def get(self, conflict_id: UUID) -> Asked | None:
        """One conflict."""
        with translated_errors():
            row = self._row(conflict_id)
        return None if row is None else self._asked(row)

    def decide(self, conflict_id: UUID, join: UUID | None, mandate: Mandate) -> Settled:
        """Settle an open conflict: the record is of `join`, or of none of the candidates.

        To join is to merge the person with whom the record stands into the candidate.
        """
        with translated_errors():
            take_import_lock(self._connection)
            row = self._row(conflict_id, lock=True)
            if row is None:
                return Settled((rules.CONFLICT_UNKNOWN.problem(),))
            asked = self._asked(row)
            action = Action.NEW if join is None else Action.JOIN
            decided = Decided(
                action, None if join is None else PersonId(join), mandate.actor, mandate.at
            )
            problems = check_decision(self._standing(asked.conflict), decided)
            if not mandate.reason.strip():
                problems.append(rules.REASON_MISSING.problem())
            if problems:
                return Settled(tuple(problems))
            change = None if join is None else self._join(asked.conflict, join, mandate)
            if change is not None and change.problems:
                return Settled(change.problems, change)
            self._write(row, action, join, mandate)
            return Settled(change=change)

    def _join(self, conflict: Conflict, join: UUID, mandate: Mandate) -> Change | None:
        target = self._identity.standing(join) or join
        if target == conflict.holder:
            return None
        return self._identity.merge(target, conflict.holder, mandate)

    def _standing(self, conflict: Conflict) -> Conflict:
        """The conflict with those, too, who stand for its candidates by now."""
        more = tuple(
            replace(each, person=PersonId(standing))
            for each in conflict.candidates
            if (standing := self._identity.standing(each.person)) not in (None, each.person)
        )
        return replace(conflict, candidates=(*conflict.candidates, *more))

    def _write(self, row: RowMapping, action: Action, join: UUID | None, mandate: Mandate) -> None:
        columns = identity_conflicts.c
        self._connection.execute(
            identity_conflicts.update()
            .where(columns.id == row["id"])
            .values(
                state=_STATE_OF[action],
                person_id=join,
                decided_by=mandate.actor.strip(),
                reason=mandate.reason.strip(),
                version=columns.version + 1,
                recorded_at=not_before(columns.recorded_at, mandate.at),
            )
        )

    def _row(self, conflict_id: UUID, *, lock: bool = False) -> RowMapping | None:
        statement = select(identity_conflicts).where(identity_conflicts.c.id == conflict_id)
        if lock:
            statement = statement.with_for_update()
        return self._connection.execute(statement).mappings().one_or_none()

    def _asked(self, row: RowMapping) -> Asked:
        candidates, reasons = read_candidates(row["candidates"])
        record = RecordRef(row["source"], row["source_id"])
        holder = self._identity.holder(record)
        return Asked(
            Conflict(
                id=ConflictId(row["id"]),
                record=record,
                # A record of which the link is lost stands with nobody: with the nil id.
                holder=PersonId(holder or UUID(int=0)),
                candidates=candidates,
                reasons=reasons,
                score=row["score"],
                opened_at=row["opened_at"],
                decisions=_decisions(row),
            ),
            row["state"],
            row["reason"],
        )


def _decisions(row: RowMapping) -> tuple[Decided, ...]:
    action = _ACTION_OF.get(row["state"])
    if action is None:
        return ()
    person: Any = row["person_id"]
    at: datetime = row["recorded_at"]
    return (Decided(action, None if person is None else PersonId(person), row["decided_by"], at),)
