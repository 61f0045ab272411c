"""Rules on what a source tells with a pupil: birth, addresses, and who acts for the pupil."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from registry.errors import RegistryError
from registry.identifiers import Oktmo, parse_snils
from registry.model import AddressKind, Sex
from registry.names import normalize_name
from registry.problems import Problem
from registry.rules import (
    check_birth_date,
    check_identifier,
    check_name,
    check_snils,
)
from registry.source_fields import (
    FIRST_DAY,
    MAX_CODE_LENGTH,
    MAX_ID_LENGTH,
    MAX_REASON_LENGTH,
    MAX_TITLE_LENGTH,
    check_choice,
    check_ids,
    check_optional_text,
    check_past_day,
    check_period,
    check_text,
)
from registry.sources import SourceAddress, SourcePupil, SourceRepresentative

MAX_ADDRESSES = 50
MAX_REPRESENTATIVES = 20
MAX_NUMBER_LENGTH = 50
# УФТТ, types of representatives: 1 is a parent.
PARENT = "1"

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def check_birth(record: SourcePupil, *, today: date) -> list[Problem]:
    """Problems of citizenship's country, birth place and birth act."""
    problems = check_optional_text(record.country_code, "country_code", MAX_CODE_LENGTH)
    problems += check_optional_text(record.birth_place, "birth_place", MAX_REASON_LENGTH)
    act = record.birth_act
    if act is None:
        return problems
    problems += check_text(act.number, "birth_act.number", MAX_NUMBER_LENGTH)
    problems += check_optional_text(act.office, "birth_act.office", MAX_TITLE_LENGTH)
    if act.recorded_on is not None:
        problems += check_past_day(act.recorded_on, "birth_act.recorded_on", today=today)
        if act.recorded_on < record.birth_date:
            problems.append(
                Problem(
                    "birth_act.before_birth",
                    "birth_act.recorded_on",
                    "Запись акта раньше даты рождения",
                )
            )
    return problems


def check_addresses(addresses: Sequence[SourceAddress], *, today: date) -> list[Problem]:
    """Problems of addresses: ``address.kind``, ``address.fias_id``, texts, ОКТМО, periods."""
    if not addresses:
        return []
    if len(addresses) > MAX_ADDRESSES:
        return [Problem("address.too_many", "addresses", f"Больше {MAX_ADDRESSES} адресов")]
    problems = []
    for index, address in enumerate(addresses):
        field = f"addresses[{index}]"
        problems += check_choice(address.kind, AddressKind, f"{field}.kind", "address.kind")
        problems += check_text(address.text, f"{field}.text", MAX_TITLE_LENGTH)
        if address.fias_id is not None and not _GUID.fullmatch(address.fias_id):
            problems.append(
                Problem("address.fias_id", f"{field}.fias_id", "Не идентификатор ФИАС (GUID)")
            )
        if address.oktmo is not None:
            problems += check_identifier(Oktmo, address.oktmo, f"{field}.oktmo")
        problems += check_period(address.begins_on, address.ends_on, field, today=today)
    return problems


def check_representatives(record: SourcePupil, *, today: date) -> list[Problem]:
    """Problems of the representatives, each by itself and all together.

    ``representative.two_mothers``: two women act as parents at the same time under different
    names. ``representative.repeated``: one key or one СНИЛС for two persons.
    """
    told = record.representatives
    if not told:
        return []
    if len(told) > MAX_REPRESENTATIVES:
        return [
            Problem(
                "representative.too_many",
                "representatives",
                f"Больше {MAX_REPRESENTATIVES} представителей",
            )
        ]
    problems = []
    for index, each in enumerate(told):
        problems += _check_representative(each, f"representatives[{index}]", today=today)
    return problems + _check_together(record)


def _check_representative(
    record: SourceRepresentative, field: str, *, today: date
) -> list[Problem]:
    problems = [
        Problem(each.code, f"{field}.{each.field}", each.message_ru, each.clause)
        for each in check_ids(record.source_id, "-")
    ]
    problems += check_text(record.type_code, f"{field}.type_code", MAX_CODE_LENGTH)
    problems += check_name(record.family_name, f"{field}.family_name")
    problems += check_name(record.first_name, f"{field}.first_name")
    if record.middle_name is not None and record.middle_name.strip():
        problems += check_name(record.middle_name, f"{field}.middle_name")
    problems += check_birth_date(record.birth_date, f"{field}.birth_date", today=today)
    if record.sex not in (Sex.MALE, Sex.FEMALE):
        problems.append(
            Problem("person.sex", f"{field}.sex", "Пол не указан или указан неизвестным кодом")
        )
    if record.snils is not None:
        problems += check_snils(record.snils, f"{field}.snils")
    problems += check_optional_text(
        record.authority_type_code, f"{field}.authority_type_code", MAX_CODE_LENGTH
    )
    problems += check_optional_text(
        record.authority_number, f"{field}.authority_number", MAX_ID_LENGTH
    )
    return problems + check_period(record.begins_on, record.ends_on, field, today=today)


def _check_together(record: SourcePupil) -> list[Problem]:
    told = record.representatives
    problems = []
    snils = [_digits(each.snils) for each in told]
    for (first, one), (second, other) in combinations(enumerate(told), 2):
        same_key = one.source_id == other.source_id and _person(one) != _person(other)
        same_snils = snils[first] is not None and snils[first] == snils[second]
        if same_key or (same_snils and _person(one) != _person(other)):
            problems.append(
                Problem(
                    "representative.repeated",
                    f"representatives[{second}]",
                    "Один ключ или один СНИЛС указан для двух разных лиц",
                )
            )
        if _are_two_mothers(one, other):
            problems.append(
                Problem(
                    "representative.two_mothers",
                    f"representatives[{second}]",
                    "Две женщины с разными именами указаны родителями одновременно",
                )
            )
    own = _digits(record.snils)
    if own is not None and own in snils:
        problems.append(
            Problem(
                "representative.is_child",
                f"representatives[{snils.index(own)}].snils",
                "Представителем указан сам обучающийся",
            )
        )
    return problems


def _are_two_mothers(one: SourceRepresentative, other: SourceRepresentative) -> bool:
    both = (one, other)
    if any(each.type_code != PARENT or each.sex != Sex.FEMALE for each in both):
        return False
    begins = max(each.begins_on or FIRST_DAY for each in both)
    ends = min(each.ends_on or date.max for each in both)
    return begins <= ends and _names(one) != _names(other)


def _person(record: SourceRepresentative) -> tuple[object, ...]:
    return (*_names(record), record.birth_date, _digits(record.snils))


def _names(record: SourceRepresentative) -> tuple[str, ...]:
    names = (record.family_name, record.first_name, record.middle_name or "")
    return tuple(map(normalize_name, names))


def _digits(snils: str | None) -> str | None:
    try:
        return None if snils is None else parse_snils(snils).digits
    except RegistryError:
        return None
