"""A queue as of any moment, built anew from the versions of its applications.

A moment is one of recorded time: an application counts as it was known then, and the day by which
rights and dates are judged is that of the moment in the region's zone. Nothing else is needed, so
that whoever has the records gets the same queue.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from itertools import pairwise

from registry.admission.policy import PolicyBook, RankingPolicy
from registry.admission.ranking import Intake, Ranking, rank
from registry.errors import RegistryError
from registry.identifiers import ApplicationId
from registry.model import Application, ApplicationKind


class Leaving(StrEnum):
    """Why an application left a queue."""

    OFFERED = "offered"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    ELSEWHERE = "elsewhere"  # it no longer names this intake
    OTHER = "other"  # another state that isn't one of the queue


# By the states of all procedures; a state that is not here is OTHER.
_LEAVINGS = {
    "offered": Leaving.OFFERED,
    "consent_review": Leaving.OFFERED,
    "contract": Leaving.OFFERED,
    "recommended": Leaving.OFFERED,
    "enrolled": Leaving.ENROLLED,
    "withdrawn": Leaving.WITHDRAWN,
    "cancelled": Leaving.WITHDRAWN,
    "refused": Leaving.REFUSED,
    "returned": Leaving.REFUSED,
    "suspended_no_show": Leaving.SUSPENDED,
    "suspended_declined": Leaving.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Version:
    """An application as it was known from `since` on, until its next version."""

    since: datetime
    application: Application


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One stay of an application in a queue, from `entered_at` until just before `left_at`.

    `versions` are in order of time; the first begins at `entered_at`. All that puts an application
    in its place (rights with their periods, territory, desired day, time, average, originals) is
    in them. `left_at` is None while it stays; `leaving` then is None too.

    Raises `RegistryError`: ``queue.entry`` when the times don't fit together, ``queue.moment`` when
    one has no time zone.
    """

    application_id: ApplicationId
    entered_at: datetime
    left_at: datetime | None
    leaving: Leaving | None
    versions: tuple[Version, ...]

    def __post_init__(self) -> None:
        times = [version.since for version in self.versions]
        if any(moment.tzinfo is None for moment in (*times, self.left_at) if moment is not None):
            raise RegistryError("queue.moment", "a moment without a time zone")
        ordered = all(one < other for one, other in pairwise(times))
        begins = bool(times) and times[0] == self.entered_at and ordered
        end = self.left_at
        if not begins or (end is None) != (self.leaving is None):
            raise RegistryError("queue.entry", "versions don't cover the stay")
        if end is not None and end <= times[-1]:
            raise RegistryError("queue.entry", "the stay ends before its last version begins")
        if any(version.application.id != self.application_id for version in self.versions):
            raise RegistryError("queue.entry", "a version of another application")

    def at(self, moment: datetime) -> Application | None:
        """The application as it stood in the queue at `moment`, None when it did not."""
        if moment < self.entered_at or (self.left_at is not None and self.left_at <= moment):
            return None
        return self.versions[
            bisect_right(self.versions, moment, key=lambda version: version.since) - 1
        ].application


@dataclass(frozen=True, slots=True)
class QueueHistory:
    """All that is recorded of the queue for one intake: who stood in it, when, and as what.

    Raises `RegistryError` (``queue.entries_overlap``) when two stays of one application overlap.
    """

    kind: ApplicationKind
    intake: Intake
    policies: PolicyBook
    zone: tzinfo
    entries: tuple[QueueEntry, ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.entries, key=lambda each: (each.application_id.int, each.entered_at))
        for one, following in pairwise(ordered):
            same = one.application_id == following.application_id
            if same and (one.left_at is None or one.left_at > following.entered_at):
                raise RegistryError("queue.entries_overlap", "two stays at one time")

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the region's zone. Raises `RegistryError` (``queue.moment``)."""
        if moment.tzinfo is None:
            raise RegistryError("queue.moment", "a moment without a time zone")
        return moment.astimezone(self.zone).date()

    def beginning_of(self, day: date) -> datetime:
        """The first moment of a day in the region's zone."""
        return datetime.combine(day, time.min, tzinfo=self.zone)

    def policy_on(self, day: date) -> RankingPolicy:
        """The policy in force. Raises `RegistryError` (``policy.not_in_force``)."""
        return self.policies.in_force(self.kind, day)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as of a moment, with the history from which it was built."""

    history: QueueHistory
    at: datetime
    ranking: Ranking


def replay(history: QueueHistory, at: datetime) -> Queue:
    """The queue as it stood at a moment, by the policy in force on its day.

    Raises `RegistryError`: ``queue.moment`` (no time zone), ``policy.not_in_force``, and as `rank`.
    """
    day = history.day_of(at)
    present = (entry.at(at) for entry in history.entries)
    ranking = rank(
        (each for each in present if each is not None),
        history.policy_on(day),
        day,
        intake=history.intake,
    )
    return Queue(history, at, ranking)


def entries_of(
    versions: Iterable[Version], intake: Intake, queue_states: frozenset[str]
) -> tuple[QueueEntry, ...]:
    """The stays in the queue for `intake` of all whose versions these are, given in any order.

    An application is in the queue while its state is one of `queue_states` and it names the intake.
    Raises `RegistryError` (``queue.versions_clash``) for two versions of one moment.
    """
    by_application: dict[ApplicationId, list[Version]] = {}
    for version in versions:
        by_application.setdefault(version.application.id, []).append(version)
    entries: list[QueueEntry] = []
    for application_id in sorted(by_application, key=lambda each: each.int):
        ordered = sorted(by_application[application_id], key=lambda version: version.since)
        if len({version.since for version in ordered}) != len(ordered):
            raise RegistryError("queue.versions_clash", "two versions of one moment")
        entries.extend(_stays(application_id, ordered, intake, queue_states))
    return tuple(entries)


def _stays(
    application_id: ApplicationId,
    versions: Sequence[Version],
    intake: Intake,
    queue_states: frozenset[str],
) -> Iterable[QueueEntry]:
    stay: list[Version] = []
    for version in versions:
        application = version.application
        waits = application.state in queue_states
        if waits and intake.choice_of(application) is not None:
            stay.append(version)
        elif stay:
            leaving = Leaving.ELSEWHERE if waits else _leaving_of(application.state)
            yield QueueEntry(application_id, stay[0].since, version.since, leaving, tuple(stay))
            stay = []
    if stay:
        yield QueueEntry(application_id, stay[0].since, None, None, tuple(stay))


def _leaving_of(state: str) -> Leaving:
    return _LEAVINGS.get(state, Leaving.OTHER)
