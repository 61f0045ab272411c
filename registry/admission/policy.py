"""A ranking policy: by what applications of one kind are put in order, and who gets which places.

Policies are data with dates, because orders of the ministry change and regions add their own. Where
they come from: `registry.admission.policy_files`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.admission.criteria import Criterion, CriterionName, best_rank, has_code
from registry.errors import RegistryError
from registry.model import Application, ApplicationKind, PrivilegeRank


class Unfilled(StrEnum):
    """What becomes of reserved places that nobody with the right to them takes."""

    OPEN = "open"  # everybody may have them, in the common order
    KEPT = "kept"  # they stay empty


@dataclass(frozen=True, slots=True)
class QuotaGroup:
    """Places kept for those with a right of `ranks` or `codes`; with neither, for everybody.

    `unfilled` says nothing of places that are for everybody.
    """

    name: str
    ranks: tuple[PrivilegeRank, ...] = ()
    codes: frozenset[str] = frozenset()
    unfilled: Unfilled = Unfilled.KEPT

    def is_for(self, application: Application, day: date) -> bool:
        """Whether the application has the right to these places on `day`."""
        if not self.ranks and not self.codes:
            return True
        if not application.privileges:
            return False
        if self.ranks and best_rank(application, self.ranks, day) is not None:
            return True
        return bool(self.codes) and has_code(application, self.codes, day)


@dataclass(frozen=True, slots=True)
class AllotmentRules:
    """How places are given: the groups of quotas in the order in which an application tries them.

    `only_when_desired`: no place is offered before the day from which it is wanted.
    """

    groups: tuple[QuotaGroup, ...]
    only_when_desired: bool
    clause: str


@dataclass(frozen=True, slots=True)
class RankingPolicy:
    """One version of the order of applications of a kind; both days of its period included.

    `queue_states`: the states of the procedure in which an application stands in the queue.
    `regional`: a region's own, which goes before the federal one.
    """

    key: str
    version: str
    kind: ApplicationKind
    valid_from: date
    valid_until: date | None
    clause: str
    queue_states: frozenset[str]
    criteria: tuple[Criterion, ...]
    allotment: AllotmentRules
    regional: bool = False

    @property
    def privilege_ranks(self) -> tuple[PrivilegeRank, ...]:
        """The ranks of rights that this order knows, foremost first; empty when it knows none."""
        for criterion in self.criteria:
            if criterion.name is CriterionName.PRIVILEGE:
                return criterion.ranks
        return ()

    def is_in_force(self, day: date) -> bool:
        """Whether `day` lies within the policy's period."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def has(self, name: CriterionName) -> bool:
        """Whether the order goes by this criterion."""
        return any(criterion.name is name for criterion in self.criteria)


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """All the policies that a region knows, of every kind and time.

    Raises `RegistryError` (``policy.ambiguous``) when two of one kind and origin begin on one day.
    """

    policies: tuple[RankingPolicy, ...]

    def __post_init__(self) -> None:
        seen = set()
        for policy in self.policies:
            mark = (policy.kind, policy.regional, policy.valid_from)
            if mark in seen:
                raise RegistryError("policy.ambiguous", f"{policy.key} {policy.valid_from}")
            seen.add(mark)

    def in_force(self, kind: ApplicationKind, day: date) -> RankingPolicy:
        """The policy for `kind` on `day`: the region's own if it has one, of these the latest.

        Raises `RegistryError` (``policy.not_in_force``) when there is none.
        """
        candidates = [each for each in self.policies if each.kind is kind and each.is_in_force(day)]
        if not candidates:
            raise RegistryError("policy.not_in_force", f"{kind} on {day}")
        return max(candidates, key=lambda each: (each.regional, each.valid_from))

    def turning_days(self, kind: ApplicationKind) -> Sequence[date]:
        """The days on which another policy for `kind` may come into force, in order."""
        days = set()
        for policy in self.policies:
            if policy.kind is kind:
                days.add(policy.valid_from)
                if policy.valid_until is not None and policy.valid_until < date.max:
                    days.add(date.fromordinal(policy.valid_until.toordinal() + 1))
        return sorted(days)
