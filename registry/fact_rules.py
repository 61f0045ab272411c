"""Rules on what a source tells of a pupil apart: studies, health, marks, examinations, papers.

Whether the pupil, the organisation and the class exist, and whether a day lies before the birth,
the store says, because it alone can do so for many records at once.
"""

from datetime import date
from itertools import pairwise

from registry.model import (
    AchievementKind,
    AchievementLevel,
    ExamKind,
    HealthKind,
    MarkKind,
    Medal,
)
from registry.problems import Problem, Rule
from registry.source_fields import (
    FIRST_SCHOOL_YEAR,
    MAX_CODE_LENGTH,
    MAX_ID_LENGTH,
    MAX_REASON_LENGTH,
    MAX_TITLE_LENGTH,
    PARALLELS,
    check_choice,
    check_ids,
    check_optional_text,
    check_past_day,
    check_period,
    check_text,
)
from registry.sources import (
    SourceAchievement,
    SourceCertificate,
    SourceExam,
    SourceHealthItem,
    SourceMark,
    SourceStudy,
)

MAX_PLACEMENTS = 50
MAX_ORDER_NUMBER_LENGTH = 100
MAX_SUBJECT_LENGTH = 200
MAX_VALUE_LENGTH = 20
TERMS = range(1, 7)
SCORES = range(101)
MARKS = range(2, 6)

PLACEMENTS_TOO_MANY = Rule("placement.too_many", "placements", f"Больше {MAX_PLACEMENTS} классов")
PLACEMENT_OUTSIDE = Rule(
    "placement.outside", "placements", "Период в классе выходит за период зачисления"
)
PLACEMENTS_OVERLAP = Rule("placement.overlaps", "placements", "Периоды в классах пересекаются")
HEALTH_KIND = Rule("health.kind", "kind", "Неизвестный вид сведений о здоровье")
MARK_KIND = Rule("mark.kind", "kind", "Неизвестный вид отметки")
MARK_PARALLEL = Rule("mark.parallel", "parallel", "Параллель вне пределов от 0 до 12")
MARK_PERIOD = Rule("mark.period", "period", "Номер периода вне пределов от 1 до 6")
MARK_PERIOD_EXTRA = Rule(
    "mark.period_extra", "period", "Номер периода есть только у отметок за учебный период"
)
MARK_SCHOOL_YEAR = Rule("mark.school_year", "school_year", "Недопустимый учебный год")
MARK_OUTSIDE_YEAR = Rule("mark.outside_year", "given_on", "Дата вне учебного года")
EXAM_KIND = Rule("exam.kind", "kind", "Неизвестный вид экзамена")
EXAM_SCORE = Rule("exam.score", "score", "Балл вне пределов от 0 до 100")
EXAM_MARK = Rule("exam.mark", "mark", "Отметка вне пределов от 2 до 5")
EXAM_PASSED = Rule("exam.passed", "passed", "Признак сдачи противоречит отметке")
CERTIFICATE_MEDAL = Rule(
    "certificate.medal", "medal", "Неизвестная степень медали", "273-ФЗ, ст. 34, ч. 10"
)
CERTIFICATE_AVERAGE = Rule("certificate.average", "average", "Средний балл вне пределов от 2 до 5")
ACHIEVEMENT_KIND = Rule("achievement.kind", "kind", "Неизвестный вид достижения")
ACHIEVEMENT_LEVEL = Rule("achievement.level", "level", "Неизвестный уровень достижения")

RULES = (
    PLACEMENTS_TOO_MANY,
    PLACEMENT_OUTSIDE,
    PLACEMENTS_OVERLAP,
    HEALTH_KIND,
    MARK_KIND,
    MARK_PARALLEL,
    MARK_PERIOD,
    MARK_PERIOD_EXTRA,
    MARK_SCHOOL_YEAR,
    MARK_OUTSIDE_YEAR,
    EXAM_KIND,
    EXAM_SCORE,
    EXAM_MARK,
    EXAM_PASSED,
    CERTIFICATE_MEDAL,
    CERTIFICATE_AVERAGE,
    ACHIEVEMENT_KIND,
    ACHIEVEMENT_LEVEL,
)


def check_study(record: SourceStudy, *, today: date) -> list[Problem]:
    """Problems of an enrolment with its classes and orders, all at once."""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_text(record.organisation_source_id, "organisation_source_id", MAX_ID_LENGTH)
    problems += check_period(record.begins_on, record.ends_on, "", today=today)
    problems += check_text(record.form_code, "form_code", MAX_CODE_LENGTH)
    problems += check_text(record.programme_code, "programme_code", MAX_CODE_LENGTH)
    problems += check_optional_text(record.entry_reason, "entry_reason", MAX_REASON_LENGTH)
    problems += check_optional_text(record.exit_reason, "exit_reason", MAX_REASON_LENGTH)
    for field, order in (("entry_order", record.entry_order), ("exit_order", record.exit_order)):
        if order is not None:
            problems += check_text(order[0], f"{field}.number", MAX_ORDER_NUMBER_LENGTH)
            problems += check_past_day(order[1], f"{field}.issued_on", today=today)
    return problems + _check_placements(record, today=today)


def _check_placements(record: SourceStudy, *, today: date) -> list[Problem]:
    if len(record.placements) > MAX_PLACEMENTS:
        return [PLACEMENTS_TOO_MANY.problem()]
    problems = []
    for index, (class_id, begins_on, ends_on) in enumerate(record.placements):
        field = f"placements[{index}]"
        problems += check_text(class_id, f"{field}.class_source_id", MAX_ID_LENGTH)
        problems += check_period(begins_on, ends_on, field, today=today)
        last = record.ends_on or date.max
        if begins_on < record.begins_on or (ends_on or last) > last or begins_on > last:
            problems.append(PLACEMENT_OUTSIDE.problem(field))
    ordered = sorted(record.placements, key=lambda each: each[1])
    for (_, _, ends_on), (_, begins_on, _) in pairwise(ordered):
        if (ends_on or date.max) >= begins_on:
            problems.append(PLACEMENTS_OVERLAP.problem())
            break
    return problems


def check_health_item(record: SourceHealthItem, *, today: date) -> list[Problem]:
    """Problems of a statement on health: ``health.kind``, codes, the period."""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_choice(record.kind, HealthKind, HEALTH_KIND)
    problems += check_text(record.code, "code", MAX_CODE_LENGTH)
    problems += check_optional_text(record.category, "category", MAX_CODE_LENGTH)
    problems += check_optional_text(record.detail, "detail", MAX_TITLE_LENGTH)
    return problems + check_period(record.begins_on, record.ends_on, "", today=today)


def check_mark(record: SourceMark, *, today: date) -> list[Problem]:
    """Problems of a mark: ``mark.kind``, ``mark.period``, ``mark.period_extra``, …"""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_text(record.organisation_source_id, "organisation_source_id", MAX_ID_LENGTH)
    if record.parallel not in PARALLELS:
        problems.append(MARK_PARALLEL.problem())
    problems += check_text(record.subject, "subject", MAX_SUBJECT_LENGTH)
    problems += check_choice(record.kind, MarkKind, MARK_KIND)
    has_period = record.kind == MarkKind.TERM
    if has_period and record.period not in TERMS:
        problems.append(MARK_PERIOD.problem())
    if not has_period and record.period is not None:
        problems.append(MARK_PERIOD_EXTRA.problem())
    problems += check_text(record.value, "value", MAX_VALUE_LENGTH)
    problems += check_past_day(record.given_on, "given_on", today=today)
    year = record.school_year
    if not FIRST_SCHOOL_YEAR <= year <= today.year:
        problems.append(MARK_SCHOOL_YEAR.problem())
    elif not date(year, 8, 1) <= record.given_on <= date(year + 1, 9, 30):
        # A retake of September still belongs to the year before.
        problems.append(MARK_OUTSIDE_YEAR.problem())
    return problems


def check_exam(record: SourceExam, *, today: date) -> list[Problem]:
    """Problems of a result of ГИА: ``exam.kind``, ``exam.score`` (0-100), ``exam.mark`` (2-5)."""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_optional_text(
        record.organisation_source_id, "organisation_source_id", MAX_ID_LENGTH
    )
    problems += check_choice(record.kind, ExamKind, EXAM_KIND)
    problems += check_text(record.subject, "subject", MAX_SUBJECT_LENGTH)
    problems += check_past_day(record.held_on, "held_on", today=today)
    if record.score is not None and record.score not in SCORES:
        problems.append(EXAM_SCORE.problem())
    if record.mark is not None and record.mark not in MARKS:
        problems.append(EXAM_MARK.problem())
    if (
        record.kind == ExamKind.OGE
        and record.mark is not None
        and (record.passed != (record.mark > MARKS[0]))
    ):
        problems.append(EXAM_PASSED.problem())
    return problems


def check_certificate(record: SourceCertificate, *, today: date) -> list[Problem]:
    """Problems of a document on education: ``certificate.medal``, ``certificate.average``, …"""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_text(record.organisation_source_id, "organisation_source_id", MAX_ID_LENGTH)
    problems += check_text(record.type_code, "type_code", MAX_CODE_LENGTH)
    problems += check_text(record.number, "number", MAX_ORDER_NUMBER_LENGTH)
    problems += check_past_day(record.issued_on, "issued_on", today=today)
    if record.medal is not None:
        problems += check_choice(record.medal, Medal, CERTIFICATE_MEDAL)
    if record.average is not None and not MARKS[0] <= record.average <= MARKS[-1]:
        problems.append(CERTIFICATE_AVERAGE.problem())
    return problems


def check_achievement(record: SourceAchievement, *, today: date) -> list[Problem]:
    """Problems of an achievement: ``achievement.kind``, ``achievement.level``, texts, the day."""
    problems = _check_head(record.source_id, record.version, record.pupil_source_id)
    problems += check_choice(record.kind, AchievementKind, ACHIEVEMENT_KIND)
    problems += check_choice(record.level, AchievementLevel, ACHIEVEMENT_LEVEL)
    problems += check_text(record.title, "title", MAX_TITLE_LENGTH)
    problems += check_text(record.result, "result", MAX_SUBJECT_LENGTH)
    return problems + check_past_day(record.achieved_on, "achieved_on", today=today)


def _check_head(source_id: str, version: str, pupil_source_id: str) -> list[Problem]:
    return [
        *check_ids(source_id, version),
        *check_text(pupil_source_id, "pupil_source_id", MAX_ID_LENGTH),
    ]
