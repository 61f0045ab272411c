"""Ranking and allotting applications, beside a bare `sorted` by the same key, in one process."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import ParamSpec, TypeVar
from uuid import UUID

from benchmarks.errors import BenchmarkError
from benchmarks.ratios import paired_ratio
from benchmarks.report import Report
from benchmarks.settings import SEED, Scale
from registry.admission import (
    Intake,
    PolicyBook,
    QueueHistory,
    Ranking,
    RankingPolicy,
    Reason,
    Version,
    allot,
    entries_of,
    explain_movement,
    load_policies,
    rank,
    replay,
)
from registry.identifiers import ApplicationId, OrganisationId, PersonId, QuotaId
from registry.model import (
    Application,
    ApplicationKind,
    Choice,
    PlaceQuota,
    Privilege,
    PrivilegeRank,
)

_DAY = date(2025, 7, 10)
_OPENING = datetime(2025, 4, 1, 6, tzinfo=UTC)
_ZONE = timezone(timedelta(hours=3))
_PLACES = 100  # of one school
_RANKS = list(PrivilegeRank)

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)
class _Series:
    """Seconds of CPU time by round."""

    name: str
    seconds: list[float] = field(default_factory=list)

    def timed(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call, and take down what it cost."""
        # What earlier rounds left behind is not this one's cost.
        gc.collect()
        started = time.thread_time_ns()
        result = call(*args, **kwargs)
        self.seconds.append((time.thread_time_ns() - started) / 1e9)
        return result


class RankingBenchmark:
    """What order, places and reasons cost by sorting alone."""

    def __init__(self, scale: Scale, report: Report) -> None:
        self._scale = scale
        self._report = report
        self._book = load_policies()
        self._policy = self._book.in_force(ApplicationKind.SCHOOL, _DAY)

    def run(self) -> None:
        """Measure and print."""
        rows = []
        for count in self._scale.applications:
            self._report.step(f"ranking: {count} applications")
            rows.extend(self._measure(count))
        self._report.table(
            "Applications put in order, places given, positions explained",
            ["what", "applications", "seconds", "applications/s", "by bare sorted"],
            rows,
            texts=1,
            note=f"CPU time of one thread, the least of {self._scale.ranking_rounds} rounds; ratios"
            " within a round, their median with the least and the greatest. The smaller, the "
            "better.",
        )

    def _measure(self, count: int) -> list[list[str]]:
        applications, quotas = make_applications(count), make_quotas(count)
        bare, order, places, both, reasons, movement = (
            _Series(name)
            for name in (
                "bare sorted",
                "rank",
                "allot",
                "rank and allot",
                "explain all",
                "movement",
            )
        )
        history = make_history(self._book, self._policy, applications)
        for _ in range(self._scale.ranking_rounds):
            expected = bare.timed(_sort_bare, applications)
            ranking = order.timed(rank, applications, self._policy, _DAY)
            if [each.application for each in ranking.ranked] != expected:
                raise BenchmarkError("ranking.order", "the peer's order is another")
            places.timed(allot, ranking, quotas)
            both.seconds.append(order.seconds[-1] + places.seconds[-1])
            reasons.timed(_explain_all, ranking)
            movement.timed(_explain_last, history)
        series = (bare, order, places, both, reasons, movement)
        return [self._row(count, each, bare) for each in series]

    def _row(self, count: int, series: _Series, bare: _Series) -> list[str]:
        seconds = min(series.seconds)
        ratio = paired_ratio(series.seconds, bare.seconds)
        self._report.row(
            "ranking",
            {
                "what": series.name,
                "applications": count,
                "seconds": round(seconds, 4),
                "per_second": round(count / seconds),
                "ratio": round(ratio.median, 2),
            },
        )
        shown = "" if series is bare else str(ratio)
        return [series.name, str(count), f"{seconds:.3f}", f"{count / seconds:,.0f}", shown]


def _sort_bare(applications: Sequence[Application]) -> list[Application]:
    return sorted(applications, key=bare_key(_DAY))


def _explain_all(ranking: Ranking) -> list[tuple[Reason, ...]]:
    return [ranked.explanation for ranked in ranking.ranked]


def bare_key(day: date) -> Callable[[Application], tuple[object, ...]]:
    """The order of the federal policy for schools, written out by hand."""

    def key(application: Application) -> tuple[object, ...]:
        held = [
            _RANKS.index(each.rank)
            for each in application.privileges
            if each.confirmed
            and each.begins_on <= day
            and (each.ends_on is None or each.ends_on >= day)
        ]
        return (
            min(held, default=len(_RANKS)),
            not application.choices[0].territory,
            application.submitted_at,
            application.serial,
        )

    return key


def make_applications(count: int) -> list[Application]:
    """Applications to first classes: a school near by and two others, some with a right."""
    random = Random(SEED)
    schools = _schools(count)
    applications = [_make_application(random, number, schools) for number in range(1, count + 1)]
    random.shuffle(applications)
    return applications


def _make_application(random: Random, number: int, schools: int) -> Application:
    wanted = random.sample(range(schools), min(3, schools))
    # Every minute of April, again and again: many applications come within the same one.
    submitted_at = _OPENING + timedelta(minutes=random.randrange(43_200))
    privileges = (_make_privilege(random),) if random.random() < 0.2 else ()
    return Application(
        id=ApplicationId(UUID(int=number)),
        serial=number,
        kind=ApplicationKind.SCHOOL,
        person_id=PersonId(UUID(int=number)),
        applicant_id=None,
        school_year=2025,
        parallel=1,
        submitted_at=submitted_at,
        desired_on=None,
        state="ranked",
        state_since=submitted_at,
        due_on=None,
        choices=tuple(
            Choice(priority, _school(each), None, priority == 1 and random.random() < 0.7)
            for priority, each in enumerate(wanted, 1)
        ),
        privileges=privileges,
    )


def _make_privilege(random: Random) -> Privilege:
    ends_on = _DAY + timedelta(days=random.randrange(-30, 300)) if random.random() < 0.3 else None
    return Privilege("code", random.choice(_RANKS), random.random() < 0.9, _DAY, ends_on)


def make_quotas(count: int) -> list[PlaceQuota]:
    """Places for four fifths of the children, a tenth of the places reserved."""
    return [
        PlaceQuota(
            QuotaId(UUID(int=number * 2 + side)), _school(number), 2025, 1, None, group, places
        )
        for number in range(_schools(count))
        for side, (group, places) in enumerate(
            (("general", _PLACES * 9 // 10), ("special", _PLACES // 10))
        )
    ]


def make_history(
    book: PolicyBook, policy: RankingPolicy, applications: Sequence[Application]
) -> QueueHistory:
    """One queue of all the applications, a tenth of which change in the month that follows."""
    random, school = Random(SEED), _school(0)
    versions = []
    for application in applications:
        one = replace(
            application, choices=(replace(application.choices[0], organisation_id=school),)
        )
        versions.append(Version(one.submitted_at, one))
        if random.random() < 0.1 and one.serial != 1:
            state = random.choice(["enrolled", "withdrawn", "offered"])
            later = _OPENING + timedelta(days=101, minutes=random.randrange(43_200))
            versions.append(Version(later, replace(one, state=state)))
    intake = Intake(school, 2025, 1)
    entries = entries_of(versions, intake, policy.queue_states)
    return QueueHistory(ApplicationKind.SCHOOL, intake, book, _ZONE, entries)


def _explain_last(history: QueueHistory) -> None:
    then = replay(history, _OPENING + timedelta(days=100))
    now = replay(history, _OPENING + timedelta(days=131))
    movement = explain_movement(then, now, ApplicationId(UUID(int=1)))
    account = movement.position_then + sum(cause.delta for cause in movement.causes)
    if account != movement.position_now:
        raise BenchmarkError("ranking.movement", "the causes don't account for the movement")


def _schools(count: int) -> int:
    return max(3, count * 4 // 5 // _PLACES)


def _school(number: int) -> OrganisationId:
    return OrganisationId(UUID(int=10**9 + number))
