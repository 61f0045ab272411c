"""A batch of one source recognised against the candidates that the store has fetched for it.

The store takes the blocking keys of some thousand records, fetches by one join the persons who
share one, fills a `CandidateIndex`, and lets `match_batch` decide. Records of the batch meet each
other as well: a child whom the source holds twice is asked about.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from registry.identifiers import PersonId
from registry.identity.comparison import Comparer
from registry.identity.decision import Candidate, Decision, Joined, decide
from registry.identity.keys import MAX_PERSONS_PER_KEY, BlockingKey, blocking_keys
from registry.identity.records import Profile, RecordRef


@dataclass(frozen=True, slots=True)
class Matched:
    """A decided record; `person` is whom it stands with from now on, new if `created`."""

    profile: Profile
    keys: frozenset[BlockingKey]
    decision: Decision
    person: PersonId
    created: bool


class CandidateIndex:
    """Persons with their profiles, found by blocking keys; each record is kept once."""

    def __init__(self) -> None:
        self._profiles: dict[PersonId, dict[RecordRef, Profile]] = {}
        self._refused: dict[PersonId, frozenset[RecordRef]] = {}
        self._holders: dict[BlockingKey, list[PersonId]] = {}

    def add(self, person: PersonId, profile: Profile, keys: Iterable[BlockingKey]) -> None:
        """Keep `profile` with `person`; a newer one of the same record takes its place."""
        self._profiles.setdefault(person, {})[profile.ref] = profile
        for key in keys:
            holders = self._holders.setdefault(key, [])
            if person not in holders and len(holders) <= MAX_PERSONS_PER_KEY:
                holders.append(person)

    def refuse(self, person: PersonId, records: Iterable[RecordRef]) -> None:
        """Keep that a clerk has said that `records` are not of `person`."""
        self._refused[person] = self._refused.get(person, frozenset()) | frozenset(records)

    def candidates(self, keys: Iterable[BlockingKey]) -> list[Candidate]:
        """The persons who share a key, each once.

        A key of more than `MAX_PERSONS_PER_KEY` is a placeholder (1 January, «Неизвестно»), and
        is passed over.
        """
        found: dict[PersonId, None] = {}
        for key in keys:
            holders = self._holders.get(key, ())
            if len(holders) <= MAX_PERSONS_PER_KEY:
                found.update(dict.fromkeys(holders))
        return [
            Candidate(
                person,
                tuple(self._profiles[person].values()),
                self._refused.get(person, frozenset()),
            )
            for person in found
        ]

    def profiles_of(self, person: PersonId) -> tuple[Profile, ...]:
        """The profiles kept with one person, none for one not known here."""
        return tuple(self._profiles.get(person, {}).values())

    def profiles(self) -> Iterator[Profile]:
        """All profiles of all persons."""
        for each in self._profiles.values():
            yield from each.values()

    def __len__(self) -> int:
        """How many persons there are."""
        return len(self._profiles)


def match_batch(
    batch: Iterable[Profile],
    index: CandidateIndex,
    comparer: Comparer,
    *,
    population: int,
    new_person: Callable[[], PersonId],
) -> Iterator[Matched]:
    """Decide on each record in turn and keep it in `index`, so that later ones meet it.

    A record that is uncertain or new gets a person of its own from `new_person`. `population` is
    that of the register, not of the index.
    """
    for profile in batch:
        keys = blocking_keys(profile)
        decision = decide(profile, index.candidates(keys), comparer, population=population)
        joined = isinstance(decision, Joined)
        person = decision.person if isinstance(decision, Joined) else new_person()
        index.add(person, profile, keys)
        yield Matched(profile, keys, decision, person, created=not joined)
