"""The portfolio: all that the register holds of a person's education, over all organisations.

Two days decide what is in it. `as_of` is of the facts: only what had happened by that day is shown,
so that a pupil who left later is still there, and marks given later are missing. `known_on` is of
the register: what it held at that moment, right or wrong. Health is never part of it, see
`registry.health_card`. Source: registry.md §1, Portfolio.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from registry.codes import is_main_programme
from registry.identifiers import ClassGroupId, EnrolmentId, OrderId, OrganisationId, PersonId
from registry.model import (
    Achievement,
    AchievementKind,
    AchievementLevel,
    Certificate,
    ClassGroup,
    ClassPlacement,
    Enrolment,
    Exam,
    FormerName,
    Mark,
    MarkKind,
    Order,
    Organisation,
    Person,
)

__all__ = [
    "AchievementGroup",
    "ClassStay",
    "Portfolio",
    "PortfolioFacts",
    "PortfolioReader",
    "Study",
    "SubjectResults",
    "YearResults",
    "assemble_portfolio",
    "find_portfolio",
    "named_on",
]


@dataclass(frozen=True, slots=True)
class PortfolioFacts:
    """What the register holds of a person, of all times: nothing retracted, in no order.

    The mappings hold what the facts name, less what was not known yet. `class_group_id` of the
    enrolments is left None: classes are in the placements.
    """

    person: Person
    former_names: Sequence[FormerName]
    enrolments: Sequence[Enrolment]
    placements: Sequence[ClassPlacement]
    class_groups: Mapping[ClassGroupId, ClassGroup]
    organisations: Mapping[OrganisationId, Organisation]
    orders: Mapping[OrderId, Order]
    marks: Sequence[Mark]
    exams: Sequence[Exam]
    certificates: Sequence[Certificate]
    achievements: Sequence[Achievement]


class PortfolioReader(Protocol):
    """Where the facts come from."""

    def facts(self, person_id: PersonId, *, known_on: datetime | None) -> PortfolioFacts | None:
        """The facts of a person, or of the person that this one was merged into.

        `known_on`: as known at that moment, None for now. None when the register has no such
        person, or had none then.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClassStay:
    """A class in which the person sat; `ends_on` is None while it has not ended by the day."""

    class_group: ClassGroup | None
    begins_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Study:
    """One step of the trajectory: an enrolment as it stood on the day.

    Its end, the reason and the order of it are there once the last day has come. An order is shown
    from the day on which it was issued. `organisation` is None if the register did not know it yet.
    `is_current`: the day lies in the enrolment; the last day does.
    """

    enrolment: Enrolment
    organisation: Organisation | None
    classes: tuple[ClassStay, ...]
    entry_order: Order | None
    exit_order: Order | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class SubjectResults:
    """The marks of a subject in a school year; the terms in their order."""

    subject: str
    terms: tuple[Mark, ...]
    year: Mark | None
    final: Mark | None


@dataclass(frozen=True, slots=True)
class YearResults:
    """The marks of a school year at an organisation, by subject in alphabetical order."""

    school_year: int
    parallel: int
    organisation_id: OrganisationId
    organisation: Organisation | None
    subjects: tuple[SubjectResults, ...]


@dataclass(frozen=True, slots=True)
class AchievementGroup:
    """Achievements of one kind and level, the earliest first."""

    kind: AchievementKind
    level: AchievementLevel
    achievements: tuple[Achievement, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A person's education up to the day `as_of`, each part from the earliest on.

    `person` bears the names of that day; `former_names` are those that were former by then. In
    `achievements` the kinds follow each other as the list has them, the widest level first.
    `organisations` are those that the parts name.
    """

    person: Person
    former_names: tuple[FormerName, ...]
    as_of: date
    known_on: datetime | None
    trajectory: tuple[Study, ...]
    results: tuple[YearResults, ...]
    exams: tuple[Exam, ...]
    certificates: tuple[Certificate, ...]
    achievements: tuple[AchievementGroup, ...]
    organisations: Mapping[OrganisationId, Organisation]

    @property
    def medals(self) -> tuple[Certificate, ...]:
        """The certificates that came with a medal."""
        return tuple(each for each in self.certificates if each.medal is not None)

    @property
    def current_study(self) -> Study | None:
        """Where the person studies on the day: of several a main programme, then the latest."""
        return max(
            (each for each in self.trajectory if each.is_current),
            key=lambda each: (
                is_main_programme(each.enrolment.programme_code),
                each.enrolment.begins_on,
                each.enrolment.id,
            ),
            default=None,
        )


def find_portfolio(
    person_id: PersonId,
    reader: PortfolioReader,
    *,
    as_of: date,
    known_on: datetime | None = None,
) -> Portfolio | None:
    """The portfolio of a person as of a day, as known at a moment (now when None).

    None when the register has no such person, or had none at that moment. Raises only what the
    store behind `reader` raises.
    """
    facts = reader.facts(person_id, known_on=known_on)
    if facts is None:
        return None
    return assemble_portfolio(facts, as_of=as_of, known_on=known_on)


def assemble_portfolio(
    facts: PortfolioFacts, *, as_of: date, known_on: datetime | None = None
) -> Portfolio:
    """The portfolio that `facts` make on the day `as_of`."""
    person, former = named_on(facts.person, facts.former_names, as_of)
    return Portfolio(
        person=person,
        former_names=former,
        as_of=as_of,
        known_on=known_on,
        trajectory=_trajectory(facts, as_of),
        results=_results(facts, as_of),
        exams=tuple(
            sorted(
                (each for each in facts.exams if each.held_on <= as_of),
                key=lambda each: (each.held_on, each.kind, each.subject),
            )
        ),
        certificates=tuple(
            sorted(
                (each for each in facts.certificates if each.issued_on <= as_of),
                key=lambda each: (each.issued_on, each.type_code, each.number),
            )
        ),
        achievements=_achievements(facts.achievements, as_of),
        organisations=facts.organisations,
    )


def named_on(
    person: Person, former_names: Iterable[FormerName], day: date
) -> tuple[Person, tuple[FormerName, ...]]:
    """The person with the names of that day, and the names that were former by then.

    A name is borne up to its last day; on that day it still counts.
    """
    names = sorted(former_names, key=attrgetter("until"))
    former = tuple(each for each in names if each.until < day)
    borne = next((each for each in names if each.until >= day), None)
    if borne is not None:
        person = replace(
            person,
            family_name=borne.family_name,
            first_name=borne.first_name,
            middle_name=borne.middle_name,
        )
    return person, former


def _trajectory(facts: PortfolioFacts, as_of: date) -> tuple[Study, ...]:
    placements: dict[EnrolmentId, list[ClassPlacement]] = defaultdict(list)
    for placement in facts.placements:
        if placement.begins_on <= as_of:
            placements[placement.enrolment_id].append(placement)
    begun = (each for each in facts.enrolments if each.begins_on <= as_of)
    ordered = sorted(begun, key=lambda each: (each.begins_on, each.ends_on or date.max, each.id))
    return tuple(_study(each, placements[each.id], facts, as_of) for each in ordered)


def _study(
    enrolment: Enrolment, placements: Iterable[ClassPlacement], facts: PortfolioFacts, as_of: date
) -> Study:
    ordered = sorted(placements, key=attrgetter("begins_on"))
    sits_in = next(
        (each for each in reversed(ordered) if each.ends_on is None or each.ends_on >= as_of), None
    )
    has_ended = _reached(enrolment.ends_on, as_of) is not None
    seen = replace(
        enrolment,
        class_group_id=None if sits_in is None else sits_in.class_group_id,
        ends_on=_reached(enrolment.ends_on, as_of),
        exit_reason=enrolment.exit_reason if has_ended else None,
        exit_order_id=enrolment.exit_order_id if has_ended else None,
    )
    return Study(
        enrolment=seen,
        organisation=facts.organisations.get(enrolment.organisation_id),
        classes=tuple(
            ClassStay(
                facts.class_groups.get(each.class_group_id),
                each.begins_on,
                _reached(each.ends_on, as_of),
            )
            for each in ordered
        ),
        entry_order=_issued(facts, seen.entry_order_id, as_of),
        exit_order=_issued(facts, seen.exit_order_id, as_of),
        is_current=enrolment.covers(as_of),
    )


def _reached(ends_on: date | None, as_of: date) -> date | None:
    """The last day, once it has come."""
    return ends_on if ends_on is not None and ends_on <= as_of else None


def _issued(facts: PortfolioFacts, order_id: OrderId | None, as_of: date) -> Order | None:
    order = None if order_id is None else facts.orders.get(order_id)
    return order if order is not None and order.issued_on <= as_of else None


_YearKey = tuple[int, int, OrganisationId]


def _results(facts: PortfolioFacts, as_of: date) -> tuple[YearResults, ...]:
    years: dict[_YearKey, dict[str, list[Mark]]] = defaultdict(lambda: defaultdict(list))
    for mark in facts.marks:
        if mark.given_on <= as_of:
            key = (mark.school_year, mark.parallel, mark.organisation_id)
            years[key][mark.subject].append(mark)
    return tuple(
        YearResults(
            school_year=key[0],
            parallel=key[1],
            organisation_id=key[2],
            organisation=facts.organisations.get(key[2]),
            subjects=tuple(_subject(name, years[key][name]) for name in sorted(years[key])),
        )
        for key in sorted(years)
    )


def _subject(name: str, marks: list[Mark]) -> SubjectResults:
    # Of two marks for one thing the later counts.
    marks.sort(key=attrgetter("given_on"))
    terms = {each.period or 0: each for each in marks if each.kind is MarkKind.TERM}
    whole = {each.kind: each for each in marks if each.kind is not MarkKind.TERM}
    return SubjectResults(
        subject=name,
        terms=tuple(terms[period] for period in sorted(terms)),
        year=whole.get(MarkKind.YEAR),
        final=whole.get(MarkKind.FINAL),
    )


_KIND_ORDER = {kind: place for place, kind in enumerate(AchievementKind)}
_LEVEL_ORDER = {level: -place for place, level in enumerate(AchievementLevel)}


def _achievements(achievements: Iterable[Achievement], as_of: date) -> tuple[AchievementGroup, ...]:
    reached = sorted(
        (each for each in achievements if each.achieved_on <= as_of),
        key=lambda each: (
            _KIND_ORDER[each.kind],
            _LEVEL_ORDER[each.level],
            each.achieved_on,
            each.title,
        ),
    )
    return tuple(
        AchievementGroup(kind, level, tuple(group))
        for (kind, level), group in groupby(reached, key=attrgetter("kind", "level"))
    )
