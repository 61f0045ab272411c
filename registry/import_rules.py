"""Rules on the records of a source; every check returns all the problems of one record.

Only what the record itself says is checked here; what it names elsewhere (its organisation, the
owner of its СНИЛС) the store checks, because it alone can do so for many records at once.
"""

from datetime import date

from registry.family_rules import check_addresses, check_birth, check_representatives
from registry.identifiers import Inn, Ogrn, Oktmo
from registry.names import normalize_document
from registry.problems import Problem, Rule
from registry.rules import (
    check_birth_date,
    check_document,
    check_identifier,
    check_name,
    check_snils,
)
from registry.source_fields import (
    FIRST_DAY,
    FIRST_SCHOOL_YEAR,
    MAX_CODE_LENGTH,
    MAX_ID_LENGTH,
    MAX_REASON_LENGTH,
    MAX_TITLE_LENGTH,
    PARALLELS,
    check_ids,
    check_optional_text,
    check_sex,
    check_text,
)
from registry.sources import (
    SourceClass,
    SourceDocument,
    SourceEnrolment,
    SourceOrganisation,
    SourcePupil,
)

MAX_LETTER_LENGTH = 20
MAX_DOCUMENTS = 20
SHIFTS = range(1, 4)
OKFS_LENGTH = 2
OKOPF_LENGTH = 5
MAX_CAPACITY = 10_000

CLASS_PARALLEL = Rule("class.parallel", "parallel", "Параллель вне пределов от 0 до 12")
CLASS_SCHOOL_YEAR = Rule("class.school_year", "school_year", "Недопустимый учебный год")
CLASS_SHIFT = Rule("class.shift", "shift", "Смена вне пределов от 1 до 3")
CLASS_CAPACITY = Rule("class.capacity", "capacity", "Недопустимое число мест")
DOCUMENTS_TOO_MANY = Rule("document.too_many", "documents", f"Больше {MAX_DOCUMENTS} документов")
DOCUMENT_REPEATED = Rule("document.repeated", "documents", "Документ указан дважды")
DOCUMENT_ISSUED = Rule(
    "document.issued_on", "documents", "Дата выдачи в будущем либо раньше даты рождения"
)
DOCUMENT_VALID = Rule("document.valid_until", "documents", "Срок окончился до выдачи")
ENROLMENT_BEFORE_BIRTH = Rule(
    "enrolment.begins_before_birth", "enrolment.begins_on", "Зачисление раньше даты рождения"
)
ENROLMENT_REVERSED = Rule(
    "enrolment.ends_before_begin", "enrolment.ends_on", "Окончание раньше зачисления"
)

RULES = (
    CLASS_PARALLEL,
    CLASS_SCHOOL_YEAR,
    CLASS_SHIFT,
    CLASS_CAPACITY,
    DOCUMENTS_TOO_MANY,
    DOCUMENT_REPEATED,
    DOCUMENT_ISSUED,
    DOCUMENT_VALID,
    ENROLMENT_BEFORE_BIRTH,
    ENROLMENT_REVERSED,
)


def check_organisation(record: SourceOrganisation) -> list[Problem]:
    """Problems of an organisation: ids, titles, ИНН, ОГРН, ОКТМО, codes."""
    problems = check_ids(record.source_id, record.version)
    problems += check_text(record.full_name, "full_name", MAX_TITLE_LENGTH)
    if record.short_name is not None:
        problems += check_text(record.short_name, "short_name", MAX_TITLE_LENGTH)
    if record.inn is not None:
        problems += check_identifier(Inn, record.inn, "inn")
    if record.ogrn is not None:
        problems += check_identifier(Ogrn, record.ogrn, "ogrn")
    if record.oktmo is not None:
        problems += check_identifier(Oktmo, record.oktmo, "oktmo")
    for field, code, limit in (
        ("type_code", record.type_code, MAX_CODE_LENGTH),
        ("status_code", record.status_code, MAX_CODE_LENGTH),
        ("okfs", record.okfs, OKFS_LENGTH),
        ("okopf", record.okopf, OKOPF_LENGTH),
    ):
        if code is not None:
            problems += check_text(code, field, limit)
    return problems


def check_class(record: SourceClass, *, today: date) -> list[Problem]:
    """Problems of a class: ids, ``class.parallel``, ``class.school_year``, …"""
    problems = check_ids(record.source_id, record.version)
    problems += check_text(record.organisation_source_id, "organisation_source_id", MAX_ID_LENGTH)
    if record.parallel not in PARALLELS:
        problems.append(CLASS_PARALLEL.problem())
    if record.letter:
        problems += check_text(record.letter, "letter", MAX_LETTER_LENGTH)
    if record.language_code is not None:
        problems += check_text(record.language_code, "language_code", MAX_CODE_LENGTH)
    if not FIRST_SCHOOL_YEAR <= record.school_year <= today.year + 1:
        problems.append(CLASS_SCHOOL_YEAR.problem())
    if record.shift is not None and record.shift not in SHIFTS:
        problems.append(CLASS_SHIFT.problem())
    if record.capacity is not None and not 0 <= record.capacity <= MAX_CAPACITY:
        problems.append(CLASS_CAPACITY.problem())
    return problems


def check_pupil(record: SourcePupil, *, today: date) -> list[Problem]:
    """Problems of a pupil with all that is told of them, all at once."""
    problems = check_ids(record.source_id, record.version)
    problems += check_name(record.family_name, "family_name")
    problems += check_name(record.first_name, "first_name")
    if record.middle_name is not None and record.middle_name.strip():
        problems += check_name(record.middle_name, "middle_name")
    problems += check_birth_date(record.birth_date, "birth_date", today=today)
    problems += check_sex(record.sex, "sex")
    if record.snils is not None:
        problems += check_snils(record.snils, "snils")
    problems += check_text(record.citizenship_code, "citizenship_code", MAX_CODE_LENGTH)
    problems += _check_documents(record.documents, record.birth_date, today=today)
    problems += check_birth(record, today=today)
    problems += check_addresses(record.addresses, today=today)
    problems += check_representatives(record, today=today)
    if record.enrolment is not None:
        problems += _check_enrolment(record.enrolment, record.birth_date)
    return problems


def _check_documents(
    documents: tuple[SourceDocument, ...], birth_date: date, *, today: date
) -> list[Problem]:
    if len(documents) > MAX_DOCUMENTS:
        return [DOCUMENTS_TOO_MANY.problem()]
    problems = []
    seen = set()
    for index, document in enumerate(documents):
        field = f"documents[{index}]"
        problems += check_document(
            document.type,
            document.series,
            document.number,
            field,
            parts=("type", "series", "number"),
        )
        problems += check_optional_text(document.issued_by, f"{field}.issued_by", MAX_TITLE_LENGTH)
        problems += _check_document_days(document, field, birth_date, today=today)
        key = (
            document.type,
            normalize_document(document.series),
            normalize_document(document.number),
        )
        if key in seen:
            problems.append(DOCUMENT_REPEATED.problem(field))
        seen.add(key)
    return problems


def _check_document_days(
    document: SourceDocument, field: str, birth_date: date, *, today: date
) -> list[Problem]:
    issued_on, valid_until = document.issued_on, document.valid_until
    problems = []
    if issued_on is not None and not birth_date <= issued_on <= today:
        problems.append(DOCUMENT_ISSUED.problem(f"{field}.issued_on"))
    if valid_until is not None and valid_until < (issued_on or birth_date):
        problems.append(DOCUMENT_VALID.problem(f"{field}.valid_until"))
    return problems


def _check_enrolment(enrolment: SourceEnrolment, birth_date: date) -> list[Problem]:
    field = "enrolment"
    problems = check_text(
        enrolment.organisation_source_id, f"{field}.organisation_source_id", MAX_ID_LENGTH
    )
    if enrolment.class_source_id is not None:
        problems += check_text(enrolment.class_source_id, f"{field}.class_source_id", MAX_ID_LENGTH)
    if enrolment.begins_on < max(birth_date, FIRST_DAY):
        problems.append(ENROLMENT_BEFORE_BIRTH.problem())
    if enrolment.ends_on is not None and enrolment.ends_on < enrolment.begins_on:
        problems.append(ENROLMENT_REVERSED.problem())
    problems += check_text(enrolment.form_code, f"{field}.form_code", MAX_CODE_LENGTH)
    problems += check_text(enrolment.programme_code, f"{field}.programme_code", MAX_CODE_LENGTH)
    if enrolment.entry_reason:
        problems += check_text(enrolment.entry_reason, f"{field}.entry_reason", MAX_REASON_LENGTH)
    return problems
