"""Merges and splits of persons, as plans that say what moves and that can be turned back.

Nothing is deleted: a merged person stays, empty, with a link to the one who holds its facts now. A
plan is a value to be shown before it is done, journalled when it is, and undone by its opposite.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import NewType
from uuid import UUID

from registry.codes import is_main_programme
from registry.errors import RegistryError
from registry.identifiers import PersonId, Snils
from registry.identity import rules
from registry.identity.evidence import Evidence, Verdict
from registry.identity.records import RecordRef
from registry.model import Enrolment
from registry.problems import Problem, Rule

PlanId = NewType("PlanId", UUID)


class FactKind(StrEnum):
    """What belongs to a person and moves with a merge."""

    RECORD = "record"  # the link to a source's record
    NAME = "name"
    SNILS = "snils"
    BIRTH_ACT = "birth_act"
    DOCUMENT = "document"
    ADDRESS = "address"
    REPRESENTATIVE = "representative"
    ENROLMENT = "enrolment"
    MARK = "mark"
    EXAM = "exam"
    CERTIFICATE = "certificate"
    ACHIEVEMENT = "achievement"
    HEALTH = "health"
    APPLICATION = "application"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Fact:
    """A row that belongs to a person: its kind, its key there, and the record that it came with.

    `origin` is None for what was entered in the register itself.
    """

    kind: FactKind
    key: str
    origin: RecordRef | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """A person with all that belongs to them. `merged_into`: who holds it instead."""

    person: PersonId
    facts: frozenset[Fact]
    snils: Snils | None = None
    birth_act: str | None = None
    enrolments: tuple[Enrolment, ...] = ()
    merged_into: PersonId | None = None

    @property
    def records(self) -> frozenset[RecordRef]:
        """The records that the person was recognised in."""
        return frozenset(
            each.origin for each in self.facts if each.kind is FactKind.RECORD and each.origin
        )


@dataclass(frozen=True, slots=True)
class Mandate:
    """Whose word a plan is: its id, who, when, and why."""

    id: PlanId
    by: str
    at: datetime
    reasons: tuple[Evidence | Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class MergePlan:
    """All `moves` go from `absorbed` to `survivor`; `absorbed` gets a link to `survivor`.

    `undoes` is the split that it takes back.
    """

    mandate: Mandate
    survivor: PersonId
    absorbed: PersonId
    moves: frozenset[Fact]
    undoes: PlanId | None = None


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """The `moves` go from `person` to `other`, whose link to `person`, if any, is taken away.

    `undoes` is the merge that it takes back.
    """

    mandate: Mandate
    person: PersonId
    other: PersonId
    moves: frozenset[Fact]
    undoes: PlanId | None = None


def check_merge(survivor: Holdings, absorbed: Holdings) -> list[Problem]:
    """Every reason why the two cannot be made one."""
    acts = {survivor.birth_act, absorbed.birth_act} - {None}
    numbers = {survivor.snils, absorbed.snils} - {None}
    same = survivor.person == absorbed.person
    return _problems(
        (rules.SAME_PERSON, same),
        (rules.SURVIVOR_MERGED, survivor.merged_into is not None),
        (rules.ABSORBED_MERGED, absorbed.merged_into is not None),
        (rules.MERGE_SNILS, len(numbers) > 1),
        (rules.MERGE_ACTS, len(acts) > 1),
        (rules.MERGE_OVERLAP, not same and _overlap(survivor.enrolments, absorbed.enrolments)),
    )


def _overlap(left: Iterable[Enrolment], right: Iterable[Enrolment]) -> bool:
    """Whether one child would study two main programmes at a time, in two organisations.

    The same enrolment told by two sources is one of the organisation and programme: not an overlap.
    """
    return any(
        one.covers(two.begins_on) or two.covers(one.begins_on)
        for one, two in product(left, tuple(right))
        if is_main_programme(one.programme_code)
        and is_main_programme(two.programme_code)
        and (one.organisation_id, one.programme_code) != (two.organisation_id, two.programme_code)
    )


def plan_merge(survivor: Holdings, absorbed: Holdings, mandate: Mandate) -> MergePlan:
    """All that `absorbed` has goes to `survivor`.

    Raises `RegistryError` with the key of the first problem of `check_merge`.
    """
    _raise_first(check_merge(survivor, absorbed))
    return MergePlan(mandate, survivor.person, absorbed.person, absorbed.facts)


def check_split(holdings: Holdings, records: frozenset[RecordRef]) -> list[Problem]:
    """Every reason why `records` cannot be taken away from the person."""
    return _problems(
        (rules.SPLIT_MERGED, holdings.merged_into is not None),
        (rules.SPLIT_NOTHING, not records),
        (rules.SPLIT_UNKNOWN, bool(records - holdings.records)),
        (rules.SPLIT_EVERYTHING, bool(records) and not holdings.records - records),
    )


def plan_split(
    holdings: Holdings, records: frozenset[RecordRef], other: PersonId, mandate: Mandate
) -> SplitPlan:
    """Whatever came with `records` goes to `other`, a new person or a merged one brought back.

    What was entered in the register itself stays. Raises `RegistryError` with the key of the first
    problem of `check_split`.
    """
    _raise_first(check_split(holdings, records))
    return SplitPlan(mandate, holdings.person, other, _came_with(holdings, records))


def undo_merge(plan: MergePlan, survivor: Holdings, mandate: Mandate) -> SplitPlan:
    """The way back: what moved and is still there, and what its records have brought since."""
    records = frozenset(
        each.origin for each in plan.moves if each.kind is FactKind.RECORD and each.origin
    )
    moves = (plan.moves & survivor.facts) | _came_with(survivor, records)
    return SplitPlan(mandate, plan.survivor, plan.absorbed, moves, plan.mandate.id)


def undo_split(plan: SplitPlan, other: Holdings, mandate: Mandate) -> MergePlan:
    """The way back: all that the person who was split off has by now."""
    return MergePlan(mandate, plan.person, plan.other, other.facts, plan.mandate.id)


def _came_with(holdings: Holdings, records: frozenset[RecordRef]) -> frozenset[Fact]:
    return frozenset(each for each in holdings.facts if each.origin in records)


def _problems(*checked: tuple[Rule, bool]) -> list[Problem]:
    return [rule.problem() for rule, is_broken in checked if is_broken]


def _raise_first(problems: list[Problem]) -> None:
    if problems:
        raise RegistryError(problems[0].code)


def apply_merge(
    plan: MergePlan, survivor: Holdings, absorbed: Holdings
) -> tuple[Holdings, Holdings]:
    """Survivor and absorbed afterwards, for a dry run: only facts and the link are changed."""
    return (
        replace(survivor, facts=survivor.facts | plan.moves),
        replace(absorbed, facts=absorbed.facts - plan.moves, merged_into=plan.survivor),
    )


def apply_split(plan: SplitPlan, person: Holdings, other: Holdings) -> tuple[Holdings, Holdings]:
    """The person and the one split off afterwards, for a dry run: only facts and the link."""
    return (
        replace(person, facts=person.facts - plan.moves),
        replace(other, facts=other.facts | plan.moves, merged_into=None),
    )
