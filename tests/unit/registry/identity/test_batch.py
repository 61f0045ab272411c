"""A batch against the persons fetched for it."""

from dataclasses import replace
from itertools import count
from uuid import UUID

from registry.identifiers import PersonId
from registry.identity.batch import CandidateIndex, Matched, match_batch
from registry.identity.decision import Joined, New, Uncertain
from registry.identity.keys import MAX_PERSONS_PER_KEY, blocking_keys
from registry.identity.records import FullName, Profile, RecordRef
from tests.unit.registry.identity.samples import COMMON, POPULATION, RARE, SNILS, comparer, profile

KNOWN = PersonId(UUID(int=1))


def an_index(*profiles: Profile) -> CandidateIndex:
    index = CandidateIndex()
    for each in profiles:
        index.add(KNOWN, each, blocking_keys(each))
    return index


def matched(index: CandidateIndex, *batch: Profile) -> list[Matched]:
    ids = count(100)
    return list(
        match_batch(
            batch,
            index,
            comparer(),
            population=POPULATION,
            new_person=lambda: PersonId(UUID(int=next(ids))),
        )
    )


def in_clinic(number: str, record: Profile) -> Profile:
    return replace(record, ref=RecordRef("clinic", number))


def test_each_record_gets_a_person() -> None:
    index = an_index(profile(RARE), profile(RARE, ref=RecordRef("circles", "4")))
    joined, new = matched(index, in_clinic("1", profile(RARE)), in_clinic("2", profile(COMMON)))
    assert isinstance(joined.decision, Joined)
    assert (joined.person, joined.created) == (KNOWN, False)
    assert isinstance(new.decision, New)
    assert new.created
    assert new.person != KNOWN
    assert new.keys == blocking_keys(new.profile)


def test_a_child_held_twice_in_one_batch_is_met() -> None:
    card = profile(COMMON, snils=SNILS)
    one, two = matched(CandidateIndex(), in_clinic("1", card), in_clinic("2", card))
    assert isinstance(one.decision, New)
    assert isinstance(two.decision, Joined)
    assert two.person == one.person


def test_what_was_refused_is_not_asked_again() -> None:
    record = in_clinic("1", profile(COMMON))
    index = an_index(profile(COMMON))
    (asked,) = matched(index, record)
    assert isinstance(asked.decision, Uncertain)
    index = an_index(profile(COMMON))
    index.refuse(KNOWN, [record.ref])
    (again,) = matched(index, record)
    assert isinstance(again.decision, New)


def test_a_newer_state_of_a_record_takes_the_place_of_the_old() -> None:
    index = an_index(profile(COMMON), profile(COMMON, snils=SNILS))
    assert [each.snils for each in index.profiles()] == [SNILS.digits]
    assert len(index) == 1


def test_a_placeholder_shared_by_many_finds_nobody() -> None:
    index = CandidateIndex()
    unknown = replace(COMMON, name=FullName("Неизвестно", "Неизвестно", None))
    record = profile(unknown)
    keys = blocking_keys(record)
    for number in range(MAX_PERSONS_PER_KEY):
        index.add(PersonId(UUID(int=number)), record, keys)
    assert len(index.candidates(keys)) == MAX_PERSONS_PER_KEY
    for number in range(MAX_PERSONS_PER_KEY, MAX_PERSONS_PER_KEY + 3):
        index.add(PersonId(UUID(int=number)), record, keys)
    assert index.candidates(keys) == []
