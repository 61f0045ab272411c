"""Archived applications as rows, a batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select

from registry.cases import rules
from registry.cases.archive_rules import HISTORY_DIFFERS, HISTORY_SHRUNK
from registry.cases.archived import ArchivedApplication, state_after
from registry.cases.clock import RegionClock
from registry.cases.facts import facts_for_step
from registry.cases.places import HOLDING_STATES
from registry.cases.ports import CasePerson
from registry.cases.submission import SUBMIT, SUBMIT_CLAUSES
from registry.identifiers import ApplicationId, OrganisationId, PersonId
from registry.model import Application, ApplicationKind, Choice
from registry.problems import Problem
from registry.procedures.catalogue import procedure_of
from store.archived_events import agree, history_rows, load_events
from store.archived_parts import Named, Row, differs, load_locked, load_named
from store.case_reading import parts_of
from store.case_rows import application_row, choice_row, privilege_row
from store.links import id_of, select_in
from store.tables import application_choices, application_privileges, applications

# Whom a live application keeps others out of: the child, the year, the place.
Claim = tuple[UUID, int, UUID, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has of the applications of a batch, and who holds which claim."""

    rows: Mapping[UUID, Row]
    choices: Mapping[UUID, Sequence[Row]]
    privileges: Mapping[UUID, Sequence[Row]]
    events: Mapping[UUID, Sequence[Row]]
    claims: Mapping[Claim, UUID]


@dataclass(slots=True)
class Planned:
    """An application to write: its rows, and which of its events are new."""

    row: Row
    choices: list[Row]
    privileges: list[Row]
    events: list[Row]
    claims: set[Claim]
    is_new: bool
    changed: bool = True
    problems: list[Problem] = field(default_factory=list)


def application_id(source: str, source_id: str) -> UUID:
    """The id of a source's application: always the same."""
    return id_of("application", source, source_id)


def load_application_parts(
    connection: Connection, source: str, records: Sequence[ArchivedApplication]
) -> tuple[Named, Known]:
    """All that the records are about."""
    named = load_named(
        connection,
        source,
        pupils={each.pupil_source_id for each in records},
        organisations={
            choice.organisation_source_id for each in records for choice in each.choices
        },
        applicants={each.applicant_source_id for each in records if each.applicant_source_id},
    )
    ids = {application_id(source, each.source_id) for each in records}
    known = Known(
        rows=load_locked(connection, applications, ids),
        choices=parts_of(connection, application_choices, list(ids), "priority"),
        privileges=parts_of(connection, application_privileges, list(ids), "code"),
        events=load_events(connection, ids),
        claims=_load_claims(
            connection, {each.person_id for each in named.references.pupils.values()}
        ),
    )
    return named, known


def _load_claims(connection: Connection, person_ids: set[UUID]) -> dict[Claim, UUID]:
    columns = application_choices.c
    statement = select(
        columns.application_id,
        columns.person_id,
        columns.school_year,
        columns.organisation_id,
        columns.kind,
        columns.programme_code,
    ).where(columns.live)
    return {
        claim_of(row[1], row[2], row[3], ApplicationKind(row[4]), row[5]): row[0]
        for row in select_in(connection, statement, columns.person_id, person_ids)
    }


def claim_of(
    person_id: UUID,
    school_year: int,
    organisation_id: UUID,
    kind: ApplicationKind,
    programme_code: str | None,
) -> Claim:
    """What a live application claims: a programme in additional education, else the place."""
    circle = kind is ApplicationKind.ADDITIONAL
    return person_id, school_year, organisation_id, f"+{programme_code}" if circle else ""


class ApplicationBatch:
    """Plans the rows of a batch of checked records."""

    def __init__(self, source: str, named: Named, known: Known, clock: RegionClock) -> None:
        self._source = source
        self._named = named
        self._known = known
        self._clock = clock

    def plan(self, records: Sequence[ArchivedApplication]) -> list[Planned | list[Problem]]:
        """Each record's rows, or all that speaks against it. Of two rivals the later is refused."""
        plans = [self._plan(record) for record in records]
        good = [each for each in plans if isinstance(each, Planned)]
        self._settle_claims(good)
        return [
            each.problems if isinstance(each, Planned) and each.problems else each for each in plans
        ]

    def _settle_claims(self, plans: Sequence[Planned]) -> None:
        told = {each.row["id"] for each in plans}
        taken = {claim: owner for claim, owner in self._known.claims.items() if owner not in told}
        # What the register has stands before what comes now.
        for plan in sorted(plans, key=lambda each: (each.is_new, each.row["submitted_at"])):
            if any(claim in taken for claim in plan.claims):
                plan.problems.append(rules.ALREADY_APPLIED.problem())
                continue
            for claim in plan.claims:
                taken[claim] = plan.row["id"]

    def _plan(self, record: ArchivedApplication) -> Planned | list[Problem]:
        problems = self._check_named(record)
        if problems:
            return problems
        application = self._application(record)
        known = self._known
        events = history_rows(
            procedure_of(record.kind),
            application.id,
            record.steps,
            opening=(SUBMIT, SUBMIT_CLAUSES[record.kind], record.opened_at, record.opened_by),
            cause=f"{self._source} {record.source_id}",
        )
        former = known.events.get(application.id, ())
        if not agree(former, events):
            problems.append(HISTORY_DIFFERS.problem())
        if self._is_shrunk(application):
            problems.append(HISTORY_SHRUNK.problem())
        if problems:
            return problems
        if len(former) > len(events):
            return self._as_it_stands(application.id)
        return self._rows(application, events[len(former) :])

    def _check_named(self, record: ArchivedApplication) -> list[Problem]:
        references = self._named.references
        problems = []
        if record.pupil_source_id not in references.pupils:
            problems.append(rules.PERSON_UNKNOWN.problem("pupil_source_id"))
        applicant = record.applicant_source_id
        if applicant is not None and applicant not in self._named.applicants:
            problems.append(rules.PERSON_UNKNOWN.problem("applicant_source_id"))
        problems += [
            rules.ORGANISATION_UNKNOWN.problem(f"choices[{index}].organisation_source_id")
            for index, choice in enumerate(record.choices)
            if choice.organisation_source_id not in references.organisations
        ]
        return problems

    def _application(self, record: ArchivedApplication) -> Application:
        references = self._named.references
        pupil = references.pupils[record.pupil_source_id]
        applicant = record.applicant_source_id
        procedure = procedure_of(record.kind)
        state = state_after(procedure.initial, record.steps)
        choices = tuple(
            Choice(
                each.priority,
                OrganisationId(references.organisations[each.organisation_source_id]),
                each.programme_code,
                each.territory,
            )
            for each in record.choices
        )
        offered = next((each for each in choices if each.priority == record.offered), None)
        if state not in HOLDING_STATES:
            offered = None
        application = Application(
            id=ApplicationId(application_id(self._source, record.source_id)),
            serial=0,
            kind=record.kind,
            person_id=PersonId(pupil.person_id),
            applicant_id=(
                None if applicant is None else PersonId(self._named.applicants[applicant])
            ),
            school_year=record.school_year,
            parallel=record.parallel,
            submitted_at=record.opened_at,
            desired_on=record.desired_on,
            state=state,
            state_since=record.steps[-1].at if record.steps else record.opened_at,
            due_on=None,
            choices=choices,
            privileges=record.privileges,
            offered_id=None if offered is None else offered.organisation_id,
            offered_programme=None if offered is None else offered.programme_code,
            average=record.average,
            originals_on=record.originals_on,
        )
        person = CasePerson(
            PersonId(pupil.person_id), pupil.birth_date, self._named.citizenships[pupil.person_id]
        )
        return replace(application, due_on=self._due_on(application, person))

    def _due_on(self, application: Application, person: CasePerson) -> date | None:
        """By when the state is to be left, as its last step would have told."""
        clock = self._clock
        deadline = procedure_of(application.kind).deadlines.get(application.state)
        if deadline is None:
            return None
        facts = facts_for_step(application, person, clock, places_free=0)
        entered = clock.day_of(application.state_since)
        return deadline.due_on(facts, today=entered, calendar=clock.calendar)

    def _is_shrunk(self, application: Application) -> bool:
        choices = {each["priority"] for each in self._known.choices.get(application.id, ())}
        privileges = {each["code"] for each in self._known.privileges.get(application.id, ())}
        return bool(
            choices - {each.priority for each in application.choices}
            or privileges - {each.code for each in application.privileges}
        )

    def _as_it_stands(self, case_id: UUID) -> Planned:
        """The register has gone on with the case itself: what it has stays."""
        row = self._known.rows[case_id]
        claims = {claim for claim, owner in self._known.claims.items() if owner == case_id}
        return Planned(row, [], [], [], claims, is_new=False, changed=False)

    def _rows(self, application: Application, events: Sequence[Row]) -> Planned:
        at, known = self._clock.now, self._known
        old = known.rows.get(application.id)
        # A number is given once; new ones come when the rows are written.
        row = {**application_row(application, at), "serial": None if old is None else old["serial"]}
        choices = _changed(
            [choice_row(application, each, at) for each in application.choices],
            known.choices.get(application.id, ()),
            "priority",
        )
        privileges = _changed(
            [privilege_row(application, each, at) for each in application.privileges],
            known.privileges.get(application.id, ()),
            "code",
        )
        claims = {
            claim_of(
                application.person_id,
                application.school_year,
                each.organisation_id,
                application.kind,
                each.programme_code,
            )
            for each in application.choices
        }
        return Planned(
            row,
            choices,
            privileges,
            list(events),
            claims if row["live"] else set(),
            is_new=old is None,
            changed=bool(events or choices or privileges or differs(row, old)),
        )


def _changed(rows: Sequence[Row], known: Sequence[Row], key: str) -> list[Row]:
    former = {row[key]: row for row in known}
    return [row for row in rows if differs(row, former.get(row[key]))]
