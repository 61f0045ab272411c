"""Two profiles side by side: every fact for and against, each with its weight in bits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import log2

from registry.identity.evidence import WEIGHTS, Evidence
from registry.identity.frequencies import NamePart, NameStatistics, are_variants
from registry.identity.records import ActKey, DocumentNumber, NameKeys, Profile
from registry.identity.similarity import NameSimilarity

# One mistake is forgiven from this length on, two from the second: in shorter words they make
# other names (Лев, Лера).
_ONE_EDIT_LENGTH = 4
_TWO_EDITS_LENGTH = 8
_NEAR_NUMBER_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a pair of profiles has in common; `score` is the sum of the weights, in bits."""

    facts: frozenset[Evidence]
    score: float


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares profiles by the names' `statistics`, mistakes counted by `similarity`."""

    statistics: NameStatistics
    similarity: NameSimilarity

    def compare(self, left: Profile, right: Profile) -> Comparison:
        """All the facts; the order of the two does not matter."""
        score, facts = 0.0, set()
        for evidence, rarity in self._facts(left, right):
            weight = WEIGHTS[evidence]
            score += weight.bits + min(rarity, weight.rarity_cap)
            facts.add(evidence)
        return Comparison(frozenset(facts), score)

    def _facts(self, left: Profile, right: Profile) -> Iterator[tuple[Evidence, float]]:
        for evidence in (
            self._snils(left, right),
            self._act(left.act, right.act),
            self._documents(left.documents, right.documents),
            self._birth_date(left.birth_date, right.birth_date),
            *_circumstances(left, right),
        ):
            if evidence is not None:
                yield evidence, 0.0
        yield from self._names(left, right)

    def _near(self, left: str, right: str) -> bool:
        shorter = min(len(left), len(right))
        if shorter < _ONE_EDIT_LENGTH:
            return False
        limit = 1 if shorter < _TWO_EDITS_LENGTH else 2
        return self.similarity.edits(left, right, at_most=limit) <= limit

    def _one_off(self, left: str, right: str) -> bool:
        return (
            len(left) >= _NEAR_NUMBER_LENGTH
            and len(right) >= _NEAR_NUMBER_LENGTH
            and self.similarity.edits(left, right, at_most=1) <= 1
        )

    def _snils(self, left: Profile, right: Profile) -> Evidence | None:
        if left.snils and right.snils:
            return Evidence.SNILS_SAME if left.snils == right.snils else Evidence.SNILS_DIFFERENT
        one, other = left.snils or left.written_snils, right.snils or right.written_snils
        if one and other and self._one_off(one, other):
            return Evidence.SNILS_MISTYPED
        return None

    def _act(self, left: ActKey | None, right: ActKey | None) -> Evidence | None:
        """Acts compared; numbers that only count within an office need its name and the day."""
        if left is None or right is None or left.unique != right.unique:
            return None
        if left.unique:
            if left.number == right.number:
                return Evidence.ACT_SAME
            near = self._one_off(left.number, right.number)
            return Evidence.ACT_CLOSE if near else Evidence.ACT_DIFFERENT
        if left.number != right.number:
            placed = (
                left.day and left.office and (left.day, left.office) == (right.day, right.office)
            )
            near = bool(placed) and self.similarity.edits(left.number, right.number, at_most=1) <= 1
            return Evidence.ACT_CLOSE if near else Evidence.ACT_DIFFERENT
        if left.day and right.day and left.day != right.day:
            return Evidence.ACT_DIFFERENT
        known = left.day and right.day and left.office
        return Evidence.ACT_SAME if known and left.office == right.office else None

    def _documents(
        self, left: frozenset[DocumentNumber], right: frozenset[DocumentNumber]
    ) -> Evidence | None:
        if not left or not right:
            return None
        numbers = {(each.series, each.number) for each in left}
        if any((each.series, each.number) in numbers for each in right):
            return Evidence.DOCUMENT_SAME
        pairs = [(one, two) for one in left for two in right if one.type_code == two.type_code]
        if any(
            self._one_off(one.series + one.number, two.series + two.number) for one, two in pairs
        ):
            return Evidence.DOCUMENT_CLOSE
        return Evidence.DOCUMENT_DIFFERENT if pairs else None

    def _birth_date(self, left: date, right: date) -> Evidence:
        if left == right:
            return Evidence.DATE_SAME
        if (left.year, left.month, left.day) == (right.year, right.day, right.month):
            return Evidence.DATE_SWAPPED
        if self.similarity.edits(left.isoformat(), right.isoformat(), at_most=1) <= 1:
            return Evidence.DATE_CLOSE
        return Evidence.DATE_DIFFERENT

    def _names(self, left: Profile, right: Profile) -> Iterator[tuple[Evidence, float]]:
        sides = ((left.name, left.former), (right.name, right.former))
        # Rarity is looked up in the order that is the right one: that of the commoner first name.
        (one, former_one), (two, former_two) = sorted(sides, key=self._commonness)
        first = self._first(one.first, two.first)
        if first is Evidence.FIRST_DIFFERENT and (mended := self._swapped(one, two)) is not None:
            yield Evidence.NAMES_SWAPPED, 0.0
            one = mended
            first = self._first(one.first, two.first)
        yield first, self._rarity(NamePart.FIRST, one.first, two.first)
        yield self._family(one, two, former_one, former_two)
        middle = self._middle(one.middle, two.middle)
        yield middle, self._rarity(NamePart.MIDDLE, one.middle, two.middle)

    def _rarity(self, part: NamePart, left: str, right: str) -> float:
        share = self.statistics.share(part, left)
        if left != right:
            share = max(share, self.statistics.share(part, right))
        return -log2(share)

    def _commonness(
        self, side: tuple[NameKeys, tuple[NameKeys, ...]]
    ) -> tuple[float, str, str, str]:
        name, _ = side
        share = self.statistics.share(NamePart.FIRST, name.first)
        return share, name.first, name.family, name.middle

    def _first(self, left: str, right: str) -> Evidence:
        if left == right:
            return Evidence.FIRST_SAME
        if are_variants(left, right):
            return Evidence.FIRST_VARIANT
        if not self._near(left, right):
            return Evidence.FIRST_DIFFERENT
        known = [self.statistics.is_established(NamePart.FIRST, each) for each in (left, right)]
        if all(known):
            return Evidence.FIRST_DIFFERENT
        return Evidence.FIRST_CLOSE if any(known) else Evidence.FIRST_DOUBTFUL

    def _swapped(self, one: NameKeys, two: NameKeys) -> NameKeys | None:
        """`one` with two fields exchanged, when it then agrees with `two` in both."""
        if self._alike(one.first, two.family) and self._alike(one.family, two.first):
            return NameKeys(one.first, one.family, one.middle, (one.first,))
        if one.middle and self._alike(one.first, two.middle) and self._alike(one.middle, two.first):
            return NameKeys(one.family, one.middle, one.first, one.parts)
        return None

    def _alike(self, left: str, right: str) -> bool:
        return left == right or self._near(left, right)

    def _family(
        self,
        one: NameKeys,
        two: NameKeys,
        former_of_one: tuple[NameKeys, ...],
        former_of_two: tuple[NameKeys, ...],
    ) -> tuple[Evidence, float]:
        rarity = self._rarity(NamePart.FAMILY, one.family, two.family)
        if one.family == two.family:
            return Evidence.FAMILY_SAME, rarity
        if any(former.family == two.family for former in former_of_one) or any(
            former.family == one.family for former in former_of_two
        ):
            return Evidence.FAMILY_FORMER, rarity
        if self._near(one.family, two.family) and not all(
            self.statistics.is_established(NamePart.FAMILY, each.family) for each in (one, two)
        ):
            return Evidence.FAMILY_CLOSE, rarity
        shared = set(one.parts) & set(two.parts)
        if shared:
            part = max(sorted(shared), key=len)
            return Evidence.FAMILY_PART, self._rarity(NamePart.FAMILY, part, part)
        return Evidence.FAMILY_DIFFERENT, 0.0

    def _middle(self, left: str, right: str) -> Evidence:
        if not left or not right:
            return Evidence.MIDDLE_MISSING
        if left == right:
            return Evidence.MIDDLE_SAME
        return Evidence.MIDDLE_CLOSE if self._near(left, right) else Evidence.MIDDLE_DIFFERENT


def _circumstances(left: Profile, right: Profile) -> Iterator[Evidence]:
    if left.sex and right.sex and left.sex is not right.sex:
        yield Evidence.SEX_DIFFERENT
    if left.ref.source == right.ref.source:
        yield Evidence.SOURCE_SAME
    if left.parents and right.parents:
        # Surnames of parents change; first and middle name together stay.
        given = {(each.first, each.middle) for each in left.parents}
        shared = any((each.first, each.middle) in given for each in right.parents)
        yield Evidence.PARENT_SAME if shared else Evidence.PARENT_DIFFERENT
    if left.organisation and right.organisation:
        if left.organisation != right.organisation:
            yield Evidence.ORGANISATION_DIFFERENT
        else:
            yield Evidence.ORGANISATION_SAME
            if left.class_group and left.class_group == right.class_group:
                yield Evidence.CLASS_SAME
    if left.address and left.address == right.address:
        yield Evidence.ADDRESS_SAME
