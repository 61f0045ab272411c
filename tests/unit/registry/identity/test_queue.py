"""The queue: what can be decided, taken back, and what must be refused."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from registry.errors import RegistryError
from registry.identifiers import PersonId
from registry.identity.decision import Joined, New, ScoredCandidate, Uncertain
from registry.identity.evidence import Evidence
from registry.identity.queue import (
    Action,
    Conflict,
    ConflictId,
    ConflictState,
    Decided,
    check_decision,
    open_conflict,
    refused_persons,
    settle,
)
from registry.identity.records import RecordRef

NOW = datetime(2025, 9, 1, 9, 0, tzinfo=UTC)
HOLDER, ONE, TWO, STRANGER = (PersonId(UUID(int=number)) for number in (1, 2, 3, 4))
REASONS = (Evidence.FIRST_SAME, Evidence.DATE_SAME)
CANDIDATES = (ScoredCandidate(ONE, 7.5, REASONS), ScoredCandidate(TWO, 3.0, REASONS))


def a_conflict() -> Conflict:
    conflict = open_conflict(
        Uncertain(CANDIDATES, 7.5, REASONS),
        RecordRef("clinic", "77"),
        conflict_id=ConflictId(UUID(int=9)),
        holder=HOLDER,
        opened_at=NOW,
    )
    assert conflict is not None
    return conflict


def decision(action: Action, person: PersonId | None = None, minutes: int = 5) -> Decided:
    return Decided(action, person, "clerk-1", NOW + timedelta(minutes=minutes))


def test_what_is_certain_opens_nothing() -> None:
    for certain in (New(), Joined(ONE, 30.0, REASONS)):
        opened = open_conflict(
            certain,
            RecordRef("clinic", "77"),
            conflict_id=ConflictId(UUID(int=9)),
            holder=HOLDER,
            opened_at=NOW,
        )
        assert opened is None


def test_a_likely_duplicate_is_asked_about() -> None:
    conflict = open_conflict(
        Joined(HOLDER, 30.0, REASONS, CANDIDATES[1:]),
        RecordRef("clinic", "77"),
        conflict_id=ConflictId(UUID(int=9)),
        holder=HOLDER,
        opened_at=NOW,
    )
    assert conflict is not None
    assert [each.person for each in conflict.candidates] == [TWO]
    assert conflict.score == 3.0


@pytest.mark.parametrize(
    ("made", "state", "refused"),
    [
        (decision(Action.JOIN, ONE), ConflictState.JOINED, {TWO}),
        (decision(Action.NEW), ConflictState.NEW_PERSON, {ONE, TWO}),
        (decision(Action.SPLIT, TWO), ConflictState.SPLIT, set()),
        (decision(Action.SPLIT, HOLDER), ConflictState.SPLIT, set()),
    ],
)
def test_a_decision_and_back(made: Decided, state: ConflictState, refused: set[PersonId]) -> None:
    settled = settle(a_conflict(), made)
    assert settled.state is state
    assert settled.chosen == made.person
    assert refused_persons(settled) == refused
    reopened = settle(settled, decision(Action.REOPEN, minutes=6))
    assert reopened.state is ConflictState.OPEN
    assert refused_persons(reopened) == frozenset()
    assert [each.action for each in reopened.decisions] == [made.action, Action.REOPEN]


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (decision(Action.JOIN, STRANGER), ["conflict.not_a_candidate"]),
        (decision(Action.JOIN), ["conflict.not_a_candidate"]),
        (decision(Action.JOIN, HOLDER), ["conflict.not_a_candidate"]),
        (decision(Action.NEW, ONE), ["conflict.person_needless"]),
        (decision(Action.REOPEN), ["conflict.open"]),
        (
            Decided(Action.JOIN, STRANGER, " ", NOW - timedelta(minutes=1)),
            ["conflict.not_a_candidate", "conflict.by_missing", "conflict.time_backwards"],
        ),
    ],
)
def test_every_problem_at_once(made: Decided, codes: list[str]) -> None:
    assert [each.code for each in check_decision(a_conflict(), made)] == codes
    with pytest.raises(RegistryError) as caught:
        settle(a_conflict(), made)
    assert caught.value.code == codes[0]


def test_what_is_decided_must_be_reopened_first() -> None:
    settled = settle(a_conflict(), decision(Action.NEW))
    problems = check_decision(settled, decision(Action.JOIN, ONE, minutes=9))
    assert [each.code for each in problems] == ["conflict.decided"]


class QueueMachine(RuleBasedStateMachine):
    """Whatever clerks do, history only grows and the state is that of the last decision."""

    def __init__(self) -> None:
        super().__init__()
        self.conflict = a_conflict()
        self.minutes = 0
        self.history: list[Action] = []

    def _settle(self, action: Action, person: PersonId | None = None) -> None:
        self.minutes += 1
        self.conflict = settle(self.conflict, decision(action, person, self.minutes))
        self.history.append(action)

    @precondition(lambda self: self.conflict.state is ConflictState.OPEN)
    @rule()
    def join(self) -> None:
        self._settle(Action.JOIN, ONE)

    @precondition(lambda self: self.conflict.state is ConflictState.OPEN)
    @rule()
    def make_new(self) -> None:
        self._settle(Action.NEW)

    @precondition(lambda self: self.conflict.state is ConflictState.OPEN)
    @rule()
    def split(self) -> None:
        self._settle(Action.SPLIT, HOLDER)

    @precondition(lambda self: self.conflict.state is not ConflictState.OPEN)
    @rule()
    def reopen(self) -> None:
        self._settle(Action.REOPEN)

    @rule()
    def a_wrong_step_changes_nothing(self) -> None:
        is_open = self.conflict.state is ConflictState.OPEN
        with pytest.raises(RegistryError):
            settle(self.conflict, decision(Action.REOPEN if is_open else Action.NEW, None, 10**4))

    @invariant()
    def history_is_whole(self) -> None:
        assert [each.action for each in self.conflict.decisions] == self.history
        assert self.conflict.version == len(self.history)


TestQueueMachine = QueueMachine.TestCase
