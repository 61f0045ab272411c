"""kontingent application: applications for a place."""

from uuid import UUID

import click

from ops.case_rows import CASE_FIELDS, SHOWN_FIELDS, Labels, application_card, application_row
from ops.commands.application_queue import explain, rank
from ops.commands.application_steps import move
from ops.commands.case_options import (
    case_argument,
    case_not_found,
    list_options,
    screens,
    show_rows,
)
from ops.commands.context import AppContext, pass_app, print_json
from ops.commands.personal import Disclosure, PersonalCommand, veil_options
from ops.register_session import open_session
from registry.identifiers import ApplicationId, OrganisationId
from registry.model import ApplicationKind
from store.case_queries import CaseFilter

_LIST = (
    "application_id",
    "serial",
    "kind",
    "state",
    "name",
    "birth_date",
    "school_year",
    "parallel",
    "organisations",
    "due_on",
    "overdue",
)
_HEAD = (
    "application_id",
    "serial",
    "kind",
    "state",
    "portal_code",
    "portal_title",
    "person_id",
    "name",
    "birth_date",
    "school_year",
    "parallel",
    "submitted_at",
    "desired_on",
    "average",
    "originals_on",
    "offered",
    "offered_programme",
    "due_on",
    "overdue",
    "declared",
    "version",
)
_CHOICES = ("priority", "organisation", "programme_code", "territory")
_PRIVILEGES = ("code", "rank", "confirmed", "begins_on", "ends_on")
EVENTS = ("sequence", "at", "action", "to_state", "actor", "cause", "clause", "reason_ru", "note")


@click.group()
def application() -> None:
    """Applications for a place in a kindergarten, school, college or circle.

    Names and birth dates are covered. `--unmask --reason TEXT` shows them, once it has been
    recorded who was shown what of whom, and why.

    Example: kontingent application list --kind school --overdue
    """


@application.command(name="list", cls=PersonalCommand)
@list_options
@click.option(
    "--kind", type=click.Choice([each.value for each in ApplicationKind]), help="Only of this kind."
)
@click.option("--year", type=int, help="Only for the school year that begins then.")
@veil_options
@pass_app
def list_applications(
    app: AppContext,
    *,
    state: str | None,
    kind: str | None,
    organisation_id: UUID | None,
    year: int | None,
    live: bool,
    overdue: bool,
    limit: int,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """List applications in the order in which they came.

    Example: kontingent application list --kind kindergarten --state queued --year 2026
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        which = CaseFilter(
            state=state,
            kind=None if kind is None else ApplicationKind(kind),
            organisation_id=None if organisation_id is None else OrganisationId(organisation_id),
            school_year=year,
            overdue_on=session.today if overdue else None,
            live=live,
            limit=limit,
        )
        found = session.read(lambda work: work.case_queries.applications(which))
        labels = session.read(
            lambda work: Labels.of(
                work.case_queries,
                session.veil,
                people=[each.person_id for each in found],
                organisations=[one.organisation_id for each in found for one in each.choices],
            )
        )
        session.disclose("application list", {each.person_id: CASE_FIELDS for each in found})
        rows = [application_row(each, labels, session.today) for each in found]
    show_rows(app, rows, as_json=as_json, columns=_LIST, empty="No application matches.")


@application.command(cls=PersonalCommand)
@case_argument
@veil_options
@pass_app
def show(
    app: AppContext, *, case_id: UUID, reason: str | None, unmask: bool, as_json: bool
) -> None:
    """Show an application: choices, privileges, every step with its clause.

    Example: kontingent application show 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        found = session.read(lambda work: work.case_queries.application(ApplicationId(case_id)))
        if found is None:
            raise case_not_found()
        events = session.read(lambda work: work.case_queries.events(case_id))
        labels = session.read(
            lambda work: Labels.of(
                work.case_queries,
                session.veil,
                people=[found.person_id],
                organisations=[each.organisation_id for each in found.choices],
            )
        )
        session.disclose("application show", {found.person_id: SHOWN_FIELDS})
        row = application_card(found, events, labels, session.today)
    if as_json:
        print_json(row)
        return
    shown = screens(app)
    shown.lines(row, _HEAD)
    shown.section("Choices", row["choices"], _CHOICES)
    shown.section("Privileges", row["privileges"], _PRIVILEGES)
    shown.section("Steps", row["events"], EVENTS)


application.add_command(move)
application.add_command(rank)
application.add_command(explain)
