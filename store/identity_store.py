"""Merges and splits of persons, and the queue of uncertain matches, in the database.

Whatever is decided goes into `identity_decisions` with all that it moved. When something speaks
against it, nothing is done and every problem is told. Persons are locked in the order of their ids,
after the lock of imports, so that of two that want the same persons one waits and then sees what
the other did. Raises `StoreError`.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, select

from registry.identifiers import EnrolmentId, OrganisationId, PersonId
from registry.identity import rules
from registry.identity.merging import Holdings, check_merge
from registry.identity.records import RecordRef
from registry.model import Enrolment
from registry.problems import Problem
from store.engine import vault_of
from store.errors import translated_errors
from store.import_lock import take_import_lock
from store.links import LinkKind
from store.person_moves import (
    HOLDINGS,
    Moved,
    key_of,
    load_rows,
    movable,
    move,
    not_before,
)
from store.person_numbers import NUMBERS, move_number, write_person
from store.sealing import Sealing
from store.splits import came_with, plan_new_person
from store.tables import (
    application_choices,
    enrolments,
    identity_conflicts,
    identity_decisions,
    persons,
    representatives,
    source_links,
    transfer_cases,
)


@dataclass(frozen=True, slots=True)
class Mandate:
    """Whose word a decision is, why, and when."""

    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What a merge or split came to; with `problems` nothing was done.

    `moved` tells by "table.column" the keys of the rows that went, and under "numbers" what went of
    the person's own row.
    """

    kept: UUID
    absorbed: UUID | None
    moved: Mapping[str, Sequence[Any]]
    problems: tuple[Problem, ...] = ()
    id: UUID | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind went."""
        return {name: len(keys) for name, keys in self.moved.items() if keys}


class IdentityStore:
    """Merges and splits on one connection; `new_id` makes the ids of decisions and persons."""

    def __init__(self, connection: Connection, *, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self._sealing = Sealing(vault_of(connection))
        self._new_id = new_id

    # --- merge ---------------------------------------------------------------------------------

    def merge(self, kept: UUID, absorbed: UUID, mandate: Mandate) -> Change:
        """Make one person of two: all that `absorbed` has goes to `kept`."""
        with translated_errors():
            take_import_lock(self._connection)
            rows = self._lock(kept, absorbed)
            problems = _check_mandate(mandate) + self._check_merge(rows, kept, absorbed)
            if problems:
                return Change(kept, absorbed, {}, tuple(problems))
            moved = self._move_all(absorbed, kept, mandate.at)
            moved["numbers"] = self._merge_rows(rows[kept], rows[absorbed], mandate.at)
            return self._keep("merge", kept, absorbed, moved, mandate)

    def _check_merge(
        self, rows: Mapping[UUID, RowMapping], kept: UUID, absorbed: UUID
    ) -> list[Problem]:
        missing = {kept, absorbed} - rows.keys()
        if missing:
            return [
                rules.MERGE_UNKNOWN.problem("kept" if each == kept else "absorbed")
                for each in sorted(missing)
            ]
        problems = check_merge(self._holdings(rows[kept]), self._holdings(rows[absorbed]))
        if kept != absorbed:
            checks = (
                (rules.MERGE_APPLICATIONS, self._share_application(kept, absorbed)),
                (rules.MERGE_TRANSFERS, self._share_transfer(kept, absorbed)),
                (rules.MERGE_FAMILY, self._are_family(kept, absorbed)),
            )
            problems += [rule.problem() for rule, is_broken in checks if is_broken]
        return problems

    def _holdings(self, row: RowMapping) -> Holdings:
        person_id, snils, act = row["id"], row["snils_sealed"], row["birth_act_sealed"]
        merged = row["merged_into"]
        opened = None if act is None else self._sealing.open_birth_act(person_id, bytes(act))
        (holding,) = (each for each in HOLDINGS if each.table is enrolments)
        return Holdings(
            person=PersonId(person_id),
            facts=frozenset(),
            snils=None if snils is None else self._sealing.open_snils(person_id, bytes(snils)),
            birth_act=None if opened is None else opened.number,
            enrolments=tuple(
                _to_enrolment(each)
                for each in load_rows(self._connection, holding, person_id)
                if not each["retracted"]
            ),
            merged_into=None if merged is None else PersonId(merged),
        )

    def _share_application(self, one: UUID, other: UUID) -> bool:
        columns = application_choices.c
        statement = select(
            columns.person_id,
            columns.school_year,
            columns.organisation_id,
            columns.kind,
            columns.programme_code,
        ).where(columns.person_id.in_((one, other)), columns.live)
        named: dict[UUID, set[tuple[Any, ...]]] = {one: set(), other: set()}
        for person_id, year, organisation, kind, programme in self._connection.execute(statement):
            circle = (programme or "",) if kind == "additional" else ()
            named[person_id].add((year, organisation, *circle))
        return bool(named[one] & named[other])

    def _share_transfer(self, one: UUID, other: UUID) -> bool:
        columns = transfer_cases.c
        statement = select(columns.id).where(columns.person_id.in_((one, other)), columns.live)
        return len(self._connection.execute(statement).all()) > 1

    def _are_family(self, one: UUID, other: UUID) -> bool:
        columns = representatives.c
        statement = select(columns.id).where(
            columns.child_id.in_((one, other)), columns.person_id.in_((one, other))
        )
        return bool(self._connection.execute(statement.limit(1)).all())

    def _move_all(self, from_id: UUID, to_id: UUID, at: datetime) -> Moved:
        moved: Moved = {}
        for holding in HOLDINGS:
            rows = movable(self._connection, holding, from_id, to_id)
            moved[holding.name] = move(self._connection, self._sealing, holding, rows, to_id, at=at)
        return moved

    def _merge_rows(self, kept: RowMapping, absorbed: RowMapping, at: datetime) -> list[str]:
        """Numbers that only the absorbed has go along; it then leads to the one who stays."""
        to_row, from_row = dict(kept), dict(absorbed)
        going = [
            each.name
            for each in NUMBERS
            if from_row[each.index] is not None and to_row[each.index] is None
        ]
        for each in NUMBERS:
            if each.name in going:
                move_number(self._sealing, each, from_row, to_row)
        from_row["merged_into"] = to_row["id"]
        write_person(self._connection, from_row, at)
        if going:
            write_person(self._connection, to_row, at)
        return going

    # --- split ---------------------------------------------------------------------------------

    def split(self, decision_id: UUID, mandate: Mandate) -> Change:
        """Take a merge back: whoever was absorbed gets what moved, and what came with it since."""
        with translated_errors():
            take_import_lock(self._connection)
            decision = self._decision(decision_id)
            if decision is None or decision["kind"] != "merge":
                return Change(decision_id, None, {}, (rules.SPLIT_NO_MERGE.problem(),))
            kept, absorbed = decision["kept_id"], decision["absorbed_id"]
            rows = self._lock(kept, absorbed)
            problems = _check_mandate(mandate)
            if self._is_reversed(decision_id):
                problems.append(rules.SPLIT_DECIDED.problem())
            elif rows[absorbed]["merged_into"] != kept:
                problems.append(rules.SPLIT_UNDONE.problem())
            if rows[kept]["merged_into"] is not None:
                problems.append(rules.SPLIT_MERGED.problem())
            if problems:
                return Change(kept, absorbed, {}, tuple(problems))
            moved = self._move_back(json.loads(decision["moved"]), kept, absorbed, mandate.at)
            moved["numbers"] = self._part_rows(decision, rows[kept], rows[absorbed], mandate.at)
            self._part_conflicts(kept, moved, mandate)
            return self._keep("split", kept, absorbed, moved, mandate, reverses=decision_id)

    def split_records(
        self, person_id: UUID, records: Collection[RecordRef], mandate: Mandate
    ) -> Change:
        """Give what came with `records` of a person to a new one, by what their sources told."""
        with translated_errors():
            take_import_lock(self._connection)
            rows = self._lock(person_id)
            if person_id not in rows:
                return Change(person_id, None, {}, (rules.MERGE_UNKNOWN.problem("person"),))
            plan = plan_new_person(
                self._connection, self._sealing, dict(rows[person_id]), frozenset(records)
            )
            problems = _check_mandate(mandate) + plan.problems
            if problems:
                return Change(person_id, None, {}, tuple(problems))
            other = self._new_id()
            numbers = plan.write_persons(other, mandate.at)
            moved = self._move_rows(plan.moves, person_id, other, mandate.at)
            moved["numbers"] = list(numbers)
            return self._keep("split", person_id, other, moved, mandate)

    def _move_back(
        self, merged: Mapping[str, Sequence[Any]], kept: UUID, absorbed: UUID, at: datetime
    ) -> Moved:
        links = merged.get("source_links.entity_id", ())
        records = {RecordRef(key[0], key[2]) for key in links if key[1] == LinkKind.PUPIL.value}
        since = came_with(self._connection, self._sealing, kept, records)
        wanted = {
            holding.name: {_hashable(key) for key in merged.get(holding.name, ())}
            | {_hashable(key) for key in since.get(holding.name, ())}
            for holding in HOLDINGS
        }
        return self._move_rows(wanted, kept, absorbed, at)

    def _move_rows(
        self, wanted: Mapping[str, Collection[Any]], from_id: UUID, to_id: UUID, at: datetime
    ) -> Moved:
        moved: Moved = {}
        for holding in HOLDINGS:
            keys = {_hashable(key) for key in wanted.get(holding.name, ())}
            if not keys:
                continue
            rows = [
                row
                for row in movable(self._connection, holding, from_id, to_id)
                if _hashable(key_of(holding.table, row)) in keys
            ]
            moved[holding.name] = move(self._connection, self._sealing, holding, rows, to_id, at=at)
        return moved

    def _part_rows(
        self,
        decision: RowMapping,
        kept: RowMapping,
        absorbed: RowMapping,
        at: datetime,
    ) -> list[str]:
        went = json.loads(decision["moved"]).get("numbers", ())
        from_row, to_row = dict(kept), dict(absorbed)
        back = [
            each.name for each in NUMBERS if each.name in went and from_row[each.index] is not None
        ]
        for each in NUMBERS:
            if each.name in back:
                move_number(self._sealing, each, from_row, to_row)
        to_row["merged_into"] = None
        if back:
            write_person(self._connection, from_row, at)
        write_person(self._connection, to_row, at)
        return back

    def _part_conflicts(self, kept: UUID, moved: Moved, mandate: Mandate) -> None:
        """A conflict that had been decided for the other way is decided for this one."""
        columns = identity_conflicts.c
        for source, kind, source_id in moved.get("source_links.entity_id", ()):
            if kind != LinkKind.PUPIL.value:
                continue
            self._connection.execute(
                identity_conflicts.update()
                .where(
                    columns.source == source,
                    columns.source_id == source_id,
                    columns.state == "joined",
                    columns.person_id == kept,
                )
                .values(
                    state="separate",
                    person_id=None,
                    decided_by=mandate.actor.strip(),
                    reason=mandate.reason.strip(),
                    version=columns.version + 1,
                    recorded_at=not_before(columns.recorded_at, mandate.at),
                )
            )

    # --- what both need ------------------------------------------------------------------------

    def standing(self, person_id: UUID) -> UUID | None:
        """Who stands for a person: the one who holds the facts; None when there is nobody."""
        statement = select(persons.c.merged_into).where(persons.c.id == person_id)
        with translated_errors():
            row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        return person_id if row[0] is None else self.standing(row[0])

    def holder(self, record: RecordRef) -> UUID | None:
        """With whom a source's record stands; None for a record that is not known."""
        columns = source_links.c
        statement = select(columns.entity_id).where(
            columns.source == record.source,
            columns.kind == LinkKind.PUPIL.value,
            columns.source_id == record.source_id,
        )
        with translated_errors():
            person_id = self._connection.execute(statement).scalar_one_or_none()
        return None if person_id is None else self.standing(person_id)

    def decisions_of(self, person_id: UUID) -> list[dict[str, Any]]:
        """Merges and splits that a person was part of, the latest first."""
        columns = identity_decisions.c
        statement = select(identity_decisions).where(
            (columns.kept_id == person_id) | (columns.absorbed_id == person_id)
        )
        with translated_errors():
            rows = self._connection.execute(
                statement.order_by(columns.at.desc(), columns.id)
            ).mappings()
            return [dict(row) for row in rows]

    def _decision(self, decision_id: UUID) -> RowMapping | None:
        statement = select(identity_decisions).where(identity_decisions.c.id == decision_id)
        return self._connection.execute(statement).mappings().one_or_none()

    def _is_reversed(self, decision_id: UUID) -> bool:
        statement = select(identity_decisions.c.id).where(
            identity_decisions.c.reverses == decision_id
        )
        return bool(self._connection.execute(statement).all())

    def _lock(self, *person_ids: UUID) -> dict[UUID, RowMapping]:
        statement = (
            select(persons)
            .where(persons.c.id.in_(set(person_ids)))
            .order_by(persons.c.id)
            .with_for_update()
        )
        return {row["id"]: row for row in self._connection.execute(statement).mappings()}

    def _keep(
        self,
        kind: str,
        kept: UUID,
        absorbed: UUID,
        moved: Moved,
        mandate: Mandate,
        *,
        reverses: UUID | None = None,
    ) -> Change:
        decision_id = self._new_id()
        told = {name: keys for name, keys in moved.items() if keys}
        self._connection.execute(
            identity_decisions.insert(),
            {
                "id": decision_id,
                "kind": kind,
                "kept_id": kept,
                "absorbed_id": absorbed,
                "moved": json.dumps(told, separators=(",", ":")),
                "at": mandate.at,
                "actor": mandate.actor.strip(),
                "reason": mandate.reason.strip(),
                "reverses": reverses,
            },
        )
        return Change(kept, absorbed, told, id=decision_id)


def _hashable(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key


def _check_mandate(mandate: Mandate) -> list[Problem]:
    problems = []
    if not mandate.actor.strip():
        problems.append(rules.BY_MISSING.problem("actor"))
    if not mandate.reason.strip():
        problems.append(rules.REASON_MISSING.problem())
    return problems


def _to_enrolment(row: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        id=EnrolmentId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        class_group_id=None,
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        form_code=row["form_code"],
        programme_code=row["programme_code"],
        entry_reason=row["entry_reason"],
    )
