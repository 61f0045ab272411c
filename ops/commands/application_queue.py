"""kontingent application rank, explain."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import click

from ops.case_rows import (
    CASE_FIELDS,
    Labels,
    Row,
    movement_row,
    position_row,
    standing_row,
)
from ops.commands.case_options import (
    CaseNumber,
    case_argument,
    case_not_found,
    cause,
    region_clock,
    screens,
)
from ops.commands.context import AppContext, json_option, pass_app, print_json
from ops.commands.personal import Day, Disclosure, PersonalCommand, veil_options
from ops.errors import ExitCode, OpsError
from ops.register_session import Session, open_session
from registry.admission import (
    Intake,
    PolicyBook,
    QueueHistory,
    explain_movement,
    load_policies,
    queue_position,
    replay,
)
from registry.cases import Step
from registry.cases.ranking import IntakeRanking, apply_ranking, rank_intake, to_lock
from registry.errors import RegistryError
from registry.identifiers import ApplicationId, OrganisationId
from registry.model import Application, ApplicationKind, Choice
from registry.procedures.states import Actor
from store.case_queries import as_ranked
from store.unit_of_work import UnitOfWork

_STANDING = (
    "position",
    "privilege",
    "position_in_rank",
    "application_id",
    "name",
    "state",
    "decision",
    "offered",
    "action",
    "taken",
)
_REASON = ("position", "message", "value", "clause")
_POSITION = ("organisation", "position", "total", "privilege", "position_in_rank", "total_in_rank")
_MOVED = ("organisation", "position_then", "total_then", "position_now", "total_now")
_policy_option = click.option(
    "--policy",
    "policy_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The region's own ranking policy (TOML); it goes before the federal one.",
)


@click.command(cls=PersonalCommand)
@click.option("--organisation", "organisation_id", type=CaseNumber(), required=True, metavar="ID")
@click.option("--year", type=click.IntRange(1990, 2100), required=True, help="School year.")
@click.option(
    "--parallel", type=click.IntRange(0, 18), required=True, help="Class, course or age group."
)
@click.option(
    "--kind",
    type=click.Choice([each.value for each in ApplicationKind]),
    default=ApplicationKind.SCHOOL.value,
    show_default=True,
)
@click.option("--speciality", metavar="CODE", help="The programme, of a college or a circle.")
@_policy_option
@click.option("--apply", "keep", is_flag=True, help="Offer the places, and let the others wait.")
@click.option("--dry-run", is_flag=True, help="Take the steps of --apply and keep nothing.")
@click.option("--explain", "explained", is_flag=True, help="Show the reasons of every position.")
@veil_options
@pass_app
def rank(
    app: AppContext,
    *,
    organisation_id: UUID,
    year: int,
    parallel: int,
    kind: str,
    speciality: str | None,
    policy_files: tuple[Path, ...],
    keep: bool,
    dry_run: bool,
    explained: bool,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """Rank an organisation's applications and allot its free places.

    The places of all organisations are allotted together, so that nobody is offered one here who
    gets a more wanted one elsewhere; steps are taken for this organisation alone, all in one
    transaction. Exit code 1 when a step was refused.

    Example: kontingent application rank --organisation 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11
    --year 2026 --parallel 1 --apply
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        intake = Intake(OrganisationId(organisation_id), year, parallel, speciality)
        book = _policies(policy_files or session.policies)
        found = _ranked(session, book, ApplicationKind(kind), intake, keep=keep, dry_run=dry_run)
        people = [each.ranked.application.person_id for each in found.standings]
        offers = [each.offer.organisation_id for each in found.standings if each.offer]
        labels = session.read(
            lambda work: Labels.of(
                work.case_queries, session.veil, people=people, organisations=offers
            )
        )
        session.disclose("application rank", dict.fromkeys(people, CASE_FIELDS))
        rows = [standing_row(each, labels) for each in found.standings]
    _show_ranking(app, rows, explained=explained, as_json=as_json)
    if any(row["problems"] for row in rows):
        click.get_current_context().exit(ExitCode.FOUND)


def _ranked(
    session: Session,
    book: PolicyBook,
    kind: ApplicationKind,
    intake: Intake,
    *,
    keep: bool,
    dry_run: bool,
) -> IntakeRanking:
    clock = region_clock(session)
    step = Step(Actor.SYSTEM, cause())
    try:
        policy = book.in_force(kind, clock.today)
        if not keep:
            return session.read(lambda work: rank_intake(intake, policy, work.case_queries, clock))
        with UnitOfWork(session.engine) as work:
            ahead = rank_intake(intake, policy, work.case_queries, clock)
            work.cases.lock_applications(to_lock(ahead))
            # Once more: until they were locked, others may have taken steps.
            found = rank_intake(intake, policy, work.case_queries, clock)
            found = apply_ranking(found, step, work.cases, clock)
            if not dry_run:
                work.commit()
    except RegistryError as error:
        raise OpsError(error.code, error.detail) from None
    return found


def _policies(files: tuple[Path, ...]) -> PolicyBook:
    try:
        return load_policies(files)
    except RegistryError as error:
        raise OpsError(error.code, error.detail, exit_code=ExitCode.USAGE) from None


def _show_ranking(app: AppContext, rows: list[Row], *, explained: bool, as_json: bool) -> None:
    if as_json:
        for row in rows:
            print_json(row)
        return
    shown = screens(app)
    shown.table(rows, _STANDING, empty="Nobody stands in this queue.")
    if explained:
        reasons = [
            {**each, "position": row["position"]} for row in rows for each in row["explanation"]
        ]
        shown.section("Reasons", reasons, _REASON)
    problems = [{**each, "position": row["position"]} for row in rows for each in row["problems"]]
    shown.section("Refused steps", problems, ("position", "problem", "message", "clause"))


@click.command()
@case_argument
@click.option("--from", "begin", type=Day(), metavar="DATE", help="The end of that day.")
@click.option("--to", "end", type=Day(), metavar="DATE", help="The end of that day; now if left.")
@_policy_option
@json_option
@pass_app
def explain(
    app: AppContext,
    *,
    case_id: UUID,
    begin: date | None,
    end: date | None,
    policy_files: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Tell where an application stands in each of its queues and why; with --from, why it moved.

    What is told of the past is made of the register's history, as it was known on that day.

    Example: kontingent application explain 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11 --from 2026-04-30
    """
    with open_session(app, Disclosure.of(unmask=False, reason=None)) as session:
        rows = list(_explained(session, ApplicationId(case_id), begin, end, policy_files))
    if not rows:
        raise OpsError("queue.not_waiting", "the application stands in no queue at that time")
    if as_json:
        for row in rows:
            print_json(row)
        return
    shown = screens(app)
    for row in rows:
        if "causes" in row:
            shown.lines(row, _MOVED)
            shown.section("Causes", row["causes"], ("day", "delta", "message", "clause"))
        else:
            shown.lines(row, (*_POSITION, "ahead"))
            shown.section("Reasons", row["explanation"], ("message", "value", "clause"))


def _explained(
    session: Session,
    case_id: ApplicationId,
    begin: date | None,
    end: date | None,
    policy_files: tuple[Path, ...],
) -> Iterator[Row]:
    book = _policies(policy_files or session.policies)
    found = session.read(lambda work: work.case_queries.application(case_id))
    if found is None:
        raise case_not_found()
    application = as_ranked(found)
    now = session.moment(end) or region_clock(session).now
    labels = session.read(
        lambda work: Labels.of(
            work.case_queries,
            session.veil,
            organisations=[each.organisation_id for each in application.choices],
        )
    )
    for choice in sorted(application.choices, key=lambda each: each.priority):
        try:
            history = _history(session, application, choice, book)
            queue = replay(history, now)
            then = None if begin is None else replay(history, session.moment(begin) or now)
            name = labels.organisation(choice.organisation_id)
            if then is None:
                ranked, position = (
                    queue.ranking.find(case_id),
                    queue_position(queue.ranking, case_id),
                )
                if ranked is not None and position is not None:
                    yield position_row(application, name, ranked, position)
            elif queue.ranking.find(case_id) and then.ranking.find(case_id):
                yield movement_row(explain_movement(then, queue, case_id), name)
        except RegistryError as error:
            raise OpsError(error.code, error.detail, exit_code=ExitCode.USAGE) from None


def _history(
    session: Session, application: Application, choice: Choice, book: PolicyBook
) -> QueueHistory:
    intake = Intake(
        choice.organisation_id,
        application.school_year,
        application.parallel,
        choice.programme_code,
    )
    policy = book.in_force(application.kind, session.today)
    return session.read(
        lambda work: work.queues.history(
            application.kind, intake, book, session.zone, queue_states=policy.queue_states
        )
    )
