"""A person's data for the screen: covered, unless somebody gave a reason to see them.

Covered are names (to initials), the day of birth (to its year), СНИЛС (to its check digits), and
whole: documents, addresses, places of birth, health, and whatever a source wrote in words of its
own. What is shown is told here by name; all else is hidden, so that a field that comes to the
register later is not shown by oversight.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from registry.history import FactChange
from registry.identifiers import Snils

T = TypeVar("T")

MASK = "•••"
# The form of a code of the register's own lists, against words of a source.
_CODE = re.compile(r"[a-z0-9_.]{1,40}")
# Reasons that tell of a person's health or fate.
_TELLING_REASONS = frozenset({"health", "death", "court", "expelled"})

_PERIOD = frozenset({"begins_on", "ends_on"})
_CASE = frozenset({"state", "state_since", "due_on"})
# By table of the register: the columns whose values are shown covered or not.
_SHOWN: Mapping[str, frozenset[str]] = {
    "persons": frozenset({"sex", "citizenship_code", "country_code", "merged_into"}),
    "former_names": frozenset({"until"}),
    "person_documents": frozenset({"type_code"}),
    "addresses": _PERIOD | {"kind", "oktmo"},
    "representatives": _PERIOD | {"person_id", "type_code", "authority_type_code"},
    "consents": frozenset({"purpose", "basis", "begins_on", "revoked_on"}),
    "enrolments": _PERIOD
    | {
        "organisation_id",
        "form_code",
        "programme_code",
        "funding_code",
        "realisation_code",
        "entry_order_id",
        "exit_order_id",
    },
    "class_placements": _PERIOD | {"organisation_id", "class_group_id"},
    "marks": frozenset(
        {
            "organisation_id",
            "school_year",
            "parallel",
            "subject",
            "kind",
            "period",
            "value",
            "given_on",
        }
    ),
    "exams": frozenset(
        {"organisation_id", "kind", "subject", "held_on", "score", "mark", "passed"}
    ),
    "certificates": frozenset(
        {"organisation_id", "type_code", "issued_on", "with_honours", "medal", "average"}
    ),
    "achievements": frozenset({"kind", "level", "title", "result", "achieved_on"}),
    "applications": _CASE
    | {
        "serial",
        "kind",
        "applicant_id",
        "school_year",
        "parallel",
        "submitted_at",
        "desired_on",
        "live",
        "offered_id",
        "offered_programme",
        "average",
        "originals_on",
    },
    "application_choices": frozenset({"priority", "organisation_id", "programme_code"}),
    # Which privilege it is tells of a family.
    "application_privileges": _PERIOD | {"confirmed"},
    "transfer_cases": _CASE
    | {
        "scope",
        "from_id",
        "from_name",
        "to_id",
        "to_name",
        "parallel",
        "requested_at",
        "live",
        "enrolment_id",
        "expulsion_order_id",
        "enrolment_order_id",
    },
    "year_end_cases": _CASE | {"enrolment_id", "school_year", "graduation"},
    "health_items": _PERIOD | {"source"},
}
_NAMES = frozenset({"family_name", "first_name", "middle_name"})
_REASONS = frozenset({"entry_reason", "exit_reason"})
# The day from which a document counts is that of its issue, which is hidden.
_UNDATED = frozenset({"person_documents"})


@dataclass(frozen=True, slots=True)
class Veil:
    """Covers a person's data, or lets them through when `lifted`. An empty value stays empty."""

    lifted: bool

    def name(self, text: str | None) -> str | None:
        """A name as its initial."""
        if not text or self.lifted:
            return text or None
        return f"{text.strip()[:1]}."

    def full_name(self, *names: str | None) -> str:
        """Surname, first name, patronymic."""
        return " ".join(shown for each in names if (shown := self.name(each)))

    def birth_date(self, day: date | None) -> date | int | None:
        """A day of birth as its year."""
        return day if day is None or self.lifted else day.year

    def snils(self, snils: Snils | None) -> str | None:
        """A СНИЛС as its check digits."""
        if snils is None:
            return None
        return snils.formatted if self.lifted else _covered_snils(snils.formatted)

    def reason(self, text: str | None) -> str | None:
        """A reason of coming or leaving: a code is shown, unless it tells more."""
        if not text or self.lifted:
            return text or None
        shown = _CODE.fullmatch(text) is not None and text not in _TELLING_REASONS
        return text if shown else MASK

    def hide(self, value: T | None) -> T | str | None:
        """A value that is shown whole or not at all."""
        return value if self.lifted or value in (None, "") else MASK

    def field(self, table: str, name: str, value: object) -> object:
        """A value of a column of the register, as its history tells it."""
        if self.lifted or value is None or name in _SHOWN.get(table, ()):
            return value
        if name in _NAMES:
            return self.name(str(value))
        if name in _REASONS:
            return self.reason(str(value))
        if name == "birth_date" and isinstance(value, date):
            return self.birth_date(value)
        return _covered_snils(str(value)) if name == "snils" else MASK

    def valid_from(self, change: FactChange) -> date | None:
        """The day from which a fact is true."""
        return None if not self.lifted and change.table in _UNDATED else change.valid_from


def _covered_snils(formatted: str) -> str:
    return f"•••-•••-••• {formatted[-2:]}"


def fields_of(changes: Iterable[FactChange]) -> tuple[str, ...]:
    """The fields that changes name, for the record of who saw them."""
    return tuple(
        sorted({f"{each.table}.{field.name}" for each in changes for field in each.fields})
    )
