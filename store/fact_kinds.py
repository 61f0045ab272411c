"""How each kind of facts is kept: see `store.facts`."""

from typing import Any
from uuid import UUID

from registry.identifiers import HealthItemId, PersonId
from registry.model import HealthItem, HealthKind
from registry.problems import Rule
from registry.sources import (
    SourceAchievement,
    SourceCertificate,
    SourceExam,
    SourceHealthItem,
    SourceMark,
)
from store.facts import FactKind, FactRules
from store.sealing import Sealing
from store.tables import achievements, certificates, exams, health_items, marks


def _health_item(record: SourceHealthItem, person_id: UUID, row_id: UUID) -> HealthItem:
    return HealthItem(
        id=HealthItemId(row_id),
        person_id=PersonId(person_id),
        kind=HealthKind(record.kind),
        code=record.code.strip(),
        category=record.category or None,
        detail=record.detail or None,
        begins_on=record.begins_on,
        ends_on=record.ends_on,
        source="",
    )


def _seal_health(
    sealing: Sealing, record: SourceHealthItem, person_id: UUID, row_id: UUID
) -> dict[str, Any]:
    sealed = sealing.seal_health(_health_item(record, person_id, row_id))
    return {"content_sealed": sealed.sealed}


def _seal_number(
    sealing: Sealing, record: SourceCertificate, _: UUID, row_id: UUID
) -> dict[str, Any]:
    sealed = sealing.seal_number(
        "certificates.number", row_id, record.type_code, record.number.strip()
    )
    return {"number_sealed": sealed.sealed}


HEALTH_ITEMS: FactKind[SourceHealthItem] = FactKind(
    rules=FactRules(
        pupil_unknown=Rule(
            "health.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"
        ),
        before_birth=Rule("health.before_birth", "begins_on", "Дата раньше даты рождения"),
        repeated=Rule(
            "health.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
    ),
    table=health_items,
    key=("content_index",),
    day="begins_on",
    values=lambda record: {"begins_on": record.begins_on, "ends_on": record.ends_on},
    index="content_index",
    # The id is no part of the statement.
    indexes=lambda sealing, record, person_id: sealing.health_indexes(
        _health_item(record, person_id, person_id)
    ),
    seal=_seal_health,
    kept=frozenset({"source"}),
)

MARKS: FactKind[SourceMark] = FactKind(
    rules=FactRules(
        pupil_unknown=Rule(
            "mark.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"
        ),
        before_birth=Rule("mark.before_birth", "given_on", "Дата раньше даты рождения"),
        repeated=Rule(
            "mark.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
        organisation_unknown=Rule(
            "mark.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
    ),
    table=marks,
    key=("organisation_id", "school_year", "subject", "kind", "period"),
    day="given_on",
    organisation=lambda record: record.organisation_source_id,
    values=lambda record: {
        "school_year": record.school_year,
        "parallel": record.parallel,
        "subject": record.subject.strip(),
        "kind": record.kind,
        "period": record.period,
        "value": record.value.strip(),
        "given_on": record.given_on,
    },
)

EXAMS: FactKind[SourceExam] = FactKind(
    rules=FactRules(
        pupil_unknown=Rule(
            "exam.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"
        ),
        before_birth=Rule("exam.before_birth", "held_on", "Дата раньше даты рождения"),
        repeated=Rule(
            "exam.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
        organisation_unknown=Rule(
            "exam.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
    ),
    table=exams,
    key=("kind", "subject", "held_on"),
    day="held_on",
    organisation=lambda record: record.organisation_source_id,
    values=lambda record: {
        "kind": record.kind,
        "subject": record.subject.strip(),
        "held_on": record.held_on,
        "score": record.score,
        "mark": record.mark,
        "passed": record.passed,
    },
)

CERTIFICATES: FactKind[SourceCertificate] = FactKind(
    rules=FactRules(
        pupil_unknown=Rule(
            "certificate.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"
        ),
        before_birth=Rule("certificate.before_birth", "issued_on", "Дата раньше даты рождения"),
        repeated=Rule(
            "certificate.repeated",
            "source_id",
            "В пакете уже есть запись о том же с другим содержанием",
        ),
        organisation_unknown=Rule(
            "certificate.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
    ),
    table=certificates,
    key=("type_code", "number_index"),
    day="issued_on",
    organisation=lambda record: record.organisation_source_id,
    values=lambda record: {
        "type_code": record.type_code,
        "issued_on": record.issued_on,
        "with_honours": record.with_honours,
        "medal": record.medal,
        "average": record.average,
    },
    index="number_index",
    indexes=lambda sealing, record, _: sealing.number_indexes(
        record.type_code, record.number.strip()
    ),
    seal=_seal_number,
)

ACHIEVEMENTS: FactKind[SourceAchievement] = FactKind(
    rules=FactRules(
        pupil_unknown=Rule(
            "achievement.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"
        ),
        before_birth=Rule("achievement.before_birth", "achieved_on", "Дата раньше даты рождения"),
        repeated=Rule(
            "achievement.repeated",
            "source_id",
            "В пакете уже есть запись о том же с другим содержанием",
        ),
    ),
    table=achievements,
    key=("kind", "level", "title", "achieved_on"),
    day="achieved_on",
    values=lambda record: {
        "kind": record.kind,
        "level": record.level,
        "title": record.title.strip(),
        "result": record.result.strip(),
        "achieved_on": record.achieved_on,
    },
)

FACT_KINDS = (HEALTH_ITEMS, MARKS, EXAMS, CERTIFICATES, ACHIEVEMENTS)
