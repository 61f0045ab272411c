"""Records of a batch matched to persons, set by set: see `registry.identity`.

Who may be meant is asked of the database (`store.candidates`); what is known of them is compared in
memory, most of them by their row alone, and only those that come near by what their sources told,
which is sealed. Records of the batch meet each other as well.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from registry.identifiers import PersonId
from registry.identity.batch import CandidateIndex
from registry.identity.comparison import Comparer
from registry.identity.decision import (
    REVIEW_MARGIN_BITS,
    Candidate,
    Decision,
    Joined,
    New,
    ScoredCandidate,
    Uncertain,
    decide,
)
from registry.identity.evidence import WEIGHTS, Evidence, Verdict
from registry.identity.folding import fold_name
from registry.identity.keys import blocking_keys
from registry.identity.records import NameKeys, Profile, RecordRef
from registry.model import Sex
from registry.sources import SourcePupil
from store.candidates import Found, find_by_names, find_by_numbers
from store.links import select_in
from store.match_hints import Hints
from store.name_counts import NameCounts
from store.sealing import Sealing
from store.similarity import RapidFuzzSimilarity
from store.tables import persons
from store.told_profiles import load_profiles, place_of, profile_of

# What a row of `persons` doesn't show, and may still speak for a candidate.
_HIDDEN: tuple[tuple[str, float], ...] = tuple(
    (field, WEIGHTS[evidence].bits)
    for field, evidence in (
        ("act", Evidence.ACT_CLOSE),
        ("documents", Evidence.DOCUMENT_CLOSE),
        ("organisation", Evidence.ORGANISATION_SAME),
        ("class_group", Evidence.CLASS_SAME),
        ("address", Evidence.ADDRESS_SAME),
        ("parents", Evidence.PARENT_SAME),
        ("written_snils", Evidence.SNILS_MISTYPED),
    )
)
_ROW = RecordRef("", "")
# A register that is being filled holds few of those who may be meant: a region's children are at
# least so many, loaded or not.
MIN_POPULATION = 100_000
# So many records are matched and planned together: the memory they take has a limit.
PART = 5_000


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a record is: a person known already, or a new one; `decision` says why."""

    person_id: UUID
    created: bool
    decision: Decision
    name: NameKeys

    @property
    def doubts(self) -> tuple[ScoredCandidate, ...]:
        """Whom somebody has to look at; empty when nothing is to be asked."""
        if isinstance(self.decision, Uncertain):
            return self.decision.candidates
        return self.decision.rivals if isinstance(self.decision, Joined) else ()

    @property
    def reasons(self) -> tuple[Evidence | Verdict, ...]:
        """What speaks for the best of them."""
        return () if isinstance(self.decision, New) else self.decision.reasons


def match_records(
    connection: Connection,
    sealing: Sealing,
    source: str,
    records: Sequence[SourcePupil],
    *,
    new_id: Callable[[], UUID],
) -> dict[str, Match]:
    """Decide on records that were never seen before, by their source ids.

    Raises the errors of SQLAlchemy.
    """
    if not records:
        return {}
    matcher = Matcher(connection, sealing, source, records)
    matcher.load_candidates()
    return matcher.decide_all(new_id)


class Matcher:
    """One batch, its candidates, and what is known of them."""

    def __init__(
        self,
        connection: Connection,
        sealing: Sealing,
        source: str,
        records: Sequence[SourcePupil],
    ) -> None:
        self._connection = connection
        self._sealing = sealing
        self._records = records
        self._hints = Hints(connection)
        self._hints.load(place for each in records for place in place_of(source, each))
        self._batch = [profile_of(source, each, self._hints) for each in records]
        self._counts = NameCounts(connection)
        self._counts.load(profile.name for profile in self._batch)
        for profile in self._batch:
            self._counts.add(profile.name)
        self._population = max(self._counts.population, MIN_POPULATION)
        self._chance_bits = log2(max(2, self._population))
        self._comparer = Comparer(self._counts.statistics(), RapidFuzzSimilarity())
        self._near: Found = {}
        self._profiles: dict[UUID, list[Profile]] = {}

    def load_candidates(self) -> None:
        """Ask who may be meant: by numbers, and by names where no СНИЛС settles it."""
        by_snils, by_paper = find_by_numbers(self._connection, self._sealing, self._records)
        self._near = {
            number: by_snils.get(number, set()) | by_paper.get(number, set())
            for number in by_snils.keys() | by_paper.keys()
        }
        self._load_profiles({each for found in self._near.values() for each in found})
        unsettled = {
            number: profile
            for number, profile in enumerate(self._batch)
            if not self._is_settled(profile, by_snils.get(number, ()))
        }
        named = find_by_names(self._connection, unsettled)
        rows = self._load_rows({each for found in named.values() for each in found})
        for number, found in named.items():
            self._near.setdefault(number, set()).update(
                each
                for each in found
                if any(self._may_be(self._batch[number], known) for known in rows[each])
            )
        self._load_profiles({each for found in self._near.values() for each in found})

    def decide_all(self, new_id: Callable[[], UUID]) -> dict[str, Match]:
        """Decide on one record after the other; each is then known to the later ones."""
        index = CandidateIndex()
        matches = {}
        for number, (record, profile) in enumerate(zip(self._records, self._batch, strict=True)):
            keys = blocking_keys(profile)
            candidates = self._candidates(number, index.candidates(keys), index)
            decision = decide(profile, candidates, self._comparer, population=self._population)
            created = not isinstance(decision, Joined)
            person = decision.person if isinstance(decision, Joined) else PersonId(new_id())
            index.add(person, profile, keys)
            matches[record.source_id] = Match(person, created, decision, profile.name)
        return matches

    def _candidates(
        self, number: int, of_batch: Iterable[Candidate], index: CandidateIndex
    ) -> list[Candidate]:
        """The persons of the register and of the batch, each once."""
        found = {each.person: each.profiles for each in of_batch}
        for person_id in self._near.get(number, ()):
            person = PersonId(person_id)
            found[person] = index.profiles_of(person)
        return [
            Candidate(person, (*self._profiles.get(person, ()), *profiles))
            for person, profiles in found.items()
        ]

    def _is_settled(self, profile: Profile, holders: Collection[UUID]) -> bool:
        """Whether the person who has the record's СНИЛС is the one, by the first name too."""
        return any(
            Evidence.SNILS_SAME in (facts := self._comparer.compare(profile, known).facts)
            and not facts & {Evidence.FIRST_DIFFERENT, Evidence.ACT_DIFFERENT}
            and bool(facts & {Evidence.FIRST_SAME, Evidence.FIRST_VARIANT})
            for person_id in holders
            for known in self._profiles[person_id]
        )

    def _load_profiles(self, person_ids: Collection[UUID]) -> None:
        missing = [each for each in person_ids if each not in self._profiles]
        loaded = load_profiles(self._connection, self._sealing, self._hints, missing)
        self._profiles.update(loaded)
        self._counts.load(profile.name for profiles in loaded.values() for profile in profiles)

    def _load_rows(self, person_ids: Collection[UUID]) -> dict[UUID, list[Profile]]:
        """What is known of each without opening anything, or by all that was opened already."""
        columns = persons.c
        statement = select(
            columns.id,
            columns.family_key,
            columns.first_key,
            columns.middle_key,
            columns.birth_date,
            columns.sex,
        )
        missing = [each for each in person_ids if each not in self._profiles]
        rows = {
            row[0]: [_light_profile(row)]
            for row in select_in(self._connection, statement, columns.id, missing)
        }
        self._counts.load(profile.name for (profile,) in rows.values())
        rows.update({each: self._profiles[each] for each in person_ids if each not in rows})
        return rows

    def _may_be(self, profile: Profile, known: Profile) -> bool:
        """Whether the best that is still hidden could make `known` worth a clerk's look."""
        hidden = sum(bits for field, bits in _HIDDEN if getattr(profile, field))
        score = self._comparer.compare(profile, known).score
        return score + hidden - self._chance_bits >= REVIEW_MARGIN_BITS


def _light_profile(row: Sequence[Any]) -> Profile:
    """What a row of `persons` shows without opening anything."""
    _, family, first, middle, birth_date, sex = row
    family = fold_name(family)
    name = NameKeys(family, fold_name(first), fold_name(middle) if middle else "", (family,))
    return Profile(
        ref=_ROW,
        name=name,
        former=(),
        birth_date=birth_date,
        sex=Sex(sex),
        snils=None,
        written_snils=None,
        act=None,
        documents=frozenset(),
        parents=(),
        organisation=None,
        class_group=None,
        address=None,
    )


def new_names(matches: Mapping[str, Match], taken: Collection[UUID]) -> list[NameKeys]:
    """The names of the persons whom a batch made, of those that were `taken`."""
    return [match.name for match in matches.values() if match.created and match.person_id in taken]
