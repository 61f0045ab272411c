"""Places: never more than there are, and nobody passes one who stands higher and wanted it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.admission import (
    Allotment,
    Intake,
    Outcome,
    RankingPolicy,
    Unfilled,
    Waiting,
    allot,
    rank,
)
from registry.errors import RegistryError
from registry.identifiers import ApplicationId, OrganisationId
from registry.model import (
    Application,
    ApplicationKind,
    Choice,
    PlaceQuota,
    PrivilegeRank,
)
from tests.unit.registry.admission.samples import (
    COLLEGE,
    KINDERGARTEN,
    POLICIES,
    SCHOOL,
    TODAY,
    application,
    choice,
    crowds,
    organisation,
    quota,
    right,
)

ORGANISATIONS = (1, 2, 3)


def allotted(
    applications: Sequence[Application],
    quotas: Sequence[PlaceQuota],
    policy: RankingPolicy = SCHOOL,
) -> Allotment:
    return allot(rank(applications, policy, TODAY), quotas)


def places(allotment: Allotment) -> dict[int, object]:
    """By number of the application: that of the organisation, or the reason for none."""
    return {
        decision.application_id.int: decision.reason
        if decision.choice is None
        else decision.choice.organisation_id.int - 1000
        for decision in allotment.decisions.values()
    }


def kept(policy: RankingPolicy) -> RankingPolicy:
    groups = tuple(replace(each, unfilled=Unfilled.KEPT) for each in policy.allotment.groups)
    return replace(policy, allotment=replace(policy.allotment, groups=groups))


def test_each_gets_the_most_wanted_place_that_is_left() -> None:
    both = (choice(1, 1), choice(2, 2))
    applications = [application(number, choices=both) for number in (1, 2, 3)]
    assert places(allotted(applications, [quota(1, 1), quota(2, 1)])) == {
        1: 1,
        2: 2,
        3: Waiting.NO_PLACES,
    }


def test_one_who_lives_next_door_displaces_one_who_came_earlier() -> None:
    applications = [
        application(1, choices=(choice(1, 1), choice(2, 2))),
        application(2, choices=(choice(2, 1), choice(1, 2, territory=True))),
        application(3, choices=(choice(2, 1, territory=True),)),
    ]
    assert places(allotted(applications, [quota(1, 1), quota(2, 1)])) == {
        1: Waiting.NO_PLACES,
        2: 1,
        3: 2,
    }


def test_reserved_places_go_first_to_those_with_the_right_then_to_all() -> None:
    applications = [application(number) for number in (1, 2, 3)]
    applications.append(application(4, privileges=(right(),)))
    quotas = [quota(1, 1), quota(1, 2, "special")]
    allotment = allotted(applications, quotas)
    assert places(allotment) == {1: 1, 2: 1, 3: Waiting.NO_PLACES, 4: 1}
    groups = [decision.group for decision in allotment.decisions.values()]
    assert groups == ["special", "general", "special", None]
    assert allotment.offered == {quotas[0].id: 1, quotas[1].id: 2}
    assert places(allotted(applications, quotas, kept(SCHOOL))) == {
        1: 1,
        2: Waiting.NO_PLACES,
        3: Waiting.NO_PLACES,
        4: 1,
    }


def test_one_with_a_right_takes_a_common_place_when_the_reserved_are_gone() -> None:
    applications = [application(number, privileges=(right(),)) for number in (1, 2, 3)]
    allotment = allotted(applications, [quota(1, 1), quota(1, 1, "special")])
    assert places(allotment) == {1: 1, 2: 1, 3: Waiting.NO_PLACES}


def test_target_places_need_the_contract() -> None:
    kind = ApplicationKind.COLLEGE
    applications = [
        application(1, kind=kind, average=5.0),
        application(2, kind=kind, average=3.0, privileges=(right(code="target_contract"),)),
    ]
    quotas = [quota(1, 1, "target")]
    assert places(allotted(applications, quotas, COLLEGE)) == {1: Waiting.NO_PLACES, 2: 1}
    no_contract = [applications[0]]
    assert places(allotted(no_contract, quotas, COLLEGE)) == {1: 1}
    assert places(allotted(no_contract, quotas, kept(COLLEGE))) == {1: Waiting.NO_QUOTA}


def test_one_without_any_right_comes_to_each_group_that_is_open() -> None:
    kind = ApplicationKind.COLLEGE
    applications = [application(number, kind=kind, average=4.0) for number in (1, 2, 3)]
    quotas = [quota(1, 1, "target"), quota(1, 1, "special")]
    allotment = allotted(applications, quotas, COLLEGE)
    assert places(allotment) == {1: 1, 2: 1, 3: Waiting.NO_PLACES}


def test_choices_count_by_priority_in_whatever_order_they_are_given() -> None:
    one = application(1, choices=(choice(2, 2), choice(3, 3), choice(1, 1)))
    allotment = allotted([one], [quota(1, 0), quota(2, 1), quota(3, 1)])
    assert places(allotment) == {1: 2}
    told = [each.choice.priority for each in allotment.explain(one.id)]
    assert told == [1, 2, 3]


def test_no_place_is_offered_before_the_desired_day() -> None:
    kind = ApplicationKind.KINDERGARTEN
    applications = [
        application(1, kind=kind, desired_on=TODAY + timedelta(days=1), privileges=(right(),)),
        application(2, kind=kind, desired_on=TODAY),
    ]
    allotment = allotted(applications, [quota(1, 2)], KINDERGARTEN)
    assert places(allotment) == {1: Waiting.DATE_NOT_COME, 2: 1}
    (outcome,) = allotment.explain(applications[0].id)
    assert outcome.outcome is Outcome.DATE_NOT_COME


def test_what_came_of_each_choice_is_told() -> None:
    all_four = (choice(4, 1), choice(1, 2), choice(2, 3), choice(3, 4))
    applications = [application(1), application(2, choices=all_four)]
    allotment = allotted(applications, [quota(1, 1), quota(2, 1), quota(3, 1)])
    told = allotment.explain(applications[1].id)
    assert [each.outcome for each in told] == [
        Outcome.NO_QUOTA,
        Outcome.NO_PLACES,
        Outcome.OFFERED,
        Outcome.NOT_NEEDED,
    ]
    assert [each.choice for each in told] == list(all_four)
    assert told[1].message_ru.startswith("Свободных мест нет")
    assert told[1].clause == "приказ № 458, п. 15"
    with pytest.raises(RegistryError, match=r"ranking\.unknown"):
        allotment.explain(application(9).id)


def test_none_of_nothing() -> None:
    assert places(allotted([application(1)], [])) == {1: Waiting.NO_QUOTA}
    assert places(allotted([application(1)], [quota(1, 0)])) == {1: Waiting.NO_PLACES}
    assert places(allotted([application(1, choices=())], [quota(1, 1)])) == {1: Waiting.NO_QUOTA}
    assert places(allotted([], [quota(1, 1)])) == {}


@pytest.mark.parametrize(
    ("quotas", "code"),
    [
        ([quota(1, 1, "veterans")], "quota.group_unknown"),
        ([quota(1, 1), replace(quota(1, 2), id=quota(2, 2).id)], "quota.repeated"),
        ([quota(1, -1)], "quota.places"),
    ],
)
def test_wrong_quotas_are_refused(quotas: list[PlaceQuota], code: str) -> None:
    with pytest.raises(RegistryError) as caught:
        allotted([application(1)], quotas)
    assert caught.value.code == code


@st.composite
def quotas_of(draw: st.DrawFn, policy: RankingPolicy) -> list[PlaceQuota]:
    names = [group.name for group in policy.allotment.groups]
    pairs = draw(st.sets(st.sampled_from(list(product(ORGANISATIONS, names)))))
    return [quota(number, draw(st.integers(0, 3)), name) for number, name in sorted(pairs)]


@st.composite
def policies(draw: st.DrawFn) -> RankingPolicy:
    policy = POLICIES[draw(st.sampled_from(ApplicationKind))]
    return kept(policy) if draw(st.booleans()) else policy


@pytest.mark.slow
@given(st.data(), policies(), st.randoms(use_true_random=False))
def test_places_are_kept_to_and_nobody_has_a_justified_complaint(
    data: st.DataObject, policy: RankingPolicy, random: Random
) -> None:
    applications, quotas = data.draw(crowds(policy)), data.draw(quotas_of(policy))
    allotment = allotted(applications, quotas, policy)
    check_places(allotment, quotas)
    check_no_complaint(allotment, applications, quotas, policy)
    random.shuffle(applications)
    random.shuffle(quotas)
    assert allotted(applications, quotas, policy).decisions == allotment.decisions


def check_places(allotment: Allotment, quotas: Sequence[PlaceQuota]) -> None:
    for each in quotas:
        holders = [
            decision for decision in allotment.decisions.values() if decision.quota_id == each.id
        ]
        assert len(holders) == allotment.offered[each.id] <= each.places
        for decision in holders:
            assert decision.choice is not None
            assert decision.choice.organisation_id == each.organisation_id
            assert decision.group == each.group
            assert decision.reason is None


def check_no_complaint(
    allotment: Allotment,
    applications: Sequence[Application],
    quotas: Sequence[PlaceQuota],
    policy: RankingPolicy,
) -> None:
    """By the rankings of the organisations themselves, not by the numbers that `allot` made."""
    by_id = {each.id: each for each in applications}
    groups = {group.name: group for group in policy.allotment.groups}
    standing = {number: positions_at(number, applications, policy) for number in ORGANISATIONS}
    for one in applications:
        if policy.allotment.only_when_desired and one.desired_on and one.desired_on > TODAY:
            assert allotment.decisions[one.id].reason is Waiting.DATE_NOT_COME
            continue
        for wanted in more_wanted(one, allotment):
            number = wanted.organisation_id.int - 1000
            for each in quotas:
                group = groups[each.group]
                has_right = group.is_for(one, TODAY)
                if each.organisation_id != wanted.organisation_id:
                    continue
                if not has_right and group.unfilled is Unfilled.KEPT:
                    continue
                assert allotment.offered[each.id] == each.places
                for decision in allotment.decisions.values():
                    if decision.quota_id == each.id:
                        holder = by_id[decision.application_id]
                        holder_has = group.is_for(holder, TODAY)
                        assert holder_has >= has_right
                        if holder_has == has_right:
                            assert standing[number][holder.id] < standing[number][one.id]


def positions_at(
    number: int, applications: Sequence[Application], policy: RankingPolicy
) -> Mapping[ApplicationId, int]:
    ranking = rank(applications, policy, TODAY, intake=Intake(organisation(number), 2025, 1))
    return ranking.places


def more_wanted(one: Application, allotment: Allotment) -> list[Choice]:
    """The choices that the application would have had rather than what it is offered."""
    offered = allotment.decisions[one.id].choice
    return [each for each in one.choices if offered is None or each.priority < offered.priority]


@given(st.data())
def test_no_other_distribution_without_complaints_is_better_for_anybody(
    data: st.DataObject,
) -> None:
    policy = SCHOOL
    applications = data.draw(crowds(policy, most=4))
    quotas = [quota(number, data.draw(st.integers(0, 2))) for number in ORGANISATIONS]
    allotment = allotted(applications, quotas, policy)
    capacity = {each.organisation_id: each.places for each in quotas}
    standing = {
        organisation(number): positions_at(number, applications, policy) for number in ORGANISATIONS
    }
    for tried in product(*[(*each.choices, None) for each in applications]):
        if is_stable(applications, tried, capacity, standing):
            for one, got in zip(applications, tried, strict=True):
                ours = allotment.decisions[one.id].choice
                assert got is None or (ours is not None and ours.priority <= got.priority)


def is_stable(
    applications: Sequence[Application],
    tried: Sequence[Choice | None],
    capacity: Mapping[OrganisationId, int],
    standing: Mapping[OrganisationId, Mapping[ApplicationId, int]],
) -> bool:
    holders: dict[OrganisationId, list[ApplicationId]] = {each: [] for each in capacity}
    for one, got in zip(applications, tried, strict=True):
        if got is not None:
            holders[got.organisation_id].append(one.id)
    if any(len(each) > capacity[place] for place, each in holders.items()):
        return False
    for one, got in zip(applications, tried, strict=True):
        for wanted in one.choices:
            if got is not None and wanted.priority >= got.priority:
                continue
            place = wanted.organisation_id
            positions = standing[place]
            if len(holders[place]) < capacity[place]:
                return False
            if any(positions[one.id] < positions[holder] for holder in holders[place]):
                return False
    return True


def test_the_special_places_of_a_school_are_for_every_rank_of_right() -> None:
    for held in PrivilegeRank:
        one = application(2, privileges=(right(held),))
        allotment = allotted([application(1), one], [quota(1, 1, "special")])
        assert places(allotment)[2] == 1
