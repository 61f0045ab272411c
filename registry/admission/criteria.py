"""What the order of applications goes by: each criterion as a number, the less the further ahead.

A key is the numbers of all criteria of a policy, most important first, and the application's own id
last, so that no two keys are equal and every order is total. Rights count once they are confirmed,
within their period, both days included.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from math import inf, isfinite

from registry.errors import RegistryError
from registry.model import Application, Privilege, PrivilegeRank

Key = tuple[float, ...]
Measure = Callable[[Application, bool], float]


class CriterionName(StrEnum):
    """The criteria that a policy file may name."""

    PRIVILEGE = "privilege"  # the best of the confirmed rights, in the order of `ranks`
    RIGHT = "right"  # one of the confirmed rights has one of `codes`
    TERRITORY = "territory"  # the child lives where the organisation is attached to
    DESIRED_REACHED = "desired_reached"  # the desired day has come, or none was named
    DESIRED_DATE = "desired_date"  # the earlier desired day first; none named counts as earliest
    AVERAGE = "average"  # of the certificate, the higher first, in `digits` decimals when given
    ORIGINALS_GIVEN = "originals_given"  # the originals are given in
    ORIGINALS_ON = "originals_on"  # the day they were given in, the earlier first
    SUBMITTED_AT = "submitted_at"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One step of a ranking policy, and the clause that it follows."""

    name: CriterionName
    clause: str
    ranks: tuple[PrivilegeRank, ...] = ()
    codes: frozenset[str] = frozenset()
    digits: int | None = None


def counts_on(privilege: Privilege, day: date) -> bool:
    """Whether a right counts: confirmed, and `day` lies within its period."""
    ends_on = privilege.ends_on
    return (
        privilege.confirmed and privilege.begins_on <= day and (ends_on is None or day <= ends_on)
    )


def best_rank(
    application: Application, ranks: Sequence[PrivilegeRank], day: date
) -> PrivilegeRank | None:
    """The foremost of `ranks` that the application has a right of on `day`, None without one."""
    best = _rank_number(application, ranks, day)
    return ranks[best] if best < len(ranks) else None


def has_code(application: Application, codes: frozenset[str], day: date) -> bool:
    """Whether a right that counts on `day` bears one of `codes`."""
    return any(each.code in codes and counts_on(each, day) for each in application.privileges)


def make_measures(criteria: Sequence[Criterion], day: date) -> tuple[Measure, ...]:
    """For each criterion, its function from an application and its territory claim to a number."""
    return tuple(_MAKERS[each.name](each, day) for each in criteria)


def make_key(measures: Sequence[Measure]) -> Callable[[Application, bool], Key]:
    """The function from an application and its territory claim to its key.

    It raises `RegistryError`: ``application.time_without_zone``, ``application.average``.
    """

    def key(application: Application, territory: bool) -> Key:
        return (
            *[measure(application, territory) for measure in measures],
            application.id.int,
        )

    return key


def turning_days(criterion: Criterion, application: Application) -> Iterator[date]:
    """The days from whose beginning on the criterion may have another value, with no new facts."""
    name = criterion.name
    if name in (CriterionName.PRIVILEGE, CriterionName.RIGHT):
        for privilege in application.privileges:
            if privilege.confirmed:
                yield privilege.begins_on
                if privilege.ends_on is not None and privilege.ends_on < date.max:
                    yield privilege.ends_on + timedelta(days=1)
    elif name is CriterionName.DESIRED_REACHED:
        if application.desired_on is not None:
            yield application.desired_on
    elif (
        name in (CriterionName.ORIGINALS_GIVEN, CriterionName.ORIGINALS_ON)
        and application.originals_on is not None
    ):
        yield application.originals_on


def _rank_number(application: Application, ranks: Sequence[PrivilegeRank], day: date) -> int:
    best = len(ranks)
    for privilege in application.privileges:
        if privilege.rank in ranks and counts_on(privilege, day):
            best = min(best, ranks.index(privilege.rank))
    return best


def _privilege(criterion: Criterion, day: date) -> Measure:
    ranks = criterion.ranks
    none = len(ranks)

    def measure(application: Application, _: bool) -> float:
        return _rank_number(application, ranks, day) if application.privileges else none

    return measure


def _right(criterion: Criterion, day: date) -> Measure:
    codes = criterion.codes

    def measure(application: Application, _: bool) -> float:
        return not has_code(application, codes, day)

    return measure


def _territory(criterion: Criterion, day: date) -> Measure:
    del criterion, day
    return lambda _, territory: not territory


def _desired_reached(criterion: Criterion, day: date) -> Measure:
    del criterion
    return lambda application, _: not is_desired(application, day)


def is_desired(application: Application, day: date) -> bool:
    """Whether the place is wanted on `day` already."""
    return application.desired_on is None or application.desired_on <= day


def _desired_date(criterion: Criterion, day: date) -> Measure:
    del criterion, day
    return lambda application, _: (
        0 if application.desired_on is None else application.desired_on.toordinal()
    )


def _average(criterion: Criterion, day: date) -> Measure:
    del day
    digits = criterion.digits

    def measure(application: Application, _: bool) -> float:
        average = application.average
        if average is None:
            return inf
        if not isfinite(average):
            raise RegistryError("application.average", "not a finite number")
        return -average if digits is None else -_rounded(average, digits)

    return measure


@lru_cache(maxsize=65536)
def _rounded(average: float, digits: int) -> int:
    """The average in units of its last decimal, halves up, as people round on paper."""
    scaled = Decimal(repr(average)).scaleb(digits)
    return int(scaled.to_integral_value(ROUND_HALF_UP))


def _originals_given(criterion: Criterion, day: date) -> Measure:
    del criterion

    def measure(application: Application, _: bool) -> float:
        given_on = application.originals_on
        return given_on is None or given_on > day

    return measure


def _originals_on(criterion: Criterion, day: date) -> Measure:
    del criterion

    def measure(application: Application, _: bool) -> float:
        given_on = application.originals_on
        return inf if given_on is None or given_on > day else given_on.toordinal()

    return measure


def _submitted_at(criterion: Criterion, day: date) -> Measure:
    del criterion, day

    def measure(application: Application, _: bool) -> float:
        # Without a zone the moment would depend on the machine's own.
        if application.submitted_at.tzinfo is None:
            raise RegistryError("application.time_without_zone", "submitted_at has no time zone")
        return application.submitted_at.timestamp()

    return measure


def _serial(criterion: Criterion, day: date) -> Measure:
    del criterion, day
    return lambda application, _: application.serial


_MAKERS: dict[CriterionName, Callable[[Criterion, date], Measure]] = {
    CriterionName.PRIVILEGE: _privilege,
    CriterionName.RIGHT: _right,
    CriterionName.TERRITORY: _territory,
    CriterionName.DESIRED_REACHED: _desired_reached,
    CriterionName.DESIRED_DATE: _desired_date,
    CriterionName.AVERAGE: _average,
    CriterionName.ORIGINALS_GIVEN: _originals_given,
    CriterionName.ORIGINALS_ON: _originals_on,
    CriterionName.SUBMITTED_AT: _submitted_at,
    CriterionName.SERIAL: _serial,
}
