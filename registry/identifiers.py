"""Identifiers with a known form: СНИЛС, ИНН, ОГРН, ОКТМО, and the register's own ids.

A value of one of these classes is well-formed and has right check digits: the constructor takes
the bare digits and raises `RegistryError` otherwise; `parse_*` also takes the usual punctuation.
Only ASCII digits are digits here: other alphabets' digits would not be found again.
"""

import re
from dataclasses import dataclass
from operator import mul
from typing import NewType
from uuid import UUID

from registry.errors import RegistryError

PersonId = NewType("PersonId", UUID)
OrganisationId = NewType("OrganisationId", UUID)
ClassGroupId = NewType("ClassGroupId", UUID)
EnrolmentId = NewType("EnrolmentId", UUID)
ProgrammeId = NewType("ProgrammeId", UUID)
OrderId = NewType("OrderId", UUID)
RepresentativeId = NewType("RepresentativeId", UUID)
HealthItemId = NewType("HealthItemId", UUID)
ApplicationId = NewType("ApplicationId", UUID)
QuotaId = NewType("QuotaId", UUID)
TransferId = NewType("TransferId", UUID)
YearEndId = NewType("YearEndId", UUID)

# Numbers up to this one were issued before check digits were introduced.
# Source: registry.md §1, СНИЛС check.
_LAST_UNCHECKED_SNILS = 1_001_998

_SNILS_DIGITS = re.compile(r"[0-9]{11}")
_SNILS_WRITTEN = re.compile(r"([0-9]{3})-([0-9]{3})-([0-9]{3})[ -]([0-9]{2})")
_INN_DIGITS = re.compile(r"[0-9]{10}|[0-9]{12}")
_OGRN_DIGITS = re.compile(r"[0-9]{13}|[0-9]{15}")
_OKTMO_DIGITS = re.compile(r"[0-9]{8}|[0-9]{11}")

_INN_WEIGHTS_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_WEIGHTS_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_WEIGHTS_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _snils_check_number(number: str) -> int:
    total: int = sum(map(mul, map(int, number), range(9, 0, -1)))
    return total % 101 % 100


@dataclass(frozen=True, slots=True)
class Snils:
    """A valid СНИЛС; `str()` gives its 11 digits. Source: registry.md §1.

    Raises `RegistryError` with ``snils.format`` or ``snils.checksum``.
    """

    digits: str

    def __post_init__(self) -> None:
        if not _SNILS_DIGITS.fullmatch(self.digits):
            raise RegistryError("snils.format", "not 11 digits")
        number = self.digits[:9]
        if number == "000000000":
            # Source systems write zeros for "none"; taken at its word it would join strangers.
            raise RegistryError("snils.format", "all zeros is a placeholder, not a number")
        if int(number) <= _LAST_UNCHECKED_SNILS:
            return
        if int(self.digits[9:]) != _snils_check_number(number):
            raise RegistryError("snils.checksum", "the check digits do not match")

    def __str__(self) -> str:
        return self.digits

    @property
    def formatted(self) -> str:
        """The number as it is written on paper: ``112-233-445 95``."""
        digits = self.digits
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def parse_snils(text: str) -> Snils:
    """The СНИЛС in `text`: 11 digits, or written as ``112-233-445 95`` or ``112-233-445-95``.

    Raises `RegistryError` with ``snils.format`` or ``snils.checksum``.
    """
    stripped = text.strip()
    written = _SNILS_WRITTEN.fullmatch(stripped)
    return Snils("".join(written.groups()) if written else stripped)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    total: int = sum(map(mul, map(int, digits), weights))
    return total % 11 % 10


@dataclass(frozen=True, slots=True)
class Inn:
    """A valid ИНН: 10 digits for an organisation, 12 for a person.

    Raises `RegistryError` with ``inn.format`` or ``inn.checksum``.
    """

    digits: str

    def __post_init__(self) -> None:
        digits = self.digits
        if not _INN_DIGITS.fullmatch(digits):
            raise RegistryError("inn.format", "not 10 or 12 digits")
        if len(digits) == 10:
            right = int(digits[9]) == _weighted(digits, _INN_WEIGHTS_10)
        else:
            right = int(digits[10]) == _weighted(digits, _INN_WEIGHTS_11) and int(
                digits[11]
            ) == _weighted(digits, _INN_WEIGHTS_12)
        if not right:
            raise RegistryError("inn.checksum", "the check digits do not match")

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, slots=True)
class Ogrn:
    """A valid ОГРН (13 digits) or ОГРНИП (15 digits).

    Raises `RegistryError` with ``ogrn.format`` or ``ogrn.checksum``.
    """

    digits: str

    def __post_init__(self) -> None:
        digits = self.digits
        if not _OGRN_DIGITS.fullmatch(digits):
            raise RegistryError("ogrn.format", "not 13 or 15 digits")
        # The number before the check digit, modulo 11 (of 13 digits) or 13 (of 15), last digit.
        if int(digits[:-1]) % (len(digits) - 2) % 10 != int(digits[-1]):
            raise RegistryError("ogrn.checksum", "the check digit does not match")

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, slots=True)
class Oktmo:
    """An ОКТМО code of a municipality (8 digits) or a settlement in it (11 digits).

    It has no check digits. Raises `RegistryError` with ``oktmo.format``.
    """

    digits: str

    def __post_init__(self) -> None:
        if not _OKTMO_DIGITS.fullmatch(self.digits):
            raise RegistryError("oktmo.format", "not 8 or 11 digits")

    def __str__(self) -> str:
        return self.digits


def parse_inn(text: str) -> Inn:
    """The ИНН in `text`, spaces around it aside; raises as `Inn` does."""
    return Inn(text.strip())


def parse_ogrn(text: str) -> Ogrn:
    """The ОГРН in `text`, spaces around it aside; raises as `Ogrn` does."""
    return Ogrn(text.strip())


def parse_oktmo(text: str) -> Oktmo:
    """The ОКТМО in `text`, spaces around it aside; raises as `Oktmo` does."""
    return Oktmo(text.strip())
