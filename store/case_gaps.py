"""Finds the gaps: one statement a kind, over the whole register."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from registry.calendar import local_day
from registry.gaps import (
    ADULT_YEARS,
    ON_THE_WAY_DAYS,
    SETTLED_REASONS,
    UNACKNOWLEDGED_STATES,
    Gap,
    GapKind,
    school_age_births,
    to_study_since,
    years_before,
)
from registry.procedures.states import TransferState
from store.errors import translated_errors
from store.tables import (
    MAIN_PROGRAMMES,
    addresses,
    certificates,
    enrolments,
    persons,
    transfer_cases,
)

_STAGE_CERTIFICATES = ("11", "12")
_RECEIVES = (TransferState.RECEIVED, TransferState.ENROLLED, TransferState.DOCUMENTS_ISSUED)


class GapQueries:
    """The register's gaps on one connection, of persons that weren't merged into others.

    Each gives the longest open first. Raises `StoreError`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(
        self, today: date, zone: tzinfo, *, kind: GapKind | None = None, oktmo: str | None = None
    ) -> list[Gap]:
        """The gaps on a day of the region, of one kind or of all.

        `oktmo`: how the code of an address in the region begins; without it any address counts.
        """
        found: list[Gap] = []
        with translated_errors():
            if kind in (None, GapKind.TRANSFER_NOT_ACKNOWLEDGED):
                found += self._unacknowledged(today, zone)
            if kind in (None, GapKind.NO_ARRIVAL):
                found += self._watched(today, zone)
                found += self._no_arrival(today)
            if kind in (None, GapKind.NOT_ENROLLED):
                found += self._not_enrolled(today, oktmo)
        return sorted(found, key=lambda gap: (gap.since, gap.kind, gap.person_id))

    def _unacknowledged(self, today: date, zone: tzinfo) -> Iterator[Gap]:
        case = transfer_cases.c
        long_ago = datetime.combine(today - timedelta(days=ON_THE_WAY_DAYS), time(), zone)
        late = or_(case.due_on < today, case.state_since < long_ago)
        for row in self._connection.execute(
            _transfers().where(case.state.in_(sorted(UNACKNOWLEDGED_STATES)), late)
        ):
            # Who has the pupil is to act; until then who gives the documents.
            asked = row.to_id if row.state in _RECEIVES else row.from_id
            yield Gap(
                GapKind.TRANSFER_NOT_ACKNOWLEDGED,
                local_day(row.state_since, zone),
                row.person_id,
                asked or row.from_id or row.to_id,
                row.id,
            )

    def _watched(self, today: date, zone: tzinfo) -> Iterator[Gap]:
        case = transfer_cases.c
        statement = _transfers().where(
            case.state == TransferState.WATCHED.value, case.due_on < today
        )
        for row in self._connection.execute(statement):
            since = local_day(row.state_since, zone)
            yield Gap(GapKind.NO_ARRIVAL, since, row.person_id, row.from_id, row.id)

    def _no_arrival(self, today: date) -> Iterator[Gap]:
        left, later = enrolments.alias("left"), enrolments.alias("later")
        statement = (
            select(left.c.person_id, left.c.organisation_id, left.c.ends_on)
            .join(persons, persons.c.id == left.c.person_id)
            .where(
                persons.c.merged_into.is_(None),
                persons.c.birth_date > years_before(today, ADULT_YEARS),
                left.c.programme_code.in_(MAIN_PROGRAMMES),
                ~left.c.retracted,
                left.c.ends_on < today - timedelta(days=ON_THE_WAY_DAYS),
                or_(
                    left.c.exit_reason.is_(None),
                    left.c.exit_reason.not_in(sorted(SETTLED_REASONS)),
                ),
                ~exists().where(
                    later.c.person_id == left.c.person_id,
                    later.c.programme_code.in_(MAIN_PROGRAMMES),
                    ~later.c.retracted,
                    later.c.begins_on > left.c.ends_on,
                ),
                ~exists().where(
                    transfer_cases.c.person_id == left.c.person_id, transfer_cases.c.live
                ),
                ~exists().where(
                    certificates.c.person_id == left.c.person_id,
                    certificates.c.type_code.in_(_STAGE_CERTIFICATES),
                    ~certificates.c.retracted,
                    certificates.c.issued_on >= left.c.begins_on,
                ),
            )
        )
        for row in self._connection.execute(statement):
            yield Gap(GapKind.NO_ARRIVAL, row.ends_on, row.person_id, row.organisation_id)

    def _not_enrolled(self, today: date, oktmo: str | None) -> Iterator[Gap]:
        first, last = school_age_births(today)
        lives_here: ColumnElement[bool] = and_(
            addresses.c.person_id == persons.c.id,
            addresses.c.kind == "registration",
            ~addresses.c.retracted,
            or_(addresses.c.begins_on.is_(None), addresses.c.begins_on <= today),
            or_(addresses.c.ends_on.is_(None), addresses.c.ends_on >= today),
        )
        if oktmo is not None:
            lives_here = and_(lives_here, addresses.c.oktmo.startswith(oktmo, autoescape=True))
        statement = (
            select(persons.c.id, persons.c.birth_date, func.min(addresses.c.begins_on).label("on"))
            .join(addresses, lives_here)
            .where(
                persons.c.merged_into.is_(None),
                persons.c.birth_date.between(first, last),
                ~exists().where(
                    enrolments.c.person_id == persons.c.id,
                    enrolments.c.programme_code.in_(MAIN_PROGRAMMES),
                    ~enrolments.c.retracted,
                ),
            )
            .group_by(persons.c.id, persons.c.birth_date)
        )
        for row in self._connection.execute(statement):
            since = to_study_since(row.birth_date)
            since = since if row.on is None else max(since, row.on)
            yield Gap(GapKind.NOT_ENROLLED, since, row.id, None)


def _transfers() -> Select[tuple[object, ...]]:
    return (
        select(transfer_cases)
        .join(persons, persons.c.id == transfer_cases.c.person_id)
        .where(transfer_cases.c.live, persons.c.merged_into.is_(None))
    )
