"""Two persons with something in every table that a merge moves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, select

from registry.model import HealthKind
from registry.sources import (
    SourceAchievement,
    SourceAddress,
    SourceBirthAct,
    SourceCertificate,
    SourceDocument,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourcePupil,
    SourceRepresentative,
)
from store.identity_store import Mandate
from store.tables import (
    application_choices,
    applications,
    consents,
    keeping_of,
    metadata,
    source_links,
    transfer_cases,
)
from store.unit_of_work import UnitOfWork
from tests.integration.store.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

LATER = NOW + timedelta(days=1)
MANDATE = Mandate("clerk", "сверено с документами", LATER)
BACK = Mandate("clerk", "объединены по ошибке", LATER + timedelta(days=1))
KEPT = replace(
    PUPIL,
    representatives=(
        SourceRepresentative(
            source_id="mother",
            type_code="1",
            family_name="Ёлкина",
            first_name="Ольга",
            middle_name="Ивановна",
            birth_date=date(1985, 3, 4),
            sex="female",
            snils=None,
            authority_type_code="11",
            authority_number="I-АА 111",
            begins_on=None,
            ends_on=None,
        ),
    ),
)
# Nothing that a match could go by: somebody has to say that it is the same child.
ABSORBED = SourcePupil(
    source_id="pupil-1",
    version="1",
    family_name="Морозова",
    first_name="Эльвира",
    middle_name=None,
    birth_date=date(2012, 11, 30),
    sex="female",
    snils=None,
    citizenship_code="1",
    documents=(SourceDocument("11", "IV-АН", "765432"), SourceDocument("12", "4500", "123456")),
    enrolment=replace(ENROLMENT, programme_code="31", class_source_id=None),
    birth_act=SourceBirthAct("110130123000456789012", date(2012, 12, 5), "Отдел ЗАГС № 1"),
    addresses=(SourceAddress("actual", "г. Энск, ул. Мира, д. 1", "fias-1", None, None, None),),
    representatives=(
        replace(KEPT.representatives[0], source_id="father", first_name="Пётр", sex="male"),
    ),
)
_FACTS: tuple[tuple[str, Any], ...] = (
    (
        "write_health_items",
        SourceHealthItem(
            "h1", "1", "pupil-1", HealthKind.HEALTH_GROUP.value, "2", None, None, NOW.date(), None
        ),
    ),
    (
        "write_marks",
        SourceMark("m1", "1", "pupil-1", "school-1", 2024, 5, "math", "term", 1, "5", NOW.date()),
    ),
    (
        "write_exams",
        SourceExam(
            "e1", "1", "pupil-1", "school-1", "oge", "math", date(2024, 6, 1), 20, 4, passed=True
        ),
    ),
    (
        "write_certificates",
        SourceCertificate(
            "c1", "1", "pupil-1", "school-1", "1", "АБ 77", date(2024, 6, 20), False, None, 4.5
        ),
    ),
    (
        "write_achievements",
        SourceAchievement(
            "a1", "1", "pupil-1", "sport", "municipal", "Бег", "1 место", date(2024, 5, 1)
        ),
    ),
)
# Of decisions and their queue; loads' own books.
NOT_COMPARED = frozenset({"identity_decisions", "identity_conflicts", "name_counts"})


class Register:
    """The store under test with the two persons."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = (UUID(int=number) for number in count(1))
        for source in "ab":
            with self.work() as work:
                work.bulk.write_organisations(source, [SCHOOL], recorded_at=NOW)
                work.bulk.write_classes(source, [CLASS], recorded_at=NOW)
                work.commit()
        self.write("a", KEPT)
        self.write("b", ABSORBED)
        self.kept, self.absorbed = self.person("a"), self.person("b")
        with self.work() as work:
            for method, fact in _FACTS:
                outcome = getattr(work.bulk, method)("b", [fact], recorded_at=NOW)
                assert not outcome.refused
            work.commit()
        self._add_cases()

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.engine, new_id=lambda: next(self._ids))

    def write(self, source: str, record: SourcePupil, at: datetime = NOW) -> None:
        with self.work() as work:
            outcome = work.bulk.write_pupils(source, [record], recorded_at=at)
            assert not outcome.refused
            work.commit()

    def person(self, source: str, source_id: str = "pupil-1") -> UUID:
        statement = select(source_links.c.entity_id).where(
            source_links.c.source == source,
            source_links.c.kind == "pupil",
            source_links.c.source_id == source_id,
        )
        with self.engine.connect() as connection:
            found: UUID = connection.execute(statement).scalar_one()
        return found

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]

    def owners(self) -> dict[str, list[dict[str, Any]]]:
        """All that every table says, but when it was written and how it is encrypted."""
        left_out = {"version", "recorded_at", "superseded_at"}
        found: dict[str, list[dict[str, Any]]] = {}
        for name, table in metadata.tables.items():
            if name in NOT_COMPARED or name.endswith("_history") or name == "journal":
                continue
            ciphers = {each for each in keeping_of(table).sealed if each.endswith("_sealed")}
            rows = [
                {key: value for key, value in row.items() if key not in left_out | ciphers}
                for row in self.rows(table)
            ]
            found[name] = sorted(rows, key=repr)
        return found

    def _add_cases(self) -> None:
        school = next(iter(self.rows(metadata.tables["organisations"])))["id"]
        common = {"person_id": self.absorbed, "recorded_at": NOW}
        application_id = UUID(int=900)
        with self.engine.begin() as connection:
            connection.execute(
                applications.insert(),
                {
                    **common,
                    "id": application_id,
                    "serial": 1,
                    "kind": "school",
                    "applicant_id": self.absorbed,
                    "school_year": 2025,
                    "parallel": 6,
                    "submitted_at": NOW,
                    "state": "registered",
                    "state_since": NOW,
                    "live": True,
                },
            )
            connection.execute(
                application_choices.insert(),
                {
                    **common,
                    "application_id": application_id,
                    "priority": 1,
                    "school_year": 2025,
                    "kind": "school",
                    "live": True,
                    "organisation_id": school,
                    "territory": False,
                },
            )
            connection.execute(
                transfer_cases.insert(),
                {
                    **common,
                    "id": UUID(int=901),
                    "scope": "to_outside",
                    "from_id": school,
                    "to_name": "Школа",
                    "requested_at": NOW,
                    "state": "requested",
                    "state_since": NOW,
                    "live": True,
                },
            )
            connection.execute(
                consents.insert(),
                {
                    **common,
                    "id": UUID(int=902),
                    "purpose": "p",
                    "basis": "b",
                    "begins_on": NOW.astimezone(UTC).date(),
                },
            )
