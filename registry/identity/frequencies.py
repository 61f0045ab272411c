"""How common names are: agreement on a rare name says more than on a common one."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from registry.identity.records import Profile

# A spelling borne by this part of all, and by so many, is a name and not a mistake in another:
# a typing mistake strikes one name in a hundred, and in one of some fifty ways.
_ESTABLISHED_SHARE = 3e-5
_ESTABLISHED_COUNT = 4


class NamePart(StrEnum):
    """Surname, first name, middle name."""

    FAMILY = "family"
    FIRST = "first"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class NameStatistics:
    """How often each folded name occurs among `population` records.

    The counts may be of the register and of the batch together; that those of one child count
    several times doesn't matter, since only shares are asked for.
    """

    population: int
    counts: Mapping[NamePart, Mapping[str, int]]

    def share(self, part: NamePart, name: str) -> float:
        """The part of all who bear `name`, in (0, 1]; a name not seen yet counts as seen once."""
        return max(1, self.counts[part].get(name, 0)) / max(1, self.population)

    def is_established(self, part: NamePart, name: str) -> bool:
        """Whether so many bear `name` that it is not a mistake in another name."""
        count = self.counts[part].get(name, 0)
        return count >= max(_ESTABLISHED_COUNT, _ESTABLISHED_SHARE * self.population)


def count_names(profiles: Iterable[Profile]) -> NameStatistics:
    """The statistics of `profiles`, read once."""
    population = 0
    counts: dict[NamePart, Counter[str]] = {part: Counter() for part in NamePart}
    for profile in profiles:
        population += 1
        counts[NamePart.FAMILY][profile.name.family] += 1
        counts[NamePart.FIRST][profile.name.first] += 1
        counts[NamePart.MIDDLE][profile.name.middle] += 1
    return NameStatistics(population, counts)


@lru_cache(maxsize=1)
def _variant_groups() -> Mapping[str, frozenset[int]]:
    text = resources.files("registry.identity").joinpath("variants.toml").read_text("utf-8")
    groups: dict[str, set[int]] = {}
    for number, names in enumerate(tomllib.loads(text)["groups"]):
        for name in names:
            groups.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in groups.items()}


def are_variants(left: str, right: str) -> bool:
    """Whether two folded first names are spellings of one (``наталья``, ``наталия``)."""
    groups = _variant_groups()
    return not groups.get(left, frozenset()).isdisjoint(groups.get(right, frozenset()))
