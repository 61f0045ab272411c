"""The order of applications, and the reasons for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.admission import Intake, Ranking, RankingPolicy, compare, parse_policy, rank
from registry.admission.criteria import CriterionName
from registry.errors import RegistryError
from registry.model import Application, ApplicationKind, Privilege, PrivilegeRank
from tests.unit.registry.admission.samples import (
    ADDITIONAL,
    COLLEGE,
    INTAKE,
    KINDERGARTEN,
    POLICIES,
    SCHOOL,
    TODAY,
    application,
    choice,
    crowds,
    organisation,
    right,
)
from tests.unit.registry.admission.test_policy_files import GOOD

COLLEGE_KIND = ApplicationKind.COLLEGE
KINDERGARTEN_KIND = ApplicationKind.KINDERGARTEN


def order(
    applications: Sequence[Application], policy: RankingPolicy = SCHOOL, day: date = TODAY
) -> list[int]:
    ranking = rank(applications, policy, day)
    return [ranked.application.serial for ranked in ranking.ranked]


def test_school_rights_then_territory_then_time_then_serial() -> None:
    home = (choice(1, territory=True),)
    applications = [
        application(1, minutes=5),
        application(2, minutes=5),
        application(3, minutes=4),
        application(4, minutes=9, choices=home),
        application(5, minutes=9, privileges=(right(PrivilegeRank.PREFERENTIAL),)),
        application(6, minutes=9, privileges=(right(PrivilegeRank.FIRST),)),
        application(7, minutes=9, privileges=(right(PrivilegeRank.EXTRAORDINARY),)),
        application(8, minutes=99, privileges=(right(PrivilegeRank.FIRST),), choices=home),
    ]
    assert order(applications) == [7, 8, 6, 5, 4, 3, 1, 2]


@pytest.mark.parametrize(
    ("privilege", "counts"),
    [
        (right(), True),
        (right(confirmed=False), False),
        (right(begins_on=TODAY), True),
        (right(begins_on=TODAY + timedelta(days=1)), False),
        (right(ends_on=TODAY), True),
        (right(ends_on=TODAY - timedelta(days=1)), False),
    ],
)
def test_a_right_counts_confirmed_and_in_its_period(privilege: Privilege, counts: bool) -> None:
    early, late = application(1), application(2)
    late = replace(late, privileges=(privilege,))
    assert order([early, late]) == ([2, 1] if counts else [1, 2])


def test_of_several_rights_the_foremost_counts() -> None:
    both = (right(PrivilegeRank.PREFERENTIAL), right(PrivilegeRank.EXTRAORDINARY))
    for privileges in (both, both[::-1]):
        applications = [
            application(1, privileges=(right(),)),
            application(2, privileges=privileges),
        ]
        assert order(applications) == [2, 1]


def test_kindergarten_who_wants_a_place_later_stands_behind_within_the_same_right() -> None:
    kind = KINDERGARTEN_KIND
    tomorrow = TODAY + timedelta(days=1)
    applications = [
        application(1, kind=kind, desired_on=tomorrow),
        application(2, kind=kind, desired_on=TODAY),
        application(3, kind=kind),
        application(4, kind=kind, desired_on=tomorrow, privileges=(right(),)),
    ]
    assert order(applications, KINDERGARTEN) == [4, 2, 3, 1]
    assert order(applications, KINDERGARTEN, tomorrow) == [4, 1, 2, 3]


def test_college_average_then_contract_then_achievements_then_originals_then_time() -> None:
    kind = COLLEGE_KIND
    target = (right(code="target_contract"),)
    achievement = (right(code="achievement"),)
    applications = [
        application(1, kind=kind, average=None),
        application(2, kind=kind, average=4.5),
        application(3, kind=kind, average=4.5, originals_on=TODAY + timedelta(days=1)),
        application(4, kind=kind, average=4.5, originals_on=TODAY),
        application(5, kind=kind, average=4.5, privileges=achievement),
        application(6, kind=kind, average=4.5, privileges=target),
        application(7, kind=kind, average=4.75),
    ]
    assert order(applications, COLLEGE) == [7, 6, 5, 4, 2, 3, 1]


def test_additional_education_takes_them_as_they_came() -> None:
    kind = ApplicationKind.ADDITIONAL
    applications = [
        application(1, kind=kind, minutes=2, privileges=(right(),)),
        application(2, kind=kind, minutes=1),
    ]
    assert order(applications, ADDITIONAL) == [2, 1]


def test_a_policy_may_round_the_average_halves_up() -> None:
    text = GOOD.replace('kind = "school"', 'kind = "college"')
    policy = parse_policy(text, "own.toml")
    averages = [4.334, 4.335, 4.34, 4.345]
    applications = [
        application(number, kind=COLLEGE_KIND, average=average)
        for number, average in enumerate(averages, 1)
    ]
    assert order(applications, policy) == [4, 2, 3, 1]


def test_other_orders_of_dates_are_at_a_region_s_hand() -> None:
    text = GOOD.replace('name = "average"\ndigits = 2', 'name = "desired_date"')
    text = text.replace(
        "[allotment]", '[[criteria]]\nname = "originals_on"\nclause = "п. 6"\n\n[allotment]'
    )
    policy = parse_policy(text, "own.toml")
    day = TODAY - timedelta(days=1)
    applications = [
        application(1, desired_on=TODAY),
        application(2, desired_on=TODAY, originals_on=TODAY),
        application(3, desired_on=TODAY, originals_on=day),
        application(4, desired_on=day),
        application(5),
    ]
    assert order(applications, policy) == [5, 4, 3, 2, 1]
    reasons = rank(applications, policy, TODAY).ranked[2].explanation
    assert [reason.value for reason in reasons[-2:]] == ["2025-07-10", "2025-07-09"]
    assert rank(applications, policy, TODAY).ranked[0].explanation[-1].value == ""


def test_positions_count_from_one_in_all_and_by_right() -> None:
    applications = [
        application(1),
        application(2, privileges=(right(),)),
        application(3),
        application(4, privileges=(right(),)),
    ]
    ranking = rank(applications, SCHOOL, TODAY)
    found = [
        (each.application.serial, each.position, each.privilege_rank, each.position_in_rank)
        for each in ranking.ranked
    ]
    first = PrivilegeRank.FIRST
    assert found == [(2, 1, first, 1), (4, 2, first, 2), (1, 3, None, 1), (3, 4, None, 2)]


def test_the_territory_is_that_of_the_intake_asked_for() -> None:
    here, there = organisation(1), organisation(2)
    applications = [
        application(1, choices=(choice(1, 1), choice(2, 2, territory=True))),
        application(2, choices=(choice(2, 1), choice(1, 2, territory=True))),
        application(3, choices=(choice(3),)),
    ]

    def order_at(intake: Intake | None) -> list[int]:
        ranking = rank(applications, SCHOOL, TODAY, intake=intake)
        return [ranked.application.serial for ranked in ranking.ranked]

    assert order_at(Intake(here, 2025, 1)) == [2, 1]
    assert order_at(Intake(there, 2025, 1)) == [1, 2]
    assert order_at(None) == [1, 2, 3]
    for other in (
        Intake(here, 2024, 1),
        Intake(here, 2025, 2),
        Intake(here, 2025, 1, "211"),
    ):
        assert order_at(other) == []


def test_of_two_choices_of_one_intake_the_more_wanted_counts() -> None:
    twice = (choice(1, 2, territory=True), choice(1, 1))
    for choices in (twice, twice[::-1]):
        one = application(1, choices=choices)
        assert INTAKE.choice_of(one) == choice(1, 1)
        reasons = rank([one], SCHOOL, TODAY, intake=INTAKE).ranked[0].explanation
        assert reasons[1].value == "no"


def test_an_explanation_has_a_reason_and_a_clause_for_every_criterion() -> None:
    one = application(1, privileges=(right(),), choices=(choice(1, territory=True),))
    reasons = rank([one], SCHOOL, TODAY, intake=INTAKE).ranked[0].explanation
    assert [(reason.criterion, reason.value) for reason in reasons] == [
        (CriterionName.PRIVILEGE, "first"),
        (CriterionName.TERRITORY, "yes"),
        (CriterionName.SUBMITTED_AT, "2025-04-01T06:01:00+00:00"),
        (CriterionName.SERIAL, "1"),
    ]
    assert reasons[0].message_ru == "Подтверждено первоочередное право на приём"
    assert reasons[0].clause == "приказ № 458, п. 9, 9.1, 10, 12"
    plain = rank([application(2)], SCHOOL, TODAY).ranked[0].explanation
    assert [reason.value for reason in plain[:2]] == ["none", "no"]
    assert plain[1].message_ru == "Ребёнок не проживает на закреплённой территории"


@pytest.mark.parametrize("kind", ApplicationKind)
def test_every_policy_explains_itself_without_the_application_s_ids(kind: ApplicationKind) -> None:
    policy = POLICIES[kind]
    one = application(7, kind=kind, average=4.5, desired_on=TODAY, originals_on=TODAY)
    reasons = rank([one], policy, TODAY).ranked[0].explanation
    assert len(reasons) == len(policy.criteria)
    for reason in reasons:
        assert reason.message_ru
        assert not any(character.isdigit() for character in reason.message_ru)
        assert str(one.id) not in reason.value
        assert str(one.person_id) not in reason.value


def test_a_comparison_names_what_decided() -> None:
    applications = [
        application(1, privileges=(right(),)),
        application(2, choices=(choice(1, territory=True),)),
        application(3, minutes=1),
        application(4, minutes=2),
        application(5, minutes=2),
    ]
    ranked = rank(applications, SCHOOL, TODAY).ranked
    decided = []
    for one, other in pairwise(ranked):
        comparison = compare(other, one)
        assert (comparison.ahead, comparison.behind) == (one.application.id, other.application.id)
        assert comparison == compare(one, other)
        decided.append(comparison.criterion)
    assert decided == ["privilege", "territory", "submitted_at", "serial"]
    last = compare(ranked[0], ranked[1])
    assert last.message_ru == "Впереди заявление, у которого право на льготный приём выше"
    assert last.clause == "приказ № 458, п. 9, 9.1, 10, 12"


def test_equals_in_everything_are_told_apart_by_id_alone() -> None:
    one = application(1)
    other = replace(application(2, minutes=1), serial=1)
    ranked = rank([other, one], SCHOOL, TODAY).ranked
    assert [each.application.id for each in ranked] == [one.id, other.id]
    comparison = compare(ranked[1], ranked[0])
    assert (comparison.ahead, comparison.criterion) == (one.id, None)
    assert comparison.clause == "приказ № 458"


def test_only_two_of_one_ranking_compare() -> None:
    today = rank([application(1), application(2)], SCHOOL, TODAY).ranked
    tomorrow = rank([application(1)], SCHOOL, TODAY + timedelta(days=1)).ranked
    with pytest.raises(RegistryError, match=r"ranking\.different"):
        compare(today[1], tomorrow[0])
    with pytest.raises(RegistryError, match=r"ranking\.repeated"):
        compare(today[0], today[0])


def test_what_cannot_be_put_in_order_is_refused() -> None:
    college = application(1, kind=COLLEGE_KIND)
    naive = application(1).submitted_at.replace(tzinfo=None)
    for applications, policy, code in (
        ([college], SCHOOL, "ranking.wrong_kind"),
        ([application(1), application(1)], SCHOOL, "ranking.repeated"),
        ([application(1), application(1, minutes=9)], SCHOOL, "ranking.repeated"),
        ([replace(application(1), submitted_at=naive)], SCHOOL, "application.time_without_zone"),
        ([replace(college, average=float("nan"))], COLLEGE, "application.average"),
        ([replace(college, average=float("inf"))], COLLEGE, "application.average"),
    ):
        with pytest.raises(RegistryError) as caught:
            rank(applications, policy, TODAY)
        assert caught.value.code == code


def test_one_who_is_not_ranked_is_not_found() -> None:
    ranking = rank([application(1)], SCHOOL, TODAY)
    assert ranking.find(application(1).id) == ranking.ranked[0]
    assert ranking.find(application(2).id) is None


@pytest.mark.slow
@given(st.data(), st.sampled_from(ApplicationKind), st.randoms(use_true_random=False))
def test_the_order_of_arrival_of_the_data_is_nothing(
    data: st.DataObject, kind: ApplicationKind, random: Random
) -> None:
    policy = POLICIES[kind]
    applications = data.draw(crowds(policy))
    ranking = rank(applications, policy, TODAY)
    random.shuffle(applications)
    assert rank(applications, policy, TODAY) == ranking
    check_positions(ranking)


def check_positions(ranking: Ranking) -> None:
    assert [each.position for each in ranking.ranked] == list(range(1, len(ranking.ranked) + 1))
    for held in {each.privilege_rank for each in ranking.ranked}:
        inside = [each.position_in_rank for each in ranking.ranked if each.privilege_rank is held]
        assert inside == list(range(1, len(inside) + 1))
    for one, other in pairwise(ranking.ranked):
        assert compare(one, other).ahead == one.application.id
