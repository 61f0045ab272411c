"""The queue of uncertain matches, and what a clerk decides on them.

A conflict keeps every decision ever made on it: a decision is taken back by reopening, never
erased. What the decision moves is said by a plan (`registry.identity.merging`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from registry.errors import RegistryError
from registry.identifiers import PersonId
from registry.identity import rules
from registry.identity.decision import Decision, Joined, New, ScoredCandidate
from registry.identity.evidence import Evidence, Verdict
from registry.identity.records import RecordRef
from registry.problems import Problem

ConflictId = NewType("ConflictId", UUID)


class ConflictState(StrEnum):
    """Where a conflict stands; all but `OPEN` can be reopened."""

    OPEN = "open"
    JOINED = "joined"
    NEW_PERSON = "new_person"
    SPLIT = "split"


class Action(StrEnum):
    """What can be decided on a conflict."""

    JOIN = "join"  # the record is of one of the candidates
    NEW = "new"  # of none of them
    SPLIT = "split"  # a candidate holds records of two children: they are to be parted
    REOPEN = "reopen"


_STATE_AFTER = {
    Action.JOIN: ConflictState.JOINED,
    Action.NEW: ConflictState.NEW_PERSON,
    Action.SPLIT: ConflictState.SPLIT,
    Action.REOPEN: ConflictState.OPEN,
}


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: what, on which candidate, by whom, when. `note` is without personal data."""

    action: Action
    person: PersonId | None
    by: str
    at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that may be of several persons.

    `holder` is the person with whom the record stands meanwhile: one of its own after `Uncertain`,
    the one it was joined to when the candidates are likely duplicates of that person.
    """

    id: ConflictId
    record: RecordRef
    holder: PersonId
    candidates: tuple[ScoredCandidate, ...]
    reasons: tuple[Evidence | Verdict, ...]
    score: float
    opened_at: datetime
    decisions: tuple[Decided, ...] = ()

    @property
    def state(self) -> ConflictState:
        """What the last decision made of it."""
        return _STATE_AFTER[self.decisions[-1].action] if self.decisions else ConflictState.OPEN

    @property
    def chosen(self) -> PersonId | None:
        """The candidate of the decision in force, if it names one."""
        return self.decisions[-1].person if self.decisions else None

    @property
    def version(self) -> int:
        """Grows with each decision: two clerks cannot both decide on the same one."""
        return len(self.decisions)


def open_conflict(
    decision: Decision,
    record: RecordRef,
    *,
    conflict_id: ConflictId,
    holder: PersonId,
    opened_at: datetime,
) -> Conflict | None:
    """What has to be asked after `decision`, or None when nothing has to."""
    if isinstance(decision, New) or (isinstance(decision, Joined) and not decision.rivals):
        return None
    shown = decision.rivals if isinstance(decision, Joined) else decision.candidates
    return Conflict(
        id=conflict_id,
        record=record,
        holder=holder,
        candidates=shown,
        reasons=decision.reasons,
        score=shown[0].score,
        opened_at=opened_at,
    )


def check_decision(conflict: Conflict, decided: Decided) -> list[Problem]:
    """Every reason why `decided` cannot be done on `conflict` now."""
    broken = []
    is_open = conflict.state is ConflictState.OPEN
    if decided.action is Action.REOPEN:
        if is_open:
            broken.append(rules.NOT_DECIDED)
    elif not is_open:
        broken.append(rules.DECIDED_ALREADY)
    wants_person = decided.action in (Action.JOIN, Action.SPLIT)
    allowed = {each.person for each in conflict.candidates}
    if decided.action is Action.SPLIT:
        allowed.add(conflict.holder)
    if wants_person and decided.person not in allowed:
        broken.append(rules.NOT_A_CANDIDATE)
    if not wants_person and decided.person is not None:
        broken.append(rules.PERSON_NEEDLESS)
    if not decided.by.strip():
        broken.append(rules.BY_MISSING)
    earliest = conflict.decisions[-1].at if conflict.decisions else conflict.opened_at
    if decided.at < earliest:
        broken.append(rules.TIME_BACKWARDS)
    return [rule.problem() for rule in broken]


def settle(conflict: Conflict, decided: Decided) -> Conflict:
    """`conflict` after the decision. Raises `RegistryError` with the first problem's key."""
    problems = check_decision(conflict, decided)
    if problems:
        raise RegistryError(problems[0].code)
    return replace(conflict, decisions=(*conflict.decisions, decided))


def refused_persons(conflict: Conflict) -> frozenset[PersonId]:
    """Whom the decision in force says the record is not of; they aren't proposed for it again."""
    if conflict.state is ConflictState.NEW_PERSON:
        return frozenset(each.person for each in conflict.candidates)
    if conflict.state is ConflictState.JOINED:
        return frozenset(
            each.person for each in conflict.candidates if each.person != conflict.chosen
        )
    return frozenset()
