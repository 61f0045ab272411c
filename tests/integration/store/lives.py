"""An invented person's life in the register, row by row, for tests of what is made of it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, select

from registry.identifiers import HealthItemId, PersonId
from registry.identity.folding import sound_code
from registry.model import BirthAct, HealthItem, HealthKind, IdentityDocument
from registry.names import normalize_name
from store.engine import WRITING, vault_of
from store.sealing import Sealing
from store.tables import (
    achievements,
    addresses,
    certificates,
    class_groups,
    class_placements,
    enrolments,
    exams,
    former_names,
    health_items,
    marks,
    orders,
    organisations,
    person_documents,
    persons,
    representatives,
)

FIRST = datetime(2024, 10, 1, 9, 0, tzinfo=UTC)
PUPIL, MOTHER, TWIN = (PersonId(UUID(int=number)) for number in (1, 2, 3))
SCHOOL, LYCEUM, CLUB = (UUID(int=number) for number in (11, 12, 13))
FIFTH, SIXTH, NINTH = (UUID(int=number) for number in (21, 22, 23))
AT_SCHOOL, AT_LYCEUM, AT_CLUB = (UUID(int=number) for number in (31, 32, 33))
ENTRY, EXIT = UUID(int=41), UUID(int=42)
IN_FIFTH, IN_SIXTH, IN_NINTH = (UUID(int=number) for number in (51, 52, 53))
CERTIFICATE, DOCUMENT, DISABILITY, GROUP = (UUID(int=number) for number in (61, 62, 63, 64))
SNILS = "11223344595"

# What no masked screen may hold.
SECRETS = (
    "Соловьёва",
    "Ёлкина",
    "Алёна",
    "Петровна",
    "Ольга",
    "2012-05-17",
    "17.05.2012",
    "112-233-445",
    "11223344595",
    "II-АН",
    "123456",
    "Лесная",
    "Приозёрск",
    "АБ-777",
    "00124000000777",
    "отдел ЗАГС",
    "диабет",
)


def row_of(table: Table, at: datetime, **values: Any) -> dict[str, Any]:
    """A whole row: what is not given is empty."""
    empty = {column.name: None for column in table.c if column.name not in ("version", "retracted")}
    more = {"retracted": False} if "retracted" in table.c else {}
    return {**empty, **more, **values, "recorded_at": at}


def write(engine: Engine, table: Table, *, at: datetime = FIRST, **values: Any) -> None:
    """Add a row that became known at a moment."""
    with engine.execution_options(**WRITING).begin() as connection:
        add(connection, table, at=at, **values)


def add(connection: Connection, table: Table, *, at: datetime = FIRST, **values: Any) -> None:
    connection.execute(table.insert().values(row_of(table, at, **values)))


def revise(engine: Engine, table: Table, row_id: UUID, *, at: datetime, **values: Any) -> None:
    """Write the next version of a row."""
    with engine.execution_options(**WRITING).begin() as connection:
        version = connection.scalar(select(table.c.version).where(table.c.id == row_id))
        assert version is not None
        connection.execute(
            table.update()
            .where(table.c.id == row_id)
            .values(**values, version=version + 1, recorded_at=at)
        )


def name_values(family: str, first: str, middle: str | None) -> dict[str, Any]:
    """Names and their search keys."""
    return {
        "family_name": family,
        "first_name": first,
        "middle_name": middle,
        "family_key": normalize_name(family),
        "first_key": normalize_name(first),
        "middle_key": normalize_name(middle or ""),
    }


def add_person(connection: Connection, person_id: PersonId, **values: Any) -> None:
    row = {
        "id": person_id,
        **name_values("Соловьёва", "Алёна", "Петровна"),
        "family_sound": sound_code("Соловьёва"),
        "first_sound": sound_code("Алёна"),
        "birth_date": date(2012, 5, 17),
        "sex": "female",
        "citizenship_code": "1",
        **values,
    }
    add(connection, persons, **row)


def live(engine: Engine) -> None:
    """Write the life of PUPIL: two schools, a club, results, a health card, a mother."""
    with engine.execution_options(**WRITING).begin() as connection:
        _add_places(connection)
        _add_family(connection)
        _add_studies(connection)
        _add_results(connection)
        _add_health(connection)


def _add_places(connection: Connection) -> None:
    for place_id, name in ((SCHOOL, "Школа № 1"), (LYCEUM, "Лицей № 2"), (CLUB, "Дом творчества")):
        add(connection, organisations, id=place_id, full_name=name)
    for group_id, place_id, parallel, year in (
        (FIFTH, SCHOOL, 5, 2023),
        (SIXTH, SCHOOL, 6, 2024),
        (NINTH, LYCEUM, 9, 2027),
    ):
        add(
            connection,
            class_groups,
            id=group_id,
            organisation_id=place_id,
            parallel=parallel,
            letter="А",
            school_year=year,
        )
    for order_id, number, issued_on, kind in (
        (ENTRY, "15-у", date(2023, 9, 4), "enrolment"),
        (EXIT, "31-у", date(2025, 1, 20), "expulsion"),
    ):
        add(
            connection,
            orders,
            id=order_id,
            organisation_id=SCHOOL,
            number=number,
            issued_on=issued_on,
            kind=kind,
            effective_on=issued_on,
        )


def _add_family(connection: Connection) -> None:
    sealing = Sealing(vault_of(connection))
    snils = sealing.seal_snils(PUPIL, SNILS)
    act = sealing.seal_birth_act(PUPIL, BirthAct("АБ-777", date(2012, 5, 20), "отдел ЗАГС"))
    add_person(
        connection,
        PUPIL,
        snils_index=snils.index,
        snils_sealed=snils.sealed,
        birth_act_index=act.index,
        birth_act_sealed=act.sealed,
        birth_place="г. Приозёрск",
    )
    names = name_values("Соловьёва", "Ольга", None)
    add_person(connection, MOTHER, **names, birth_date=date(1986, 2, 3))
    names = name_values("Ёлкина", "Алёна", "Петровна")
    add(
        connection,
        former_names,
        id=UUID(int=71),
        person_id=PUPIL,
        **names,
        until=date(2024, 6, 30),
    )
    document = IdentityDocument("11", "II-АН", "123456", date(2012, 5, 20), "отдел ЗАГС")
    sealed = sealing.seal_document(DOCUMENT, document)
    add(
        connection,
        person_documents,
        id=DOCUMENT,
        person_id=PUPIL,
        type_code=document.type_code,
        document_index=sealed.index,
        content_sealed=sealed.sealed,
        issued_on=document.issued_on,
    )
    add(
        connection,
        addresses,
        id=UUID(int=72),
        person_id=PUPIL,
        kind="actual",
        text="г. Приозёрск, ул. Лесная, 5",
        begins_on=date(2020, 1, 1),
    )
    add(
        connection,
        representatives,
        id=UUID(int=73),
        child_id=PUPIL,
        person_id=MOTHER,
        type_code="1",
    )


def _add_studies(connection: Connection) -> None:
    common = {"person_id": PUPIL, "form_code": "11"}
    add(
        connection,
        enrolments,
        id=AT_SCHOOL,
        organisation_id=SCHOOL,
        begins_on=date(2023, 9, 1),
        ends_on=date(2025, 1, 17),
        programme_code="13",
        entry_reason="first_admission",
        exit_reason="transfer_region",
        entry_order_id=ENTRY,
        exit_order_id=EXIT,
        **common,
    )
    add(
        connection,
        enrolments,
        id=AT_LYCEUM,
        organisation_id=LYCEUM,
        begins_on=date(2025, 1, 20),
        programme_code="13",
        **common,
    )
    add(
        connection,
        enrolments,
        id=AT_CLUB,
        organisation_id=CLUB,
        begins_on=date(2024, 10, 1),
        programme_code="411",
        **common,
    )
    for placement_id, enrolment_id, place_id, group_id, begins_on, ends_on in (
        (IN_FIFTH, AT_SCHOOL, SCHOOL, FIFTH, date(2023, 9, 1), date(2024, 8, 31)),
        (IN_SIXTH, AT_SCHOOL, SCHOOL, SIXTH, date(2024, 9, 1), date(2025, 1, 17)),
        (IN_NINTH, AT_LYCEUM, LYCEUM, NINTH, date(2027, 9, 1), None),
    ):
        add(
            connection,
            class_placements,
            id=placement_id,
            enrolment_id=enrolment_id,
            organisation_id=place_id,
            class_group_id=group_id,
            begins_on=begins_on,
            ends_on=ends_on,
        )


def _add_results(connection: Connection) -> None:
    for number, (subject, kind, period, value, given_on) in enumerate(
        (
            ("математика", "term", 1, "4", date(2023, 10, 27)),
            ("математика", "term", 2, "5", date(2023, 12, 29)),
            ("математика", "year", None, "5", date(2024, 5, 24)),
            ("русский язык", "year", None, "4", date(2024, 5, 24)),
        )
    ):
        add(
            connection,
            marks,
            id=UUID(int=100 + number),
            person_id=PUPIL,
            organisation_id=SCHOOL,
            school_year=2023,
            parallel=5,
            subject=subject,
            kind=kind,
            period=period,
            value=value,
            given_on=given_on,
        )
    add(
        connection,
        exams,
        id=UUID(int=110),
        person_id=PUPIL,
        organisation_id=LYCEUM,
        kind="oge",
        subject="математика",
        held_on=date(2028, 6, 6),
        score=22,
        mark=5,
        passed=True,
    )
    sealing = Sealing(vault_of(connection))
    number_sealed = sealing.seal_number("certificates.number", CERTIFICATE, "12", "00124000000777")
    add(
        connection,
        certificates,
        id=CERTIFICATE,
        person_id=PUPIL,
        organisation_id=LYCEUM,
        type_code="12",
        number_index=number_sealed.index,
        number_sealed=number_sealed.sealed,
        issued_on=date(2028, 6, 20),
        with_honours=True,
        medal="first",
        average=4.9,
    )
    for number, (kind, level, title, result, achieved_on) in enumerate(
        (
            ("gto", "national", "IV ступень", "золотой знак", date(2025, 5, 1)),
            ("olympiad", "school", "биология", "победитель", date(2024, 10, 5)),
            ("olympiad", "regional", "биология", "призёр", date(2025, 2, 5)),
        )
    ):
        add(
            connection,
            achievements,
            id=UUID(int=120 + number),
            person_id=PUPIL,
            kind=kind,
            level=level,
            title=title,
            result=result,
            achieved_on=achieved_on,
        )


def health_values(item: HealthItem, sealing: Sealing) -> dict[str, Any]:
    """The row of an item of the health card."""
    sealed = sealing.seal_health(item)
    return {
        "id": item.id,
        "person_id": item.person_id,
        "content_index": sealed.index,
        "content_sealed": sealed.sealed,
        "begins_on": item.begins_on,
        "ends_on": item.ends_on,
        "source": item.source,
    }


def health_item(
    item_id: UUID, kind: HealthKind, code: str, begins_on: date, ends_on: date | None
) -> HealthItem:
    """An item of PUPIL's health card."""
    return HealthItem(
        id=HealthItemId(item_id),
        person_id=PUPIL,
        kind=kind,
        code=code,
        category=None,
        detail="диабет" if kind is HealthKind.NOSOLOGY else None,
        begins_on=begins_on,
        ends_on=ends_on,
        source="med",
    )


def _add_health(connection: Connection) -> None:
    sealing = Sealing(vault_of(connection))
    for item in (
        health_item(GROUP, HealthKind.HEALTH_GROUP, "12", date(2023, 9, 1), date(2024, 8, 31)),
        health_item(DISABILITY, HealthKind.NOSOLOGY, "E10", date(2024, 3, 1), None),
    ):
        add(connection, health_items, **health_values(item, sealing))
