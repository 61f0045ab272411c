"""The order of applications, and for each position the reasons that make it.

What the law leaves open doesn't come in by chance: the same applications in whatever order, under
the same policy and on the same day, give the same ranking.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from registry.admission import texts
from registry.admission.criteria import (
    Criterion,
    CriterionName,
    Key,
    best_rank,
    make_key,
    make_measures,
)
from registry.admission.policy import RankingPolicy
from registry.errors import RegistryError
from registry.identifiers import ApplicationId, OrganisationId
from registry.model import Application, Choice, PrivilegeRank


@dataclass(frozen=True, slots=True)
class Intake:
    """What an organisation gives places of: a parallel and programme of a school year."""

    organisation_id: OrganisationId
    school_year: int
    parallel: int
    programme_code: str | None = None

    def choice_of(self, application: Application) -> Choice | None:
        """The most wanted choice by which the application names this intake, None if it doesn't."""
        if application.school_year != self.school_year or application.parallel != self.parallel:
            return None
        naming = (
            choice
            for choice in application.choices
            if choice.organisation_id == self.organisation_id
            and choice.programme_code == self.programme_code
        )
        return min(naming, key=lambda choice: choice.priority, default=None)


@dataclass(frozen=True, slots=True)
class Basis:
    """By what a ranking was made, so that it can be made again.

    `intake` is None for an order of all applications; each then has the territory of its most
    wanted choice.
    """

    policy: RankingPolicy
    on: date
    intake: Intake | None


@dataclass(frozen=True, slots=True)
class Reason:
    """What one criterion says of an application; `value` is for whom the application belongs to."""

    criterion: CriterionName
    value: str
    message_ru: str
    clause: str


@dataclass(frozen=True, slots=True)
class RankedApplication:
    """An application in its place; positions count from 1.

    `position_in_rank` counts those of the same `privilege_rank` alone, which is None without one.
    """

    application: Application
    position: int
    privilege_rank: PrivilegeRank | None
    position_in_rank: int
    key: Key
    basis: Basis

    @property
    def explanation(self) -> tuple[Reason, ...]:
        """What each criterion of the policy says, the most important first."""
        criteria = self.basis.policy.criteria
        return tuple(
            _explain(criterion, number, self)
            for criterion, number in zip(criteria, self.key, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which of two goes first, and what decided: None when only their ids differ."""

    ahead: ApplicationId
    behind: ApplicationId
    criterion: CriterionName | None
    message_ru: str
    clause: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Applications in order, the foremost first."""

    basis: Basis
    ranked: tuple[RankedApplication, ...]
    places: Mapping[ApplicationId, int]  # of each in `ranked`, from 0

    def find(self, application_id: ApplicationId) -> RankedApplication | None:
        """The application in its place, None when it isn't ranked here."""
        place = self.places.get(application_id)
        return None if place is None else self.ranked[place]


def rank(
    applications: Iterable[Application],
    policy: RankingPolicy,
    on: date,
    *,
    intake: Intake | None = None,
) -> Ranking:
    """Put applications in the order of `policy`; with `intake`, those alone that name it.

    `on`: the day by which rights, desired dates and originals are judged. Whether an application
    still waits isn't asked: see `registry.admission.queue`.

    Raises `RegistryError`: ``ranking.wrong_kind``, ``ranking.repeated`` (an application twice),
    ``application.time_without_zone``, ``application.average``.
    """
    basis = Basis(policy, on, intake)
    key = make_key(make_measures(policy.criteria, on))
    keyed = []
    for application in applications:
        if application.kind is not policy.kind:
            raise RegistryError("ranking.wrong_kind", f"{application.kind}, not {policy.kind}")
        choice = claimed_choice(application, intake)
        if choice is not None or intake is None:
            keyed.append((key(application, choice is not None and choice.territory), application))
    # The id at the end of a key makes keys differ, unless an application is here twice.
    keyed.sort(key=lambda pair: pair[0])
    places = {pair[1].id: number for number, pair in enumerate(keyed)}
    if len(places) != len(keyed):
        raise RegistryError("ranking.repeated", "one application is given twice")
    return Ranking(basis, tuple(_place(keyed, basis)), places)


def claimed_choice(application: Application, intake: Intake | None) -> Choice | None:
    """The choice whose territory counts: that of the intake, or the most wanted of all."""
    if intake is not None:
        return intake.choice_of(application)
    return min(application.choices, key=lambda choice: choice.priority, default=None)


def compare(one: RankedApplication, other: RankedApplication) -> Comparison:
    """Tell which of two applications of one ranking goes first, and by which criterion.

    Nothing is said of their values: whoever asks owns one application, not both.
    Raises `RegistryError`: ``ranking.different`` (of two rankings), ``ranking.repeated`` (the same
    application).
    """
    if one.basis != other.basis:
        raise RegistryError("ranking.different", "ranked by another policy, day or intake")
    if one.key == other.key:
        raise RegistryError("ranking.repeated", "an application compared with itself")
    ahead, behind = (one, other) if one.key < other.key else (other, one)
    criterion = first_difference(ahead.key, behind.key, one.basis.policy)
    name = None if criterion is None else criterion.name
    return Comparison(
        ahead.application.id,
        behind.application.id,
        name,
        texts.DECIDED[name],
        one.basis.policy.clause if criterion is None else criterion.clause,
    )


def first_difference(one: Key, other: Key, policy: RankingPolicy) -> Criterion | None:
    """The most important criterion in which two keys differ; None when only ids do."""
    for criterion, left, right in zip(policy.criteria, one, other, strict=False):
        if left != right:
            return criterion
    return None


def _place(keyed: list[tuple[Key, Application]], basis: Basis) -> Iterable[RankedApplication]:
    ranks = basis.policy.privilege_ranks
    counts: dict[PrivilegeRank | None, int] = {}
    for position, (key, application) in enumerate(keyed, 1):
        held = best_rank(application, ranks, basis.on) if application.privileges else None
        counts[held] = counts.get(held, 0) + 1
        yield RankedApplication(application, position, held, counts[held], key, basis)


def _explain(criterion: Criterion, number: float, ranked: RankedApplication) -> Reason:
    name = criterion.name
    if name is CriterionName.PRIVILEGE:
        held = ranked.privilege_rank
        value, message = "none" if held is None else held.value, texts.PRIVILEGES[held]
    elif name in texts.YES_OR_NO:
        speaks_for = number == 0
        value, message = ("yes", "no")[not speaks_for], texts.YES_OR_NO[name][not speaks_for]
    else:
        value, message = _written(name, ranked), texts.ORDER[name]
    return Reason(name, value, message, criterion.clause)


def _written(name: CriterionName, ranked: RankedApplication) -> str:
    """The value as it stands in the application, empty where it has none."""
    application = ranked.application
    values: Mapping[CriterionName, object] = {
        CriterionName.DESIRED_DATE: application.desired_on,
        CriterionName.AVERAGE: application.average,
        CriterionName.ORIGINALS_ON: application.originals_on,
        CriterionName.SUBMITTED_AT: application.submitted_at.isoformat(),
        CriterionName.SERIAL: application.serial,
    }
    value = values[name]
    return "" if value is None else str(value)
