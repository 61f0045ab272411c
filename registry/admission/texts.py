"""The Russian sentences that explain a position, a decision and a movement.

They hold no values and nothing personal: who reads them knows whose application it is.
"""

from collections.abc import Mapping

from registry.admission.criteria import CriterionName
from registry.model import PrivilegeRank

RANKS: Mapping[PrivilegeRank | None, str] = {
    PrivilegeRank.EXTRAORDINARY: "внеочередное право",
    PrivilegeRank.FIRST: "первоочередное право",
    PrivilegeRank.PREFERENTIAL: "преимущественное право",
    None: "без льготы",
}

PRIVILEGES: Mapping[PrivilegeRank | None, str] = {
    PrivilegeRank.EXTRAORDINARY: "Подтверждено внеочередное право на приём",
    PrivilegeRank.FIRST: "Подтверждено первоочередное право на приём",
    PrivilegeRank.PREFERENTIAL: "Подтверждено преимущественное право на приём",
    None: "Действующего подтверждённого права на льготный приём нет",
}

# Whether the criterion speaks for the application: the sentence when it does, and when it doesn't.
YES_OR_NO: Mapping[CriterionName, tuple[str, str]] = {
    CriterionName.RIGHT: (
        "Подтверждено основание, учитываемое при равенстве",
        "Основания, учитываемого при равенстве, нет",
    ),
    CriterionName.TERRITORY: (
        "Ребёнок проживает на закреплённой территории",
        "Ребёнок не проживает на закреплённой территории",
    ),
    CriterionName.DESIRED_REACHED: (
        "Желаемая дата зачисления наступила",
        "Желаемая дата зачисления ещё не наступила",
    ),
    CriterionName.ORIGINALS_GIVEN: (
        "Оригинал документа об образовании представлен",
        "Оригинал документа об образовании не представлен",
    ),
}

ORDER: Mapping[CriterionName, str] = {
    CriterionName.DESIRED_DATE: "Учтена желаемая дата зачисления: более ранняя впереди",
    CriterionName.AVERAGE: "Учтён средний балл документа об образовании: больший впереди",
    CriterionName.ORIGINALS_ON: "Учтён день представления оригинала: более ранний впереди",
    CriterionName.SUBMITTED_AT: "Учтено время подачи заявления: более раннее впереди",
    CriterionName.SERIAL: "Учтён порядковый номер заявления: меньший впереди",
}

# Why one application goes before another, by what decided.
DECIDED: Mapping[CriterionName | None, str] = {
    CriterionName.PRIVILEGE: "Впереди заявление, у которого право на льготный приём выше",
    CriterionName.RIGHT: "Впереди заявление, у которого есть основание, учитываемое при равенстве",
    CriterionName.TERRITORY: "Впереди заявление ребёнка, проживающего на закреплённой территории",
    CriterionName.DESIRED_REACHED: "Впереди заявление, желаемая дата которого наступила",
    CriterionName.DESIRED_DATE: "Впереди заявление с более ранней желаемой датой",
    CriterionName.AVERAGE: "Впереди заявление с более высоким средним баллом",
    CriterionName.ORIGINALS_GIVEN: "Впереди заявление, к которому представлен оригинал документа",
    CriterionName.ORIGINALS_ON: "Впереди заявление, оригинал к которому представлен раньше",
    CriterionName.SUBMITTED_AT: "Впереди заявление, поданное раньше",
    CriterionName.SERIAL: "Впереди заявление с меньшим порядковым номером",
    None: "По всем правилам заявления равны; порядок определён их внутренними номерами",
}
