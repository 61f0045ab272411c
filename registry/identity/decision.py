"""Whether a record is of a person who is known already: joined, uncertain or new.

The order of the law of evidence here: СНИЛС, then birth act and documents, then names with birth
date by score. A number that both sides have and that differs forbids an automatic join, whatever
else agrees; so does a plainly different first name, the only thing that tells twins apart.

The score is compared with the number of persons: agreement worth `log2(population)` bits is
expected once by chance among strangers, `JOIN_MARGIN_BITS` more make a join.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import log2

from registry.identifiers import PersonId
from registry.identity.comparison import Comparer, Comparison
from registry.identity.evidence import Evidence, Verdict
from registry.identity.records import Profile, RecordRef

# Odds of 1,000 to 1 that the pair is of one child.
JOIN_MARGIN_BITS = 10.0
# Even odds: below them a clerk would only be bothered.
REVIEW_MARGIN_BITS = 0.0
# A rival must be 64 times less likely for the best to be taken.
RIVAL_MARGIN_BITS = 6.0
MAX_CANDIDATES = 5

_NUMBERS = frozenset({Evidence.SNILS_SAME, Evidence.ACT_SAME, Evidence.DOCUMENT_SAME})
_FORBIDDING = frozenset({Evidence.SNILS_DIFFERENT, Evidence.ACT_DIFFERENT})
_FAMILY_AGREES = frozenset(
    {
        Evidence.FAMILY_SAME,
        Evidence.FAMILY_CLOSE,
        Evidence.FAMILY_PART,
        Evidence.FAMILY_FORMER,
    }
)
_FIRST_AGREES = frozenset({Evidence.FIRST_SAME, Evidence.FIRST_VARIANT, Evidence.FIRST_CLOSE})
_DATE_AGREES = frozenset({Evidence.DATE_SAME, Evidence.DATE_SWAPPED, Evidence.DATE_CLOSE})
# Facts beside name and birth date that namesakes do not share.
_CORROBORATING = frozenset(
    {
        Evidence.SNILS_MISTYPED,
        Evidence.PARENT_SAME,
        Evidence.ORGANISATION_SAME,
        Evidence.ADDRESS_SAME,
    }
)


class Strength(IntEnum):
    """What a comparison is good for."""

    NOTHING = 0
    REVIEW = 1
    BY_SCORE = 2
    BY_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who shares a blocking key with the record, with the profile of each source.

    `refused` are the records of which a clerk has said that they are not of this person.
    """

    person: PersonId
    profiles: tuple[Profile, ...]
    refused: frozenset[RecordRef] = frozenset()


@dataclass(frozen=True, slots=True)
class ScoredCandidate:
    """A candidate as it is shown to a clerk; `score` in bits above chance, the best first."""

    person: PersonId
    score: float
    reasons: tuple[Evidence | Verdict, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """The record is of `person`. `rivals` look like the same child: a duplicate to be reviewed."""

    person: PersonId
    score: float
    reasons: tuple[Evidence | Verdict, ...]
    rivals: tuple[ScoredCandidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Somebody has to decide; `candidates` is never empty, `score` is that of the best."""

    candidates: tuple[ScoredCandidate, ...]
    score: float
    reasons: tuple[Evidence | Verdict, ...]


@dataclass(frozen=True, slots=True)
class New:
    """Nobody known comes near."""


Decision = Joined | Uncertain | New


@dataclass(frozen=True, slots=True)
class _Judged:
    candidate: ScoredCandidate
    strength: Strength


def decide(
    record: Profile, candidates: Iterable[Candidate], comparer: Comparer, *, population: int
) -> Decision:
    """What `record` is, of the `population` persons known; the same for any order of candidates."""
    chance_bits = log2(max(2, population))
    judged = [
        each
        for candidate in candidates
        if record.ref not in candidate.refused
        and (each := _judge(record, candidate, comparer, chance_bits)).strength > Strength.NOTHING
    ]
    if not judged:
        return New()
    judged.sort(key=lambda each: (-each.strength, -each.candidate.score, each.candidate.person))
    best, rest = judged[0], judged[1:]
    if best.strength is Strength.REVIEW:
        return _uncertain(judged, ())
    rivals = [each for each in rest if _is_rival(best, each)]
    if best.strength is Strength.BY_SCORE and rivals:
        return _uncertain([best, *rivals], (Verdict.RIVALS,))
    if any(each.strength is Strength.BY_NUMBER for each in rivals) and not _outweighs(best, rivals):
        return _uncertain([best, *rivals], (Verdict.RIVALS,))
    shown = tuple(each.candidate for each in rivals[:MAX_CANDIDATES])
    return Joined(best.candidate.person, best.candidate.score, best.candidate.reasons, shown)


def _is_rival(best: _Judged, other: _Judged) -> bool:
    """Whether `other` would have been joined as well, had there not been the best."""
    if other.strength is Strength.REVIEW:
        return False
    if best.strength is Strength.BY_NUMBER:
        return True
    return best.candidate.score - other.candidate.score < RIVAL_MARGIN_BITS


def _outweighs(best: _Judged, rivals: Sequence[_Judged]) -> bool:
    """Whether the best has a СНИЛС in common and no rival has: a document gives way to it."""
    return Evidence.SNILS_SAME in best.candidate.reasons and not any(
        Evidence.SNILS_SAME in each.candidate.reasons for each in rivals
    )


def _uncertain(judged: Sequence[_Judged], verdicts: tuple[Verdict, ...]) -> Uncertain:
    shown = tuple(each.candidate for each in judged[:MAX_CANDIDATES])
    return Uncertain(shown, shown[0].score, (*verdicts, *shown[0].reasons))


def _judge(
    record: Profile, candidate: Candidate, comparer: Comparer, chance_bits: float
) -> _Judged:
    """The best of the comparisons with each profile, bound by what any of them forbids."""
    comparisons = [comparer.compare(record, profile) for profile in candidate.profiles]
    verdicts = [_weigh(each, each.score - chance_bits) for each in comparisons]
    place = max(
        range(len(comparisons)), key=lambda at: (verdicts[at][0], comparisons[at].score, -at)
    )
    best, (strength, added) = comparisons[place], verdicts[place]
    forbidding = {fact for each in comparisons for fact in each.facts & _FORBIDDING}
    if strength is Strength.NOTHING:
        return _Judged(ScoredCandidate(candidate.person, 0.0, ()), strength)
    if strength > Strength.REVIEW and forbidding:
        strength, added = Strength.REVIEW, (Verdict.CONTRADICTION,)
    facts = best.facts | forbidding
    reasons: tuple[Evidence | Verdict, ...] = (
        *added,
        *(each for each in Evidence if each in facts),
    )
    score = round(best.score - chance_bits, 1)
    return _Judged(ScoredCandidate(candidate.person, score, reasons), strength)


def _weigh(comparison: Comparison, bits: float) -> tuple[Strength, tuple[Verdict, ...]]:
    facts = comparison.facts
    if Evidence.SNILS_SAME in facts:
        return _weigh_snils(facts)
    if facts & _NUMBERS:
        return _weigh_number(facts)
    doubtful = Evidence.FIRST_DOUBTFUL in facts
    if bits < REVIEW_MARGIN_BITS or not (doubtful or facts & _FIRST_AGREES):
        return Strength.NOTHING, ()
    if bits < JOIN_MARGIN_BITS:
        return Strength.REVIEW, (Verdict.NOT_RARE_ENOUGH,)
    if Evidence.DOCUMENT_DIFFERENT in facts and not facts & _CORROBORATING:
        # Certificates are issued anew, but namesakes have two as well.
        return Strength.REVIEW, (Verdict.CONTRADICTION,)
    return (Strength.REVIEW if doubtful else Strength.BY_SCORE), ()


def _weigh_snils(facts: frozenset[Evidence]) -> tuple[Strength, tuple[Verdict, ...]]:
    """The same СНИЛС joins, unless what stands beside it is another child's."""
    name_agrees = bool(facts & _FIRST_AGREES) and bool(facts & _FAMILY_AGREES)
    if not name_agrees and not facts & _DATE_AGREES:
        return Strength.REVIEW, (Verdict.SNILS_CONFLICT,)
    if not facts & _FIRST_AGREES:
        return Strength.REVIEW, (Verdict.SNILS_OF_ANOTHER,)
    return Strength.BY_NUMBER, ()


def _weigh_number(facts: frozenset[Evidence]) -> tuple[Strength, tuple[Verdict, ...]]:
    """The same act or document joins a first name that agrees, and a surname or a date with it."""
    if Evidence.SNILS_DIFFERENT in facts:
        return Strength.REVIEW, (Verdict.CONTRADICTION,)
    if not facts & _FIRST_AGREES:
        return Strength.REVIEW, (Verdict.CONTRADICTION,)
    if facts & _FAMILY_AGREES or facts & {Evidence.DATE_SAME, Evidence.DATE_SWAPPED}:
        return Strength.BY_NUMBER, ()
    return Strength.REVIEW, (Verdict.CONTRADICTION,)
