"""Who is offered which place: several choices an application, several groups of places a quota.

The places are given by deferred acceptance, applications proposing in the order of their choices
(Gale and Shapley, 1962). Where an application stands depends on the organisation, because the
attached territory does; walking down one common list would give a far-off child, who is earlier in
it, the place of one who lives next door. Deferred acceptance leaves nobody with a justified
complaint (whoever holds a place that another wanted more stands higher there), is the best such
outcome for the applicants all together, and makes it useless to name choices in another order than
the true one. Where the order is the same everywhere it comes to the simple walk down the list.

Reserved places that nobody takes are, by the policy, open to all: then everybody may propose to
them, after those who have the right. This keeps it one pass, and the property above.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappush, heappushpop
from itertools import pairwise
from operator import itemgetter

from registry.admission.criteria import CriterionName, is_desired
from registry.admission.policy import QuotaGroup, RankingPolicy, Unfilled
from registry.admission.ranking import Basis, Ranking
from registry.errors import RegistryError
from registry.identifiers import ApplicationId, OrganisationId, QuotaId
from registry.model import Application, Choice, PlaceQuota

# An intake: organisation, school year, parallel and programme. Tuples hash faster than classes.
_Where = tuple[OrganisationId, int, int, str | None]


class Waiting(StrEnum):
    """Why an application is offered nothing."""

    NO_PLACES = "no_places"  # those who stand higher have taken them
    NO_QUOTA = "no_quota"  # no places are announced where it applies, or none that it may have
    DATE_NOT_COME = "date_not_come"  # the place is wanted from a later day


class Outcome(StrEnum):
    """What came of one choice."""

    OFFERED = "offered"
    NO_PLACES = "no_places"
    NO_QUOTA = "no_quota"
    DATE_NOT_COME = "date_not_come"
    NOT_NEEDED = "not_needed"  # a place of a more wanted choice is offered


MESSAGES: Mapping[Outcome, str] = {
    Outcome.OFFERED: "Предложено место",
    Outcome.NO_PLACES: "Свободных мест нет: они предложены заявлениям, стоящим в очереди выше",
    Outcome.NO_QUOTA: "Места, на которые может претендовать заявление, не объявлены",
    Outcome.DATE_NOT_COME: "Желаемая дата зачисления ещё не наступила",
    Outcome.NOT_NEEDED: "Предложено место в организации, указанной раньше",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """An offer (`choice`, `quota_id` and `group` are given) or the reason why there is none."""

    application_id: ApplicationId
    choice: Choice | None
    quota_id: QuotaId | None
    group: str | None
    reason: Waiting | None


@dataclass(frozen=True, slots=True)
class ChoiceOutcome:
    """What came of one choice, in words, with the clause of the policy."""

    choice: Choice
    outcome: Outcome
    message_ru: str
    clause: str


@dataclass(frozen=True, slots=True)
class Allotment:
    """A decision for every ranked application, in the order of the ranking."""

    basis: Basis
    decisions: Mapping[ApplicationId, Decision]
    offered: Mapping[QuotaId, int]
    _ranking: Ranking
    _slots: "Mapping[_Where, Sequence[_Slot]]"

    def explain(self, application_id: ApplicationId) -> tuple[ChoiceOutcome, ...]:
        """What came of each choice of an application, the most wanted first.

        Raises `RegistryError` (``ranking.unknown``) when it is not in the ranking.
        """
        ranked, decision = self._ranking.find(application_id), self.decisions.get(application_id)
        if ranked is None or decision is None:
            raise RegistryError("ranking.unknown", "no such application in the ranking")
        outcomes, found = [], False
        for choice in _in_order(ranked.application):
            if choice is decision.choice:
                outcome, found = Outcome.OFFERED, True
            elif found:
                outcome = Outcome.NOT_NEEDED
            else:
                outcome = self._refused(ranked.application, choice, decision)
            clause = self.basis.policy.allotment.clause
            outcomes.append(ChoiceOutcome(choice, outcome, MESSAGES[outcome], clause))
        return tuple(outcomes)

    def _refused(self, application: Application, choice: Choice, decision: Decision) -> Outcome:
        if decision.reason is Waiting.DATE_NOT_COME:
            return Outcome.DATE_NOT_COME
        slots = self._slots.get(_where(application, choice), ())
        may_have = any(slot.admits(application, self.basis) is not None for slot in slots)
        return Outcome.NO_PLACES if may_have else Outcome.NO_QUOTA


@dataclass(slots=True)
class _Slot:
    """The places of one quota, and who holds them: a heap with the lowest in order at its top.

    Holders are negated numbers of the common order; see `_Orders`.
    """

    quota_id: QuotaId
    group: QuotaGroup
    places: int
    holders: list[int]

    def admits(self, application: Application, basis: Basis) -> bool | None:
        """True for one who has the right, False for one who comes after them, None for nobody."""
        if self.group.is_for(application, basis.on):
            return True
        return False if self.group.unfilled is Unfilled.OPEN else None


class _Orders:
    """Numbers in the order of all keys, the foremost 0, for each territory claim.

    Numbers are much quicker to compare than keys. Whoever has no right to a reserved place gets
    `size` more there, and so stands after all who have.
    """

    def __init__(self, ranking: Ranking) -> None:
        names = [criterion.name for criterion in ranking.basis.policy.criteria]
        asked = CriterionName.TERRITORY in names
        place = names.index(CriterionName.TERRITORY) if asked else 0
        keyed = []
        for index, ranked in enumerate(ranking.ranked):
            key = ranked.key
            for claim in {choice.territory for choice in ranked.application.choices}:
                # The key in the ranking is that of one choice; others differ in this alone.
                own = (*key[:place], not claim, *key[place + 1 :]) if asked else key
                keyed.append((own, index, claim))
        keyed.sort(key=itemgetter(0))
        self.basis = ranking.basis
        self.size = len(keyed)
        self._owners = [index for _, index, _ in keyed]
        self._numbers = ([0] * len(ranking.ranked), [0] * len(ranking.ranked))
        for number, (_, index, claim) in enumerate(keyed):
            self._numbers[claim][index] = number

    def number(self, index: int, territory: bool) -> int:
        """The number of the application at `index` where it has this claim."""
        return self._numbers[territory][index]

    def owner(self, number: int) -> int:
        """The application that `number` stands for, whether with the right to the place or not."""
        return self._owners[number % self.size]


def allot(ranking: Ranking, quotas: Iterable[PlaceQuota]) -> Allotment:
    """Offer the places of `quotas` to the ranked applications by the rules of their policy.

    `places` of a quota are those that are free; the day is that of the ranking. Nothing is written:
    an offer is made by a step of the procedure.

    Raises `RegistryError`: ``quota.group_unknown`` (not in the policy), ``quota.repeated`` (two for
    one intake and group), ``quota.places`` (less than none).
    """
    basis = ranking.basis
    slots = _make_slots(quotas, basis.policy)
    held = _defer_and_accept(ranking, slots)
    decisions = {
        ranked.application.id: _decide(ranked.application, place, slots, basis)
        for ranked, place in zip(ranking.ranked, held, strict=True)
    }
    offered = {slot.quota_id: len(slot.holders) for each in slots.values() for slot in each}
    return Allotment(basis, decisions, offered, ranking, slots)


def _defer_and_accept(
    ranking: Ranking, slots: Mapping[_Where, Sequence[_Slot]]
) -> "list[tuple[Choice, _Slot] | None]":
    """What each application holds when nobody has anything left to propose to."""
    orders = _Orders(ranking)
    held: list[tuple[Choice, _Slot] | None] = [None] * len(ranking.ranked)
    # The foremost first: then few are displaced again. The outcome is the same in any order.
    unplaced = list(range(len(held) - 1, -1, -1))
    while unplaced:
        index = unplaced.pop()
        held[index] = None
        # Whoever is displaced begins anew: what refused once refuses again, and to keep fifty
        # thousand proposals half-way costs more, in the collector's walks over them.
        for choice, slot, number in _proposals(
            ranking.ranked[index].application, index, slots, orders
        ):
            holders = slot.holders
            if len(holders) < slot.places:
                heappush(holders, -number)
            elif not holders or -holders[0] < number:
                continue
            else:
                unplaced.append(orders.owner(-heappushpop(holders, -number)))
            held[index] = (choice, slot)
            break
    return held


def _proposals(
    application: Application,
    index: int,
    slots: Mapping[_Where, Sequence[_Slot]],
    orders: _Orders,
) -> Iterator[tuple[Choice, _Slot, int]]:
    """Where the application tries its luck, in this order, and with which number."""
    basis = orders.basis
    if basis.policy.allotment.only_when_desired and not is_desired(application, basis.on):
        return
    for choice in _in_order(application):
        number = orders.number(index, choice.territory)
        later = []
        for slot in slots.get(_where(application, choice), ()):
            admitted = slot.admits(application, basis)
            if admitted:
                yield choice, slot, number
            elif admitted is not None:
                later.append(slot)
        for slot in later:
            yield choice, slot, number + orders.size


def _decide(
    application: Application,
    held: "tuple[Choice, _Slot] | None",
    slots: Mapping[_Where, Sequence[_Slot]],
    basis: Basis,
) -> Decision:
    if held is not None:
        choice, slot = held
        return Decision(application.id, choice, slot.quota_id, slot.group.name, None)
    reason = Waiting.NO_QUOTA
    if basis.policy.allotment.only_when_desired and not is_desired(application, basis.on):
        reason = Waiting.DATE_NOT_COME
    elif any(
        slot.admits(application, basis) is not None
        for choice in application.choices
        for slot in slots.get(_where(application, choice), ())
    ):
        reason = Waiting.NO_PLACES
    return Decision(application.id, None, None, None, reason)


def _make_slots(
    quotas: Iterable[PlaceQuota], policy: RankingPolicy
) -> "dict[_Where, Sequence[_Slot]]":
    """The places by intake, within it in the order of the policy's groups."""
    groups = {group.name: group for group in policy.allotment.groups}
    turn = {name: number for number, name in enumerate(groups)}
    slots: dict[_Where, list[_Slot]] = {}
    for quota in quotas:
        group = groups.get(quota.group)
        if group is None:
            raise RegistryError("quota.group_unknown", f"not a group of the policy {policy.key}")
        if quota.places < 0:
            raise RegistryError("quota.places", "less than no places")
        where = (quota.organisation_id, quota.school_year, quota.parallel, quota.programme_code)
        siblings = slots.setdefault(where, [])
        if any(slot.group is group for slot in siblings):
            raise RegistryError("quota.repeated", "two quotas for one intake and group")
        siblings.append(_Slot(quota.id, group, quota.places, []))
    return {
        where: sorted(each, key=lambda slot: turn[slot.group.name]) for where, each in slots.items()
    }


def _in_order(application: Application) -> Sequence[Choice]:
    choices = application.choices
    if all(one.priority < other.priority for one, other in pairwise(choices)):
        return choices
    # Beyond the priority the order is only there to be the same every time.
    return sorted(
        choices,
        key=lambda each: (each.priority, each.organisation_id.int, each.programme_code or ""),
    )


def _where(application: Application, choice: Choice) -> _Where:
    return (
        choice.organisation_id,
        application.school_year,
        application.parallel,
        choice.programme_code,
    )
