"""The words of the command line's screens: English, and Russian by locale."""

import os
from collections.abc import Mapping

_RUSSIAN = {
    "Status": "Статус",
    "Sender": "Отправитель",
    "Recipient": "Получатель",
    "Date": "Дата",
    "Answers message": "На сообщение",
    "Signature": "Подпись",
    "Fault": "Отказ",
    "Code": "Код",
    "Description": "Описание",
    "Journal id": "Номер в журнале",
    "time": "время",
    "message": "сообщение",
    "peer": "откуда",
    "operation": "операция",
    "sender": "отправитель",
    "status": "статус",
    "fault": "отказ",
    "size": "размер",
    "valid": "верна",
    "invalid": "неверна",
    "untrusted": "сертификату нет доверия",
    "unsupported": "не поддерживается",
    "holds": "верно",
    "does not hold": "неверно",
    "Likely cause": "Вероятная причина",
    "digest": "дайджест",
    "expected": "ожидалось",
    "found": "получено",
    "the signature holds": "подпись верна",
    "a signed element was changed after signing": "подписанный элемент изменён после подписания",
    "the message was reformatted after signing: it holds once white space between elements is "
    "taken out": "сообщение переформатировано после подписания: без пробелов между элементами "
    "подпись верна",
    "the bytes of the value stand in another order than they should": "порядок байтов значения "
    "не тот, что должен быть",
    "the value was made by another key than the certificate's, or SignedInfo was changed": (
        "значение сделано не ключом этого сертификата, или изменён SignedInfo"
    ),
    "what was digested is not what the transforms of this place make": "дайджест взят не от того, "
    "что дают преобразования, положенные здесь",
    "the certificate, or an authority's above it, is not in date": "срок действия сертификата "
    "(или выдавшего его центра) не наступил или истёк",
    "the signature holds, but its certificate is not accepted": "подпись верна, но сертификат "
    "не принимается",
    "the message or its signature is not built as it has to be": "сообщение или подпись построены "
    "неправильно",
    "nothing can be said: it uses what is not known here, or covers too much to try out": (
        "сказать нечего: подпись использует то, что здесь неизвестно, или охватывает слишком много"
    ),
    "The journal is empty.": "Журнал пуст.",
    "No message matches.": "Подходящих сообщений нет.",
    "The database was made.": "База данных создана.",
    "sealed with the key {key}": "зашифровано ключом {key}",
    "left, of a key that is not at hand, or changed": "осталось: ключа нет, или значение изменено",
    "left, the same is there under two keys (two persons of one СНИЛС: join them)": (
        "осталось: то же есть под двумя ключами (один СНИЛС у двух лиц: объедините их)"
    ),
    "Keep every key: something is still sealed with another.": (
        "Сохраните все ключи: не всё ещё перешифровано."
    ),
    "No longer needed": "Больше не нужны ключи",
    "Everything is sealed with the one key there is.": "Всё зашифровано единственным ключом.",
    "organisations": "организации",
    "classes": "классы",
    "pupils": "обучающиеся",
    "created": "создано",
    "changed": "изменено",
    "unchanged": "без изменений",
    "refused": "отклонено",
    "Serving on": "Принимаю запросы:",
    "stop with Ctrl+C": "остановка — Ctrl+C",
    "Made": "Создано",
    "received": "получено",
    "decided": "решено",
    "checks": "проверки",
    "request": "запрос",
    "reply": "ответ",
    "not decided": "не решено",
    "The database is up to date.": "База данных обновлена.",
    "going on from where the last pull stopped": "продолжаю с места остановки",
    # what a reply holds
    "FindStudentResult": "Ответ на запрос",
    "Student": "Обучающийся",
    "Problems": "Ошибки в запросе",
    "PersonId": "Номер в реестре",
    "Snils": "СНИЛС",
    "FamilyName": "Фамилия",
    "FirstName": "Имя",
    "MiddleName": "Отчество",
    "BirthDate": "Дата рождения",
    "Sex": "Пол",
    "Enrolment": "Зачисление",
    "Organisation": "Организация",
    "FullName": "Полное наименование",
    "ShortName": "Краткое наименование",
    "INN": "ИНН",
    "OGRN": "ОГРН",
    "OKTMO": "ОКТМО",
    "ClassGroup": "Класс",
    "Parallel": "Параллель",
    "Letter": "Литера",
    "SchoolYear": "Учебный год",
    "EducationForm": "Форма обучения",
    "ProgrammeKind": "Программа",
    "EnrolledOn": "Зачислен(а)",
    "Until": "По",
    "AsOf": "На дату",
    "Problem": "Ошибка",
    "Field": "Поле",
    "Refusal": "Мотивированный отказ",
}


class Texts:
    """Says an English text in the operator's language; a text without translation stays."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words: Mapping[str, str] = _RUSSIAN if language == "ru" else {}

    def __call__(self, text: str) -> str:
        """Return the text in the operator's language."""
        return self._words.get(text, text)


def language_of(environ: Mapping[str, str] = os.environ) -> str:
    """Return `ru` or `en` by the POSIX locale: LC_ALL, then LC_MESSAGES, then LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"
