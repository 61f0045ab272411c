"""The rules of the use cases, beside those of the transitions."""

from registry.problems import Rule

PERSON_UNKNOWN = Rule("case.person_unknown", "person_id", "Лицо не найдено в реестре")
CHANGED_SINCE = Rule(
    "case.changed_since", "expected_version", "Дело изменено другим участником, прочитайте его"
)
ORGANISATION_UNKNOWN = Rule(
    "case.organisation_unknown", "organisation_id", "Организация не найдена в реестре"
)
ALREADY_APPLIED = Rule(
    "application.already_live",
    "choices",
    "По ребёнку уже есть действующее заявление в эту организацию на этот учебный год",
    "приказ № 458, п. 17",
)
SUBMITTED_LATER = Rule(
    "application.submitted_later", "submitted_at", "Время подачи заявления ещё не наступило"
)
NOT_CHOSEN = Rule(
    "application.not_chosen", "organisation_id", "Заявление не называет эту организацию"
)
OFFERED_ELSEWHERE = Rule(
    "application.offered_elsewhere",
    "organisation_id",
    "Место предложено в другой организации или по другой программе",
)
TERMS_MISSING = Rule(
    "enrolment.terms_missing",
    "enrolment",
    "Не указаны распорядительный акт и день зачисления",
    "приказ № 458, п. 31",
)
TERMS_EXTRA = Rule(
    "enrolment.terms_extra", "enrolment", "Сведения о зачислении к этому действию не относятся"
)
ORDER_LATER = Rule("order.later", "order", "День распорядительного акта ещё не наступил")
ORDER_NUMBER = Rule("order.number", "order", "Не указан номер распорядительного акта")
ORDER_EARLY = Rule(
    "order.before_enrolment", "order", "Распорядительный акт издан раньше начала обучения"
)
FORM_UNKNOWN = Rule(
    "enrolment.form_unknown", "enrolment.form_code", "Такого кода формы обучения нет"
)
PROGRAMME_UNFIT = Rule(
    "enrolment.programme_unfit",
    "enrolment.programme_code",
    "Такого кода вида программы нет, либо вид не подходит к процедуре",
)
CLASS_UNKNOWN = Rule("class.unknown", "class_group_id", "Класс не найден в этой организации")
CLASS_FULL = Rule("class.full", "class_group_id", "В классе нет свободных мест")
CLASS_PARALLEL = Rule(
    "class.other_parallel", "class_group_id", "Класс другой параллели или другого учебного года"
)
OVERLAPS = Rule(
    "enrolment.overlaps",
    "enrolment.begins_on",
    "Период пересекается с другим зачислением по основной программе",
    "приказ № 458, приказ № 240",
)
NOT_ENROLLED = Rule(
    "transfer.not_enrolled",
    "person_id",
    "Лицо сейчас не зачислено по основной программе",
    "приказ № 240, разд. I",
)
ENROLLED_ALREADY = Rule(
    "transfer.enrolled_already", "person_id", "Лицо уже зачислено по основной программе"
)
ALREADY_MOVING = Rule(
    "transfer.already_live", "person_id", "По лицу уже есть незавершённый перевод"
)
SAME_ORGANISATION = Rule(
    "transfer.same_organisation", "to_id", "Принимающая организация та же, что исходная"
)
RECEIVER_SETTLED = Rule(
    "transfer.receiver_settled", "to_id", "Это действие не меняет принимающую организацию"
)
ALREADY_LEFT = Rule(
    "transfer.already_left",
    "enrolment_id",
    "Исходное зачисление уже окончено или признано ошибочным",
)
SIDES = Rule("transfer.sides", "scope", "Организации перевода не соответствуют его виду")
ORDER_MISSING = Rule("order.missing", "order", "Не указаны номер и дата распорядительного акта")
ENROLMENT_UNKNOWN = Rule(
    "year_end.enrolment_unknown", "enrolment_id", "Зачисление не найдено в реестре"
)
ENROLMENT_ENDED = Rule(
    "year_end.enrolment_ended", "enrolment_id", "Зачисление окончено раньше учебного года"
)
OPENED_ALREADY = Rule(
    "year_end.already_open", "school_year", "Итоги этого учебного года уже подводятся"
)

RULES = (
    PERSON_UNKNOWN,
    CHANGED_SINCE,
    ORGANISATION_UNKNOWN,
    ALREADY_APPLIED,
    SUBMITTED_LATER,
    NOT_CHOSEN,
    OFFERED_ELSEWHERE,
    TERMS_MISSING,
    TERMS_EXTRA,
    ORDER_LATER,
    ORDER_NUMBER,
    ORDER_EARLY,
    FORM_UNKNOWN,
    PROGRAMME_UNFIT,
    CLASS_UNKNOWN,
    CLASS_FULL,
    CLASS_PARALLEL,
    OVERLAPS,
    NOT_ENROLLED,
    ENROLLED_ALREADY,
    ALREADY_MOVING,
    SAME_ORGANISATION,
    RECEIVER_SETTLED,
    ALREADY_LEFT,
    SIDES,
    ORDER_MISSING,
    ENROLMENT_UNKNOWN,
    ENROLMENT_ENDED,
    OPENED_ALREADY,
)
