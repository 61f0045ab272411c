"""Enrolling a person: what is checked, and what is written."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from registry.cases import rules
from registry.cases.clock import RegionClock
from registry.cases.commands import EnrolmentTerms, OrderTerms
from registry.cases.ports import CaseStore
from registry.codes import CodeList, is_known, is_main_programme
from registry.identifiers import EnrolmentId, OrderId, OrganisationId, PersonId
from registry.model import ApplicationKind, ClassGroup, Enrolment, Order, OrderKind
from registry.problems import Problem

# To which kinds of programmes (УФТТ) each kind of application leads.
PROGRAMMES: Mapping[ApplicationKind, frozenset[str]] = MappingProxyType(
    {
        ApplicationKind.SCHOOL: frozenset({"12", "13", "14", "15"}),
        ApplicationKind.KINDERGARTEN: frozenset({"11", "15"}),
        ApplicationKind.COLLEGE: frozenset({"211", "212"}),
        ApplicationKind.ADDITIONAL: frozenset({"411", "412"}),
    }
)
# A transfer is between organisations of main programmes.
MAIN: frozenset[str] = frozenset({"11", "12", "13", "14", "15", "211", "212"})


def check_order(order: OrderTerms, today: date, field: str) -> list[Problem]:
    """Problems of an order: ``order.number``, ``order.later``."""
    problems = []
    if not order.number.strip():
        problems.append(rules.ORDER_NUMBER.problem(f"{field}.number"))
    if order.issued_on > today:
        problems.append(rules.ORDER_LATER.problem(f"{field}.issued_on"))
    return problems


def check_terms(
    store: CaseStore,
    terms: EnrolmentTerms,
    *,
    person_id: PersonId,
    organisation_id: OrganisationId,
    parallel: int | None,
    school_year: int | None,
    programmes: Collection[str],
    clock: RegionClock,
) -> list[Problem]:
    """Problems of the terms: the order, the codes, the class and its places, other enrolments.

    `parallel` and `school_year` are those that the class must have, if any; `programmes` the kinds
    that the procedure leads to.
    """
    problems = check_order(terms.order, clock.today, "enrolment.order")
    if not is_known(CodeList.EDUCATION_FORM, terms.form_code, terms.begins_on):
        problems.append(rules.FORM_UNKNOWN.problem())
    if terms.programme_code not in programmes:
        problems.append(rules.PROGRAMME_UNFIT.problem())
    problems += _check_class(
        store, terms, organisation_id=organisation_id, parallel=parallel, school_year=school_year
    )
    if is_main_programme(terms.programme_code) and any(
        each.ends_on is None or each.ends_on >= terms.begins_on
        for each in store.main_enrolments(person_id)
    ):
        problems.append(rules.OVERLAPS.problem())
    return problems


def _check_class(
    store: CaseStore,
    terms: EnrolmentTerms,
    *,
    organisation_id: OrganisationId,
    parallel: int | None,
    school_year: int | None,
) -> list[Problem]:
    if terms.class_group_id is None:
        return []
    group = store.lock_class(terms.class_group_id)
    if group is None or group.organisation_id != organisation_id:
        return [rules.CLASS_UNKNOWN.problem("enrolment.class_group_id")]
    problems = []
    other = group.parallel != parallel if parallel is not None else False
    if school_year is not None:
        other = other or group.school_year != school_year
    if other or not _is_in_use(group, terms.begins_on):
        problems.append(rules.CLASS_PARALLEL.problem("enrolment.class_group_id"))
    taken = store.seats_taken(group.id, terms.begins_on)
    if group.capacity is not None and taken >= group.capacity:
        problems.append(rules.CLASS_FULL.problem("enrolment.class_group_id"))
    return problems


def _is_in_use(group: ClassGroup, day: date) -> bool:
    """Whether pupils may come into a class on a day: from the summer before its year to its end."""
    year = group.school_year
    return date(year, 6, 1) <= day <= date(year + 1, 8, 31)


def enrol(
    store: CaseStore,
    terms: EnrolmentTerms,
    *,
    person_id: PersonId,
    organisation_id: OrganisationId,
    entry_reason: str,
    clock: RegionClock,
) -> OrderId:
    """Write the order, the enrolment and the class, which have been checked."""
    order_id = keep_order(
        store,
        terms.order,
        organisation_id=organisation_id,
        kind=OrderKind.ENROLMENT,
        effective_on=terms.begins_on,
        clock=clock,
    )
    enrolment = Enrolment(
        id=EnrolmentId(store.new_id()),
        organisation_id=organisation_id,
        class_group_id=terms.class_group_id,
        begins_on=terms.begins_on,
        ends_on=None,
        form_code=terms.form_code,
        programme_code=terms.programme_code,
        entry_reason=entry_reason,
        entry_order_id=order_id,
    )
    store.add_enrolment(person_id, enrolment, at=clock.now)
    return order_id


def keep_order(
    store: CaseStore,
    order: OrderTerms,
    *,
    organisation_id: OrganisationId,
    kind: OrderKind,
    effective_on: date,
    clock: RegionClock,
) -> OrderId:
    """Write an order."""
    new_id: UUID = store.new_id()
    return store.add_order(
        Order(
            id=OrderId(new_id),
            organisation_id=organisation_id,
            number=order.number.strip(),
            issued_on=order.issued_on,
            kind=kind,
            effective_on=effective_on,
        ),
        at=clock.now,
    )
