"""The organisations and classes that a source's enrolments name, by the source's own ids."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from registry.problems import Problem
from registry.sources import SourceEnrolment
from store.links import Link, LinkKind, load_links, select_in
from store.placements import Place
from store.tables import class_groups

_ORGANISATION_UNKNOWN = Problem(
    "enrolment.organisation_unknown",
    "enrolment.organisation_source_id",
    "Организация зачисления не найдена в реестре",
)
_CLASS_UNKNOWN = Problem(
    "enrolment.class_unknown", "enrolment.class_source_id", "Класс не найден в реестре"
)
_CLASS_ELSEWHERE = Problem(
    "enrolment.class_elsewhere",
    "enrolment.class_source_id",
    "Класс принадлежит другой организации",
)


class Places:
    """The organisations and classes that a batch of pupils names, by their source ids."""

    def __init__(
        self,
        organisations: Mapping[str, Link],
        classes: Mapping[str, Link],
        groups: Mapping[UUID, tuple[UUID, int]],
    ) -> None:
        self._organisations = organisations
        self._classes = classes
        self._groups = groups

    def check(self, enrolment: SourceEnrolment) -> list[Problem]:
        """Problems of what the enrolment names, all at once."""
        organisation = self._organisations.get(enrolment.organisation_source_id)
        problems = [] if organisation else [_ORGANISATION_UNKNOWN]
        if enrolment.class_source_id is not None:
            group = self._classes.get(enrolment.class_source_id)
            if group is None:
                problems.append(_CLASS_UNKNOWN)
            elif organisation and self._groups[group.entity_id][0] != organisation.entity_id:
                problems.append(_CLASS_ELSEWHERE)
        return problems

    def find(self, enrolment: SourceEnrolment) -> Place:
        """Our ids of what the enrolment names; it has been checked."""
        organisation_id = self._organisations[enrolment.organisation_source_id].entity_id
        if enrolment.class_source_id is None:
            return Place(organisation_id, None)
        group_id = self._classes[enrolment.class_source_id].entity_id
        return Place(organisation_id, group_id, self._groups[group_id][1])


def load_places(connection: Connection, source: str, named: Sequence[SourceEnrolment]) -> Places:
    """The places that enrolments name."""
    organisations = load_links(
        connection,
        source,
        LinkKind.ORGANISATION,
        {enrolment.organisation_source_id for enrolment in named},
    )
    classes = load_links(
        connection,
        source,
        LinkKind.CLASS,
        {each.class_source_id for each in named if each.class_source_id is not None},
    )
    columns = class_groups.c
    statement = select(columns.id, columns.organisation_id, columns.school_year)
    ids = {link.entity_id for link in classes.values()}
    rows = select_in(connection, statement, columns.id, ids)
    return Places(organisations, classes, {row[0]: (row[1], row[2]) for row in rows})
