"""Where pupils study, in one form for all sources, to be compared when records are matched.

Each source has organisations of its own; what they have in common are ОГРН or ИНН. A class is told
by its year, parallel and letter within the organisation.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from registry.names import normalize_name
from store.links import LinkKind, select_in
from store.tables import class_groups, organisations, source_links

# Source, and its ids of an organisation and of a class.
Place = tuple[str, str, str | None]
_Key = tuple[str, str]


class Hints:
    """The organisations and classes that records name, each asked for once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._organisations: dict[_Key, str | None] = {}
        self._classes: dict[_Key, str | None] = {}

    def load(self, places: Iterable[Place]) -> None:
        """Ask for places that were not asked for yet."""
        wanted: defaultdict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for source, organisation, class_group in places:
            if (source, organisation) not in self._organisations:
                self._organisations[source, organisation] = None
                wanted[source][0].add(organisation)
            if class_group is not None and (source, class_group) not in self._classes:
                self._classes[source, class_group] = None
                wanted[source][1].add(class_group)
        for source, (of_organisations, of_classes) in wanted.items():
            self._load_organisations(source, of_organisations)
            self._load_classes(source, of_classes)

    def organisation(self, source: str, source_id: str) -> str | None:
        """What tells the organisation in any source; None when nothing does."""
        return self._organisations.get((source, source_id))

    def class_group(self, source: str, source_id: str | None) -> str | None:
        """What tells the class within its organisation."""
        return None if source_id is None else self._classes.get((source, source_id))

    def _load_organisations(self, source: str, source_ids: set[str]) -> None:
        columns = source_links.c
        statement = (
            select(columns.source_id, organisations.c.ogrn, organisations.c.inn)
            .join(organisations, organisations.c.id == columns.entity_id)
            .where(columns.source == source, columns.kind == LinkKind.ORGANISATION.value)
        )
        for row in select_in(self._connection, statement, columns.source_id, source_ids):
            self._organisations[source, row[0]] = row[1] or row[2]

    def _load_classes(self, source: str, source_ids: set[str]) -> None:
        columns, groups = source_links.c, class_groups.c
        statement = (
            select(columns.source_id, groups.school_year, groups.parallel, groups.letter)
            .join(class_groups, groups.id == columns.entity_id)
            .where(columns.source == source, columns.kind == LinkKind.CLASS.value)
        )
        for row in select_in(self._connection, statement, columns.source_id, source_ids):
            self._classes[source, row[0]] = f"{row[1]}:{row[2]}{normalize_name(row[3])}"
