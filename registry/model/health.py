"""The health card: a scope of its own, with its own rights. Source: registry.md §1, HealthCard."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.identifiers import HealthItemId, PersonId


class HealthKind(StrEnum):
    """What an item of the card tells."""

    HEALTH_GROUP = "health_group"
    PHYSICAL_EDUCATION_GROUP = "physical_education_group"
    DISABILITY = "disability"
    COMMISSION = "commission"  # a conclusion of the ПМПК
    NOSOLOGY = "nosology"
    LONG_TREATMENT = "long_treatment"
    VACCINATION = "vaccination"


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One dated statement on a person's health.

    `code` is of the list that belongs to `kind`; `category` refines it (of a disability: 21 since
    childhood, 22 war injury). `detail` is the number of a conclusion, the name of a vaccine.
    """

    id: HealthItemId
    person_id: PersonId
    kind: HealthKind
    code: str
    category: str | None
    detail: str | None
    begins_on: date
    ends_on: date | None
    source: str
