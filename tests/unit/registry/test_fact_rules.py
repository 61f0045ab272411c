"""Rules on studies, health, marks, examinations and papers, each broken record for its defect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registry import fact_rules
from registry.problems import Problem
from tests.unit.registry.samples import (
    ACHIEVEMENT,
    CERTIFICATE,
    EXAM,
    HEALTH_ITEM,
    MARK,
    NOW,
    STUDY,
)

TODAY = NOW.date()
FUTURE = date(2099, 1, 1)
CHECKS: dict[type, Callable[..., list[Problem]]] = {
    type(STUDY): fact_rules.check_study,
    type(HEALTH_ITEM): fact_rules.check_health_item,
    type(MARK): fact_rules.check_mark,
    type(EXAM): fact_rules.check_exam,
    type(CERTIFICATE): fact_rules.check_certificate,
    type(ACHIEVEMENT): fact_rules.check_achievement,
}
RECORDS = [STUDY, HEALTH_ITEM, MARK, EXAM, CERTIFICATE, ACHIEVEMENT]
FIRST = ("c1", date(2020, 9, 1), date(2021, 8, 31))
SECOND = ("c2", date(2021, 9, 1), None)


def found(record: Any) -> list[tuple[str, str]]:
    problems = CHECKS[type(record)](record, today=TODAY)
    return [(problem.code, problem.field) for problem in problems]


@pytest.mark.parametrize(
    "record",
    [
        *RECORDS,
        replace(STUDY, placements=(FIRST, SECOND)),
        replace(STUDY, placements=(SECOND, FIRST), ends_on=None),
        replace(STUDY, entry_order=None, exit_order=None, entry_reason=None, exit_reason=None),
        replace(HEALTH_ITEM, ends_on=date(2060, 1, 1)),
        replace(MARK, kind="year", period=None, value="зачёт"),
        replace(MARK, given_on=date(2024, 9, 20)),
        replace(EXAM, kind="oge", score=30, mark=5),
        replace(EXAM, score=0, passed=False, organisation_source_id=None),
        replace(EXAM, score=100),
        replace(CERTIFICATE, medal=None, average=None),
    ],
    ids=str,
)
def test_good_records(record: Any) -> None:
    assert found(record) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_ids_are_needed(record: Any) -> None:
    bare = replace(record, source_id="", version="", pupil_source_id="")
    assert found(bare) == [
        ("text.empty", "source_id"),
        ("text.empty", "version"),
        ("text.empty", "pupil_source_id"),
    ]


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        (replace(STUDY, organisation_source_id=""), "text.empty", "organisation_source_id"),
        (replace(STUDY, ends_on=date(2020, 8, 31)), "period.reversed", "ends_on"),
        (replace(STUDY, begins_on=date(1899, 9, 1)), "period.begin", "begins_on"),
        (replace(STUDY, begins_on=FUTURE, ends_on=None), "period.begin", "begins_on"),
        (replace(STUDY, form_code=""), "text.empty", "form_code"),
        (replace(STUDY, programme_code="1" * 21), "text.too_long", "programme_code"),
        (replace(STUDY, exit_reason="r" * 501), "text.too_long", "exit_reason"),
        (replace(STUDY, entry_order=("", date(2020, 9, 1))), "text.empty", "entry_order.number"),
        (replace(STUDY, exit_order=("1", FUTURE)), "day.impossible", "exit_order.issued_on"),
        (
            replace(STUDY, placements=(("c1", date(2020, 8, 31), None),)),
            "placement.outside",
            "placements[0]",
        ),
        (
            replace(STUDY, placements=(("c1", date(2020, 9, 1), date(2024, 6, 1)),)),
            "placement.outside",
            "placements[0]",
        ),
        (
            replace(STUDY, placements=(("c1", date(2024, 6, 1), None),)),
            "placement.outside",
            "placements[0]",
        ),
        (
            replace(STUDY, placements=(SECOND, ("c3", date(2022, 9, 1), None))),
            "placement.overlaps",
            "placements",
        ),
        (replace(STUDY, placements=(FIRST, FIRST)), "placement.overlaps", "placements"),
        (replace(STUDY, placements=(FIRST,) * 51), "placement.too_many", "placements"),
        (replace(HEALTH_ITEM, kind="mood"), "health.kind", "kind"),
        (replace(HEALTH_ITEM, code=""), "text.empty", "code"),
        (replace(HEALTH_ITEM, begins_on=FUTURE), "period.begin", "begins_on"),
        (replace(HEALTH_ITEM, ends_on=date(2024, 9, 9)), "period.reversed", "ends_on"),
        (replace(MARK, kind="day"), "mark.kind", "kind"),
        (replace(MARK, period=None), "mark.period", "period"),
        (replace(MARK, period=7), "mark.period", "period"),
        (replace(MARK, kind="final"), "mark.period_extra", "period"),
        (replace(MARK, parallel=13), "mark.parallel", "parallel"),
        (replace(MARK, value=""), "text.empty", "value"),
        (replace(MARK, subject="s" * 201), "text.too_long", "subject"),
        (replace(MARK, school_year=2025), "mark.school_year", "school_year"),
        (replace(MARK, given_on=date(2023, 7, 31)), "mark.outside_year", "given_on"),
        (replace(MARK, given_on=date(2024, 10, 1)), "mark.outside_year", "given_on"),
        (replace(MARK, given_on=FUTURE), "day.impossible", "given_on"),
        (replace(EXAM, kind="test"), "exam.kind", "kind"),
        (replace(EXAM, score=-1), "exam.score", "score"),
        (replace(EXAM, score=101), "exam.score", "score"),
        (replace(EXAM, mark=1), "exam.mark", "mark"),
        (replace(EXAM, mark=6), "exam.mark", "mark"),
        (replace(EXAM, held_on=FUTURE), "day.impossible", "held_on"),
        (replace(EXAM, kind="oge", mark=2, passed=True), "exam.passed", "passed"),
        (replace(EXAM, kind="oge", mark=3, passed=False), "exam.passed", "passed"),
        (replace(CERTIFICATE, medal="third"), "certificate.medal", "medal"),
        (replace(CERTIFICATE, average=5.01), "certificate.average", "average"),
        (replace(CERTIFICATE, average=float("nan")), "certificate.average", "average"),
        (replace(CERTIFICATE, number=" "), "text.empty", "number"),
        (replace(CERTIFICATE, issued_on=FUTURE), "day.impossible", "issued_on"),
        (replace(ACHIEVEMENT, kind="luck"), "achievement.kind", "kind"),
        (replace(ACHIEVEMENT, level="galactic"), "achievement.level", "level"),
        (replace(ACHIEVEMENT, title=""), "text.empty", "title"),
        (replace(ACHIEVEMENT, result="r" * 201), "text.too_long", "result"),
        (replace(ACHIEVEMENT, achieved_on=FUTURE), "day.impossible", "achieved_on"),
    ],
)
def test_each_defect(record: Any, code: str, field: str) -> None:
    assert (code, field) in found(record)


def test_all_defects_at_once() -> None:
    bad = replace(EXAM, kind="test", score=101, mark=9, held_on=FUTURE)
    assert [code for code, _ in found(bad)] == [
        "exam.kind",
        "day.impossible",
        "exam.score",
        "exam.mark",
    ]
