"""Rules on single values and on queries; every check returns all the problems it finds.

Messages never repeat the value: they travel in replies and in reports of refused records.
"""

import re
from datetime import date, timedelta

from registry.codes import BIRTH_CERTIFICATE, RUSSIAN_PASSPORT
from registry.commands import ByDocument, ByPersonalData, BySnils, FindStudent
from registry.errors import RegistryError
from registry.identifiers import Inn, Ogrn, Oktmo, Snils, parse_snils
from registry.names import is_name, normalize_document, normalize_name
from registry.problems import Problem

__all__ = [
    "Problem",
    "check_birth_date",
    "check_document",
    "check_find_student",
    "check_identifier",
    "check_name",
    "check_snils",
]

MAX_AGE_YEARS = 120
MAX_NAME_LENGTH = 150
MAX_DOCUMENT_LENGTH = 50
# How far ahead a trajectory may be asked for: orders for the coming school year are known early.
MAX_DAYS_AHEAD = 366

_TYPE_CODE = re.compile(r"[0-9]{1,3}")
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_PASSPORT_SERIES = re.compile(r"[0-9]{4}")
# A Roman numeral and two Russian letters; both after `normalize_document`, which writes
# look-alike letters in Latin and V as y.
_CERTIFICATE_SERIES = re.compile(r"[iyxlc]{1,6}[a-zа-я]{2}")
_DOCUMENT_TEXT = re.compile(r"[\w\s./()\u2116\u2010-\u2015-]*")

_MESSAGES = {
    "snils.format": "СНИЛС должен состоять из 11 цифр, не одних нулей",
    "snils.checksum": "Контрольное число СНИЛС не сходится",
    "inn.format": "ИНН должен состоять из 10 или 12 цифр",
    "inn.checksum": "Контрольные цифры ИНН не сходятся",
    "ogrn.format": "ОГРН должен состоять из 13 или 15 цифр",
    "ogrn.checksum": "Контрольная цифра ОГРН не сходится",
    "oktmo.format": "ОКТМО должен состоять из 8 или 11 цифр",
}


def years_before(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes the 28th in a common year."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def check_snils(text: str, field: str) -> list[Problem]:
    """Problems of a СНИЛС in any of its forms: ``snils.format``, ``snils.checksum``."""
    try:
        parse_snils(text)
    except RegistryError as error:
        return [Problem(error.code, field, _MESSAGES[error.code])]
    return []


def check_identifier(
    kind: type[Inn] | type[Ogrn] | type[Oktmo] | type[Snils], digits: str, field: str
) -> list[Problem]:
    """Problems of an identifier given as bare digits: ``inn.checksum``, ``ogrn.format``, …"""
    try:
        kind(digits)
    except RegistryError as error:
        return [Problem(error.code, field, _MESSAGES[error.code])]
    return []


def check_name(text: str, field: str) -> list[Problem]:
    """Problems of one name: ``name.empty``, ``name.too_long``, ``name.characters``."""
    if not text.strip():
        return [Problem("name.empty", field, "Не заполнено")]
    problems = []
    # The key may be longer than the name: some letters fold to three.
    if max(len(text), len(normalize_name(text))) > MAX_NAME_LENGTH:
        problems.append(Problem("name.too_long", field, f"Длиннее {MAX_NAME_LENGTH} знаков"))
    if not is_name(text):
        problems.append(Problem("name.characters", field, "Содержит знаки, недопустимые в имени"))
    return problems


def check_birth_date(birth_date: date, field: str, *, today: date) -> list[Problem]:
    """Problems of a birth date: ``birth_date.future``, ``birth_date.too_old``."""
    if birth_date > today:
        return [Problem("birth_date.future", field, "Дата рождения в будущем")]
    if birth_date < years_before(today, MAX_AGE_YEARS):
        return [
            Problem(
                "birth_date.too_old", field, f"С даты рождения прошло более {MAX_AGE_YEARS} лет"
            )
        ]
    return []


def check_document(
    type_code: str,
    series: str,
    number: str,
    field: str,
    *,
    parts: tuple[str, str, str] = ("Type", "Series", "Number"),
) -> list[Problem]:
    """Problems of an identity document; `parts` name its fields as the sender knows them.

    ``document.type``: the code is not 1 to 3 digits (whether it is in the list is not asked).
    ``document.series``, ``document.number``: empty where there must be one, too long, or not of
    the pattern that birth certificates (11) and passports (12) follow.
    """
    checks = (
        (
            _TYPE_CODE.fullmatch(type_code) is not None,
            "document.type",
            "Код вида документа должен быть из 1–3 цифр",
        ),
        (
            _is_series(type_code, series),
            "document.series",
            "Серия не соответствует виду документа",
        ),
        (
            _is_number(type_code, number),
            "document.number",
            "Номер не соответствует виду документа",
        ),
    )
    return [
        Problem(code, f"{field}.{part}", message)
        for (holds, code, message), part in zip(checks, parts, strict=True)
        if not holds
    ]


def _is_document_text(text: str) -> bool:
    length = max(len(text), len(normalize_document(text)))
    return length <= MAX_DOCUMENT_LENGTH and _DOCUMENT_TEXT.fullmatch(text) is not None


def _is_series(type_code: str, series: str) -> bool:
    key = normalize_document(series)
    if type_code == RUSSIAN_PASSPORT:
        return _PASSPORT_SERIES.fullmatch(key) is not None
    if type_code == BIRTH_CERTIFICATE:
        return _CERTIFICATE_SERIES.fullmatch(key) is not None
    return _is_document_text(series)


def _is_number(type_code: str, number: str) -> bool:
    key = normalize_document(number)
    if type_code in (RUSSIAN_PASSPORT, BIRTH_CERTIFICATE):
        return _SIX_DIGITS.fullmatch(key) is not None
    return key != "" and _is_document_text(number)


def check_find_student(query: FindStudent, today: date) -> list[Problem]:
    """All problems of a query: those of its key, and ``as_of.out_of_range``."""
    problems = _check_key(query.by, today)
    as_of = query.as_of
    if as_of is not None and not (
        years_before(today, MAX_AGE_YEARS) <= as_of <= today + timedelta(days=MAX_DAYS_AHEAD)
    ):
        problems.append(
            Problem(
                "as_of.out_of_range",
                "AsOf",
                f"Дата сведений вне пределов от {MAX_AGE_YEARS} лет назад до года вперёд",
            )
        )
    return problems


def _check_key(by: BySnils | ByPersonalData | ByDocument, today: date) -> list[Problem]:
    match by:
        case BySnils(snils):
            return check_snils(snils, "Snils")
        case ByDocument(type_code, series, number):
            return check_document(type_code, series, number, "IdentityDocument")
        case ByPersonalData(family_name, first_name, middle_name, birth_date):
            problems = check_name(family_name, "PersonalData.FamilyName")
            problems += check_name(first_name, "PersonalData.FirstName")
            if middle_name is not None and middle_name.strip():
                problems += check_name(middle_name, "PersonalData.MiddleName")
            return problems + check_birth_date(birth_date, "PersonalData.BirthDate", today=today)
