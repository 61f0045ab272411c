"""Records that break rules are refused one by one; the rest reaches the writer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry.codes import CodeList
from registry.import_rules import check_class, check_organisation, check_pupil
from registry.imports import (
    ImportBatch,
    Refusal,
    SourceDocument,
    SourcePupil,
    UnknownCode,
    import_classes,
    import_organisations,
    import_pupils,
)
from registry.ports import WriteOutcome
from registry.problems import Problem
from tests.unit.registry.samples import CLASS, ENROLMENT, NOW, PUPIL, SCHOOL

TODAY = NOW.date()
STORE_REFUSAL = Refusal("pupil-1", (Problem("person.snils_conflict", "snils", "…"),))


@dataclass
class Writer:
    """A `BulkWriter` that remembers what it got, and refuses what it is told to."""

    refused: tuple[Refusal, ...] = ()
    got: list[tuple[str, Any, datetime]] = field(default_factory=list)

    def _take(self, source: str, records: Sequence[Any], recorded_at: datetime) -> WriteOutcome:
        self.got.extend((source, record, recorded_at) for record in records)
        return WriteOutcome(len(records) - len(self.refused), 0, 0, self.refused)

    def write_organisations(
        self, source: str, records: Sequence[Any], *, recorded_at: datetime
    ) -> WriteOutcome:
        return self._take(source, records, recorded_at)

    def write_classes(
        self, source: str, records: Sequence[Any], *, recorded_at: datetime
    ) -> WriteOutcome:
        return self._take(source, records, recorded_at)

    def write_pupils(
        self, source: str, records: Sequence[Any], *, recorded_at: datetime
    ) -> WriteOutcome:
        return self._take(source, records, recorded_at)


def test_good_records_reach_the_writer() -> None:
    writer = Writer()
    import_organisations(ImportBatch("s", (SCHOOL,)), writer, clock=lambda: NOW)
    import_classes(ImportBatch("s", (CLASS,)), writer, clock=lambda: NOW)
    report = import_pupils(ImportBatch("s", (PUPIL,)), writer, clock=lambda: NOW)
    assert writer.got == [("s", SCHOOL, NOW), ("s", CLASS, NOW), ("s", PUPIL, NOW)]
    assert (report.created, report.refused, report.unknown_codes) == (1, (), ())


def test_refusals_of_rules_and_of_the_store_are_reported_together() -> None:
    writer = Writer(refused=(STORE_REFUSAL,))
    broken = replace(PUPIL, source_id="pupil-2", snils="112-233-445 96", sex="х")
    report = import_pupils(ImportBatch("s", (PUPIL, broken)), writer, clock=lambda: NOW)
    assert [entry[1] for entry in writer.got] == [PUPIL]
    assert [refusal.source_id for refusal in report.refused] == ["pupil-2", "pupil-1"]
    assert [problem.code for problem in report.refused[0].problems] == [
        "person.sex",
        "snils.checksum",
    ]
    assert report.created + len(report.refused) == 2


def test_a_record_that_comes_twice_is_refused_the_second_time() -> None:
    writer = Writer()
    other = replace(PUPIL, first_name="Алина")
    report = import_pupils(ImportBatch("s", (PUPIL, other)), writer, clock=lambda: NOW)
    assert [entry[1] for entry in writer.got] == [PUPIL]
    assert [problem.code for problem in report.refused[0].problems] == ["record.repeated"]


def test_unknown_codes_are_kept_and_reported() -> None:
    odd = replace(
        PUPIL,
        documents=(SourceDocument("98", "", "1"), SourceDocument("98", "", "2")),
        enrolment=replace(ENROLMENT, form_code="77"),
    )
    writer = Writer()
    report = import_pupils(ImportBatch("s", (odd,)), writer, clock=lambda: NOW)
    assert [entry[1] for entry in writer.got] == [odd]
    assert report.unknown_codes == (
        UnknownCode(CodeList.EDUCATION_FORM, "77", 1),
        UnknownCode(CodeList.IDENTITY_DOCUMENT_TYPE, "98", 2),
    )


def test_unknown_codes_of_every_kind_of_record_are_reported() -> None:
    school = replace(SCHOOL, type_code="planetarium", status_code="1", okfs="99", okopf="75403")
    report = import_organisations(ImportBatch("s", (school,)), Writer(), clock=lambda: NOW)
    assert report.unknown_codes == (
        UnknownCode(CodeList.ORGANISATION_TYPE, "planetarium", 1),
        UnknownCode(CodeList.OWNERSHIP_FORM, "99", 1),
    )
    classes = (
        replace(CLASS, language_code="tlh"),
        replace(CLASS, source_id="class-2", language_code="rus"),
    )
    report = import_classes(ImportBatch("s", classes), Writer(), clock=lambda: NOW)
    assert report.unknown_codes == (UnknownCode(CodeList.LANGUAGE, "tlh", 1),)
    pupil = replace(PUPIL, country_code="999")
    report = import_pupils(ImportBatch("s", (pupil,)), Writer(), clock=lambda: NOW)
    assert report.unknown_codes == (UnknownCode(CodeList.COUNTRY, "999", 1),)


def test_codes_of_what_the_store_refused_are_not_reported_as_stored() -> None:
    odd = replace(PUPIL, citizenship_code="9")
    writer = Writer(refused=(STORE_REFUSAL,))
    report = import_pupils(ImportBatch("s", (odd,)), writer, clock=lambda: NOW)
    assert report.refused == (STORE_REFUSAL,)
    assert report.unknown_codes == ()


def test_a_child_born_today_in_the_far_east_is_not_from_the_future() -> None:
    evening = datetime(2024, 9, 30, 18, 0, tzinfo=UTC)
    born = replace(PUPIL, birth_date=date(2024, 10, 1), enrolment=None)
    report = import_pupils(ImportBatch("s", (born,)), Writer(), clock=lambda: evening)
    assert report.refused == ()


@pytest.mark.parametrize(
    ("changes", "code", "field_name"),
    [
        ({"source_id": " "}, "text.empty", "source_id"),
        ({"source_id": "x" * 201}, "text.too_long", "source_id"),
        ({"version": ""}, "text.empty", "version"),
        ({"family_name": ""}, "name.empty", "family_name"),
        ({"first_name": "Пётр2"}, "name.characters", "first_name"),
        ({"middle_name": "\x00"}, "name.characters", "middle_name"),
        ({"birth_date": date(2024, 10, 3)}, "birth_date.future", "birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date.too_old", "birth_date"),
        ({"sex": "unknown"}, "person.sex", "sex"),
        ({"snils": "1"}, "snils.format", "snils"),
        ({"snils": "00000000000"}, "snils.format", "snils"),
        ({"citizenship_code": ""}, "text.empty", "citizenship_code"),
        (
            {"documents": (SourceDocument("12", "45", "123456"),)},
            "document.series",
            "documents[0].series",
        ),
        ({"documents": PUPIL.documents * 2}, "document.repeated", "documents[1]"),
        ({"documents": PUPIL.documents * 21}, "document.too_many", "documents"),
        (
            {"enrolment": replace(ENROLMENT, begins_on=date(2013, 1, 1))},
            "enrolment.begins_before_birth",
            "enrolment.begins_on",
        ),
        (
            {"enrolment": replace(ENROLMENT, ends_on=date(2024, 8, 31))},
            "enrolment.ends_before_begin",
            "enrolment.ends_on",
        ),
        ({"enrolment": replace(ENROLMENT, form_code="")}, "text.empty", "enrolment.form_code"),
        (
            {"enrolment": replace(ENROLMENT, entry_reason="a\ud800")},
            "text.characters",
            "enrolment.entry_reason",
        ),
        (
            {"enrolment": replace(ENROLMENT, class_source_id="")},
            "text.empty",
            "enrolment.class_source_id",
        ),
    ],
)
def test_each_rule_of_a_pupil(changes: dict[str, Any], code: str, field_name: str) -> None:
    assert check_pupil(PUPIL, today=TODAY) == []
    broken: SourcePupil = replace(PUPIL, **changes)
    found = {(problem.code, problem.field) for problem in check_pupil(broken, today=TODAY)}
    assert (code, field_name) in found


@pytest.mark.parametrize("middle_name", [None, "", " "])
def test_a_missing_middle_name_is_no_problem(middle_name: str | None) -> None:
    assert check_pupil(replace(PUPIL, middle_name=middle_name), today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parallel": -1}, "class.parallel"),
        ({"parallel": 13}, "class.parallel"),
        ({"school_year": 2026}, "class.school_year"),
        ({"school_year": 1}, "class.school_year"),
        ({"shift": 4}, "class.shift"),
        ({"capacity": -1}, "class.capacity"),
        ({"capacity": 10**9}, "class.capacity"),
        ({"letter": "А" * 21}, "text.too_long"),
        ({"organisation_source_id": ""}, "text.empty"),
    ],
)
def test_each_rule_of_a_class(changes: dict[str, Any], code: str) -> None:
    assert check_class(CLASS, today=TODAY) == []
    assert [each.code for each in check_class(replace(CLASS, **changes), today=TODAY)] == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"full_name": ""}, "text.empty"),
        ({"full_name": "Школа\x00"}, "text.characters"),
        ({"short_name": "Ш" * 1001}, "text.too_long"),
        ({"inn": "7707083894"}, "inn.checksum"),
        ({"ogrn": "1"}, "ogrn.format"),
        ({"oktmo": "1"}, "oktmo.format"),
        ({"status_code": "1" * 21}, "text.too_long"),
    ],
)
def test_each_rule_of_an_organisation(changes: dict[str, Any], code: str) -> None:
    assert check_organisation(SCHOOL) == []
    assert [each.code for each in check_organisation(replace(SCHOOL, **changes))] == [code]
