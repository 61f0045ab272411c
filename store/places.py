"""How many places are left, counted under a lock.

Of an intake with quotas: their places, less what live applications hold and admissions took. Of one
without: the seats of the classes of that parallel and year, less those taken.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from registry.model import Application, ApplicationKind
from store.tables import applications, class_groups, class_placements, place_quotas

# States in which an application holds a place, or has taken one.
_HOLDING = ("offered", "consent_review", "contract", "recommended", "originals_given", "enrolled")


def free_places(connection: Connection, application: Application, organisation_id: UUID) -> int:
    """Places of an organisation for an application, neither taken nor offered to others."""
    programme = _programme_of(application, organisation_id)
    quotas = (
        select(place_quotas.c.places)
        .where(
            place_quotas.c.organisation_id == organisation_id,
            place_quotas.c.school_year == application.school_year,
            place_quotas.c.parallel == application.parallel,
            place_quotas.c.programme_code == programme,
        )
        .order_by(place_quotas.c.id)
        .with_for_update()
    )
    places: list[int] = list(connection.execute(quotas).scalars())
    held = _held(connection, application, organisation_id)
    if places:
        return sum(places) - held
    # A holder who is enrolled has a seat; who is only offered a place has none yet.
    seats = free_seats(
        connection,
        organisation_id,
        application.parallel,
        date(application.school_year, 9, 1),
    )
    return seats - _held(connection, application, organisation_id, seated=False)


def _programme_of(application: Application, organisation_id: UUID) -> str:
    if application.kind in (ApplicationKind.SCHOOL, ApplicationKind.KINDERGARTEN):
        return ""
    for choice in application.choices:
        if choice.organisation_id == organisation_id:
            return choice.programme_code or ""
    return ""


def _held(
    connection: Connection,
    application: Application,
    organisation_id: UUID,
    *,
    seated: bool = True,
) -> int:
    states = _HOLDING if seated else tuple(each for each in _HOLDING if each != "enrolled")
    table = applications.c
    statement = select(func.count()).where(
        table.kind == application.kind.value,
        table.school_year == application.school_year,
        table.parallel == application.parallel,
        table.offered_id == organisation_id,
        table.state.in_(states),
        table.id != application.id,
    )
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
    school_year = day.year if day.month >= 9 else day.year - 1
    groups = select(class_groups.c.id, class_groups.c.capacity).where(
        class_groups.c.organisation_id == organisation_id,
        class_groups.c.school_year == school_year,
    )
    if parallel is not None:
        groups = groups.where(class_groups.c.parallel == parallel)
    rows = connection.execute(groups.order_by(class_groups.c.id).with_for_update()).all()
    return sum(
        max(capacity - seats_taken(connection, group_id, day), 0)
        for group_id, capacity in rows
        if capacity is not None
    )
