"""What can be asked of the register, as received: unchecked values of the right types."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class BySnils:
    """A pupil by СНИЛС, written in any of its forms."""

    snils: str


@dataclass(frozen=True, slots=True)
class ByPersonalData:
    """A pupil by names and birth date; the middle name narrows only when it is given."""

    family_name: str
    first_name: str
    middle_name: str | None
    birth_date: date


@dataclass(frozen=True, slots=True)
class ByDocument:
    """A pupil by an identity document; `series` is empty for documents that have none."""

    type_code: str
    series: str
    number: str


@dataclass(frozen=True, slots=True)
class FindStudent:
    """Find one pupil, with the enrolment on the day `as_of` (today when None)."""

    by: BySnils | ByPersonalData | ByDocument
    as_of: date | None = None
