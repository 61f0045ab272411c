"""Use cases: applications, transfers and quotas that another system has carried through.

They go in with their whole history, and change nothing else in the register: enrolments and orders
come by records of their own. A record whose history the procedure's table does not allow is
refused with every problem; the rest of the batch goes in. Nothing is committed here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import NAMESPACE_OID, uuid5

from registry.cases import rules
from registry.cases.archive_rules import (
    HISTORY_OFFER,
    QUOTA_GROUP,
    QUOTA_PLACES,
    check_history,
)
from registry.cases.archived import (
    ArchivedApplication,
    ArchivedQuota,
    ArchivedTransfer,
    state_after,
)
from registry.cases.clock import RegionClock
from registry.cases.places import BY_PROGRAMME, HOLDING_STATES, is_year
from registry.identifiers import OrganisationId
from registry.model import Choice, TransferScope
from registry.ports import WriteOutcome
from registry.problems import Problem
from registry.procedures.application_rules import AVERAGE_RANGE, PARALLEL, SCHOOL_YEAR
from registry.procedures.catalogue import procedure_of
from registry.procedures.transfer import TRANSFER
from registry.procedures.windows import check_choices, check_privileges, check_programmes
from registry.source_fields import (
    MAX_ID_LENGTH,
    MAX_TITLE_LENGTH,
    check_optional_text,
    check_text,
)
from registry.sources import Refusal

_PARALLELS = range(21)
_AVERAGES = (2.0, 5.0)
_MAX_GROUP = 20
_MAX_PROGRAMME = 100
_MAX_PRIVILEGE = 40
_REPEATED = Problem("record.repeated", "source_id", "Запись с этим ключом уже была в пакете")


class ArchiveWriter(Protocol):
    """Keeps cases of another system; known again by their ids there."""

    def write_quotas(
        self, source: str, records: Sequence[ArchivedQuota], *, clock: RegionClock
    ) -> WriteOutcome: ...

    def write_applications(
        self, source: str, records: Sequence[ArchivedApplication], *, clock: RegionClock
    ) -> WriteOutcome: ...

    def write_transfers(
        self, source: str, records: Sequence[ArchivedTransfer], *, clock: RegionClock
    ) -> WriteOutcome: ...


class _Identified(Protocol):
    @property
    def source_id(self) -> str: ...


_Record = TypeVar("_Record", bound=_Identified)


def archive_quotas(
    source: str, records: Iterable[ArchivedQuota], writer: ArchiveWriter, clock: RegionClock
) -> WriteOutcome:
    """Keep places that organisations give.

    Codes: ``quota.*``, ``application.parallel``, ``application.school_year``, ``text.*``,
    ``case.organisation_unknown``.
    """
    accepted, refused = _sift(records, check_quota)
    return _with(writer.write_quotas(source, accepted, clock=clock), refused)


def archive_applications(
    source: str, records: Iterable[ArchivedApplication], writer: ArchiveWriter, clock: RegionClock
) -> WriteOutcome:
    """Keep applications. Codes: ``case.*``, ``application.*``, ``text.*``."""
    accepted, refused = _sift(records, lambda each: check_application_record(each, now=clock.now))
    return _with(writer.write_applications(source, accepted, clock=clock), refused)


def archive_transfers(
    source: str, records: Iterable[ArchivedTransfer], writer: ArchiveWriter, clock: RegionClock
) -> WriteOutcome:
    """Keep transfers. Codes: ``case.*``, ``transfer.*``, ``order.*``, ``text.*``."""
    accepted, refused = _sift(records, lambda each: check_transfer_record(each, clock))
    return _with(writer.write_transfers(source, accepted, clock=clock), refused)


def check_quota(record: ArchivedQuota) -> list[Problem]:
    """Problems of a quota by itself."""
    problems = check_text(record.source_id, "source_id", MAX_ID_LENGTH)
    problems += check_optional_text(record.programme_code, "programme_code", _MAX_PROGRAMME)
    problems += _check_numbers(record.school_year, record.parallel)
    if record.places < 0:
        problems.append(QUOTA_PLACES.problem())
    if check_text(record.group, "group", _MAX_GROUP):
        problems.append(QUOTA_GROUP.problem())
    return problems


def check_application_record(record: ArchivedApplication, *, now: datetime) -> list[Problem]:
    """Problems of an application by itself."""
    procedure = procedure_of(record.kind)
    # Whether two choices name one organisation is told by the source's ids as well as by ours.
    choices = tuple(
        Choice(
            each.priority,
            OrganisationId(uuid5(NAMESPACE_OID, each.organisation_source_id)),
            each.programme_code,
            each.territory,
        )
        for each in record.choices
    )
    problems = check_text(record.source_id, "source_id", MAX_ID_LENGTH)
    problems += _check_numbers(record.school_year, record.parallel)
    problems += check_choices(choices)
    if record.kind in BY_PROGRAMME:
        problems += check_programmes(choices)
    for index, choice in enumerate(choices):
        field = f"choices[{index}].programme_code"
        problems += check_optional_text(choice.programme_code, field, _MAX_PROGRAMME)
    problems += check_privileges(record.privileges)
    for index, each in enumerate(record.privileges):
        problems += check_text(each.code, f"privileges[{index}].code", _MAX_PRIVILEGE)
    if record.average is not None and not _AVERAGES[0] <= record.average <= _AVERAGES[1]:
        problems.append(AVERAGE_RANGE.problem())
    if record.offered is not None:
        if record.offered not in {each.priority for each in choices}:
            problems.append(rules.NOT_CHOSEN.problem("offered"))
    elif state_after(procedure.initial, record.steps) in HOLDING_STATES:
        problems.append(HISTORY_OFFER.problem())
    return problems + check_history(procedure, record.opened_at, record.steps, now=now)


def check_transfer_record(record: ArchivedTransfer, clock: RegionClock) -> list[Problem]:
    """Problems of a transfer by itself."""
    problems = check_text(record.source_id, "source_id", MAX_ID_LENGTH)
    problems += check_optional_text(record.from_name, "from_name", MAX_TITLE_LENGTH)
    problems += check_optional_text(record.to_name, "to_name", MAX_TITLE_LENGTH)
    if record.parallel is not None and record.parallel not in _PARALLELS:
        problems.append(PARALLEL.problem())
    inside_from = record.from_source_id is not None
    inside_to = record.to_source_id is not None
    fits = {
        TransferScope.INSIDE: inside_from and inside_to,
        TransferScope.FROM_OUTSIDE: not inside_from and inside_to,
        TransferScope.TO_OUTSIDE: inside_from and not inside_to,
    }[record.scope]
    both = (inside_from and record.from_name) or (inside_to and record.to_name)
    if not fits or both:
        problems.append(rules.SIDES.problem())
    if inside_from and record.from_source_id == record.to_source_id:
        problems.append(rules.SAME_ORGANISATION.problem())
    for order, field in (
        (record.expulsion_order, "expulsion_order"),
        (record.enrolment_order, "enrolment_order"),
    ):
        if order is not None and not order[0].strip():
            problems.append(rules.ORDER_NUMBER.problem(field))
        if order is not None and order[1] > clock.today:
            problems.append(rules.ORDER_LATER.problem(field))
    return problems + check_history(TRANSFER, record.opened_at, record.steps, now=clock.now)


def _check_numbers(school_year: int, parallel: int) -> list[Problem]:
    problems = [] if is_year(school_year) else [SCHOOL_YEAR.problem()]
    return problems if parallel in _PARALLELS else [*problems, PARALLEL.problem()]


def _sift(
    records: Iterable[_Record], check: Callable[[_Record], list[Problem]]
) -> tuple[list[_Record], list[Refusal]]:
    accepted: list[_Record] = []
    refused: list[Refusal] = []
    seen: set[str] = set()
    for record in records:
        problems = check(record)
        if record.source_id in seen:
            problems.append(_REPEATED)
        seen.add(record.source_id)
        if problems:
            refused.append(Refusal(record.source_id, tuple(problems)))
        else:
            accepted.append(record)
    return accepted, refused


def _with(outcome: WriteOutcome, refused: Iterable[Refusal]) -> WriteOutcome:
    return WriteOutcome(
        outcome.created, outcome.changed, outcome.unchanged, (*refused, *outcome.refused)
    )
