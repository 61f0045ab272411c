"""The statements of a portfolio, as the register knows it now and as it did at a moment.

Each finds what it reads by an index. Those of a moment read both the tables and their histories,
each narrowed to the person: a join alone would not narrow a union on SQLite.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, bindparam, select, union

from store.history import Columns, Condition, ever, select_known
from store.tables import (
    achievements,
    certificates,
    class_groups,
    class_placements,
    enrolments,
    exams,
    former_names,
    marks,
    orders,
    organisations,
    persons,
)
from store.types import UtcDateTime

_PERSON_ID = bindparam("person_id", type_=persons.c.id.type)
_KNOWN_ON = bindparam("known_on", type_=UtcDateTime())

# Gives the rows of a table that may meet a condition: as they are now, or as they were known.
_Source = Callable[[Table, Condition, str], FromClause]


def _now(table: Table, _: Condition, name: str) -> FromClause:
    return table.alias(name)


def _then(table: Table, condition: Condition, name: str) -> FromClause:
    # Those that other conditions refer to are so read once.
    return select_known(table, _KNOWN_ON, condition).cte(name)


def _of_person(columns: Columns) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = columns.person_id == _PERSON_ID
    return condition


def _is_person(columns: Columns) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = columns.id == _PERSON_ID
    return condition


def _in(column: str, values: Any) -> Condition:
    return lambda columns: columns[column].in_(values)


_PLACES = (enrolments, marks, exams, certificates)


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a portfolio; parameters `person_id`, and `known_on` of those of `THEN`."""

    person: Select[Any]
    trajectory: Select[Any]
    organisations: Select[Any]
    marks: Select[Any]
    exams: Select[Any]
    certificates: Select[Any]
    achievements: Select[Any]


def _statements(source: _Source) -> Statements:
    return Statements(
        person=_person(source),
        trajectory=_trajectory(source),
        organisations=_organisations(source),
        marks=_facts(
            source,
            marks,
            "organisation_id",
            "school_year",
            "parallel",
            "subject",
            "kind",
            "period",
            "value",
            "given_on",
        ),
        exams=_facts(
            source,
            exams,
            "organisation_id",
            "kind",
            "subject",
            "held_on",
            "score",
            "mark",
            "passed",
        ),
        certificates=_facts(
            source,
            certificates,
            "id",
            "organisation_id",
            "type_code",
            "number_sealed",
            "issued_on",
            "with_honours",
            "medal",
            "average",
        ),
        achievements=_facts(
            source, achievements, "kind", "level", "title", "result", "achieved_on"
        ),
    )


def _facts(source: _Source, table: Table, *names: str) -> Select[Any]:
    rows = source(table, _of_person, "fact")
    wanted = [rows.c[name] for name in names]
    return select(*wanted).where(_of_person(rows.c), ~rows.c.retracted)


def _person(source: _Source) -> Select[Any]:
    person = source(persons, _is_person, "person")
    name = source(former_names, _of_person, "name")
    wanted = (
        "id",
        "family_name",
        "first_name",
        "middle_name",
        "birth_date",
        "sex",
        "snils_sealed",
        "citizenship_code",
        "country_code",
        "birth_place",
        "merged_into",
    )
    return (
        select(
            *(person.c[each] for each in wanted),
            *(name.c[each] for each in ("family_name", "first_name", "middle_name", "until")),
        )
        .select_from(person)
        .outerjoin(name, (name.c.person_id == person.c.id) & ~name.c.retracted)
        .where(_is_person(person.c))
    )


_ENROLMENT = (
    "id",
    "organisation_id",
    "begins_on",
    "ends_on",
    "form_code",
    "programme_code",
    "entry_reason",
    "exit_reason",
    "funding_code",
    "realisation_code",
    "entry_order_id",
    "exit_order_id",
)
_ORDER = ("organisation_id", "number", "issued_on", "kind", "effective_on")
_CLASS = (
    "organisation_id",
    "parallel",
    "letter",
    "school_year",
    "shift",
    "capacity",
    "language_code",
    "programme_id",
)
ENTRY_AT = len(_ENROLMENT)
EXIT_AT = ENTRY_AT + len(_ORDER)
PLACEMENT_AT = EXIT_AT + len(_ORDER)
CLASS_AT = PLACEMENT_AT + 3


def _trajectory(source: _Source) -> Select[Any]:
    """The enrolments with their orders, each with every class sat in, or once without."""
    enrolment = source(enrolments, _of_person, "enrolment")
    entry = source(orders, _in("id", select(enrolment.c.entry_order_id)), "entry_order")
    leaving = source(orders, _in("id", select(enrolment.c.exit_order_id)), "exit_order")
    placement = source(class_placements, _in("enrolment_id", select(enrolment.c.id)), "placement")
    group = source(class_groups, _in("id", select(placement.c.class_group_id)), "class_group")
    return (
        select(
            *(enrolment.c[each] for each in _ENROLMENT),
            *(entry.c[each] for each in _ORDER),
            *(leaving.c[each] for each in _ORDER),
            placement.c.class_group_id,
            placement.c.begins_on,
            placement.c.ends_on,
            *(group.c[each] for each in _CLASS),
        )
        .select_from(enrolment)
        .outerjoin(entry, entry.c.id == enrolment.c.entry_order_id)
        .outerjoin(leaving, leaving.c.id == enrolment.c.exit_order_id)
        .outerjoin(placement, (placement.c.enrolment_id == enrolment.c.id) & ~placement.c.retracted)
        .outerjoin(group, group.c.id == placement.c.class_group_id)
        .where(_of_person(enrolment.c), ~enrolment.c.retracted)
    )


def _organisations(source: _Source) -> Select[Any]:
    place = source(organisations, _in("id", _named_places(ever_so=True)), "organisation")
    wanted = (
        "id",
        "full_name",
        "short_name",
        "inn",
        "ogrn",
        "oktmo",
        "type_code",
        "status_code",
        "okfs",
        "okopf",
    )
    statement = select(*(place.c[each] for each in wanted))
    # Of a moment those that are named are found by the source itself.
    if source is _now:
        return statement.where(place.c.id.in_(_named_places(ever_so=False)))
    return statement


def _named_places(*, ever_so: bool) -> Select[Any]:
    """The organisations that the person's facts name, or ever named."""
    named = [
        half
        for each in _PLACES
        for half in (
            ever(each, "organisation_id", _of_person)
            if ever_so
            else [select(each.c.organisation_id).where(_of_person(each.c))]
        )
    ]
    return select(union(*named).cte("named").c.organisation_id)


# Where in a row of `person` the columns begin that are not the person's own.
MERGED_AT, NAME_AT = 10, 11
# Built once, compiled once for a dialect: only values change.
NOW, THEN = _statements(_now), _statements(_then)
