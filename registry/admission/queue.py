"""The queue for one intake, and what is answered to who asks for a position in it.

Source: registry.md §3, queue answers: position, total, and by privilege.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from registry.admission.policy import RankingPolicy
from registry.admission.ranking import Intake, RankedApplication, Ranking, rank
from registry.identifiers import ApplicationId
from registry.model import Application, PrivilegeRank


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where an application stands; None among ranks is: without a privilege.

    `totals` has every rank that the policy knows, `ahead` how many of each stand further ahead.
    """

    position: int
    total: int
    privilege_rank: PrivilegeRank | None
    position_in_rank: int
    total_in_rank: int
    totals: Mapping[PrivilegeRank | None, int]
    ahead: Mapping[PrivilegeRank | None, int]


def is_waiting(application: Application, policy: RankingPolicy) -> bool:
    """Whether the application stands in a queue: neither offered a place, nor refused, nor gone."""
    return application.state in policy.queue_states


def queue_at(
    applications: Iterable[Application], policy: RankingPolicy, on: date, intake: Intake
) -> Ranking:
    """The queue for an intake: those of the applications that wait and name it, in order.

    Raises `RegistryError` as `rank` does.
    """
    waiting = (each for each in applications if is_waiting(each, policy))
    return rank(waiting, policy, on, intake=intake)


def queue_position(ranking: Ranking, application_id: ApplicationId) -> QueuePosition | None:
    """The position of an application, or None when it doesn't stand in this queue."""
    found = ranking.find(application_id)
    if found is None:
        return None
    totals = _count(ranking, ranking.ranked)
    return QueuePosition(
        position=found.position,
        total=len(ranking.ranked),
        privilege_rank=found.privilege_rank,
        position_in_rank=found.position_in_rank,
        total_in_rank=totals[found.privilege_rank],
        totals=totals,
        ahead=_count(ranking, ranking.ranked[: found.position - 1]),
    )


def _count(
    ranking: Ranking, ranked: Iterable[RankedApplication]
) -> dict[PrivilegeRank | None, int]:
    counts: dict[PrivilegeRank | None, int] = dict.fromkeys(ranking.basis.policy.privilege_ranks, 0)
    counts[None] = 0
    for each in ranked:
        counts[each.privilege_rank] += 1
    return counts
