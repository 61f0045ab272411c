"""Use case: an intake is ranked, and its free places are offered in that order.

The places of all organisations are allotted together, because who is offered a more wanted place
elsewhere is not to take one here; the steps are taken for one organisation alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from registry.admission import (
    Allotment,
    Intake,
    RankedApplication,
    Ranking,
    RankingPolicy,
    Waiting,
    allot,
    queue_at,
    rank,
)
from registry.cases.applications import move_application
from registry.cases.clock import RegionClock
from registry.cases.commands import MoveApplication, Step
from registry.cases.outcomes import Refused
from registry.cases.places import HOLDING_STATES, offered_choice
from registry.cases.ports import CaseStore
from registry.identifiers import ApplicationId, OrganisationId, QuotaId
from registry.model import Application, ApplicationKind, Choice, PlaceQuota
from registry.problems import Problem

# By kind: from which state which step of the register itself leads to an offer, or to waiting.
_OFFERS: Mapping[ApplicationKind, Mapping[str, str]] = {
    ApplicationKind.SCHOOL: {"ranked": "offer", "waiting": "offer_freed"},
    ApplicationKind.KINDERGARTEN: {"queued": "offer"},
    ApplicationKind.COLLEGE: {"ranked": "recommend"},
    ApplicationKind.ADDITIONAL: {"waiting": "offer_freed"},
}
_WAITS: Mapping[ApplicationKind, Mapping[str, str]] = {
    ApplicationKind.SCHOOL: {"ranked": "wait"},
}
_GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Places:
    """The places of an intake: by quotas, or, where it has none, the free seats of its classes."""

    organisation_id: OrganisationId
    programme_code: str | None
    quotas: tuple[PlaceQuota, ...] = ()
    seats: int = 0


class IntakeReader(Protocol):
    """What a ranking needs to read."""

    def contenders(
        self, kind: ApplicationKind, school_year: int, parallel: int
    ) -> Sequence[Application]:
        """All that want a place, hold one or have taken one."""
        ...

    def places(self, kind: ApplicationKind, school_year: int, parallel: int) -> Sequence[Places]:
        """The places of every intake of a year and parallel."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an application stands in the queue, and what the allotment decided on it.

    `offer` is its place, here or `elsewhere`; `waiting` why it has none. Both are None for one that
    isn't ready to be offered anything. `action` is the step to take here, `problems` what stood in
    its way.
    """

    ranked: RankedApplication
    ready: bool
    offer: Choice | None
    elsewhere: bool
    waiting: Waiting | None
    action: str | None
    problems: tuple[Problem, ...] = ()
    taken: bool = False


@dataclass(frozen=True, slots=True)
class IntakeRanking:
    """The queue of an intake, the foremost first."""

    queue: Ranking
    standings: tuple[Standing, ...]


def rank_intake(
    intake: Intake, policy: RankingPolicy, reader: IntakeReader, clock: RegionClock
) -> IntakeRanking:
    """Rank an intake by a policy and allot the places that are free today; nothing is written.

    Raises `RegistryError` as `rank` and `allot` do.
    """
    kind = policy.kind
    applications = reader.contenders(kind, intake.school_year, intake.parallel)
    ready = [each for each in applications if each.state in _OFFERS[kind]]
    ranking = rank(ready, policy, clock.today)
    holders = [each for each in applications if each.state in HOLDING_STATES]
    places = reader.places(kind, intake.school_year, intake.parallel)
    quotas = _free_quotas(places, intake, holders, policy, clock)
    allotment = allot(ranking, quotas)
    queue = queue_at(applications, policy, clock.today, intake)
    standings = tuple(_stand(each, allotment, intake) for each in queue.ranked)
    return IntakeRanking(queue, standings)


def apply_ranking(
    ranked: IntakeRanking, step: Step, store: CaseStore, clock: RegionClock
) -> IntakeRanking:
    """Take the steps of a ranking, the foremost first; a refused one changes nothing.

    Lock the applications (`to_lock`) and rank anew before: what was ranked must still be so.
    """
    standings = tuple(_take(each, step, store, clock) for each in ranked.standings)
    return replace(ranked, standings=standings)


def to_lock(ranked: IntakeRanking) -> list[ApplicationId]:
    """The applications of which a step is to be taken."""
    return [each.ranked.application.id for each in ranked.standings if each.action is not None]


def _take(standing: Standing, step: Step, store: CaseStore, clock: RegionClock) -> Standing:
    if standing.action is None:
        return standing
    application, basis = standing.ranked.application, standing.ranked.basis
    choice = standing.offer
    if choice is None and basis.intake is not None:
        choice = basis.intake.choice_of(application)
    command = MoveApplication(
        application.id,
        standing.action,
        step,
        organisation_id=None if choice is None else choice.organisation_id,
        programme_code=None if choice is None else choice.programme_code,
        expected_version=application.version,
    )
    outcome = move_application(command, store, clock)
    if isinstance(outcome, Refused):
        return replace(standing, problems=outcome.problems)
    return replace(standing, taken=True)


def _stand(ranked: RankedApplication, allotment: Allotment, intake: Intake) -> Standing:
    application = ranked.application
    decision = allotment.decisions.get(application.id)
    if decision is None:
        return Standing(ranked, False, None, False, None, None)
    offer = decision.choice
    here = offer is not None and (offer.organisation_id, offer.programme_code) == (
        intake.organisation_id,
        intake.programme_code,
    )
    action = None
    if here:
        action = _OFFERS[application.kind][application.state]
    elif offer is None and decision.reason is not Waiting.DATE_NOT_COME:
        action = _WAITS.get(application.kind, {}).get(application.state)
    elsewhere = offer is not None and not here
    return Standing(ranked, True, offer, elsewhere, decision.reason, action)


def _free_quotas(
    places: Iterable[Places],
    intake: Intake,
    holders: Iterable[Application],
    policy: RankingPolicy,
    clock: RegionClock,
) -> list[PlaceQuota]:
    """The places that nobody holds; those of quotas before those of classes."""
    held: dict[tuple[OrganisationId, str | None], list[Application]] = {}
    for holder in holders:
        choice = offered_choice(holder)
        if choice is not None:
            held.setdefault((choice.organisation_id, choice.programme_code), []).append(holder)
    free: list[PlaceQuota] = []
    with_quotas = set()
    for each in places:
        key = (each.organisation_id, each.programme_code)
        if each.quotas:
            with_quotas.add(each.organisation_id)
            free += _less_held(each.quotas, held.get(key, ()), policy, clock)
        elif each.organisation_id not in with_quotas:
            offered = [one for one in held.get(key, ()) if one.state != "enrolled"]
            free.append(_seats_quota(each, intake, len(offered)))
    return free


def _seats_quota(places: Places, intake: Intake, offered: int) -> PlaceQuota:
    return PlaceQuota(
        id=QuotaId(places.organisation_id),
        organisation_id=places.organisation_id,
        school_year=intake.school_year,
        parallel=intake.parallel,
        programme_code=None,
        group=_GENERAL,
        places=max(places.seats - offered, 0),
    )


def _less_held(
    quotas: Sequence[PlaceQuota],
    holders: Iterable[Application],
    policy: RankingPolicy,
    clock: RegionClock,
) -> list[PlaceQuota]:
    """Quotas less the places held, a holder's in the first group that it has the right to.

    Which group a place was given from isn't kept: it follows from the holder's rights, in the order
    of the ranking, as when it was given.
    """
    left = {quota.group: quota.places for quota in quotas}
    for ranked in rank(holders, policy, clock.today).ranked:
        application = ranked.application
        groups = [each for each in policy.allotment.groups if each.name in left]
        rightful = [each.name for each in groups if each.is_for(application, clock.today)]
        others = [each.name for each in groups if each.name not in rightful]
        name = next((each for each in (*rightful, *others) if left[each] > 0), None)
        if name is not None:
            left[name] -= 1
    return [replace(quota, places=left[quota.group]) for quota in quotas]
