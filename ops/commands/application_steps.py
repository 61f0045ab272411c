"""kontingent application move."""

from datetime import date
from uuid import UUID

import click

from ops.case_rows import problem_row, step_row
from ops.commands.case_options import (
    CaseNumber,
    as_day,
    case_argument,
    case_not_found,
    cause,
    read_declared,
    region_clock,
    screens,
)
from ops.commands.context import AppContext, json_option, pass_app, print_json
from ops.commands.personal import Day, Disclosure, PersonalCommand
from ops.errors import ExitCode, OpsError
from ops.register_session import open_session
from registry.cases import (
    EnrolmentTerms,
    Missing,
    MoveApplication,
    Refused,
    Step,
    move_application,
)
from registry.cases.commands import OrderTerms
from registry.identifiers import ApplicationId, ClassGroupId, OrganisationId
from registry.procedures.states import Actor
from store.unit_of_work import UnitOfWork

_STEP = ("case_id", "action", "from_state", "to_state", "clause", "due_on", "dry_run")


@click.command(cls=PersonalCommand)
@case_argument
@click.argument("action")
@click.option(
    "--actor",
    type=click.Choice([each.value for each in Actor]),
    default=Actor.ORGANISATION.value,
    show_default=True,
    help="Who takes the step.",
)
@click.option("--reason", help="The key of the reason, where the step needs one: no_places.")
@click.option("--note", help="A remark without personal data.")
@click.option(
    "--declare",
    "declared",
    multiple=True,
    metavar="NAME=VALUE",
    help="What is declared with the step: documents_complete=true. May be repeated.",
)
@click.option(
    "--organisation", "organisation_id", type=CaseNumber(), metavar="ID", help="Whose place."
)
@click.option("--speciality", metavar="CODE", help="For which programme of the application.")
@click.option("--originals-on", type=Day(), metavar="DATE", help="When originals were given in.")
@click.option("--order-number", metavar="N", help="The number of the order that enrols.")
@click.option("--order-date", type=Day(), metavar="DATE", help="The day of the order.")
@click.option("--begins", type=Day(), metavar="DATE", help="From when the child is enrolled.")
@click.option("--class", "class_id", type=CaseNumber(), metavar="ID", help="In which class.")
@click.option("--form", default="11", show_default=True, help="Form of education (УФТТ).")
@click.option("--programme", metavar="CODE", help="Kind of programme (УФТТ): 12, 211, 411.")
@click.option("--expected-version", type=int, metavar="N", help="Refuse when it has changed.")
@click.option("--dry-run", is_flag=True, help="Judge the step and keep nothing.")
@json_option
@pass_app
def move(
    app: AppContext,
    *,
    case_id: UUID,
    action: str,
    actor: str,
    reason: str | None,
    note: str | None,
    declared: tuple[str, ...],
    organisation_id: UUID | None,
    speciality: str | None,
    originals_on: date | None,
    order_number: str | None,
    order_date: date | None,
    begins: date | None,
    class_id: UUID | None,
    form: str,
    programme: str | None,
    expected_version: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take a step of an application, with what it changes in the register.

    Which steps there are, who takes them and what each needs: docs/procedures.md. A refused step
    changes nothing, tells everything that stands in its way, and ends with exit code 1.

    Example: kontingent application move 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11 enrol
    --order-number 17 --order-date 2026-07-01 --begins 2026-09-01 --programme 12
    """
    terms = None
    if any(each is not None for each in (order_number, order_date, begins, class_id, programme)):
        missing = "an enrolment needs --order-number, --order-date, --begins and --programme"
        if order_number is None or programme is None:
            raise OpsError("order.incomplete", missing, exit_code=ExitCode.USAGE)
        terms = EnrolmentTerms(
            order=OrderTerms(order_number, as_day(order_date, missing)),
            begins_on=as_day(begins, missing),
            class_group_id=None if class_id is None else ClassGroupId(class_id),
            form_code=form,
            programme_code=programme,
        )
    step = Step(Actor(actor), cause(), reason, note, read_declared(declared))
    command = MoveApplication(
        ApplicationId(case_id),
        action,
        step,
        organisation_id=None if organisation_id is None else OrganisationId(organisation_id),
        programme_code=speciality,
        enrolment=terms,
        originals_on=originals_on,
        expected_version=expected_version,
    )
    _take(app, command, dry_run=dry_run, as_json=as_json)


def _take(app: AppContext, command: MoveApplication, *, dry_run: bool, as_json: bool) -> None:
    with (
        open_session(app, Disclosure.of(unmask=False, reason=None)) as session,
        UnitOfWork(session.engine) as work,
    ):
        outcome = move_application(command, work.cases, region_clock(session))
        if not dry_run and not isinstance(outcome, (Refused, Missing)):
            work.commit()
    if isinstance(outcome, Missing):
        raise case_not_found()
    if isinstance(outcome, Refused):
        rows = [problem_row(each) for each in outcome.problems]
        if as_json:
            for row in rows:
                print_json(row)
        else:
            screens(app).problems(rows)
        click.get_current_context().exit(ExitCode.FOUND)
    row = step_row(command.id, outcome.events[-1], outcome.case.due_on, dry_run=dry_run)
    if as_json:
        print_json(row)
    else:
        screens(app).lines(row, _STEP)
