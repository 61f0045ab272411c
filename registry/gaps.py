"""The gap watch: pupils of whom the register doesn't know where they study.

Source: registry.md §3, gap watch. Whoever is of school age is to study somewhere (273-ФЗ, art. 66);
a gap is a question to an organisation or to the authority, not a finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from registry.identifiers import OrganisationId, PersonId
from registry.procedures.states import TransferState

# No act says how long a pupil may be on the way: after so many days somebody is to ask.
ON_THE_WAY_DAYS = 10
YOUNGEST, OLDEST = 7, 17
ADULT_YEARS = 18
# On the way between two organisations, one of which hasn't done its part.
UNACKNOWLEDGED_STATES = frozenset(
    {
        TransferState.EXPELLED,
        TransferState.DOCUMENTS_ISSUED,
        TransferState.RECEIVED,
        TransferState.ENROLLED,
    }
)
# Reasons after which nobody is expected elsewhere in the register (list `exit_reason`). A reason
# that the list doesn't hold settles nothing.
SETTLED_REASONS = frozenset(
    {
        "finished.basic",
        "finished.secondary",
        "finished.reference",
        "finished.college",
        "transfer.country",
        "transfer.abroad",
        "family_education",
        "expelled",
        "death",
        "court",
    }
)


class GapKind(StrEnum):
    """The gaps that are watched for."""

    TRANSFER_NOT_ACKNOWLEDGED = "transfer_not_acknowledged"
    NO_ARRIVAL = "no_arrival"
    NOT_ENROLLED = "not_enrolled"


CLAUSES: Mapping[GapKind, str] = MappingProxyType(
    {
        GapKind.TRANSFER_NOT_ACKNOWLEDGED: "приказ № 240, разд. II",
        GapKind.NO_ARRIVAL: "273-ФЗ, ст. 66, ч. 5; регламент реестра, наблюдение за выбывшими",
        GapKind.NOT_ENROLLED: "273-ФЗ, ст. 9, ч. 1, п. 6; ст. 66, ч. 5",
    }
)
MESSAGES: Mapping[GapKind, str] = MappingProxyType(
    {
        GapKind.TRANSFER_NOT_ACKNOWLEDGED: "Перевод не подтверждён в срок",
        GapKind.NO_ARRIVAL: "Выбыл, прибытие в другую организацию не подтверждено",
        GapKind.NOT_ENROLLED: "Ребёнок школьного возраста нигде не зачислен",
    }
)


@dataclass(frozen=True, slots=True)
class Gap:
    """One person of whom something is missing, since when, and whom to ask.

    `organisation_id`: who has to tell, None for the authority. `case_id`: of a transfer.
    """

    kind: GapKind
    since: date
    person_id: PersonId
    organisation_id: OrganisationId | None
    case_id: UUID | None = None

    @property
    def clause(self) -> str:
        """The rule by which it is a gap."""
        return CLAUSES[self.kind]

    @property
    def message_ru(self) -> str:
        """What is missing, in words."""
        return MESSAGES[self.kind]


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 1 March for a 29 February that isn't there."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def school_age_births(today: date) -> tuple[date, date]:
    """The first and the last day of birth of those aged 7 to 17 on the last 1 September."""
    september = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    first = years_before(september, OLDEST + 1) + timedelta(days=1)
    return first, years_before(september, YOUNGEST)


def to_study_since(birth_date: date) -> date:
    """The first 1 September on which a child is seven."""
    seventh = years_before(birth_date, -YOUNGEST)
    september = date(seventh.year, 9, 1)
    return september if seventh <= september else date(seventh.year + 1, 9, 1)
