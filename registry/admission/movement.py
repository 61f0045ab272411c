"""Why a position in a queue moved: each cause with its day and by how much.

A position is one more than the number of those ahead. So every moment at which one other
application comes ahead, or no longer is ahead, moves it by one, and has one cause. Between two
moments these are followed in order of time; their sum is the whole movement, neither more nor less.
What happens at one moment is taken in this order: others' facts, then one's own, then a new policy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from registry.admission.causes import LEAVINGS, Cause, CauseKind, Movement
from registry.admission.criteria import (
    CriterionName,
    Key,
    best_rank,
    make_key,
    make_measures,
    turning_days,
)
from registry.admission.history import Queue, QueueEntry, QueueHistory, replay
from registry.admission.ranking import claimed_choice, first_difference
from registry.errors import RegistryError
from registry.identifiers import ApplicationId
from registry.model import Application

_DATES = frozenset({CriterionName.DESIRED_DATE, CriterionName.DESIRED_REACHED})


def explain_movement(
    queue_then: Queue, queue_now: Queue, application_id: ApplicationId
) -> Movement:
    """Tell why an application's position is another now than then, by the history of the queue now.

    Raises `RegistryError`: ``queue.not_waiting`` (it stood in no such queue then or now),
    ``queue.period`` (now is before then), ``queue.different`` (not one queue, or the history now
    doesn't lead to the queue then).
    """
    history = queue_now.history
    before = queue_then.ranking.find(application_id)
    after = queue_now.ranking.find(application_id)
    if before is None or after is None:
        raise RegistryError("queue.not_waiting", "not in the queue at both moments")
    if queue_now.at < queue_then.at:
        raise RegistryError("queue.period", "the second moment is before the first")
    same = queue_then.history is history
    if not same and _keys(replay(history, queue_then.at)) != _keys(queue_then):
        raise RegistryError("queue.different", "the history doesn't lead to the first queue")
    walk = _Walk(history, queue_then, application_id, before.key)
    return Movement(
        application_id,
        before.position,
        len(queue_then.ranking.ranked),
        after.position,
        len(queue_now.ranking.ranked),
        walk.causes_until(queue_now.at),
    )


def _keys(queue: Queue) -> tuple[object, list[Key]]:
    return queue.history.intake, [ranked.key for ranked in queue.ranking.ranked]


@dataclass(slots=True)
class _Track:
    """One application as the walk goes: its stays, and its key while it is in the queue."""

    entries: list[QueueEntry]
    key: Key | None

    def at(self, moment: datetime) -> Application | None:
        for entry in self.entries:
            application = entry.at(moment)
            if application is not None:
                return application
        return None


class _Walk:
    """Follows who is ahead of one application from moment to moment, and notes each change."""

    def __init__(
        self, history: QueueHistory, start: Queue, own_id: ApplicationId, own_key: Key
    ) -> None:
        self._history = history
        self._from = start.at
        self._policy = start.ranking.basis.policy
        self._own = _Track([], None)
        self._own_key = own_key
        self._others: dict[ApplicationId, _Track] = {}
        self._noted: dict[tuple[date, CauseKind, bool, str], int] = {}
        for entry in sorted(history.entries, key=lambda each: each.entered_at):
            if entry.application_id == own_id:
                self._own.entries.append(entry)
            else:
                self._others.setdefault(entry.application_id, _Track([], None)).entries.append(
                    entry
                )
        for ranked in start.ranking.ranked:
            if ranked.application.id != own_id:
                self._others[ranked.application.id].key = ranked.key

    def causes_until(self, until: datetime) -> tuple[Cause, ...]:
        """All the causes after the start up to and including `until`, in order of time."""
        agenda: dict[datetime, list[_Track]] = {}
        for track in self._others.values():
            for moment in self._moments(track, until):
                agenda.setdefault(moment, []).append(track)
        own_moments = self._moments(self._own, until)
        policy_days = self._history.policies.turning_days(self._history.kind)
        policy_moments = self._within(until, self._beginnings(policy_days, until))
        for moment in sorted(agenda.keys() | own_moments | policy_moments):
            for track in agenda.get(moment, ()):
                self._step_other(track, moment)
            if moment in own_moments:
                self._step_own(moment)
            if moment in policy_moments:
                self._step_policy(moment)
        return tuple(
            Cause(day, kind, count if back else -count, clause)
            for (day, kind, back, clause), count in sorted(self._noted.items())
        )

    def _moments(self, track: _Track, until: datetime) -> set[datetime]:
        """When anything about an application may have changed, under any policy of its kind."""
        moments = set()
        for entry in track.entries:
            moments.add(entry.entered_at)
            if entry.left_at is not None:
                moments.add(entry.left_at)
            for version in entry.versions:
                moments.add(version.since)
                moments.update(self._beginnings(self._turns(version.application), until))
        return self._within(until, moments)

    def _within(self, until: datetime, moments: Iterable[datetime]) -> set[datetime]:
        return {moment for moment in moments if self._from < moment <= until}

    def _beginnings(self, days: Iterable[date], until: datetime) -> Iterator[datetime]:
        first, last = self._history.day_of(self._from), self._history.day_of(until)
        return (self._history.beginning_of(day) for day in days if first <= day <= last)

    def _turns(self, application: Application) -> Iterator[date]:
        for policy in self._history.policies.policies:
            if policy.kind is self._history.kind:
                for criterion in policy.criteria:
                    yield from turning_days(criterion, application)

    def _key_of(self, application: Application, moment: datetime) -> Key:
        measures = make_measures(self._policy.criteria, self._history.day_of(moment))
        choice = claimed_choice(application, self._history.intake)
        return make_key(measures)(application, choice is not None and choice.territory)

    def _is_ahead(self, key: Key | None) -> bool:
        return key is not None and key < self._own_key

    def _step_other(self, track: _Track, moment: datetime) -> None:
        application = track.at(moment)
        old, new = track.key, None if application is None else self._key_of(application, moment)
        track.key = new
        was, now = self._is_ahead(old), self._is_ahead(new)
        if was == now:
            return
        if application is None or new is None:
            kind, clause = self._exit(track, moment), self._policy.clause
        elif old is None:
            kind, clause = self._entrance(track, application, moment), self._policy.clause
        else:
            kind, clause = self._change(old, new, own=False)
        self._note(moment, kind, clause, back=now)

    def _step_own(self, moment: datetime) -> None:
        application = self._own.at(moment)
        if application is None:
            return  # out of the queue for a while: the last known facts stand for it
        old, new = self._own_key, self._key_of(application, moment)
        if old == new:
            return
        was = [self._is_ahead(track.key) for track in self._others.values()]
        self._own_key = new
        kind, clause = self._change(old, new, own=True)
        self._note_changes(was, moment, kind, clause)

    def _step_policy(self, moment: datetime) -> None:
        policy = self._history.policy_on(self._history.day_of(moment))
        if policy == self._policy:
            return
        was = [self._is_ahead(track.key) for track in self._others.values()]
        self._policy = policy
        own = self._own.at(moment) or self._last_known(moment)
        self._own_key = self._key_of(own, moment)
        for track in self._others.values():
            application = track.at(moment)
            track.key = None if application is None else self._key_of(application, moment)
        self._note_changes(was, moment, CauseKind.POLICY, policy.clause)

    def _last_known(self, moment: datetime) -> Application:
        known = [
            version
            for entry in self._own.entries
            for version in entry.versions
            if version.since <= moment
        ]
        return max(known, key=lambda version: version.since).application

    def _entrance(self, track: _Track, application: Application, moment: datetime) -> CauseKind:
        if track.entries[0].entered_at < moment:
            return CauseKind.RETURNED
        day = self._history.day_of(moment)
        privileged = best_rank(application, self._policy.privilege_ranks, day) is not None
        return CauseKind.NEW_PRIVILEGED if privileged else CauseKind.NEW

    @staticmethod
    def _exit(track: _Track, moment: datetime) -> CauseKind:
        for entry in track.entries:
            if entry.left_at == moment and entry.leaving is not None:
                return LEAVINGS[entry.leaving]
        return CauseKind.LEFT

    def _change(self, old: Key, new: Key, *, own: bool) -> tuple[CauseKind, str]:
        """By which criterion a key changed. Only the first that did can have turned an order."""
        criterion = first_difference(old, new, self._policy)
        if criterion is None:
            return (
                CauseKind.OWN_DATA_CHANGED if own else CauseKind.DATA_CHANGED,
                self._policy.clause,
            )
        if criterion.name is CriterionName.PRIVILEGE:
            gained = new < old
            if own:
                kind = CauseKind.OWN_PRIVILEGE_GAINED if gained else CauseKind.OWN_PRIVILEGE_LOST
            else:
                kind = CauseKind.PRIVILEGE_GAINED if gained else CauseKind.PRIVILEGE_LOST
        elif criterion.name in _DATES:
            kind = CauseKind.OWN_DESIRED_DATE if own else CauseKind.DESIRED_DATE
        else:
            kind = CauseKind.OWN_DATA_CHANGED if own else CauseKind.DATA_CHANGED
        return kind, criterion.clause

    def _note_changes(
        self, was: list[bool], moment: datetime, kind: CauseKind, clause: str
    ) -> None:
        for before, track in zip(was, self._others.values(), strict=True):
            now = self._is_ahead(track.key)
            if before != now:
                self._note(moment, kind, clause, back=now)

    def _note(self, moment: datetime, kind: CauseKind, clause: str, *, back: bool) -> None:
        mark = (self._history.day_of(moment), kind, back, clause)
        self._noted[mark] = self._noted.get(mark, 0) + 1
