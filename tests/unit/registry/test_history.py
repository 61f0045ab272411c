"""Changes from versions: what differs, what proved wrong, what came from or went to another."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from registry.history import ChangeKind, FactVersion, FieldChange, changes_of
from tests.unit.registry.samples import NOW, PERSON

OTHER = UUID(int=77)
DAY = date(2024, 9, 1)


def version(
    number: int,
    owner: UUID = PERSON.id,
    *,
    retracted: bool = False,
    key: str = "k",
    **values: object,
) -> FactVersion:
    at = NOW + timedelta(days=number)
    return FactVersion("marks", key, number, at, owner, DAY, retracted, values)


def test_each_version_says_what_differs_from_the_one_before() -> None:
    first = version(1, value="4", note=None)
    second = version(2, value="5", note=None)
    third = version(3, value="5", note="x")
    changes = changes_of([third, first, second], PERSON.id)
    assert [(each.version, each.kind) for each in changes] == [
        (1, ChangeKind.ADDED),
        (2, ChangeKind.CHANGED),
        (3, ChangeKind.CHANGED),
    ]
    assert [each.fields for each in changes] == [
        (FieldChange("value", None, "4"),),
        (FieldChange("value", "4", "5"),),
        (FieldChange("note", None, "x"),),
    ]
    assert changes[1].recorded_at == second.recorded_at
    assert changes[1].valid_from == DAY


def test_a_retraction_and_its_taking_back() -> None:
    versions = [version(1), version(2, retracted=True), version(3)]
    kinds = [each.kind for each in changes_of(versions, PERSON.id)]
    assert kinds == [ChangeKind.ADDED, ChangeKind.RETRACTED, ChangeKind.RESTORED]


@pytest.mark.parametrize(
    ("owners", "kinds"),
    [
        ((PERSON.id, OTHER, OTHER), (ChangeKind.ADDED, ChangeKind.PARTED)),
        ((OTHER, PERSON.id), (ChangeKind.ADDED, ChangeKind.JOINED)),
        (
            (OTHER, PERSON.id, OTHER),
            (ChangeKind.ADDED, ChangeKind.JOINED, ChangeKind.PARTED),
        ),
        (
            (PERSON.id, OTHER, PERSON.id),
            (ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.JOINED),
        ),
        ((OTHER, OTHER), ()),
    ],
)
def test_facts_that_change_their_person(
    owners: tuple[UUID, ...], kinds: tuple[ChangeKind, ...]
) -> None:
    versions = [
        version(number, owner, value=str(number)) for number, owner in enumerate(owners, start=1)
    ]
    changes = changes_of(versions, PERSON.id)
    assert tuple(each.kind for each in changes) == kinds
    for each in changes:
        # What it says since belongs to the other.
        assert (each.kind is ChangeKind.PARTED) == (each.fields == ())


def test_changes_of_several_facts_go_by_when_they_became_known() -> None:
    versions = [version(1, key="a"), version(3, key="a"), version(2, key="b")]
    assert [each.key for each in changes_of(versions, PERSON.id)] == ["a", "b", "a"]


def test_what_became_known_at_once_comes_in_the_order_of_the_facts() -> None:
    versions = [version(1, key="b"), version(1, key="a")]
    assert [each.key for each in changes_of(versions, PERSON.id)] == ["b", "a"]
