"""What can move a position in a queue, and a movement as the sum of such causes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.admission.history import Leaving
from registry.identifiers import ApplicationId


class CauseKind(StrEnum):
    """What moved a position; `OWN_*` of the application itself, the others of others."""

    NEW_PRIVILEGED = "new_privileged"
    NEW = "new"
    RETURNED = "returned"
    OFFERED = "offered"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    ELSEWHERE = "elsewhere"
    LEFT = "left"
    PRIVILEGE_GAINED = "privilege_gained"
    PRIVILEGE_LOST = "privilege_lost"
    DESIRED_DATE = "desired_date"
    DATA_CHANGED = "data_changed"
    OWN_PRIVILEGE_GAINED = "own_privilege_gained"
    OWN_PRIVILEGE_LOST = "own_privilege_lost"
    OWN_DESIRED_DATE = "own_desired_date"
    OWN_DATA_CHANGED = "own_data_changed"
    POLICY = "policy"


MESSAGES: Mapping[CauseKind, str] = {
    CauseKind.NEW_PRIVILEGED: "Впереди встали новые заявления с правом на льготный приём",
    CauseKind.NEW: "Впереди встали новые заявления без льготы",
    CauseKind.RETURNED: "Впереди встали заявления, вернувшиеся в очередь",
    CauseKind.OFFERED: "Стоявшим впереди предложены места",
    CauseKind.ENROLLED: "Стоявшие впереди зачислены",
    CauseKind.WITHDRAWN: "Стоявшие впереди заявления отозваны",
    CauseKind.REFUSED: "По стоявшим впереди заявлениям отказано",
    CauseKind.SUSPENDED: "Стоявшие впереди заявления приостановлены",
    CauseKind.ELSEWHERE: "Стоявшие впереди выбрали другую организацию",
    CauseKind.LEFT: "Стоявшие впереди заявления вышли из очереди",
    CauseKind.PRIVILEGE_GAINED: "У других заявлений подтверждено или начало действовать право на "
    "льготный приём",
    CauseKind.PRIVILEGE_LOST: "У других заявлений прекратилось право на льготный приём",
    CauseKind.DESIRED_DATE: "У других заявлений изменилась или наступила желаемая дата",
    CauseKind.DATA_CHANGED: "У других заявлений изменились сведения, определяющие очерёдность",
    CauseKind.OWN_PRIVILEGE_GAINED: "Подтверждено или начало действовать собственное право на "
    "льготный приём",
    CauseKind.OWN_PRIVILEGE_LOST: "Прекратилось собственное право на льготный приём",
    CauseKind.OWN_DESIRED_DATE: "Изменилась или наступила собственная желаемая дата",
    CauseKind.OWN_DATA_CHANGED: "Изменились собственные сведения, определяющие очерёдность",
    CauseKind.POLICY: "Вступил в силу другой порядок ранжирования",
}

LEAVINGS: Mapping[Leaving, CauseKind] = {
    Leaving.OFFERED: CauseKind.OFFERED,
    Leaving.ENROLLED: CauseKind.ENROLLED,
    Leaving.WITHDRAWN: CauseKind.WITHDRAWN,
    Leaving.REFUSED: CauseKind.REFUSED,
    Leaving.SUSPENDED: CauseKind.SUSPENDED,
    Leaving.ELSEWHERE: CauseKind.ELSEWHERE,
    Leaving.OTHER: CauseKind.LEFT,
}
_CAME = frozenset({CauseKind.NEW_PRIVILEGED, CauseKind.NEW, CauseKind.RETURNED})
_LEFT = frozenset(LEAVINGS.values())


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened on a day, and by how many places: more than none is further back.

    `delta` is also how many applications passed: each is one place.
    """

    day: date
    kind: CauseKind
    delta: int
    clause: str

    @property
    def count(self) -> int:
        """Of how many other applications the order to this one changed."""
        return abs(self.delta)

    @property
    def message_ru(self) -> str:
        """The cause in words, without the day and the number."""
        return MESSAGES[self.kind]


@dataclass(frozen=True, slots=True)
class Movement:
    """A position then and now, and the causes whose deltas add up to the difference of the two."""

    application_id: ApplicationId
    position_then: int
    total_then: int
    position_now: int
    total_now: int
    causes: tuple[Cause, ...]

    @property
    def came_ahead(self) -> int:
        """How many applications entered the queue ahead."""
        return sum(cause.delta for cause in self.causes if cause.kind in _CAME)

    @property
    def left_ahead(self) -> int:
        """How many applications that stood ahead left the queue."""
        return -sum(cause.delta for cause in self.causes if cause.kind in _LEFT)

    @property
    def moved(self) -> int:
        """By how much changes of those who stayed moved the position."""
        return sum(cause.delta for cause in self.causes if cause.kind not in _CAME | _LEFT)
