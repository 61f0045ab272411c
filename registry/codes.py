"""Code lists needed to tell one thing from another. Source: registry.md §2 («коды УФТТ»).

An unknown code is kept as received and reported, never guessed: so entities hold plain strings,
and these lists only say what is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CodeList(StrEnum):
    """The lists an import checks its codes against."""

    CITIZENSHIP = "citizenship"
    IDENTITY_DOCUMENT_TYPE = "identity_document_type"
    EDUCATION_FORM = "education_form"
    PROGRAMME = "programme"
    ORGANISATION_STATUS = "organisation_status"


BIRTH_CERTIFICATE = "11"
RUSSIAN_PASSPORT = "12"

_TITLES: Mapping[CodeList, Mapping[str, str]] = MappingProxyType(
    {
        CodeList.CITIZENSHIP: MappingProxyType(
            {
                "1": "гражданин Российской Федерации",
                "2": "гражданин Российской Федерации и иностранного государства",
                "3": "иностранный гражданин",
                "4": "лицо без гражданства",
            }
        ),
        CodeList.IDENTITY_DOCUMENT_TYPE: MappingProxyType(
            {
                BIRTH_CERTIFICATE: "свидетельство о рождении",
                RUSSIAN_PASSPORT: "паспорт гражданина Российской Федерации",
                "13": "заграничный паспорт гражданина Российской Федерации",
                "14": "удостоверение личности военнослужащего",
                "15": "военный билет",
                "17": "временное удостоверение личности",
                "21": "паспорт иностранного гражданина",
                "22": "удостоверение лица без гражданства",
                "27": "вид на жительство",
                "28": "разрешение на временное проживание",
                "31": "свидетельство о рождении иностранного государства",
                "4": "иной документ",
            }
        ),
        CodeList.EDUCATION_FORM: MappingProxyType(
            {
                "11": "очная",
                "12": "заочная",
                "13": "очно-заочная",
                "21": "семейное образование",
                "22": "самообразование",
            }
        ),
        CodeList.PROGRAMME: MappingProxyType(
            {
                "11": "дошкольное образование",
                "12": "начальное общее образование",
                "13": "основное общее образование",
                "14": "среднее общее образование",
                "15": "адаптированная программа",
                "211": "подготовка квалифицированных рабочих, служащих",
                "212": "подготовка специалистов среднего звена",
                "411": "дополнительная общеразвивающая программа",
                "412": "дополнительная предпрофессиональная программа",
            }
        ),
        CodeList.ORGANISATION_STATUS: MappingProxyType(
            {
                "1": "функционирует",
                "2": "капитальный ремонт",
                "3": "реконструкция",
                "4": "деятельность приостановлена",
                "5": "контингент отсутствует",
                "6": "ожидает открытия",
                "7": "ликвидирована",
                "8": "закрыта",
                "9": "присоединена к другой организации",
            }
        ),
    }
)

# Types 16, 23-26, 29 and 30 are in the list, but our source gives no title of their own.
_UNTITLED_DOCUMENT_TYPES = frozenset({"16", "23", "24", "25", "26", "29", "30"})

# Programmes of additional education; all else in the list is a main programme.
_ADDITIONAL_PROGRAMMES = frozenset({"411", "412"})


def title_of(code_list: CodeList, code: str) -> str | None:
    """The Russian title of `code`, or None when the list does not hold one."""
    return _TITLES[code_list].get(code)


def is_known(code_list: CodeList, code: str) -> bool:
    """Whether `code` is in the list, as this version of it stands."""
    if code_list is CodeList.IDENTITY_DOCUMENT_TYPE and code in _UNTITLED_DOCUMENT_TYPES:
        return True
    return code in _TITLES[code_list]


def is_main_programme(code: str) -> bool:
    """Whether a programme is a main one; an unknown code is not taken for one."""
    return code in _TITLES[CodeList.PROGRAMME] and code not in _ADDITIONAL_PROGRAMMES
