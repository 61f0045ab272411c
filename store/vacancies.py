"""How many places are left, counted under a lock.

Of an intake with quotas: their places, less what live applications hold and admissions took. Of one
without: the seats of the classes of that parallel and year, less those taken.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from registry.cases.places import HOLDING_STATES, first_day_of, programme_of, school_year_of
from registry.model import Application, Choice
from store.tables import applications, class_groups, class_placements, place_quotas


def free_places(connection: Connection, application: Application, choice: Choice) -> int:
    """Places for a choice of an application, neither taken nor offered to others."""
    programme = programme_of(application.kind, choice.programme_code)
    quotas = (
        select(place_quotas.c.places)
        .where(
            place_quotas.c.organisation_id == choice.organisation_id,
            place_quotas.c.school_year == application.school_year,
            place_quotas.c.parallel == application.parallel,
            place_quotas.c.programme_code == (programme or ""),
        )
        .order_by(place_quotas.c.id)
        .with_for_update()
    )
    places: list[int] = list(connection.execute(quotas).scalars())
    if places:
        return sum(places) - _held(connection, application, choice.organisation_id, programme)
    # A holder who is enrolled has a seat; who is only offered a place has none yet.
    seats = free_seats(
        connection,
        choice.organisation_id,
        application.parallel,
        first_day_of(application.school_year),
    )
    return seats - _held(connection, application, choice.organisation_id, None, enrolled=False)


def _held(
    connection: Connection,
    application: Application,
    organisation_id: UUID,
    programme: str | None,
    *,
    enrolled: bool = True,
) -> int:
    states = HOLDING_STATES if enrolled else HOLDING_STATES - {"enrolled"}
    table = applications.c
    statement = select(func.count()).where(
        table.kind == application.kind.value,
        table.school_year == application.school_year,
        table.parallel == application.parallel,
        table.offered_id == organisation_id,
        table.state.in_(sorted(states)),
        table.id != application.id,
    )
    if programme is not None:
        statement = statement.where(table.offered_programme == programme)
    return connection.execute(statement).scalar_one()


def seats_taken(connection: Connection, class_group_id: UUID, day: date) -> int:
    """How many sit in a class on a day, or are to from later on."""
    statement = select(func.count()).where(
        class_placements.c.class_group_id == class_group_id,
        ~class_placements.c.retracted,
        or_(class_placements.c.ends_on.is_(None), class_placements.c.ends_on >= day),
    )
    taken: int = connection.execute(statement).scalar_one()
    return taken


def free_seats(
    connection: Connection, organisation_id: UUID, parallel: int | None, day: date
) -> int:
    """Places left in the classes of an organisation in the school year of a day; they are locked.

    `parallel` None counts all classes. A class whose capacity is not told has none to give.
    """
    groups = select(class_groups.c.id, class_groups.c.capacity).where(
        class_groups.c.organisation_id == organisation_id,
        class_groups.c.school_year == school_year_of(day),
    )
    if parallel is not None:
        groups = groups.where(class_groups.c.parallel == parallel)
    rows = connection.execute(groups.order_by(class_groups.c.id).with_for_update()).all()
    return sum(
        max(capacity - seats_taken(connection, group_id, day), 0)
        for group_id, capacity in rows
        if capacity is not None
    )
