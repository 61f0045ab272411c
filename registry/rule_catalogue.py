"""Every rule of the register: stable key, field, Russian message, clause.

The procedures declare their rules where they check them. Those of values and of imports are
declared here beside their modules' names, and so are those that only the store can check, which
the register can't import. A test compares all of it with the code.
"""

from dataclasses import dataclass

from registry import import_rules, rules
from registry.cases import archive_rules
from registry.cases import rules as case_rules
from registry.identity import rules as identity_rules
from registry.problems import Rule
from registry.procedures import (
    additional,
    application_rules,
    college,
    engine,
    graduation,
    guards,
    kindergarten,
    promotion,
    school_facts,
    transfer,
)


@dataclass(frozen=True, slots=True)
class RuleSection:
    """Rules that belong together; `title` is English, as the documents are."""

    title: str
    rules: tuple[Rule, ...]


VALUES = RuleSection(
    "Single values",
    (
        Rule("snils.format", "snils", "СНИЛС должен состоять из 11 цифр, не одних нулей"),
        Rule("snils.checksum", "snils", "Контрольное число СНИЛС не сходится"),
        Rule("inn.format", "inn", "ИНН должен состоять из 10 или 12 цифр"),
        Rule("inn.checksum", "inn", "Контрольные цифры ИНН не сходятся"),
        Rule("ogrn.format", "ogrn", "ОГРН должен состоять из 13 или 15 цифр"),
        Rule("ogrn.checksum", "ogrn", "Контрольная цифра ОГРН не сходится"),
        Rule("oktmo.format", "oktmo", "ОКТМО должен состоять из 8 или 11 цифр"),
        Rule("name.empty", "family_name", "Не заполнено"),
        Rule("name.too_long", "family_name", f"Длиннее {rules.MAX_NAME_LENGTH} знаков"),
        Rule("name.characters", "family_name", "Содержит знаки, недопустимые в имени"),
        Rule("birth_date.future", "birth_date", "Дата рождения в будущем"),
        Rule(
            "birth_date.too_old",
            "birth_date",
            f"С даты рождения прошло более {rules.MAX_AGE_YEARS} лет",
        ),
        Rule("document.type", "documents", "Код вида документа должен быть из 1–3 цифр"),
        Rule("document.series", "documents", "Серия не соответствует виду документа"),
        Rule("document.number", "documents", "Номер не соответствует виду документа"),
        Rule(
            "as_of.out_of_range",
            "AsOf",
            f"Дата сведений вне пределов от {rules.MAX_AGE_YEARS} лет назад до года вперёд",
        ),
    ),
)

IMPORTS = RuleSection(
    "Records of a source",
    (
        Rule("record.repeated", "source_id", "Запись с этим ключом уже была в пакете"),
        Rule("text.empty", "source_id", "Не заполнено"),
        Rule("text.too_long", "source_id", "Длиннее допустимого числа знаков"),
        Rule("text.characters", "source_id", "Содержит управляющие знаки"),
        Rule("class.parallel", "parallel", "Параллель вне пределов от 0 до 12"),
        Rule("class.school_year", "school_year", "Недопустимый учебный год"),
        Rule("class.shift", "shift", "Смена вне пределов от 1 до 3"),
        Rule("class.capacity", "capacity", "Недопустимое число мест"),
        Rule("person.sex", "sex", "Пол не указан или указан неизвестным кодом"),
        Rule("document.too_many", "documents", f"Больше {import_rules.MAX_DOCUMENTS} документов"),
        Rule("document.repeated", "documents", "Документ указан дважды"),
        Rule(
            "enrolment.begins_before_birth",
            "enrolment.begins_on",
            "Зачисление раньше даты рождения",
        ),
        Rule("enrolment.ends_before_begin", "enrolment.ends_on", "Окончание раньше зачисления"),
    ),
)

STORE = RuleSection(
    "Records against the register",
    (
        Rule(
            "class.organisation_unknown",
            "organisation_source_id",
            "Организация класса не найдена в реестре",
        ),
        Rule(
            "class.organisation_changed",
            "organisation_source_id",
            "Класс не может перейти в другую организацию",
        ),
        Rule(
            "enrolment.organisation_unknown",
            "enrolment.organisation_source_id",
            "Организация зачисления не найдена в реестре",
        ),
        Rule("enrolment.class_unknown", "enrolment.class_source_id", "Класс не найден в реестре"),
        Rule(
            "enrolment.class_elsewhere",
            "enrolment.class_source_id",
            "Класс принадлежит другой организации",
        ),
        Rule("person.snils_conflict", "snils", "СНИЛС в реестре принадлежит другому лицу"),
        Rule(
            "person.identity_changed",
            "source_id",
            "Под этим ключом источник прежде сообщал о другом лице: не совпадает СНИЛС либо дата "
            "рождения вместе с именем",
        ),
    ),
)

SECTIONS = (
    VALUES,
    IMPORTS,
    STORE,
    RuleSection("Identity", identity_rules.RULES),
    RuleSection("Cases", case_rules.RULES),
    RuleSection("Cases of another system", archive_rules.RULES),
    RuleSection("Applications", application_rules.RULES),
    RuleSection("Steps of any procedure", engine.RULES + guards.RULES),
    RuleSection("Steps of an admission to a school", school_facts.RULES),
    RuleSection("Steps of an admission to a kindergarten", kindergarten.RULES),
    RuleSection("Steps of an admission to a college", college.RULES),
    RuleSection("Steps of an enrolment in additional education", additional.RULES),
    RuleSection("Steps of a transfer", transfer.RULES),
    RuleSection("Steps of a promotion", promotion.RULES),
    RuleSection("Steps of a graduation", graduation.RULES),
)

CATALOGUE = tuple(rule for section in SECTIONS for rule in section.rules)
