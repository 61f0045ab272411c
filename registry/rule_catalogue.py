"""Every rule of the register: stable key, field, Russian message, clause.

The procedures and the checks of a source's records declare their rules where they check them.
Those of single values are declared here, and so are those that only the store can check, which the
register can't import. A test compares all of it with the code.
"""

from dataclasses import dataclass

from registry import fact_rules, family_rules, import_rules, rules, source_fields
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
        *import_rules.RULES,
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

STORE_STUDIES = RuleSection(
    "Studies against the register",
    (
        Rule("study.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule(
            "study.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
        Rule("study.before_birth", "begins_on", "Зачисление раньше даты рождения"),
        Rule("study.class_unknown", "placements", "Класс не найден в реестре"),
        Rule("study.class_elsewhere", "placements", "Класс принадлежит другой организации"),
        Rule("study.repeated", "source_id", "В пакете уже есть запись об этом зачислении"),
        Rule(
            "study.overlaps",
            "begins_on",
            "Период пересекается с другим зачислением по основной программе",
            "приказ № 458, приказ № 240",
        ),
    ),
)

STORE_FACTS = RuleSection(
    "Health, marks, examinations and papers against the register",
    (
        Rule("health.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule("health.before_birth", "begins_on", "Дата раньше даты рождения"),
        Rule(
            "health.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
        Rule("mark.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule("mark.before_birth", "given_on", "Дата раньше даты рождения"),
        Rule(
            "mark.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
        Rule(
            "mark.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
        Rule("exam.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule("exam.before_birth", "held_on", "Дата раньше даты рождения"),
        Rule(
            "exam.repeated", "source_id", "В пакете уже есть запись о том же с другим содержанием"
        ),
        Rule(
            "exam.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
        Rule("certificate.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule("certificate.before_birth", "issued_on", "Дата раньше даты рождения"),
        Rule(
            "certificate.repeated",
            "source_id",
            "В пакете уже есть запись о том же с другим содержанием",
        ),
        Rule(
            "certificate.organisation_unknown",
            "organisation_source_id",
            "Организация не найдена в реестре",
        ),
        Rule("achievement.pupil_unknown", "pupil_source_id", "Обучающийся не найден в реестре"),
        Rule("achievement.before_birth", "achieved_on", "Дата раньше даты рождения"),
        Rule(
            "achievement.repeated",
            "source_id",
            "В пакете уже есть запись о том же с другим содержанием",
        ),
    ),
)

SECTIONS = (
    VALUES,
    RuleSection("Fields of a source's records", source_fields.RULES),
    IMPORTS,
    RuleSection("Birth, addresses and representatives of a pupil", family_rules.RULES),
    RuleSection("Studies, health, marks, examinations and papers", fact_rules.RULES),
    STORE,
    STORE_STUDIES,
    STORE_FACTS,
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
