"""Enrolments that a source tells beside the present one, with their classes and orders.

An enrolment is known again by its record, else by person, organisation, programme and first day,
whoever told it. One that a record no longer names, because its person, place or first day was
corrected, is retracted unless another record names it too. Of main programmes none may overlap
another: unlike a present enrolment, a past one ends nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from registry.ports import WriteOutcome
from registry.sources import SourceStudy
from store.links import Link, Tally, content_hash, known_values, select_in
from store.orders import OrderKey, load_orders
from store.placements import load_placements
from store.references import References, load_groups, load_references
from store.studies import load_claims
from store.study_rows import KnownStudies, StudyRows
from store.tables import enrolments


def write_studies(
    connection: Connection,
    source: str,
    records: Sequence[SourceStudy],
    links: Mapping[str, Link],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> WriteOutcome:
    """Write a batch; `links` are those of its records. Raises the errors of SQLAlchemy."""
    tally = Tally(source, recorded_at)
    differing: list[tuple[SourceStudy, bytes]] = []
    for record in records:
        digest = _hash(record)
        if not tally.is_unchanged(links.get(record.source_id), record.version, digest):
            differing.append((record, digest))
    if differing:
        told = [record for record, _ in differing]
        batch = _load(connection, tally, told, links, new_id=new_id, recorded_at=recorded_at)
        for record, digest in differing:
            batch.take(record, digest)
        batch.write(connection)
    tally.write(connection)
    return tally.outcome()


def _load(
    connection: Connection,
    tally: Tally,
    records: Sequence[SourceStudy],
    links: Mapping[str, Link],
    *,
    new_id: Callable[[], UUID],
    recorded_at: datetime,
) -> StudyRows:
    references = load_references(
        connection,
        tally.source,
        pupils={record.pupil_source_id for record in records},
        organisations={record.organisation_source_id for record in records},
    )
    groups = load_groups(
        connection,
        tally.source,
        {class_id for record in records for class_id, _, _ in record.placements},
    )
    person_ids = {each.person_id for each in references.pupils.values()}
    standing = select(enrolments).where(~enrolments.c.retracted)
    found = {
        row[0]: known_values(enrolments, row)
        for column, ids in (
            (enrolments.c.person_id, person_ids),
            (enrolments.c.id, {link.entity_id for link in links.values()}),
        )
        for row in select_in(connection, standing, column, ids)
    }
    return StudyRows(
        tally,
        KnownStudies(
            rows=found,
            links=links,
            claims=load_claims(connection, list(found)),
            references=references,
            groups=groups,
        ),
        placements=load_placements(connection, list(found), new_id=new_id, recorded_at=recorded_at),
        orders=load_orders(connection, _orders_of(records, references), recorded_at),
        new_id=new_id,
        recorded_at=recorded_at,
    )


def _orders_of(records: Sequence[SourceStudy], references: References) -> set[OrderKey]:
    named = set()
    for record in records:
        organisation_id = references.organisations.get(record.organisation_source_id)
        for order in (record.entry_order, record.exit_order):
            if organisation_id is not None and order is not None:
                named.add(OrderKey(organisation_id, order[0].strip(), order[1]))
    return named


def _hash(record: SourceStudy) -> bytes:
    def day(value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    return content_hash(
        record.pupil_source_id,
        record.organisation_source_id,
        day(record.begins_on),
        day(record.ends_on),
        record.form_code,
        record.programme_code,
        record.entry_reason,
        record.exit_reason,
        [[class_id, day(first), day(last)] for class_id, first, last in record.placements],
        [[order[0], day(order[1])] for order in (record.entry_order, record.exit_order) if order],
        record.entry_order is None,
    )
