"""Merges and splits: what moves, what is refused, and the way back."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import RegistryError
from registry.identifiers import EnrolmentId, OrganisationId, PersonId
from registry.identity.merging import (
    Fact,
    FactKind,
    Holdings,
    Mandate,
    PlanId,
    apply_merge,
    apply_split,
    check_merge,
    check_split,
    plan_merge,
    plan_split,
    undo_merge,
    undo_split,
)
from registry.identity.records import RecordRef
from registry.model import Enrolment
from tests.unit.registry.identity.samples import OTHER_SNILS, SNILS

ONE, TWO, THREE = (PersonId(UUID(int=number)) for number in (1, 2, 3))
SCHOOL, CLINIC = RecordRef("school", "1"), RecordRef("clinic", "77")


def mandate(number: int = 1) -> Mandate:
    return Mandate(PlanId(UUID(int=number)), "clerk-1", datetime(2025, 9, 1, tzinfo=UTC))


def facts_of(record: RecordRef, *kinds: FactKind) -> frozenset[Fact]:
    link = Fact(FactKind.RECORD, f"{record.source}/{record.source_id}", record)
    return frozenset({link, *(Fact(kind, f"{record.source}-{kind}", record) for kind in kinds)})


FIRST = Holdings(ONE, facts_of(SCHOOL, FactKind.NAME, FactKind.ENROLMENT))
SECOND = Holdings(TWO, facts_of(CLINIC, FactKind.NAME, FactKind.HEALTH))


def enrolment(organisation: int, begins: date, ends: date | None, programme: str) -> Enrolment:
    return Enrolment(
        id=EnrolmentId(UUID(int=organisation)),
        organisation_id=OrganisationId(UUID(int=organisation)),
        class_group_id=None,
        begins_on=begins,
        ends_on=ends,
        form_code="11",
        programme_code=programme,
        entry_reason=None,
    )


def test_all_of_one_goes_to_the_other_and_a_link_stays() -> None:
    plan = plan_merge(FIRST, SECOND, mandate())
    survivor, absorbed = apply_merge(plan, FIRST, SECOND)
    assert survivor.facts == FIRST.facts | SECOND.facts
    assert survivor.records == {SCHOOL, CLINIC}
    assert absorbed.facts == frozenset()
    assert absorbed.merged_into == ONE


def test_a_merge_is_undone_with_what_has_come_since() -> None:
    plan = plan_merge(FIRST, SECOND, mandate())
    survivor, absorbed = apply_merge(plan, FIRST, SECOND)
    from_clinic = Fact(FactKind.HEALTH, "new", CLINIC)
    from_school = Fact(FactKind.MARK, "new", SCHOOL)
    gone = Fact(FactKind.NAME, "clinic-name", CLINIC)
    survivor = replace(survivor, facts=(survivor.facts | {from_clinic, from_school}) - {gone})
    back = undo_merge(plan, survivor, mandate(2))
    assert back.undoes == plan.mandate.id
    one, two = apply_split(back, survivor, absorbed)
    assert one.facts == FIRST.facts | {from_school}
    assert two.facts == (SECOND.facts | {from_clinic}) - {gone}
    assert two.merged_into is None


def test_a_split_takes_what_came_with_the_records_and_is_undone() -> None:
    by_hand = Fact(FactKind.ADDRESS, "typed in the register")
    both = Holdings(ONE, FIRST.facts | SECOND.facts | {by_hand})
    plan = plan_split(both, frozenset({CLINIC}), THREE, mandate())
    person, other = apply_split(plan, both, Holdings(THREE, frozenset()))
    assert person.facts == FIRST.facts | {by_hand}
    assert other.facts == SECOND.facts
    back = undo_split(plan, other, mandate(2))
    assert back.undoes == plan.mandate.id
    assert apply_merge(back, person, other)[0].facts == both.facts


def test_merges_that_cannot_be() -> None:
    one = replace(FIRST, snils=SNILS, birth_act="1", merged_into=THREE)
    two = replace(SECOND, snils=OTHER_SNILS, birth_act="2", merged_into=THREE)
    assert [each.code for each in check_merge(one, two)] == [
        "merge.survivor_merged",
        "merge.absorbed_merged",
        "merge.snils_differs",
        "merge.birth_act_differs",
    ]
    assert [each.code for each in check_merge(FIRST, FIRST)] == ["merge.same_person"]
    with pytest.raises(RegistryError) as caught:
        plan_merge(FIRST, FIRST, mandate())
    assert caught.value.code == "merge.same_person"


@pytest.mark.parametrize(
    ("theirs", "refused"),
    [
        (enrolment(2, date(2024, 9, 1), None, "13"), True),
        (enrolment(2, date(2020, 9, 1), date(2024, 9, 1), "13"), True),
        (enrolment(2, date(2020, 9, 1), date(2024, 8, 31), "13"), False),
        (enrolment(2, date(2024, 9, 1), None, "411"), False),
        (enrolment(1, date(2024, 9, 1), None, "13"), False),
    ],
)
def test_overlapping_main_enrolments_stop_a_merge(theirs: Enrolment, refused: bool) -> None:
    one = replace(FIRST, enrolments=(enrolment(1, date(2024, 9, 1), date(2025, 8, 31), "13"),))
    two = replace(SECOND, enrolments=(theirs,))
    codes = [each.code for each in check_merge(one, two)]
    assert codes == (["merge.enrolments_overlap"] if refused else [])


def test_splits_that_cannot_be() -> None:
    both = Holdings(ONE, FIRST.facts | SECOND.facts)

    def codes(records: set[RecordRef], holdings: Holdings = both) -> list[str]:
        return [each.code for each in check_split(holdings, frozenset(records))]

    assert codes(set()) == ["split.nothing"]
    assert codes({SCHOOL, CLINIC}) == ["split.everything"]
    assert codes({RecordRef("school", "2")}) == ["split.record_unknown"]
    assert codes({CLINIC}, replace(both, merged_into=TWO)) == ["split.merged"]
    assert codes({CLINIC}) == []
    with pytest.raises(RegistryError) as caught:
        plan_split(both, frozenset(), THREE, mandate())
    assert caught.value.code == "split.nothing"


records = st.builds(
    RecordRef, st.sampled_from(["school", "clinic", "circles"]), st.text(max_size=2)
)
facts = st.frozensets(
    st.builds(Fact, st.sampled_from(FactKind), st.text(max_size=3), st.one_of(st.none(), records)),
    max_size=12,
)


@given(facts, facts)
def test_there_and_back_is_where_it_was(mine: frozenset[Fact], theirs: frozenset[Fact]) -> None:
    """Of two persons who share no record, as the register keeps it."""
    taken = {each.origin for each in mine}
    theirs = frozenset(
        each for each in theirs - mine if each.origin is None or each.origin not in taken
    )
    one, two = Holdings(ONE, mine), Holdings(TWO, theirs)
    plan = plan_merge(one, two, mandate())
    survivor, absorbed = apply_merge(plan, one, two)
    assert apply_split(undo_merge(plan, survivor, mandate(2)), survivor, absorbed) == (one, two)
