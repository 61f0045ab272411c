"""How common names are in the register: small counts, kept beside what a load writes.

A name counts once, when the register comes to know its bearer. Only shares are asked for, so that a
later change of name, or a merge, makes no difference worth a write.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, select

from registry.identity.frequencies import NamePart, NameStatistics
from registry.identity.records import NameKeys
from store.driver import driver_cursor
from store.links import select_in
from store.tables import name_counts

_TOTAL = "total"
_MAX_LENGTH = 150


class NameCounts:
    """The counts of the names that a batch asks for, with those of the batch itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._counts: dict[NamePart, dict[str, int]] = {part: {} for part in NamePart}
        self._loaded: dict[NamePart, set[str]] = {part: set() for part in NamePart}
        self.population = _load_total(connection)
        self._of_batch = 0

    def load(self, names: Iterable[NameKeys]) -> None:
        """Ask for names that were not asked for yet."""
        wanted: dict[NamePart, set[str]] = {part: set() for part in NamePart}
        for name in names:
            for part, value in _parts(name):
                wanted[part].add(value)
        columns = name_counts.c
        for part, values in wanted.items():
            missing = values - self._loaded[part]
            self._loaded[part] |= missing
            statement = select(columns.name, columns.count).where(columns.part == part.value)
            counts = self._counts[part]
            for name_, count in select_in(self._connection, statement, columns.name, missing):
                counts[name_] = counts.get(name_, 0) + count

    def add(self, name: NameKeys) -> None:
        """Count a record of the batch, for its own comparisons."""
        self._of_batch += 1
        for part, value in _parts(name):
            counts = self._counts[part]
            counts[value] = counts.get(value, 0) + 1

    def statistics(self) -> NameStatistics:
        """The register's and the batch's counts together."""
        return NameStatistics(self.population + self._of_batch, self._counts)


def count_new(connection: Connection, names: Collection[NameKeys]) -> None:
    """Count the names of new persons. Raises the errors of SQLAlchemy."""
    counts: Counter[tuple[str, str]] = Counter()
    for name in names:
        counts[_TOTAL, ""] += 1
        for part, value in _parts(name):
            counts[part.value, value[:_MAX_LENGTH]] += 1
    if counts:
        _add(connection, counts)


def _add(connection: Connection, counts: Mapping[tuple[str, str], int]) -> None:
    rows = [(part, name, count) for (part, name), count in sorted(counts.items())]
    with driver_cursor(connection) as cursor:
        if connection.dialect.name == "postgresql":
            cursor.execute(
                _INSERT.replace(_VALUES, _UNNEST), tuple(map(list, zip(*rows, strict=True)))
            )
        else:
            cursor.executemany(_INSERT, rows)


_VALUES = "VALUES (?, ?, ?)"
_UNNEST = "SELECT * FROM unnest(%s::text[], %s::text[], %s::int[])"
_INSERT = (
    f"INSERT INTO name_counts (part, name, count) {_VALUES}"
    " ON CONFLICT (part, name) DO UPDATE SET count = name_counts.count + excluded.count"
)


def _load_total(connection: Connection) -> int:
    statement = select(name_counts.c.count).where(name_counts.c.part == _TOTAL)
    return connection.execute(statement).scalar_one_or_none() or 0


def _parts(name: NameKeys) -> tuple[tuple[NamePart, str], ...]:
    return (
        (NamePart.FAMILY, name.family),
        (NamePart.FIRST, name.first),
        (NamePart.MIDDLE, name.middle),
    )
