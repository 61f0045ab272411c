"""The words of the screens about persons: tables and columns of the register, values of lists.

English words are the register's own names; Russian ones are here.
"""

from collections.abc import Mapping

from registry.codes import CodeList, title_of

# By table.
TABLES: Mapping[str, str] = {
    "persons": "лицо",
    "former_names": "прежнее имя",
    "person_documents": "документ",
    "addresses": "адрес",
    "representatives": "представитель",
    "consents": "согласие",
    "enrolments": "зачисление",
    "class_placements": "класс",
    "marks": "оценка",
    "exams": "экзамен",
    "certificates": "документ об образовании",
    "achievements": "достижение",
    "applications": "заявление",
    "application_choices": "организация в заявлении",
    "application_privileges": "льгота в заявлении",
    "transfer_cases": "перевод",
    "year_end_cases": "итог учебного года",
    "health_items": "запись карты здоровья",
}

# By column; one word for a name in every table.
COLUMNS: Mapping[str, str] = {
    "applicant_id": "заявитель",
    "achieved_on": "дата",
    "authority_number": "номер документа о полномочиях",
    "authority_type_code": "документ о полномочиях",
    "average": "средний балл",
    "basis": "основание",
    "begins_on": "с",
    "birth_act_number": "номер актовой записи о рождении",
    "birth_act_office": "орган ЗАГС",
    "birth_act_on": "дата актовой записи о рождении",
    "birth_date": "дата рождения",
    "birth_place": "место рождения",
    "category": "категория",
    "citizenship_code": "гражданство",
    "class_group_id": "класс",
    "code": "код",
    "confirmed": "подтверждено",
    "country_code": "страна (ОКСМ)",
    "desired_on": "желаемая дата",
    "detail": "подробности",
    "due_on": "срок",
    "ends_on": "по",
    "enrolment_id": "зачисление",
    "enrolment_order_id": "приказ о зачислении",
    "entry_order_id": "приказ о зачислении",
    "entry_reason": "основание зачисления",
    "exit_order_id": "приказ об отчислении",
    "exit_reason": "основание отчисления",
    "expulsion_order_id": "приказ об отчислении",
    "family_name": "фамилия",
    "fias_id": "ФИАС",
    "first_name": "имя",
    "form_code": "форма обучения",
    "from_id": "откуда",
    "from_name": "откуда (вне региона)",
    "funding_code": "источник финансирования",
    "given_on": "дата",
    "graduation": "выпуск",
    "held_on": "дата",
    "issued_by": "кем выдан",
    "issued_on": "дата выдачи",
    "kind": "вид",
    "level": "уровень",
    "live": "не завершено",
    "mark": "оценка",
    "medal": "медаль",
    "merged_into": "оказалось лицом",
    "middle_name": "отчество",
    "note": "примечание",
    "number": "номер",
    "offered_id": "где предложено место",
    "offered_programme": "по какой программе предложено место",
    "oktmo": "ОКТМО",
    "organisation_id": "организация",
    "originals_on": "оригиналы поданы",
    "declared": "заявленные обстоятельства",
    "parallel": "параллель",
    "passed": "сдан",
    "period": "номер периода",
    "person_id": "лицо",
    "priority": "очерёдность",
    "programme_code": "программа",
    "purpose": "цель",
    "rank": "очередь льготы",
    "realisation_code": "форма реализации",
    "requested_at": "запрошено",
    "result": "результат",
    "revoked_on": "отозвано",
    "school_year": "учебный год",
    "scope": "вид перевода",
    "score": "баллы",
    "serial": "порядковый номер",
    "series": "серия",
    "sex": "пол",
    "snils": "СНИЛС",
    "source": "источник",
    "state": "состояние",
    "state_since": "в состоянии с",
    "subject": "предмет",
    "submitted_at": "подано",
    "territory": "закреплённая территория",
    "text": "адрес",
    "title": "название",
    "to_id": "куда",
    "to_name": "куда (вне региона)",
    "type_code": "тип",
    "until": "по день",
    "valid_until": "действует до",
    "value": "оценка",
    "with_honours": "с отличием",
}

# Headings, and values that the register writes in English.
TEXTS: Mapping[str, str] = {
    "person": "номер в реестре",
    "name": "ФИО",
    "born": "рождён(а)",
    "organisation": "организация",
    "class": "класс",
    "since": "с",
    "until": "по",
    "as of": "на дату",
    "as known on": "по сведениям на",
    "former name": "прежнее имя",
    "sex": "пол",
    "male": "мужской",
    "female": "женский",
    "citizenship": "гражданство",
    "birth place": "место рождения",
    "birth act": "актовая запись о рождении",
    "Documents": "Документы",
    "Addresses": "Адреса",
    "Representatives": "Представители",
    "Studies": "Обучается",
    "Trajectory": "Траектория",
    "Results": "Успеваемость",
    "Examinations": "Экзамены",
    "Certificates": "Документы об образовании",
    "Achievements": "Достижения",
    "Health card": "Карта здоровья",
    "The health card is empty.": "Карта здоровья пуста.",
    "type": "тип",
    "series": "серия",
    "number": "номер",
    "issued": "выдан",
    "kind": "вид",
    "address": "адрес",
    "programme": "программа",
    "form": "форма",
    "classes": "классы",
    "came": "основание зачисления",
    "left": "основание отчисления",
    "orders": "приказы",
    "subject": "предмет",
    "year": "год",
    "final": "итог",
    "day": "дата",
    "score": "баллы",
    "mark": "оценка",
    "passed": "сдан",
    "honours": "с отличием",
    "medal": "медаль",
    "average": "средний балл",
    "level": "уровень",
    "title": "название",
    "result": "результат",
    "code": "код",
    "category": "категория",
    "detail": "подробности",
    "source": "источник",
    "valid then": "действует",
    "yes": "да",
    "no": "нет",
    "first": "первой степени",
    "second": "второй степени",
    "registration": "регистрации",
    "stay": "пребывания",
    "actual": "фактический",
    "oge": "ОГЭ",
    "ege": "ЕГЭ",
    "gve": "ГВЭ",
    "olympiad": "олимпиада",
    "sport": "спорт",
    "arts": "искусство",
    "gto": "ГТО",
    "science": "наука",
    "other": "иное",
    "school": "школьный",
    "municipal": "муниципальный",
    "regional": "региональный",
    "national": "всероссийский",
    "international": "международный",
    "health_group": "группа здоровья",
    "physical_education_group": "физкультурная группа",
    "disability": "инвалидность",
    "commission": "заключение ПМПК",
    "nosology": "нозология",
    "long_treatment": "длительное лечение",
    "vaccination": "прививка",
    "known since": "известно с",
    "what": "что",
    "true from": "верно с",
    "version": "версия",
    "change": "изменение",
    "field": "поле",
    "before": "было",
    "after": "стало",
    "added": "появилось",
    "changed": "изменено",
    "retracted": "отозвано как ошибочное",
    "restored": "восстановлено",
    "joined": "перешло от другого лица",
    "parted": "перешло к другому лицу",
}


class StudentWords:
    """Says tables, columns, headings and codes in the operator's language."""

    def __init__(self, language: str) -> None:
        self._russian = language == "ru"

    def __call__(self, text: str) -> str:
        """A heading, or a value that the register writes in English."""
        return TEXTS.get(text, text) if self._russian else text

    def table(self, name: str) -> str:
        """A table, as a kind of fact."""
        return TABLES.get(name, name) if self._russian else name.replace("_", " ")

    def column(self, name: str) -> str:
        """A column, as a field of a fact."""
        if self._russian:
            return COLUMNS.get(name, name)
        return name.removesuffix("_id").removesuffix("_code").replace("_", " ")

    def code(self, name: str, code: str | None) -> str:
        """A code of a list by its title, which is Russian; one without a title stays."""
        if code is None:
            return ""
        try:
            title = title_of(CodeList(name), code)
        except ValueError:
            return code
        return title or code
