"""Rules on what a source tells with a pupil: birth, addresses, and who acts for the pupil."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from registry.errors import RegistryError
from registry.identifiers import Oktmo, parse_snils
from registry.model import AddressKind, Sex
from registry.names import normalize_name
from registry.problems import Problem, Rule
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
    check_optional_text,
    check_past_day,
    check_period,
    check_sex,
    check_text,
)
from registry.sources import SourceAddress, SourcePupil, SourceRepresentative

MAX_ADDRESSES = 50
MAX_REPRESENTATIVES = 20
MAX_NUMBER_LENGTH = 50
# УФТТ, types of representatives: 1 is a parent.
PARENT = "1"

ACT_BEFORE_BIRTH = Rule(
    "birth_act.before_birth", "birth_act.recorded_on", "Запись акта раньше даты рождения"
)
ADDRESSES_TOO_MANY = Rule("address.too_many", "addresses", f"Больше {MAX_ADDRESSES} адресов")
ADDRESS_KIND = Rule("address.kind", "addresses", "Неизвестный вид адреса")
ADDRESS_FIAS_ID = Rule("address.fias_id", "addresses", "Не идентификатор ФИАС (GUID)")
TOO_MANY = Rule(
    "representative.too_many",
    "representatives",
    f"Больше {MAX_REPRESENTATIVES} представителей",
)
REPEATED = Rule(
    "representative.repeated",
    "representatives",
    "Один ключ или один СНИЛС указан для двух разных лиц",
)
TWO_MOTHERS = Rule(
    "representative.two_mothers",
    "representatives",
    "Две женщины с разными именами указаны родителями одновременно",
)
# The store, which knows persons by more than their СНИЛС, tells of it as well.
IS_CHILD = Rule(
    "representative.is_child", "representatives", "Представителем указан сам обучающийся"
)

RULES = (
    ACT_BEFORE_BIRTH,
    ADDRESSES_TOO_MANY,
    ADDRESS_KIND,
    ADDRESS_FIAS_ID,
    TOO_MANY,
    REPEATED,
    TWO_MOTHERS,
    IS_CHILD,
)

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
            problems.append(ACT_BEFORE_BIRTH.problem())
    return problems


def check_addresses(addresses: Sequence[SourceAddress], *, today: date) -> list[Problem]:
    """Problems of addresses: ``address.kind``, ``address.fias_id``, texts, ОКТМО, periods."""
    if not addresses:
        return []
    if len(addresses) > MAX_ADDRESSES:
        return [ADDRESSES_TOO_MANY.problem()]
    problems = []
    for index, address in enumerate(addresses):
        field = f"addresses[{index}]"
        problems += check_choice(address.kind, AddressKind, ADDRESS_KIND, f"{field}.kind")
        problems += check_text(address.text, f"{field}.text", MAX_TITLE_LENGTH)
        if address.fias_id is not None and not _GUID.fullmatch(address.fias_id):
            problems.append(ADDRESS_FIAS_ID.problem(f"{field}.fias_id"))
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
        return [TOO_MANY.problem()]
    problems = []
    for index, each in enumerate(told):
        problems += _check_representative(each, f"representatives[{index}]", today=today)
    return problems + _check_together(record)


def _check_representative(
    record: SourceRepresentative, field: str, *, today: date
) -> list[Problem]:
    problems = check_text(record.source_id, f"{field}.source_id", MAX_ID_LENGTH)
    problems += check_text(record.type_code, f"{field}.type_code", MAX_CODE_LENGTH)
    problems += check_name(record.family_name, f"{field}.family_name")
    problems += check_name(record.first_name, f"{field}.first_name")
    if record.middle_name is not None and record.middle_name.strip():
        problems += check_name(record.middle_name, f"{field}.middle_name")
    problems += check_birth_date(record.birth_date, f"{field}.birth_date", today=today)
    problems += check_sex(record.sex, f"{field}.sex")
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
            problems.append(REPEATED.problem(f"representatives[{second}]"))
        if _are_two_mothers(one, other):
            problems.append(TWO_MOTHERS.problem(f"representatives[{second}]"))
    own = _digits(record.snils)
    if own is not None and own in snils:
        problems.append(IS_CHILD.problem(f"representatives[{snils.index(own)}].snils"))
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
