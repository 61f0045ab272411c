"""The reasons that a refusal, a return or a request names: stable keys, Russian titles."""

from collections.abc import Mapping
from types import MappingProxyType

NO_PLACES = "no_places"
SELECTION_FAILED = "selection_failed"
TEST_FAILED = "test_failed"
DOCUMENTS_INCOMPLETE = "documents_incomplete"
NO_LEGAL_STAY = "no_legal_stay"
DOCUMENTS_DIFFER = "documents_differ"
REPEATED_APPLICATION = "repeated_application"
AGE = "age"
NO_SHOW = "no_show"
CONSENT_WITHDRAWN = "consent_withdrawn"
ORIGINALS_NOT_GIVEN = "originals_not_given"
CONTRACT_NOT_SIGNED = "contract_not_signed"
CONTRAINDICATED = "contraindicated"
CHANGE_NOT_ALLOWED = "change_not_allowed"
DEBTS = "debts"
ADMISSION_TEST_FAILED = "admission_test_failed"
TRANSFERRED = "transferred"
LEFT_BY_WISH = "left_by_wish"
DIED = "died"

REASONS: Mapping[str, str] = MappingProxyType(
    {
        NO_PLACES: "Нет свободных мест",
        SELECTION_FAILED: "Не пройден индивидуальный отбор",
        TEST_FAILED: "Не пройдено испытание",
        DOCUMENTS_INCOMPLETE: "Представлены не все документы",
        NO_LEGAL_STAY: "Не подтверждена законность нахождения в Российской Федерации",
        DOCUMENTS_DIFFER: "Сведения заявления не подтверждены документами",
        REPEATED_APPLICATION: "По ребёнку уже есть действующее заявление",
        AGE: "Возраст не соответствует условиям приёма",
        NO_SHOW: "Заявитель не явился",
        CONSENT_WITHDRAWN: "Заявитель отозвал согласие с местом",
        ORIGINALS_NOT_GIVEN: "Оригинал документа об образовании не представлен в срок",
        CONTRACT_NOT_SIGNED: "Договор не заключён",
        CONTRAINDICATED: "Есть медицинские противопоказания",
        CHANGE_NOT_ALLOWED: "Изменение сведений недопустимо",
        DEBTS: "Есть академическая задолженность",
        ADMISSION_TEST_FAILED: "Нет зачёта за итоговое сочинение или собеседование",
        TRANSFERRED: "Перевод в другую организацию",
        LEFT_BY_WISH: "Отчисление по инициативе обучающегося или родителей",
        DIED: "Смерть обучающегося",
    }
)
