"""The codes by which a portal shows an application to a kindergarten.

A code is computed from the state and the day; it is never kept. Source: registry.md §3.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from registry.procedures.states import KindergartenState as S

# Two states of the portal that are one here.
BEFORE_DESIRED_DATE = 140
FROM_DESIRED_DATE = 160

PORTAL_TITLES: Mapping[int, str] = MappingProxyType(
    {
        110: "Заявление зарегистрировано",
        120: "Заявление рассматривается",
        130: "Требуется подтверждение документов",
        140: "Заявление рассмотрено, ожидает желаемой даты",
        150: "Отказано",
        160: "Ожидает направления",
        170: "Изменение принято",
        180: "Изменение отклонено",
        190: "Предоставлено место",
        210: "Действие заявления приостановлено: заявитель не явился",
        220: "Действие заявления приостановлено: заявитель отказался от места",
        230: "Согласие с местом рассматривается",
        240: "Требуется заключить договор",
        250: "Зачислен",
    }
)

_CODES: Mapping[S, int] = MappingProxyType(
    {
        S.REGISTERED: 110,
        S.REVIEW: 120,
        S.CONFIRM_DOCUMENTS: 130,
        S.REFUSED: 150,
        S.OFFERED: 190,
        S.SUSPENDED_NO_SHOW: 210,
        S.SUSPENDED_DECLINED: 220,
        S.CONSENT_REVIEW: 230,
        S.CONTRACT: 240,
        S.ENROLLED: 250,
    }
)

_EVENT_CODES: Mapping[str, int] = MappingProxyType({"accept_change": 170, "refuse_change": 180})


def portal_code(state: S, *, desired_on: date | None, today: date) -> int | None:
    """The code of an application on `today`, the day in the region.

    None for a cancelled one: the portal shows its own cancellation, and the list has no code for
    it.
    """
    if state is S.QUEUED:
        if desired_on is not None and today < desired_on:
            return BEFORE_DESIRED_DATE
        return FROM_DESIRED_DATE
    return _CODES.get(state)


def event_code(action: str) -> int | None:
    """The code that is sent of a step itself, beside the code of the state: of changes only."""
    return _EVENT_CODES.get(action)
