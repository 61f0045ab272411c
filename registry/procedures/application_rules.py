"""The rules on applications, as the catalogue tells them; `windows` checks them."""

from registry.problems import Rule

OUT_OF_WINDOW = Rule(
    "application.out_of_window",
    "submitted_at",
    "Заявление подано вне срока приёма",
    "приказ № 458, п. 17; приказ № 457, п. 20",
)
NOT_TERRITORY = Rule(
    "application.not_territory",
    "choices",
    "В это время в 1 класс принимают только по закреплённой территории и льготам",
    "приказ № 458, п. 17",
)
SCHOOL_YEAR = Rule(
    "application.school_year", "school_year", "Учебный год не соответствует дню подачи заявления"
)
SCHOOL_AGE = Rule(
    "application.school_age",
    "birth_date",
    "На 1 сентября ребёнку меньше 6,5 или больше 8 лет, разрешения учредителя нет",
    "273-ФЗ, ст. 67, ч. 1",
)
KINDERGARTEN_AGE = Rule(
    "application.kindergarten_age",
    "birth_date",
    "На желаемую дату ребёнку меньше 2 месяцев или больше 8 лет",
    "273-ФЗ, ст. 67, ч. 1",
)
PARALLEL = Rule(
    "application.parallel", "parallel", "Класс, курс или группа не соответствуют виду заявления"
)
NO_CHOICES = Rule("application.no_choices", "choices", "Не выбрана ни одна организация")
CHOICE_REPEATED = Rule(
    "application.choice_repeated", "choices", "Организация и программа выбраны повторно"
)
CHOICE_PRIORITY = Rule(
    "application.choice_priority", "choices", "Приоритеты должны идти подряд, начиная с 1"
)
PROGRAMME_MISSING = Rule(
    "application.programme_missing", "choices", "Не указана программа или специальность"
)
LEGAL_STAY = Rule(
    "application.legal_stay",
    "documents",
    "Не представлены документы о законности нахождения в Российской Федерации",
    "273-ФЗ, ст. 78; приказ № 458 в ред. № 727",
)
AVERAGE_MISSING = Rule(
    "application.average_missing",
    "average",
    "Не указан средний балл документа об образовании",
    "приказ № 457, разд. VIII",
)
AVERAGE_RANGE = Rule(
    "application.average_range",
    "average",
    "Средний балл вне пределов от 2 до 5",
    "приказ № 457, разд. VIII",
)
ORIGINALS_EARLY = Rule(
    "application.originals_before_application",
    "originals_on",
    "Оригинал документа представлен раньше заявления",
)
DESIRED_ON_MISSING = Rule(
    "application.desired_on_missing", "desired_on", "Не указана желаемая дата зачисления"
)
PRIVILEGE_REPEATED = Rule("application.privilege_repeated", "privileges", "Льгота указана повторно")
PRIVILEGE_PERIOD = Rule(
    "application.privilege_period", "privileges", "Срок льготы окончен раньше, чем начат"
)

RULES = (
    OUT_OF_WINDOW,
    NOT_TERRITORY,
    SCHOOL_YEAR,
    SCHOOL_AGE,
    KINDERGARTEN_AGE,
    PARALLEL,
    NO_CHOICES,
    CHOICE_REPEATED,
    CHOICE_PRIORITY,
    PROGRAMME_MISSING,
    LEGAL_STAY,
    AVERAGE_MISSING,
    AVERAGE_RANGE,
    ORIGINALS_EARLY,
    DESIRED_ON_MISSING,
    PRIVILEGE_REPEATED,
    PRIVILEGE_PERIOD,
)
