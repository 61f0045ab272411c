"""kontingent identity: who is who, as clerks decide it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click

from ops.clock import utc_now
from ops.commands.context import AppContext, json_option, pass_app, print_json
from ops.commands.personal import Disclosure, PersonalCommand, PersonNumber, veil_options
from ops.errors import ExitCode, OpsError
from ops.identity_rows import (
    COMPARED_FIELDS,
    change_row,
    conflict_row,
    decision_row,
    person_row,
    problem_rows,
    told_row,
)
from ops.identity_screens import IdentityScreens
from ops.operators import operator_name
from ops.register_session import Session, open_session
from ops.student_rows import Row
from ops.wiring import open_store
from registry.identifiers import PersonId
from registry.identity.records import RecordRef
from registry.person_card import PersonCard, find_person_card
from registry.problems import Problem
from store.conflict_queue import OPEN, Asked
from store.identity_store import Change, Mandate
from store.told_profiles import read_conflict_record
from store.unit_of_work import UnitOfWork

_STATES = ("open", "joined", "separate", "withdrawn", "all")
_COVERED = Disclosure(unmask=False, reason="")


@click.group()
def identity() -> None:
    """Doubts about who is who, and the merges and splits that settle them.

    Every decision is kept with its reason and with all that it moved, and can be taken back.

    Example: kontingent identity queue
    """


_reason = click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only tell what would be done.")


@identity.command(cls=PersonalCommand)
@click.option("--state", type=click.Choice(_STATES), default=OPEN, help="Which to show.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, help="How many at most.")
@json_option
@pass_app
def queue(app: AppContext, state: str, limit: int, *, as_json: bool) -> None:
    """List records of which somebody has to say whose they are, the likeliest first.

    Example: kontingent identity queue --state open --json
    """
    wanted = None if state == "all" else state
    with open_session(app, _COVERED) as session:
        asked = session.read(lambda work: work.conflicts.list(state=wanted, limit=limit))
    rows = [conflict_row(each) for each in asked]
    if not as_json:
        _screens(app).queue(rows)
        return
    for row in rows:
        print_json(row)


@identity.command(cls=PersonalCommand)
@click.argument("conflict_id", metavar="CONFLICT", type=PersonNumber())
@veil_options
@pass_app
def show(
    app: AppContext, conflict_id: UUID, *, reason: str | None, unmask: bool, as_json: bool
) -> None:
    """Show a record and the persons it may be of, side by side.

    CONFLICT is the id that `identity queue` shows.

    Example: kontingent identity show 6f1c… --unmask --reason "разбор конфликта"
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        asked = session.read(lambda work: work.conflicts.get(conflict_id))
        if asked is None:
            raise OpsError("conflict.unknown", "there is no such conflict")
        row = _conflict(session, asked)
        shown = {asked.conflict.holder, *(each.person for each in asked.candidates)}
        session.disclose("identity show", dict.fromkeys(sorted(shown), COMPARED_FIELDS))
    if as_json:
        print_json(row)
    else:
        _screens(app).conflict(row)


def _conflict(session: Session, asked: Asked) -> Row:
    """The conflict with the record and the candidates' cards, covered as the session says."""

    def card_of(work: UnitOfWork, person_id: PersonId) -> PersonCard | None:
        return find_person_card(person_id, work.portfolios, work.cards, as_of=session.today)

    def load(work: UnitOfWork) -> Row:
        told = read_conflict_record(work.connection, asked.conflict.id)
        row = conflict_row(asked)
        row["record"] = {} if told is None else told_row(told, session.veil)
        for each in row["candidates"]:
            card = card_of(work, each["person"])
            each["card"] = None if card is None else person_row(card, session.veil)
        return row

    return session.read(load)


@identity.command(cls=PersonalCommand)
@click.argument("person_id", metavar="PERSON", type=PersonNumber())
@json_option
@pass_app
def decisions(app: AppContext, person_id: UUID, *, as_json: bool) -> None:
    """List the merges and splits that a person was part of, the latest first.

    Example: kontingent identity decisions 6f1c…
    """
    with open_session(app, _COVERED) as session:
        found = session.read(lambda work: work.identity.decisions_of(person_id))
    rows = [decision_row(each) for each in found]
    if not as_json:
        _screens(app).decisions(rows)
        return
    for row in rows:
        print_json(row)


@identity.command(cls=PersonalCommand)
@click.argument("kept", metavar="KEPT", type=PersonNumber())
@click.argument("absorbed", metavar="ABSORBED", type=PersonNumber())
@_reason
@_dry_run
@json_option
@pass_app
def merge(
    app: AppContext, kept: UUID, absorbed: UUID, *, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Make one person of two: all that ABSORBED has goes to KEPT.

    Exit code 1 when something speaks against it; nothing is done then.

    Example: kontingent identity merge 6f1c… 77ab… --reason "сверено с документами" --dry-run
    """
    with _writing(app) as work:
        change = work.identity.merge(kept, absorbed, _mandate(reason))
        _commit(work, change.problems, dry_run=dry_run)
    _tell_change(app, change, dry_run=dry_run, as_json=as_json)


@identity.command(cls=PersonalCommand)
@click.argument("decision_id", metavar="[DECISION]", type=PersonNumber(), required=False)
@click.option("--person", type=PersonNumber(), metavar="PERSON", help="Split records off this.")
@click.option(
    "--record",
    "records",
    nargs=2,
    multiple=True,
    metavar="SOURCE ID",
    help="A record that is of somebody else; goes with --person, may be repeated.",
)
@_reason
@_dry_run
@json_option
@pass_app
def split(
    app: AppContext,
    decision_id: UUID | None,
    *,
    person: UUID | None,
    records: tuple[tuple[str, str], ...],
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take a merge back, or give records of a person to a new one.

    DECISION is the id that `identity merge` or `identity decisions` shows. Whoever was absorbed
    gets what moved, and what its records brought since.

    Exit code 1 when something speaks against it; nothing is done then.

    Example: kontingent identity split 01c2… --reason "объединены по ошибке"
    """
    if (decision_id is None) == (person is None):
        raise OpsError(
            "split.key", "name DECISION, or --person with --record", exit_code=ExitCode.USAGE
        )
    with _writing(app) as work:
        if decision_id is not None:
            change = work.identity.split(decision_id, _mandate(reason))
        elif person is not None:
            refs = [RecordRef(*each) for each in records]
            change = work.identity.split_records(person, refs, _mandate(reason))
        _commit(work, change.problems, dry_run=dry_run)
    _tell_change(app, change, dry_run=dry_run, as_json=as_json)


@identity.command(cls=PersonalCommand)
@click.argument("conflict_id", metavar="CONFLICT", type=PersonNumber())
@click.option("--join", type=PersonNumber(), metavar="PERSON", help="The record is of PERSON.")
@click.option("--separate", is_flag=True, help="It is of none of them.")
@_reason
@_dry_run
@json_option
@pass_app
def decide(
    app: AppContext,
    conflict_id: UUID,
    *,
    join: UUID | None,
    separate: bool,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Settle a conflict of the queue; later records of the source keep to it.

    Exit code 1 when something speaks against it; nothing is done then.

    Example: kontingent identity decide 6f1c… --separate --reason "близнецы"
    """
    if (join is None) != separate:
        raise OpsError("decide.key", "say --join PERSON or --separate", exit_code=ExitCode.USAGE)
    with _writing(app) as work:
        settled = work.conflicts.decide(conflict_id, join, _mandate(reason))
        _commit(work, settled.problems, dry_run=dry_run)
    row: Row = {
        "conflict": conflict_id,
        "state": "separate" if join is None else "joined",
        "dry_run": dry_run,
        "change": None if settled.change is None else change_row(settled.change, dry_run=dry_run),
        "problems": problem_rows(settled.problems),
    }
    if as_json:
        print_json(row)
    elif settled.problems:
        _screens(app).problems(row["problems"])
    else:
        _screens(app).settled(row)
    if settled.problems:
        raise click.exceptions.Exit(ExitCode.FOUND)


def _screens(app: AppContext) -> IdentityScreens:
    return IdentityScreens(app.screen, app.texts)


def _mandate(reason: str) -> Mandate:
    return Mandate(operator_name(), reason, utc_now())


@contextmanager
def _writing(app: AppContext) -> Iterator[UnitOfWork]:
    engine = open_store(app.config)
    try:
        with UnitOfWork(engine) as work:
            yield work
    finally:
        engine.dispose()


def _commit(work: UnitOfWork, problems: tuple[Problem, ...], *, dry_run: bool) -> None:
    if not problems and not dry_run:
        work.commit()


def _tell_change(app: AppContext, change: Change, *, dry_run: bool, as_json: bool) -> None:
    row = change_row(change, dry_run=dry_run)
    if as_json:
        print_json(row)
    elif change.problems:
        _screens(app).problems(row["problems"])
    else:
        _screens(app).change(row)
    if change.problems:
        raise click.exceptions.Exit(ExitCode.FOUND)
