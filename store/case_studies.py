"""Where persons study, as the steps of cases need and change it: orders, enrolments, classes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from registry.identifiers import ClassGroupId, EnrolmentId, OrderId, OrganisationId, PersonId
from registry.model import ClassGroup, Enrolment, Order
from store.case_statements import CaseStatements
from store.errors import translated_errors
from store.tables import (
    MAIN_PROGRAMMES,
    class_groups,
    class_placements,
    enrolments,
    orders,
    organisations,
)
from store.vacancies import free_seats, seats_taken

# In ОКТМО the third to fifth digits tell the municipal district or okrug, which runs the schools;
# what follows are its settlements. Source: ОК 033-2013, introduction.
_MUNICIPALITY_DIGITS = 5


class CaseStudies(CaseStatements):
    """The part of the register's `CaseStore` that knows enrolments. Raises `StoreError`."""

    def organisation_exists(self, organisation_id: OrganisationId) -> bool:
        """Whether the register knows the organisation."""
        statement = select(organisations.c.id).where(organisations.c.id == organisation_id)
        return bool(self._rows(statement))

    def same_municipality(self, one: OrganisationId, other: OrganisationId) -> bool:
        """Whether two organisations lie in one municipality, by ОКТМО."""
        statement = select(organisations.c.oktmo).where(organisations.c.id.in_((one, other)))
        codes = [row["oktmo"] for row in self._rows(statement)]
        known = len(codes) == 2 and None not in codes
        return known and len({code[:_MUNICIPALITY_DIGITS] for code in codes}) == 1

    def lock_class(self, class_group_id: ClassGroupId) -> ClassGroup | None:
        """The class, locked."""
        row = self._locked(class_groups, class_group_id)
        return None if row is None else _to_class(row)

    def class_on(self, enrolment_id: EnrolmentId, day: date) -> ClassGroup | None:
        """The class in which an enrolled person sat on a day."""
        seats = class_placements.c
        statement = (
            select(class_groups)
            .join(class_placements, seats.class_group_id == class_groups.c.id)
            .where(
                seats.enrolment_id == enrolment_id,
                ~seats.retracted,
                seats.begins_on <= day,
                or_(seats.ends_on.is_(None), seats.ends_on >= day),
            )
        )
        rows = self._rows(statement)
        return _to_class(rows[0]) if rows else None

    def seats_taken(self, class_group_id: ClassGroupId, day: date) -> int:
        """How many sit in a class on a day, or are to from later on."""
        with translated_errors():
            return seats_taken(self._connection, class_group_id, day)

    def free_seats(self, organisation_id: OrganisationId, parallel: int | None, day: date) -> int:
        """Places left in the classes of an organisation on a day; its classes are locked."""
        with translated_errors():
            return free_seats(self._connection, organisation_id, parallel, day)

    def main_enrolments(self, person_id: PersonId) -> Sequence[Enrolment]:
        """The person's enrolments in main programmes, the earliest first."""
        statement = (
            select(enrolments)
            .where(
                enrolments.c.person_id == person_id,
                enrolments.c.programme_code.in_(MAIN_PROGRAMMES),
                ~enrolments.c.retracted,
            )
            .order_by(enrolments.c.begins_on)
        )
        return [_to_enrolment(row, None) for row in self._rows(statement)]

    def enrolment(self, enrolment_id: EnrolmentId) -> tuple[PersonId, Enrolment] | None:
        """An enrolment and whose it is, with the last class it sat in."""
        rows = self._rows(
            select(enrolments).where(enrolments.c.id == enrolment_id, ~enrolments.c.retracted)
        )
        if not rows:
            return None
        seats = self._placements(enrolment_id)
        group = seats[-1]["class_group_id"] if seats else None
        return rows[0]["person_id"], _to_enrolment(rows[0], group)

    def add_order(self, order: Order, *, at: datetime) -> OrderId:
        """Keep an order; the id of the same one when it is known already."""
        row = {
            "id": order.id,
            "organisation_id": order.organisation_id,
            "number": order.number,
            "issued_on": order.issued_on,
            "kind": order.kind.value,
            "effective_on": order.effective_on,
            "recorded_at": at,
        }
        # One order is for many pupils: who writes it at the same time isn't in the way.
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        with translated_errors():
            self._connection.execute(dialect.insert(orders).on_conflict_do_nothing(), [row])
        statement = select(orders.c.id).where(
            orders.c.organisation_id == order.organisation_id,
            orders.c.number == order.number,
            orders.c.issued_on == order.issued_on,
            orders.c.kind == order.kind.value,
        )
        return OrderId(self._rows(statement)[0]["id"])

    def add_enrolment(self, person_id: PersonId, enrolment: Enrolment, *, at: datetime) -> None:
        """Keep a new enrolment and its class."""
        row = {
            "id": enrolment.id,
            "person_id": person_id,
            "organisation_id": enrolment.organisation_id,
            "begins_on": enrolment.begins_on,
            "ends_on": enrolment.ends_on,
            "form_code": enrolment.form_code,
            "programme_code": enrolment.programme_code,
            "funding_code": enrolment.funding_code,
            "realisation_code": enrolment.realisation_code,
            "entry_reason": enrolment.entry_reason,
            "entry_order_id": enrolment.entry_order_id,
            "recorded_at": at,
        }
        self._insert(enrolments, row)
        if enrolment.class_group_id is not None:
            self._seat(enrolment, enrolment.class_group_id, enrolment.begins_on, at)

    def end_enrolment(
        self,
        enrolment_id: EnrolmentId,
        *,
        ends_on: date,
        reason: str | None,
        order_id: OrderId | None,
        at: datetime,
    ) -> None:
        """End an enrolment and its class."""
        changes = {"ends_on": ends_on, "exit_reason": reason, "exit_order_id": order_id}
        self._change(enrolments, enrolment_id, changes, at)
        self._end_placements(enrolment_id, ends_on, at)

    def place_in_class(
        self, enrolment_id: EnrolmentId, group: ClassGroup, *, begins_on: date, at: datetime
    ) -> None:
        """Seat an enrolled person in a class from a day on; the former class ends before."""
        self._end_placements(enrolment_id, begins_on - timedelta(days=1), at)
        found = self.enrolment(enrolment_id)
        if found is not None:
            self._seat(found[1], group.id, begins_on, at)

    def _placements(self, enrolment_id: EnrolmentId) -> list[dict[str, Any]]:
        return self._rows(
            select(class_placements)
            .where(class_placements.c.enrolment_id == enrolment_id, ~class_placements.c.retracted)
            .order_by(class_placements.c.begins_on)
        )

    def _end_placements(self, enrolment_id: EnrolmentId, ends_on: date, at: datetime) -> None:
        for row in self._placements(enrolment_id):
            if row["begins_on"] > ends_on:
                self._change(class_placements, row["id"], {"retracted": True}, at)
            elif row["ends_on"] is None or row["ends_on"] > ends_on:
                self._change(class_placements, row["id"], {"ends_on": ends_on}, at)

    def _seat(
        self, enrolment: Enrolment, class_group_id: ClassGroupId, begins_on: date, at: datetime
    ) -> None:
        row = {
            "id": self.new_id(),
            "enrolment_id": enrolment.id,
            "organisation_id": enrolment.organisation_id,
            "class_group_id": class_group_id,
            "begins_on": begins_on,
            "ends_on": enrolment.ends_on,
            "recorded_at": at,
        }
        self._insert(class_placements, row)


def _to_class(row: dict[str, Any]) -> ClassGroup:
    return ClassGroup(
        id=row["id"],
        organisation_id=row["organisation_id"],
        parallel=row["parallel"],
        letter=row["letter"],
        school_year=row["school_year"],
        shift=row["shift"],
        capacity=row["capacity"],
        language_code=row["language_code"],
        programme_id=row["programme_id"],
    )


def _to_enrolment(row: dict[str, Any], class_group_id: ClassGroupId | None) -> Enrolment:
    return Enrolment(
        id=row["id"],
        organisation_id=row["organisation_id"],
        class_group_id=class_group_id,
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        form_code=row["form_code"],
        programme_code=row["programme_code"],
        entry_reason=row["entry_reason"],
        exit_reason=row["exit_reason"],
        funding_code=row["funding_code"],
        realisation_code=row["realisation_code"],
        entry_order_id=row["entry_order_id"],
        exit_order_id=row["exit_order_id"],
    )
