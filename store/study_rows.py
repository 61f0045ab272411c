"""The rows that a batch of past enrolments comes to: see `store.past_studies`."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.problems import Problem, Rule
from registry.sources import Refusal, SourceStudy
from store.links import Link, LinkKind, Tally
from store.orders import ENTRY, EXIT, OrderKey, Orders
from store.placements import Placements
from store.references import Group, References
from store.studies import are_overlapping
from store.tables import enrolments
from store.upsert import save

Row = dict[str, Any]

PUPIL_UNKNOWN = Rule("study.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре")
ORGANISATION_UNKNOWN = Rule(
    "study.organisation_unknown", "organisation_source_id", "Организация не найдена в реестре"
)
BEFORE_BIRTH = Rule("study.before_birth", "begins_on", "Зачисление раньше даты рождения")
CLASS_UNKNOWN = Rule("study.class_unknown", "placements", "Класс не найден в реестре")
CLASS_ELSEWHERE = Rule(
    "study.class_elsewhere", "placements", "Класс принадлежит другой организации"
)
REPEATED = Rule("study.repeated", "source_id", "В пакете уже есть запись об этом зачислении")
OVERLAPS = Rule(
    "study.overlaps",
    "begins_on",
    "Период пересекается с другим зачислением по основной программе",
    "приказ № 458, приказ № 240",
)
RULES = (
    PUPIL_UNKNOWN,
    ORGANISATION_UNKNOWN,
    BEFORE_BIRTH,
    CLASS_UNKNOWN,
    CLASS_ELSEWHERE,
    REPEATED,
    OVERLAPS,
)


@dataclass(frozen=True, slots=True)
class KnownStudies:
    """What the register holds of all that a batch names."""

    rows: Mapping[UUID, Row]
    links: Mapping[str, Link]
    claims: Mapping[UUID, int]
    references: References
    groups: Mapping[str, Group]


class StudyRows:
    """The enrolments that the records of a batch come to."""

    def __init__(
        self,
        tally: Tally,
        known: KnownStudies,
        *,
        placements: Placements,
        orders: Orders,
        new_id: Callable[[], UUID],
        recorded_at: datetime,
    ) -> None:
        self._tally = tally
        self._known = known
        self._rows = dict(known.rows)
        self._by_key = {_key(row): enrolment_id for enrolment_id, row in self._rows.items()}
        self._by_person: dict[UUID, set[UUID]] = {}
        for enrolment_id, row in self._rows.items():
            self._by_person.setdefault(row["person_id"], set()).add(enrolment_id)
        self._claims = Counter(known.claims)
        self._placements = placements
        self._orders = orders
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._taken: set[UUID] = set()
        self._retracted: list[Row] = []

    def take(self, record: SourceStudy, digest: bytes) -> None:
        """Plan a record, or refuse it with all that speaks against it."""
        problems = self._check_references(record)
        row: Row = {}
        if not problems:
            row = self._row(record)
            problems = self._check(record, row)
        if problems:
            self._tally.refuse(Refusal(record.source_id, tuple(problems)))
            return
        link = self._known.links.get(record.source_id)
        enrolment_id = self._by_key.get(_key(row))
        former = None if link is None else self._rows.get(link.entity_id)
        if former is not None and former["id"] != enrolment_id:
            self._part_with(former)
        if enrolment_id is None:
            enrolment_id = self._new_id()
        if former is None or former["id"] != enrolment_id:
            self._claims[enrolment_id] += 1
        self._plan(enrolment_id, row, record)
        self._tally.note(
            link, Link(LinkKind.STUDY, record.source_id, enrolment_id, record.version, digest)
        )

    def write(self, connection: Connection) -> None:
        """Write what was planned. Raises the errors of SQLAlchemy.

        Periods that become shorter go first, so that none overlaps another on the way.
        """
        self._orders.write(connection)
        stored = self._known.rows
        shorter: list[Row] = []
        others: list[Row] = []
        for row in (self._rows[each] for each in self._taken):
            before = stored.get(row["id"])
            ends_on = row["ends_on"] or date.max
            is_shorter = before is not None and ends_on <= (before["ends_on"] or date.max)
            (shorter if is_shorter else others).append(row)
        for rows in (self._retracted, shorter, others):
            save(connection, enrolments, rows, is_new=lambda row: row["id"] not in stored)
        self._placements.write(connection)

    def _check_references(self, record: SourceStudy) -> list[Problem]:
        known = self._known.references
        pupil = known.pupils.get(record.pupil_source_id)
        organisation = known.organisations.get(record.organisation_source_id)
        problems = []
        if pupil is None:
            problems.append(PUPIL_UNKNOWN.problem())
        elif record.begins_on < pupil.birth_date:
            problems.append(BEFORE_BIRTH.problem())
        if organisation is None:
            problems.append(ORGANISATION_UNKNOWN.problem())
        for index, (class_id, _, _) in enumerate(record.placements):
            group = self._known.groups.get(class_id)
            field = f"placements[{index}].class_source_id"
            if group is None:
                problems.append(CLASS_UNKNOWN.problem(field))
            elif organisation is not None and group.organisation_id != organisation:
                problems.append(CLASS_ELSEWHERE.problem(field))
        return problems

    def _check(self, record: SourceStudy, row: Row) -> list[Problem]:
        own = self._by_key.get(_key(row))
        if own in self._taken:
            return [REPEATED.problem()]
        link = self._known.links.get(record.source_id)
        replaced = None
        if link is not None and self._claims[link.entity_id] <= 1:
            replaced = link.entity_id
        for other_id in self._by_person.get(row["person_id"], ()):
            if other_id in (own, replaced):
                continue
            if are_overlapping(row, self._rows[other_id]):
                return [OVERLAPS.problem()]
        return []

    def _plan(self, enrolment_id: UUID, row: Row, record: SourceStudy) -> None:
        known = self._rows.get(enrolment_id, _UNTOLD)
        # What a source leaves out (a reason, an order known from elsewhere) stays.
        told = {name: value for name, value in row.items() if value is not None}
        self._rows[enrolment_id] = {
            **known,
            **told,
            "ends_on": row["ends_on"],
            "id": enrolment_id,
        }
        self._by_key[_key(row)] = enrolment_id
        self._by_person.setdefault(row["person_id"], set()).add(enrolment_id)
        self._taken.add(enrolment_id)
        if record.placements:
            periods = {
                begins_on: (self._known.groups[class_id].group_id, ends_on or record.ends_on)
                for class_id, begins_on, ends_on in record.placements
            }
            self._placements.replace(enrolment_id, row["organisation_id"], periods)
        else:
            self._placements.end(enrolment_id, record.ends_on)

    def _part_with(self, former: Row) -> None:
        former_id = former["id"]
        self._claims[former_id] -= 1
        if self._claims[former_id] > 0:
            return
        del self._rows[former_id], self._by_key[_key(former)]
        self._by_person[former["person_id"]].discard(former_id)
        self._taken.discard(former_id)
        self._retracted.append({**former, "retracted": True, "recorded_at": self._recorded_at})
        self._placements.retract(former_id)

    def _row(self, record: SourceStudy) -> Row:
        references = self._known.references
        organisation_id = references.organisations[record.organisation_source_id]

        def order(told: tuple[str, date] | None, kinds: Any) -> UUID | None:
            if told is None:
                return None
            return self._orders.take(OrderKey(organisation_id, told[0].strip(), told[1]), kinds)

        return {
            "person_id": references.pupils[record.pupil_source_id].person_id,
            "organisation_id": organisation_id,
            "begins_on": record.begins_on,
            "ends_on": record.ends_on,
            "form_code": record.form_code,
            "programme_code": record.programme_code,
            "entry_reason": record.entry_reason or None,
            "exit_reason": record.exit_reason or None,
            "entry_order_id": order(record.entry_order, ENTRY),
            "exit_order_id": order(record.exit_order, EXIT),
            "retracted": False,
            "recorded_at": self._recorded_at,
        }


_UNTOLD: Row = {
    "funding_code": None,
    "realisation_code": None,
    "entry_reason": None,
    "exit_reason": None,
    "entry_order_id": None,
    "exit_order_id": None,
}


def _key(row: Row) -> tuple[Any, ...]:
    return row["person_id"], row["organisation_id"], row["programme_code"], row["begins_on"]
