"""kontingent transfer: transfers between organisations."""

from collections.abc import Sequence
from uuid import UUID

import click

from ops.case_rows import CASE_FIELDS, SHOWN_FIELDS, Labels, transfer_card, transfer_row
from ops.commands.application import EVENTS
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
from ops.veil import Veil
from registry.identifiers import OrganisationId, TransferId
from registry.model import TransferCase
from store.case_queries import CaseFilter, CaseQueries

_LIST = (
    "transfer_id",
    "scope",
    "state",
    "name",
    "birth_date",
    "from",
    "to",
    "parallel",
    "due_on",
    "overdue",
)
_HEAD = (
    *_LIST[:3],
    "person_id",
    *_LIST[3:],
    "requested_at",
    "enrolment_id",
    "expulsion_order_id",
    "enrolment_order_id",
    "declared",
    "version",
)


@click.group()
def transfer() -> None:
    """Transfers between organisations, into the register and out of it.

    Names and birth dates are covered unless `--unmask --reason TEXT`, which is recorded.

    Example: kontingent transfer list --live --overdue
    """


@transfer.command(name="list", cls=PersonalCommand)
@list_options
@veil_options
@pass_app
def list_transfers(
    app: AppContext,
    *,
    state: str | None,
    organisation_id: UUID | None,
    live: bool,
    overdue: bool,
    limit: int,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """List transfers in the order in which they were asked for.

    Example: kontingent transfer list --state watched
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        which = CaseFilter(
            state=state,
            organisation_id=None if organisation_id is None else OrganisationId(organisation_id),
            overdue_on=session.today if overdue else None,
            live=live,
            limit=limit,
        )
        found = session.read(lambda work: work.case_queries.transfers(which))
        labels = session.read(lambda work: _labels(work.case_queries, session.veil, found))
        session.disclose("transfer list", {each.person_id: CASE_FIELDS for each in found})
        rows = [transfer_row(each, labels, session.today) for each in found]
    show_rows(app, rows, as_json=as_json, columns=_LIST, empty="No transfer matches.")


@transfer.command(cls=PersonalCommand)
@case_argument
@veil_options
@pass_app
def show(
    app: AppContext, *, case_id: UUID, reason: str | None, unmask: bool, as_json: bool
) -> None:
    """Show a transfer and every step of it with its clause.

    Example: kontingent transfer show 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        found = session.read(lambda work: work.case_queries.transfer(TransferId(case_id)))
        if found is None:
            raise case_not_found()
        events = session.read(lambda work: work.case_queries.events(case_id))
        labels = session.read(lambda work: _labels(work.case_queries, session.veil, [found]))
        session.disclose("transfer show", {found.person_id: SHOWN_FIELDS})
        row = transfer_card(found, events, labels, session.today)
    if as_json:
        print_json(row)
        return
    shown = screens(app)
    shown.lines(row, _HEAD)
    shown.section("Steps", row["events"], EVENTS)


def _labels(queries: CaseQueries, veil: Veil, cases: Sequence[TransferCase]) -> Labels:
    sides = [side for each in cases for side in (each.from_id, each.to_id)]
    people = [each.person_id for each in cases]
    return Labels.of(queries, veil, people=people, organisations=sides)
